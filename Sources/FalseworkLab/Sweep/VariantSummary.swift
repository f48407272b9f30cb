// SPDX-License-Identifier: Apache-2.0
package import FalseworkCore

/// What the runs of one variant came to.
package struct VariantSummary: Equatable, Sendable {
  package var variant: Int
  package var runs: Int
  /// Runs in which a request failed.
  package var runsThatLost: Int
  /// Runs that missed a threshold, or did not get to their end.
  package var runsThatMissed: Int
  package var failures: Int
  package var mostFailures: Int
  package var requests: Int
  package var lostJourneys: Int
  package var ready: Int
  /// The middle one of the runs' own.
  package var p99: Interval?
  package var worstP99: Interval?
  /// Means over the runs that got to their end.
  package var rotation: Interval?
  /// Of all runs together.
  package var rate: Double

  /// Nil without a run.
  package init?(variant: Int, _ runs: [RunFigures]) {
    guard !runs.isEmpty else { return nil }
    self.variant = variant
    self.runs = runs.count
    runsThatLost = runs.count { $0.failures > 0 }
    runsThatMissed = runs.count { $0.missed > 0 || !$0.isComplete }
    failures = runs.reduce(0) { $0 + $1.failures }
    mostFailures = runs.map(\.failures).max()!
    requests = runs.reduce(0) { $0 + $1.requests }
    lostJourneys = runs.reduce(0) { $0 + $1.lostJourneys }
    ready = runs.map(\.ready).min()!
    let p99s = runs.compactMap(\.p99).sorted()
    p99 = p99s.isEmpty ? nil : p99s[(p99s.count - 1) / 2]
    worstP99 = p99s.last
    let rotations = runs.compactMap(\.rotation)
    rotation =
      rotations.isEmpty
      ? nil
      : Interval(nanoseconds: rotations.reduce(0) { $0 + $1.nanoseconds } / Int64(rotations.count))
    let length = runs.reduce(0.0) { $0 + $1.duration.seconds }
    rate = length > 0 ? Double(requests) / length : 0
  }

  package var meanFailures: Double { Double(failures) / Double(runs) }

  /// Better is what loses fewer requests, then what takes less time.
  package static func isBetter(_ a: VariantSummary, _ b: VariantSummary) -> Bool {
    let (lossA, lossB) = (a.meanFailures, b.meanFailures)
    if lossA != lossB { return lossA < lossB }
    let (timeA, timeB) = (a.rotation ?? .forever, b.rotation ?? .forever)
    return timeA == timeB ? a.variant < b.variant : timeA < timeB
  }
}

/// All of a sweep: its runs, and what theory says of each variant.
package struct SweepResult: Equatable, Sendable {
  package let table: RunTable
  package let bounds: [AnalyticBound?]
  /// In the order of the plan; only those that have a run.
  package let summaries: [VariantSummary]

  package var plan: SweepPlan { table.plan }

  package init(_ table: RunTable, bounds: [AnalyticBound?]) {
    self.table = table
    self.bounds = bounds
    summaries = (0..<table.plan.variants).compactMap {
      VariantSummary(variant: $0, table.runs(of: $0))
    }
  }

  /// The variant that lost least, and of these the one that took least time.
  package var best: VariantSummary? { summaries.min(by: VariantSummary.isBetter) }

  /// What theory expects of failures in a run: λ as it was measured, times the exposure.
  package func expectedFailures(_ summary: VariantSummary) -> Double? {
    bounds[summary.variant].map { summary.rate * $0.exposure.seconds }
  }
}
