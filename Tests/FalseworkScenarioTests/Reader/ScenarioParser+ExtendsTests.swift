// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkKeystone
import FalseworkLoad
import FalseworkRotation
import Testing

@testable import FalseworkScenario

@Suite struct `A scenario that extends another` {
  private static let base = """
    name: base
    about: the base
    seed: 7
    cluster: {lifecycle: uwsgi, cores: 2}
    proxy: two.cfg
    load: {users: 4, wait: 1s, journey: authenticate-then-validate}
    rotation: {maint: 1s, begin: 4s}
    """

  private static func read(
    _ text: String, _ files: [String: String] = [:], overrides: [ScenarioOverride] = []
  ) throws -> Scenario {
    try Sample.reader(["base.yaml": base].merging(files) { $1 })
      .read(Array(text.utf8), file: "mine.yaml", overrides: overrides)
  }

  @Test func `takes what it does not say from there, except its name`() throws {
    let scenario = try Self.read("extends: base.yaml\nload: {users: 2}")
    #expect(scenario.name == "mine")
    #expect(scenario.about == "")
    #expect(scenario.seed == 7)
    #expect(scenario.cluster.cores == 2)
    #expect(scenario.rotation?.begin == .seconds(4))
    guard case .closed(let users, _, _)? = scenario.load?.model else {
      Issue.record("\(String(describing: scenario.load))")
      return
    }
    #expect(users == 2)
  }

  @Test func `lays its keys over, and one that excludes another removes it`() throws {
    let scenario = try Self.read("extends: base.yaml\nrotation: {strategy: kill}")
    #expect(scenario.rotation?.strategy == .kill)
    #expect(scenario.rotation?.begin == .seconds(4))
  }

  @Test func `a word in the place of a mapping changes its main key`() throws {
    let scenario = try Self.read("extends: base.yaml\nrotation: kill")
    #expect(scenario.rotation?.strategy == .kill)
    #expect(scenario.rotation?.begin == .seconds(4))
  }

  @Test func `a mapping goes over a word`() throws {
    let scenario = try Self.read("extends: base.yaml\ncluster: {lifecycle: {loads: 3s}}")
    #expect(scenario.cluster.lifecycle.loads == .constant(.seconds(3)))
    #expect(scenario.cluster.lifecycle.zombie == NodeTimes.uwsgi.zombie)
  }

  @Test func `several layers, and the command line over all`() throws {
    let scenario = try Self.read(
      "extends: middle.yaml\nname: top",
      ["middle.yaml": "extends: base.yaml\nseed: 8\ncluster: {cores: 3}"],
      overrides: [ScenarioOverride(path: "seed", value: "9")])
    #expect(scenario.name == "top")
    #expect(scenario.cluster.cores == 3)
    #expect(scenario.seed == 9)
  }

  @Test func `paths are seen from the file that they stand in`() throws {
    let scenario = try Self.read(
      "extends: deep/base.yaml",
      ["deep/base.yaml": Self.base, "deep/two.cfg": Sample.twoServers])
    #expect(scenario.proxy.file == "deep/two.cfg")
  }

  @Test func `what is wrong in it is said with its file and line`() throws {
    let error = #expect(throws: ScenarioProblems.self) {
      try Self.read("extends: b.yaml", ["b.yaml": "proxy: two.cfg\nseed: x"])
    }
    #expect(error?.problems.first?.file == "b.yaml")
    #expect(error?.problems.first?.line == 2)
  }

  @Test func `the command line cannot make a file extend another`() throws {
    let problems = Sample.problems(Sample.minimal, set: [("extends", "base.yaml")])
    #expect(problems.map(\.path) == ["extends"])
  }

  @Test(arguments: ["mine.yaml", "no.yaml"])
  func `one that extends itself, or what is not there, is refused`(name: String) throws {
    let text = "extends: \(name)\nproxy: two.cfg"
    let error = #expect(throws: ScenarioProblems.self) {
      try Self.read(text, ["mine.yaml": text])
    }
    #expect(error?.problems.first?.path == "extends")
  }
}
