// SPDX-License-Identifier: Apache-2.0
package import FalseworkCore
package import FalseworkHTTP
package import FalseworkKeystone
package import NIOCore

/// A Keystone node on real sockets.
///
/// It carries one `KeystoneNode` on one event loop: opens and closes the listening socket when the
/// node says so, reads HTTP/1.1 from its clients one request at a time, and writes what the node
/// answers. Everything but `start` is called on the event loop.
///
///     let node = try await NodeServer.start(node, options: .standard, store: store, …)
///     print(node.address)   // 127.0.0.1:41234
package final class NodeServer: @unchecked Sendable {
  package struct Options: Sendable {
    package var host: String
    /// 0 lets the system choose; the choice stays for every later start of the node.
    package var port: Int
    package var limits: HTTPParser.Limits
    /// Bytes of a request's body; more is answered with 413.
    package var bodyLimit: Int
    /// A connection on which nothing has come or gone for this long is closed.
    package var idleTimeout: Interval
    /// False ends every connection after its first answer, as uwsgi's `http-socket` does.
    package var keepsAlive: Bool

    package init(
      host: String, port: Int, limits: HTTPParser.Limits, bodyLimit: Int, idleTimeout: Interval,
      keepsAlive: Bool
    ) {
      self.host = host
      self.port = port
      self.limits = limits
      self.bodyLimit = bodyLimit
      self.idleTimeout = idleTimeout
      self.keepsAlive = keepsAlive
    }

    /// Loopback, a port of the system's choice, HAProxy's limits of a head, Keystone's of a body.
    package static let standard = Options(
      host: "127.0.0.1", port: 0, limits: .haproxy, bodyLimit: KeystoneRouter.longestBody,
      idleTimeout: .seconds(60), keepsAlive: true)
  }

  /// What a node does that others want to know.
  package enum Event: Sendable {
    case turned(NodePhase)
    case exited
    /// The listening socket could not be opened again.
    case failed(LiveError)
    /// A line of the node's own log.
    case logged(KeystoneLogLine)
  }

  let clock: LiveClock
  let options: Options
  package let loop: any EventLoop
  package let address: SocketAddress
  private(set) var node: KeystoneNode
  private let store: SharedStore
  private let machine: SharedMachine?
  private var keyFiles: NodeKeyFiles?
  private let observer: (NodeServer, Event) -> Void

  private var listener: Listener?
  private var timer: WakeTimer?
  private var connections = Slab<NodeConnectionTag, NodeConnection>()
  private var idleDeadlines = DeadlineTable()
  private var effects: [KeystoneNode.Effect] = []
  private var performing = false
  /// Requests answered so far.
  package private(set) var answers = 0

  /// - Parameters:
  ///   - machine: what the node computes on together with others; nil if it does not.
  ///   - keyFiles: where the node reads its keys; nil leaves it those that it has in memory.
  ///   - observer: called on the event loop.
  package init(
    _ node: KeystoneNode, options: Options, store: SharedStore, machine: SharedMachine? = nil,
    keyFiles: NodeKeyFiles? = nil, clock: LiveClock, loop: any EventLoop,
    observer: @escaping (NodeServer, Event) -> Void
  ) throws(LiveError) {
    self.node = node
    self.options = options
    self.store = store
    self.machine = machine
    self.keyFiles = keyFiles
    self.clock = clock
    self.loop = loop
    self.observer = observer
    let reservation = try PortReservation(host: options.host, port: options.port)
    address = reservation.address
    listener = Listener(loop: loop, place: .tcp(reservation)) { [self] _ in
      NodeConnection(self)
    }
    timer = WakeTimer(loop: loop, clock: clock) { [self] in woke() }
  }

  /// Makes a node on `loop` that serves as `release` from the start: its socket listens.
  package static func start(
    _ node: KeystoneNode, as release: Release, options: Options, store: SharedStore,
    clock: LiveClock, on loop: any EventLoop,
    observer: @escaping @Sendable (NodeServer, Event) -> Void
  ) async throws -> NodeServer {
    try await loop.submit {
      let server = try NodeServer(
        node, options: options, store: store, clock: clock, loop: loop, observer: observer)
      try server.begin(as: release)
      return server
    }.get()
  }

  package var id: NodeID { node.id }
  package var phase: NodePhase { node.phase }
  /// Its keys, its cache and its settings may change while it runs.
  var identity: IdentityService {
    get { node.identity }
    set { node.identity = newValue }
  }
  package var port: Int { address.port ?? 0 }

  // MARK: Life

  /// Serves at once, as a node that was started long before.
  package func begin(as release: Release) throws(LiveError) {
    loop.assertInEventLoop()
    clock.tick()
    // A port that cannot be had is told to whoever begins, not to the observer.
    try listener?.open()
    node.begin(as: release, now: clock.now, into: &effects)
    perform()
  }

  package func start(as release: Release) {
    loop.assertInEventLoop()
    clock.tick()
    node.start(as: release, now: clock.now, into: &effects)
    // A node without inertia listens and serves within the same moment.
    wakeNode()
    perform()
  }

  package func stop(_ signal: StopSignal) {
    loop.assertInEventLoop()
    clock.tick()
    node.stop(signal, now: clock.now, into: &effects)
    wakeNode()
    perform()
  }

  /// Ends everything at once, without a process's phases: the run is over.
  package func shutDown() {
    loop.assertInEventLoop()
    timer?.disarm()
    timer = nil
    listener?.close()
    listener = nil
    for handle in connections.handles { connections[handle]?.close(.fin) }
    connections.removeAll()
  }

  /// The machine has done a piece of the node's work.
  func worked(_ task: NodeTask) {
    readKeys()
    store.lend(clock) { node.worked(task, &$0, into: &effects) }
    perform()
  }

  private func woke() {
    wakeNode()
    perform()
    while let index = idleDeadlines.popDue(now: clock.now) { idleExpired(index) }
    arm()
  }

  private func wakeNode() {
    readKeys()
    store.lend(clock) { node.wake(&$0, into: &effects) }
  }

  /// Before the node may answer something, because Keystone reads its keys at each use.
  private func readKeys() {
    guard let lines = keyFiles?.refresh(&node) else { return }
    for line in lines { observer(self, .logged(line)) }
  }

  private func arm() {
    timer?.arm(for: min(Self.nextWake(&node), idleDeadlines.next))
  }

  /// In place, as below: to ask a property of `node` would copy the whole node.
  private static func nextWake(_ node: inout KeystoneNode) -> Instant {
    node.nextWake
  }

  // MARK: Connections

  func accepted(_ connection: NodeConnection) -> NodeConnectionID {
    let id = connections.insert(connection)
    node.accepted(id, now: clock.now, into: &effects)
    idleDeadlines.set(Int(id.index), to: clock.now + options.idleTimeout)
    perform()
    return id
  }

  /// A request came whole; its head stands at the beginning of `bytes`.
  func requested(
    _ id: NodeConnectionID, _ head: HTTPHead, _ bytes: Span<UInt8>, body: [UInt8]
  ) {
    let request = Self.request(
      to: &node, head, bytes, body: body, place: (options.host, port),
      close: !head.keepAlive || !options.keepsAlive)
    readKeys()
    store.lend(clock) { node.requested(id, request, &$0, into: &effects) }
    perform()
  }

  private static func request(
    to node: inout KeystoneNode, _ head: HTTPHead, _ bytes: Span<UInt8>, body: [UInt8],
    place: (host: String, port: Int), close: Bool
  ) -> KeystoneNode.Request {
    KeystoneNode.Request(
      call: KeystoneRouter.call(head, bytes, body: body, release: node.release),
      base: KeystoneRouter.base(
        head, bytes, otherwise: place, release: node.release,
        parsesProxyFields: node.identity.options.parsesProxyFields),
      rendered: true, close: close)
  }

  func closed(_ id: NodeConnectionID) {
    connections.remove(id)
    idleDeadlines.remove(Int(id.index))
    node.closed(id, now: clock.now)
    wakeNode()
    perform()
  }

  /// A connection's own deadline is the truth; the table may be early and is then set again.
  private func idleExpired(_ index: Int) {
    guard let id = connections.handle(at: index), let connection = connections[id] else { return }
    let deadline = connection.lastActive + options.idleTimeout
    if connection.isBusy {
      // The node has the request; how long that may take is the service model's business.
      idleDeadlines.set(index, to: clock.now + options.idleTimeout)
    } else if deadline > clock.now {
      idleDeadlines.set(index, to: deadline)
    } else {
      connection.close(.fin)
    }
  }

  // MARK: Effects

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
    arm()
  }

  private func perform(_ effect: KeystoneNode.Effect) {
    switch effect {
    case .listen:
      do {
        try listener?.open()
      } catch {
        observer(self, .failed(error))
      }
    case .unlisten:
      listener?.close()
    case .answer(let id, let answer, let close):
      guard let connection = connections[id] else { return }
      answers += 1
      connection.answer(answer, close: close)
    case .close(let id, let how):
      connections[id]?.close(how)
    case .turned(let phase):
      observer(self, .turned(phase))
    case .exited:
      observer(self, .exited)
    case .work(let task, let work):
      machine?.begin(Machine.Job(node: node.id, task: task), work: work)
    case .abandon(let task):
      machine?.abandon(Machine.Job(node: node.id, task: task))
    }
  }
}
