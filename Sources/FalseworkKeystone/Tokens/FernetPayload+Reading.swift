// SPDX-License-Identifier: Apache-2.0
import FalseworkCore

extension FernetPayload {
  /// The last second of the year 9999, the last that Python's `datetime` knows.
  static let lastSecond: Int64 = 253_402_300_799

  /// What the payload says.
  ///
  /// - Parameter seconds: when the token was sealed, from its envelope.
  package func decode(_ bytes: [UInt8], seconds: Int64) throws(TokenDefect) -> TokenPayload {
    guard let read = MessagePack.read(bytes) else { throw .malformedPayload }
    let isText: Bool
    switch texts {
    case .bytes: isText = false
    case .strict:
      guard read.isText else { throw .malformedPayload }
      isText = true
    case .retried: isText = read.isText
    }
    let python = PayloadText(isText: isText, python3: python3)
    let (version, list) = try version(of: read.value, python)
    var fields = PayloadFields(list: list, ids: ids, python: python)
    let token = try decode(version: version, &fields, seconds: seconds)
    // The time of sealing is read last, and has to be one that Python can say.
    guard (0...Self.lastSecond).contains(seconds) else { throw .malformedPayload }
    return token
  }

  /// Receipts are read without the second try that Victoria brought for tokens.
  func decode(receipt bytes: [UInt8], seconds: Int64) throws(TokenDefect) -> Receipt {
    guard let read = MessagePack.read(bytes) else { throw .malformedPayload }
    guard texts == .bytes || read.isText else { throw .malformedPayload }
    let python = PayloadText(isText: texts != .bytes, python3: python3)
    guard case .array(let list) = read.value else {
      throw .typeError(
        "'\(python.type(of: read.value))' object is not subscriptable")
    }
    var fields = PayloadFields(receipt: list, python: python)
    let user = try fields.id(mayBeText: true) ?? "None"
    let bits = try fields.methods()
    let end = try fields.time()
    guard (0...Self.lastSecond).contains(seconds) else { throw .malformedPayload }
    return Receipt(
      userID: user, methods: names(of: bits), expiresAt: end,
      issuedAt: UTCTime(seconds: min(seconds, 9_000_000_000)))
  }

  /// `payload[0]`, whatever the payload is, and whether this release has a class for it.
  private func version(
    of value: MessagePack.Value, _ python: PayloadText
  ) throws(TokenDefect) -> (Int, [MessagePack.Value]) {
    let first: MessagePack.Value
    var list: [MessagePack.Value] = []
    switch value {
    case .array(let elements):
      guard let element = elements.first else { throw .malformedPayload }
      first = element
      list = elements
    case .string(let bytes) where python.isText:
      guard let character = String(decoding: bytes, as: UTF8.self).first else {
        throw .malformedPayload
      }
      first = .string(Array(String(character).utf8))
    case .string(let bytes), .binary(let bytes):
      guard let byte = bytes.first else { throw .malformedPayload }
      first = python.python3 ? .integer(Int64(byte)) : .string([byte])
      // The rest is bytes too, and its first is no pair.
      list = [first, bytes.count > 1 ? .integer(Int64(bytes[1])) : .nil]
    case .ext(let type, let bytes) where type != -1:
      first = .integer(Int64(type))
      list = [first, .binary(bytes)]
    case .map: throw .malformedPayload
    case .nil, .bool, .integer, .unsigned, .double, .ext:
      let type = python.type(of: value)
      throw .typeError(
        python.python3
          ? "'\(type)' object is not subscriptable"
          : "'\(type)' object has no attribute '__getitem__'")
    }
    let version: Int
    switch first {
    case .integer(let number): version = Int(number)
    case .bool(let flag): version = flag ? 1 : 0
    case .double(let number): version = Int(exactly: number) ?? -1
    default: version = -1
    }
    guard versions.contains(version) else { throw .unknownVersion(python.plain(first)) }
    return (version, list)
  }

