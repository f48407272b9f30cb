// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import FalseworkLive
import FalseworkReport
import FalseworkScenario
import FalseworkSim
import Glibc
import NIOCore
import NIOPosix

/// `falsework run`: a scenario from its beginning to its end.
struct RunCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Run a scenario, and say what failed and why.",
    discussion: """
        falsework run specs/scenarios/first-upgrade.yaml
        falsework run specs/scenarios/first-upgrade.yaml --world simulated
        falsework run specs/scenarios/first-upgrade.yaml --time-scale 10
        falsework run specs/scenarios/first-upgrade.yaml --world simulated \\
            --set rotation.strategy=maint --set rotation.wait=1s --out results/

      Exit code 0 if all thresholds held, 1 if one was missed; specs/cli.md has the
      others.
      """)

  enum WorldChoice: String, ExpressibleByArgument, CaseIterable {
    case live, simulated
  }

  enum Format: String, ExpressibleByArgument, CaseIterable {
    case table, json
  }

  @OptionGroup var options: ScenarioOptions

  @Option(help: "live: real sockets and real seconds. simulated: virtual time.")
  var world = WorldChoice.live

  @Option(
    name: .customLong("out"),
    help: ArgumentHelp("Write result.json, requests.csv and events.csv there.", valueName: "dir"))
  var directory: String?

  @Option(help: "What to print at the end.")
  var format = Format.table

  @Flag(name: .shortAndLong, help: "No progress while it runs.")
  var quiet = false

  @Option(
    help: ArgumentHelp(
      "Write every event of a simulated run as a line of text.", valueName: "file"))
  var trace: String?

  mutating func validate() throws {
    if trace != nil, world != .simulated {
      throw ValidationError("--trace needs --world simulated")
    }
  }

  mutating func run() async throws {
    let scenario = try options.read()
    // A run may take minutes: that its files cannot be written is said before.
    if let directory { try TextFile.makeDirectory(directory) }
    if let trace { try TextFile.write([], to: trace) }
    let result =
      switch world {
      case .simulated: try simulated(scenario)
      case .live: try await live(scenario)
      }
    switch format {
    case .table:
      let table = TerminalTable(
        result, width: Terminal.width(of: .output), colours: Terminal.hasColours(.output))
      Terminal.write(table.text, to: .output)
    case .json:
      Terminal.write(String(decoding: ResultJSON(result).bytes, as: UTF8.self), to: .output)
    }
    if let directory { try write(result, to: directory) }
    guard result.verdict == .held else {
      throw CommandEnd(status: result.verdict.exitStatus, message: nil)
    }
  }

  private func simulated(_ scenario: Scenario) throws(CommandEnd) -> RunResult {
    // Nobody watches it while it runs.
    var kept = RunCollector.Options.everything
    kept.recentSeconds = 0
    let run = Simulation.result(
      of: scenario,
      options: Simulation.Options(seed: scenario.seed, traces: trace != nil),
      keeping: kept, timeScale: options.timeScale, program: FalseworkCommand.version)
    if let trace { try TextFile.write(Array(run.trace.text.utf8), to: trace) }
    return run.result
  }

  private func live(_ scenario: Scenario) async throws -> RunResult {
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    let cluster = LiveCluster.Options(
      keepsAddresses: false, socketPath: nil, childCommand: NodeCommand.command(options))
    let watcher = RunWatcher(isQuiet: quiet)
    let timeScale = options.timeScale
    let run = Task {
      try await LiveRun.result(
        of: scenario, seed: scenario.seed, options: cluster, keeping: .everything,
        timeScale: timeScale, program: FalseworkCommand.version, on: group.next(),
        progress: { watcher.show($0) })
    }
    // The first order to stop ends the run with what there is; a second one ends the program.
    let signals = SignalWatch([SIGINT, SIGTERM]) { number in
      if run.isCancelled { Glibc.exit(ExitStatus.interrupted.rawValue) }
      run.cancel()
    }
    defer { withExtendedLifetime(signals) {} }
    do {
      let result = try await run.value
      watcher.end()
      try await group.shutdownGracefully()
      return result
    } catch {
      watcher.end()
      throw CommandEnd(status: .environment, message: "\(error)")
    }
  }

  private func write(_ result: RunResult, to directory: String) throws(CommandEnd) {
    for file in result.files { try TextFile.write(file.bytes, to: directory + "/" + file.name) }
    if !quiet {
      TextFile.complain(
        "written to \(directory): \(result.files.map(\.name).joined(separator: ", "))")
    }
  }
}
