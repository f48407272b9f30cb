// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import FalseworkReport
import FalseworkScenario

/// A scenario file and what the command line changes of it.
struct ScenarioOptions: ParsableArguments {
  @Argument(help: "The scenario file; specs/scenario.md describes the format.")
  var scenario: String

  @Option(
    name: .customLong("set"), parsing: .singleValue,
    help: ArgumentHelp(
      "Lay a value over the scenario, such as rotation.wait=5s. May be repeated.",
      valueName: "path=value"))
  var values: [String] = []

  @Option(help: "Chance begins here, instead of at the scenario's own seed.")
  var seed: UInt64?

  @Option(
    help: "Divide every duration of the scenario and of its haproxy.cfg by this whole number.")
  var timeScale: Int64 = 1

  mutating func validate() throws {
    guard timeScale >= 1 else {
      throw ValidationError("--time-scale must be a whole number from 1 on, not \(timeScale)")
    }
    for value in values where ScenarioOverride(parsing: value) == nil {
      throw ValidationError("--set takes PATH=VALUE such as rotation.wait=5s, not '\(value)'")
    }
  }

  /// The scenario as a text that runs by itself, but for the time scale.
  func tree(seed: UInt64) throws(CommandEnd) -> ScenarioTree {
    do {
      var tree = try ScenarioReader.files.tree(
        scenario, overrides: values.compactMap { ScenarioOverride(parsing: $0) })
      _ = tree.set(ScenarioOverride(path: "seed", value: "\(seed)"))
      return tree
    } catch {
      throw CommandEnd(status: .scenario, message: error.description)
    }
  }

  /// The scenario as it is to be played: with the values of the command line, the times divided.
  ///
  /// - Parameters:
  ///   - field: a file that stands in the place of the section `field`.
  ///   - proxyIsThere: the configuration is that of a HAProxy that runs already.
  func read(
    field: String? = nil, proxyIsThere: Bool = false
  ) throws(CommandEnd) -> Scenario {
    do {
      var scenario = try ScenarioReader.files.read(
        scenario, field: field, proxyIsThere: proxyIsThere,
        overrides: values.compactMap { ScenarioOverride(parsing: $0) })
      if let seed { scenario.seed = seed }
      return timeScale == 1 ? scenario : scenario.divided(by: timeScale)
    } catch {
      throw CommandEnd(status: .scenario, message: error.description)
    }
  }
}
