// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkScenario
import Testing

@Suite struct DistributionTextTests {
  @Test(arguments: [
    "225ms", "uniform 1s 2s", "uniform 1s 1s", "exponential 50ms", "lognormal 225ms p99 245ms",
    "lognormal 1s p99 1s", "1d",
  ])
  func `it reads what it prints`(text: String) {
    #expect(Distribution(parsing: text)?.description == text)
  }

  @Test func `instant is no time`() {
    #expect(Distribution(parsing: "instant") == .constant(.zero))
  }

  @Test(arguments: [
    "", " ", "fast", "1", "1s 2s", "uniform 2s 1s", "uniform 1s", "exponential",
    "exponential 1s 2s",
    "lognormal 1s 2s", "lognormal 1s p95 2s", "lognormal 2s p99 1s", "lognormal 0s p99 1s", "2d",
    "lognormal 1ms p99 1001ms", "exponential 25h", "lognormal a p99 b", "uniform x y", "-1s",
  ])
  func `anything else is none`(text: String) {
    #expect(Distribution(parsing: text) == nil)
  }

  /// A tail that is longer than a clock can count would trap.
  @Test func `the widest that is read can be sampled`() throws {
    let widest = try #require(Distribution(parsing: "lognormal 86s p99 86000s"))
    var generator = SeededGenerator(seed: 1, stream: "x")
    for _ in 0..<10_000 { #expect(widest.sample(using: &generator) > .zero) }
  }
}
