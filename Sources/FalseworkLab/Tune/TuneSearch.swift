// SPDX-License-Identifier: Apache-2.0
package import FalseworkCore

/// The search for the fastest plan that keeps what is required.
///
/// The landscape has a threshold: while a wait is too short some upgrades lose requests, beyond it
/// only the duration grows; and each look at it is noisy. So one key, a wait, is bisected for its knee
/// on each *line* (a combination of the other keys' values), from the bound that theory gives; lines
/// race each other with common seeds, few at first, and the slower are dropped before more seeds are
/// spent; and whatever wins is tried again with seeds that had no part in choosing it.
///
/// It is a function of the runs that are known. It asks for those that it needs and is called again
/// when they are there, so that it can be stopped and gone on with at any point, and does not depend
/// on how many runs are played at a time.
package struct TuneSearch: Sendable {
  package struct Options: Equatable, Sendable {
    /// Of the last round of the race.
    package var seeds: Int
    /// For a finalist.
    package var freshSeeds: Int
    package var finalists: Int
    /// Of upgrades that may miss what is required, in percent.
    package var allowed: Int

    package init(seeds: Int, freshSeeds: Int, finalists: Int, allowed: Int) {
      self.seeds = seeds
      self.freshSeeds = freshSeeds
      self.finalists = finalists
      self.allowed = allowed
    }
  }

  /// A variant that was tried with seeds of its own.
  package struct Finalist: Equatable, Sendable {
    package var variant: Int
    /// The seeds that no other test had.
    package var seeds: SeedRange
    package var missed: Int
    package var lost: Int
    package var held: Bool
    package var rotation: Interval?
  }

  package enum Answer: Equatable, Sendable {
    /// Runs to play next.
    case needs([SweepRun])
    /// Every test of a finalist in its order; the winner, if one held.
    case found(winner: Finalist?, tests: [Finalist])
  }

  private let plan: SweepPlan
  private let requirements: [Requirement]
  private let bounds: [AnalyticBound?]
  private let options: Options
  /// The axis that is bisected, and the places of its values in ascending order.
  package let waits: (axis: Int, places: [Int])?

  /// Keys whose growth costs time and never a request.
  private static let waitKeys = [
    "rotation.drain", "rotation.maint", "rotation.wait", "rotation.settle",
  ]
  /// Runs of one test that are asked for together: more would be played in vain where the first of
  /// them loses already.
  private static let chunk = 4
  /// How often a finalist whose fresh test failed is given the next longer wait.
  private static let mostSteps = 8

  package init(
    plan: SweepPlan, requirements: [Requirement], bounds: [AnalyticBound?], options: Options
  ) {
    self.plan = plan
    self.requirements = requirements
    self.bounds = bounds
    self.options = options
    let candidates = plan.axes.indices.filter {
      Self.waitKeys.contains(plan.axes[$0].path) && plan.axes[$0].values.count > 1
        && plan.axes[$0].quantities?.first?.kind == .duration
    }
    waits = candidates.max { plan.axes[$0].values.count < plan.axes[$1].values.count }.map { axis in
      let amounts = plan.axes[axis].quantities!.map(\.amount)
      return (axis, amounts.indices.sorted { amounts[$0] < amounts[$1] })
    }
  }

  /// Seeds that a plan of a search has to have: those of the race, and a block for every test of a
  /// finalist.
  package static func seeds(_ options: Options, first: UInt64) -> SeedRange {
    SeedRange(
      first: first,
      count: options.seeds + options.freshSeeds * options.finalists * (mostSteps + 1))
  }

  /// Of upgrades that may miss, in percent.
  package var allowed: Int { options.allowed }

  /// So many misses of so many runs are forgiven.
  private func forgiven(_ runs: Int) -> Int { runs * options.allowed / 100 }

  package func isMiss(_ run: RunFigures) -> Bool {
    !run.isComplete || !requirements.allSatisfy { $0.holds(run) }
  }

  // MARK: Lines

  /// A combination of the other keys' values, as its variants in ascending order of the wait.
  private var lines: [[Int]] {
    guard let waits else { return (0..<plan.variants).map { [$0] } }
    var lines: [[Int]] = []
    for variant in 0..<plan.variants where plan.places(of: variant)[waits.axis] == 0 {
      var places = plan.places(of: variant)
      lines.append(
        waits.places.map { place in
          places[waits.axis] = place
          return plan.variant(at: places)
        })
    }
    return lines
  }

  /// Seeds of each round of the race: each has four times as many as the one before.
  package static func rounds(_ seeds: Int) -> [Int] {
    var rounds = [seeds]
    while let first = rounds.first, first / 4 >= chunk, rounds.count < 3 {
      rounds.insert(first / 4, at: 0)
    }
    return rounds
  }

  // MARK: The search

  package func answer(_ known: RunTable) -> Answer {
    var alive = lines
    var knees: [(line: [Int], place: Int, time: Interval)] = []
    for (round, seeds) in Self.rounds(options.seeds).enumerated() {
      var needs: [SweepRun] = []
      knees = []
      for line in alive {
        switch knee(line, seeds, known) {
        case .needs(let runs): needs += runs
        case .none: continue
        case .at(let place):
          knees.append((line, place, duration(line[place], seeds, known)))
        }
      }
      guard needs.isEmpty else { return .needs(needs) }
      knees.sort { $0.time == $1.time ? $0.line[$0.place] < $1.line[$1.place] : $0.time < $1.time }
      if round < Self.rounds(options.seeds).count - 1 {
        alive = knees.prefix(max(options.finalists, (knees.count + 2) / 3)).map(\.line)
      }
    }
    return finals(knees.prefix(options.finalists).map { ($0.line, $0.place) }, known)
  }

  /// The mean over the first seeds.
  private func duration(_ variant: Int, _ seeds: Int, _ known: RunTable) -> Interval {
    let times = (0..<seeds).compactMap { run(variant, $0, known)?.rotation }
    guard !times.isEmpty else { return .forever }
    return Interval(
      nanoseconds: times.reduce(0) { $0 + $1.nanoseconds } / Int64(times.count))
  }

  private func run(_ variant: Int, _ seed: Int, _ known: RunTable) -> RunFigures? {
    known.runs[variant * plan.seeds.count + seed]
  }

  private enum Test: Equatable {
    case holds
    case fails
    case needs([SweepRun])
  }

  /// Whether a variant keeps what is required with the first seeds; as soon as too many have missed,
  /// the rest is not asked for.
  private func test(_ variant: Int, _ seeds: Int, _ known: RunTable) -> Test {
    var misses = 0
    for begin in stride(from: 0, to: seeds, by: Self.chunk) {
      let end = min(begin + Self.chunk, seeds)
      var needs: [SweepRun] = []
      for seed in begin..<end {
        if let run = run(variant, seed, known) {
          misses += isMiss(run) ? 1 : 0
        } else {
          needs.append(SweepRun(variant: variant, seed: plan.seeds[seed]))
        }
      }
      if misses > forgiven(seeds) { return .fails }
      if !needs.isEmpty { return .needs(needs) }
    }
    return .holds
  }

  private enum Knee: Equatable {
    case none
    case at(Int)
    case needs([SweepRun])
  }

  /// The shortest wait of a line that holds, given that longer ones hold as well: in strides that
  /// double from theory's bound to where the answer changes, then by halves.
  private func knee(_ line: [Int], _ seeds: Int, _ known: RunTable) -> Knee {
    var low = -1  // Fails, or is before the first.
    var high = line.count  // Holds, or is after the last.
    var place = line.firstIndex { (bounds[$0]?.margin ?? .zero) >= .zero } ?? line.count - 1
    var stride = 1
    while high - low > 1 {
      switch test(line[place], seeds, known) {
      case .needs(let runs): return .needs(runs)
      case .holds: high = place
      case .fails: low = place
      }
      if low == -1 {
        place = max(0, high - stride)
        stride *= 2
      } else if high == line.count {
        place = min(line.count - 1, low + stride)
        stride *= 2
      } else {
        place = (low + high) / 2
      }
    }
    return high == line.count ? .none : .at(high)
  }

  // MARK: Finalists

  /// Each finalist with fresh seeds; one that fails is tried with the next longer wait and again
  /// fresh seeds.
  private func finals(_ finalists: [(line: [Int], place: Int)], _ known: RunTable) -> Answer {
    var tests: [Finalist] = []
    var needs: [SweepRun] = []
    var block = 0
    for (index, finalist) in finalists.enumerated() {
      block = index * (Self.mostSteps + 1)
      for place in finalist.place..<min(finalist.line.count, finalist.place + Self.mostSteps + 1) {
        let first = options.seeds + block * options.freshSeeds
        block += 1
        let variant = finalist.line[place]
        let seeds = first..<first + options.freshSeeds
        let runs = seeds.compactMap { run(variant, $0, known) }
        guard runs.count == seeds.count else {
          needs += seeds.filter { run(variant, $0, known) == nil }.map {
            SweepRun(variant: variant, seed: plan.seeds[$0])
          }
          break
        }
        let summary = VariantSummary(variant: variant, runs)!
        let missed = runs.count { isMiss($0) }
        let test = Finalist(
          variant: variant,
          seeds: SeedRange(first: plan.seeds[first], count: options.freshSeeds), missed: missed,
          lost: summary.runsThatLost, held: missed <= forgiven(seeds.count),
          rotation: summary.rotation)
        tests.append(test)
        if test.held { break }
      }
    }
    guard needs.isEmpty else { return .needs(needs) }
    let winner = tests.filter(\.held).min {
      ($0.rotation ?? .forever, $0.variant) < ($1.rotation ?? .forever, $1.variant)
    }
    return .found(winner: winner, tests: tests)
  }
}
