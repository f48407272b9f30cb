// SPDX-License-Identifier: Apache-2.0
import FalseworkCore

/// The payloads 0 to 10 of Keystone's Fernet tokens
/// (`keystone/token/token_formatters.py`): a MessagePack list that begins with its version.
///
/// An id that Python's `uuid.UUID` reads goes in as `[true, 16 bytes]`, any other as
/// `[false, text]`.
package struct FernetPayload: Equatable, Sendable {
  /// `[auth] methods` in the configured order; a token holds them as one bit each.
  package var methods: [String]
  package var defaultDomainID: String
  package var dialect: MessagePack.Dialect
  /// Versions that this node reads; a higher one is refused.
  package var versions: ClosedRange<Int>

  package init(
    methods: [String], defaultDomainID: String, dialect: MessagePack.Dialect,
    versions: ClosedRange<Int>
  ) {
    self.methods = methods
    self.defaultDomainID = defaultDomainID
    self.dialect = dialect
    self.versions = versions
  }

  // MARK: Writing

  package func encode(_ token: TokenPayload) -> [UInt8] {
    let user = Self.pair(token.userID)
    let bits = MessagePack.Value.integer(bits(of: token.methods))
    let expires = MessagePack.Value.double(Double(token.expiresAt.nanoseconds) / 1e9)
    let audit = MessagePack.Value.array(
      token.auditIDs.map { .binary(Base64URL.decode($0.utf8) ?? []) })
    let project = token.projectID.map(Self.pair)
    var list: [MessagePack.Value]
    // Keystone chooses the class in this order (`providers/fernet/core.py`).
    if let access = token.accessTokenID, let project {
      list = [.integer(7), user, bits, project, Self.pair(access), expires, audit]
    } else if let trust = token.trustID, let project {
      list = [.integer(3), user, bits, project, expires, audit, Self.uuid(trust)]
    } else if let federation = token.federation {
      list = encode(federation, token, user, bits, expires, audit)
    } else if let credential = token.applicationCredentialID, let project {
      list = [.integer(9), user, bits, project, expires, audit, Self.pair(credential)]
    } else if let thumbprint = token.thumbprint {
      let domain = token.domainID.map(Self.pair) ?? Self.nothing
      list = [
        .integer(10), user, bits, project ?? Self.nothing, domain, expires, audit,
        Self.pair(thumbprint),
      ]
    } else if let project {
      list = [.integer(2), user, bits, project, expires, audit]
    } else if let domain = token.domainID {
      let packed = domain == defaultDomainID ? Self.text(domain) : Self.uuid(domain)
      list = [.integer(1), user, bits, packed, expires, audit]
    } else if let system = token.system {
      list = [.integer(8), user, bits, Self.text(system), expires, audit]
    } else {
      list = [.integer(0), user, bits, expires, audit]
    }
    var output: [UInt8] = []
    output.reserveCapacity(128)
    MessagePack.encode(.array(list), dialect: dialect, into: &output)
    return output
  }

  private func encode(
    _ federation: TokenPayload.Federation, _ token: TokenPayload, _ user: MessagePack.Value,
    _ bits: MessagePack.Value, _ expires: MessagePack.Value, _ audit: MessagePack.Value
  ) -> [MessagePack.Value] {
    let groups = MessagePack.Value.array(federation.groupIDs.map(Self.pair))
    let provider = Self.pair(federation.identityProviderID)
    let rest = [groups, provider, Self.text(federation.protocolID), expires, audit]
    if let project = token.projectID {
      return [.integer(5), user, bits, Self.pair(project)] + rest
    }
    if let domain = token.domainID {
      return [.integer(6), user, bits, Self.pair(domain)] + rest
    }
    return [.integer(4), user, bits] + rest
  }

  private func bits(of names: [String]) -> Int64 {
    var bits: Int64 = 0
    for (index, method) in methods.enumerated() where names.contains(method) {
      bits |= 1 << Int64(index)
    }
    return bits
  }

  private static let nothing = MessagePack.Value.array([.bool(false), .nil])

  private static func text(_ text: String) -> MessagePack.Value { .string(Array(text.utf8)) }

  private static func pair(_ id: String) -> MessagePack.Value {
    if let bytes = UUIDText.bytes(of: id) { return .array([.bool(true), .binary(bytes)]) }
    return .array([.bool(false), text(id)])
  }

  /// Keystone writes these without the pair; an id that is no UUID cannot stand here.
  private static func uuid(_ id: String) -> MessagePack.Value {
    .binary(UUIDText.bytes(of: id) ?? Array(id.utf8))
  }

  // MARK: Reading

  package func decode(_ bytes: [UInt8], seconds: Int64) throws(TokenDefect) -> TokenPayload {
    guard let value = MessagePack.decode(bytes) else { throw .malformedPayload }
    guard case .array(let list) = value else { throw .notAList }
    guard let first = list.first else { throw .malformedPayload }
    guard case .integer(let version) = first else { throw .unknownVersion("\(first)") }
    guard version >= 0, versions.contains(Int(version)) else {
      throw .unknownVersion(String(version))
    }
    var fields = Fields(list: list)
    do throws(Fields.Mismatch) {
      return try decode(version: Int(version), &fields, seconds: seconds)
    } catch {
      throw .malformedPayload
    }
  }

  private func decode(
    version: Int, _ fields: inout Fields, seconds: Int64
  ) throws(Fields.Mismatch) -> TokenPayload {
    let user = try fields.id()
    let bits = try fields.integer()
    var token = TokenPayload(
      userID: user, methods: names(of: bits), expiresAt: UTCTime(seconds: 0),
      issuedAt: UTCTime(seconds: seconds), auditIDs: [])
    switch version {
    case 1: token.domainID = try fields.bareID(orText: defaultDomainID)
    case 2, 3, 7, 9: token.projectID = try fields.id()
    case 8: token.system = try fields.text()
    case 5: token.projectID = try fields.id()
    case 6: token.domainID = try fields.id()
    case 10:
      token.projectID = try fields.optionalID()
      token.domainID = try fields.optionalID()
    default: break
    }
    if version == 7 { token.accessTokenID = try fields.id() }
    if (4...6).contains(version) {
      token.federation = TokenPayload.Federation(
        groupIDs: try fields.ids(), identityProviderID: try fields.id(),
        protocolID: try fields.text())
    }
    token.expiresAt = try fields.time()
    token.auditIDs = try fields.auditIDs()
    if version == 3 { token.trustID = try fields.bareID(orText: nil) }
    if version == 9 { token.applicationCredentialID = try fields.id() }
    if version == 10 { token.thumbprint = try fields.id() }
    return token
  }

  /// Highest bit first; bits without a method vanish.
  private func names(of bits: Int64) -> [String] {
    methods.indices.reversed().filter { $0 < 62 && bits >> Int64($0) & 1 == 1 }.map { methods[$0] }
  }
}

