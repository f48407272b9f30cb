// SPDX-License-Identifier: Apache-2.0
package import FalseworkCore
import FalseworkHTTP

/// What clients do.
extension Proxy {
  /// A client connected to a frontend.
  package mutating func accepted(
    _ client: ClientID, on frontend: FrontendID, from address: ClientAddress, now: Instant,
    into effects: inout [Effect]
  ) {
    let index = Int(client.index)
    let arrived = Client(id: client, frontend: frontend, backend: nil, address: address)
    // The world hands out the lowest free number: a new one is the next.
    while clients.count <= index { clients.append(arrived) }
    clients[index] = arrived
    connectionCount += 1
    connectionTotal += 1
    frontends[frontend.index].enter(now: now)
    setDeadline(index, to: now + self.frontend(frontend).requestTimeout)
    if isFull(frontend), !paused[frontend.index] {
      paused[frontend.index] = true
      effects.append(.pause(frontend))
    }
  }

  private func isFull(_ frontend: FrontendID) -> Bool {
    frontends[frontend.index].current >= frontendMaxconn[frontend.index]
      || connectionCount >= maxconn
  }

  /// The first bytes of a request came, but not its whole head.
  package mutating func requestStarted(_ client: ClientID, now: Instant) {
    guard isLive(client), clients[Int(client.index)].stage == .idle else { return }
    let index = Int(client.index)
    clients[index].stage = .reading
    // The first request's time runs from the connection on.
    guard clients[index].ordinal > 0 else { return }
    setDeadline(index, to: now + frontend(clients[index].frontend).requestTimeout)
  }

  /// A request's head came whole. The world tells the next one of a connection only after `ended`.
  package mutating func requested(
    _ client: ClientID, _ head: RequestHead, now: Instant, into effects: inout [Effect]
  ) {
    guard isLive(client) else { return }
    let index = Int(client.index)
    guard clients[index].stage == .idle || clients[index].stage == .reading else { return }
    begin(index, head, now: now)
    guard let backend = clients[index].backend else {
      return fail(index, .unavailable, Termination("SC"), now: now, into: &effects)
    }
    backends[backend.index].traffic.enter(now: now)
    backends[backend.index].traffic.requestRate.count(now: now)
    backends[backend.index].traffic.bytesIn += head.bytes
    dispatch(index, avoiding: nil, now: now, into: &effects)
  }

  private mutating func begin(_ index: Int, _ head: RequestHead, now: Instant) {
    let id = clients[index].frontend
    let backend = frontend(id).defaultBackend
    let mode = frontend(id).connectionMode
    frontends[id.index].requestRate.count(now: now)
    frontends[id.index].bytesIn += head.bytes
    clients[index].begin(head, now: now)
    clients[index].backend = backend
    clients[index].mode = backend.map { max(mode, self.backend($0).connectionMode) } ?? mode
  }

  /// The last byte of a request's body came.
  package mutating func requestEnded(_ client: ClientID, bodyBytes: Int, now: Instant) {
    guard isLive(client), !clients[Int(client.index)].head.complete else { return }
    let index = Int(client.index)
    clients[index].head.complete = true
    frontends[clients[index].frontend.index].bytesIn += bodyBytes
    if clients[index].stage == .awaiting, let backend = clients[index].backend {
      setDeadline(index, to: now + self.backend(backend).serverTimeout)
    }
  }

  /// Bytes moved one way or the other: the stage's time begins anew. Once a turn is enough.
  package mutating func moved(_ client: ClientID, now: Instant) {
    guard isLive(client) else { return }
    let index = Int(client.index)
    guard let backend = clients[index].backend else { return }
    switch clients[index].stage {
    case .awaiting where !clients[index].head.complete:
      setDeadline(index, to: now + frontend(clients[index].frontend).clientTimeout)
    case .responding, .tunnel:
      setDeadline(index, to: now + self.backend(backend).serverTimeout)
    case .idle, .reading, .queued, .connecting, .pausing, .awaiting:
      return
    }
  }

