// SPDX-License-Identifier: Apache-2.0
import FalseworkKeystone
import Testing

@Suite struct FernetKeyTests {
  private static let text = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="

  @Test func `a key file holds 44 characters of 32 bytes, signing half first`() throws {
    let key = try #require(FernetKey(text: Self.text))
    #expect(key.signing == Array(0...15))
    #expect(key.encryption == Array(16...31))
    #expect(key.text == Self.text)
  }

  /// Each was tried on Python's `cryptography.fernet.Fernet`.
  @Test(arguments: [
    (text, true), (text + "\n", true), (" " + text, true), (text + "trailing", true),
    ("AAEC AwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", true),
    ("A=AECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", true),
    (String(text.dropLast()), false), (String(text.prefix(20)), false), ("", false),
    ("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHg==", false),
    ("ÄAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", false), ("no key", false),
  ]) func `what else stands in the file is judged as Python judges it`(text: String, good: Bool) {
    #expect((FernetKey(text: text) != nil) == good)
  }

  @Test func `both alphabets of base64 mean the same key`() throws {
    let key = FernetKey(bytes: [UInt8](repeating: 0xFF, count: 32))
    let other = String(key.text.map { $0 == "_" ? "/" : $0 == "-" ? "+" : $0 })
    #expect(other != key.text)
    #expect(FernetKey(text: other) == key)
  }

  @Test func `the null key is the base64 of 32 zero bytes`() {
    #expect(FernetKey.null.text == "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")
  }
}
