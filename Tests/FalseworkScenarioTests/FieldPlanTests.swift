// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkProxy
import Testing

@testable import FalseworkScenario

/// Where a real proxy and real nodes are.
@Suite struct FieldPlanTests {
  private static let scenario = """
    proxy: two.cfg
    rotation: restart
    field: {stop: from the scenario}
    """

  private static func read(_ field: String, proxyIsThere: Bool = false) throws -> FieldPlan {
    let reader = Sample.reader([
      "run.yaml": scenario, "site.yaml": field,
      "two.cfg": Sample.twoServers,
    ])
    return try #require(
      try reader.read("run.yaml", field: "site.yaml", proxyIsThere: proxyIsThere).field)
  }

  @Test func `a file stands in the place of the scenario's own section`() throws {
    let plan = try Self.read("start: go {node}\nnodes: [{name: keystone2, start: other}]")
    #expect(plan.commands.stop == nil)
    #expect(plan.commands(of: NodeID(0)).start == "go {node}")
    #expect(plan.commands(of: NodeID(1)).start == "other")
    #expect(plan.timeout == .seconds(60) && plan.poll == .milliseconds(100))
  }

  @Test func `placeholders are filled in, and other braces are the shell's`() {
    let text = FieldPlan.filled(
      "ssh {host} 'x {node} ${node_} {a,b} {node}'", [("node", "k1"), ("host", "10.0.0.1")])
    #expect(text == "ssh 10.0.0.1 'x k1 ${node_} {a,b} k1'")
  }

  @Test(arguments: [
    ("start: go {nod}", "field.start", "{nod}"),
    ("load: run {ulr}", "field.load.command", "{ulr}"),
    ("stop: ''", "field.stop", "''"),
    ("url: https://keystone:5000", "field.url", "'https://keystone:5000'"),
    ("url: http://keystone:5000/v3", "field.url", "'http://keystone:5000/v3'"),
    ("log: /dev/log", "field.log", "'/dev/log'"),
    ("nodes: [{name: keystone9}]", "field.nodes[0].name", "the node 'keystone9'"),
    ("nodes: [{name: keystone1}, {name: keystone1}]", "field.nodes[1].name", "'keystone1' again"),
    ("begin: go", "field.begin", "the key 'begin'"),
  ])
  func `what is wrong is reported where it stands`(
    text: String, path: String, found: String
  ) throws {
    do {
      _ = try Self.read(text)
      Issue.record("taken: \(text)")
    } catch let error as ScenarioProblems {
      #expect(error.problems.map(\.path) == [path])
      #expect(error.problems.map(\.found) == [found])
      #expect(error.problems.map(\.file) == ["site.yaml"])
    }
  }

  @Test func `braces of a shell are no misspelt placeholders`() {
    #expect(FieldPlan.misspelt(in: "awk '{print}' ${nod} {} {a,b} {node} {NOD}").isEmpty)
    #expect(FieldPlan.misspelt(in: "{relase} {hosts}") == ["relase", "hosts"])
  }

  @Test func `what our proxy cannot execute is no mistake where HAProxy does`() throws {
    let configuration = Sample.twoServers + "\nresolvers dns\n  nameserver a 10.0.0.1:53\n"
    let reader = Sample.reader([
      "run.yaml": Self.scenario, "site.yaml": "start: a", "two.cfg": configuration,
    ])
    #expect(throws: ScenarioProblems.self) { try reader.read("run.yaml") }
    let scenario = try reader.read("run.yaml", field: "site.yaml", proxyIsThere: true)
    #expect(scenario.cluster.nodes == ["keystone1", "keystone2"])
    #expect(scenario.proxy.warnings.contains { $0.message.contains("resolvers") })
  }

  @Test func `the sites of the page are read`() throws {
    let blocks = ScenarioPageTests.blocks(try Sample.spec("field.md"))
      .filter { $0.info == "yaml field" }
    #expect(blocks.count == 3)
    for block in blocks {
      let reader = Sample.reader([
        "run.yaml": Self.scenario, "site.yaml": block.text,
        "two.cfg": Sample.twoServers + "\n  server keystone3 10.0.0.13:5000 check",
      ])
      #expect(try reader.read("run.yaml", field: "site.yaml").field != nil)
    }
  }

  @Test func `every placeholder is on the page`() throws {
    let page = try Sample.spec("field.md")
    for word in FieldPlan.placeholders { #expect(page.contains("`{\(word)}`"), "{\(word)}") }
  }
}
