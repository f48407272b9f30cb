// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
package import FalseworkKeystone
package import FalseworkLoad
package import FalseworkProxy
package import FalseworkRotation

/// Truth about a node at a moment.
package struct NodeState: Equatable, Sendable {
  package var phase: NodePhase
  package var release: String

  package init(phase: NodePhase, release: String) {
    self.phase = phase
    self.release = release
  }
}

/// Finds the cause of a failure in what is known of it. It decides nothing while the run goes on: only
/// at the end is it known what a node became and what the proxy recorded.
///
/// The proxy's record says at which hop a request ended; the truth about the node at the moment when
/// the request was sent, and from then to its end, says why; the belief of the proxy says why it was
/// sent there at all. What none of them tells is called unknown.
package struct Attribution: Sendable {
  let description: RunDescription
  let nodes: [Timeline<NodeState>]
  let beliefs: [Timeline<Belief>]
  let marks: [Mark]
  /// How much later than its effect a change of a node may be recorded. In the simulated world both
  /// have one clock and one order; in the others the record of a stop travels.
  let slack: Interval

  package init(
    description: RunDescription, nodes: [Timeline<NodeState>], beliefs: [Timeline<Belief>],
    marks: [Mark]
  ) {
    self.description = description
    self.nodes = nodes
    self.beliefs = beliefs
    self.marks = marks
    slack = description.world == .simulated ? .zero : .milliseconds(20)
  }

  /// - Parameter because: the number of the request of the same journey that failed before it.
  package func failure(_ outcome: Outcome, _ sight: ProxySight?, because: Int?) -> Failure {
    let server = sight?.server
    let node = server.flatMap { description.servers[$0.index].node }
    let ended = sight?.ended ?? outcome.done
    let sent = sight.map { $0.forwarded ?? $0.ended } ?? outcome.done
    let past = marks.prefix { $0.at <= ended }
    return Failure(
      outcome: outcome, cause: cause(outcome, sight, node),
      because: outcome.lackedToken ? because : nil, sight: sight, node: node,
      phaseWhenSent: phase(node, sent), beliefWhenSent: belief(server, sent),
      phaseWhenEnded: phase(node, ended), beliefWhenEnded: belief(server, ended),
      nodesServing: serving(at: ended), lastMark: past.last,
      lastMarkOfNode: node.flatMap { node in past.last { $0.node == node } },
      isSilent: description.hasProxy ? sight?.logged != true : nil)
  }

  private func cause(_ outcome: Outcome, _ sight: ProxySight?, _ node: NodeID?) -> Cause {
    switch outcome.verdict {
    case .ok: preconditionFailure("no failure: \(outcome)")
    case .refused: return Cause(.entranceRefused)
    case .unreachable: return Cause(.entranceUnreachable)
    case .connectTimeout: return Cause(.entranceTimeout)
    case .resources: return Cause(.localResources)
    case .tls: return Cause(.entranceTLS)
    case .tokenMissing: return Cause(.noTokenInAnswer)
    case .captureMissing, .unexpected: return Cause(.unexpectedAnswer)
    case .timeout, .firstByteTimeout: return timeout(outcome, sight, node)
    case .status, .closed, .reset, .truncated, .malformed: break
    }
    if outcome.lackedToken, outcome.status == 401 { return Cause(.noToken) }
    guard let sight else { return unseen(outcome) }
    return cause(outcome, sight, node)
  }

  /// The client gave up. The proxy's record tells who had the request, if it came at all.
  private func timeout(_ outcome: Outcome, _ sight: ProxySight?, _ node: NodeID?) -> Cause {
    guard sight?.forwarded != nil else { return Cause(.clientTimeout) }
    return Cause(.clientTimeout, node: node, phase: phase(node, outcome.done))
  }

  private func unseen(_ outcome: Outcome) -> Cause {
    guard description.hasProxy else {
      if case .status(let status) = outcome.verdict { return Cause(.nodeStatus, status: status) }
      return Cause(.unknown)
    }
    guard outcome.verdict == .closed || outcome.verdict == .reset else { return Cause(.unknown) }
    let stopped = description.nodes.indices.map { NodeID($0) }.filter {
      stop(of: $0, after: outcome.sent, until: outcome.done) != nil
    }
    // With two that stopped meanwhile there is no telling which.
    return stopped.count == 1 ? Cause(.unseenAtStop, node: stopped[0]) : Cause(.unseen)
  }

  private func cause(_ outcome: Outcome, _ sight: ProxySight, _ node: NodeID?) -> Cause {
    let server = sight.server
    let end = BeliefWord?(belief(server, sight.ended))
    switch (sight.termination.cause, sight.termination.stage) {
    case (UInt8(ascii: "S"), UInt8(ascii: "C")):
      guard server != nil else {
        return Cause(serving(at: sight.ended) > 0 ? .noServerThoughServing : .noServer)
      }
      return Cause(.refused, node: node, phase: phase(node, sight.ended), belief: end)
    case (UInt8(ascii: "s"), UInt8(ascii: "C")):
      return Cause(.nodeConnectTimeout, node: node, phase: phase(node, sight.ended), belief: end)
    case (UInt8(ascii: "s"), UInt8(ascii: "Q")):
      return Cause(.queueTimeout)
    case (UInt8(ascii: "S"), _):
      return ended(sight, node)
    case (UInt8(ascii: "s"), _):
      return Cause(.serverTimeout, node: node, phase: phase(node, sight.ended), belief: end)
    case (UInt8(ascii: "P"), _) where sight.forwarded != nil:
      return Cause(.malformedAnswer, node: node, phase: phase(node, sight.ended))
    case (UInt8(ascii: "D"), _):
      return Cause(.markedDown, node: node, phase: phase(node, sight.ended))
    case (UInt8(ascii: "K"), _):
      return Cause(.killedByAdministrator)
    case (UInt8(ascii: "P"), _), (UInt8(ascii: "L"), _), (UInt8(ascii: "R"), _),
      (UInt8(ascii: "c"), _):
      return sight.status > 0 ? Cause(.proxyStatus, status: sight.status) : Cause(.unknown)
    case (UInt8(ascii: "-"), _):
      guard case .status(let status) = outcome.verdict else { return Cause(.unknown) }
      // What a healthy node answers is the client's doing, and no phase explains it.
      let phase = phase(node, sight.ended)
      return Cause(
        .nodeStatus, node: node, phase: phase == .serving ? nil : phase, status: status)
    default:
      return Cause(.unknown)
    }
  }

  /// The node ended the connection under the request.
  private func ended(_ sight: ProxySight, _ node: NodeID?) -> Cause {
    let sent = sight.forwarded ?? sight.began
    let kind: Cause.Kind = sight.termination.stage == UInt8(ascii: "D") ? .cutShort : .closedByNode
    guard let node, let was = phase(node, sent) else { return Cause(kind, node: node) }
    // A node that was stopping already let it in because the proxy still believed in it; one that was
    // stopped later had it because nobody waited.
    let whenSent = BeliefWord?(belief(sight.server, sent))
    switch was {
    case .zombie: return Cause(.sentToZombie, node: node, belief: whenSent)
    case .finishing: return Cause(.sentWhileFinishing, node: node, belief: whenSent)
    case .serving, .loading:
      guard let stop = stop(of: node, after: sent, until: sight.ended) else {
        return Cause(kind, node: node, phase: was)
      }
      return Cause(.inFlightAtStop, node: node, belief: BeliefWord?(belief(sight.server, stop)))
    case .stopped, .starting, .refusing:
      return Cause(kind, node: node, phase: was)
    }
  }

  /// When a node was stopped, if it was in that time.
  private func stop(of node: NodeID, after: Instant, until: Instant) -> Instant? {
    guard nodes.indices.contains(node.index) else { return nil }
    return nodes[node.index].changes(after: after, upTo: until + slack).first { entry in
      switch entry.state.phase {
      case .zombie, .finishing, .refusing, .stopped: true
      case .starting, .loading, .serving: false
      }
    }?.at
  }

  private func phase(_ node: NodeID?, _ instant: Instant) -> NodePhase? {
    guard let node, nodes.indices.contains(node.index) else { return nil }
    return nodes[node.index].state(at: instant)?.phase
  }

  private func belief(_ server: ServerID?, _ instant: Instant) -> Belief? {
    guard let server, beliefs.indices.contains(server.index) else { return nil }
    return beliefs[server.index].state(at: instant)
  }

  private func serving(at instant: Instant) -> Int {
    nodes.count { $0.state(at: instant)?.phase == .serving }
  }
}

extension BeliefWord? {
  fileprivate init(_ belief: Belief?) { self = belief.map { BeliefWord($0) } }
}
