// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkKeystone
import Testing

@Suite struct FernetPayloadTests {
  private static let format = FernetPayload(
    methods: ["external", "password", "token"], defaultDomainID: "default", dialect: .bin,
    versions: 0...10)

  private static func token() -> TokenPayload {
    TokenPayload(
      userID: "8e8068beaa2748938b55b195905fbc8f", methods: ["password"],
      expiresAt: UTCTime(seconds: 1_500_003_600), issuedAt: UTCTime(seconds: 1_500_000_000),
      auditIDs: ["AAECAwQFBgcICQoLDA0ODw"])
  }

  private static func payload(_ values: MessagePack.Value...) -> [UInt8] {
    var bytes: [UInt8] = []
    MessagePack.encode(.array(values), dialect: .bin, into: &bytes)
    return bytes
  }

  private static let user = MessagePack.Value.array([.bool(false), .string(Array("u".utf8))])
  private static let audit = MessagePack.Value.array([.binary([1])])

  @Test func `methods are bits in the configured order, and come back from the highest`() throws {
    var token = Self.token()
    token.methods = ["password", "token", "unheard of"]
    let read = try Self.format.decode(try Self.format.encode(token), seconds: 1_500_000_000)
    #expect(read.methods == ["token", "password"])
  }

  @Test func `bits that no method has vanish`() throws {
    let bytes = Self.payload(.integer(0), Self.user, .integer(0b1101_0000), .double(5), Self.audit)
    #expect(try Self.format.decode(bytes, seconds: 0).methods == [])
  }

  @Test func `a fraction of the expiry is lost on reading`() throws {
    let bytes = Self.payload(.integer(0), Self.user, .integer(2), .double(7.9), Self.audit)
    #expect(try Self.format.decode(bytes, seconds: 0).expiresAt == UTCTime(seconds: 7))
  }

  @Test func `the only text that may name a domain without its pair is the default one's`() throws {
    func domain(_ value: MessagePack.Value) throws -> String? {
      try Self.format.decode(
        Self.payload(.integer(1), Self.user, .integer(2), value, .double(5), Self.audit),
        seconds: 0
      ).domainID
    }
    #expect(try domain(.string(Array("default".utf8))) == "default")
    #expect(
      try domain(.binary([UInt8](repeating: 0xAB, count: 16)))
        == "abababababababababababababababab")
    #expect(throws: TokenDefect.malformedPayload) { try domain(.string(Array("other".utf8))) }
    #expect(throws: TokenDefect.malformedPayload) { try domain(.binary([1, 2])) }
  }

  @Test func `a version that this release does not know is refused, whatever follows`() {
    var old = Self.format
    old.versions = 0...7
    for version in [8, 9, 10, 11, -1, 300] as [Int64] {
      #expect(throws: TokenDefect.unknownVersion("\(version)")) {
        try old.decode(Self.payload(.integer(version)), seconds: 0)
      }
    }
  }

  @Test(arguments: [
    [MessagePack.Value.integer(0)], [.integer(0), user], [.integer(0), user, .integer(2)],
    [.integer(0), user, .integer(2), .double(5)],
    [.integer(0), .string([0x75]), .integer(2), .double(5), audit],
    [.integer(0), .array([.bool(true), .binary([1])]), .integer(2), .double(5), audit],
    [.integer(0), .array([.integer(1), .binary([1])]), .integer(2), .double(5), audit],
    [.integer(0), user, .integer(2), .double(.infinity), audit],
    [.integer(0), user, .integer(2), .double(.nan), audit],
    [.integer(0), user, .integer(2), .double(1e300), audit],
    [.integer(0), .array([.bool(true), .string(Array("sixteen letters!".utf8))]), .integer(2)],
    [.integer(3), user, .integer(2), user, .double(5), audit, .binary([1])],
  ]) func `a payload that is cut or of other types is malformed`(list: [MessagePack.Value]) {
    var bytes: [UInt8] = []
    MessagePack.encode(.array(list), dialect: .bin, into: &bytes)
    #expect(throws: TokenDefect.malformedPayload) { try Self.format.decode(bytes, seconds: 0) }
  }

  /// What the real Keystone 29.0.0 says on Python 3.11.
  @Test(arguments: [
    ([MessagePack.Value.integer(0), .integer(5)], "cannot unpack non-iterable int object"),
    ([.integer(0), .nil], "cannot unpack non-iterable NoneType object"),
    (
      [.integer(0), .array([.bool(true), .nil])],
      "one of the hex, bytes, bytes_le, fields, or int arguments must be given"
    ),
    ([.integer(0), .array([.bool(true), .integer(1)])], "object of type 'int' has no len()"),
    (
      [.integer(0), user, .string([0x61])],
      "unsupported operand type(s) for /: 'str' and 'int'"
    ),
    (
      [.integer(0), user, .integer(2), .string([])],
      "'str' object cannot be interpreted as an integer"
    ),
    ([.integer(0), user, .integer(2), .double(5), .nil], "'NoneType' object is not iterable"),
    (
      [.integer(0), user, .integer(2), .double(5), .array([.integer(1)])],
      "a bytes-like object is required, not 'int'"
    ),
  ]) func `a value that Python stumbles over is a TypeError with its text`(
    list: [MessagePack.Value], text: String
  ) {
    var bytes: [UInt8] = []
    MessagePack.encode(.array(list), dialect: .bin, into: &bytes)
    #expect(throws: TokenDefect.typeError(text)) { try Self.format.decode(bytes, seconds: 0) }
  }

  @Test func `what is left over is ignored, and a whole number may be the expiry`() throws {
    let bytes = Self.payload(.integer(0), Self.user, .integer(2), .integer(9), Self.audit, .nil)
    #expect(try Self.format.decode(bytes, seconds: 0).expiresAt == UTCTime(seconds: 9))
  }

  @Test func `what is no list is told from a list that is wrong`() {
    #expect(throws: TokenDefect.typeError("'int' object is not subscriptable")) {
      try Self.format.decode([0x05], seconds: 0)
    }
    #expect(throws: TokenDefect.malformedPayload) { try Self.format.decode([0x90], seconds: 0) }
    #expect(throws: TokenDefect.malformedPayload) { try Self.format.decode([0xC1], seconds: 0) }
  }
}
