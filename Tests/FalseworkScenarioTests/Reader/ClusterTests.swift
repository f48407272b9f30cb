// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkKeystone
import FalseworkScenario
import Testing

@Suite struct ClusterTests {
  private func cluster(_ text: String) throws -> Scenario.Cluster {
    try Sample.read("proxy: two.cfg\ncluster: {\(text)}").cluster
  }

  private func problem(_ text: String) -> String? {
    let problems = Sample.problems("proxy: two.cfg\ncluster: {\(text)}")
    #expect(problems.count == 1)
    return problems.first.map { "\($0.path): found \($0.found), expected \($0.expected)" }
  }

  @Test func `a count and a list name the nodes`() throws {
    #expect(try cluster("nodes: 2").nodes == ["keystone1", "keystone2"])
    #expect(try cluster("nodes: [keystone2, keystone1]").nodes == ["keystone2", "keystone1"])
  }

  @Test(arguments: [
    (
      "nodes: 0",
      "cluster.nodes: found '0', expected a whole number from 1 to 1000, or a list of names"
    ),
    ("nodes: []", "cluster.nodes: found 0 names, expected 1 to 1000 names"),
    (
      "nodes: {}",
      "cluster.nodes: found a mapping, expected a whole number from 1 to 1000, or a list "
        + "of names"
    ),
    (
      "nodes: [keystone1, keystone1, keystone2]",
      "cluster.nodes[1]: found 'keystone1' again, expected each name once"
    ),
  ])
  func `nodes that cannot be are refused`(text: String, message: String) {
    #expect(problem(text) == message)
  }

  @Test(arguments: ["a b", "\u{00E9}", "a/b", "a;b"])
  func `a name that HAProxy would not take is refused`(name: String) {
    let problems = Sample.problems("proxy: two.cfg\ncluster: {nodes: [\"\(name)\"]}")
    #expect(problems.contains { $0.path == "cluster.nodes[0]" && $0.expected.contains("letters") })
  }

  @Test(arguments: [
    ("release: newton", "newton", "newton"), ("release: 2025.1", "epoxy", "epoxy"),
    ("release: {from: newton}", "newton", "newton"),
    ("release: {from: 23, to: \"24\"}", "antelope", "bobcat"),
    ("isolation: none", "hibiscus", "hibiscus"),
  ])
  func `a release may be one or two`(text: String, from: String, to: String) throws {
    let cluster = try cluster(text)
    #expect(cluster.release.name == from && cluster.target.name == to)
  }

  @Test func `an upgrade does not lead back`() {
    #expect(
      problem("release: {from: ocata, to: newton}")
        == "cluster.release.to: found 'newton', expected a release that is not older than 'ocata'")
    #expect(
      problem("release: {to: ocata}") == "cluster.release.from: found nothing, expected release")
  }

  /// Ocata ships with Fernet, Newton with UUID tokens, and Rocky has no others than Fernet.
  @Test(arguments: [
    ("release: newton", TokenProvider.uuid), ("release: ocata", .fernet),
    ("release: {from: newton, to: rocky}", .fernet), ("release: newton, token: fernet", .fernet),
    ("release: queens, token: {provider: uuid}", .uuid),
  ])
  func `a provider is as the release ships it`(text: String, provider: TokenProvider) throws {
    #expect(try cluster(text).provider == .always(provider))
  }

  @Test func `a provider that one of the releases lacks is refused`() {
    #expect(
      problem("release: {from: queens, to: rocky}, token: uuid")
        == "cluster.token.provider: found 'uuid', expected fernet, which 'rocky' has")
  }

  @Test func `a token has a lifetime and keys`() throws {
    let key = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
    let cluster = try cluster("token: {expiration: 90s, keys: {0: \(key), 4: \(key)}}")
    #expect(cluster.tokenLifetime == .seconds(90))
    #expect(cluster.keys?.entries.map(\.number) == [0, 4])
    #expect(cluster.keys?.primary == FernetKey(text: key))
    let node = try Sample.read(
      "proxy: two.cfg\ncluster: {token: {keys: {4: \(key)}}}"
    ).makeNodes(seed: 1)[0]
    #expect(node.name == "keystone1")
  }

  @Test(arguments: [
    (
      "token: {expiration: 1500ms}",
      "cluster.token.expiration: found '1500ms', expected whole seconds"
    ),
    (
      "token: {expiration: 0s}",
      "cluster.token.expiration: found '0s', expected a duration of at least 1s"
    ),
    (
      "token: {keys: {}}",
      "cluster.token.keys: found a mapping, expected a mapping of numbers to Fernet keys, one at least"
    ),
    (
      "token: {keys: {a: b}}",
      "cluster.token.keys.a: found the key 'a', expected a number from 0 to 999999, each once"
    ),
    (
      "token: {keys: {1: short}}",
      "cluster.token.keys.1: found 'short', expected a Fernet key: 44 characters of base64url"
    ),
  ])
  func `tokens that cannot be are refused`(text: String, message: String) {
    #expect(problem(text) == message)
  }

  @Test func `two spellings of one number are one key twice`() {
    let key = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
    #expect(
      problem("token: {keys: {1: \(key), 01: \(key)}}")
        == "cluster.token.keys.01: found the key '01', expected a number from 0 to 999999, each once"
    )
  }

  @Test func `a service model that is written out begins as measured`() throws {
    var model = ServiceModel.measured
    model.workers = 5
    model.validate = .constant(.milliseconds(3))
    #expect(try cluster("service: {workers: 5, validate: 3ms}").service == model)
    #expect(try cluster("service: measured").service == .measured)
    #expect(try cluster("service: instant").service == .instant)
  }

  @Test func `a lifecycle that is written out begins as uwsgi`() throws {
    var times = NodeTimes.uwsgi
    times.killed = .constant(.zero)
    #expect(try cluster("lifecycle: {killed: instant}").lifecycle == times)
    #expect(try cluster("lifecycle: instant").lifecycle == .instant)
    times = .instant
    times.loads = .constant(.seconds(3))
    #expect(try cluster("lifecycle: {like: instant, loads: 3s}").lifecycle == times)
  }

  @Test func `a preset that is nearly right is suggested`() {
    let problems = Sample.problems("proxy: two.cfg\ncluster: {service: mesured, isolation: proces}")
    #expect(problems.map(\.nearest) == ["measured", "process"])
  }
}
