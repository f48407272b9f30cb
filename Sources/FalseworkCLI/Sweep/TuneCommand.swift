// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import FalseworkCore
import FalseworkLab
import FalseworkLive
import FalseworkReport
import FalseworkRotation
import FalseworkScenario
import Glibc

/// `falsework tune`: the fastest plan that keeps what is required.
struct TuneCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tune",
    abstract: "Find the fastest rotation that keeps what you require.",
    discussion: """
        falsework tune specs/scenarios/first-upgrade.yaml \\
            --vary rotation.drain=0s...10s/100ms --require errors=0
        falsework tune specs/scenarios/three-nodes-open-loop.yaml -o tuned \\
            --vary rotation.drain=0s...5s/50ms --vary rotation.batch=1,2 \\
            --vary proxy.inter=1s,2s,12s \\
            --require errors=0 --require 'p99<500ms' --require 'ready>=1'

      It begins at the bound that theory gives, bisects the longest wait that is
      varied, races the other values with common seeds, and tries what wins again
      with fresh ones. It prints the plan, its margin beyond the knee, how sure that
      is, what else there was to choose from, and the changed lines of haproxy.cfg
      and scenario.
      specs/tune.md has the search.

      Exit code 0 if a plan was found, 1 if none keeps what is required.
      """)

  @OptionGroup var options: ScenarioOptions

  @Option(
    name: .customLong("vary"), parsing: .singleValue,
    help: ArgumentHelp(
      "Values to choose from, such as rotation.drain=0s...30s/1s. May be repeated.",
      valueName: "path=values"))
  var axes: [String] = []

  @Option(
    name: .customLong("require"), parsing: .singleValue,
    help: ArgumentHelp(
      "What every upgrade must keep, such as errors=0, 'p99<500ms' or 'ready>=2'.",
      valueName: "condition"))
  var conditions: [String] = []

  @Option(
    help: ArgumentHelp(
      "Upgrades that may miss what is required, in percent.", valueName: "percent"))
  var allow = 0

  @Option(help: "Seeds of the last round of the race.")
  var seeds = 64

  @Option(help: "Fresh seeds for each finalist.")
  var fresh = 200

  @Option(
    parsing: .singleValue,
    help: ArgumentHelp(
      "A plan in use, to be shown beside: a preset, or 'slow: proxy.inter=12s'.",
      valueName: "name"))
  var incumbent: [String] = []

  @Option(help: "Runs at a time; all cores if not given.")
  var jobs: Int?

  @Option(
    name: [.customShort("o"), .customLong("out")],
    help: ArgumentHelp("Keep the runs there, and write the answer and its chart.", valueName: "dir")
  )
  var directory: String?

  @Option(help: "What to print at the end.")
  var format = Format.table

  @Flag(name: .shortAndLong, help: "No progress while it runs.")
  var quiet = false

  enum Format: String, ExpressibleByArgument, CaseIterable {
    case table, json
  }

  mutating func validate() throws {
    for (name, value, least) in [("seeds", seeds, 1), ("fresh", fresh, 1)] {
      guard (least...1_000_000).contains(value) else {
        throw ValidationError("--\(name) takes a whole number from \(least) on, not \(value)")
      }
    }
    guard (0...99).contains(allow) else {
      throw ValidationError("--allow takes a percentage from 0 to 99, not \(allow)")
    }
    if let jobs, jobs < 1 {
      throw ValidationError("--jobs takes a whole number from 1 on, not \(jobs)")
    }
    guard !axes.isEmpty else {
      throw ValidationError(
        "nothing to choose from: give --vary, such as rotation.drain=0s...30s/1s")
    }
    _ = try SweepCommand.axes(axes)
    _ = try requirements()
    for text in incumbent where Incumbent(parsing: text, begin: .zero) == nil {
      throw ValidationError(
        "--incumbent takes a preset such as kolla-ansible, or NAME:PATH=VALUE;PATH=VALUE such as "
          + "'slow: proxy.inter=12s', not '\(text)'")
    }
  }

  private func requirements() throws -> [Requirement] {
    do throws(SweepProblem) {
      var requirements: [Requirement] = []
      for text in conditions.isEmpty ? ["errors=0"] : conditions {
        requirements.append(try Requirement(parsing: text))
      }
      return requirements
    } catch {
      throw ValidationError(error.description)
    }
  }

  mutating func run() async throws {
    let source = try ScenarioSource(options)
    let axes = try SweepCommand.axes(axes)
    let searchOptions = TuneSearch.Options(
      seeds: seeds, freshSeeds: fresh, finalists: 3, allowed: allow)
    let range = TuneSearch.seeds(searchOptions, first: options.seed ?? 1)
    guard SweepPlan.product(axes.map(\.values.count)) ?? .max <= 100_000 else {
      throw CommandEnd(status: .usage, message: "more than 100000 plans: vary less")
    }
    let plan = SweepPlan(
      program: FalseworkCommand.version, scenario: options.scenario,
      fingerprint: source.fingerprint, settings: options.values, timeScale: options.timeScale,
      axes: axes, seeds: range)
    var player = RunPlayer(source: source, jobs: jobs ?? Cores.count)
    player.timeScale = options.timeScale
    let bounds = try await player.bounds(plan)
    let incumbents = try self.incumbents(source)
    let requirements = try requirements()
    let search = TuneSearch(
      plan: plan, requirements: requirements, bounds: bounds, options: searchOptions)
    var store = try directory.map { try SweepStore($0, plan) }
    var known = store?.table ?? RunTable(plan)
    let signals = SignalWatch([SIGINT, SIGTERM]) { [directory] _ in
      TextFile.complain(
        directory.map { "\ninterrupted: what is done is in \($0); the same command goes on" }
          ?? "\ninterrupted")
      Glibc.exit(ExitStatus.interrupted.rawValue)
    }
    defer { withExtendedLifetime(signals) {} }
    let (winner, tests) = try await self.search(search, player, &store, &known)
    var report = TuneReport(
      search, plan: plan, requirements: requirements, options: searchOptions, bounds: bounds,
      winner: winner, tests: tests, known: known,
      incumbents: try await play(incumbents, player))
    if let winner {
      report.changes = ChangedLines.text(
        source, path: plan.scenario,
        overrides: plan.overrides(of: winner.variant))
    }
    try end(report, known)
  }

  /// Plays what the search asks for until it has its answer.
  private func search(
    _ search: TuneSearch, _ player: RunPlayer, _ store: inout SweepStore?, _ known: inout RunTable
  ) async throws -> (TuneSearch.Finalist?, [TuneSearch.Finalist]) {
    let plan = known.plan
    var progress = SweepProgress(total: 0, isQuiet: quiet)
    while true {
      switch search.answer(known) {
      case .found(let winner, let tests):
        progress.end()
        try store?.close()
        return (winner, tests)
      case .needs(let runs):
        progress.expect(runs.count)
        let most = max(1, min(16, runs.count / (player.jobs * 2)))
        var batches: [RunPlayer.Batch] = []
        var last = -1
        for run in runs {
          if run.variant != last || batches[batches.count - 1].runs.count == most {
            batches.append(RunPlayer.Batch(overrides: plan.overrides(of: run.variant), runs: []))
            last = run.variant
          }
          batches[batches.count - 1].runs.append(run)
        }
        try await player.play(batches) { figures in
          for one in figures { known.add(one) }
          try store?.add(figures)
          progress.add(figures.count)
          return true
        }
      }
    }
  }

  // MARK: Incumbents

  /// The scenario as it stands, and those of the command line; without any, what the usual tools do.
  private func incumbents(_ source: ScenarioSource) throws(CommandEnd) -> [Incumbent] {
    let settings = options.values.compactMap { ScenarioOverride(parsing: $0) }
    var incumbents: [Incumbent] = []
    var begin = Interval.seconds(10)
    do throws(ScenarioProblems) {
      if let rotation = try source.read(settings).rotation {
        begin = rotation.begin * options.timeScale
        incumbents.append(Incumbent(name: "as it stands", overrides: settings))
      }
    } catch {
      // A scenario that only a varied value makes whole has nothing that stands.
    }
    for text in incumbent.isEmpty ? Incumbent.usual : incumbent {
      guard var one = Incumbent(parsing: text, begin: begin) else { continue }
      one.overrides = settings + one.overrides
      do throws(ScenarioProblems) {
        _ = try source.read(one.overrides)
      } catch {
        throw CommandEnd(status: .scenario, message: error.description)
      }
      incumbents.append(one)
    }
    return incumbents
  }

  /// With the seeds of the race.
  private func play(
    _ incumbents: [Incumbent], _ player: RunPlayer
  ) async throws -> [(name: String, runs: [RunFigures])] {
    var results: [(name: String, runs: [RunFigures])] = incumbents.map { ($0.name, []) }
    let first = options.seed ?? 1
    var batches: [RunPlayer.Batch] = []
    for (index, incumbent) in incumbents.enumerated() {
      for seed in 0..<seeds {
        batches.append(
          RunPlayer.Batch(
            overrides: incumbent.overrides,
            runs: [SweepRun(variant: index, seed: first &+ UInt64(seed))]))
      }
    }
    try await player.play(batches) { figures in
      for one in figures { results[one.run.variant].runs.append(one) }
      return true
    }
    return results
  }

  private func end(_ report: TuneReport, _ known: RunTable) throws(CommandEnd) {
    let files = TuneFiles(report, known)
    if let directory {
      try SweepStore.write(files.all, to: directory)
      if !quiet {
        TextFile.complain(
          "written to \(directory): \(files.all.map(\.name).joined(separator: ", "))")
      }
    }
    switch format {
    case .table:
      Terminal.write(TuneTable(report, width: Terminal.width(of: .output)).text, to: .output)
    case .json: Terminal.write(String(decoding: files.json, as: UTF8.self), to: .output)
    }
    guard report.winner == nil else { return }
    throw CommandEnd(
      status: .missed, message: format == .table ? nil : report.verdict.joined(separator: "; "))
  }
}
