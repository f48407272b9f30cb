// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import FalseworkReport

struct Base64Tests {
  /// RFC 4648, section 10.
  @Test(arguments: [
    ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="),
    ("fooba", "Zm9vYmE="), ("foobar", "Zm9vYmFy"), ("\u{0}\u{0}>?>?", "AAA+Pz4/"),
  ])
  func `the vectors of the RFC are written and read`(plain: String, text: String) {
    #expect(Base64.text(Array(plain.utf8)) == text)
    #expect(Base64.bytes(text) == Array(plain.utf8))
  }

  @Test(arguments: ["Z", "Zg=", "Zg", "Zg==\n", "====", "Zh==", "Zm9=", "Z-8=", "Zg==Zg=="])
  func `what the writer would not write is refused`(text: String) {
    #expect(Base64.bytes(text) == nil)
  }
}
