// SPDX-License-Identifier: Apache-2.0
package import FalseworkCore

/// What a search found, as a reader wants it: the plan, how far it is from where requests are lost,
/// what else there was to choose from, and who else was measured.
package struct TuneReport: Sendable {
  /// A plan on the chart: a variant of the search, or one that somebody uses already.
  package struct Point: Equatable, Sendable {
    package var name: String
    package var summary: VariantSummary
    /// Upgrades that missed what is required.
    package var missed: Int
    package var isIncumbent: Bool
  }

  /// Where the waits of the winner's line begin to lose.
  package struct Margin: Equatable, Sendable {
    package var key: String
    package var chosen: Interval
    /// The longest wait that failed, with its misses of its runs; nil if the shortest held.
    package var failed: (wait: Interval, missed: Int, runs: Int)?
    package var safeWait: Interval?

    package static func == (a: Margin, b: Margin) -> Bool {
      a.key == b.key && a.chosen == b.chosen && a.failed?.wait == b.failed?.wait
        && a.safeWait == b.safeWait
    }
  }

  package let plan: SweepPlan
  package let requirements: [Requirement]
  package let options: TuneSearch.Options
  package let winner: TuneSearch.Finalist?
  package let tests: [TuneSearch.Finalist]
  /// Nothing that was played is better in duration, failures and p99 at once. In ascending duration.
  package let front: [Point]
  package let incumbents: [Point]
  package let margin: Margin?
  package let bound: AnalyticBound?
  /// Runs that were played.
  package let runs: Int
  package let tested: Int
  /// Changed lines, as unified diffs; or the options that change them.
  package var changes: [String] = []

  package init(
    _ search: TuneSearch, plan: SweepPlan, requirements: [Requirement],
    options: TuneSearch.Options, bounds: [AnalyticBound?], winner: TuneSearch.Finalist?,
    tests: [TuneSearch.Finalist], known: RunTable,
    incumbents: [(name: String, runs: [RunFigures])]
  ) {
    self.plan = plan
    self.requirements = requirements
    self.options = options
    self.winner = winner
    self.tests = tests
    runs = known.runs.count + incumbents.reduce(0) { $0 + $1.runs.count }
    let points = (0..<plan.variants).compactMap { variant -> Point? in
      let runs = known.runs(of: variant)
      return VariantSummary(variant: variant, runs).map { summary in
        Point(
          name: Self.name(plan, variant), summary: summary,
          missed: runs.count { search.isMiss($0) }, isIncumbent: false)
      }
    }
    tested = points.count
    front = Self.front(points)
    self.incumbents = incumbents.compactMap { entry in
      VariantSummary(variant: -1, entry.runs).map {
        Point(
          name: entry.name, summary: $0, missed: entry.runs.count { search.isMiss($0) },
          isIncumbent: true)
      }
    }
    bound = winner.flatMap { bounds[$0.variant] }
    margin = winner.flatMap { winner in
      search.waits.map {
        Self.margin(winner, $0, plan: plan, search: search, known: known, bounds[winner.variant])
      }
    }
  }

  package static func name(_ plan: SweepPlan, _ variant: Int) -> String {
    let values = zip(plan.axes, plan.values(of: variant)).map { "\($0.path)=\($1)" }
    return values.isEmpty ? "the scenario" : values.joined(separator: " ")
  }

  private static func margin(
    _ winner: TuneSearch.Finalist, _ waits: (axis: Int, places: [Int]), plan: SweepPlan,
    search: TuneSearch, known: RunTable, _ bound: AnalyticBound?
  ) -> Margin {
    var places = plan.places(of: winner.variant)
    let amounts = plan.axes[waits.axis].quantities!.map(\.amount)
    let chosen = amounts[places[waits.axis]]
    var failed: (wait: Interval, missed: Int, runs: Int)?
    for place in waits.places where amounts[place] < chosen {
      places[waits.axis] = place
      let runs = known.runs(of: plan.variant(at: places))
      let missed = runs.count { search.isMiss($0) }
      if missed * 100 > runs.count * search.allowed {
        failed = (Interval(nanoseconds: amounts[place]), missed, runs.count)
      }
    }
    return Margin(
      key: plan.axes[waits.axis].path, chosen: Interval(nanoseconds: chosen), failed: failed,
      safeWait: bound?.safeWait)
  }

  /// Points that no other is as good as in all three and better in one.
  static func front(_ points: [Point]) -> [Point] {
    func isBetter(_ a: Point, _ b: Point) -> Bool {
      let times = (a.summary.rotation ?? .forever, b.summary.rotation ?? .forever)
      let losses = (a.summary.meanFailures, b.summary.meanFailures)
      let tails = (a.summary.p99 ?? .forever, b.summary.p99 ?? .forever)
      return times.0 <= times.1 && losses.0 <= losses.1 && tails.0 <= tails.1
        && (times.0 < times.1 || losses.0 < losses.1 || tails.0 < tails.1)
    }
    return points.filter { point in
      point.summary.rotation != nil && !points.contains { isBetter($0, point) }
    }.sorted {
      ($0.summary.rotation!, $0.summary.variant) < ($1.summary.rotation!, $1.summary.variant)
    }
  }

  // MARK: Sentences

  package var required: String { requirements.map(\.text).joined(separator: ", ") }

  /// The answer in a few lines.
  package var verdict: [String] {
    guard let winner else {
      let best = tests.min { $0.missed < $1.missed }
      var lines = ["no plan keeps \(required)"]
      if let best {
        lines.append(
          "nearest: \(Self.name(plan, best.variant)), which missed it in \(best.missed) of "
            + "\(best.seeds.count) upgrades")
      } else {
        lines.append(
          "none of \(tested) plans that were tried held with \(options.seeds) seeds: vary other "
            + "keys, or longer waits")
      }
      return lines
    }
    return [
      "the fastest plan that keeps \(required):",
      "  \(Self.name(plan, winner.variant))",
      "  rotation \(Digits.length(winner.rotation)); missed in \(winner.missed) of "
        + "\(winner.seeds.count) upgrades with fresh seeds",
      "  with 95 % confidence fewer than "
        + Confidence.text(failed: winner.missed, of: winner.seeds.count) + " of upgrades miss it",
    ] + marginLines
  }

  private var marginLines: [String] {
    guard let margin else { return [] }
    var lines: [String] = []
    if let failed = margin.failed {
      lines.append(
        "  margin \(margin.chosen - failed.wait) beyond the knee: \(margin.key)=\(failed.wait) "
          + "missed in \(failed.missed) of \(failed.runs)")
    } else {
      lines.append("  no knee: even the shortest \(margin.key) that was tried holds")
    }
    if let safe = margin.safeWait {
      let difference = margin.chosen - safe
      lines.append(
        "  theory's bound is p + L_max = \(Digits.length(safe)): this is "
          + (difference < .zero
            ? "\(Digits.length(.zero - difference)) before it"
            : "\(Digits.length(difference)) beyond it"))
    }
    return lines
  }
}
