// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import Testing

@Suite struct SeededGeneratorTests {
  /// A reference in the words of the authors' C code, over the state that SplitMix64 gives.
  private struct Reference {
    var s: [UInt64]

    init(seed: UInt64, stream: String) {
      var hash: UInt64 = 14_695_981_039_346_656_037
      for byte in stream.utf8 { hash = (hash ^ UInt64(byte)) &* 1_099_511_628_211 }
      var x = seed ^ hash
      s = (0..<4).map { _ in
        x &+= 0x9E37_79B9_7F4A_7C15
        var z = x
        z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
        return z ^ z >> 31
      }
    }

    mutating func next() -> UInt64 {
      func rotl(_ x: UInt64, _ k: UInt64) -> UInt64 { x << k | x >> (64 - k) }
      let result = rotl(s[1] &* 5, 7) &* 9
      let t = s[1] << 17
      s[2] ^= s[0]
      s[3] ^= s[1]
      s[1] ^= s[2]
      s[0] ^= s[3]
      s[2] ^= t
      s[3] = rotl(s[3], 45)
      return result
    }
  }

  @Test(arguments: [(0, ""), (1, "arrivals"), (.max, "service/keystone1")] as [(UInt64, String)])
  func `it is xoshiro256** seeded by SplitMix64 and FNV-1a`(seed: UInt64, stream: String) {
    var generator = SeededGenerator(seed: seed, stream: stream)
    var reference = Reference(seed: seed, stream: stream)
    for _ in 0..<1_000 { #expect(generator.next() == reference.next()) }
  }

  @Test func `one more draw in one stream shifts no other`() {
    var a = SeededGenerator(seed: 5, stream: "a")
    let b = SeededGenerator(seed: 5, stream: "b")
    _ = a.next()
    #expect(b == SeededGenerator(seed: 5, stream: "b"))
    #expect(a != SeededGenerator(seed: 5, stream: "a"))
    #expect(SeededGenerator(seed: 5, stream: "b") != SeededGenerator(seed: 6, stream: "b"))
  }

  @Test(arguments: [1, 2, 3, 7, 10, 1_000] as [UInt64])
  func `below a bound every number comes about as often`(bound: UInt64) {
    var generator = SeededGenerator(seed: bound, stream: "below")
    let draws = 200 * Int(bound)
    var counts = [Int](repeating: 0, count: Int(bound))
    for _ in 0..<draws { counts[Int(generator.below(bound))] += 1 }
    // 200 each on average: six standard deviations of 14 either way.
    #expect(counts.allSatisfy { bound == 1 ? $0 == 200 : (116...284).contains($0) })
  }

  @Test func `a bound that is no divisor of 2^64 has no bias`() {
    // Taken by the remainder, the lower half would come twice as often as the upper.
    let bound: UInt64 = 3 << 62
    var generator = SeededGenerator(seed: 1, stream: "bias")
    let lower = (0..<6_000).count { _ in generator.below(bound) < bound / 3 }
    #expect((1_780...2_220).contains(lower))
  }

  @Test(arguments: 0...17) func `bytes come from the low end of each number`(count: Int) {
    var generator = SeededGenerator(seed: 3, stream: "bytes")
    var numbers = generator
    let bytes = generator.bytes(count)
    #expect(bytes.count == count)
    var word: UInt64 = 0
    for (index, byte) in bytes.enumerated() {
      if index % 8 == 0 { word = numbers.next() }
      #expect(byte == UInt8(truncatingIfNeeded: word >> UInt64(8 * (index % 8))))
    }
    #expect(generator == numbers)
  }

  @Test func `there is no number below nothing`() async {
    await #expect(processExitsWith: .failure) {
      var generator = SeededGenerator(seed: 1, stream: "")
      _ = generator.below(0)
    }
  }
}
