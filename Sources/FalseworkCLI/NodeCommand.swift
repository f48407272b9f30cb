// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import FalseworkKeystone
import FalseworkLive
import FalseworkReport
import FalseworkScenario

/// One node of a scenario as a process of its own: what a cluster with `isolation: process` starts.
/// With `--alone` it is a stand-in for a real node, for trials of the field world (specs/field.md).
struct NodeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "node", abstract: "Run one node of a scenario, as a cluster's child.",
    shouldDisplay: false)

  @OptionGroup var options: ScenarioOptions

  @Option var name: String
  @Option var release: String
  @Option var port: Int
  @Flag(help: "It serves from the start.")
  var standing = false
  @Flag(help: "It is nobody's child: it tells no phases and lives on when its standard input ends.")
  var alone = false

  mutating func run() async throws {
    let scenario = try options.read()
    guard let release = Release(named: release),
      let node = scenario.makeNodes(seed: scenario.seed).first(where: { $0.name == name })
    else { throw CommandEnd(status: .usage, message: "no such node or release") }
    var server = NodeServer.Options.standard
    server.port = port
    do {
      try await NodeProgram.run(
        node, data: scenario.cluster.data,
        options: .init(server: server, release: release, standing: standing, child: !alone),
        ready: { _ in })
    } catch {
      throw CommandEnd(status: .environment, message: "\(name): \(error)")
    }
  }

  /// How a cluster of this program starts one.
  static func command(_ options: ScenarioOptions) -> [String] {
    var command = [Executable.path, "node", options.scenario]
    for value in options.values { command += ["--set", value] }
    if let seed = options.seed { command += ["--seed", "\(seed)"] }
    if options.timeScale != 1 { command += ["--time-scale", "\(options.timeScale)"] }
    return command
  }
}
