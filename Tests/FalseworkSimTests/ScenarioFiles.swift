// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkReport
import FalseworkScenario
import Foundation
import Testing

@testable import FalseworkSim

/// The scenarios of `specs/scenarios`, and runs of them.
enum ScenarioFiles {
  static let directory = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appending(path: "specs/scenarios")

  static let names: [String] = {
    let files = (try? FileManager.default.contentsOfDirectory(atPath: directory.path())) ?? []
    return files.filter { $0.hasSuffix(".yaml") }.sorted()
  }()

  static func read(_ name: String, _ overrides: [String] = []) throws -> Scenario {
    try ScenarioReader.files.read(
      directory.appending(path: name).path(),
      overrides: overrides.map { try #require(ScenarioOverride(parsing: $0)) })
  }

  static func run(
    _ scenario: Scenario, seed: UInt64, traces: Bool = false
  ) -> (result: RunResult, trace: Trace) {
    Simulation.result(
      of: scenario, options: Simulation.Options(seed: seed, traces: traces),
      keeping: .figures, timeScale: 1, program: "test")
  }
}
