// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import Testing

@testable import FalseworkReport

@Suite struct FiguresTests {
  @Test(arguments: [
    (0, "0"), (7, "7"), (999, "999"), (1_000, "1,000"), (2_527, "2,527"),
    (1_234_567, "1,234,567"), (100_000, "100,000"), (-1_234, "-1,234"),
  ]) func `a count has a comma for each thousand`(number: Int, text: String) {
    #expect(Figures.count(number) == text)
  }

  @Test(arguments: [
    (0, 0, 2, "0.00"), (1, 3, 2, "0.33"), (2, 3, 2, "0.67"), (1, 2, 0, "1"), (1, 200, 2, "0.01"),
    (10, 2_527, 2, "0.00"), (1, 1, 4, "1.0000"), (999, 1_000, 2, "1.00"), (5, 0, 1, "0.0"),
    (Int.max, 1, 9, "9223372036854775807.000000000"),
  ]) func `a quotient is rounded half up`(a: Int, b: Int, decimals: Int, text: String) {
    #expect(Figures.quotient(a, over: b, decimals: decimals) == text)
  }

  @Test func `percentages and rates do not overflow`() {
    #expect(Figures.percent(10, of: 2_527, decimals: 2) == "0.40")
    #expect(Figures.percent(Int.max, of: Int.max, decimals: 2) == "100.00")
    #expect(Figures.rate(2_527, in: .seconds(300), decimals: 4) == "8.4233")
    #expect(Figures.rate(Int.max, in: .seconds(1), decimals: 0) == "9223372036854775807")
    #expect(Figures.rate(5, in: .zero, decimals: 1) == "0.0")
  }

  @Test(arguments: [
    (0, "0.00"), (2_527, "8.42"), (29_700, "99.00"), (29_998, "100.0"), (30_030, "100.1"),
    (300_000, "1,000"), (3_703_703, "12,346"),
  ]) func `a rate has fewer decimals the higher it is`(events: Int, text: String) {
    #expect(Figures.rate(events, in: .seconds(300)) == text)
  }

  @Test(arguments: [
    (0, "0.00"), (420, "0.42"), (9_994, "9.99"), (9_995, "10.0"), (10_200, "10.2"),
    (99_949, "99.9"), (99_950, "100"), (225_400, "225"), (999_600, "1,000"),
    (12_345_000, "12,345"),
  ]) func `milliseconds have about three digits`(microseconds: Int, text: String) {
    #expect(Figures.milliseconds(.microseconds(Int64(microseconds))) == text)
  }

  @Test(arguments: [(481, "481 ms"), (999, "999 ms"), (1_000, "1.00 s"), (1_430, "1.43 s")])
  func `a length is in milliseconds below a second`(milliseconds: Int, text: String) {
    #expect(Figures.length(.milliseconds(Int64(milliseconds))) == text)
  }
}
