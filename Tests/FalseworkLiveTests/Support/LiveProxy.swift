// SPDX-License-Identifier: Apache-2.0
import FalseworkProxy
import FalseworkReport
import NIOCore
import Synchronization
import Testing

@testable import FalseworkLive

/// A proxy on real sockets in front of servers of a test.
final class LiveProxy: Sendable {
  let server: ProxyServer
  let port: Int
  private let log = EventLog()

  /// - Parameters:
  ///   - servers: ports of 127.0.0.1, each a `server` line.
  ///   - frontend: more lines for the frontend.
  ///   - backend: more lines for the backend.
  ///   - check: more words for each server.
  ///   - bind: more words for the frontend's `bind`.
  init(
    on loop: any EventLoop, servers: [Int], frontend: String = "", backend: String = "",
    timeouts: String = "60s", check: String = "", bind: String = ""
  ) async throws {
    let text = """
      global
        log stdout format raw local0
      defaults
        mode http
        log global
        option httplog
        retries 1
        option redispatch
        timeout connect \(timeouts)
        timeout client \(timeouts)
        timeout server \(timeouts)
        timeout http-request \(timeouts)
      frontend front
        bind 127.0.0.1:15000 \(bind)
        default_backend back
        \(frontend)
      backend back
        balance roundrobin
        \(backend)
        \(servers.enumerated().map { "server s\($0.offset) 127.0.0.1:\($0.element) \(check)" }
        .joined(separator: "\n  "))
      """
    let reading = ProxyConfiguration.read(text, file: "test.cfg", environment: { _ in nil })
    let configuration = try #require(reading.configuration, "\(reading.problems)")
    let (events, lines) = (log, LinesBox())
    server = try await loop.submit {
      let server = try ProxyServer(
        configuration: configuration, options: .init(binds: .anyPort(host: "127.0.0.1")),
        loop: loop, clock: LiveClock(), tell: { events.add($0) }, log: { lines.add($0.text) })
      try server.start()
      return server
    }.get()
    port = try await loop.submit { [server] in server.frontendPorts[0]! }.get()
    box = lines
  }

  private let box: LinesBox

  private final class LinesBox: Sendable {
    private let state = Mutex<[String]>([])
    func add(_ line: String) { state.withLock { $0.append(line) } }
    var lines: [String] { state.withLock { $0 } }
  }

  var logLines: [String] { box.lines }

  var records: [LogRecord] {
    log.events.compactMap { if case .proxied(let record) = $0 { record } else { nil } }
  }

  var beliefs: [String] {
    log.events.compactMap { if case .believed(_, let belief, _) = $0 { "\(belief)" } else { nil } }
  }

  /// Waits until something holds that the loop brings about.
  func until(_ condition: @Sendable @escaping () -> Bool) async throws {
    while !condition() {
      try await server.loop.submit {}.get()
      await Task.yield()
    }
  }

  func stop() async throws {
    let server = server
    try await server.loop.submit { server.stop() }.get()
  }
}