  private func decode(
    version: Int, _ fields: inout PayloadFields, seconds: Int64
  ) throws(TokenDefect) -> TokenPayload {
    let federated = (4...6).contains(version)
    let user = try fields.id(mayBeText: federated) ?? "None"
    let bits = try fields.methods()
    var token = TokenPayload(
      userID: user, methods: names(of: bits), expiresAt: UTCTime(seconds: 0),
      issuedAt: UTCTime(seconds: min(seconds, 9_000_000_000)), auditIDs: [])
    switch version {
    case 1: token.domainID = try fields.bareID(orText: defaultDomainID)
    case 2, 3, 5, 7, 9: token.projectID = try fields.id(mayBeText: federated)
    case 8: token.system = try fields.text()
    case 6: token.domainID = try fields.id(mayBeText: true)
    case 10:
      token.projectID = try fields.id(mayBeText: true)
      token.domainID = try fields.id(mayBeText: true)
    default: break
    }
    if version == 7 { token.accessTokenID = try fields.id(mayBeText: true) }
    if federated {
      token.federation = TokenPayload.Federation(
        groupIDs: try fields.groups(),
        identityProviderID: try fields.id(mayBeText: true) ?? "None",
        protocolID: try fields.text() ?? "None")
    }
    token.expiresAt = try fields.time()
    token.auditIDs = try fields.auditIDs()
    if version == 3 { token.trustID = try fields.bareID(orText: nil) }
    if version == 9 { token.applicationCredentialID = try fields.id(mayBeText: true) }
    if version == 10 { token.thumbprint = try fields.id(mayBeText: true) }
    return token
  }

  /// Keystone divides by each bit from the highest down, and takes a method where the quotient is
  /// 1. With a bit above all that are configured no quotient ever is: the list is empty.
  private func names(of bits: Double) -> [String] {
    var rest = bits
    var names: [String] = []
    for index in methods.indices.reversed() where index < 62 && rest > 0 {
      let bit = Double(1 << index)
      guard (rest / bit).rounded(.towardZero) == 1 else { continue }
      names.append(methods[index])
      rest -= bit
    }
    return names
  }
}

/// The elements of a payload, read in order and by type; what is left over is ignored, as Python's
/// indexing ignores it.
///
/// A value of a wrong type fails as it does in Python: with a TypeError, which Keystone answers
/// with 400 and its text, or with another exception, which is a 500.
struct PayloadFields {
  private let list: [MessagePack.Value]
  private let ids: FernetPayload.IDs
  private let python: PayloadText
  private var at = 1

  init(list: [MessagePack.Value], ids: FernetPayload.IDs, python: PayloadText) {
    self.list = list
    self.ids = ids
    self.python = python
  }

  /// From another place than after the version.
  init(receipt list: [MessagePack.Value], python: PayloadText) {
    self.init(list: list, ids: .pairs, python: python)
    at = 0
  }

  private mutating func next() throws(TokenDefect) -> MessagePack.Value {
    guard at < list.count else { throw .malformedPayload }
    defer { at += 1 }
    return list[at]
  }

  private func typeError(_ text: String, _ value: MessagePack.Value) -> TokenDefect {
    .typeError(text.replacing("TYPE", with: python.type(of: value)))
  }

  /// The number that stands for the methods. Keystone divides it, so that a fraction serves too.
  mutating func methods() throws(TokenDefect) -> Double {
    let value = try next()
    switch value {
    case .integer(let number): return Double(number)
    case .unsigned(let number): return Double(number)
    case .bool(let flag): return flag ? 1 : 0
    case .double(let number):
      guard number.isFinite else { throw .malformedPayload }
      return number
    case .nil, .string, .binary, .array, .map, .ext:
      throw typeError("unsupported operand type(s) for /: 'TYPE' and 'int'", value)
    }
  }

  mutating func text() throws(TokenDefect) -> String? {
    try text(of: try next())
  }

  /// What `_convert_or_decode` makes of a value that is not stored as bytes.
  private func text(of value: MessagePack.Value) throws(TokenDefect) -> String? {
    switch value {
    case .nil: return nil
    case .string(let bytes), .binary(let bytes):
      // Python 2 leaves it as it is, whatever is in it.
      guard !python.python3 || UTF8Text.isValid(bytes) else { throw .malformedPayload }
      return String(decoding: bytes, as: UTF8.self)
    case .bool, .integer, .unsigned, .double, .array, .map, .ext: return python.plain(value)
    }
  }

  mutating func time() throws(TokenDefect) -> UTCTime {
    let value = try next()
    let seconds: Double
    switch value {
    case .double(let number): seconds = number
    case .integer(let number): seconds = Double(number)
    case .unsigned(let number): seconds = Double(number)
    case .bool(let flag): seconds = flag ? 1 : 0
    case .nil, .string, .binary, .array, .map, .ext:
      throw typeError(
        python.python3
          ? "'TYPE' object cannot be interpreted as an integer" : "a float is required", value)
    }
    guard seconds >= -62_135_596_800, seconds < Double(FernetPayload.lastSecond) + 1 else {
      throw .malformedPayload
    }
    // Whole seconds: reading loses the fraction, as in Keystone. Beyond the year 2255 our own
    // clock ends.
    return UTCTime(seconds: max(-9_000_000_000, min(Int64(seconds), 9_000_000_000)))
  }

