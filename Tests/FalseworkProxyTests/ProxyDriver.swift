// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkHTTP
import Testing

@testable import FalseworkProxy

/// A proxy with hands: tells it what a world would tell it, one thing after the other, and keeps what it
/// wanted done.
struct ProxyDriver {
  var proxy: Proxy
  var now = Instant.start
  var effects: [Proxy.Effect] = []
  private var clients = Slab<ClientTag, Int>()

  /// - Parameter configuration: a `haproxy.cfg` without its first frontend lines: sections are joined
  ///   with a frontend `fe` on port 80 whose default backend is `be`.
  init(
    backend: String, frontend: String = "", defaults: String = "", more: String = "",
    files: [String: String] = [:]
  ) throws {
    let text = """
      defaults
        mode http
        timeout client 50s
        timeout server 50s
        timeout connect 10s
      \(defaults)
      frontend fe
        bind 127.0.0.1:80
        default_backend be
      \(frontend)
      backend be
      \(backend)
      \(more)
      """
    let reading = ProxyConfiguration.read(
      text, file: "test.cfg", environment: { _ in nil }, files: { files[$0].map { Array($0.utf8) } }
    )
    let alerts = reading.problems.filter { $0.severity == .alert }
    #expect(alerts.isEmpty, "\(alerts)")
    proxy = Proxy(configuration: try #require(reading.configuration), now: .start)
  }

  /// What the proxy wanted since the last time, health checks left out.
  mutating func taken() -> [Proxy.Effect] {
    defer { effects.removeAll() }
    return effects.filter {
      if case .check = $0 { return false }
      return true
    }
  }

  mutating func pass(_ interval: Interval) {
    let end = now + interval
    while proxy.nextWake <= end {
      now = max(now, proxy.nextWake)
      proxy.wake(now: now, into: &effects)
    }
    now = end
  }

  mutating func accept(port: UInt16 = 40_000) -> ClientID {
    let client = clients.insert(0)
    proxy.accepted(
      client, on: FrontendID(0), from: ClientAddress(ip: ClientAddress.loopback, port: port),
      now: now, into: &effects)
    return client
  }

  mutating func request(
    _ client: ClientID, keepAlive: Bool = true, complete: Bool = true, kept: Bool = false,
    _ message: RequestMessage? = nil
  ) {
    proxy.requested(
      client,
      Proxy.RequestHead(
        method: .get, keepAlive: keepAlive, complete: complete, began: now, bytes: 100, kept: kept),
      message, now: now, into: &effects)
  }

  /// The connection that the last effects ask for, and where to.
  func connecting() -> (connection: ServerConnectionID, server: Int)? {
    for case .connect(let connection, let server) in effects.reversed() {
      return (connection, server.index)
    }
    return nil
  }

  func forwarded() -> ServerConnectionID? {
    for case .forward(_, let connection, _) in effects.reversed() { return connection }
    return nil
  }

  func record() -> LogRecord? {
    for case .ended(_, let record) in effects.reversed() { return record }
    return nil
  }

  /// The answer that a rule made.
  func answer() -> ProxyAnswer? {
    for case .answer(_, let answer, _) in effects.reversed() { return answer }
    return nil
  }

  /// The head that rules want to be sent to the server, and the one for the client.
  func rewritten() -> String? {
    for case .rewrite(_, let bytes) in effects.reversed() {
      return String(decoding: bytes, as: UTF8.self)
    }
    return nil
  }

  func rewrittenResponse() -> String? {
    for case .rewriteResponse(_, let bytes) in effects.reversed() {
      return String(decoding: bytes, as: UTF8.self)
    }
    return nil
  }

  func page() -> ProxyPage? {
    for case .respond(_, let page, _) in effects.reversed() { return page }
    return nil
  }

  var records: [LogRecord] {
    effects.compactMap {
      if case .ended(_, let record) = $0 { return record }
      return nil
    }
  }

  mutating func connected(_ connection: ServerConnectionID) {
    proxy.connected(connection, now: now, into: &effects)
  }

  mutating func refuse(_ connection: ServerConnectionID) {
    proxy.connectFailed(connection, .refused, now: now, into: &effects)
  }

  mutating func respond(_ connection: ServerConnectionID, status: Int = 200, keepAlive: Bool = true)
  {
    proxy.responded(
      connection,
      Proxy.ResponseHead(
        status: status, keepAlive: keepAlive, tunnel: false, untilClose: false, bytes: 60),
      now: now, into: &effects)
  }

  mutating func finish(_ connection: ServerConnectionID) {
    proxy.responseEnded(connection, bodyBytes: 10, now: now, into: &effects)
  }

  /// A whole exchange on a client's connection; returns the server that had it.
  mutating func exchange(_ client: ClientID, _ message: RequestMessage? = nil) throws -> Int {
    effects.removeAll()
    request(client, message)
    if let connecting = connecting() { connected(connecting.connection) }
    let connection = try #require(forwarded())
    respond(connection)
    finish(connection)
    return try #require(record()?.server).index
  }

  /// Brings a request to the point where its server has it; returns the connection and the server.
  mutating func reach(
    _ client: ClientID, kept: Bool = false
  ) throws -> (ServerConnectionID, Int) {
    effects.removeAll()
    request(client, kept: kept)
    let attempt = try #require(connecting())
    connected(attempt.connection)
    return attempt
  }

  mutating func order(_ server: Int, _ order: Proxy.AdminOrder) {
    proxy.setState(ServerID(server), order, now: now, into: &effects)
  }

  func status(_ server: Int) -> String {
    proxy.servers[server].belief(proxy.configuration.servers[server]).description
  }

  /// Ends the next check of a server with an answer.
  mutating func answerCheck(_ server: Int, status: Int) {
    while proxy.servers[server].check == nil { pass(.milliseconds(100)) }
    guard let check = proxy.servers[server].check else { return }
    proxy.checkConnected(check, now: now, into: &effects)
    proxy.checkAnswered(check, status: status, now: now, into: &effects)
  }

  /// Ends the check that is under way at a server.
  mutating func answerCheck(_ server: Int, passed: Bool) {
    guard let check = proxy.servers[server].check else { return }
    if passed {
      proxy.checkConnected(check, now: now, into: &effects)
      proxy.checkAnswered(check, status: 200, now: now, into: &effects)
    } else {
      proxy.checkFailed(check, .refused, now: now, into: &effects)
    }
  }
}

/// `server n1 127.0.0.1:8001` and so on.
func servers(_ count: Int, _ parameters: String = "") -> String {
  (1...count).map { "  server n\($0) 127.0.0.1:\(8_000 + $0) \(parameters)\n" }.joined()
}
