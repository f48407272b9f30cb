// SPDX-License-Identifier: Apache-2.0

/// Slots of a run, as runs of neighbours.
///
/// Slots come nearly in order: a request that failed belongs to the slot in which it was due, and
/// ends a little later. The number of runs has a limit; beyond it the two nearest runs grow together,
/// so what is told is never less than what was.
struct SlotSet: Equatable, Sendable {
  private(set) var runs: [ClosedRange<Int>] = []
  /// Runs that grew together because there were too many.
  private(set) var joined = 0
  private let limit: Int

  init(limit: Int) {
    precondition(limit > 1, "a set of nothing")
    self.limit = limit
  }

  var count: Int { runs.reduce(0) { $0 + $1.count } }

  mutating func insert(_ slot: Int) { insert(slot...slot) }

  mutating func insert(_ slots: ClosedRange<Int>) {
    // The first run that the new one touches or comes before.
    var place = runs.count
    while place > 0, runs[place - 1].upperBound + 1 >= slots.lowerBound { place -= 1 }
    var end = place
    var merged = slots
    while end < runs.count, runs[end].lowerBound <= slots.upperBound + 1 {
      let low = min(merged.lowerBound, runs[end].lowerBound)
      merged = low...max(merged.upperBound, runs[end].upperBound)
      end += 1
    }
    if end == place + 1 {
      runs[place] = merged
    } else {
      runs.replaceSubrange(place..<end, with: CollectionOfOne(merged))
    }
    if runs.count > limit { join() }
  }

  /// How many slots of a stretch are in the set.
  func count(in slots: Range<Int>) -> Int {
    runs.reduce(0) { sum, run in
      sum
        + max(0, min(run.upperBound + 1, slots.upperBound) - max(run.lowerBound, slots.lowerBound))
    }
  }

  private mutating func join() {
    func gap(_ place: Int) -> Int { runs[place + 1].lowerBound - runs[place].upperBound }
    guard let nearest = (0..<runs.count - 1).min(by: { gap($0) < gap($1) }) else { return }
    let both = runs[nearest].lowerBound...runs[nearest + 1].upperBound
    runs.replaceSubrange(nearest...nearest + 1, with: CollectionOfOne(both))
    joined += 1
  }
}
