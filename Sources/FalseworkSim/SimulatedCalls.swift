// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkHTTP
import FalseworkKeystone
import FalseworkLoad
import FalseworkProxy

/// Requests that are written as HTTP in a scenario or a `haproxy.cfg`, as the nodes understand them:
/// read once, by the code that reads them on sockets.
enum SimulatedCalls {
  static func http(
    _ plan: LoadPlan?, _ writer: CallWriter?, release: Release
  ) -> [[KeystoneCall]] {
    guard let plan, let writer else { return [] }
    return plan.tasks.enumerated().map { task, found in
      found.steps.enumerated().map { place, step in
        // What is not the same each time is read when it is asked.
        guard case .http(let http) = step.kind, http.values.isEmpty else { return .versions }
        return call(.http(task: task, step: place, values: nil), writer, release: release)
      }
    }
  }

  /// For each backend what its health check asks.
  static func checks(_ configuration: ProxyConfiguration, release: Release) -> [KeystoneCall] {
    configuration.backends.map { backend in
      guard let check = backend.check else { return .versions }
      var head: [UInt8] = []
      head.append(text: "\(check.method) \(check.uri) HTTP/1.1\r\nhost: localhost\r\n")
      head.appendEndOfHead()
      return call(head, release: release)
    }
  }

  /// One of the load's calls, as it is written on a socket.
  static func call(_ call: Call, _ writer: CallWriter, release: Release) -> KeystoneCall {
    var bytes: [UInt8] = []
    writer.append(call, to: &bytes)
    return self.call(bytes, release: release)
  }

  static func message(_ call: Call, _ writer: CallWriter) -> RequestMessage? {
    var bytes: [UInt8] = []
    writer.append(call, to: &bytes)
    return head(of: bytes).map { RequestMessage($0, bytes.span) }
  }

  private static func head(of bytes: [UInt8]) -> HTTPHead? {
    var parser = HTTPParser(kind: .request, limits: .haproxy)
    var head = HTTPHead()
    return parser.parse(bytes.span, into: &head) == .head ? head : nil
  }

  private static func call(_ bytes: [UInt8], release: Release) -> KeystoneCall {
    guard let head = head(of: bytes) else {
      // What is no HTTP is answered as any unknown path.
      return .answered(KeystoneAnswer(status: 400, operation: .discovery))
    }
    return KeystoneRouter.call(
      head, bytes.span, body: Array(bytes[head.length...]), release: release)
  }
}
