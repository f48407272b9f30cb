// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkLab
import Testing

@Suite struct TuneSearchTests {
  /// A world whose landscape is known: a run of a variant loses, or not, and takes so long.
  private struct World {
    var plan: SweepPlan
    var options: TuneSearch.Options
    var bounds: [AnalyticBound?]
    var sample: RunFigures
    var loses: (_ values: [String], _ seed: UInt64) -> Bool
    var seconds: (_ values: [String]) -> Int64

    init(
      _ axes: String..., options: TuneSearch.Options? = nil,
      loses: @escaping ([String], UInt64) -> Bool, seconds: @escaping ([String]) -> Int64
    ) throws {
      self.options =
        options ?? TuneSearch.Options(seeds: 32, freshSeeds: 50, finalists: 2, allowed: 0)
      plan = SweepPlan(
        program: "falsework 1", scenario: "s.yaml", fingerprint: "abc", settings: [], timeScale: 1,
        axes: try axes.map { try SweepAxis(parsing: $0) },
        seeds: TuneSearch.seeds(self.options, first: 1))
      bounds = Array(repeating: nil, count: plan.variants)
      sample = RunFigures(SweepRun(variant: 0, seed: 1), Small.result(try Small.scenario()))
      self.loses = loses
      self.seconds = seconds
    }

    /// Plays until the search has its answer.
    func played() throws -> (
      search: TuneSearch, winner: TuneSearch.Finalist?, tests: [TuneSearch.Finalist],
      known: RunTable
    ) {
      let search = TuneSearch(
        plan: plan, requirements: [try Requirement(parsing: "errors=0")], bounds: bounds,
        options: options)
      var known = RunTable(plan)
      for _ in 0..<10_000 {
        switch search.answer(known) {
        case .found(let winner, let tests): return (search, winner, tests, known)
        case .needs(let runs):
          #expect(!runs.isEmpty)
          for run in runs {
            #expect(plan.number(of: run).map { known.has($0) } == false, "asked for twice: \(run)")
            var figures = sample
            let values = plan.values(of: run.variant)
            figures.run = run
            figures.failures = loses(values, run.seed) ? 3 : 0
            figures.rotation = .seconds(seconds(values))
            known.add(figures)
          }
        }
      }
      Issue.record("the search does not end")
      return (search, nil, [], known)
    }
  }

  private static func number(_ value: String) -> Int64 { Quantity(parsing: value[...])!.amount }

  /// Every place of the knee, and none at all.
  @Test(arguments: 0...31) func `it finds the knee wherever it is, with few looks`(knee: Int64)
    throws
  {
    let world = try World(
      "rotation.drain=0s...30s/1s",
      loses: { values, _ in Self.number(values[0]) < knee * 1_000_000_000 },
      seconds: { Self.number($0[0]) / 1_000_000_000 + 10 })
    let found = try world.played()
    if knee == 31 {
      #expect(found.winner == nil)
    } else {
      let winner = try #require(found.winner)
      #expect(world.plan.values(of: winner.variant) == ["\(Interval.seconds(knee))"])
      #expect(winner.seeds.count == 50)
    }
    let looked = (0..<world.plan.variants).count { !found.known.runs(of: $0).isEmpty }
    #expect(looked <= 11, "\(looked) of 31 values")
  }

  @Test func `lines race, and the fastest knee of all wins`() throws {
    // Each inter has a knee of its own; the shorter rotation is not at the shorter wait.
    let knees = ["1s": 4, "2s": 2, "12s": 6]
    let extra = ["1s": 0, "2s": 9, "12s": 1]
    let world = try World(
      "proxy.inter=1s,2s,12s", "rotation.drain=0s...10s/1s",
      loses: { values, _ in
        Self.number(values[1]) < Int64(knees[values[0]]!) * 1_000_000_000
      }, seconds: { Self.number($0[1]) / 1_000_000_000 + Int64(extra[$0[0]]!) })
    let found = try world.played()
    let winner = try #require(found.winner)
    #expect(world.plan.values(of: winner.variant) == ["1s", "4s"])
  }

