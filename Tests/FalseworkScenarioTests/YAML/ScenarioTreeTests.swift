// SPDX-License-Identifier: Apache-2.0
import FalseworkProxy
import Testing

@testable import FalseworkScenario

@Suite struct ScenarioTreeTests {
  private static func tree(
    _ text: String, overrides: [ScenarioOverride] = []
  ) throws -> ScenarioTree {
    try Sample.reader(["s.yaml": text]).tree("s.yaml", overrides: overrides)
  }

  @Test(arguments: [Sample.minimal, Sample.sketch, Sample.everything])
  func `its text reads as the same scenario, with the configuration in it`(text: String) throws {
    let tree = try Self.tree(text)
    let reader = Sample.reader()
    var (was, now) = (try reader.read(Array(text.utf8), file: "s.yaml"), try reader.read(tree))
    #expect(now.proxy.text == was.proxy.text)
    // Lines are counted from where the configuration stands.
    for index in was.proxy.configuration.servers.indices {
      was.proxy.configuration.servers[index].line = 0
      now.proxy.configuration.servers[index].line = 0
    }
    #expect(now.proxy.configuration.servers == was.proxy.configuration.servers)
    was.proxy = now.proxy
    #expect(now == was)
  }

  @Test func `values of the command line are in it`() throws {
    let tree = try Self.tree(
      Sample.sketch, overrides: [ScenarioOverride(path: "rotation.maint", value: "1s")])
    #expect(tree.word(at: .init("rotation.maint")) == "1s")
    #expect(tree.word(at: .init("rotation.strategy")) == nil)
  }

  @Test func `a key or an element can be taken out`() throws {
    var tree = try Self.tree(Sample.minimal + "cluster: {nodes: [keystone1, keystone2]}\nseed: 3\n")
    tree.remove(.init("seed"))
    tree.remove(.init("cluster.nodes.0"))
    tree.remove(.init("no.such.place"))
    #expect(
      tree.paths.map(\.text) == [
        "proxy", "proxy.config", "cluster", "cluster.nodes", "cluster.nodes.0",
      ])
    #expect(tree.word(at: .init("cluster.nodes.0")) == "keystone2")
  }

  @Test(arguments: [
    "a: b", "- x", "# no", "12", "true", " x ", "\"", "a\\b", "", "two\nlines", "é", "> 1", "-5s",
  ])
  func `any text comes back as it was`(text: String) throws {
    var tree = try Self.tree(Sample.minimal)
    let origin = tree.root.origin
    guard case .mapping(var members) = tree.root.content else { return }
    members.append(
      .init(
        key: "about", origin: origin,
        value: LocatedNode(content: .scalar(text, .quoted), origin: origin)))
    tree.root.content = .mapping(members)
    #expect(try Sample.reader().read(tree).about == text)
  }
}
