// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkKeystone
import FalseworkLoad
import FalseworkProxy
import FalseworkReport
import FalseworkRotation
import FalseworkScenario

/// The wire between the nodes and whoever connects to them.
extension Simulation {
  mutating func flushNode(_ node: Int) {
    var index = 0
    while index < nodeEffects.count {
      switch nodeEffects[index] {
      case .listen: listening[node] = true
      case .unlisten: listening[node] = false
      case .answer(let connection, let answer, let close):
        if options.traces, answer.status >= 400 {
          let text = String(decoding: answer.body.prefix(200), as: UTF8.self).filter { $0 != "\n" }
          trace.add(now, "\(nodes[node].name): answered n\(connection) \(answer.status) \(text)")
        }
        tellPeer(connection, .peerAnswered(connection, answer, close: close))
        if close { leave(connection) }
      case .close(let connection, let how):
        tellPeer(connection, .peerClosed(connection, how))
        leave(connection)
      case .turned(let phase):
        if options.traces { trace.add(now, "\(nodes[node].name): \(phase)") }
        checkers.node(NodeID(node), phase, release: nodes[node].release, now: now)
        events.append(
          .node(NodeID(node), phase, release: nodes[node].release.name, at: now))
      case .exited:
        fabric.send(.exited(NodeID(node)), now: now)
      case .work(let task, let work):
        machine?.begin(Machine.Job(node: NodeID(node), task: task), work: work, now: now)
      case .abandon(let task):
        machine?.abandon(Machine.Job(node: NodeID(node), task: task), now: now)
      }
      index += 1
    }
    nodeEffects.removeAll(keepingCapacity: true)
    rearm(3 + node)
    if machine != nil { rearm(machineKey) }
  }

  mutating func machineDone() {
    while let job = machine?.popDone(now: now) {
      nodes[job.node.index].worked(job.task, &context, into: &nodeEffects)
      flushNode(job.node.index)
    }
    rearm(machineKey)
  }

  /// The node has forgotten the connection; its last message may still be on its way.
  private mutating func leave(_ connection: NodeConnectionID) {
    if upstreams.contains(connection) { upstreams[connection]!.open = false }
  }

  private mutating func tellPeer(_ connection: NodeConnectionID, _ message: Message) {
    guard upstreams.contains(connection) else { return }
    var last = upstreams[connection]!.lastDown
    fabric.send(message, now: now, after: &last)
    upstreams[connection]!.lastDown = last
  }

  // MARK: At the node

  mutating func deliverToNode(_ message: Message) {
    switch message {
    case .peerConnects(let peer, let node):
      guard listening[node.index] else {
        return fabric.send(.peerRefused(peer), now: now)
      }
      let connection = upstreams.insert(Upstream(peer: peer, node: node))
      nodes[node.index].accepted(connection, now: now, into: &nodeEffects)
      tellPeer(connection, .peerConnected(peer, connection))
      flushNode(node.index)
    case .peerAsks(let connection, let request):
      guard let upstream = upstreams[connection], upstream.open else { return }
      if options.traces {
        trace.add(now, "\(nodes[upstream.node.index].name): asked n\(connection)")
      }
      nodes[upstream.node.index].requested(connection, request, &context, into: &nodeEffects)
      flushNode(upstream.node.index)
    case .peerCloses(let connection):
      guard let upstream = upstreams.remove(connection) else { return }
      if upstream.open { nodes[upstream.node.index].closed(connection, now: now) }
      flushNode(upstream.node.index)
    default:
      preconditionFailure("no message for a node: \(message)")
    }
  }

  // MARK: Back at the peer

  mutating func deliverToPeer(_ message: Message) {
    switch message {
    case .peerConnected(let peer, let connection): peerConnected(peer, connection)
    case .peerRefused(let peer): peerRefused(peer)
    case .peerAnswered(let connection, let answer, let close):
      guard let upstream = upstreams[connection] else { return }
      peerAnswered(upstream.peer, connection, answer, close: close)
      if close { upstreams.remove(connection) }
    case .peerClosed(let connection, let how):
      guard let upstream = upstreams.remove(connection) else { return }
      peerClosed(upstream.peer, connection, how)
    default:
      preconditionFailure("no message for a node's peer: \(message)")
    }
  }

