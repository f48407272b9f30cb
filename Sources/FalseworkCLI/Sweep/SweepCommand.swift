// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Dispatch
import FalseworkLab
import FalseworkLive
import FalseworkReport
import Glibc

/// `falsework sweep`: every combination of values, each with the same seeds, on all cores.
struct SweepCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sweep",
    abstract: "Play every combination of values, simulated, and map what they lose.",
    discussion: """
        falsework sweep specs/scenarios/first-upgrade.yaml --seeds 100
        falsework sweep specs/scenarios/first-upgrade.yaml \\
            --vary rotation.drain=0s...3s/250ms --vary rotation.settle=0s,2s,10s
        falsework sweep specs/scenarios/first-upgrade.yaml -o sweep \\
            --vary proxy.inter=1s...12s/1s --vary proxy.fall=1...5 --seeds 50
        falsework sweep s.yaml --vary load.users=1...9 -o part3 --shard 3/8
        falsework sweep merge part1 part2 part3 -o whole

      Values are a list, or a range FIRST...LAST/STEP of durations, counts,
      percentages or rates. Every variant has the same seeds. With -o what is done is
      kept: the same command goes on where it was. specs/sweep.md has the files and
      how to spread a sweep over many machines.

      Exit code 0 when all runs are done, 4 if one broke an invariant.
      """)

  enum Format: String, ExpressibleByArgument, CaseIterable {
    case table, csv, json
  }

  @OptionGroup var options: ScenarioOptions

  @Option(
    name: .customLong("vary"), parsing: .singleValue,
    help: ArgumentHelp(
      "Values of a key, such as rotation.drain=0s...30s/1s. May be repeated.",
      valueName: "path=values"))
  var axes: [String] = []

  @Option(help: "How many runs of each variant, with seeds in a row.")
  var seeds = 20

  @Option(help: "Runs at a time; all cores if not given.")
  var jobs: Int?

  @Option(help: "Play only a part of the runs: 3/8 is the third of eight.")
  var shard: String?

  @Option(
    name: [.customShort("o"), .customLong("out")],
    help: ArgumentHelp("Keep the runs there, and write tables and maps.", valueName: "dir"))
  var directory: String?

  @Option(help: "What to print at the end.")
  var format = Format.table

  @Flag(name: .shortAndLong, help: "No progress while it runs.")
  var quiet = false

  mutating func validate() throws {
    guard (1...10_000_000).contains(seeds) else {
      throw ValidationError("--seeds takes a whole number from 1 on, not \(seeds)")
    }
    if let jobs, jobs < 1 {
      throw ValidationError("--jobs takes a whole number from 1 on, not \(jobs)")
    }
    if let shard {
      guard Shard(parsing: shard) != nil else {
        throw ValidationError("--shard takes I/N, from 1/N to N/N, not '\(shard)'")
      }
      if directory == nil { throw ValidationError("--shard needs -o for what it plays") }
    }
    _ = try Self.axes(axes)
  }

  /// Axes as they were written; each key once.
  static func axes(_ texts: [String]) throws -> [SweepAxis] {
    do throws(SweepProblem) {
      var axes: [SweepAxis] = []
      for text in texts {
        let axis = try SweepAxis(parsing: text)
        if axes.contains(where: { $0.path == axis.path }) {
          throw SweepProblem("--vary \(axis.path) comes twice")
        }
        axes.append(axis)
      }
      return axes
    } catch {
      throw ValidationError(error.description)
    }
  }

  mutating func run() async throws {
    let source = try ScenarioSource(options)
    let axes = try Self.axes(axes)
    guard SweepPlan.product(axes.map(\.values.count) + [seeds]) != nil else {
      throw CommandEnd(
        status: .usage, message: "more than \(SweepPlan.mostRuns) runs: vary less, or fewer seeds")
    }
    let plan = SweepPlan(
      program: FalseworkCommand.version, scenario: options.scenario,
      fingerprint: source.fingerprint, settings: options.values, timeScale: options.timeScale,
      axes: axes, seeds: SeedRange(first: options.seed ?? 1, count: seeds))
    var player = RunPlayer(source: source, jobs: jobs ?? Cores.count)
    player.timeScale = options.timeScale
    let bounds = try await player.bounds(plan)
    var store = try directory.map { try SweepStore($0, plan) }
    var table = store?.table ?? RunTable(plan)
    try await play(plan, player, &store, &table)
    let result = SweepResult(table, bounds: bounds)
    try end(result)
  }

  /// Plays what is not there yet.
  private func play(
    _ plan: SweepPlan, _ player: RunPlayer, _ store: inout SweepStore?, _ table: inout RunTable
  ) async throws {
    let shard = shard.flatMap { Shard(parsing: $0) } ?? .whole
    let pending = (0..<plan.runs).filter { shard.contains($0) && !table.has($0) }
    var progress = SweepProgress(total: pending.count, isQuiet: quiet)
    let kept = directory
    let signals = SignalWatch([SIGINT, SIGTERM]) { _ in
      TextFile.complain(
        kept.map { "\ninterrupted: what is done is in \($0); the same command goes on" }
          ?? "\ninterrupted")
      Glibc.exit(ExitStatus.interrupted.rawValue)
    }
    defer { withExtendedLifetime(signals) {} }
    try await player.play(batches(plan, pending, jobs: player.jobs)) { figures in
      for one in figures { table.add(one) }
      try store?.add(figures)
      progress.add(figures.count)
      return true
    }
    progress.end()
    try store?.close()
  }

  /// A few runs of one variant together, so that its scenario is read once for them; few enough that
  /// all cores have some to the end.
  private func batches(_ plan: SweepPlan, _ runs: [Int], jobs: Int) -> [RunPlayer.Batch] {
    let most = max(1, min(16, runs.count / (jobs * 4)))
    var batches: [RunPlayer.Batch] = []
    var last = -1
    for number in runs {
      let run = plan.run(number)
      if run.variant != last || batches[batches.count - 1].runs.count == most {
        batches.append(RunPlayer.Batch(overrides: plan.overrides(of: run.variant), runs: []))
        last = run.variant
      }
      batches[batches.count - 1].runs.append(run)
    }
    return batches
  }

  private func end(_ result: SweepResult) throws {
    if let shard, !result.table.isComplete {
      guard !quiet else { return }
      TextFile.complain(
        "shard \(shard) is done; with the others: falsework sweep merge \(directory!) … -o DIR")
    } else {
      if let directory {
        let names = try SweepStore.write(result, to: directory)
        if !quiet {
          TextFile.complain("written to \(directory): \(names.joined(separator: ", "))")
        }
      }
      Self.print(result, format)
    }
    try Self.complain(result)
  }

  static func print(_ result: SweepResult, _ format: Format) {
    let text =
      switch format {
      case .table: SweepTable(result, width: Terminal.width(of: .output)).text
      case .csv: SweepFiles(result).variantsCSV
      case .json: String(decoding: SweepFiles(result).json, as: UTF8.self)
      }
    Terminal.write(text, to: .output)
  }

  /// Ends the command if a run broke an invariant, with the command that plays it again.
  static func complain(_ result: SweepResult) throws(CommandEnd) {
    let broken = result.table.runs.values.filter(\.isBroken).min {
      ($0.run.variant, $0.run.seed) < ($1.run.variant, $1.run.seed)
    }
    guard let broken else { return }
    let plan = result.plan
    var words = ["falsework run", plan.scenario, "--world simulated", "--seed \(broken.run.seed)"]
    words += plan.settings.map { "--set '\($0)'" }
    words += zip(plan.axes, plan.values(of: broken.run.variant)).map {
      "--set '\($0.path)=\($1)'"
    }
    throw CommandEnd(
      status: .broken,
      message: "a run broke an invariant of this program; it is played again by\n  "
        + words.joined(separator: " "))
  }
}

/// How many runs this machine plays at once.
enum Cores {
  /// Those that this process may use.
  static var count: Int { max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))) }
}
