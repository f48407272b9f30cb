// SPDX-License-Identifier: Apache-2.0
package import FalseworkCore

/// The way of a request to a server and back.
extension Proxy {
  // MARK: To a server

  /// Finds a server for a request, lets it wait, or refuses it.
  mutating func dispatch(
    _ index: Int, avoiding avoided: ServerID?, now: Instant, into effects: inout [Effect]
  ) {
    let backend = clients[index].backend!
    if clients[index].isDirect, let server = exchanges[index]?.direct {
      if hasRoom(server.index, now: now) {
        return assign(index, server, previous: avoided, now: now, into: &effects)
      }
      if enqueue(index, for: server, now: now) { return }
      clients[index].isDirect = false
    }
    guard backends[backend.index].usable > 0 else {
      backends[backend.index].traffic.connectErrors += 1
      return fail(index, .unavailable, Termination("SC"), now: now, into: &effects)
    }
    let chosen = choose(backend, hash: clients[index].hash, avoiding: avoided, now: now)
    guard let server = chosen else { return enqueue(index, backend, now: now) }
    if hasRoom(server.index, now: now) {
      assign(index, server, previous: avoided, now: now, into: &effects)
    } else if !enqueue(index, for: server, now: now) {
      servers[server.index].traffic.connectErrors += 1
      backends[backend.index].traffic.connectErrors += 1
      clients[index].waitsFor = server
      fail(index, .unavailable, Termination("SQ"), now: now, into: &effects)
    }
  }

  mutating func assign(
    _ index: Int, _ server: ServerID, previous: ServerID?, now: Instant,
    into effects: inout [Effect]
  ) {
    let backend = clients[index].backend!
    if let previous {
      if previous == server {
        countRetry(previous, backend)
      } else {
        servers[previous.index].traffic.redispatches += 1
        backends[backend.index].traffic.redispatches += 1
        clients[index].redispatched = true
      }
    }
    take(server, now: now)
    // What belongs to a server was not balanced.
    if !clients[index].isDirect {
      backends[backend.index].traffic.chosen += 1
      servers[server.index].traffic.chosen += 1
    } else if exchanges[index]?.direct != server {
      strayed(index)
    }
    clients[index].server = server
    clients[index].chosenAt = now
    if !exchanges.isEmpty { storeSticks(index, server, now: now) }
    connect(index, now: now, into: &effects)
  }

  /// HAProxy counts each attempt as a session of the server (`stot`), not each request.
  private mutating func connectAgain(
    _ index: Int, now: Instant, into effects: inout [Effect]
  ) {
    servers[clients[index].server!.index].traffic.tryAgain(now: now)
    connect(index, now: now, into: &effects)
  }

  private mutating func connect(_ index: Int, now: Instant, into effects: inout [Effect]) {
    let client = clients[index]
    let server = client.server!
    if let connection = takeIdle(index, server) {
      servers[server.index].traffic.reusedConnections += 1
      clients[index].reused = true
      connections[connection]!.client = client.id
      clients[index].connection = connection
      clients[index].connectedAt = now
      return forward(index, connection, now: now, into: &effects)
    }
    let connection = connections.insert(ServerConnection(server: server, client: client.id))
    servers[server.index].traffic.newConnections += 1
    clients[index].reused = false
    clients[index].connection = connection
    clients[index].stage = .connecting
    setDeadline(index, to: now + backend(client.backend!).connectTimeout)
    effects.append(.connect(connection, server))
  }

  private mutating func forward(
    _ index: Int, _ connection: ServerConnectionID, now: Instant, into effects: inout [Effect]
  ) {
    connections[connection]!.requests += 1
    clients[index].stage = .awaiting
    let client = clients[index]
    // HAProxy 2.6 does not watch the client while a server has its request.
    setDeadline(index, to: now + backend(client.backend!).serverTimeout)
    effects.append(.forward(client.id, connection, close: client.mode != .keepAlive))
  }

  package mutating func connected(
    _ connection: ServerConnectionID, now: Instant, into effects: inout [Effect]
  ) {
    // Its client left, or its time was over: the world was told to close it.
    guard let index = client(of: connection), clients[index].stage == .connecting else { return }
    connections[connection]!.connected = true
    clients[index].connectedAt = now
    observe(clients[index].server, .connected, now: now, into: &effects)
    forward(index, connection, now: now, into: &effects)
  }

  package mutating func connectFailed(
    _ connection: ServerConnectionID, _ why: ConnectFailure, now: Instant,
    into effects: inout [Effect]
  ) {
    guard let index = client(of: connection), clients[index].stage == .connecting else { return }
    connections.remove(connection)
    clients[index].connection = nil
    retry(index, timedOut: false, now: now, into: &effects)
  }

  mutating func connectExpired(_ index: Int, now: Instant, into effects: inout [Effect]) {
    dropConnection(index, into: &effects)
    retry(index, timedOut: true, now: now, into: &effects)
  }

