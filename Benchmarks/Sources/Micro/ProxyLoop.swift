// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkHTTP
import FalseworkProxy

/// The proxy's decisions for requests of 16 clients to two servers that answer at once.
enum ProxyLoop {
  private static let configuration = """
    defaults
      mode http
      timeout connect 5s
      timeout client 60s
      timeout server 60s
    frontend front
      bind 127.0.0.1:1
      default_backend back
    backend back
      balance roundrobin
      option forwardfor
      server a 127.0.0.1:2
      server b 127.0.0.1:3
    """

  static func run(_ count: Int) {
    let reading = ProxyConfiguration.read(configuration, file: "micro", environment: { _ in nil })
    guard let configuration = reading.configuration else {
      preconditionFailure("\(reading.problems)")
    }
    var proxy = Proxy(configuration: configuration, now: .start)
    var effects: [Proxy.Effect] = []
    var now = Instant.start
    let clients = (0..<16).map { ClientID(index: $0, generation: 0) }
    for client in clients {
      proxy.accepted(
        client, on: FrontendID(0), from: ClientAddress(ip: ClientAddress.loopback, port: 4),
        now: now,
        into: &effects)
    }
    var done = 0
    while done < count {
      now = now + .microseconds(10)
      proxy.wake(now: now, into: &effects)
      let head = Proxy.RequestHead(
        method: .get, keepAlive: true, complete: true, began: now, bytes: 200)
      proxy.requested(clients[done % clients.count], head, now: now, into: &effects)
      var index = 0
      while index < effects.count {
        switch effects[index] {
        case .connect(let connection, _):
          proxy.connected(connection, now: now, into: &effects)
        case .forward(_, let connection, _):
          let head = Proxy.ResponseHead(
            status: 200, keepAlive: true, tunnel: false, untilClose: false, bytes: 150)
          proxy.responded(connection, head, now: now, into: &effects)
        case .relay(let connection, _, _):
          proxy.responseEnded(connection, bodyBytes: 2_048, now: now, into: &effects)
        case .ended:
          done += 1
        default:
          break
        }
        index += 1
      }
      effects.removeAll(keepingCapacity: true)
    }
    keep(proxy.connectionCount)
  }
}
