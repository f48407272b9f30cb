// SPDX-License-Identifier: Apache-2.0
package import FalseworkCore

/// What something was, when: a state holds from its entry to the next.
package struct Timeline<State: Equatable & Sendable>: Equatable, Sendable {
  package struct Entry: Equatable, Sendable {
    package var at: Instant
    package var state: State
  }

  package private(set) var entries: [Entry] = []
  /// Changes that came after `limit` and are not kept.
  package private(set) var notKept = 0
  private let limit: Int

  package init(limit: Int) {
    self.limit = limit
  }

  /// Records of several threads may come a little out of order; they are put in order by their time,
  /// equal times in the order of arrival.
  package mutating func record(_ state: State, at instant: Instant) {
    guard entries.count < limit else {
      notKept += 1
      return
    }
    var place = entries.count
    while place > 0, entries[place - 1].at > instant { place -= 1 }
    entries.insert(Entry(at: instant, state: state), at: place)
  }

  /// The last state that began at this moment or before; nil if none did, or if it is not kept.
  package func state(at instant: Instant) -> State? {
    let place = count(upTo: instant)
    guard place > 0, notKept == 0 || place < entries.count else { return nil }
    return entries[place - 1].state
  }

  package var last: State? { entries.last?.state }

  /// What changed after one moment, up to and with another.
  package func changes(after: Instant, upTo: Instant) -> ArraySlice<Entry> {
    let begin = count(upTo: after)
    return entries[begin..<max(begin, count(upTo: upTo))]
  }

  /// How many entries are at this moment or before.
  private func count(upTo instant: Instant) -> Int {
    var low = 0
    var high = entries.count
    while low < high {
      let middle = (low + high) / 2
      if entries[middle].at <= instant { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