  mutating func auditIDs() throws(TokenDefect) -> [String] {
    let value = try next()
    switch value {
    case .array(let elements):
      var texts: [String] = []
      texts.reserveCapacity(elements.count)
      for element in elements {
        switch element {
        case .binary(let bytes): texts.append(Base64URL.encode(bytes))
        case .string(let bytes) where !python.isText: texts.append(Base64URL.encode(bytes))
        default: throw typeError("a bytes-like object is required, not 'TYPE'", element)
        }
      }
      return texts
    case .string([]), .binary([]), .map([]): return []
    case .map(let members):
      throw typeError("a bytes-like object is required, not 'TYPE'", members[0])
    case .string where python.isText: throw .typeError("a bytes-like object is required, not 'str'")
    case .string, .binary, .ext: throw .typeError("a bytes-like object is required, not 'int'")
    case .nil, .bool, .integer, .unsigned, .double:
      throw typeError("'TYPE' object is not iterable", value)
    }
  }

  mutating func groups() throws(TokenDefect) -> [String] {
    let value = try next()
    guard case .array(let elements) = value else {
      switch value {
      case .string([]), .binary([]), .map([]): return []
      case .string, .binary, .map, .ext: throw .malformedPayload
      default: throw typeError("'TYPE' object is not iterable", value)
      }
    }
    var groups: [String] = []
    for element in elements { groups.append(try id(of: element, mayBeText: false) ?? "None") }
    return groups
  }

  /// - Parameter mayBeText: in 2015.1.0 only the ids of federated tokens may be other than UUIDs.
  mutating func id(mayBeText: Bool) throws(TokenDefect) -> String? {
    try id(of: try next(), mayBeText: mayBeText)
  }

  private func id(
    of value: MessagePack.Value, mayBeText: Bool
  ) throws(TokenDefect) -> String? {
    switch ids {
    case .pairs:
      switch value {
      case .array(let pair):
        guard pair.count == 2 else { throw .malformedPayload }
        return isTrue(pair[0]) ? try uuid(pair[1]) : try text(of: pair[1])
      case .binary(let bytes) where bytes.count == 2 && python.python3:
        // Two bytes are a pair of numbers.
        let number = MessagePack.Value.integer(Int64(bytes[1]))
        return bytes[0] > 0 ? try uuid(number) : try text(of: number)
      case .string, .binary, .map, .ext: throw .malformedPayload
      case .nil, .bool, .integer, .unsigned, .double:
        throw typeError(
          python.python3
            ? "cannot unpack non-iterable TYPE object" : "'TYPE' object is not iterable", value)
      }
    case .bare, .bareUUIDs:
      do throws(TokenDefect) {
        return try uuid(value)
      } catch .malformedPayload where mayBeText || ids == .bare {
        // `except ValueError: return value`: a pair stays the list that it is, and names nobody.
        return python.plain(value)
      } catch {
        throw error
      }
    }
  }

  private func isTrue(_ value: MessagePack.Value) -> Bool {
    switch value {
    case .nil, .bool(false), .integer(0), .double(0), .string([]), .binary([]), .array([]): false
    default: true
    }
  }

  /// `uuid.UUID(bytes=value).hex`.
  private func uuid(_ value: MessagePack.Value) throws(TokenDefect) -> String {
    switch value {
    case .binary(let bytes) where bytes.count == 16: return UUIDText.text(of: bytes)
    case .string(let bytes) where bytes.count == 16 && !python.isText:
      return UUIDText.text(of: bytes)
    case .string, .binary, .array, .map, .ext: throw .malformedPayload
    case .nil:
      throw .typeError(
        python.python3
          ? "one of the hex, bytes, bytes_le, fields, or int arguments must be given"
          : "need one of hex, bytes, bytes_le, fields, or int")
    case .bool, .integer, .unsigned, .double:
      throw typeError("object of type 'TYPE' has no len()", value)
    }
  }

  /// An id without the pair: 16 bytes, or a text that is no UUID if it is the one that is allowed.
  mutating func bareID(orText allowed: String?) throws(TokenDefect) -> String {
    let value = try next()
    switch value {
    case .string(let bytes) where python.isText:
      // A text of sixteen letters fails an assertion before it is compared.
      guard bytes.count != 16 else { throw .malformedPayload }
      guard String(decoding: bytes, as: UTF8.self) == allowed else { throw .malformedPayload }
      return allowed ?? ""
    case .string(let bytes), .binary(let bytes):
      if bytes.count == 16 { return UUIDText.text(of: bytes) }
      guard String(decoding: bytes, as: UTF8.self) == allowed else { throw .malformedPayload }
      return allowed ?? ""
    default: return try uuid(value)
    }
  }
}
