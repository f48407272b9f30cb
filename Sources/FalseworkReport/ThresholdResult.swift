// SPDX-License-Identifier: Apache-2.0
package import FalseworkCore
package import FalseworkScenario

/// A threshold and what the run made of it.
package struct ThresholdResult: Equatable, Sendable {
  package enum Measured: Equatable, Sendable {
    case count(Int)
    case share(of: Int, part: Int)
    case duration(Interval)
    /// There was nothing to measure: no success to take a percentile of, a rotation that never
    /// ended. Such a threshold is missed.
    case nothing
  }

  package var threshold: Threshold
  package var measured: Measured
  package var held: Bool

  package init(_ threshold: Threshold, _ measured: Measured) {
    self.threshold = threshold
    self.measured = measured
    held = Self.holds(threshold, measured)
  }

  private static func holds(_ threshold: Threshold, _ measured: Measured) -> Bool {
    let comparison = threshold.comparison
    switch measured {
    case .count(let count): return comparison.holds(Int64(count), threshold.limit)
    case .duration(let interval): return comparison.holds(interval.nanoseconds, threshold.limit)
    case .share(let whole, let part):
      guard whole > 0 else { return comparison.holds(0, threshold.limit) }
      // In millionths of a percent, doubled, so that what the division cuts still counts: one failure
      // in a billion is not zero.
      let (quotient, rest) = (part * 100_000_000).quotientAndRemainder(dividingBy: whole)
      return comparison.holds(Int64(2 * quotient + (rest > 0 ? 1 : 0)), 2 * threshold.limit)
    case .nothing: return false
    }
  }
}
