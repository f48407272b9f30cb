// SPDX-License-Identifier: Apache-2.0
import FalseworkCrypto
import Testing

struct ZlibStreamTests {
  @Test(arguments: [0, 1, 100, 100_000])
  func `what was compressed expands to itself`(length: Int) {
    let bytes = (0..<length).map { UInt8(truncatingIfNeeded: $0 * $0 / 7) }
    #expect(Zlib.decompress(Zlib.compress(bytes), limit: 200_000) == bytes)
  }

  @Test func `a stream beyond the limit is refused`() {
    let stream = Zlib.compress([UInt8](repeating: 0, count: 100_000))
    #expect(Zlib.decompress(stream, limit: 99_999) == nil)
    #expect(Zlib.decompress(stream, limit: 100_000)?.count == 100_000)
  }

  @Test func `a damaged stream is refused`() {
    #expect(Zlib.decompress([0x78, 0x9C, 0xFF, 0xFF], limit: 100) == nil)
    #expect(Zlib.decompress(Zlib.compress([1, 2, 3]).dropLast(), limit: 100) == nil)
  }
}
