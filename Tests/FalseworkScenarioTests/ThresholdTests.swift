// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkScenario
import Testing

@Suite struct ThresholdTests {
  @Test(
    arguments: [
      (.failures, "== 0", .equal, 0), (.requests, ">=2000", .atLeast, 2_000),
      (.p99, "< 1s", .less, 1_000_000_000), (.longestGap, "<= 500 ms", .atMost, 500_000_000),
      (.failureRate, "< 0.1%", .less, 100_000), (.failureRate, "> 100 %", .greater, 100_000_000),
      (.failureRate, "<= 0.000001%", .atMost, 1),
    ] as [(Threshold.Figure, String, Threshold.Comparison, Int64)])
  func `a condition reads`(
    figure: Threshold.Figure, text: String, comparison: Threshold.Comparison, limit: Int64
  ) throws {
    let threshold = try Threshold(figure, parsing: text)
    #expect(threshold.comparison == comparison && threshold.limit == limit)
    #expect(threshold.text == text)
  }

  @Test(
    arguments: [
      (.failures, "0"), (.failures, "= 0"), (.failures, "!= 0"), (.failures, "== -1"),
      (.failures, "== 1s"), (.failures, "=="), (.p99, "< 1"), (.p99, "< 1%"), (.failureRate, "< 1"),
      (.failureRate, "< %"), (.failureRate, "< 1.0000001%"), (.failureRate, "< -1%"),
      (.failureRate, "< 1.2.3%"), (.failures, "== 99999999999999999999"), (.p99, "<> 1s"),
    ] as [(Threshold.Figure, String)])
  func `what is none is refused`(figure: Threshold.Figure, text: String) {
    #expect(throws: Threshold.SyntaxError.self) { try Threshold(figure, parsing: text) }
  }

  @Test(arguments: Threshold.Comparison.allCases)
  func `a comparison holds as it looks`(comparison: Threshold.Comparison) {
    let holds = [(1, 2), (2, 2), (3, 2)].map { comparison.holds($0.0, $0.1) }
    let expected: [Bool] =
      switch comparison {
      case .less: [true, false, false]
      case .atMost: [true, true, false]
      case .equal: [false, true, false]
      case .atLeast: [false, true, true]
      case .greater: [false, false, true]
      }
    #expect(holds == expected)
  }

  @Test func `a list sets several conditions on one figure`() throws {
    let thresholds = try Sample.read(
      "proxy: two.cfg\nthresholds: {requests: [\">= 1\", \"<= 9\"], p95: \"< 1s\"}"
    ).thresholds
    #expect(thresholds.map(\.figure) == [.requests, .requests, .p95])
    #expect(thresholds.map(\.text) == [">= 1", "<= 9", "< 1s"])
  }

  @Test(
    arguments: [
      ("0", "a condition such as \"== 0\"", "== 0"),
      ("\"= 0\"", "a condition such as \"== 0\"", "== 0"),
      ("\"== 1s\"", "a count such as 0 after the comparison", nil),
    ] as [(String, String, String?)])
  func `a mistake says what is missing`(text: String, expected: String, nearest: String?) {
    let problems = Sample.problems("proxy: two.cfg\nthresholds:\n  failures: \(text)")
    #expect(problems.map(\.expected) == [expected])
    #expect(problems.map(\.nearest) == [nearest])
    #expect(problems.map(\.line) == [3])
  }
}
