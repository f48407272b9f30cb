// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import FalseworkLab
import FalseworkReport

/// `falsework sweep merge`: the parts of a sweep, put together.
struct SweepMergeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "falsework sweep merge",
    abstract: "Put the parts of a sweep together.",
    discussion: """
        falsework sweep merge part1 part2 part3 part4 -o whole

      The files are the same, byte for byte, as those of a sweep on one machine. The
      scenario has to lie where it lay, for what theory says of it. Runs that are
      still missing are counted; then the code is 7, and nothing is written.
      """)

  @Argument(help: "Directories that falsework sweep -o DIR --shard I/N wrote.")
  var directories: [String]

  @Option(
    name: [.customShort("o"), .customLong("out")],
    help: ArgumentHelp("Write tables and maps there.", valueName: "dir"))
  var directory: String

  @Option(help: "What to print at the end.")
  var format = SweepCommand.Format.table

  @Flag(name: .shortAndLong, help: "Do not tell what was written.")
  var quiet = false

  mutating func run() async throws {
    let plan = try SweepStore.readPlan(directories[0])
    var table = RunTable(plan)
    for directory in directories {
      let other = try SweepStore.readPlan(directory)
      guard other == plan else {
        throw CommandEnd(
          status: .usage,
          message: "\(directory) is no part of the sweep of \(directories[0])"
            + (plan.difference(from: other).map { ": \($0)" } ?? ""))
      }
      try SweepStore.readRuns(directory, into: &table)
    }
    guard table.isComplete else {
      let missing = plan.runs - table.runs.count
      throw CommandEnd(
        status: .environment,
        message: "\(missing) of \(plan.runs) runs are missing: play the shards to their end")
    }
    var options = ScenarioOptions()
    options.scenario = plan.scenario
    options.values = plan.settings
    options.seed = nil
    options.timeScale = plan.timeScale
    let source = try ScenarioSource(options)
    guard source.fingerprint == plan.fingerprint else {
      throw CommandEnd(
        status: .scenario,
        message: "\(plan.scenario), or a file that it names, has changed since it was swept")
    }
    var player = RunPlayer(source: source, jobs: Cores.count)
    player.timeScale = plan.timeScale
    let result = SweepResult(table, bounds: try await player.bounds(plan))
    try TextFile.makeDirectory(directory)
    let names = try SweepStore.write(result, to: directory)
    if !quiet { TextFile.complain("written to \(directory): \(names.joined(separator: ", "))") }
    SweepCommand.print(result, format)
    try SweepCommand.complain(result)
  }
}