  /// A connection could not be opened: another server, the same one again, or the end.
  private mutating func retry(
    _ index: Int, timedOut: Bool, now: Instant, into effects: inout [Effect]
  ) {
    let id = clients[index].id
    observe(clients[index].server, .notConnected, now: now, into: &effects)
    // The server may have been given up for that, and its requests with it.
    guard isLive(id), clients[index].stage == .connecting else { return }
    let client = clients[index]
    let server = client.server!
    let backend = backend(client.backend!)
    guard client.retries < backend.retries, backend.retryOn.contains(.connFailure) else {
      return giveUp(index, timedOut: timedOut, now: now, into: &effects)
    }
    clients[index].retries += 1
    let moves = mayMove(index)
    if moves {
      strayed(index)
      clients[index].server = nil
      release(server)
    } else {
      countRetry(server, client.backend!)
    }
    // A time-out has waited already. With no other server there is the same one again.
    let waits = !timedOut && (!moves || activeUsable(client.backend!) <= 1)
    if waits {
      clients[index].stage = .pausing
      clients[index].avoided = moves ? server : nil
      setDeadline(
        index, to: now + min(configuration.retryPause, backend.connectTimeout))
    } else if moves {
      dispatch(index, avoiding: server, now: now, into: &effects)
    } else {
      connectAgain(index, now: now, into: &effects)
    }
    if moves { feed(server, now: now, into: &effects) }
  }

  /// Whether the next try may go to another server (HAProxy manual, "option redispatch").
  private func mayMove(_ index: Int) -> Bool {
    let client = clients[index]
    let backend = backend(client.backend!)
    guard let interval = backend.redispatch else { return false }
    let state = servers[client.server!.index].operational
    if state == .stopped || state == .starting { return true }
    let left = backend.retries - Int(client.retries)
    let isTurn =
      interval > 0
      ? Int(client.retries) % interval == 0
      : interval < 0 && left % max(1, backend.retries + 1 + interval) == 0
    return isTurn
      || !client.isDirect && !backend.balance.isHash && activeUsable(client.backend!) > 1
  }

  private func activeUsable(_ id: BackendID) -> Int {
    backend(id).servers.reduce(0) {
      $0 + (servers[$1].isUsable && !configuration.servers[$1].backup ? 1 : 0)
    }
  }

  mutating func resume(_ index: Int, now: Instant, into effects: inout [Effect]) {
    guard clients[index].server == nil else {
      return connectAgain(index, now: now, into: &effects)
    }
    dispatch(
      index, avoiding: clients[index].avoided.take(), now: now, into: &effects)
  }

  // MARK: Again

  private mutating func countRetry(_ server: ServerID, _ backend: BackendID) {
    servers[server.index].traffic.retries += 1
    backends[backend.index].traffic.retries += 1
  }

  /// Whether a request that was sent may be sent again (configuration manual, 4.2 "retry-on").
  private func mayRepeat(_ index: Int) -> Bool {
    clients[index].head.kept
      && Int(clients[index].retries) < backend(clients[index].backend!).retries
  }

  func mayRepeat(_ index: Int, after failure: RetryOn) -> Bool {
    backend(clients[index].backend!).retryOn.contains(failure) && mayRepeat(index)
  }

  /// Sends it again, at once: there or elsewhere.
  mutating func repeatRequest(_ index: Int, now: Instant, into effects: inout [Effect]) {
    let server = clients[index].server!
    let backend = clients[index].backend!
    dropConnection(index, into: &effects)
    clients[index].retries += 1
    clients[index].connectedAt = .never
    // HAProxy counts it as a retry, and then as what it turns out to be.
    countRetry(server, backend)
    if mayMove(index) {
      strayed(index)
      clients[index].server = nil
      release(server)
      dispatch(index, avoiding: server, now: now, into: &effects)
      feed(server, now: now, into: &effects)
    } else {
      countRetry(server, backend)
      connectAgain(index, now: now, into: &effects)
    }
  }

  private mutating func giveUp(
    _ index: Int, timedOut: Bool, now: Instant, into effects: inout [Effect]
  ) {
    let client = clients[index]
    servers[client.server!.index].traffic.connectErrors += 1
    backends[client.backend!.index].traffic.connectErrors += 1
    guard timedOut, client.ordinal > 1 else {
      return fail(
        index, .unavailable, Termination(timedOut ? "sC" : "SC"), now: now, into: &effects)
    }
    // HAProxy 2.6 logs a 503 and sends nothing when a kept connection's request times out here.
    clients[index].status = 503
    abort(index, Termination("sC"), now: now, into: &effects)
  }

  // MARK: Back from a server