  /// What came is no HTTP: 400, and the connection ends.
  package mutating func malformed(
    _ client: ClientID, now: Instant, into effects: inout [Effect]
  ) {
    guard isLive(client) else { return }
    let index = Int(client.index)
    guard clients[index].stage == .idle || clients[index].stage == .reading else {
      return abort(index, Termination("CD"), now: now, into: &effects)
    }
    refuse(index, .badRequest, Termination("PR"), logged: true, now: now, into: &effects)
  }

  /// A request that never came whole is answered and recorded all the same.
  private mutating func refuse(
    _ index: Int, _ page: ProxyPage, _ termination: Termination, logged: Bool, now: Instant,
    into effects: inout [Effect]
  ) {
    clients[index].backend = nil
    clients[index].ordinal += 1
    clients[index].head = RequestHead(
      method: .other, keepAlive: false, complete: true, began: now, bytes: 0)
    clients[index].headAt = .never
    frontends[clients[index].frontend.index].requestErrors += 1
    fail(index, page, termination, logged: logged, now: now, into: &effects)
  }

  /// The client ended its side. A FIN alone does not stop a request that is under way (there is no
  /// `option abortonclose`): it is answered, and then the connection ends.
  package mutating func clientClosed(
    _ client: ClientID, _ how: CloseKind, now: Instant, into effects: inout [Effect]
  ) {
    guard isLive(client) else { return }
    let index = Int(client.index)
    switch clients[index].stage {
    case .idle, .reading:
      effects.append(.closeClient(client, .fin))
      forget(index, into: &effects)
    case .queued, .connecting, .pausing, .awaiting, .responding:
      guard how == .reset || !clients[index].head.complete else {
        clients[index].head.keepAlive = false
        return
      }
      let letter: UInt8 =
        switch clients[index].stage {
        case .queued: UInt8(ascii: "Q")
        case .connecting, .pausing: UInt8(ascii: "C")
        case .awaiting: UInt8(ascii: "H")
        case .idle, .reading, .responding, .tunnel: UInt8(ascii: "D")
        }
      frontends[clients[index].frontend.index].clientAborts += 1
      if let backend = clients[index].backend {
        backends[backend.index].traffic.clientAborts += 1
      }
      if let server = clients[index].server { servers[server.index].traffic.clientAborts += 1 }
      abort(
        index, Termination(cause: UInt8(ascii: "C"), stage: letter), now: now, into: &effects)
    case .tunnel:
      abort(index, .normal, now: now, into: &effects)
    }
  }

  /// A stage of a client lasted too long.
  mutating func expired(_ index: Int, now: Instant, into effects: inout [Effect]) {
    switch clients[index].stage {
    case .idle where clients[index].ordinal > 0:
      effects.append(.closeClient(clients[index].id, .fin))
      forget(index, into: &effects)
    case .idle, .reading:
      // `option dontlognull`: a connection on which nothing came.
      let isNull = clients[index].stage == .idle
      refuse(
        index, .requestTimeout, Termination("cR"),
        logged: !isNull || !frontend(clients[index].frontend).dontLogNull, now: now,
        into: &effects)
    case .queued:
      leaveQueue(index)
      clients[index].chosenAt = now
      fail(index, .unavailable, Termination("sQ"), now: now, into: &effects)
    case .connecting:
      connectExpired(index, now: now, into: &effects)
    case .pausing:
      resume(index, now: now, into: &effects)
    case .awaiting:
      clients[index].head.complete
        ? fail(index, .gatewayTimeout, Termination("sH"), now: now, into: &effects)
        : fail(index, .requestTimeout, Termination("cH"), now: now, into: &effects)
    case .responding, .tunnel:
      if let server = clients[index].server { servers[server.index].traffic.serverAborts += 1 }
      abort(index, Termination("sD"), now: now, into: &effects)
    }
  }

  // MARK: Ends

