// SPDX-License-Identifier: Apache-2.0
package import FalseworkCore

extension LogRecord {
  /// Reads a line of `option httplog` (configuration manual, 8.2.3) as a real HAProxy writes it, with
  /// the syslog head or without: the reading of what `line` prints.
  ///
  /// The ordinal is not in the line and is 0. The date is not looked at: when the line comes is when
  /// its request ended, on a clock that the reader knows, and `Ta` says when it began. Nil for a line
  /// of another kind, or of a frontend that the configuration does not have.
  package init?(line: some StringProtocol, configuration: ProxyConfiguration, ended: Instant) {
    guard let fields = HTTPLogFields(line) else { return nil }
    guard let front = configuration.frontends.firstIndex(where: { $0.name == fields.frontend })
    else { return nil }
    let back = configuration.backends.firstIndex { $0.name == fields.backend }
    let server = back.flatMap { back in
      configuration.backends[back].servers.first {
        configuration.servers[$0].name == fields.server
      }
    }
    func time(_ milliseconds: Int64) -> Interval? {
      milliseconds < 0 ? nil : .milliseconds(milliseconds)
    }
    let total = time(fields.times[4]) ?? .zero
    self.init(
      client: fields.client, ordinal: 0, frontend: FrontendID(front),
      backend: back.map { BackendID($0) }, server: server.map { ServerID($0) },
      began: ended - total, ended: ended, requestTime: time(fields.times[0]),
      queueTime: time(fields.times[1]), connectTime: time(fields.times[2]),
      responseTime: time(fields.times[3]), status: max(0, fields.status), bytes: fields.bytes,
      termination: fields.termination, retries: fields.retries, redispatched: fields.redispatched,
      reused: false, logged: true,
      connections: (
        fields.connections[0], fields.connections[1], fields.connections[2], fields.connections[3]
      ), queuedBefore: (fields.queues[0], fields.queues[1]))
  }
}

/// The fields of the line, by their places.
private struct HTTPLogFields {
  var client: ClientAddress
  var frontend: String
  var backend: String
  var server: String
  /// TR, Tw, Tc, Tr, Ta.
  var times: [Int64]
  var status: Int32
  var bytes: Int
  var termination: Termination
  var connections: [Int32]
  var retries: Int32
  var redispatched: Bool
  var queues: [Int32]

  /// The date in brackets is the one field that nothing else looks like: what stands before it is the
  /// client's address, whatever head the syslog has.
  init?(_ line: some StringProtocol) {
    let words = line.split(separator: " ")
    guard
      let date = words.firstIndex(where: { $0.hasPrefix("[") && $0.hasSuffix("]") && $0.count > 20 }
      ),
      date > 0, words.count > date + 10, let client = Self.address(words[date - 1])
    else { return nil }
    let rest = words[(date + 1)...].map { String($0) }
    let hop = rest[1].split(separator: "/", maxSplits: 1).map(String.init)
    let times = rest[2].split(separator: "/").compactMap { Int64($0.drop { $0 == "+" }) }
    let counts = rest[8].split(separator: "/").map(String.init)
    let queues = rest[9].split(separator: "/").compactMap { Int32($0) }
    let state = Array(rest[7].utf8)
    guard hop.count == 2, times.count == 5, counts.count == 5, queues.count == 2, state.count == 4,
      let status = Int32(rest[3]), let bytes = Int(rest[4].drop { $0 == "+" })
    else { return nil }
    let connections = counts[..<4].compactMap { Int32($0) }
    guard connections.count == 4, let retries = Int32(counts[4].drop { $0 == "+" }) else {
      return nil
    }
    self.client = client
    // A frontend that speaks TLS has a tilde after its name.
    frontend = rest[0].last == "~" ? String(rest[0].dropLast()) : rest[0]
    backend = hop[0]
    server = hop[1]
    self.times = times
    self.status = status
    self.bytes = bytes
    termination = Termination(cause: state[0], stage: state[1])
    self.connections = connections
    self.retries = retries
    redispatched = counts[4].first == "+"
    self.queues = queues
  }

  private static func address(_ word: some StringProtocol) -> ClientAddress? {
    guard let colon = word.lastIndex(of: ":"), let port = UInt16(word[word.index(after: colon)...])
    else { return nil }
    let parts = word[..<colon].split(separator: ".").compactMap { UInt32($0) }
    // An address of IPv6 has no room in a record; its port is what the load is known by.
    guard parts.count == 4, parts.allSatisfy({ $0 < 256 }) else {
      return ClientAddress(ip: 0, port: port)
    }
    return ClientAddress(
      ip: parts[0] << 24 | parts[1] << 16 | parts[2] << 8 | parts[3], port: port)
  }
}
