// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkLoad
import Histogram

/// A row as Locust has it: successes and failures together, times in its rounded milliseconds.
struct LocustEntry: Equatable, Sendable {
  static let percentiles: [(share: Double, text: String)] = [
    (0.5, "50%"), (0.66, "66%"), (0.75, "75%"), (0.8, "80%"), (0.9, "90%"), (0.95, "95%"),
    (0.98, "98%"), (0.99, "99%"), (0.999, "99.9%"), (0.9999, "99.99%"), (1, "100%"),
  ]

  var method: String
  var name: String
  var requests = 0
  var failures = 0
  var sum = Interval.zero
  var shortest: Interval?
  var longest: Interval?
  var contentBytes = 0
  var lastEnded: Instant?
  var seconds: [LoadTally.Second] = []
  /// Rounded milliseconds and how often each.
  private(set) var times: [Int: Int] = [:]

  init(method: String, name: String) {
    self.method = method
    self.name = name
  }

  mutating func add(_ tally: LoadTally.Row?) {
    guard let tally else { return }
    contentBytes += tally.contentBytes
    if let last = tally.lastEnded { lastEnded = max(lastEnded ?? last, last) }
    for (second, counts) in tally.seconds.enumerated() {
      if seconds.count == second { seconds.append(LoadTally.Second()) }
      seconds[second].requests += counts.requests
      seconds[second].failures += counts.failures
    }
  }

  mutating func add(
    _ histogram: Histogram<UInt64>, sum: Interval, shortest: Interval, longest: Interval
  ) {
    guard histogram.totalCount > 0 else { return }
    self.sum = self.sum + sum
    self.shortest = min(self.shortest ?? shortest, shortest)
    self.longest = max(self.longest ?? longest, longest)
    let top = UInt64(max(0, longest.nanoseconds / 1_000))
    for value in histogram.recordedValues() {
      let microseconds = min(value.value, top)
      times[Self.rounded(microseconds), default: 0] += Int(value.count)
    }
  }

  /// To a millisecond below 100, then to two digits; halves to even, as Python rounds.
  static func rounded(_ microseconds: UInt64) -> Int {
    let unit: UInt64 =
      switch microseconds {
      case ..<100_000: 1_000
      case ..<1_000_000: 10_000
      case ..<10_000_000: 100_000
      default: 1_000_000
      }
    let (quotient, rest) = microseconds.quotientAndRemainder(dividingBy: unit)
    let isUp = 2 * rest > unit || (2 * rest == unit && quotient % 2 == 1)
    return Int((quotient + (isUp ? 1 : 0)) * (unit / 1_000))
  }

  /// All percentiles of Locust, or nil if there are no times.
  var percentileTimes: [Int]? {
    let total = times.values.reduce(0, +)
    guard total > 0 else { return nil }
    let sorted = times.sorted { $0.key > $1.key }
    return Self.percentiles.map { percentile in
      let wanted = Int(Double(total) * percentile.share)
      var seen = 0
      for (time, count) in sorted {
        seen += count
        if total - seen <= wanted { return time }
      }
      return 0
    }
  }

  var median: Int { percentileTimes?[0] ?? 0 }
}

extension RunResult {
  /// By name, then method, as Locust sorts.
  var locustEntries: [LocustEntry] {
    var entries: [LocustEntry] = []
    for (place, row) in rows.enumerated() where row.requests > 0 {
      var entry = LocustEntry(method: description.plan.method(of: row.name), name: row.name)
      entry.add(row, tally?.rows[place])
      entries.append(entry)
    }
    return entries.sorted { ($0.name, $0.method) < ($1.name, $1.method) }
  }

  var locustTotal: LocustEntry {
    var total = LocustEntry(method: "", name: "Aggregated")
    for (place, row) in rows.enumerated() { total.add(row, tally?.rows[place]) }
    return total
  }
}

extension LocustEntry {
  mutating func add(_ row: RunResult.Row, _ tally: LoadTally.Row?) {
    requests += row.requests
    failures += row.failures
    add(tally)
    for times in [row.response, row.failed] {
      guard let times, let text = times.histogram else { continue }
      do throws(HistogramCode.Problem) {
        add(
          try HistogramCode.histogram(text), sum: times.sum, shortest: times.shortest,
          longest: times.longest)
      } catch {
        preconditionFailure("a histogram of our own: \(error.text)")
      }
    }
  }

  mutating func add(_ row: LoadStatistics.Row, _ tally: LoadTally.Row?) {
    requests += row.requests
    failures += row.failures
    add(tally)
    for times in [row.response, row.failed] {
      add(
        times.histogram, sum: times.sum, shortest: times.shortest, longest: times.longest)
    }
  }
}

extension LoadPlan {
  /// The method of the first step of this name; what no step asked for by itself is an
  /// authentication.
  func method(of name: String) -> String {
    for task in tasks {
      for step in task.steps where step.name == name { return step.kind.method }
    }
    return "POST"
  }
}
