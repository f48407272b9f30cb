// SPDX-License-Identifier: Apache-2.0
package import FalseworkCore
package import FalseworkKeystone
package import FalseworkProxy

/// Why a request failed, as far as it can be known: failures of one cause are reported together.
///
/// The number of causes of a run is bounded: by the kinds, and by the nodes, beliefs, phases and
/// statuses that a kind tells apart.
package struct Cause: Hashable, Sendable {
  package enum Kind: String, CaseIterable, Sendable {
    // What a stop did.
    case inFlightAtStop = "in-flight-at-stop"
    case sentToZombie = "sent-to-zombie"
    case sentWhileFinishing = "sent-while-finishing"
    case unseenAtStop = "unseen-at-stop"
    // What a node did.
    case closedByNode = "closed-by-node"
    case cutShort = "cut-short"
    case malformedAnswer = "malformed-answer"
    case nodeStatus = "node-status"
    case noTokenInAnswer = "no-token-in-answer"
    case unexpectedAnswer = "unexpected-answer"
    // What came of an earlier failure.
    case noToken = "no-token"
    // What the proxy made of it.
    case refused = "refused-by-node"
    case nodeConnectTimeout = "node-connect-timeout"
    case noServerThoughServing = "no-server-up-though-serving"
    case noServer = "no-server-up"
    case queueTimeout = "queue-timeout"
    case serverTimeout = "server-timeout"
    case markedDown = "marked-down"
    case killedByAdministrator = "killed-by-administrator"
    case proxyStatus = "proxy-status"
    // What the client met or did.
    case clientTimeout = "client-timeout"
    case entranceRefused = "entrance-refused"
    case entranceUnreachable = "entrance-unreachable"
    case entranceTimeout = "entrance-timeout"
    case entranceTLS = "entrance-tls"
    case localResources = "local-resources"
    // What is not known.
    case unseen = "unseen"
    case unknown = "unknown"
    case notKept = "not-kept"
  }

  package var kind: Kind
  package var node: NodeID?
  /// What the node was when that explains the failure.
  package var phase: NodePhase?
  /// What the proxy believed of the node's server at the moment that decided.
  package var belief: BeliefWord?
  package var status: Int?

  package init(
    _ kind: Kind, node: NodeID? = nil, phase: NodePhase? = nil, belief: BeliefWord? = nil,
    status: Int? = nil
  ) {
    self.kind = kind
    self.node = node
    self.phase = phase
    self.belief = belief
    self.status = status
  }

  /// The cause as a sentence without its full stop.
  package func text(_ description: RunDescription) -> String {
    let name = node.map { description.name(of: $0) } ?? "a node"
    var text = sentence(name, hasProxy: description.hasProxy)
    if let belief { text += " (proxy said \(belief.rawValue))" }
    return text
  }

  private func sentence(_ name: String, hasProxy: Bool) -> String {
    let during = phase.map { " while it was \($0.rawValue)" } ?? ""
    let code = status.map { "\($0)" } ?? "an error"
    let entrance = hasProxy ? "the proxy" : "the target"
    return switch kind {
    case .inFlightAtStop: "in flight on \(name) when it was stopped"
    case .sentToZombie: "accepted and dropped by \(name), a zombie"
    case .sentWhileFinishing: "accepted and dropped by \(name), which was finishing"
    case .unseenAtStop: "closed without a line in the proxy's log while \(name) stopped"
    case .closedByNode: "closed by \(name) without an answer\(during)"
    case .cutShort: "cut short by \(name) in its answer\(during)"
    case .malformedAnswer: "answered by \(name) with what is no HTTP\(during)"
    case .nodeStatus: "answered \(code) by \(name)\(during)"
    case .noTokenInAnswer: "answered 201 without a token"
    case .unexpectedAnswer: "answered with another content than the step expects"
    case .noToken: "sent without a token, since authenticate had failed before"
    case .refused: "refused on every try, at last by \(name)\(during)"
    case .nodeConnectTimeout: "no connection to \(name) within `timeout connect`\(during)"
    case .noServerThoughServing: "no server believed up, although a node was serving"
    case .noServer: "no server believed up, and no node was serving"
    case .queueTimeout: "waited for a free server beyond `timeout queue`"
    case .serverTimeout: "not answered by \(name) within `timeout server`\(during)"
    case .markedDown: "ended by the proxy when it marked \(name) down\(during)"
    case .killedByAdministrator: "ended by an administrator of the proxy"
    case .proxyStatus: "answered \(code) by the proxy itself"
    case .clientTimeout:
      node == nil
        ? "given up by the client after its timeout"
        : "given up by the client after its timeout; \(name) had it\(during)"
    case .entranceRefused: "connection refused by \(entrance)"
    case .entranceUnreachable: "no route to \(entrance)"
    case .entranceTimeout: "no connection to \(entrance) in time"
    case .entranceTLS: "no TLS with \(entrance)"
    case .localResources: "no port or descriptor left on the load's own side"
    case .unseen: "unknown: closed, and the proxy has no record of it"
    case .unknown: "unknown"
    case .notKept: "not looked into: too many failures before it"
    }
  }
}

/// What the proxy believed of a server, in one word: the state without its counters.
package enum BeliefWord: String, CaseIterable, Sendable {
  case up = "UP"
  case noCheck = "no check"
  case down = "DOWN"
  case drain = "DRAIN"
  case maint = "MAINT"
  case noBalancing = "NOLB"

  package init(_ belief: Belief) {
    if belief.admin.isMaint {
      self = .maint
    } else if belief.operational == .stopped {
      self = .down
    } else if belief.admin.isDrain {
      self = .drain
    } else if belief.operational == .stopping {
      self = .noBalancing
    } else {
      self = belief.checked ? .up : .noCheck
    }
  }
}
