// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkHTTP
package import FalseworkLoad
package import NIOCore
import NIOPosix

/// The load engine on real sockets: one `LoadEngine` against one address, on one event loop.
///
/// Everything but `run` is called on the event loop.
package final class LoadClient: @unchecked Sendable {
  package struct Target: Sendable {
    package var address: SocketAddress
    /// The authority for the `host` field, such as `127.0.0.1:5000`.
    package var host: String
    /// A path before `/v3`, without a slash at its end; usually empty.
    package var prefix: String
    /// Nil speaks plain HTTP.
    package var tls: TLSClient.Options?

    package init(
      address: SocketAddress, host: String, prefix: String, tls: TLSClient.Options? = nil
    ) {
      self.address = address
      self.host = host
      self.prefix = prefix
      self.tls = tls
    }
  }

  let clock: LiveClock
  private let loop: any EventLoop
  private let target: Target
  private let tls: TLSClient?
  var isSecure: Bool { tls != nil }
  private let writer: CallWriter
  private let observer: (Outcome) -> Void
  /// The plan's `serverField`.
  let serverField: [UInt8]?
  var servers = TextTable()
  private var engine: LoadEngine
  private var timer: WakeTimer?
  /// By the slot's index.
  private var connections: [LoadConnection?] = []
  private var effects: [LoadEngine.Effect] = []
  private var performing = false
  private let finishedPromise: EventLoopPromise<Void>
  private var finished = false

  /// Users begin with the clock's present moment.
  ///
  /// - Parameter observer: told of every request that ended, on the event loop.
  package init(
    plan: LoadPlan, seed: UInt64, target: Target, clock: LiveClock, loop: any EventLoop,
    observer: @escaping (Outcome) -> Void
  ) {
    loop.assertInEventLoop()
    clock.tick()
    self.target = target
    tls = target.tls.map { TLSClient($0) }
    self.clock = clock
    self.loop = loop
    self.observer = observer
    serverField = plan.serverField.map { Array($0.lowercased().utf8) }
    writer = CallWriter(plan: plan, host: target.host, prefix: target.prefix)
    engine = LoadEngine(plan: plan, seed: seed, now: clock.now)
    finishedPromise = loop.makePromise()
    timer = WakeTimer(loop: loop, clock: clock) { [self] in
      engine.wake(now: self.clock.now, into: &effects)
      perform()
    }
    timer?.arm(for: engine.nextWake)
  }

  /// Fulfilled when, after `stop`, nothing is in flight any more.
  package var whenFinished: EventLoopFuture<Void> { finishedPromise.futureResult }
  /// Of the handshakes of TLS, if the target speaks it.
  package var handshakes: TLSCounts { tls?.counts ?? TLSCounts() }
  package var counts: LoadEngine.Counts { engine.counts }
  package var users: Int { engine.users }

  /// No new journey begins; what is in flight ends in its own time, at the latest by its time-out.
  package func stop() {
    loop.assertInEventLoop()
    clock.tick()
    engine.stop(now: clock.now, into: &effects)
    perform()
  }

  /// Closes everything, whatever is in flight. No request is told any more.
  package func shutDown() {
    loop.assertInEventLoop()
    timer?.disarm()
    timer = nil
    for connection in connections { connection?.close() }
    connections = []
    guard !finished else { return }
    finished = true
    finishedPromise.succeed()
  }

  // MARK: What connections say

  func connected(_ slot: SlotID, localPort: UInt16) {
    engine.connected(slot, localPort: localPort, now: clock.now, into: &effects)
    perform()
  }

  func connectFailed(_ slot: SlotID, _ why: ConnectFailure) {
    connections[Int(slot.index)] = nil
    engine.connectFailed(slot, why, now: clock.now, into: &effects)
    perform()
  }

  func firstByte(_ slot: SlotID) {
    engine.firstByte(slot, now: clock.now)
  }

  func answered(_ slot: SlotID, _ reply: LoadEngine.Reply) {
    engine.answered(slot, reply, now: clock.now, into: &effects)
    perform()
  }

  func malformed(_ slot: SlotID) {
    engine.malformed(slot, now: clock.now, into: &effects)
    perform()
  }

  func secrecyLost(_ slot: SlotID) {
    engine.secrecyLost(slot, now: clock.now, into: &effects)
    perform()
  }

  func closed(_ slot: SlotID, _ how: CloseKind) {
    connections[Int(slot.index)] = nil
    engine.closed(slot, how, now: clock.now, into: &effects)
    perform()
  }

  // MARK: Effects

  private func perform() {
    guard !performing else { return }
    performing = true
    while true {
      var index = 0
      while index < effects.count {
        perform(effects[index])
        index += 1
      }
      effects.removeAll(keepingCapacity: true)
      // Users who do not wait are due at once: that is no business of the loop's timers.
      guard timer != nil, Self.nextWake(&engine) <= clock.now else { break }
      engine.wake(now: clock.now, into: &effects)
    }
    performing = false
    timer?.arm(for: Self.nextWake(&engine))
  }

  /// In place: to ask the property for it would copy the whole engine.
  private static func nextWake(_ engine: inout LoadEngine) -> Instant {
    engine.nextWake
  }

  private func perform(_ effect: LoadEngine.Effect) {
    switch effect {
    case .connect(let slot): connect(slot)
    case .send(let slot, let call):
      guard let connection = connection(slot) else { return }
      writer.append(call, to: &connection.outlet.bytes)
      connection.send(
        method: writer.method(of: call), wantsToken: call.isAuthentication,
        wants: writer.wants(of: call))
    case .close(let slot):
      guard let connection = connection(slot) else { return }
      connection.close()
      connections[Int(slot.index)] = nil
    case .ended(let outcome):
      observer(outcome)
    case .finished:
      timer?.disarm()
      timer = nil
      guard !finished else { return }
      finished = true
      finishedPromise.succeed()
    }
  }

  private func connection(_ slot: SlotID) -> LoadConnection? {
    guard Int(slot.index) < connections.count, let connection = connections[Int(slot.index)],
      connection.slot == slot
    else { return nil }
    return connection
  }

  private func connect(_ slot: SlotID) {
    while connections.count <= Int(slot.index) { connections.append(nil) }
    let connection = LoadConnection(self, slot)
    connections[Int(slot.index)] = connection
    Connector.connect(
      to: target.address, on: loop, tls: tls?.handler(), handler: connection
    ) { failure in
      guard let failure else { return }
      self.clock.tick()
      // A connection that was given up meanwhile has nobody left to tell.
      guard self.connection(slot) != nil else { return }
      self.connectFailed(slot, failure)
    }
  }
}

extension Call {
  fileprivate var isAuthentication: Bool {
    if case .authenticate = self { true } else { false }
  }
}