  private mutating func peerConnected(_ peer: NodePeer, _ connection: NodeConnectionID) {
    switch peer {
    case .proxy(let server):
      guard let entry = upstreamOfServer[Int(server.index)], entry.server == server else {
        // The proxy gave up meanwhile.
        return closeUpstream(connection)
      }
      upstreamOfServer[Int(server.index)] = (server, connection)
      proxy.connected(server, now: now, into: &proxyEffects)
      flushProxy()
    case .check(let check):
      guard checkOfServer[check.server.index] == check else { return closeUpstream(connection) }
      upstreamOfCheck[check.server.index] = connection
      proxy.checkConnected(check, now: now, into: &proxyEffects)
      if checkOfServer[check.server.index] == check,
        scenario.proxy.configuration.backend(of: check.server).check != nil
      {
        askNode(
          connection,
          checkCalls[scenario.proxy.configuration.servers[check.server.index].backend.index],
          close: true)
      }
      flushProxy()
    case .probe(let probe):
      probeConnected(probe, connection)
    case .guest(let guest):
      guestReachedNode(guest, connection)
    }
  }

  private mutating func peerRefused(_ peer: NodePeer) {
    switch peer {
    case .proxy(let server):
      guard let entry = upstreamOfServer[Int(server.index)], entry.server == server else { return }
      upstreamOfServer[Int(server.index)] = nil
      proxy.connectFailed(server, .refused, now: now, into: &proxyEffects)
      flushProxy()
    case .check(let check):
      proxy.checkFailed(check, .refused, now: now, into: &proxyEffects)
      flushProxy()
    case .probe(let probe): probeEnded(probe, answered: false)
    case .guest(let guest): guestClosed(guest)
    }
  }

  private mutating func peerAnswered(
    _ peer: NodePeer, _ connection: NodeConnectionID, _ answer: KeystoneAnswer, close: Bool
  ) {
    switch peer {
    case .proxy(let server):
      self.answer = answer
      proxy.responded(
        server,
        Proxy.ResponseHead(
          status: answer.status, keepAlive: !close, tunnel: false, untilClose: false, bytes: 0),
        now: now, into: &proxyEffects)
      proxy.responseEnded(server, bodyBytes: answer.body.count, now: now, into: &proxyEffects)
      flushProxy()
      self.answer = nil
      guard close, let entry = upstreamOfServer[Int(server.index)], entry.server == server else {
        return
      }
      upstreamOfServer[Int(server.index)] = nil
      proxy.serverClosed(server, .fin, now: now, into: &proxyEffects)
      flushProxy()
    case .check(let check):
      proxy.checkAnswered(check, status: answer.status, now: now, into: &proxyEffects)
      flushProxy()
    case .probe(let probe):
      probeEnded(probe, answered: answer.status < 500)
      if !close { closeUpstream(connection) }
    case .guest(let guest):
      guestAnswered(
        guest,
        .init(status: answer.status, subjectToken: answer.subjectToken, keepAlive: !close),
        answer.body)
    }
  }

  private mutating func peerClosed(
    _ peer: NodePeer, _ connection: NodeConnectionID, _ how: CloseKind
  ) {
    switch peer {
    case .proxy(let server):
      guard let entry = upstreamOfServer[Int(server.index)], entry.server == server else { return }
      upstreamOfServer[Int(server.index)] = nil
      proxy.serverClosed(server, how, now: now, into: &proxyEffects)
      flushProxy()
    case .check(let check):
      proxy.checkBroken(check, now: now, into: &proxyEffects)
      flushProxy()
    case .probe(let probe): probeEnded(probe, answered: false)
    case .guest(let guest): guestClosed(guest)
    }
  }
}