/// The elements of a payload, read in order and by type; what is left over is ignored, as Python's
/// indexing ignores it.
private struct Fields {
  struct Mismatch: Error {}

  let list: [MessagePack.Value]
  private var at = 1

  init(list: [MessagePack.Value]) {
    self.list = list
  }

  private mutating func next() throws(Mismatch) -> MessagePack.Value {
    guard at < list.count else { throw Mismatch() }
    defer { at += 1 }
    return list[at]
  }

  mutating func integer() throws(Mismatch) -> Int64 {
    guard case .integer(let number) = try next() else { throw Mismatch() }
    return number
  }

  mutating func text() throws(Mismatch) -> String {
    switch try next() {
    case .string(let bytes), .binary(let bytes): return String(decoding: bytes, as: UTF8.self)
    default: throw Mismatch()
    }
  }

  mutating func time() throws(Mismatch) -> UTCTime {
    switch try next() {
    case .double(let seconds):
      // Whole seconds: reading loses the fraction, as in Keystone.
      guard seconds.isFinite, abs(seconds) < 9e9 else { throw Mismatch() }
      return UTCTime(seconds: Int64(seconds))
    case .integer(let seconds):
      guard abs(seconds) < 9_000_000_000 else { throw Mismatch() }
      return UTCTime(seconds: seconds)
    default: throw Mismatch()
    }
  }

  mutating func id() throws(Mismatch) -> String {
    guard let id = try Self.id(next()) else { throw Mismatch() }
    return id
  }

  mutating func optionalID() throws(Mismatch) -> String? {
    let value = try next()
    if value == .array([.bool(false), .nil]) { return nil }
    guard let id = Self.id(value) else { throw Mismatch() }
    return id
  }

  mutating func ids() throws(Mismatch) -> [String] {
    guard case .array(let elements) = try next() else { throw Mismatch() }
    var ids: [String] = []
    for element in elements {
      guard let id = Self.id(element) else { throw Mismatch() }
      ids.append(id)
    }
    return ids
  }

  /// An id without its pair: 16 bytes, or the one text that may stand instead.
  mutating func bareID(orText other: String?) throws(Mismatch) -> String {
    switch try next() {
    case .string(let bytes), .binary(let bytes):
      if bytes.count == 16 { return UUIDText.text(of: bytes) }
      guard let other, bytes.elementsEqual(other.utf8) else { throw Mismatch() }
      return other
    default: throw Mismatch()
    }
  }

  mutating func auditIDs() throws(Mismatch) -> [String] {
    guard case .array(let elements) = try next() else { throw Mismatch() }
    var ids: [String] = []
    for element in elements {
      switch element {
      case .string(let bytes), .binary(let bytes): ids.append(Base64URL.encode(bytes))
      default: throw Mismatch()
      }
    }
    return ids
  }

  private static func id(_ value: MessagePack.Value) -> String? {
    guard case .array(let pair) = value, pair.count == 2, case .bool(let packed) = pair[0] else {
      return nil
    }
    switch pair[1] {
    case .string(let bytes), .binary(let bytes):
      guard packed else { return String(decoding: bytes, as: UTF8.self) }
      return bytes.count == 16 ? UUIDText.text(of: bytes) : nil
    default: return nil
    }
  }
}
