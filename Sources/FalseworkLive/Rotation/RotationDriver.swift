// SPDX-License-Identifier: Apache-2.0
package import FalseworkCore
package import FalseworkLoad
package import FalseworkRotation
package import NIOCore

/// The rotation on real sockets: one `Rotation` on one event loop, with the hands that it acts
/// with.
///
/// It begins when it is made and is confined to its event loop.
package final class RotationDriver: @unchecked Sendable {
  /// What an operator has at hand.
  package struct Hands {
    /// Sends one line to the proxy's runtime API and gives the whole answer.
    package var command: (String, @escaping (String) -> Void) -> Void
    package var stop: (NodeID, RotationPlan.Signal) -> Void
    package var start: (NodeID) -> Void
    /// Starts a node as the release that it ran before; nil where there is no way back.
    package var restore: ((NodeID) -> Void)?
    /// Where a node itself answers.
    package var address: (NodeID) -> SocketAddress
    /// Does something to the whole cluster and tells nil when it is done, or the reason why not.
    package var operate: (RotationStep.Operation, @escaping (String?) -> Void) -> Void

    package init(
      command: @escaping (String, @escaping (String) -> Void) -> Void,
      stop: @escaping (NodeID, RotationPlan.Signal) -> Void, start: @escaping (NodeID) -> Void,
      address: @escaping (NodeID) -> SocketAddress,
      operate: @escaping (RotationStep.Operation, @escaping (String?) -> Void) -> Void,
      restore: ((NodeID) -> Void)? = nil
    ) {
      self.command = command
      self.stop = stop
      self.start = start
      self.address = address
      self.operate = operate
      self.restore = restore
    }
  }

  package enum Event: Sendable {
    case mark(Mark)
    case finished(Rotation.Outcome)
  }

  private let clock: LiveClock
  private let loop: any EventLoop
  private let observer: (Event) -> Void
  private var hands: Hands?
  private var rotation: Rotation
  private var timer: WakeTimer?
  private var probes: [NodeID: NodeProbe] = [:]
  /// What the rotation calls its latest look at a node.
  private var latest: [NodeID: ProbeID] = [:]
  private var effects: [Rotation.Effect] = []
  private var performing = false

  /// - Parameter observer: called on the event loop.
  package init(
    _ rotation: Rotation, hands: Hands, clock: LiveClock, loop: any EventLoop,
    observer: @escaping (Event) -> Void
  ) {
    loop.assertInEventLoop()
    self.rotation = rotation
    self.hands = hands
    self.clock = clock
    self.loop = loop
    self.observer = observer
    timer = WakeTimer(loop: loop, clock: clock) { [self] in
      self.rotation.wake(now: clock.now, into: &effects)
      perform()
    }
    timer?.arm(for: rotation.nextWake)
  }

  package var isFinished: Bool { rotation.isFinished }

  /// The process of a node is gone.
  package func exited(_ node: NodeID) {
    clock.tick()
    rotation.exited(node, now: clock.now, into: &effects)
    perform()
  }

  /// A request of the load ended.
  package func requestEnded(_ outcome: Outcome) {
    clock.tick()
    rotation.requestEnded(
      failed: outcome.verdict.isFailure, took: outcome.responseTime, now: clock.now,
      into: &effects)
    if !effects.isEmpty { perform() }
  }

  /// A node cannot be stopped or started, and why.
  package func failed(_ node: NodeID, _ reason: String) {
    clock.tick()
    rotation.failed(node, reason, now: clock.now, into: &effects)
    perform()
  }

  /// Leaves everything as it is.
  package func shutDown() {
    timer?.disarm()
    timer = nil
    hands = nil
    for probe in probes.values { probe.cancel() }
    probes = [:]
  }

  private func perform() {
    guard !performing else { return }
    performing = true
    var index = 0
    while index < effects.count {
      perform(effects[index])
      index += 1
    }
    effects.removeAll(keepingCapacity: true)
    performing = false
    timer?.arm(for: rotation.nextWake)
  }

  private func perform(_ effect: Rotation.Effect) {
    switch effect {
    case .command(let id, let line):
      hands?.command(line) { [self] reply in
        clock.tick()
        rotation.answered(id, reply, now: clock.now, into: &effects)
        perform()
      }
    case .stop(let node, let signal): hands?.stop(node, signal)
    case .start(let node): hands?.start(node)
    case .restore(let node): hands?.restore?(node)
    case .probe(let id, let node): probe(id, node)
    case .operate(let id, let operation):
      hands?.operate(operation) { [self] refusal in
        clock.tick()
        rotation.operated(id, refusal: refusal, now: clock.now, into: &effects)
        perform()
      }
    case .mark(let mark): observer(.mark(mark))
    case .finished(let outcome):
      for probe in probes.values { probe.cancel() }
      probes = [:]
      observer(.finished(outcome))
    }
  }

  /// A look that is still without an answer stands for the next ones as well: a node that is busy or
  /// loading may take longer than the pause between two looks, and is then seen as soon as it answers.
  private func probe(_ id: ProbeID, _ node: NodeID) {
    let isUnderWay = probes[node] != nil
    latest[node] = id
    guard !isUnderWay, let hands else { return }
    let probe = NodeProbe.look(at: hands.address(node), on: loop) { [self] answered in
      probes[node] = nil
      guard let latest = latest[node] else { return }
      clock.tick()
      rotation.probed(latest, answered: answered, now: clock.now, into: &effects)
      perform()
    }
    // A node that refuses may have done so already.
    if !probe.isOver { probes[node] = probe }
  }
}
