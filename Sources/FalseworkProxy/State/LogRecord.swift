// SPDX-License-Identifier: Apache-2.0
package import FalseworkCore

/// The address that a client connected from.
package struct ClientAddress: Equatable, Sendable {
  /// IPv4, most significant byte first.
  package var ip: UInt32
  package var port: UInt16

  package init(ip: UInt32, port: UInt16) {
    self.ip = ip
    self.port = port
  }

  /// `127.0.0.1`.
  package static let loopback: UInt32 = 0x7F00_0001

  package var host: String {
    "\(ip >> 24).\(ip >> 16 & 255).\(ip >> 8 & 255).\(ip & 255)"
  }
}

/// How a request ended: the first two letters of HAProxy's termination state (configuration
/// manual, 8.5 "Session state at disconnection").
package struct Termination: Equatable, Sendable {
  /// Who ended it: `C` client, `S` server, `P` proxy, `L` handled here, `R` resource, `D` server went
  /// down, `K` killed by an administrator, `c` and `s` a time-out of that side, `-` nobody.
  package var cause: UInt8
  /// In which part: `R` request, `Q` queue, `C` connect, `H` response head, `D` data, `-` none.
  package var stage: UInt8

  package init(_ text: StaticString) {
    precondition(text.utf8CodeUnitCount == 2, "two letters: \(text)")
    cause = unsafe text.utf8Start[0]
    stage = unsafe text.utf8Start[1]
  }

  package init(cause: UInt8, stage: UInt8) {
    self.cause = cause
    self.stage = stage
  }

  package static let normal = Termination("--")

  package var text: String { String(decoding: [cause, stage], as: UTF8.self) }
}

/// A request that is over, with all that `option httplog` prints of it.
package struct LogRecord: Equatable, Sendable {
  package var client: ClientAddress
  /// From 1 on its client connection.
  package var ordinal: Int32
  package var frontend: FrontendID
  package var backend: BackendID?
  package var server: ServerID?
  /// When the first byte of the request came.
  package var began: Instant
  package var ended: Instant
  /// TR, Tw, Tc, Tr; nil where HAProxy prints −1.
  package var requestTime: Interval?
  package var queueTime: Interval?
  package var connectTime: Interval?
  package var responseTime: Interval?
  /// 0 if nothing was answered; HAProxy prints −1.
  package var status: Int32
  package var bytes: Int
  package var termination: Termination
  package var retries: Int32
  package var redispatched: Bool
  /// Whether the connection to the server was used before.
  package var reused: Bool
  /// HAProxy logs it. It is silent about a request of a kept connection whose server ended
  /// without an answer.
  package var logged: Bool
  /// Connections at the end: process, frontend, backend, server.
  package var connections: (Int32, Int32, Int32, Int32)
  /// Requests that were ahead of it in the queues of the server and of the backend.
  package var queuedBefore: (Int32, Int32)
  /// What answered instead of a server.
  package var service: InnerService?
  package var cookies = CookieLetters.absent
  /// Of `capture` lines and rules.
  package var captured = CapturedValues()

  package static func == (a: LogRecord, b: LogRecord) -> Bool {
    a.client == b.client && a.ordinal == b.ordinal && a.frontend == b.frontend
      && a.backend == b.backend && a.server == b.server && a.began == b.began
      && a.ended == b.ended && a.requestTime == b.requestTime && a.queueTime == b.queueTime
      && a.connectTime == b.connectTime && a.responseTime == b.responseTime
      && a.status == b.status && a.bytes == b.bytes && a.termination == b.termination
      && a.retries == b.retries && a.redispatched == b.redispatched && a.reused == b.reused
      && a.logged == b.logged && a.connections == b.connections
      && a.queuedBefore == b.queuedBefore && a.captured == b.captured
      && a.cookies == b.cookies && a.service == b.service
  }

  /// Ta: from the end of the request's head to the end of the request.
  package var totalTime: Interval { ended - began }
}

extension LogRecord {
  /// The line of `option httplog` (configuration manual, 8.2.3), without the syslog head.
  ///
  /// - Parameters:
  ///   - request: the request line as it came; `<BADREQ>` where it could not be read.
  ///   - wall: the wall-clock time of `Instant.start`. HAProxy prints local time, this prints UTC.
  package func line(
    request: String, configuration: ProxyConfiguration, secure: Bool, wall: UTCTime
  ) -> String {
    func ms(_ interval: Interval?) -> String { interval.map { "\($0.milliseconds)" } ?? "-1" }
    let name = configuration.frontends[frontend.index].name
    let back = backend.map { configuration.backends[$0.index].name } ?? name
    // The mark of a client that speaks TLS (configuration manual, 8.2.3).
    let front = name + (secure ? "~" : "")
    let server =
      server.map { configuration.servers[$0.index].name } ?? service?.rawValue ?? "<NOSRV>"
    let date = Self.date(wall + (began - .start))
    let times =
      "\(ms(requestTime))/\(ms(queueTime))/\(ms(connectTime))/\(ms(responseTime))/"
      + "\(totalTime.milliseconds)"
    let counts =
      "\(connections.0)/\(connections.1)/\(connections.2)/\(connections.3)/"
      + (redispatched ? "+" : "") + "\(retries)"
    return "\(client.host):\(client.port) [\(date)] \(front) \(back)/\(server) \(times) "
      + "\(status == 0 ? -1 : status) \(bytes) - - \(termination.text)\(cookies.text) \(counts) "
      + "\(queuedBefore.0)/\(queuedBefore.1) " + captures(configuration) + "\"\(request)\""
  }

  private func captures(_ configuration: ProxyConfiguration) -> String {
    let rules = configuration.frontendRules[frontend.index]
    return CapturedValues.text(captured.request, count: rules.requestCaptures.count)
      + CapturedValues.text(captured.response, count: rules.responseCaptures.count)
  }

  package static func date(_ time: UTCTime) -> String {
    let months = [
      "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
    let f = time.fields
    func two(_ number: Int) -> String { UTCTime.padded(number, 2) }
    return "\(two(f.day))/\(months[f.month - 1])/\(f.year):\(two(f.hour)):\(two(f.minute)):"
      + "\(two(f.second)).\(UTCTime.padded(f.nanosecond / 1_000_000, 3))"
  }
}