  /// Ends the request with an answer of the proxy's own.
  mutating func fail(
    _ index: Int, _ page: ProxyPage, _ termination: Termination, logged: Bool = true,
    now: Instant, into effects: inout [Effect]
  ) {
    let client = clients[index]
    let closes = !client.head.keepAlive || !client.head.complete || client.mode == .close
    dropConnection(index, into: &effects)
    clients[index].status = Int32(page.status)
    clients[index].bytes = page.loggedBytes
    effects.append(.respond(client.id, page, close: closes))
    finish(index, termination, logged: logged, now: now, into: &effects)
    if closes { forget(index, into: &effects) } else { rest(index, now: now) }
  }

  /// Ends the request and both connections, whatever was sent so far.
  mutating func abort(
    _ index: Int, _ termination: Termination, logged: Bool = true, now: Instant,
    into effects: inout [Effect]
  ) {
    if clients[index].stage == .queued { leaveQueue(index) }
    dropConnection(index, into: &effects)
    let id = clients[index].id
    finish(index, termination, logged: logged, now: now, into: &effects)
    effects.append(.closeClient(id, .fin))
    forget(index, into: &effects)
  }

  /// Ends the connection to the server that a request uses, if it has one.
  mutating func dropConnection(_ index: Int, into effects: inout [Effect]) {
    guard let connection = clients[index].connection.take() else { return }
    connections.remove(connection)
    effects.append(.closeServer(connection, .fin))
  }

  /// Records the request, gives its server back, and lets a waiting one have it.
  mutating func finish(
    _ index: Int, _ termination: Termination, logged: Bool, now: Instant,
    into effects: inout [Effect]
  ) {
    let record = record(index, termination, logged: logged, now: now)
    let client = clients[index]
    frontends[client.frontend.index].record(record)
    if let backend = client.backend {
      backends[backend.index].traffic.record(record)
      backends[backend.index].traffic.current -= 1
    }
    effects.append(.ended(client.id, record))
    clients[index].connection = nil
    guard let server = clients[index].server.take() else { return }
    servers[server.index].traffic.record(record)
    servers[server.index].traffic.bytesIn += client.head.bytes
    release(server)
    feed(server, now: now, into: &effects)
  }

  private func record(
    _ index: Int, _ termination: Termination, logged: Bool, now: Instant
  ) -> LogRecord {
    let client = clients[index]
    func span(_ from: Instant, _ to: Instant) -> Interval? {
      from == .never || to == .never ? nil : to - from
    }
    return LogRecord(
      client: client.address, ordinal: client.ordinal, frontend: client.frontend,
      backend: client.backend, server: client.server, began: client.head.began, ended: now,
      requestTime: span(client.head.began, client.headAt),
      queueTime: span(client.headAt, client.chosenAt),
      connectTime: span(client.chosenAt, client.connectedAt),
      responseTime: span(client.connectedAt, client.respondedAt), status: client.status,
      bytes: client.bytes, termination: termination, retries: client.retries,
      redispatched: client.redispatched, reused: client.reused, logged: logged,
      connections: (
        Int32(connectionCount), Int32(frontends[client.frontend.index].current),
        client.backend.map { Int32(backends[$0.index].traffic.current) } ?? 0,
        client.server.map { Int32(servers[$0.index].served) } ?? 0
      ), queuedBefore: (0, client.aheadInQueue))
  }

  /// The client's connection lives on and waits for its next request.
  mutating func rest(_ index: Int, now: Instant) {
    clients[index].stage = .idle
    setDeadline(index, to: now + frontend(clients[index].frontend).keepAliveTimeout)
  }

  /// The client's connection is over.
  mutating func forget(_ index: Int, into effects: inout [Effect]) {
    let frontend = clients[index].frontend
    clients[index].isHere = false
    clients[index].server = nil
    clientTimers.remove(index)
    connectionCount -= 1
    frontends[frontend.index].current -= 1
    // Room for one may be room in several frontends: the process's limit counts for all.
    for other in paused.indices where paused[other] && !isFull(FrontendID(other)) {
      paused[other] = false
      effects.append(.resume(FrontendID(other)))
    }
  }
}
