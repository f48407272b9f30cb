// SPDX-License-Identifier: Apache-2.0
package import FalseworkKeystone

/// The key directories of one node on disk. A directory that is not named is not the node's: what
/// it holds in memory stays.
package struct NodeKeyFiles: Sendable {
  package struct Paths: Equatable, Sendable {
    package var tokens: String?
    package var receipts: String?
    package var credentials: String?
    package var jwsPrivate: String?
    package var jwsPublic: String?

    package init() {}

    package var isEmpty: Bool { self == Paths() }
  }

  private var tokens: KeyWatch?
  private var receipts: KeyWatch?
  private var credentials: KeyWatch?
  private var jwsPrivate: KeyWatch?
  private var jwsPublic: KeyWatch?
  /// What the values were made for: another release reads the same files otherwise.
  private var release: Release?

  package init(_ paths: Paths) {
    tokens = paths.tokens.map { KeyWatch($0) }
    receipts = paths.receipts.map { KeyWatch($0) }
    credentials = paths.credentials.map { KeyWatch($0) }
    jwsPrivate = paths.jwsPrivate.map { KeyWatch($0) }
    jwsPublic = paths.jwsPublic.map { KeyWatch($0) }
  }

  /// Looks at the disk, and gives the node what is there now if it is not what was there before.
  ///
  /// - Returns: what Keystone's log says about it. It says it at each use; here it is said once.
  package mutating func refresh(_ node: inout KeystoneNode) -> [KeystoneLogLine] {
    var isChanged = release != node.release
    release = node.release
    isChanged = tokens?.refresh() ?? false || isChanged
    isChanged = receipts?.refresh() ?? false || isChanged
    isChanged = credentials?.refresh() ?? false || isChanged
    isChanged = jwsPrivate?.refresh() ?? false || isChanged
    isChanged = jwsPublic?.refresh() ?? false || isChanged
    guard isChanged else { return [] }
    var lines: [KeystoneLogLine] = []
    let release = node.release
    node.keysChanged { options in
      if let tokens {
        options.keys = Self.rules(.tokens, release).keys(of: tokens.directory, into: &lines)
      }
      if let receipts {
        options.receiptKeys = Self.rules(.receipts, release)
          .keys(of: receipts.directory, into: &lines)
      }
      if let credentials {
        options.credentialKeys = CredentialKeyRepository(
          credentials.directory, release: release, into: &lines)
      }
      if let jwsPrivate, let jwsPublic {
        options.jwsKeys = JWSKeyRepository(
          privateDirectory: jwsPrivate.directory, publicDirectory: jwsPublic.directory)
      }
    }
    return lines
  }

  /// Why a process of this release and provider ends as soon as it starts: the text that it leaves
  /// with.
  package mutating func refusalToStart(_ release: Release, _ provider: TokenProvider) -> String? {
    switch provider {
    case .uuid, .pki, .pkiz: break
    case .fernet:
      _ = tokens?.refresh()
      let directory = tokens?.directory
      if let text = directory.flatMap({ Self.rules(.tokens, release).refusalToStart($0) }) {
        return text
      }
    case .jws:
      _ = jwsPrivate?.refresh()
      _ = jwsPublic?.refresh()
      if let jwsPrivate, let jwsPublic {
        let keys = JWSKeyRepository(
          privateDirectory: jwsPrivate.directory, publicDirectory: jwsPublic.directory)
        if let text = keys.refusalToStart { return text }
      }
    }
    _ = receipts?.refresh()
    let directory = receipts?.directory
    return directory.flatMap { Self.rules(.receipts, release).refusalToStart($0) }
  }

  private static func rules(_ group: KeyRepositoryGroup, _ release: Release) -> KeyRepositoryRules {
    // How many stay matters to a rotation only.
    KeyRepositoryRules(
      group: group, release: release, maxActiveKeys: KeyRepositoryRules.defaultMaxActiveKeys)
  }
}
