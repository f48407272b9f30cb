// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import Testing

@testable import FalseworkReport

struct SlotSetTests {
  @Test func `neighbours are one run, in whatever order they come`() {
    var set = SlotSet(limit: 10)
    for slot in [5, 3, 4, 4, 9, 8, 1] { set.insert(slot) }
    #expect(set.runs == [1...1, 3...5, 8...9])
    set.insert(2)
    #expect(set.runs == [1...5, 8...9])
    set.insert(0...20)
    #expect(set.runs == [0...20])
  }

  @Test(arguments: 0..<30) func `it holds what a plain set holds`(seed: Int) {
    var random = SeededGenerator(seed: UInt64(seed), stream: "slots")
    var set = SlotSet(limit: 1_000)
    var plain: Set<Int> = []
    for _ in 0..<60 {
      let from = Int(random.below(100))
      let slots = from...(from + Int(random.below(4)))
      set.insert(slots)
      plain.formUnion(slots)
    }
    #expect(set.count == plain.count)
    #expect(set.runs.flatMap { Array($0) } == plain.sorted())
    for from in stride(from: 0, to: 100, by: 7) {
      #expect(set.count(in: from..<from + 20) == plain.count { (from..<from + 20).contains($0) })
    }
  }

  @Test func `beyond the limit the nearest runs grow together`() {
    var set = SlotSet(limit: 3)
    for slot in [0, 10, 13, 30] { set.insert(slot) }
    #expect(set.runs == [0...0, 10...13, 30...30])
    #expect(set.joined == 1)
  }
}
