// SPDX-License-Identifier: Apache-2.0
package import FalseworkCore
package import FalseworkKeystone
import FalseworkLoad
package import FalseworkProxy
package import FalseworkRotation
import Histogram

/// How a run stands, for whoever watches it.
package struct RunProgress: Equatable, Sendable {
  package var elapsed: Interval
  package var requests: Int
  package var failures: Int
  /// Of the last whole seconds: requests and failures among them, and times of the successes.
  package var recentSeconds: Int
  package var recentRequests: Int
  package var recentFailures: Int
  package var recentMedian: Interval?
  package var recentP99: Interval?
  package var lastMark: Mark?
  /// In the order of the scenario; nil where nothing was told yet.
  package var nodes: [NodePhase?]
  package var beliefs: [Belief?]
}

extension RunCollector {
  package func progress(at now: Instant) -> RunProgress {
    let window = recent?.summary(elapsed: now - begin)
    return RunProgress(
      elapsed: now - begin, requests: statistics.requests,
      failures: statistics.failed, recentSeconds: window?.seconds ?? 0,
      recentRequests: window?.requests ?? 0, recentFailures: window?.failures ?? 0,
      recentMedian: window?.median, recentP99: window?.p99, lastMark: marks.last,
      nodes: nodes.map { $0.last?.phase }, beliefs: beliefs.map(\.last))
  }
}

/// The response times of the last seconds: a ring with a small histogram for each second.
struct RecentTimes: Sendable {
  struct Summary: Equatable, Sendable {
    var seconds: Int
    var requests: Int
    var failures: Int
    var median: Interval?
    var p99: Interval?
  }

  private struct Slot: Sendable {
    var second: Int64 = -1
    var requests = 0
    var failures = 0
    /// In microseconds, to a hundredth: nobody reads more from a line that is gone in a second.
    var times = Histogram<UInt32>(
      highestTrackableValue: 3_600_000_000, numberOfSignificantValueDigits: .two)
  }

  private var slots: [Slot]

  init(seconds: Int) {
    // The second that has just begun has a slot of its own.
    slots = Array(repeating: Slot(), count: seconds + 1)
  }

  mutating func record(_ outcome: Outcome, begin: Instant) {
    let second = (outcome.done - begin).nanoseconds / 1_000_000_000
    guard second >= 0 else { return }
    let index = Int(second % Int64(slots.count))
    if slots[index].second < second {
      slots[index].second = second
      slots[index].requests = 0
      slots[index].failures = 0
      slots[index].times.reset()
    }
    // Told so late that its slot serves a later second.
    guard slots[index].second == second else { return }
    slots[index].requests += 1
    if outcome.verdict.isFailure {
      slots[index].failures += 1
    } else {
      let microseconds = UInt64(max(0, outcome.responseTime.nanoseconds / 1_000))
      slots[index].times.record(min(microseconds, 3_600_000_000))
    }
  }

  /// The whole seconds before this moment; the run's first second while it lasts.
  func summary(elapsed: Interval) -> Summary {
    let present = elapsed.nanoseconds / 1_000_000_000
    let last = max(0, present - 1)
    let first = max(0, last - Int64(slots.count - 2))
    var requests = 0
    var failures = 0
    var times = Slot().times
    for slot in slots where slot.second >= first && slot.second <= last {
      requests += slot.requests
      failures += slot.failures
      times.add(slot.times)
    }
    func percentile(_ percent: Double) -> Interval? {
      times.totalCount == 0
        ? nil : .microseconds(Int64(times.valueAtPercentile(percent)))
    }
    return Summary(
      seconds: Int(last - first + 1), requests: requests, failures: failures,
      median: percentile(50), p99: percentile(99))
  }
}
