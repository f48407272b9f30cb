// SPDX-License-Identifier: Apache-2.0
import FalseworkCore

/// What a run must keep to pass, such as `p99: "< 1s"`.
package struct Threshold: Equatable, Sendable {
  /// A figure of the result that a threshold can be set on.
  package enum Figure: String, CaseIterable, Equatable, Sendable {
    case requests
    case failures
    /// Failures over requests, in percent.
    case failureRate = "failure-rate"
    /// Journeys with at least one failed request.
    case lostJourneys = "lost-journeys"
    case median
    case p95
    case p99
    case max
    /// The longest time without a successful answer.
    case longestGap = "longest-gap"
    /// From the first step of the rotation to the last.
    case rotation

    package enum Unit: Equatable, Sendable { case count, percent, duration }

    package var unit: Unit {
      switch self {
      case .requests, .failures, .lostJourneys: .count
      case .failureRate: .percent
      case .median, .p95, .p99, .max, .longestGap, .rotation: .duration
      }
    }
  }

  package enum Comparison: String, CaseIterable, Equatable, Sendable {
    case less = "<"
    case atMost = "<="
    case equal = "=="
    case atLeast = ">="
    case greater = ">"

    package func holds(_ a: Int64, _ b: Int64) -> Bool {
      switch self {
      case .less: a < b
      case .atMost: a <= b
      case .equal: a == b
      case .atLeast: a >= b
      case .greater: a > b
      }
    }
  }

  package var figure: Figure
  package var comparison: Comparison
  /// A count, millionths of a percent or nanoseconds, by the unit of the figure.
  package var limit: Int64
  /// The condition as it was written: `< 1s`.
  package var text: String

  /// Reads the condition of one figure.
  package init(_ figure: Figure, parsing text: String) throws(SyntaxError) {
    let trimmed = text.filter { $0 != " " && $0 != "\t" }
    let symbol = trimmed.prefix { "<>=!".contains($0) }
    guard let comparison = Comparison(rawValue: String(symbol)) else {
      throw .comparison(String(symbol))
    }
    let value = trimmed.dropFirst(symbol.count)
    self.figure = figure
    self.comparison = comparison
    self.text = text
    switch figure.unit {
    case .count:
      guard let count = Int64(value), count >= 0 else { throw .value("a count such as 0") }
      limit = count
    case .percent:
      guard value.last == "%", let millionths = Self.millionths(value.dropLast()) else {
        throw .value("a percentage such as 0.1%")
      }
      limit = millionths
    case .duration:
      do {
        limit = try Interval(parsing: value).nanoseconds
      } catch {
        throw .value("a duration such as 500ms or 1s")
      }
    }
  }

  package enum SyntaxError: Error, Equatable, Sendable {
    case comparison(String)
    case value(String)
  }

  /// `0.25` as 250,000: a decimal number without floating point.
  private static func millionths(_ text: Substring) -> Int64? {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard (1...2).contains(parts.count), let whole = Int64(parts[0]), whole >= 0,
      whole <= 1_000_000
    else { return nil }
    var fraction: Int64 = 0
    if parts.count == 2 {
      guard (1...6).contains(parts[1].count), let digits = Int64(parts[1]), digits >= 0 else {
        return nil
      }
      fraction = digits
      for _ in parts[1].count..<6 { fraction *= 10 }
    }
    return whole * 1_000_000 + fraction
  }
}
