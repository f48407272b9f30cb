// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkScenario
import Testing

@testable import FalseworkReport

@Suite struct ThresholdResultTests {
  @Test(arguments: [
    ("== 0%", 0, 0, true), ("== 0%", 1_000, 0, true), ("== 0%", 2_000_000_000, 1, false),
    ("< 0.1%", 1_000, 1, false), ("<= 0.1%", 1_000, 1, true), ("< 0.1%", 1_001, 1, true),
    ("> 33.333333%", 3, 1, true), ("< 33.333334%", 3, 1, true), ("== 33.333333%", 3, 1, false),
    ("== 100%", 5, 5, true),
  ]) func `a share is compared exactly`(
    condition: String, whole: Int, part: Int, held: Bool
  ) throws {
    let threshold = try Threshold(.failureRate, parsing: condition)
    #expect(ThresholdResult(threshold, .share(of: whole, part: part)).held == held)
  }

  @Test(arguments: ["< 1s", "> 1s", "== 0s", ">= 0s"]) func `nothing to measure is a miss`(
    condition: String
  ) throws {
    let threshold = try Threshold(.rotation, parsing: condition)
    #expect(!ThresholdResult(threshold, .nothing).held)
  }

  @Test func `a duration is compared to the nanosecond`() throws {
    let threshold = try Threshold(.p99, parsing: "< 1s")
    #expect(ThresholdResult(threshold, .duration(.nanoseconds(999_999_999))).held)
    #expect(!ThresholdResult(threshold, .duration(.seconds(1))).held)
  }
}