  /// - Parameter message: for rules; a world tells it where `ProxyConfiguration.readsResponses`.
  package mutating func responded(
    _ connection: ServerConnectionID, _ head: ResponseHead, _ message: ResponseMessage? = nil,
    now: Instant, into effects: inout [Effect]
  ) {
    guard let index = client(of: connection), clients[index].stage == .awaiting else { return }
    observe(clients[index].server, Sign(status: head.status), now: now, into: &effects)
    // The server may have been given up for that, and its requests with it.
    guard client(of: connection) == index, clients[index].stage == .awaiting else { return }
    if mayRepeat(index), backend(clients[index].backend!).retryOn.contains(status: head.status) {
      return repeatRequest(index, now: now, into: &effects)
    }
    clients[index].respondedAt = now
    clients[index].status = Int32(head.status)
    clients[index].bytes = head.bytes
    clients[index].serverKeepsAlive = head.keepAlive
    clients[index].untilClose = head.untilClose
    clients[index].stage = head.tunnel ? .tunnel : .responding
    let client = clients[index]
    // An answer before the request's end leaves bytes on their way that nobody wants.
    if !client.head.complete || head.untilClose || closesClient(client) {
      clients[index].head.keepAlive = false
    }
    setDeadline(index, to: now + backend(client.backend!).serverTimeout)
    if !exchanges.isEmpty, (400..<500).contains(head.status) {
      countTracked(index, [.httpErrorCount, .httpErrorRate], now: now)
    }
    if let message, !ruleResponse(connection, index, message, now: now, into: &effects) { return }
    // Nobody is there to read it.
    if clients[index].isGone { return }
    effects.append(
      .relay(connection, client.id, close: !clients[index].head.keepAlive && !head.tunnel))
  }

  /// The last byte of the response came; for one whose end is told by the connection's, that end.
  package mutating func responseEnded(
    _ connection: ServerConnectionID, bodyBytes: Int, now: Instant, into effects: inout [Effect]
  ) {
    guard let index = client(of: connection), clients[index].stage == .responding else { return }
    clients[index].bodyBytes = bodyBytes
    let client = clients[index]
    let server = client.server!
    if mayKeep(connection, client, server) {
      connections[connection]!.client = nil
      clients[index].connection = nil
      keepIdle(connection, server, owner: client, now: now)
    } else {
      dropConnection(index, into: &effects)
    }
    if client.isGone { countClientAbort(index) }
    finish(
      index, client.isGone ? Termination("CD") : .normal, logged: true, now: now, into: &effects)
    if client.head.keepAlive, !client.isLeaving {
      rest(index, now: now)
    } else {
      effects.append(.closeClient(client.id, .fin))
      forget(index, into: &effects)
    }
  }

  /// The server's bytes are no response.
  package mutating func serverMalformed(
    _ connection: ServerConnectionID, now: Instant, into effects: inout [Effect]
  ) {
    guard let index = client(of: connection) else {
      return serverClosed(connection, .reset, now: now, into: &effects)
    }
    countResponseError(index)
    observe(clients[index].server, .brokenHead, now: now, into: &effects)
    guard self.client(of: connection) == index else { return }
    if clients[index].stage == .awaiting, mayRepeat(index, after: .junkResponse) {
      return repeatRequest(index, now: now, into: &effects)
    }
    switch clients[index].stage {
    case .awaiting: fail(index, .badGateway, Termination("PH"), now: now, into: &effects)
    case .idle, .reading, .queued, .tarpit, .connecting, .pausing, .responding, .tunnel:
      abort(index, Termination("PD"), now: now, into: &effects)
    }
  }

  /// The server ended the connection.
  package mutating func serverClosed(
    _ connection: ServerConnectionID, _ how: CloseKind, now: Instant, into effects: inout [Effect]
  ) {
    guard let index = client(of: connection) else {
      return forgetIdle(connection, into: &effects)
    }
    switch clients[index].stage {
    case .connecting:
      connectFailed(connection, .refused, now: now, into: &effects)
    case .awaiting:
      // A reset is an error of its own for HAProxy, whatever follows.
      if how == .reset { countResponseError(index) }
      observe(
        clients[index].server, how == .reset ? .noAnswer : .closed, now: now, into: &effects)
      guard self.client(of: connection) == index, clients[index].stage == .awaiting else { return }
      mayRepeat(index, after: .emptyResponse)
        ? repeatRequest(index, now: now, into: &effects)
        : endedWithoutAnswer(index, now: now, into: &effects)
    case .responding:
      if let server = clients[index].server { servers[server.index].traffic.serverAborts += 1 }
      backends[clients[index].backend!.index].traffic.serverAborts += 1
      countResponseError(index)
      abort(index, Termination("SD"), now: now, into: &effects)
    case .tunnel:
      abort(index, .normal, now: now, into: &effects)
    case .idle, .reading, .queued, .tarpit, .pausing:
      preconditionFailure("a connection serves a request that has none: \(clients[index])")
    }
  }

  /// The keep-alive race as HAProxy 2.6 has it: a client whose connection served a request before is
  /// expected to repeat this one, sees its connection close, and no line is logged.
  private mutating func endedWithoutAnswer(
    _ index: Int, now: Instant, into effects: inout [Effect]
  ) {
    guard clients[index].ordinal == 1 else {
      return abort(index, Termination("SH"), logged: false, now: now, into: &effects)
    }
    countResponseError(index)
    fail(index, .badGateway, Termination("SH"), now: now, into: &effects)
  }

  mutating func countResponseError(_ index: Int) {
    if let server = clients[index].server { servers[server.index].traffic.responseErrors += 1 }
    if let backend = clients[index].backend {
      backends[backend.index].traffic.responseErrors += 1
    }
  }
}
