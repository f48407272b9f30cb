// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
package import FalseworkProxy
import Glibc
import NIOCore

/// The runtime API of a proxy on its sockets. Confined to the proxy's event loop.
package final class RuntimeServer: @unchecked Sendable {
  let proxy: ProxyServer
  let process: RuntimeProcess
  let silence: Interval
  private var listeners: [Listener] = []
  private var connections: [ObjectIdentifier: RuntimeConnection] = [:]
  private var timer: WakeTimer?

  /// Connections that may be open at once, as HAProxy's `stats maxconn` has it by default.
  private static let limit = 10

  package init(_ proxy: ProxyServer) {
    self.proxy = proxy
    process = RuntimeProcess(
      pid: Int(getpid()), node: Self.machine, wall: proxy.clock.began)
    silence = proxy.configuration.global.statsTimeout
    timer = WakeTimer(loop: proxy.loop, clock: proxy.clock) { [self] in woke() }
  }

  private static var machine: String {
    var name = utsname()
    guard uname(&name) == 0 else { return "localhost" }
    return withUnsafeBytes(of: &name.nodename) { bytes in
      String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
  }

  /// Opens the sockets of the configuration's `stats socket` lines.
  package func openConfigured() throws(LiveError) {
    for socket in proxy.configuration.global.sockets {
      try open(socket.address, level: socket.level, mode: socket.mode)
    }
  }

  /// - Parameter mode: permission bits of a UNIX socket; nil leaves them to the umask.
  package func open(
    _ address: ProxyConfiguration.StatsSocket.Address, level: RuntimeLevel, mode: UInt32?
  ) throws(LiveError) {
    let place: Listener.Place =
      switch address {
      case .path(let path): .path(SocketPath(path: path, mode: mode))
      case .tcp(let host, let port): .tcp(try PortReservation(host: host, port: port))
      }
    let listener = Listener(loop: proxy.loop, place: place) { [self] _ in
      RuntimeConnection(self, level: level)
    }
    try listener.open()
    listeners.append(listener)
  }

  /// What a client with level admin would be answered.
  package func answer(to line: String) -> String {
    proxy.perform { brain, now, effects in
      RuntimeSession.answer(to: line, of: &brain, process: process, now: now, into: &effects)
    }
  }

  package func close() {
    timer?.disarm()
    timer = nil
    for listener in listeners { listener.close() }
    listeners = []
    for connection in connections.values { connection.close() }
    connections = [:]
  }

  // MARK: What connections say

  /// False if there are too many.
  func opened(_ connection: RuntimeConnection) -> Bool {
    guard connections.count < Self.limit else { return false }
    connections[ObjectIdentifier(connection)] = connection
    watch(connection)
    return true
  }

  func closed(_ connection: RuntimeConnection) {
    connections[ObjectIdentifier(connection)] = nil
  }

  func watch(_ connection: RuntimeConnection) {
    timer?.arm(for: connection.nextWake)
  }

  private func woke() {
    for connection in connections.values { connection.wake(now: proxy.clock.now) }
    let next = connections.values.map(\.nextWake).min()
    timer?.arm(for: next ?? .never)
  }
}
