// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkLoad
import FalseworkProxy
import FalseworkScenario
import Foundation
import Testing

@testable import FalseworkReport

@Suite struct RunDescriptionTests {
  private static func scenario(_ name: String) throws -> Scenario {
    let specs = URL(filePath: #filePath).deletingLastPathComponent().appending(
      components: "..", "..", "specs", "scenarios", name)
    return try ScenarioReader.files.read(specs.path, overrides: [])
  }

  @Test func `it takes its names from the scenario`() throws {
    let scenario = try Self.scenario("first-upgrade.yaml")
    let description = RunDescription(
      scenario, seed: 3, world: .live, timeScale: 10, program: "falsework 1", wallStart: nil)
    #expect(description.scenario == "first upgrade")
    #expect(description.seed == 3 && description.timeScale == 10)
    #expect(description.nodes == scenario.cluster.nodes)
    #expect(description.releaseFrom == "newton" && description.releaseTo == "ocata")
    #expect(description.strategy == "restart")
    #expect(description.loadText == "4 users")
    #expect(description.thresholds == scenario.thresholds)
    #expect(description.servers.count == scenario.proxy.configuration.servers.count)
    for node in description.nodes.indices {
      let names = description.servers.filter { $0.node?.index == node }.map(\.name)
      #expect(!names.isEmpty)
      #expect(names.allSatisfy { $0.hasSuffix("/" + description.nodes[node]) })
    }
  }

  @Test func `a scenario without a load has a plan of nothing`() throws {
    var scenario = try Self.scenario("first-upgrade.yaml")
    scenario.load = nil
    let description = RunDescription(
      scenario, seed: 1, world: .simulated, timeScale: 1, program: "falsework 1", wallStart: nil)
    #expect(description.plan.tasks.isEmpty && description.loadText == nil)
  }

  @Test func `an authentication that a step needed first has the name of the step that does it`() {
    let description = SyntheticRun.description()
    var outcome = SyntheticRun.outcome(step: 1, sent: 0, done: 1, .ok)
    #expect(description.stepName(outcome) == "validate")
    outcome.preliminary = true
    #expect(description.stepName(outcome) == "authenticate")
    #expect(RequestRow(outcome).step == -1)
  }

  @Test func `a simulated run has no wall clock`() async {
    await #expect(processExitsWith: .failure) {
      _ = RunDescription(
        scenario: "", about: "", seed: 1, world: .simulated, timeScale: 1, program: "",
        wallStart: UTCTime(seconds: 0), releaseFrom: "", releaseTo: "", strategy: nil, nodes: [],
        servers: [], plan: .none, thresholds: [], hasProxy: true, latenessLimit: .zero)
    }
  }
}
