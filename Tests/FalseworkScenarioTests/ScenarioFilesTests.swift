// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkKeystone
import FalseworkProxy
import FalseworkRotation
import FalseworkScenario
import Foundation
import Testing

/// The scenarios of `specs/scenarios/`.
@Suite struct ScenarioFilesTests {
  static let names: [String] = {
    let path = Sample.specs.appending(path: "scenarios").path
    do {
      return try FileManager.default.contentsOfDirectory(atPath: path)
        .filter { $0.hasSuffix(".yaml") }.sorted()
    } catch {
      fatalError("no scenarios at \(path): \(error)")
    }
  }()

  static func read(
    _ name: String, set overrides: [ScenarioOverride] = []
  ) throws(ScenarioProblems) -> Scenario {
    let path = Sample.specs.appending(path: "scenarios/\(name)").path
    return try ScenarioReader.files.read(path, overrides: overrides)
  }

  @Test func `the five that the first issue names are there`() {
    let needed = [
      "first-upgrade-drained.yaml", "first-upgrade.yaml", "fixture.yaml", "kill-nine.yaml",
      "three-nodes-open-loop.yaml",
    ]
    #expect(Set(needed).isSubset(of: Self.names))
  }

  @Test(arguments: names)
  func `every scenario reads, and HAProxy would warn of the original's habit alone`(name: String)
    throws
  {
    let scenario = try Self.read(name)
    #expect(!scenario.about.isEmpty)
    #expect(scenario.proxy.warnings.allSatisfy { $0.message.contains("'option httplog'") })
    #expect(!scenario.proxy.configuration.global.sockets.isEmpty)
  }

  @Test func `the drained upgrade differs from the first in nothing but its rotation`() throws {
    let first = try Self.read("first-upgrade.yaml")
    let drained = try Self.read("first-upgrade-drained.yaml")
    #expect(drained.cluster == first.cluster)
    #expect(drained.proxy == first.proxy)
    #expect(drained.load == first.load)
    #expect(drained.length == first.length)
    #expect(drained.rotation?.begin == first.rotation?.begin)
    #expect(first.rotation?.strategy == .restart)
    #expect(drained.rotation?.strategy == .maint)
  }

  @Test func `the first upgrade is as long as 2,527 requests of four users take`() throws {
    let scenario = try Self.read("first-upgrade.yaml")
    guard case .fixed(let length) = scenario.length else {
      Issue.record("a length that is not fixed")
      return
    }
    // A pair takes a second of rest, 225 ms and 10 ms.
    let requests = length.seconds / 1.235 * 2 * 4
    #expect((2_400...2_600).contains(requests))
  }

  @Test func `the fixture has neither a load nor a rotation`() throws {
    let scenario = try Self.read("fixture.yaml")
    #expect(scenario.load == nil && scenario.rotation == nil)
    #expect(scenario.cluster.service == .instant && scenario.cluster.lifecycle == .instant)
  }
}
