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
        falsework run upgrade.yaml --world field --field site.yaml --out results/

      The field world drives a HAProxy and nodes that are there already, by commands of
      your own: specs/field.md.

      Exit code 0 if all thresholds held, 1 if one was missed; specs/cli.md has the
      others.
      """)

  enum WorldChoice: String, ExpressibleByArgument, CaseIterable {
    case live, simulated, field
  }

  @OptionGroup var options: ScenarioOptions

  @Option(
    help:
      "live: real sockets and real seconds. simulated: virtual time. field: your HAProxy and nodes."
  )
  var world = WorldChoice.live

  @Option(
    name: .customLong("field"),
    help: ArgumentHelp(
      "Where the field world's proxy and nodes are, and its commands.", valueName: "file"))
  var fieldFile: String?

  @OptionGroup var output: OutputOptions

  @Option(
    help: ArgumentHelp(
      "Write every event of a simulated run as a line of text.", valueName: "file"))
  var trace: String?

  mutating func validate() throws {
    if trace != nil, world != .simulated {
      throw ValidationError("--trace needs --world simulated")
    }
    if world == .field, options.timeScale != 1 {
      throw ValidationError("--time-scale does not change the times of a real HAProxy")
    }
    if world != .field, fieldFile != nil {
      throw ValidationError("--field needs --world field")
    }
  }

  mutating func run() async throws {
    var scenario = try options.read(field: fieldFile, proxyIsThere: world == .field)
    scenario.thresholds = output.thresholds(scenario.thresholds)
    if let trace { try TextFile.write([], to: trace) }
    try writeScenario(seed: scenario.seed)
    switch world {
    case .simulated:
      let files = try await RunOutput(output, on: nil)
      try await files.end(try simulated(scenario, files))
    case .live, .field: try await live(scenario)
    }
  }

  /// Beside the result, so that it can be explained and played again: whole, with its proxy's
  /// configuration and the values of the command line.
  private func writeScenario(seed: UInt64) throws(CommandEnd) {
    guard let directory = output.directory else { return }
    try TextFile.makeDirectory(directory)
    try TextFile.write(
      Array(try options.tree(seed: seed).text.utf8), to: directory + "/scenario.yaml")
  }

  private func simulated(
    _ scenario: Scenario, _ files: RunOutput
  ) throws(CommandEnd) -> RunResult {
    // Nobody watches it while it runs.
    var kept = output.keeping
    kept.recentSeconds = 0
    let run = Simulation.result(
      of: scenario,
      options: Simulation.Options(seed: scenario.seed, traces: trace != nil),
      keeping: kept, timeScale: options.timeScale, program: FalseworkCommand.version,
      writing: { files.write($0) })
    if let trace { try TextFile.write(Array(run.trace.text.utf8), to: trace) }
    return run.result
  }

  private func live(_ scenario: Scenario) async throws {
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    let cluster = LiveCluster.Options(
      keepsAddresses: false, socketPath: nil, childCommand: NodeCommand.command(options))
    let files = try await RunOutput(output, on: group.next())
    let (timeScale, kept) = (options.timeScale, output.keeping)
    let field = try world == .field ? fieldOptions() : nil
    let run = Task {
      if let field {
        try await LiveRun.result(
          of: scenario, seed: scenario.seed, field: field, keeping: kept,
          program: FalseworkCommand.version, on: group.next(),
          withMetrics: files.wantsMetrics, progress: { files.show($0) })
      } else {
        try await LiveRun.result(
          of: scenario, seed: scenario.seed, options: cluster, keeping: kept,
          timeScale: timeScale, program: FalseworkCommand.version, on: group.next(),
          withMetrics: files.wantsMetrics, progress: { files.show($0) })
      }
    }
    // The first order to stop ends the run with what there is; a second one ends the program.
    let signals = SignalWatch([SIGINT, SIGTERM]) { number in
      if run.isCancelled { Glibc.exit(ExitStatus.interrupted.rawValue) }
      run.cancel()
    }
    defer { withExtendedLifetime(signals) {} }
    let result: RunResult
    do {
      result = try await run.value
    } catch {
      try await files.giveUp()
      throw CommandEnd(status: .environment, message: "\(error)")
    }
    try await files.end(result)
    try await group.shutdownGracefully()
  }

  /// The output of the user's commands goes with the run's other files, or to a directory of its own.
  private func fieldOptions() throws(CommandEnd) -> FieldCluster.Options {
    let directory: String
    if let out = output.directory {
      directory = out + "/commands"
    } else {
      let base = getenv("TMPDIR").map { unsafe String(cString: $0) } ?? "/tmp"
      directory = "\(base)/falsework-field-\(getpid())"
    }
    try TextFile.makeDirectory(directory)
    return FieldCluster.Options(logDirectory: directory)
  }
}
