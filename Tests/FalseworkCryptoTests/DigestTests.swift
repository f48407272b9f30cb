// SPDX-License-Identifier: Apache-2.0
import FalseworkCrypto
import Testing

@Suite struct DigestTests {
  private func hex(_ bytes: [UInt8]) -> String {
    let digits = Array("0123456789abcdef")
    return String(bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
  }

  /// FIPS 180-4 examples.
  @Test(arguments: [
    ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    ),
  ]) func `SHA-256 digests as the standard's examples do`(text: String, digest: String) {
    #expect(hex(SHA256.digest(Array(text.utf8))) == digest)
  }

  /// RFC 4231, test cases 1 to 4: those whose key fits into a block.
  @Test(arguments: [
    (
      [UInt8](repeating: 0x0B, count: 20), Array("Hi There".utf8),
      "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
    ),
    (
      Array("Jefe".utf8), Array("what do ya want for nothing?".utf8),
      "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    ),
    (
      [UInt8](repeating: 0xAA, count: 20), [UInt8](repeating: 0xDD, count: 50),
      "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"
    ),
    (
      Array(1...25 as ClosedRange<UInt8>), [UInt8](repeating: 0xCD, count: 50),
      "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"
    ),
  ]) func `HMAC codes as RFC 4231's examples do`(key: [UInt8], message: [UInt8], code: String) {
    #expect(hex(HMACSHA256.code(message.span, key: key)) == code)
  }

  @Test func `HMAC takes a key of one block and an empty message`() {
    #expect(
      hex(HMACSHA256.code([UInt8]().span, key: []))
        == "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad")
    #expect(HMACSHA256.code([1].span, key: [UInt8](repeating: 1, count: 64)).count == 32)
  }

  /// RFC 4231, test case 6; a request of OAuth 1.0 is signed with 65 bytes.
  @Test func `a key beyond a block is digested first`() {
    let text = Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8)
    let code = HMACSHA256.code(text.span, key: [UInt8](repeating: 0xaa, count: 131))
    #expect(
      code.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        == "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54")
    let block = [UInt8](repeating: 0xaa, count: 64)
    #expect(
      HMACSHA256.code(text.span, key: block) != HMACSHA256.code(text.span, key: block + [0xaa]))
  }

  @Test func `equal means every byte`() {
    let a: [UInt8] = [1, 2, 3]
    for (b, equal) in [
      ([1, 2, 3], true), ([1, 2, 4], false), ([0, 2, 3], false), ([1, 2], false),
      ([1, 2, 3, 0], false),
    ] as [([UInt8], Bool)] {
      let found = equalInConstantTime(a.span, b.span)
      #expect(found == equal)
    }
  }
}
