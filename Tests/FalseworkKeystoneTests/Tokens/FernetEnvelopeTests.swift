// SPDX-License-Identifier: Apache-2.0
import FalseworkKeystone
import Testing

@Suite struct FernetEnvelopeTests {
  private static let key = FernetKey(bytes: Array(0...31))
  private static let repository = FernetKeyRepository([1: key])
  private static let iv = Array(0xA0...0xAF as ClosedRange<UInt8>)

  @Test(arguments: 0...48) func `any payload comes back, with the time of sealing`(
    count: Int
  ) throws {
    let payload = [UInt8](repeating: 0x5A, count: count)
    let token = FernetEnvelope.seal(payload, key: Self.key, seconds: -7, iv: Self.iv)
    #expect(token.utf8.count == (4 * (57 + 16 * (count / 16 + 1)) + 2) / 3)
    #expect(token.hasPrefix("g"))
    let opened = try FernetEnvelope.open(token, repository: Self.repository)
    #expect(opened.payload == payload && opened.seconds == -7)
  }

  @Test func `a token of the Fernet specification's shape is opened with its padding too`() throws {
    let token = FernetEnvelope.seal([1], key: Self.key, seconds: 1, iv: Self.iv)
    #expect(try FernetEnvelope.open(token + "==", repository: Self.repository).payload == [1])
  }

  @Test func `one bit off anywhere and it is no token`() throws {
    let token = FernetEnvelope.seal([1, 2], key: Self.key, seconds: 9, iv: Self.iv)
    let bytes = try #require(Base64URL.decode(token.utf8))
    for index in bytes.indices {
      var changed = bytes
      changed[index] ^= 1
      #expect(throws: TokenDefect.unrecognized) {
        try FernetEnvelope.open(Base64URL.encode(changed), repository: Self.repository)
      }
    }
  }

  @Test(arguments: ["", "g", "not a token", "gAAAAA", "gAAAAA%3D"])
  func `what is too short or no base64 is no token`(text: String) {
    #expect(throws: TokenDefect.unrecognized) {
      try FernetEnvelope.open(text, repository: Self.repository)
    }
  }

  @Test func `a text beyond the limit is not looked at`() {
    let payload = [UInt8](repeating: 0, count: 6_200)
    let token = FernetEnvelope.seal(payload, key: Self.key, seconds: 1, iv: Self.iv)
    #expect(token.utf8.count > 8_192)
    #expect(throws: TokenDefect.unrecognized) {
      try FernetEnvelope.open(token, repository: Self.repository)
    }
  }
}
