// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkHTTP
import FalseworkKeystone
import FalseworkLoad
import FalseworkProxy

/// Requests that are written as HTTP in a scenario or a `haproxy.cfg`, as the nodes understand them:
/// read once, by the code that reads them on sockets.
enum SimulatedCalls {
  static func http(_ plan: LoadPlan?, release: Release) -> [[KeystoneCall]] {
    guard let plan else { return [] }
    return plan.tasks.map { task in
      task.steps.map { step in
        // What is not the same each time is read when it is asked.
        guard case .http(let http) = step.kind, http.values.isEmpty else { return .versions }
        var head: [UInt8] = []
        head.append(text: "\(http.method) \(http.path) HTTP/1.1\r\nhost: localhost\r\n")
        for header in http.headers { head.append(text: "\(header.name): \(header.value)\r\n") }
        return call(head, body: http.body, release: release)
      }
    }
  }

  /// For each backend what its health check asks.
  static func checks(_ configuration: ProxyConfiguration, release: Release) -> [KeystoneCall] {
    configuration.backends.map { backend in
      guard let check = backend.check else { return .versions }
      var head: [UInt8] = []
      head.append(text: "\(check.method) \(check.uri) HTTP/1.1\r\nhost: localhost\r\n")
      return call(head, body: [], release: release)
    }
  }

  private static func call(
    _ fields: [UInt8], body: [UInt8], release: Release
  ) -> KeystoneCall {
    var bytes = fields
    if !body.isEmpty { bytes.appendField("content-length", body.count) }
    bytes.appendEndOfHead()
    return parsed(bytes, body: body, release: release)
  }

  /// One of the load's calls, as it is written on a socket.
  static func call(_ call: Call, _ writer: CallWriter, release: Release) -> KeystoneCall {
    var bytes: [UInt8] = []
    writer.append(call, to: &bytes)
    let body = Self.body(bytes)
    return parsed(bytes, body: Array(bytes[body]), release: release)
  }

  static func message(_ call: Call, _ writer: CallWriter) -> RequestMessage? {
    var bytes: [UInt8] = []
    writer.append(call, to: &bytes)
    var parser = HTTPParser(kind: .request, limits: .haproxy)
    var head = HTTPHead()
    guard parser.parse(bytes.span, into: &head) == .head else { return nil }
    return RequestMessage(head, bytes.span)
  }

  private static func body(_ bytes: [UInt8]) -> Range<Int> {
    let end = Array("\r\n\r\n".utf8)
    for start in bytes.indices where bytes[start...].starts(with: end) {
      return start + end.count..<bytes.count
    }
    return bytes.count..<bytes.count
  }

  private static func parsed(
    _ bytes: [UInt8], body: [UInt8], release: Release
  ) -> KeystoneCall {
    var parser = HTTPParser(kind: .request, limits: .haproxy)
    var head = HTTPHead()
    guard parser.parse(bytes.span, into: &head) == .head else {
      // What is no HTTP is answered as any unknown path.
      return .answered(KeystoneAnswer(status: 400, operation: .discovery))
    }
    return KeystoneRouter.call(head, bytes.span, body: body, release: release)
  }
}
