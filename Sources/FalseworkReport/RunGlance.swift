// SPDX-License-Identifier: Apache-2.0
package import FalseworkCore
import FalseworkLoad
package import FalseworkRotation
import FalseworkScenario

/// What whoever watches a run is shown, once a second and once more at its end.
package struct RunGlance: Sendable {
  package var progress: RunProgress
  package var description: RunDescription
  /// What clients saw, in the order in which it came first.
  package var kinds: [Disruption.Kind]
  /// The last marks, oldest first.
  package var marks: [Mark]
  package var longestGap: Interval
  /// What the streams came to since the last glance.
  package var chunks: [RunStreams.Chunk]
  /// The figures for Prometheus, if they are wanted.
  package var metrics: String?
  /// The run has ended; nothing comes after.
  package var isLast: Bool

  /// Marks that are shown.
  static let markLimit = 4
}

extension RunCollector {
  package mutating func glance(
    at now: Instant, withMetrics: Bool, isLast: Bool = false
  ) -> RunGlance {
    let chunks = isLast ? drainRest(at: now) : drain(at: now)
    return RunGlance(
      progress: progress(at: now), description: description, kinds: disruption.kinds,
      marks: Array(marks.suffix(RunGlance.markLimit)), longestGap: statistics.longestGap.length,
      chunks: chunks, metrics: withMetrics ? PrometheusText(self, at: now).text : nil,
      isLast: isLast)
  }

  /// A threshold that ends the run (`or abort`), as it is missed now; nil if there is none.
  ///
  /// What only rises cannot be mended. Rates and percentiles are looked at from the tenth second on.
  package func missed(at now: Instant) -> ThresholdResult? {
    let candidates = description.thresholds.filter { threshold in
      guard threshold.aborts else { return false }
      guard threshold.figure.onlyRises else { return now - begin >= Self.abortDelay }
      return switch threshold.comparison {
      case .less, .atMost, .equal: true
      case .atLeast, .greater: false
      }
    }
    guard !candidates.isEmpty else { return nil }
    let result = self.result(
      at: now, how: .completed, inFlight: 0, proxyCounters: [:], isRough: true)
    for threshold in candidates {
      let found = ThresholdResult(threshold, result.measured(threshold.figure, of: threshold.part))
      let isKnown = found.measured != .nothing && result.total.requests > 0
      if isKnown, !found.held, !found.canStillHold { return found }
    }
    return nil
  }

  private static let abortDelay = Interval.seconds(10)
}

extension ThresholdResult {
  /// A count that must be reached exactly may still get there.
  fileprivate var canStillHold: Bool {
    guard threshold.comparison == .equal, threshold.figure.onlyRises else { return false }
    return switch measured {
    case .count(let count): Int64(count) < threshold.limit
    case .duration(let interval): interval.nanoseconds < threshold.limit
    case .share, .nothing: false
    }
  }

  /// `failures == 0: measured 3`.
  package var missedText: String {
    "\(threshold.figure.rawValue) \(threshold.text), measured \(measuredText)"
  }
}
