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
      let kept = model.first { $0.key == key }?.instant
      #expect(table.deadline(of: key) == kept ?? .never)
    }
  }

  @Test func `equal deadlines come in the order in which they were set`() {
    var table = DeadlineTable()
    let at = Instant(nanoseconds: 5)
    for key in [3, 0, 9, 1] { table.set(key, to: at) }
    table.set(0, to: at)
    #expect((0..<5).map { _ in table.popDue(now: at) } == [3, 9, 1, 0, nil])
  }

  @Test func `a deadline of never is none, and what is not due stays`() {
    var table = DeadlineTable()
    table.set(2, to: Instant(nanoseconds: 5))
    table.set(2, to: .never)
    #expect(table.count == 0 && table.next == .never && table.deadline(of: 7) == .never)
    table.remove(7)
    table.set(1, to: Instant(nanoseconds: 5))
    #expect(table.popDue(now: Instant(nanoseconds: 4)) == nil && table.count == 1)
  }
}
