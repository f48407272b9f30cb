// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import FalseworkLive
import FalseworkReport
import FalseworkScenario
import FalseworkSim
import NIOCore
import NIOPosix

/// `falsework agree`: whether what is measured is what the simulation says can happen.
struct AgreeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "agree",
    abstract: "Compare runs on sockets, or measured elsewhere, with many simulated ones.",
    discussion: """
        falsework agree specs/scenarios/kill-nine.yaml --runs 3
        falsework agree specs/scenarios/first-upgrade.yaml --time-scale 4
        falsework agree specs/lab/*.yaml --measured specs/lab/measured.csv
        falsework agree mine.yaml --runs 0 --seeds 400

      Each scenario is run on sockets (--runs times), and with many seeds in virtual
      time. Every figure that was measured is then beside the band that holds 99 of
      100 seeds: it agrees, it differs, or it is not known. --measured takes runs from a
      table instead of running any. --runs 0 prints what the simulation predicts.

      Exit code 0 if nothing differs, 1 if something does; specs/agreement.md says how
      a row is judged.
      """)

  @Argument(help: "Scenario files.")
  var scenarios: [String]

  @Option(help: "How often each scenario is run on sockets.")
  var runs: Int?

  @Option(help: "How many seeds are simulated; fewer than 100 have no band of 99 %.")
  var seeds = 200

  @Option(help: "Seeds count up from here, on sockets too.")
  var seed: UInt64 = 1

  @Option(
    help: "Divide every duration of the scenario and of its haproxy.cfg by this whole number.")
  var timeScale: Int64 = 1

  @Option(
    name: .customLong("set"), parsing: .singleValue,
    help: ArgumentHelp(
      "Lay a value over every scenario. May be repeated.", valueName: "path=value"))
  var values: [String] = []

  @Option(
    help: ArgumentHelp(
      "Runs that were measured elsewhere: a table, a line for each.", valueName: "file.csv"))
  var measured: String?

  @Option(
    help: ArgumentHelp(
      "Write the tables as Markdown, into a file or between the marks of --section.",
      valueName: "file.md"))
  var report: String?

  @Option(
    help: ArgumentHelp(
      "What stands between <!-- begin NAME --> and <!-- end NAME --> is replaced.",
      valueName: "name"))
  var section: String?

  mutating func validate() throws {
    guard timeScale >= 1 else {
      throw ValidationError("--time-scale must be a whole number from 1 on, not \(timeScale)")
    }
    guard (1...100_000).contains(seeds) else {
      throw ValidationError("--seeds must be 1 to 100000, not \(seeds)")
    }
    guard (0...1_000).contains(runs ?? 1) else {
      throw ValidationError("--runs must be 0 to 1000, not \(runs ?? 1)")
    }
    if measured != nil, runs != nil {
      throw ValidationError("--measured takes the runs from a table; leave out --runs")
    }
    if section != nil, report == nil { throw ValidationError("--section needs --report") }
    for value in values where ScenarioOverride(parsing: value) == nil {
      throw ValidationError("--set takes PATH=VALUE such as rotation.wait=5s, not '\(value)'")
    }
  }

  mutating func run() async throws {
    let table = try measured.map { try Self.table($0) }
    // A mistake in the last file is said before the first is run for minutes.
    let all = try scenarios.map { try read($0) }
    var agreements: [Agreement] = []
    for scenario in all {
      let measured: [ComparedFigures]
      if let table {
        measured = table.runs(of: scenario.name)
      } else {
        measured = try await live(scenario)
      }
      if table != nil, measured.isEmpty {
        TextFile.complain("\(scenario.name): no run of it in the table; predicted only")
      }
      let agreement = Agreement(
        name: scenario.name, measured: measured, simulated: simulate(scenario),
        options: table == nil ? .live : .measured)
      agreements.append(agreement)
      if report == nil {
        Terminal.write(agreement.text + "\n", to: .output)
      } else {
        Terminal.write("\(scenario.name): \(agreement.summary)\n", to: .output)
      }
    }
    try write(agreements)
    if agreements.contains(where: { $0.differing > 0 }) {
      throw CommandEnd(status: .missed, message: nil)
    }
  }

  private func read(_ path: String) throws(CommandEnd) -> Scenario {
    do {
      var scenario = try ScenarioReader.files.read(
        path, overrides: values.compactMap { ScenarioOverride(parsing: $0) })
      // Thresholds may end a run early, and are not what is asked here.
      scenario.thresholds = []
      return scenario.divided(by: timeScale)
    } catch {
      throw CommandEnd(status: .scenario, message: error.description)
    }
  }

  private static func table(_ path: String) throws(CommandEnd) -> MeasuredRuns {
    let bytes: [UInt8]
    do {
      bytes = try TextFile.read(path)
    } catch {
      throw CommandEnd(status: .environment, message: "\(path): \(error.reason)")
    }
    do {
      return try MeasuredRuns(String(decoding: bytes, as: UTF8.self))
    } catch {
      throw CommandEnd(status: .scenario, message: "\(path):\(error.line): \(error.what)")
    }
  }

  private func simulate(_ scenario: Scenario) -> [ComparedFigures] {
    let progress = CountLine("\(scenario.name): simulated", of: seeds)
    defer { progress.end() }
    let all = (0..<UInt64(seeds)).map { seed &+ $0 }
    return ParallelSeeds.map(
      all, done: { progress.show($0) },
      { seed in
        ComparedFigures(
          Simulation.result(
            of: scenario, options: Simulation.Options(seed: seed), keeping: .figures,
            timeScale: timeScale, program: FalseworkCommand.version
          ).result)
      })
  }

  private func live(_ scenario: Scenario) async throws -> [ComparedFigures] {
    let count = runs ?? 1
    guard count > 0 else { return [] }
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    let options = LiveCluster.Options(
      keepsAddresses: false, socketPath: nil, childCommand: nil)
    let progress = CountLine("\(scenario.name): run on sockets", of: count)
    var figures: [ComparedFigures] = []
    do {
      for index in 0..<count {
        progress.show(index)
        figures.append(
          ComparedFigures(
            try await LiveRun.result(
              of: scenario, seed: seed &+ UInt64(index), options: options, keeping: .figures,
              timeScale: timeScale, program: FalseworkCommand.version, on: group.next(),
              progress: nil)))
      }
    } catch {
      progress.end()
      throw CommandEnd(status: .environment, message: "\(error)")
    }
    progress.end()
    try await group.shutdownGracefully()
    return figures
  }

  // MARK: The page

  private func write(_ agreements: [Agreement]) throws(CommandEnd) {
    guard let report else { return }
    let text = agreements.map(\.markdown).joined(separator: "\n")
    guard let section else { return try TextFile.write(Array(text.utf8), to: report) }
    let page: String
    do {
      page = String(decoding: try TextFile.read(report), as: UTF8.self)
    } catch {
      throw CommandEnd(status: .environment, message: "\(report): \(error.reason)")
    }
    guard let replaced = MarkedSection(name: section).replaced(in: page, by: text) else {
      throw CommandEnd(
        status: .usage,
        message: "\(report): no <!-- begin \(section) --> with its <!-- end \(section) -->")
    }
    try TextFile.write(Array(replaced.utf8), to: report)
  }
}
