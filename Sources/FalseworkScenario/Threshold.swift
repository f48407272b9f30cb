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
    case p999
    case max
    /// The 99th percentile of service times: from when a request was sent.
    case serviceP99 = "service-p99"
    /// Requests a second, cut.
    case rate
    /// The longest time without a successful answer.
    case longestGap = "longest-gap"
    /// The longest time without a success in which a request was waiting or had failed.
    case longestOutage = "longest-outage"
    /// Slots in which a request failed or nobody was served.
    case badTime = "bad-time"
    /// The share of slots that were not bad.
    case availability
    /// The bad time's share of what 99.9 % allow in thirty days.
    case budget
    /// Uses of tokens of the run that were answered 401 or 404.
    case refusedTokens = "refused-tokens"
    /// The 99th percentile of the load's own lateness.
    case lateness
    /// From the first step of the rotation to the last.
    case rotation

    package enum Unit: Equatable, Sendable { case count, percent, duration }

    package var unit: Unit {
      switch self {
      case .requests, .failures, .lostJourneys, .rate, .refusedTokens: .count
      case .failureRate, .availability, .budget: .percent
      case .median, .p95, .p99, .p999, .max, .serviceP99, .longestGap, .longestOutage, .badTime,
        .lateness, .rotation:
        .duration
      }
    }

    /// Whether it can be asked of a part of the requests: `of` a step, a server, a kind of
    /// connection, a phase of the rotation.
    package var hasParts: Bool {
      switch self {
      case .requests, .failures, .failureRate, .median, .p95, .p99, .p999, .max, .serviceP99,
        .rate, .longestOutage, .badTime, .availability, .budget, .refusedTokens:
        true
      case .lostJourneys, .longestGap, .lateness, .rotation: false
      }
    }

    /// Whether it only rises while a run goes on.
    package var onlyRises: Bool {
      switch self {
      case .requests, .failures, .lostJourneys, .max, .longestGap, .longestOutage, .badTime,
        .budget, .refusedTokens, .rotation:
        true
      case .failureRate, .median, .p95, .p99, .p999, .serviceP99, .rate, .availability, .lateness:
        false
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
  /// Of a part of the requests: the name of a step, a server, `new` or `kept` connections, a phase.
  package var part: String?
  /// Whether missing it ends the run.
  package var aborts = false
  /// The condition as it was written: `< 1s`.
  package var text: String

  /// Reads the condition of one figure: `< 1s`, `< 300ms of validate`, `== 0 or abort`.
  package init(_ figure: Figure, parsing text: String) throws(SyntaxError) {
    var words = text.split { $0 == " " || $0 == "\t" }
    if words.suffix(2) == ["or", "abort"] {
      aborts = true
      words.removeLast(2)
    }
    if let place = words.firstIndex(of: "of"), figure.hasParts, place + 1 < words.count {
      part = words[(place + 1)...].joined(separator: " ")
      words.removeSubrange(place...)
    }
    let trimmed = words.joined()
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
