// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import Testing

@testable import FalseworkLoad
@testable import FalseworkReport

struct SlotSeriesTests {
  private static func series(_ count: Int, limit: Int) -> SlotSeries {
    var series = SlotSeries(begin: .start, grain: .milliseconds(100), limit: limit)
    for number in 0..<count {
      let done = number * 100 + 50
      series.record(
        SyntheticRun.outcome(sent: done - 10, done: done, number % 4 == 0 ? .refused : .ok))
    }
    return series
  }

  @Test func `a window holds the slots whose middle is in it`() {
    let sum = Self.series(100, limit: 1_000).sum(
      from: SyntheticRun.at(1_000), to: SyntheticRun.at(2_000))
    #expect((sum.requests, sum.failures) == (10, 2))
    #expect(sum.sum == .milliseconds(80))
    #expect(sum.longest == .milliseconds(10))
  }

  @Test func `a long run has a coarser grain, and loses nothing`() {
    let series = Self.series(1_000, limit: 16)
    #expect(series.slots.count <= 16)
    #expect(series.grain == .milliseconds(6_400))
    let all = series.sum(from: .start, to: SyntheticRun.at(200_000))
    #expect((all.requests, all.failures) == (1_000, 250))
  }
}
