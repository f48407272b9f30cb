// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkReport
import FalseworkScenario

/// What every upgrade of a plan must keep: `errors=0`, `p99<500ms`, `ready>=2`.
///
/// A figure is one of a threshold's that a sweep keeps of each run, or `ready`, the fewest nodes that
/// were ready at one time; `errors` is another word for `failures`.
package struct Requirement: Equatable, Sendable {
  private enum Figure: Equatable, Sendable {
    case threshold(Threshold)
    case ready(Threshold.Comparison, Int64)
  }

  private let figure: Figure
  /// As it was written.
  package let text: String

  private static let figures: [Threshold.Figure] = [
    .failures, .failureRate, .requests, .lostJourneys, .median, .p95, .p99, .max, .longestGap,
    .badTime, .rotation,
  ]

  package init(parsing text: String) throws(SweepProblem) {
    self.text = text
    let blank = text.split(separator: " ").joined()
    let name = String(blank.prefix { !"<>=".contains($0) })
    var condition = String(blank.dropFirst(name.count))
    if condition.hasPrefix("="), !condition.hasPrefix("==") { condition = "=" + condition }
    if name == "ready" {
      let sign = condition.prefix { "<>=".contains($0) }
      guard let comparison = Threshold.Comparison(rawValue: String(sign)),
        let count = Int64(condition.dropFirst(sign.count))
      else { throw SweepProblem("--require takes a condition such as ready>=2, not '\(text)'") }
      figure = .ready(comparison, count)
      return
    }
    let known = name == "errors" ? .failures : Threshold.Figure(rawValue: name)
    guard let known, Self.figures.contains(known) else {
      let names = ["errors", "ready"] + Self.figures.map(\.rawValue)
      let nearest = nearestWord(to: name, among: names)
      throw SweepProblem(
        "--require \(text): found '\(name)', expected \(names.dropLast().joined(separator: ", ")) "
          + "or \(names[names.count - 1])" + (nearest.map { "; did you mean '\($0)'?" } ?? ""))
    }
    do throws(Threshold.SyntaxError) {
      figure = .threshold(try Threshold(known, parsing: condition))
    } catch {
      switch error {
      case .comparison:
        throw SweepProblem("--require takes a condition such as p99<500ms, not '\(text)'")
      case .value(let expected):
        throw SweepProblem("--require \(text): expected \(expected) after the comparison")
      }
    }
  }

  package func holds(_ run: RunFigures) -> Bool {
    switch figure {
    case .ready(let comparison, let count): comparison.holds(Int64(run.ready), count)
    case .threshold(let threshold):
      ThresholdResult(threshold, Self.measured(threshold.figure, run)).held
    }
  }

  private static func measured(
    _ figure: Threshold.Figure, _ run: RunFigures
  ) -> ThresholdResult.Measured {
    func time(_ interval: Interval?) -> ThresholdResult.Measured {
      interval.map { .duration($0) } ?? .nothing
    }
    return switch figure {
    case .failures: .count(run.failures)
    case .failureRate: .share(of: run.requests, part: run.failures)
    case .requests: .count(run.requests)
    case .lostJourneys: .count(run.lostJourneys)
    case .median: time(run.median)
    case .p95: time(run.p95)
    case .p99: time(run.p99)
    case .max: time(run.longest)
    case .longestGap: time(run.longestGap)
    case .badTime: time(run.badTime)
    case .rotation: time(run.rotation)
    case .p999, .serviceP99, .rate, .longestOutage, .availability, .budget, .refusedTokens,
      .lateness:
      .nothing
    }
  }
}
