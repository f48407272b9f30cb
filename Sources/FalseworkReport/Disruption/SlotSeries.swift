// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkLoad

/// Requests by when they ended, in slots. When there are too many, two become one: the memory is
/// constant, the grain of a long run coarser.
struct SlotSeries: Sendable {
  struct Slot: Equatable, Sendable {
    var requests = 0
    var failures = 0
    var sum = Interval.zero
    var longest = Interval.zero

    mutating func add(_ other: Slot) {
      requests += other.requests
      failures += other.failures
      sum = sum + other.sum
      longest = max(longest, other.longest)
    }
  }

  private(set) var slots: [Slot] = []
  private(set) var grain: Interval
  private let begin: Instant
  private let limit: Int

  init(begin: Instant, grain: Interval, limit: Int) {
    precondition(limit > 1 && limit % 2 == 0, "\(limit) slots")
    self.begin = begin
    self.grain = grain
    self.limit = limit
  }

  mutating func record(_ outcome: Outcome) {
    let time = max(0, (outcome.done - begin).nanoseconds)
    while time / grain.nanoseconds >= Int64(limit) { halve() }
    let place = Int(time / grain.nanoseconds)
    while slots.count <= place { slots.append(Slot()) }
    slots[place].requests += 1
    if outcome.verdict.isFailure {
      slots[place].failures += 1
    } else {
      slots[place].sum = slots[place].sum + outcome.responseTime
      slots[place].longest = max(slots[place].longest, outcome.responseTime)
    }
  }

  /// The slots whose middle is in this stretch, added up.
  func sum(from: Instant, to: Instant) -> Slot {
    var sum = Slot()
    let range = Self.places(from: from, to: to, begin: begin, grain: grain)
    for slot in slots[min(range.lowerBound, slots.count)..<min(range.upperBound, slots.count)] {
      sum.add(slot)
    }
    return sum
  }

  static func places(
    from: Instant, to: Instant, begin: Instant, grain: Interval
  ) -> Range<Int> {
    let half = grain.nanoseconds / 2
    let first = max(0, ((from - begin).nanoseconds + half) / grain.nanoseconds)
    let end = max(first, ((to - begin).nanoseconds + half) / grain.nanoseconds)
    return Int(first)..<Int(end)
  }

  private mutating func halve() {
    for place in 0..<(slots.count + 1) / 2 {
      var both = slots[2 * place]
      if 2 * place + 1 < slots.count { both.add(slots[2 * place + 1]) }
      slots[place] = both
    }
    slots.removeLast(slots.count / 2)
    grain = grain * 2
  }
}
