// SPDX-License-Identifier: Apache-2.0
package import FalseworkCore
package import FalseworkLoad
package import FalseworkProxy
package import FalseworkRotation

/// What came out of a run: the same in every world, so that worlds can be compared row by row.
///
/// A simulated run's result is a function of scenario and seed. specs/result.md describes the fields
/// as they are written; times are from the start of the run.
package struct RunResult: Equatable, Sendable {
  /// The times of requests of one kind. Absent where there were none.
  package struct Times: Equatable, Sendable {
    package var count: Int
    package var sum: Interval
    package var mean: Interval
    package var shortest: Interval
    package var median: Interval
    package var p95: Interval
    package var p99: Interval
    package var p999: Interval
    package var longest: Interval
    /// All of them, in microseconds (`HistogramCode`), if the collector was told to keep them.
    package var histogram: String?

    init?(_ times: LoadStatistics.Times, keepsHistogram: Bool) {
      guard times.count > 0, let median = times.percentile(50), let p95 = times.percentile(95),
        let p99 = times.percentile(99), let p999 = times.percentile(99.9)
      else { return nil }
      count = times.count
      sum = times.sum
      mean = times.sum / Int64(times.count)
      shortest = times.shortest
      longest = times.longest
      self.median = median
      self.p95 = p95
      self.p99 = p99
      self.p999 = p999
      histogram = keepsHistogram ? HistogramCode.text(times.histogram) : nil
    }
  }

  /// What one name of a step came to, or all together.
  package struct Row: Equatable, Sendable {
    package var name: String
    package var requests: Int
    package var failures: Int
    /// Of successes, from the moment each was due.
    package var response: Times?
    /// Of successes, from the moment each was sent.
    package var service: Times?
    /// Of failures, from the moment each was due.
    package var failed: Times?
  }

  /// Failures of one cause.
  package struct CauseGroup: Equatable, Sendable {
    /// What the clients saw of it, at which step.
    package struct Seen: Equatable, Sendable {
      package var step: String
      package var verdict: String
      package var count: Int
    }

    package var cause: Cause
    package var count: Int
    /// Those that the proxy's log does not show; nil without a proxy.
    package var silent: Int?
    /// When the first and the last of them ended; nil if none was kept.
    package var first: Instant?
    package var last: Instant?
    package var seen: [Seen]
    /// The number of the first of them.
    package var example: Int?
  }

  package struct Node: Equatable, Sendable {
    package var name: String
    package var timeline: Timeline<NodeState>
  }

  package struct Server: Equatable, Sendable {
    package var name: String
    package var node: NodeID?
    /// Requests that ended at it, those of other clients too.
    package var requests: Int
    package var timeline: Timeline<Belief>
  }

  package struct TimedNotice: Equatable, Sendable {
    package var at: Instant
    package var notice: Notice
  }

  package struct Span: Equatable, Sendable {
    package var from: Instant
    package var to: Instant
    package var length: Interval { to - from }
  }

  package enum VoidReason: String, CaseIterable, Equatable, Sendable {
    case late = "the load was sent too late"
    case resources = "the load ran out of ports or descriptors"
  }

  package var description: RunDescription
  package var begin: Instant
  package var end: Instant
  package var how: RunEnd
  package var verdict: Verdict
  package var rows: [Row]
  package var total: Row
  package var inFlight: Int
  package var lostJourneys: Int
  package var longestGap: LoadStatistics.Gap
  package var disruption: Disruption
  /// For what Locust's files have, if the collector was told to keep it.
  package var tally: LoadTally?
  /// Most frequent first; what followed from an earlier failure after what went wrong by itself.
  package var causes: [CauseGroup]
  /// In the order in which they ended.
  package var failures: [Failure]
  package var failuresNotKept: Int
  /// Failures that the proxy's log does not show; nil without a proxy.
  package var silent: Int?
  package var seconds: [LoadStatistics.Second]
  package var nodes: [Node]
  package var servers: [Server]
  package var marks: [Mark]
  package var notices: [TimedNotice]
  package var noticesNotKept: Int
  /// Figures of the proxy, by name, as the world handed them over.
  package var proxyCounters: [String: Int64]
  package var thresholds: [ThresholdResult]
  /// The load's own lateness, sent minus due, where no connection had to be opened first.
  package var lateness: Times?
  package var voidReasons: [VoidReason]
  /// Every request in the order in which it ended, if the collector was told to keep them.
  package var requests: [RequestRow]
  package var requestsNotKept: Int

  /// What a threshold missed ends the command with: 1, or k6's 99.
  package var missedStatus = ExitStatus.missed

  package var exitStatus: ExitStatus {
    verdict == .missed ? missedStatus : verdict.exitStatus
  }

  package var duration: Interval { end - begin }

  /// From its first mark to its end, or to where it was given up; nil if it did not end.
  package var rotation: Span? {
    guard let first = marks.first(where: { $0.step == .began }) else { return nil }
    let last = marks.last { mark in
      switch mark.step {
      case .ended, .aborted: true
      case .began, .batchBegan, .told, .stopping, .exited, .started, .answering, .ready, .up,
        .batchEnded, .operated, .paused, .failing, .weighed, .passed, .held, .rollingBack, .noted:
        false
      }
    }
    return last.map { Span(from: first.at, to: $0.at) }
  }
}

/// One request in few bytes, for `requests.csv`.
package struct RequestRow: Equatable, Sendable {
  package var number: Int
  package var task: Int32
  /// Negative for an authentication that its step needed first.
  package var step: Int32
  package var user: Int32
  package var status: Int32
  package var due: Instant
  package var sent: Instant
  package var firstByte: Instant
  package var done: Instant
  package var verdict: Outcome.Verdict
  /// Of the last server that the proxy tried; negative if it is not known.
  package var server: Int32 = -1
  /// The place of its failure; negative for a success or one that is not kept.
  package var failure: Int32 = -1

  init(_ outcome: Outcome) {
    number = outcome.number
    task = Int32(outcome.task)
    step = outcome.preliminary ? -1 : Int32(outcome.step)
    user = Int32(outcome.user)
    status = Int32(outcome.status)
    due = outcome.due
    sent = outcome.sent
    firstByte = outcome.firstByte
    done = outcome.done
    verdict = outcome.verdict
  }
}
