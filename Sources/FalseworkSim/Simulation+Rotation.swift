// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
package import FalseworkKeystone
import FalseworkLoad
import FalseworkProxy
import FalseworkReport
package import FalseworkRotation
import FalseworkScenario

/// The operator's wires: the runtime API, the start and stop of nodes, the look at a node.
extension Simulation {
  mutating func flushRotation() {
    var index = 0
    while index < rotationEffects.count {
      switch rotationEffects[index] {
      case .command(let id, let line): fabric.send(.order(id, line), now: now)
      case .stop(let node, let signal):
        fabric.send(.stop(node, StopSignal(signal)), now: now)
      case .start(let node): fabric.send(.start(node), now: now)
      case .restore(let node): fabric.send(.restore(node), now: now)
      case .probe(let probe, let node): beginProbe(probe, node)
      case .operate(let id, let operation): operate(id, operation)
      case .mark(let mark):
        if options.traces {
          trace.add(
            now, "rotation: \(mark.step.label) \(mark.node.map { nodes[$0.index].name } ?? "")")
        }
        events.append(.mark(mark))
      case .finished(let outcome):
        rotationOutcome = outcome
        if case .untilRotationEnds(let plus) = scenario.length, !options.isManual {
          stopsAt = now + plus
        }
      }
      index += 1
    }
    rotationEffects.removeAll(keepingCapacity: true)
    rearm(2)
  }

  mutating func tellRotation(of outcome: Outcome) {
    guard rotation != nil else { return }
    rotation!.requestEnded(
      failed: outcome.verdict.isFailure, took: outcome.responseTime, now: now,
      into: &rotationEffects)
    if !rotationEffects.isEmpty { flushRotation() }
  }

  /// An operator's command on the cluster's shared parts takes no time here: a plan has pauses for that.
  private mutating func operate(_ id: OperationID, _ operation: RotationStep.Operation) {
    var services = nodes.map(\.identity)
    let refusal = clusterOperator.perform(operation, store: &context.store, nodes: &services)
    for index in nodes.indices { nodes[index].identity = services[index] }
    if options.traces {
      trace.add(now, "operator: \(operation.label { nodes[$0.index].name }) \(refusal ?? "")")
    }
    rotation!.operated(id, refusal: refusal, now: now, into: &rotationEffects)
  }

  mutating func deliverOrder(_ message: Message) {
    switch message {
    case .order(let id, let line):
      let reply = order(line)
      fabric.send(.orderAnswered(id, reply), now: now)
    case .orderAnswered(let id, let reply):
      rotation?.answered(id, reply, now: now, into: &rotationEffects)
      flushRotation()
    case .stop(let node, let signal):
      nodes[node.index].stop(signal, now: now, into: &nodeEffects)
      flushNode(node.index)
    case .start(let node):
      nodes[node.index].start(as: scenario.cluster.target, now: now, into: &nodeEffects)
      flushNode(node.index)
    case .restore(let node):
      checkers.restored(node)
      nodes[node.index].start(as: scenario.release(of: node), now: now, into: &nodeEffects)
      flushNode(node.index)
    case .exited(let node):
      rotation?.exited(node, now: now, into: &rotationEffects)
      if rotation != nil { flushRotation() }
    default:
      preconditionFailure("no message for an operator's target: \(message)")
    }
  }

  /// Executes a line of the runtime API now, and returns its whole answer.
  package mutating func order(_ line: String) -> String {
    if options.traces { trace.add(now, "runtime: \(line)") }
    // A connection of its own for each line, as the tools of operators make it.
    var session = RuntimeSession(
      level: .admin, process: RuntimeProcess(pid: 1, node: "simulated", wall: Self.epoch),
      silence: .seconds(10), now: now)
    var output: [UInt8] = []
    session.received(
      (line + "\n").utf8, proxy: &proxy, now: now, into: &proxyEffects, output: &output)
    let reply = String(decoding: output, as: UTF8.self)
    checkers.ordered(line, reply: reply, now: now)
    flushProxy()
    return reply
  }

  // MARK: Looks at a node

  private mutating func beginProbe(_ probe: ProbeID, _ node: NodeID) {
    // The last look is over, whether it was answered or not.
    if let old = upstreamOfProbe[node.index].take() { closeUpstream(old) }
    probeOfNode[node.index] = probe
    fabric.send(.peerConnects(.probe(probe), node), now: now)
  }

  mutating func probeConnected(_ probe: ProbeID, _ connection: NodeConnectionID) {
    guard let node = upstreams[connection]?.node, probeOfNode[node.index] == probe else {
      return closeUpstream(connection)
    }
    upstreamOfProbe[node.index] = connection
    askNode(connection, .version, close: true)
  }

  mutating func probeEnded(_ probe: ProbeID, answered: Bool) {
    if let node = probeOfNode.firstIndex(of: probe) {
      probeOfNode[node] = nil
      upstreamOfProbe[node] = nil
    }
    rotation?.probed(probe, answered: answered, now: now, into: &rotationEffects)
    flushRotation()
  }
}

extension StopSignal {
  package init(_ signal: RotationPlan.Signal) {
    switch signal {
    case .terminate: self = .terminate
    case .kill: self = .kill
    case .graceful: self = .graceful
    }
  }
}
