// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import Testing

@Suite struct DeadlineTableTests {
  @Test(arguments: 0..<20 as Range<UInt64>)
  func `it agrees with a sorted list under any sequence of calls`(seed: UInt64) {
    var generator = SeededGenerator(seed: seed, stream: "deadlines")
    var table = DeadlineTable()
    var model: [(instant: Instant, sequence: Int, key: Int)] = []
    for step in 0..<2_000 {
      let key = Int(generator.below(40))
      switch generator.below(4) {
      case 0, 1:
        let instant = Instant(nanoseconds: Int64(generator.below(50)))
        table.set(key, to: instant)
        model.removeAll { $0.key == key }
        model.append((instant, step, key))
      case 2:
        table.remove(key)
        model.removeAll { $0.key == key }
      default:
        let now = Instant(nanoseconds: Int64(generator.below(50)))
        model.sort { ($0.instant, $0.sequence) < ($1.instant, $1.sequence) }
        let expected = model.first.flatMap { $0.instant <= now ? $0.key : nil }
        #expect(table.popDue(now: now) == expected)
        if expected != nil { model.removeFirst() }
      }
      #expect(table.next == model.map(\.instant).min() ?? .never)
      #expect(table.count == model.count)
    }
  }
}
