// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkKeystone
import Testing

@Suite struct MessagePackTests {
  private static func encoded(
    _ value: MessagePack.Value, _ dialect: MessagePack.Dialect = .bin
  ) -> [UInt8] {
    var output: [UInt8] = []
    MessagePack.encode(value, dialect: dialect, into: &output)
    return output
  }

  @Test(
    arguments: [
      (0, [0x00]), (127, [0x7F]), (128, [0xCC, 0x80]), (255, [0xCC, 0xFF]),
      (256, [0xCD, 0x01, 0x00]),
      (65_535, [0xCD, 0xFF, 0xFF]), (65_536, [0xCE, 0x00, 0x01, 0x00, 0x00]),
      (4_294_967_295, [0xCE, 0xFF, 0xFF, 0xFF, 0xFF]),
      (4_294_967_296, [0xCF, 0, 0, 0, 1, 0, 0, 0, 0]), (-1, [0xFF]), (-32, [0xE0]),
      (-33, [0xD3, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xDF]),
    ] as [(Int64, [UInt8])])
  func `a number takes the shortest form and is read back`(number: Int64, bytes: [UInt8]) {
    #expect(Self.encoded(.integer(number)) == bytes)
    #expect(MessagePack.decode(bytes) == .integer(number))
  }

  @Test(
    arguments: [
      ([0xD0, 0x80], -128), ([0xD1, 0x80, 0x00], -32_768), ([0xD2, 0x80, 0, 0, 0], -2_147_483_648),
      ([0xD3, 0x80, 0, 0, 0, 0, 0, 0, 0], Int64.min), ([0xD0, 0x7F], 127),
    ] as [([UInt8], Int64)]) func `the signed forms are read too`(bytes: [UInt8], number: Int64)
  {
    #expect(MessagePack.decode(bytes) == .integer(number))
  }

  @Test func `the two dialects differ in bytes and in texts of 32 to 255`() {
    let id = [UInt8](repeating: 0xAB, count: 16)
    #expect(Self.encoded(.binary(id), .bin) == [0xC4, 16] + id)
    #expect(Self.encoded(.binary(id), .raw) == [0xB0] + id)
    for (count, bin, raw) in [
      (31, [0xBF], [0xBF]), (32, [0xD9, 32], [0xDA, 0, 32]), (64, [0xD9, 64], [0xDA, 0, 64]),
      (255, [0xD9, 255], [0xDA, 0, 255]), (256, [0xDA, 1, 0], [0xDA, 1, 0]),
    ] as [(Int, [UInt8], [UInt8])] {
      let text = [UInt8](repeating: 0x61, count: count)
      #expect(Self.encoded(.string(text), .bin) == bin + text)
      #expect(Self.encoded(.string(text), .raw) == raw + text)
      #expect(MessagePack.decode(raw + text) == .string(text))
      #expect(MessagePack.decode(bin + text) == .string(text))
    }
  }

  @Test func `lists have a short and a long form`() {
    for (count, head) in [(0, [0x90]), (15, [0x9F]), (16, [0xDC, 0, 16])] as [(Int, [UInt8])] {
      let list = MessagePack.Value.array(Array(repeating: .nil, count: count))
      #expect(Self.encoded(list) == head + [UInt8](repeating: 0xC0, count: count))
      #expect(MessagePack.decode(Self.encoded(list)) == list)
    }
    #expect(MessagePack.decode([0xDD, 0, 0, 0, 1, 0xC3]) == .array([.bool(true)]))
  }

  @Test func `doubles are 64 bits, and 32 are read`() {
    #expect(Self.encoded(.double(1_500_003_600)) == [0xCB, 0x41, 0xD6, 0x5A, 0x0F, 0x44, 0, 0, 0])
    #expect(MessagePack.decode([0xCA, 0x3F, 0x80, 0, 0]) == .double(1))
    #expect(MessagePack.decode(Self.encoded(.double(-0.5))) == .double(-0.5))
    #expect(MessagePack.decode(Self.encoded(.bool(false))) == .bool(false))
  }

  @Test(
    arguments: [
      [], [0x91], [0xC4], [0xC4, 2, 0], [0xCB, 0], [0xDC, 0xFF, 0xFF],
      [0xDD, 0xFF, 0xFF, 0xFF, 0xFF],
      [0xDB, 0xFF, 0xFF, 0xFF, 0xFF], [0xC6, 0xFF, 0xFF, 0xFF, 0xFF], [0xC1], [0x81], [0xD4, 0],
      [0xC7, 3, 0, 0], [0x00, 0x00],
    ] as [[UInt8]]) func `what is cut, foreign, too great or followed by more is refused`(
      bytes: [UInt8]
    )
  {
    #expect(MessagePack.decode(bytes) == nil)
  }

  @Test func `maps, extensions and numbers beyond 63 bits are read, though no payload has one`() {
    #expect(MessagePack.decode([0x80]) == .map([]))
    #expect(MessagePack.decode([0x81, 0xA1, 0x61, 5]) == .map([.string([0x61]), .integer(5)]))
    #expect(MessagePack.decode([0xD4, 0xFF, 7]) == .ext(type: -1, [7]))
    #expect(MessagePack.decode([0xC7, 2, 1, 8, 9]) == .ext(type: 1, [8, 9]))
    let great: [UInt8] = [0xCF, 0xFF, 0, 0, 0, 0, 0, 0, 0]
    #expect(MessagePack.decode(great) == .unsigned(0xFF00_0000_0000_0000))
    #expect(Self.encoded(.unsigned(0xFF00_0000_0000_0000)) == great)
    for value in [MessagePack.Value.map([.nil, .bool(true)]), .ext(type: 3, [1, 2, 3])] {
      #expect(MessagePack.decode(Self.encoded(value)) == value)
    }
  }

  @Test func `a text is told from bytes`() {
    #expect(MessagePack.read([0xA2, 0xC3, 0xA4])?.isText == true)
    #expect(MessagePack.read([0xA2, 0xC3, 0x28])?.isText == false)
    #expect(MessagePack.read([0xC4, 2, 0xC3, 0x28])?.isText == true)
    #expect(MessagePack.read([0x92, 0xA1, 0xFF, 0xA1, 0x61])?.isText == false)
  }

  @Test func `nesting has a limit`() {
    func nested(_ depth: Int) -> [UInt8] { [UInt8](repeating: 0x91, count: depth) + [0xC0] }
    #expect(MessagePack.decode(nested(8)) != nil)
    #expect(MessagePack.decode(nested(9)) == nil)
    #expect(MessagePack.decode(nested(100_000)) == nil)
  }

  @Test(arguments: 0..<10 as Range<UInt64>) func `what is read is written back as it was`(
    seed: UInt64
  ) {
    var generator = SeededGenerator(seed: seed, stream: "messages")
    func value(_ depth: Int) -> MessagePack.Value {
      switch generator.below(depth > 3 ? 6 : 7) {
      case 0: .nil
      case 1: .bool(generator.below(2) == 0)
      case 2: .integer(Int64(bitPattern: generator.next()) >> Int64(generator.below(64)))
      case 3: .double(Double(generator.below(1_000_000)) / 7)
      case 4: .string(generator.bytes(Int(generator.below(300))))
      case 5: .binary(generator.bytes(Int(generator.below(256))))
      default: .array((0..<generator.below(20)).map { _ in value(depth + 1) })
      }
    }
    for _ in 0..<100 {
      let original = value(0)
      #expect(MessagePack.decode(Self.encoded(original)) == original)
    }
  }
}
