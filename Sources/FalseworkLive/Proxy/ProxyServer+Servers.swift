// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkProxy
import NIOCore

/// Connections to servers, for requests and for checks.
extension ProxyServer {
  func handler(of connection: ServerConnectionID) -> ServerHandler? {
    guard Int(connection.index) < upstreams.count, let entry = upstreams[Int(connection.index)],
      entry.id == connection, case .open(let handler) = entry.upstream
    else { return nil }
    return handler
  }

  func connect(_ connection: ServerConnectionID, _ server: ServerID) {
    while upstreams.count <= Int(connection.index) { upstreams.append(nil) }
    let secure = secrecy.servers[server.index]?.handler()
    let handler = ServerHandler(
      server: self, id: connection, backend: configuration.servers[server.index].backend,
      tls: secure)
    upstreams[Int(connection.index)] = (connection, .opening(handler))
    let state = proxy.servers[server.index]
    let header = configuration.servers[server.index].proxyHeader.map {
      ProxyHeaderWriter(
        $0, client: proxy.clientID(of: connection).flatMap { clients[$0]?.proxyHeader })
    }
    open(host: state.host, port: state.port, header: header, tls: secure, handler) { [self] why in
      self.connectFailed(connection, why)
    }
  }

  private func connectFailed(_ connection: ServerConnectionID, _ why: ConnectFailure) {
    guard let entry = upstreams[Int(connection.index)], entry.id == connection else { return }
    upstreams[Int(connection.index)] = nil
    tellProxy { $0.connectFailed(connection, why, now: $1, into: &$2) }
  }

  /// The server was there, and TLS could not be agreed upon.
  func handshakeFailed(_ connection: ServerConnectionID) {
    clock.tick()
    connectFailed(connection, .handshake)
    settle()
  }

  /// A connection is up. False if the proxy gave it up meanwhile.
  func connected(_ connection: ServerConnectionID, _ handler: ServerHandler) -> Bool {
    guard let entry = upstreams[Int(connection.index)], entry.id == connection else {
      return false
    }
    upstreams[Int(connection.index)] = (connection, .open(handler))
    tellProxy { $0.connected(connection, now: $1, into: &$2) }
    return true
  }

  func closeServer(_ connection: ServerConnectionID, _ how: CloseKind) {
    let index = Int(connection.index)
    guard index < upstreams.count, let entry = upstreams[index], entry.id == connection else {
      return
    }
    upstreams[index] = nil
    switch entry.upstream {
    case .opening(let handler): handler.giveUp()
    case .open(let handler): handler.end(how)
    }
  }

  /// Opens a connection for a handler; how long to wait for it is the brain's business.
  private func open(
    host: String, port: Int, header: ProxyHeaderWriter?, tls: TLSHandler?,
    _ handler: any ChannelHandler,
    failed: @escaping (ConnectFailure) -> Void
  ) {
    let finish = { [self] (why: ConnectFailure) in
      self.clock.tick()
      failed(why)
      self.settle()
    }
    guard let address = Self.address(host, port) else {
      // Not within the call that asks for it.
      let box = LoopBox(finish)
      return loop.execute { box.value(.unreachable) }
    }
    Connector.connect(to: address, on: loop, header: header, tls: tls, handler: handler) { why in
      if let why { finish(why) }
    }
  }

  /// Nil for a name that cannot be resolved.
  private static func address(_ host: String, _ port: Int) -> SocketAddress? {
    do {
      return try SocketAddress(ipAddress: host, port: port)
    } catch {
      do {
        return try SocketAddress.makeAddressResolvingHost(host, port: port)
      } catch {
        return nil
      }
    }
  }

  // MARK: Health checks

  func beginCheck(_ check: CheckID) {
    let index = check.server.index
    checks[index] = (check, nil)
    let state = proxy.servers[index]
    open(
      host: state.checkHost ?? state.host, port: state.checkPort ?? state.port,
      header: configuration.servers[index].checkProxyHeader.map {
        ProxyHeaderWriter($0, client: nil)
      },
      tls: secrecy.checks[index]?.handler(), CheckHandler(server: self, check: check)
    ) { [self] why in self.checkFailed(check, why) }
  }

  private func checkFailed(_ check: CheckID, _ why: ConnectFailure) {
    guard let entry = checks[check.server.index], entry.id == check else { return }
    checks[check.server.index] = nil
    tellProxy { $0.checkFailed(check, why, now: $1, into: &$2) }
  }

  /// The check's server was there, and TLS could not be agreed upon.
  func handshakeFailed(_ check: CheckID) {
    clock.tick()
    checkFailed(check, .handshake)
    settle()
  }

  /// A check's connection is up: returns what to ask there, or nil if the check is over.
  func checkConnected(_ check: CheckID, _ handler: CheckHandler) -> [UInt8]? {
    let index = check.server.index
    guard let entry = checks[index], entry.id == check else { return nil }
    checks[index] = (check, handler)
    tellProxy { $0.checkConnected(check, now: $1, into: &$2) }
    // Without an HTTP check the connection was all, and it is closed again.
    guard checks[index]?.id == check else { return nil }
    return checkRequests[configuration.servers[index].backend.index]
  }

  func endCheck(_ check: CheckID) {
    guard let entry = checks[check.server.index], entry.id == check else { return }
    checks[check.server.index] = nil
    entry.handler?.end()
  }
}
