// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import Testing

@testable import FalseworkReport

@Suite struct TimelineTests {
  private func timeline(_ entries: [(Int, String)], limit: Int = 100) -> Timeline<String> {
    var timeline = Timeline<String>(limit: limit)
    for (at, state) in entries { timeline.record(state, at: SyntheticRun.at(at)) }
    return timeline
  }

  @Test(arguments: [
    (0, nil), (9, nil), (10, "a"), (19, "a"), (20, "c"), (29, "c"), (30, "d"), (1_000, "d"),
  ]) func `a state holds from its entry to the next, the last of a moment wins`(
    at: Int, state: String?
  ) {
    let timeline = timeline([(10, "a"), (20, "b"), (20, "c"), (30, "d")])
    #expect(timeline.state(at: SyntheticRun.at(at)) == state)
  }

  @Test func `records out of order are put in order`() {
    let timeline = timeline([(10, "a"), (30, "c"), (20, "b"), (30, "d"), (5, "z")])
    #expect(timeline.entries.map(\.state) == ["z", "a", "b", "c", "d"])
  }

  @Test(arguments: [
    (0, 5, ""), (0, 10, "a"), (10, 20, "b"), (10, 30, "bc"), (30, 40, ""), (20, 10, ""),
  ]) func `changes are after one moment and up to another`(
    after: Int, upTo: Int, states: String
  ) {
    let timeline = timeline([(10, "a"), (20, "b"), (30, "c")])
    let changes = timeline.changes(after: SyntheticRun.at(after), upTo: SyntheticRun.at(upTo))
    #expect(changes.map(\.state).joined() == states)
  }

  @Test func `beyond its limit it counts, and says no more what came after`() {
    let timeline = timeline([(10, "a"), (20, "b"), (30, "c")], limit: 2)
    #expect(timeline.notKept == 1)
    #expect(timeline.state(at: SyntheticRun.at(15)) == "a")
    #expect(timeline.state(at: SyntheticRun.at(25)) == nil)
  }
}
