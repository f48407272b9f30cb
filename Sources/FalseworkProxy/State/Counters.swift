// SPDX-License-Identifier: Apache-2.0
package import FalseworkCore

/// Answers by class: 1xx to 5xx, and others.
package struct StatusCounts: Equatable, Sendable {
  package private(set) var classes: InlineArray<6, Int> = .init(repeating: 0)

  package init() {}

  mutating func count(_ status: Int) {
    classes[(100..<600).contains(status) ? status / 100 - 1 : 5] += 1
  }

  package static func == (a: Self, b: Self) -> Bool {
    for index in 0..<6 where a.classes[index] != b.classes[index] { return false }
    return true
  }
}

/// Events per second over the last second: HAProxy's `rate` columns.
package struct Rate: Equatable, Sendable {
  private var second: Int64 = -1
  private var current = 0
  private var previous = 0
  package private(set) var max = 0

  package init() {}

  mutating func count(now: Instant) {
    move(to: now)
    current += 1
    max = Swift.max(max, current)
  }

  /// The current second's events and the part of the last second's that is less than a second ago.
  package func value(now: Instant) -> Int {
    var copy = self
    copy.move(to: now)
    let left = 1_000_000_000 - now.nanoseconds % 1_000_000_000
    return copy.current + Int(Int64(copy.previous) * (left / 1_000) / 1_000_000)
  }

  mutating func clearMax() { max = 0 }

  private mutating func move(to now: Instant) {
    let next = now.nanoseconds / 1_000_000_000
    guard next != second else { return }
    previous = next == second + 1 ? current : 0
    current = 0
    second = next
  }
}

/// The sliding mean of the last 1,024 values: HAProxy's `qtime`, `ctime`, `rtime`, `ttime`.
package struct SlidingMean: Equatable, Sendable {
  private var sum: Int64 = 0
  private var count: Int64 = 0
  package private(set) var max: Int64 = 0

  package init() {}

  mutating func add(_ interval: Interval) {
    let value = interval.milliseconds
    if count < 1_024 {
      count += 1
      sum += value
    } else {
      sum += value - sum / 1_024
    }
    max = Swift.max(max, value)
  }

  package var milliseconds: Int64 { count == 0 ? 0 : (sum + count - 1) / count }

  mutating func clearMax() { max = 0 }
}

/// What frontends, backends and servers all count.
package struct TrafficCounters: Equatable, Sendable {
  /// Refused by rules.
  package internal(set) var deniedRequests = 0
  package internal(set) var deniedResponses = 0
  /// Requests, or connections of a frontend, that are here now, at most at once, and ever.
  package var current = 0
  package var peak = 0
  package var total = 0
  package var requests = 0
  package var bytesIn = 0
  package var bytesOut = 0
  package var statuses = StatusCounts()
  package var sessionRate = Rate()
  package var requestRate = Rate()
  /// Connections that could not be opened, after all retries; responses that were none.
  package var connectErrors = 0
  package var responseErrors = 0
  package var requestErrors = 0
  package var retries = 0
  package var redispatches = 0
  package var clientAborts = 0
  package var serverAborts = 0
  /// Times that balancing chose it.
  package var chosen = 0
  package var newConnections = 0
  package var reusedConnections = 0
  package var queued = 0
  package var queuedPeak = 0
  package var lastSession: Instant?
  package var queueTime = SlidingMean()
  package var connectTime = SlidingMean()
  package var responseTime = SlidingMean()
  package var totalTime = SlidingMean()

  package init() {}

  mutating func enter(now: Instant) {
    current += 1
    total += 1
    peak = max(peak, current)
    sessionRate.count(now: now)
    lastSession = now
  }

  /// What is here already comes another time.
  mutating func tryAgain(now: Instant) {
    total += 1
    sessionRate.count(now: now)
    lastSession = now
  }

  mutating func record(_ record: LogRecord, statusCounts: Bool = true) {
    requests += 1
    bytesOut += record.bytes
    if record.status != 0, statusCounts { statuses.count(Int(record.status)) }
    if let time = record.queueTime { queueTime.add(time) }
    if let time = record.connectTime { connectTime.add(time) }
    if let time = record.responseTime { responseTime.add(time) }
    totalTime.add(record.totalTime)
  }

  /// `clear counters`: the maxima only.
  mutating func clearMaxima() {
    peak = current
    queuedPeak = queued
    sessionRate.clearMax()
    requestRate.clearMax()
    queueTime.clearMax()
    connectTime.clearMax()
    responseTime.clearMax()
    totalTime.clearMax()
  }

  /// `clear counters all`: everything but what is here now.
  mutating func clearAll() {
    let current = current
    let queued = queued
    self = TrafficCounters()
    self.current = current
    self.queued = queued
    clearMaxima()
  }
}
