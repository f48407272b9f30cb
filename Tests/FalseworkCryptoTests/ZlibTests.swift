// SPDX-License-Identifier: Apache-2.0
import FalseworkCrypto
import Testing

@Suite struct ZlibTests {
  @Test(arguments: [0, 1, 100, 70_000]) func `what is packed is unpacked`(count: Int) {
    let bytes = (0..<count).map { UInt8($0 % 7) }
    let packed = Zlib.compress(bytes)
    #expect(packed.prefix(2) == [0x78, 0x9C])
    #expect(Zlib.decompress(packed, limit: count) == bytes)
    if count > 0 { #expect(Zlib.decompress(packed, limit: count - 1) == nil) }
  }

  @Test(arguments: [[], [0x78], [0x78, 0x9C], [1, 2, 3, 4, 5]] as [[UInt8]])
  func `what is cut or foreign is refused`(bytes: [UInt8]) {
    #expect(Zlib.decompress(bytes, limit: 100) == nil)
  }

  @Test func `MD5 is MD5`() {
    #expect(MD5.digest(Array("abc".utf8)).prefix(4) == [0x90, 0x01, 0x50, 0x98])
  }
}
