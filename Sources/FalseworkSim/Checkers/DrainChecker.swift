// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkProxy
import FalseworkScenario

/// No request that came after a server's `drain` or `maint` was acknowledged is sent to it.
///
/// Requests that came before may still be: they were assigned, and HAProxy lets them go on.
struct DrainChecker: Sendable {
  private(set) var violations: [Violation] = []
  /// By name as the runtime API spells it.
  private let nodes: [String: NodeID]
  /// When each node's server was last told to take no more; `.never` while it may.
  private var closedSince: [Instant]
  private var requestedAt: [(client: ClientID, at: Instant)?] = []

  init(scenario: Scenario) {
    var nodes: [String: NodeID] = [:]
    for index in scenario.proxy.configuration.servers.indices {
      let server = ServerID(index)
      guard let node = scenario.node(of: server) else { continue }
      nodes[scenario.proxy.configuration.fullName(server)] = node
    }
    self.nodes = nodes
    closedSince = scenario.cluster.nodes.map { _ in .never }
  }

  mutating func ordered(_ line: String, reply: String, now: Instant) {
    let words = line.split(separator: " ").map(String.init)
    let succeeded = reply.allSatisfy { $0 == "\n" }
    guard succeeded, words.count == 5, words[0] == "set", words[1] == "server",
      words[3] == "state", let node = nodes[words[2]]
    else { return }
    closedSince[node.index] = words[4] == "ready" ? .never : min(closedSince[node.index], now)
  }

  mutating func requested(_ client: ClientID, now: Instant) {
    while requestedAt.count <= Int(client.index) { requestedAt.append(nil) }
    requestedAt[Int(client.index)] = (client, now)
  }

  mutating func forwarded(_ client: ClientID, to node: NodeID, now: Instant) {
    guard let entry = requestedAt[Int(client.index)], entry.client == client,
      entry.at > closedSince[node.index]
    else { return }
    violations.append(
      Violation(
        checker: "drain", at: now,
        what: "a request that came at \(entry.at) was sent to node \(node), which takes none since "
          + "\(closedSince[node.index])"))
  }
}
