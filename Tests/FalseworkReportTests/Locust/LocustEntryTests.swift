// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import Histogram
import Testing

@testable import FalseworkLoad
@testable import FalseworkReport

struct LocustEntryTests {
  /// As Python's `round` has it: halves go to the even neighbour.
  @Test(arguments: [
    (0, 0), (499, 0), (500, 0), (501, 1), (1_500, 2), (2_500, 2), (99_499, 99), (99_600, 100),
    (104_000, 100), (105_000, 100), (115_000, 120), (999_000, 1_000), (1_449_000, 1_400),
    (1_450_000, 1_400), (1_550_000, 1_600), (10_400_000, 10_000), (61_500_000, 62_000),
  ])
  func `times are rounded as Locust rounds them`(microseconds: Int, milliseconds: Int) {
    #expect(LocustEntry.rounded(UInt64(microseconds)) == milliseconds)
  }

  @Test func `percentiles walk from the largest, as Locust's do`() {
    var entry = LocustEntry(method: "GET", name: "/")
    var histogram = Histogram<UInt64>(highestTrackableValue: 3_600_000_000)
    for millisecond in 1...100 { histogram.record(UInt64(millisecond) * 1_000) }
    entry.add(
      histogram, sum: .milliseconds(5_050), shortest: .milliseconds(1), longest: .milliseconds(100))
    #expect(entry.percentileTimes == [51, 67, 76, 81, 91, 96, 99, 100, 100, 100, 100])
    #expect(LocustEntry(method: "", name: "").percentileTimes == nil)
  }
}
