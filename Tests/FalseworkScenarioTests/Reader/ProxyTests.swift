// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkProxy
import FalseworkScenario
import Testing

@Suite struct ProxyTests {
  private func problems(_ text: String, files: [String: String] = [:]) -> [String] {
    Sample.problems(text, files: files).map(\.description)
  }

  /// The sample configuration as a literal block of a scenario, from its third line on.
  private var inline: String {
    "name: x\nproxy:\n  config: |\n"
      + Sample.twoServers.split(separator: "\n").map { "    \($0)\n" }.joined()
  }

  @Test func `a configuration may stand in the scenario, and its lines are the scenario's`() throws
  {
    let source = try Sample.read(inline).proxy
    #expect(source.file == "s.yaml")
    #expect(source.text == Sample.twoServers + "\n")
    let lines = inline.split(separator: "\n")
    for server in source.configuration.servers {
      #expect(lines[server.line - 1].contains("server \(server.name) "))
    }
    let bind = try #require(source.configuration.frontends[0].binds.first)
    #expect(lines[bind.line - 1].contains("bind"))
  }

  @Test func `a mistake of the configuration has its line, in a file or in the scenario`() {
    let broken = Sample.twoServers.replacing("balance leastconn", with: "balanec leastconn")
    let line = "unknown keyword 'balanec' in 'backend' section; did you mean 'balance' maybe ?"
    #expect(
      problems("proxy: a/b.cfg\nseed: x", files: ["a/b.cfg": broken]) == [
        "s.yaml:2:7: seed: found 'x', expected a whole number from 0 to 18446744073709551615",
        "a/b.cfg:10: proxy.config: \(line)",
      ])
    let text = inline.replacing("balance leastconn", with: "balanec leastconn")
    #expect(problems(text) == ["s.yaml:13: proxy.config: \(line)"])
  }

  @Test func `what HAProxy warns of is kept`() throws {
    let text = inline.replacing("balance leastconn", with: "option httplog")
    let warnings = try Sample.read(text).proxy.warnings
    #expect(warnings.map(\.line) == [13])
  }

  @Test func `variables come from outside`() throws {
    let file = Sample.twoServers.replacing("127.0.0.1:15001", with: "\"127.0.0.1:${PORT-1}\"")
    let reader = Sample.reader(["e.cfg": file], environment: ["PORT": "77"])
    let scenario = try reader.read(Array("proxy: e.cfg".utf8), file: "s.yaml")
    #expect(scenario.proxy.configuration.servers[0].port == 77)
  }

  @Test(arguments: [
    (
      "proxy: no.cfg",
      "s.yaml:1:8: proxy.config: found 'no.cfg': no such file, expected a haproxy.cfg"
    ),
    ("proxy: {}", "s.yaml:1:8: proxy.config: found nothing, expected path or text"),
    (
      "proxy: []",
      "s.yaml:1:8: proxy: found a list, expected a mapping with config, inter, fastinter, downinter, "
        + "rise, fall, slowstart, maxconn, retries, redispatch, balance, timeout-connect, "
        + "timeout-server, timeout-queue and timeout-check"
    ),
    (
      "proxy:",
      "s.yaml:1:7: proxy: found nothing, expected a mapping with config, inter, fastinter, downinter, "
        + "rise, fall, slowstart, maxconn, retries, redispatch, balance, timeout-connect, "
        + "timeout-server, timeout-queue and timeout-check"
    ),
    (
      "proxy: \"\"",
      "s.yaml:1:8: proxy.config: found '', expected the path of a haproxy.cfg, or its "
        + "text after '|'"
    ),
    (
      "proxy: >\n  a\n\n  b\n",
      "s.yaml:1:8: proxy.config: found several lines that are not after '|', "
        + "expected a path, or a text after '|', whose lines stay as they are"
    ),
    ("seed: 1", "s.yaml:1:1: proxy: found nothing, expected path, text or mapping"),
    (
      "",
      "s.yaml:1:1: found nothing, expected a mapping with extends, name, about, seed, duration, "
        + "cluster, proxy, load, rotation, thresholds, network and field"
    ),
    (
      "- 1",
      "s.yaml:1:1: found a list, expected a mapping with extends, name, about, seed, duration, "
        + "cluster, proxy, load, rotation, thresholds, network and field"
    ),
    (
      "haproxy.cfg",
      "s.yaml:1:1: found 'haproxy.cfg', expected a mapping with extends, name, about, seed, "
        + "duration, cluster, proxy, load, rotation, thresholds, network and field"
    ),
  ])
  func `no configuration is a mistake`(text: String, message: String) {
    #expect(problems(text) == [message])
  }

  @Test func `a configuration that is no text is located in its own file`() {
    #expect(
      problems("proxy: x.cfg", files: ["x.cfg": "global\n\u{1}"]) == [
        "x.cfg:2:1: proxy.config: found the control character U+0001, expected printable text"
      ])
  }

  @Test func `a server without a node and a node without a server are mistakes`() {
    #expect(
      problems("cluster:\n  nodes:\n    - keystone1\n    - keystnoe2\nproxy: two.cfg") == [
        "s.yaml:4:7: cluster.nodes[1]: found the node 'keystnoe2' without a server of its name, "
          + "expected a server of 'two.cfg'; did you mean 'keystone2'?",
        "two.cfg:12: proxy.config: found the server 'keystone2' without a node of its name, expected "
          + "a node: keystone1 or keystnoe2; did you mean 'keystnoe2'?",
      ])
    #expect(
      problems("cluster: {nodes: 3}\nproxy: two.cfg") == [
        "s.yaml:1:18: cluster.nodes: found the node 'keystone3' without a server of its name, "
          + "expected a server of 'two.cfg'"
      ])
  }

  @Test func `a configuration without a way to a node is a mistake`() {
    let text = Sample.twoServers.replacing("  default_backend back\n", with: "")
    #expect(
      problems("proxy: x.cfg", files: ["x.cfg": text]).contains {
        $0.contains("found no frontend that leads to a node")
      })
  }

  @Test func `a configuration without a server is a mistake`() {
    let text = "defaults\n  mode http\nfrontend f\n  bind 127.0.0.1:1\n"
    #expect(
      problems("proxy: x.cfg", files: ["x.cfg": text]) == [
        "s.yaml:1:8: proxy.config: found no frontend that leads to a node, expected a frontend whose "
          + "default_backend has servers"
      ])
  }

  @Test func `one node may have servers in several backends`() throws {
    let text =
      Sample.twoServers
      + "\nbackend admin\n  server keystone1 127.0.0.1:35357\n  server keystone2 127.0.0.1:35358\n"
    let scenario = try Sample.read("proxy: x.cfg", files: ["x.cfg": text])
    #expect(scenario.cluster.nodes == ["keystone1", "keystone2"])
    #expect(scenario.servers(of: NodeID(0)) == [ServerID(0), ServerID(2)])
  }
}
