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
    let arrived = Client(
      id: client, frontend: frontend, backend: nil, address: address, restedAt: now)
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
    _ client: ClientID, _ head: RequestHead, _ message: RequestMessage? = nil, now: Instant,
    into effects: inout [Effect]
  ) {
    guard isLive(client) else { return }
    let index = Int(client.index)
    guard clients[index].stage == .idle || clients[index].stage == .reading else { return }
    begin(index, head, now: now)
    if configuration.hasRules {
      // A world that has no messages tells none; what rules look at is then empty.
      let told = message ?? RequestMessage(target: [UInt8(ascii: "/")], fields: [])
      guard rule(index, told, now: now, into: &effects) else { return }
      setHash(index, exchanges[index]!.request)
    } else {
      if let backend = clients[index].backend { enterBackend(index, backend, now: now) }
      setHash(index, message)
    }
    guard clients[index].backend != nil else {
      return fail(index, .unavailable, Termination("SC"), now: now, into: &effects)
    }
    dispatch(index, avoiding: nil, now: now, into: &effects)
  }

  mutating func enterBackend(_ index: Int, _ backend: BackendID, now: Instant) {
    backends[backend.index].traffic.enter(now: now)
    backends[backend.index].traffic.requestRate.count(now: now)
    backends[backend.index].traffic.bytesIn += clients[index].head.bytes
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

  private mutating func setHash(_ index: Int, _ message: RequestMessage?) {
    guard let id = clients[index].backend, backend(id).balance.isHash else { return }
    let type = backend(id).hashType
    clients[index].hash =
      backend(id).balance == .source
      ? ProxyConfiguration.Balance.sourceHash(clients[index].address.ip, type)
      : message.flatMap { backend(id).balance.hash($0, type) }
  }

  /// The last byte of a request's body came.
  package mutating func requestEnded(
    _ client: ClientID, bodyBytes: Int, kept: Bool = false, now: Instant
  ) {
    guard isLive(client), !clients[Int(client.index)].head.complete else { return }
    let index = Int(client.index)
    clients[index].head.complete = true
    clients[index].head.kept = kept
    frontends[clients[index].frontend.index].bytesIn += bodyBytes
    if clients[index].stage == .awaiting, let backend = clients[index].backend {
      setDeadline(index, to: now + self.backend(backend).serverTimeout)
    }
  }

  /// Bytes moved one way or the other: the stage's time begins anew. Once a turn is enough.
  ///
  /// - Parameter bodyBytes: of the response's body so far, if it is that which moved.
  package mutating func moved(
    _ client: ClientID, bodyBytes: Int? = nil, now: Instant, into effects: inout [Effect]
  ) {
    guard isLive(client) else { return }
    let index = Int(client.index)
    if let bodyBytes { clients[index].bodyBytes = bodyBytes }
    guard let backend = clients[index].backend else { return }
    switch clients[index].stage {
    case .responding where clients[index].isGone:
      abort(index, Termination("CD"), now: now, into: &effects)
    case .responding, .tunnel:
      setDeadline(index, to: now + self.backend(backend).serverTimeout)
    case .awaiting where !clients[index].head.complete:
      setDeadline(index, to: now + self.backend(backend).serverTimeout)
    case .idle, .reading, .queued, .tarpit, .connecting, .pausing, .awaiting:
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

  /// A client that leaves without a whole request: recorded as one, and nothing is sent.
  private mutating func leave(_ index: Int, now: Instant, into effects: inout [Effect]) {
    let isNull = clients[index].stage == .idle
    let logged = !isNull || !frontend(clients[index].frontend).dontLogNull
    beginRefused(index, now: now)
    clients[index].status = Int32(ProxyPage.badRequest.status)
    abort(index, Termination("CR"), logged: logged, now: now, into: &effects)
  }

  /// A request that never came whole is answered and recorded all the same.
  private mutating func refuse(
    _ index: Int, _ page: ProxyPage, _ termination: Termination, logged: Bool, now: Instant,
    into effects: inout [Effect]
  ) {
    beginRefused(index, now: now)
    fail(index, page, termination, logged: logged, now: now, into: &effects)
  }

  private mutating func beginRefused(_ index: Int, now: Instant) {
    // HAProxy's request begins with the connection, and behind an answer with its end.
    let began = clients[index].restedAt
    clients[index].begin(
      RequestHead(method: .other, keepAlive: false, complete: true, began: began, bytes: 0),
      now: .never)
    clients[index].backend = nil
    frontends[clients[index].frontend.index].requestErrors += 1
  }

  /// The client ended its side, or its connection is gone.
  ///
  /// HAProxy does not look while a request is under way, unless `option abortonclose` says so: one that
  /// was sent whole is answered all the same, to nobody perhaps. The world keeps the request until it
  /// has `ended`.
  package mutating func clientClosed(
    _ client: ClientID, _ how: CloseKind, now: Instant, into effects: inout [Effect]
  ) {
    guard isLive(client) else { return }
    let index = Int(client.index)
    switch clients[index].stage {
    case .idle where clients[index].ordinal > 0:
      effects.append(.closeClient(client, .fin))
      forget(index, into: &effects)
    case .idle, .reading:
      leave(index, now: now, into: &effects)
    case .tarpit:
      abortForClient(index, now: now, into: &effects)
    case .queued, .connecting, .pausing, .awaiting:
      if !clients[index].head.complete {
        abortForClient(index, now: now, into: &effects)
      } else if abortsOnClose(index) {
        refuseForClient(index, how, now: now, into: &effects)
      } else {
        clients[index].isLeaving = true
        clients[index].isGone = how == .reset
      }
    case .responding:
      guard how == .reset || !clients[index].head.complete else {
        clients[index].isLeaving = true
        return
      }
      abortForClient(index, now: now, into: &effects)
    case .tunnel:
      abort(index, .normal, now: now, into: &effects)
    }
  }

  private mutating func abortForClient(_ index: Int, now: Instant, into effects: inout [Effect]) {
    countClientAbort(index)
    let stage: Character =
      switch clients[index].stage {
      case .queued: "Q"
      case .tarpit: "T"
      case .connecting, .pausing: "C"
      case .awaiting, .idle, .reading, .responding, .tunnel: "D"
      }
    abort(
      index, Termination(cause: UInt8(ascii: "C"), stage: stage.asciiValue!), now: now,
      into: &effects)
  }

  func abortsOnClose(_ index: Int) -> Bool {
    clients[index].backend.map { backend($0).abortsOnClose } ?? false
  }

  /// `option abortonclose`: the request is taken back; who only ended his side is told so.
  private mutating func refuseForClient(
    _ index: Int, _ how: CloseKind, now: Instant, into effects: inout [Effect]
  ) {
    guard how == .fin, clients[index].stage == .awaiting else {
      return abortForClient(index, now: now, into: &effects)
    }
    countClientAbort(index)
    clients[index].head.keepAlive = false
    // HAProxy counts the page's bytes here, though not for a request that it cannot read.
    fail(
      index, .badRequest, Termination("CH"), loggedBytes: Self.badRequestBytes, now: now,
      into: &effects)
  }
  private static let badRequestBytes = 206

  mutating func countClientAbort(_ index: Int) {
    frontends[clients[index].frontend.index].clientAborts += 1
    if let backend = clients[index].backend { backends[backend.index].traffic.clientAborts += 1 }
    if let server = clients[index].server { servers[server.index].traffic.clientAborts += 1 }
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
      clients[index].chosenAt = now
      if let server = clients[index].waitsFor { servers[server.index].traffic.connectErrors += 1 }
      backends[clients[index].backend!.index].traffic.connectErrors += 1
      fail(index, .unavailable, Termination("sQ"), now: now, into: &effects)
    case .tarpit: leaveTarpit(index, now: now, into: &effects)
    case .connecting:
      connectExpired(index, now: now, into: &effects)
    case .pausing:
      resume(index, now: now, into: &effects)
    case .awaiting:
      let id = clients[index].id
      observe(clients[index].server, .silence, now: now, into: &effects)
      // The server may have been given up for that, and its requests with it.
      guard isLive(id), clients[index].stage == .awaiting else { return }
      if clients[index].head.complete, mayRepeat(index, after: .responseTimeout) {
        return repeatRequest(index, now: now, into: &effects)
      }
      countResponseError(index)
      fail(index, .gatewayTimeout, Termination("sH"), now: now, into: &effects)
    case .responding, .tunnel:
      if let server = clients[index].server { servers[server.index].traffic.serverAborts += 1 }
      abort(index, Termination("sD"), now: now, into: &effects)
    }
  }

  // MARK: Ends

  /// `option httpclose` in a backend only closes the connection to the server.
  func closesClient(_ client: Client) -> Bool {
    frontend(client.frontend).connectionMode == .close
  }

  /// Ends the request with an answer of the proxy's own.
  mutating func fail(
    _ index: Int, _ page: ProxyPage, _ termination: Termination, logged: Bool = true,
    loggedBytes: Int? = nil, now: Instant, into effects: inout [Effect]
  ) {
    if configuration.changesPages, let answer = self.page(index, page) {
      return self.answer(
        index, answer, termination, logged: logged, now: now, into: &effects)
    }
    let client = clients[index]
    let closes =
      !client.head.keepAlive || !client.head.complete || client.isLeaving || closesClient(client)
    dropConnection(index, into: &effects)
    clients[index].status = Int32(page.status)
    clients[index].bytes = loggedBytes ?? page.loggedBytes(head: client.head.method == .head)
    clients[index].bodyBytes = 0
    effects.append(.respond(client.id, page, close: closes))
    finish(index, termination, logged: logged, now: now, into: &effects)
    if closes { forget(index, into: &effects) } else { rest(index, now: now) }
  }

  /// Ends the request and both connections, whatever was sent so far.
  mutating func abort(
    _ index: Int, _ termination: Termination, logged: Bool = true, now: Instant,
    into effects: inout [Effect]
  ) {
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
    let waitedFor = clients[index].waitsFor
    if clients[index].stage == .queued { leaveQueue(index) }
    clients[index].waitsFor = waitedFor
    var record = record(index, termination, logged: logged, now: now)
    if index < exchanges.count, exchanges[index] != nil { endTracking(index, now: now) }
    if index < exchanges.count, let exchange = exchanges[index].take() {
      record.captured = exchange.captured
      record.cookies = exchange.letters
      record.service = exchange.service
      if exchange.service != nil {
        record.queueTime = .zero
        record.connectTime = .zero
        record.responseTime = record.responseTime ?? .zero
        // HAProxy logs the question for a password so.
        if record.status == 401 { record.status = 400 }
      }
      // HAProxy gives the time in the tarpit as one in the queue, and none before.
      if exchange.tarpit != nil { record.requestTime = nil }
      record.logged = record.logged && !exchange.isSilent
    }
    clients[index].waitsFor = nil
    let client = clients[index]
    frontends[client.frontend.index].record(record)
    if let backend = client.backend {
      backends[backend.index].traffic.record(record)
      backends[backend.index].traffic.current -= 1
    }
    effects.append(.ended(client.id, record))
    clients[index].connection = nil
    guard let server = clients[index].server.take() else { return }
    // Only what the server answered itself counts as its answer.
    servers[server.index].traffic.record(record, statusCounts: client.respondedAt != .never)
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
      backend: client.backend, server: client.server ?? client.waitsFor, began: client.head.began,
      ended: now,
      requestTime: span(client.head.began, client.headAt),
      queueTime: span(client.headAt, client.chosenAt),
      connectTime: span(client.chosenAt, client.connectedAt),
      responseTime: span(client.connectedAt, client.respondedAt), status: client.status,
      bytes: client.bytes + client.bodyBytes, termination: termination, retries: client.retries,
      redispatched: client.redispatched, reused: client.reused, logged: logged,
      connections: (
        Int32(connectionCount), Int32(frontends[client.frontend.index].current),
        // HAProxy has given the request's own place back when it logs it.
        client.backend.map { Int32(backends[$0.index].traffic.current - 1) } ?? 0,
        client.server.map { Int32(servers[$0.index].served - 1) }
          ?? client.waitsFor.map { Int32(servers[$0.index].served) } ?? 0
      ), queuedBefore: (client.aheadAtServer, client.aheadInQueue))
  }

  /// The client's connection lives on and waits for its next request.
  mutating func rest(_ index: Int, now: Instant) {
    clients[index].stage = .idle
    clients[index].restedAt = now
    setDeadline(index, to: now + frontend(clients[index].frontend).keepAliveTimeout)
  }

  /// The client's connection is over.
  mutating func forget(_ index: Int, into effects: inout [Effect]) {
    let frontend = clients[index].frontend
    clients[index].isHere = false
    clients[index].server = nil
    if !privateConnections.isEmpty { closePrivate(clients[index].id, into: &effects) }
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
