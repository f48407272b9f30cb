// SPDX-License-Identifier: Apache-2.0
import FalseworkCrypto
import Testing

@Suite struct SHA1Tests {
  /// FIPS 180-4 examples.
  @Test(arguments: [
    ("abc", "a9993e364706816aba3e25717850c26c9cd0d89d"),
    ("", "da39a3ee5e6b4b0d3255bfef95601890afd80709"),
  ]) func `it digests as the standard's examples do`(text: String, digest: String) {
    let digits = Array("0123456789abcdef")
    let hex = SHA1.digest(Array(text.utf8)).flatMap {
      [digits[Int($0 >> 4)], digits[Int($0 & 15)]]
    }
    #expect(String(hex) == digest)
  }
}
