// SPDX-License-Identifier: Apache-2.0
package import FalseworkCore
package import Histogram

/// The figures of a load, fed with one outcome after the other.
///
/// Times are kept in microseconds with three digits, successes and failures apart, from the moment
/// a request was due (response time) and from the moment it was sent (service time).
package struct LoadStatistics: Sendable {
  package struct Row: Sendable {
    package var name: String
    package var requests = 0
    package var failures = 0
    package var response = Times()
    package var service = Times()
    package var failed = Times()
    package var sum = Interval.zero
    package var shortest = Interval.forever
    package var longest = Interval.zero

    init(name: String) {
      self.name = name
    }

    fileprivate mutating func add(_ other: Row) {
      requests += other.requests
      failures += other.failures
      response.add(other.response)
      service.add(other.service)
      failed.add(other.failed)
      sum = sum + other.sum
      shortest = min(shortest, other.shortest)
      longest = max(longest, other.longest)
    }
  }

  /// A histogram from 1 µs to an hour, in which what is longer counts as an hour; sum and extremes
  /// are exact.
  package struct Times: Sendable {
    private static let highest: UInt64 = 3_600_000_000
    package private(set) var histogram = Histogram<UInt64>(
      highestTrackableValue: highest, numberOfSignificantValueDigits: .three)
    package private(set) var sum = Interval.zero
    package private(set) var shortest = Interval.forever
    package private(set) var longest = Interval.zero

    package init() {}

    /// Times that were written down: the counts, and what is exact beside them.
    package init(
      _ histogram: Histogram<UInt64>, sum: Interval, shortest: Interval, longest: Interval
    ) {
      self.histogram = histogram
      self.sum = sum
      self.shortest = shortest
      self.longest = longest
    }

    package mutating func record(_ time: Interval) {
      let microseconds = UInt64(max(0, time.nanoseconds / 1_000))
      histogram.record(min(microseconds, Self.highest))
      sum = sum + time
      shortest = min(shortest, time)
      longest = max(longest, time)
    }

    package var count: Int { Int(histogram.totalCount) }

    /// The smallest recorded value that `percent` of all reach at most, rounded up to the
    /// histogram's next bound but never beyond the longest; nil if there is none.
    package func percentile(_ percent: Double) -> Interval? {
      guard count > 0 else { return nil }
      return min(longest, .microseconds(Int64(histogram.valueAtPercentile(percent))))
    }

    package mutating func add(_ other: Times) {
      histogram.add(other.histogram)
      sum = sum + other.sum
      shortest = min(shortest, other.shortest)
      longest = max(longest, other.longest)
    }
  }

  /// One second of the load, by when requests ended.
  package struct Second: Equatable, Sendable {
    package var requests = 0
    package var failures = 0
    package var sum = Interval.zero
    package var longest = Interval.zero
  }

  /// A time without a successful answer.
  package struct Gap: Equatable, Sendable {
    package var from: Instant
    package var to: Instant
    package var length: Interval { to - from }
  }

  /// A row for each name of a step, in the order of the plan.
  package private(set) var rows: [Row]
  package private(set) var seconds: [Second] = []
  package private(set) var failures: [Outcome] = []
  /// Failures beyond those that are kept in full.
  package private(set) var failuresNotKept = 0
  package private(set) var lostJourneys = 0
  package private(set) var longestGap: Gap
  /// The engine's own: from when a request was due until the engine took it up.
  package private(set) var lateness = Times()

  /// For each task and step the row of its name.
  private let places: [[Int]]
  /// The row of authentications that no step of the plan asked for by itself.
  private let preliminaryPlace: Int?
  private var lastSuccess: Instant
  private let begin: Instant
  private var lastLostByUser: [Int] = []

  /// Failures that are kept with all their times; a flood of the same beyond it is only counted.
  private static let failureLimit = 100_000
  /// Seconds of the series; a day.
  private static let secondLimit = 86_400

  package init(plan: LoadPlan, begin: Instant) {
    var rows: [Row] = []
    func place(_ name: String) -> Int {
      if let place = rows.firstIndex(where: { $0.name == name }) { return place }
      rows.append(Row(name: name))
      return rows.count - 1
    }
    places = plan.tasks.map { task in task.steps.map { place($0.name) } }
    let borrows = plan.tasks.contains { $0.steps.contains { $0.kind.borrows } }
    preliminaryPlace = borrows ? place(plan.preliminaryName) : nil
    self.rows = rows
    self.begin = begin
    lastSuccess = begin
    longestGap = Gap(from: begin, to: begin)
  }

  /// The row that an outcome belongs to.
  package func place(of outcome: Outcome) -> Int {
    guard outcome.preliminary, let preliminaryPlace else {
      return places[outcome.task][outcome.step]
    }
    return preliminaryPlace
  }

  package mutating func record(_ outcome: Outcome) {
    Self.record(outcome, in: &rows[place(of: outcome)])
    if let late = outcome.lateness { lateness.record(late) }
    recordSecond(outcome)
    if outcome.verdict == .ok {
      recordSuccess(at: outcome.done)
    } else {
      recordFailure(outcome)
    }
  }

  /// Everything in one row, added up when it is asked for.
  package var total: Row {
    var total = Row(name: "Aggregated")
    for row in rows { total.add(row) }
    return total
  }

  package var requests: Int { rows.reduce(0) { $0 + $1.requests } }
  package var failed: Int { rows.reduce(0) { $0 + $1.failures } }

  /// Ends the record: the time from the last success to the end is a gap as well.
  package mutating func end(at now: Instant) {
    recordSuccess(at: now)
  }

  private static func record(_ outcome: Outcome, in row: inout Row) {
    let time = outcome.responseTime
    row.requests += 1
    row.sum = row.sum + time
    row.shortest = min(row.shortest, time)
    row.longest = max(row.longest, time)
    if outcome.verdict.isFailure {
      row.failures += 1
      row.failed.record(time)
    } else {
      row.response.record(time)
      if let service = outcome.serviceTime { row.service.record(service) }
    }
  }

  private mutating func recordSecond(_ outcome: Outcome) {
    let second = Int((outcome.done - begin).nanoseconds / 1_000_000_000)
    guard second >= 0, second < Self.secondLimit else { return }
    while seconds.count <= second { seconds.append(Second()) }
    seconds[second].requests += 1
    if outcome.verdict.isFailure { seconds[second].failures += 1 }
    seconds[second].sum = seconds[second].sum + outcome.responseTime
    seconds[second].longest = max(seconds[second].longest, outcome.responseTime)
  }

  private mutating func recordSuccess(at now: Instant) {
    if now - lastSuccess > longestGap.length { longestGap = Gap(from: lastSuccess, to: now) }
    lastSuccess = max(lastSuccess, now)
  }

  private mutating func recordFailure(_ outcome: Outcome) {
    if failures.count < Self.failureLimit {
      failures.append(outcome)
    } else {
      failuresNotKept += 1
    }
    while lastLostByUser.count <= outcome.user { lastLostByUser.append(0) }
    if lastLostByUser[outcome.user] != outcome.journey {
      lastLostByUser[outcome.user] = outcome.journey
      lostJourneys += 1
    }
  }
}
