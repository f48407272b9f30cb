// SPDX-License-Identifier: Apache-2.0

/// The group of options that a repository of Fernet keys belongs to.
package enum KeyRepositoryGroup: String, CaseIterable, Equatable, Sendable {
  case tokens = "fernet_tokens"
  /// Stein and later. Its directory is that of the tokens unless it is told otherwise.
  case receipts = "fernet_receipts"
  /// Newton and later.
  case credentials = "credential"

  package var defaultPath: String {
    switch self {
    case .tokens, .receipts: "/etc/keystone/fernet-keys/"
    case .credentials: "/etc/keystone/credential-keys/"
    }
  }

  /// The Python module that reads repositories: it moved once.
  static func module(_ release: Release) -> String {
    release.number >= 10 ? "keystone.common.fernet_utils" : "keystone.token.providers.fernet.utils"
  }

  /// How the messages of a release call the option.
  func option(_ release: Release) -> String {
    release.number >= 10 ? "key_repository" : "[\(rawValue)] key_repository"
  }
}

/// The rules by which a release keeps a repository of Fernet keys
/// (`keystone/common/fernet_utils.py`).
package struct KeyRepositoryRules: Equatable, Sendable {
  package var group: KeyRepositoryGroup
  package var release: Release
  /// Keys that stay after a rotation, the staged one among them.
  package var maxActiveKeys: Int

  /// Of `[fernet_tokens]` and `[fernet_receipts]`; and what `[credential]` always has.
  package static let defaultMaxActiveKeys = 3

  package init(group: KeyRepositoryGroup, release: Release, maxActiveKeys: Int) {
    self.group = group
    self.release = release
    self.maxActiveKeys = group == .credentials ? Self.defaultMaxActiveKeys : maxActiveKeys
  }

  // MARK: Reading

  /// What a use of the repository finds (`load_keys`), and what it says about it.
  package func keys(
    of directory: KeyDirectory, into lines: inout [KeystoneLogLine]
  ) -> FernetKeyRepository {
    // Credentials: without a repository the null key serves, and it is always tried.
    let null = group == .credentials ? [FernetKeyRepository.nullKeyNumber: FernetKey.null] : [:]
    guard isValid(directory, forWriting: release.number < 8, into: &lines) else {
      return FernetKeyRepository(null)
    }
    var keys = null
    for (number, file) in directory.numbered(release, into: &lines).sorted(by: { $0.key > $1.key })
    {
      guard let key = FernetKey(text: file.contents) else {
        return FernetKeyRepository(defect: .notAKey(number: number))
      }
      keys[number] = key
    }
    return FernetKeyRepository(keys)
  }

  /// The same, for a repository in memory, about which nobody is told anything.
  package func keys(of directory: KeyDirectory) -> FernetKeyRepository {
    var lines: [KeystoneLogLine] = []
    return keys(of: directory, into: &lines)
  }

  /// Whether the directory can be used (`validate_key_repository`). One that others may read is used
  /// nevertheless, with a warning.
  package func isValid(
    _ directory: KeyDirectory, forWriting: Bool, into lines: inout [KeystoneLogLine]
  ) -> Bool {
    let module = KeyRepositoryGroup.module(release)
    guard case .granted(let writable, let worldReadable) = directory.access,
      writable || !forWriting
    else {
      // Newton keeps credentials too, and still calls them by the wrong group.
      let named = release.number >= 11 ? group : .tokens
      lines.append(
        KeystoneLogLine(
          .error, module,
          "Either [\(named.rawValue)] key_repository does not exist or Keystone does not have "
            + "sufficient permission to access it: \(directory.path)"))
      return false
    }
    if worldReadable {
      lines.append(
        KeystoneLogLine(
          .warning, module, "\(group.option(release)) is world readable: \(directory.path)"))
    }
    return true
  }

  /// Why a node does not start with this directory (Newton and later, for the provider that needs
  /// it): the text that it leaves with. Kilo to Mitaka start and fail at the first token.
  package func refusalToStart(_ directory: KeyDirectory) -> String? {
    let first =
      switch group {
      case .tokens: 10
      case .receipts: 15
      case .credentials: Int.max
      }
    guard release.number >= first else { return nil }
    if directory.access == .missing { return "\(directory.path) does not exist" }
    guard directory.files.isEmpty else { return nil }
    return "\(directory.path) does not contain keys, use keystone-manage fernet_setup to create "
      + "Fernet keys."
  }
}
