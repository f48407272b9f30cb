// SPDX-License-Identifier: Apache-2.0
import FalseworkCore

/// The payloads 0 to 10 of Keystone's Fernet tokens
/// (`keystone/token/token_formatters.py`): a MessagePack list that begins with its version.
///
/// An id that Python's `uuid.UUID` reads goes in as `[true, 16 bytes]`, any other as
/// `[false, text]`; some early releases left the pair out. A node reads what it can, and where it
/// cannot, fails in the way that its Python does: `FernetPayload+Reading.swift`.
package struct FernetPayload: Equatable, Sendable {
  /// How ids stand in a payload.
  package enum IDs: Equatable, Sendable {
    case pairs
    /// 16 bytes or a text (2015.1.2, 8.0.0).
    case bare
    /// 16 bytes; a user or project of another id has no token (2015.1.0).
    case bareUUIDs
  }

  /// What a text of the payload becomes on reading.
  package enum Texts: Equatable, Sendable {
    /// Bytes, as Python 2 and every msgpack before 1.0 have it.
    case bytes
    /// `str`; one that is no UTF-8 is an exception (msgpack from 1.0 on).
    case strict
    /// `str`; if one is no UTF-8, all are read again as bytes (Victoria and later).
    case retried
  }

  /// `[auth] methods` in the configured order; a token holds them as one bit each.
  package var methods: [String]
  /// `[identity] default_domain_id`.
  package var defaultDomainID: String
  package var dialect: MessagePack.Dialect
  /// Versions that this node reads and makes; a higher one is refused.
  package var versions: ClosedRange<Int>
  package var ids = IDs.pairs
  package var texts = Texts.retried
  package var python3 = true

  package init(
    methods: [String], defaultDomainID: String, dialect: MessagePack.Dialect,
    versions: ClosedRange<Int>
  ) {
    self.methods = methods
    self.defaultDomainID = defaultDomainID
    self.dialect = dialect
    self.versions = versions
  }

  /// As a release has it.
  ///
  /// - Parameters:
  ///   - library: the msgpack-python of the node; nil is the one that the release came with.
  ///   - methods: `[auth] methods`; nil is what the release ships.
  package init(
    _ release: Release, library: MessagePack.Library? = nil, methods: [String]? = nil,
    defaultDomainID: String = "default"
  ) {
    let tokens = release.tokens
    let library = library ?? tokens.messagePack
    self.init(
      methods: methods ?? release.authMethods, defaultDomainID: defaultDomainID,
      dialect: library.dialect, versions: tokens.fernetVersions)
    ids = tokens.pairsIDs ? .pairs : tokens.packsForeignUserIDs ? .bare : .bareUUIDs
    texts = library == .before1 ? .bytes : tokens.retriesRaw ? .retried : .strict
    python3 = release.usesFlask
  }

  // MARK: Writing

  /// The payload, in the version that Keystone chooses for what the token says.
  ///
  /// - Throws: `malformedPayload` where Keystone fails with a ValueError: a domain or trust whose
  ///   id is no UUID, and in 2015.1.0 such a user or project.
  package func encode(_ token: TokenPayload) throws(TokenDefect) -> [UInt8] {
    let version = version(for: token)
    let federated = (4...6).contains(version)
    let user = try id(token.userID, mayBeText: federated)
    let bits = MessagePack.Value.integer(bits(of: token.methods))
    let expires = MessagePack.Value.double(Double(token.expiresAt.nanoseconds) / 1e9)
    let audit = MessagePack.Value.array(
      token.auditIDs.map { .binary(Base64URL.decode($0.utf8) ?? []) })
    var list = [.integer(Int64(version)), user, bits]
    switch version {
    case 1: list.append(try domain(token.domainID ?? ""))
    case 2, 3, 5, 7, 9: list.append(try id(token.projectID ?? "", mayBeText: federated))
    case 6: list.append(try id(token.domainID ?? "", mayBeText: true))
    case 8: list.append(Self.text(token.system ?? ""))
    case 10: list += [try optional(token.projectID), try optional(token.domainID)]
    default: break
    }
    if version == 7 { list.append(try optional(token.accessTokenID)) }
    if federated, let federation = token.federation {
      var groups: [MessagePack.Value] = []
      for group in federation.groupIDs { groups.append(try id(group, mayBeText: false)) }
      list += [
        .array(groups), try id(federation.identityProviderID, mayBeText: true),
        Self.text(federation.protocolID),
      ]
    }
    list += [expires, audit]
    if version == 3 { list.append(try Self.uuid(token.trustID ?? "")) }
    if version == 9 { list.append(try optional(token.applicationCredentialID)) }
    if version == 10 { list.append(try optional(token.thumbprint)) }
    var output: [UInt8] = []
    output.reserveCapacity(128)
    MessagePack.encode(.array(list), dialect: dialect, into: &output)
    return output
  }

  /// The payload of a receipt: no version, and nothing of a scope.
  func encode(receipt: Receipt) throws(TokenDefect) -> [UInt8] {
    let list = [
      try id(receipt.userID, mayBeText: true), .integer(bits(of: receipt.methods)),
      .double(Double(receipt.expiresAt.nanoseconds) / 1e9),
    ]
    var output: [UInt8] = []
    MessagePack.encode(.array(list), dialect: dialect, into: &output)
    return output
  }

  /// In Keystone's order (`providers/fernet/core.py`). What a release has no version for goes on
  /// to the next that fits: Kilo forgets the scope of federated tokens so (bug 1471289).
  private func version(for token: TokenPayload) -> Int {
    let highest = versions.upperBound
    let inProject = token.projectID != nil
    if token.accessTokenID != nil, inProject, highest >= 7 { return 7 }
    if token.trustID != nil, inProject { return 3 }
    if token.federation != nil {
      guard highest >= 6 else { return 4 }
      return inProject ? 5 : token.domainID != nil ? 6 : 4
    }
    if token.applicationCredentialID != nil, inProject, highest >= 9 { return 9 }
    if token.thumbprint != nil, highest >= 10 { return 10 }
    if inProject { return 2 }
    if token.domainID != nil { return 1 }
    return token.system != nil && highest >= 8 ? 8 : 0
  }

  private func bits(of names: [String]) -> Int64 {
    var bits: Int64 = 0
    for (index, method) in methods.enumerated() where index < 62 && names.contains(method) {
      bits |= 1 << Int64(index)
    }
    return bits
  }

  private static func text(_ text: String) -> MessagePack.Value { .string(Array(text.utf8)) }

  private func id(_ id: String, mayBeText: Bool) throws(TokenDefect) -> MessagePack.Value {
    let bytes = UUIDText.bytes(of: id)
    switch ids {
    case .pairs:
      guard let bytes else { return .array([.bool(false), Self.text(id)]) }
      return .array([.bool(true), .binary(bytes)])
    case .bare, .bareUUIDs:
      if let bytes { return .binary(bytes) }
      guard mayBeText || ids == .bare else { throw .malformedPayload }
      return Self.text(id)
    }
  }

  private func optional(_ id: String?) throws(TokenDefect) -> MessagePack.Value {
    guard let id else { return .array([.bool(false), .nil]) }
    return try self.id(id, mayBeText: true)
  }

  private func domain(_ id: String) throws(TokenDefect) -> MessagePack.Value {
    id == defaultDomainID && UUIDText.bytes(of: id) == nil ? Self.text(id) : try Self.uuid(id)
  }

  /// Keystone writes these without the pair; an id that is no UUID cannot stand here.
  private static func uuid(_ id: String) throws(TokenDefect) -> MessagePack.Value {
    guard let bytes = UUIDText.bytes(of: id) else { throw .malformedPayload }
    return .binary(bytes)
  }
}
