// SPDX-License-Identifier: Apache-2.0
import FalseworkCrypto
import Testing

@Suite struct AES128CBCTests {
  /// NIST SP 800-38A, F.2.1.
  private static let key: [UInt8] = [
    0x2B, 0x7E, 0x15, 0x16, 0x28, 0xAE, 0xD2, 0xA6, 0xAB, 0xF7, 0x15, 0x88, 0x09, 0xCF, 0x4F, 0x3C,
  ]
  private static let iv = Array(0...15 as ClosedRange<UInt8>)
  private static let plaintext: [UInt8] = [
    0x6B, 0xC1, 0xBE, 0xE2, 0x2E, 0x40, 0x9F, 0x96, 0xE9, 0x3D, 0x7E, 0x11, 0x73, 0x93, 0x17, 0x2A,
  ]
  private static let ciphertext: [UInt8] = [
    0x76, 0x49, 0xAB, 0xAC, 0x81, 0x19, 0xB2, 0x46, 0xCE, 0xE9, 0x8E, 0x9B, 0x12, 0xE9, 0x19, 0x7D,
  ]

  @Test func `a block is enciphered as in the standard's example, and a block of padding follows`()
  {
    let sealed = AES128CBC.encrypt(Self.plaintext.span, key: Self.key, iv: Self.iv.span)
    #expect(Array(sealed.prefix(16)) == Self.ciphertext)
    #expect(sealed.count == 32)
  }

  @Test(arguments: 0...33) func `what was enciphered comes back`(count: Int) {
    let message = [UInt8](repeating: 0xA5, count: count)
    let sealed = AES128CBC.encrypt(message.span, key: Self.key, iv: Self.iv.span)
    #expect(sealed.count == (count / 16 + 1) * 16)
    #expect(AES128CBC.decrypt(sealed.span, key: Self.key, iv: Self.iv.span) == message)
  }

  @Test func `wrong padding and broken blocks are refused`() {
    // The block alone deciphers to bytes that are no padding.
    for bytes in [[], [1], Array(Self.ciphertext.prefix(15)), Self.ciphertext] {
      #expect(AES128CBC.decrypt(bytes.span, key: Self.key, iv: Self.iv.span) == nil)
    }
  }

  @Test func `a key or an IV of another length is a bug`() async {
    await #expect(processExitsWith: .failure) {
      _ = AES128CBC.encrypt([1].span, key: [1], iv: [UInt8](repeating: 0, count: 16).span)
    }
    await #expect(processExitsWith: .failure) {
      _ = AES128CBC.decrypt(
        [UInt8](repeating: 0, count: 16).span, key: [UInt8](repeating: 0, count: 16),
        iv: [1].span)
    }
  }
}
