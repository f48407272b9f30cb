// SPDX-License-Identifier: Apache-2.0
package import FalseworkCore
import FalseworkHTTP
package import FalseworkProxy
package import FalseworkReport
package import NIOCore

/// The proxy on real sockets: one event loop with its frontends, its connections to servers, its
/// health checks.
///
/// It decides nothing: it reads heads, moves bytes, and tells the `Proxy` what happened. Everything
/// here is confined to the event loop, and must be called on it.
package final class ProxyServer: @unchecked Sendable {
  package struct Options: Sendable {
    /// Where the frontends listen.
    package var binds: Binds
    /// Where a server is, instead of where the configuration says; by server number.
    package var addresses: [Address?]

    package enum Binds: Equatable, Sendable {
      case configured
      /// A port that the system chooses for each `bind` line, on this host.
      case anyPort(host: String)
    }

    package struct Address: Equatable, Sendable {
      package var host: String
      package var port: Int

      package init(host: String, port: Int) {
        self.host = host
        self.port = port
      }
    }

    package init(binds: Binds, addresses: [Address?] = []) {
      self.binds = binds
      self.addresses = addresses
    }
  }

  /// A connection to a server, from the order to open it to its end.
  enum Upstream {
    case opening(ServerHandler)
    case open(ServerHandler)
  }

  package let loop: any EventLoop
  package let configuration: ProxyConfiguration
  package private(set) var proxy: Proxy
  let clock: LiveClock
  let tell: (RunEvent) -> Void
  /// Log lines, if the configuration wants any.
  let log: ((LogLine) -> Void)?
  private let noticeTargets: [LogTarget]

  private var effects: [Proxy.Effect] = []
  private(set) var isCarryingOut = false
  private var timer: WakeTimer?
  /// The end of this turn of the loop is awaited.
  private var isSettling = false
  /// `turnEnded`, made once.
  private var endTurn: @Sendable () -> Void = {}
  private var listeners: [(frontend: FrontendID, listener: Listener, port: PortReservation)] = []

  var clients = Slab<ClientTag, ClientHandler>()
  /// By the connection's index; an entry with another generation is over.
  var upstreams: [(id: ServerConnectionID, upstream: Upstream)?] = []
  var checks: [(id: CheckID, handler: CheckHandler?)?]
  /// Clients whose request ended and that may have the next one in their inbox.
  var continuing: [ClientHandler] = []
  /// Clients and servers with bytes to flush at the end of the turn.
  var unflushed: [ProxyConnection] = []
  let checkRequests: [[UInt8]]
  var secrecy: Secrecy
  let logsFrontend: [Bool]
  /// Some rule looks at requests, or at answers; some backend may send a request again.
  let readsRequests: Bool
  let readsResponses: Bool
  let keepsRequests: Bool

  /// - Parameters:
  ///   - tell: what happened, as it happens.
  ///   - log: gets each log line of frontends that log.
  package init(
    configuration: ProxyConfiguration, options: Options, loop: any EventLoop, clock: LiveClock,
    tell: @escaping (RunEvent) -> Void, log: ((LogLine) -> Void)?
  ) throws(LiveError) {
    self.configuration = configuration
    self.loop = loop
    self.clock = clock
    self.tell = tell
    self.log = log
    noticeTargets = configuration.noticeTargets
    clock.tick()
    proxy = Proxy(configuration: configuration, now: clock.now)
    proxy.wall = clock.began
    checks = Array(repeating: nil, count: configuration.servers.count)
    checkRequests = configuration.backends.map { CheckHandler.request($0) }
    secrecy = Secrecy()
    logsFrontend = configuration.frontends.map { $0.logs && log != nil }
    readsRequests = configuration.readsRequests
    readsResponses = configuration.readsResponses
    keepsRequests = configuration.keepsRequests
    for (index, address) in options.addresses.enumerated() {
      guard let address else { continue }
      proxy.setAddress(ServerID(index), host: address.host, port: address.port)
    }
    endTurn = { [self] in self.turnEnded() }
    timer = WakeTimer(loop: loop, clock: clock) { [self] in
      self.tellProxy { $0.wake(now: $1, into: &$2) }
      self.settle()
    }
    secrecy = Secrecy(try secrets(), self)
    for (index, frontend) in configuration.frontends.enumerated() {
      for (place, bind) in frontend.binds.enumerated() {
        let secure = secrecy.binds[index][place]
        let port =
          switch options.binds {
          case .configured: try PortReservation(host: bind.host, port: bind.port)
          case .anyPort(let host): try PortReservation(host: host, port: 0)
          }
        let listener = Listener(loop: loop, place: .tcp(port)) { [self] channel in
          let header =
            bind.acceptsProxyHeader ? self.header(FrontendID(index), place, channel) : nil
          return ClientHandler(
            server: self, frontend: FrontendID(index), header: header,
            tls: secure?.secure(channel))
        }
        listeners.append((FrontendID(index), listener, port))
      }
    }
  }

  /// Opens the frontends and begins to check the servers.
  package func start() throws(LiveError) {
    loop.assertInEventLoop()
    for entry in listeners { try entry.listener.open() }
    clock.tick()
    settle()
  }

  /// Closes everything.
  package func stop() {
    loop.assertInEventLoop()
    timer?.disarm()
    timer = nil
    endTurn = {}
    for entry in listeners { entry.listener.close() }
    listeners = []
    for handle in clients.handles { clients.remove(handle)?.end(.fin) }
    // A connection that is being opened finds that nobody waits for it.
    for index in upstreams.indices {
      if case .open(let handler)? = upstreams[index]?.upstream { handler.end(.fin) }
      upstreams[index] = nil
    }
    for index in checks.indices {
      checks[index]?.handler?.end()
      checks[index] = nil
    }
  }

  /// The port of each frontend's first `bind`; nil for a frontend without one.
  package var frontendPorts: [Int?] {
    configuration.frontends.indices.map { index in
      listeners.first { $0.frontend.index == index }?.port.address.port
    }
  }

  /// Tells the brain something and carries out what it wants. The clock must have ticked.
  func tellProxy(_ body: (inout Proxy, Instant, inout [Proxy.Effect]) -> Void) {
    body(&proxy, clock.now, &effects)
    carryOutEffects()
  }

  /// Changes something of the brain, or reads it, from outside of an event of this server: the runtime
  /// API's way in.
  package func perform<Result>(
    _ body: (inout Proxy, Instant, inout [Proxy.Effect]) -> Result
  ) -> Result {
    loop.assertInEventLoop()
    clock.tick()
    let result = body(&proxy, clock.now, &effects)
    carryOutEffects()
    settle()
    return result
  }

  // MARK: Effects

  /// Carries effects out, those that come up meanwhile included; then clients go on with what they
  /// have, one at a time: what one asks next is carried out before the next one's turn.
  private func carryOutEffects() {
    guard !isCarryingOut else { return }
    isCarryingOut = true
    var batch: [Proxy.Effect] = []
    swap(&batch, &effects)
    while true {
      if !batch.isEmpty {
        for effect in batch { carryOut(effect) }
        batch.removeAll(keepingCapacity: true)
      } else if let client = continuing.popLast() {
        client.advance()
      } else {
        break
      }
      // What came up meanwhile is next, and the room of what is done is used again.
      swap(&batch, &effects)
    }
    isCarryingOut = false
  }

  /// The end of an event. What it wrote goes out when the loop has no more events in hand: each
  /// connection is written to once, and a peer that sleeps is woken once for all that is for it.
  func settle() {
    guard !isSettling else { return }
    isSettling = true
    loop.execute(endTurn)
  }

  /// The end of a turn of the loop. A write that fails may bring up more to write.
  private func turnEnded() {
    var index = 0
    while index < unflushed.count {
      unflushed[index].flush()
      index += 1
    }
    unflushed.removeAll(keepingCapacity: true)
    isSettling = false
    timer?.arm(for: Self.nextWake(&proxy))
  }

  /// In place: to ask the property for it would copy the whole brain.
  private static func nextWake(_ proxy: inout Proxy) -> Instant {
    proxy.nextWake
  }

  private func carryOut(_ effect: Proxy.Effect) {
    switch effect {
    case .connect(let connection, let server): connect(connection, server)
    case .forward(let client, let connection, let close):
      guard let handler = clients[client], let upstream = self.handler(of: connection) else {
        return
      }
      upstream.forward(from: handler, close: close)
    case .relay(let connection, let client, let close):
      guard let handler = clients[client], let upstream = self.handler(of: connection) else {
        return
      }
      upstream.relay(to: handler, close: close)
    case .rewrite(let client, let head):
      clients[client]?.rewrite(head)
    case .rewriteResponse(let connection, let head):
      handler(of: connection)?.rewrite(head)
    case .collect(let client): clients[client]?.collect()
    case .answer(let client, let answer, let close):
      clients[client]?.answer(answer, close: close)
    case .respond(let client, let page, let close):
      clients[client]?.respond(page, close: close)
    case .closeClient(let client, let how):
      clients.remove(client)?.end(how)
    case .closeServer(let connection, let how):
      closeServer(connection, how)
    case .check(let check): beginCheck(check)
    case .endCheck(let check): endCheck(check)
    case .pause(let frontend): setAccepting(frontend, false)
    case .resume(let frontend): setAccepting(frontend, true)
    case .ended(let client, let record): ended(client, record)
    case .believed(let server, let belief):
      tell(.believed(server, belief, at: clock.now))
    case .noticed(let notice):
      tell(.noticed(notice, at: clock.now))
      log?(LogLine(notice.text, level: notice.level.rawValue, targets: noticeTargets))
    }
  }

  private func ended(_ client: ClientID, _ record: LogRecord) {
    tell(.proxied(record))
    let handler = clients[client]
    if record.logged, logsFrontend[record.frontend.index], let log {
      let line = record.line(
        request: handler?.requestLine ?? "<BADREQ>", configuration: configuration,
        secure: handler?.isSecure ?? false, wall: clock.began)
      log(
        LogLine(
          line, level: 6, targets: configuration.frontendRules[record.frontend.index].logs))
    }
    if let handler, handler.requestEnded() { continuing.append(handler) }
  }

  private func setAccepting(_ frontend: FrontendID, _ accepting: Bool) {
    for entry in listeners where entry.frontend == frontend {
      entry.listener.setAccepting(accepting)
    }
  }
}
