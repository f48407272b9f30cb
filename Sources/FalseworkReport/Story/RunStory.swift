// SPDX-License-Identifier: Apache-2.0
package import FalseworkCore
package import FalseworkKeystone
import FalseworkLoad
import FalseworkProxy

/// Of a run that which explains its failures: what nodes were, what the proxy believed, and each
/// request that failed. It comes from a run that just ended, or from its `result.json`.
package struct RunStory: Equatable, Sendable {
  package struct Change<State: Equatable & Sendable>: Equatable, Sendable {
    package var at: Instant
    package var state: State

    package init(at: Instant, state: State) {
      self.at = at
      self.state = state
    }
  }

  package struct Node: Equatable, Sendable {
    package var name: String
    package var phases: [Change<NodePhase>]

    package init(name: String, phases: [Change<NodePhase>]) {
      self.name = name
      self.phases = phases
    }
  }

  package struct Server: Equatable, Sendable {
    /// `backend/server`.
    package var name: String
    package var node: String?
    /// As statistics spell it: `UP 1/3`.
    package var beliefs: [Change<String>]

    package init(name: String, node: String?, beliefs: [Change<String>]) {
      self.name = name
      self.node = node
      self.beliefs = beliefs
    }
  }

  /// What the proxy saw.
  package struct Sight: Equatable, Sendable {
    package var server: String?
    package var retries: Int
    package var redispatched: Bool
    package var logged: Bool
    package var forwarded: Instant?
    package var ended: Instant

    package init(
      server: String?, retries: Int, redispatched: Bool, logged: Bool, forwarded: Instant?,
      ended: Instant
    ) {
      self.server = server
      self.retries = retries
      self.redispatched = redispatched
      self.logged = logged
      self.forwarded = forwarded
      self.ended = ended
    }
  }

  package struct Request: Equatable, Sendable {
    package var number: Int
    package var step: String
    package var user: Int
    package var sent: Instant
    package var done: Instant
    package var verdict: String
    package var status: Int
    package var newConnection: Bool
    /// The number of the request whose failure left it without a token.
    package var because: Int?
    package var cause: Cause.Kind
    package var text: String
    package var node: String?
    package var sight: Sight?

    package init(
      number: Int, step: String, user: Int, sent: Instant, done: Instant, verdict: String,
      status: Int, newConnection: Bool, because: Int?, cause: Cause.Kind, text: String,
      node: String?, sight: Sight?
    ) {
      self.number = number
      self.step = step
      self.user = user
      self.sent = sent
      self.done = done
      self.verdict = verdict
      self.status = status
      self.newConnection = newConnection
      self.because = because
      self.cause = cause
      self.text = text
      self.node = node
      self.sight = sight
    }
  }

  package var name: String
  package var world: String
  package var seed: UInt64
  package var requests: Int
  package var nodes: [Node]
  package var servers: [Server]
  package var failures: [Request]
  package var failuresNotKept: Int

  package init(
    name: String, world: String, seed: UInt64, requests: Int, nodes: [Node], servers: [Server],
    failures: [Request], failuresNotKept: Int
  ) {
    self.name = name
    self.world = world
    self.seed = seed
    self.requests = requests
    self.nodes = nodes
    self.servers = servers
    self.failures = failures
    self.failuresNotKept = failuresNotKept
  }

  package init(_ result: RunResult) {
    let description = result.description
    name = description.scenario
    world = description.world.rawValue
    seed = description.seed
    requests = result.total.requests
    nodes = result.nodes.map { node in
      Node(
        name: node.name,
        phases: node.timeline.entries.map { Change(at: $0.at, state: $0.state.phase) })
    }
    servers = result.servers.map { server in
      Server(
        name: server.name, node: server.node.map { description.name(of: $0) },
        beliefs: server.timeline.entries.map { Change(at: $0.at, state: $0.state.description) })
    }
    failures = result.failures.map { failure in
      let outcome = failure.outcome
      return Request(
        number: outcome.number, step: description.stepName(outcome), user: outcome.user,
        sent: outcome.sent, done: outcome.done, verdict: outcome.verdict.label,
        status: outcome.status, newConnection: outcome.newConnection, because: failure.because,
        cause: failure.cause.kind, text: failure.cause.text(description),
        node: failure.node.map { description.name(of: $0) },
        sight: failure.sight.map { sight in
          Sight(
            server: sight.server.map { description.servers[$0.index].name },
            retries: sight.retries, redispatched: sight.redispatched, logged: sight.logged,
            forwarded: sight.forwarded, ended: sight.ended)
        })
    }
    failuresNotKept = result.failuresNotKept
  }

  /// Failures that share a cause, in the order in which the first of each came; what only followed
  /// from others comes last.
  package var groups: [[Request]] {
    var order: [String] = []
    var groups: [String: [Request]] = [:]
    for failure in failures {
      if groups[failure.text] == nil { order.append(failure.text) }
      groups[failure.text, default: []].append(failure)
    }
    let all = order.map { groups[$0]! }
    return all.filter { $0[0].cause != .noToken } + all.filter { $0[0].cause == .noToken }
  }
}