  /// Close to the knee one upgrade in thirty loses: the race may miss it, the fresh seeds see it, and
  /// the wait is stretched until they see nothing.
  @Test func `what loses rarely is caught by fresh seeds, and the wait is stretched`() throws {
    let world = try World(
      "rotation.drain=0s...30s/1s",
      loses: { values, seed in
        let wait = Self.number(values[0]) / 1_000_000_000
        return wait < 5 || wait < 8 && seed % 33 == 0
      }, seconds: { Self.number($0[0]) / 1_000_000_000 })
    let found = try world.played()
    let winner = try #require(found.winner)
    #expect(world.plan.values(of: winner.variant) == ["8s"])
    #expect(found.tests.count > 1)
    #expect(found.tests.dropLast().allSatisfy { !$0.held })
    // No seed was used twice.
    let ranges = found.tests.map(\.seeds)
    for (index, range) in ranges.enumerated() {
      #expect(range.first > 32)
      for other in ranges[(index + 1)...] {
        #expect(
          range.first + UInt64(range.count) <= other.first
            || other.first + UInt64(other.count) <= range.first)
      }
    }
  }

  @Test func `some upgrades may miss if that is allowed`() throws {
    var options = TuneSearch.Options(seeds: 32, freshSeeds: 50, finalists: 1, allowed: 10)
    let loses: ([String], UInt64) -> Bool = { values, seed in
      let wait = Self.number(values[0]) / 1_000_000_000
      return wait < 5 || wait < 8 && seed % 20 == 0
    }
    let seconds: ([String]) -> Int64 = { Self.number($0[0]) / 1_000_000_000 }
    let lax = try World(
      "rotation.wait=0s...30s/1s", options: options, loses: loses, seconds: seconds)
    #expect(lax.plan.values(of: try #require(try lax.played().winner).variant) == ["5s"])
    options.allowed = 0
    let strict = try World(
      "rotation.wait=0s...30s/1s", options: options, loses: loses, seconds: seconds)
    #expect(strict.plan.values(of: try #require(try strict.played().winner).variant) == ["8s"])
  }

  @Test func `without a wait every value races`() throws {
    let world = try World(
      "proxy.fall=1...5", loses: { values, _ in Self.number(values[0]) < 3 },
      seconds: { Self.number($0[0]) })
    let found = try world.played()
    #expect(found.search.waits == nil)
    #expect(world.plan.values(of: try #require(found.winner).variant) == ["3"])
  }

  @Test func `values of a wait need not be in order`() throws {
    let world = try World(
      "rotation.settle=9s,1s,5s,500ms",
      loses: { values, _ in Self.number(values[0]) < 2_000_000_000 },
      seconds: { Self.number($0[0]) / 1_000_000_000 })
    let found = try world.played()
    #expect(world.plan.values(of: try #require(found.winner).variant) == ["5s"])
  }

  @Test func `a hopeless variant is left after a few runs`() throws {
    let world = try World("proxy.fall=1...5", loses: { _, _ in true }, seconds: { _ in 1 })
    let found = try world.played()
    #expect(found.winner == nil)
    #expect(found.tests == [])
    for variant in 0..<5 { #expect(found.known.runs(of: variant).count == 4) }
  }

  @Test func `rounds grow fourfold`() {
    #expect(TuneSearch.rounds(64) == [4, 16, 64])
    #expect(TuneSearch.rounds(32) == [8, 32])
    #expect(TuneSearch.rounds(3) == [3])
  }

  @Test func `the report names the knee, the front and how sure it is`() throws {
    let world = try World(
      "rotation.drain=0s...30s/1s",
      loses: { values, _ in Self.number(values[0]) < 7_000_000_000 },
      seconds: { Self.number($0[0]) / 1_000_000_000 + 10 })
    let found = try world.played()
    var incumbent = world.sample
    incumbent.failures = 40
    let report = TuneReport(
      found.search, plan: world.plan, requirements: [try Requirement(parsing: "errors=0")],
      options: world.options, bounds: world.bounds, winner: found.winner, tests: found.tests,
      known: found.known, incumbents: [("as it stands", [incumbent])])
    #expect(report.margin?.chosen == .seconds(7))
    #expect(report.margin?.failed?.wait == .seconds(6))
    let front = report.front.map(\.name)
    #expect(front.last == "rotation.drain=7s")
    // Shorter ones lose, longer ones are slower.
    #expect(!front.contains("rotation.drain=10s"))
    let text = TuneTable(report, width: 80).text
    #expect(text.contains("missed in 0 of 50 upgrades with fresh seeds"))
    #expect(text.contains("fewer than 5.8 % of upgrades"))
    #expect(text.contains("margin 1s beyond the knee: rotation.drain=6s missed in"))
    #expect(text.contains("as it stands"))
    #expect(text.split(separator: "\n").filter { $0.count > 80 } == [])
    let files = TuneFiles(report, found.known).all
    #expect(files.map(\.name) == ["plan.txt", "runs.csv", "tune.json", "pareto.svg", "tune.html"])
    #expect(String(decoding: files[4].bytes, as: UTF8.self).contains("<svg"))
  }
}
