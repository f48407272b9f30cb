// SPDX-License-Identifier: Apache-2.0
import FalseworkReport
import FalseworkScenario
import Synchronization
import Testing

/// Scenarios for real sockets: the rules of the big ones in tenths of seconds.
enum LiveScenario {
  static let haproxy = """
    global
      stats socket /nowhere level admin
    defaults
      mode http
      option redispatch
      retries 3
      timeout connect 5s
      timeout client 10s
      timeout server 10s
    frontend front
      bind 127.0.0.1:15000
      default_backend back
    backend back
      balance leastconn
      server keystone1 127.0.0.1:15001 check inter 5s rise 1 fall 1
      server keystone2 127.0.0.1:15002 check inter 5s rise 1 fall 1
    """

  /// - Parameters:
  ///   - rotation: YAML below `rotation:`, in flow style.
  ///   - config: YAML below `proxy.config:`.
  static func text(
    rotation: String, length: String, lifecycle: String, extra: String, config: String,
    isolation: String
  ) -> String {
    """
    name: live test
    seed: 1
    duration: \(length)
    cluster:
      nodes: 2
      release: {from: newton, to: ocata}
      token: {provider: fernet}
      service:
        workers: 0
        authenticate: 5ms
        validate: 1ms
      lifecycle: \(lifecycle)
      isolation: \(isolation)
    proxy:
      config: \(config)
    load:
      users: 4
      wait: 1ms
      journey: authenticate-then-validate
      on-failure: continue
    \(rotation.isEmpty ? "" : "rotation: \(rotation)")
    \(extra)
    """
  }

  static func read(
    rotation: String, length: String = "until the rotation ends, plus 50ms",
    lifecycle: String = "instant", extra: String = ""
  ) throws -> Scenario {
    let text = text(
      rotation: rotation, length: length, lifecycle: lifecycle, extra: extra, config: "test.cfg",
      isolation: "none")
    let reader = ScenarioReader(
      environment: { _ in nil }, load: { _ throws(UnreadableFile) in Array(haproxy.utf8) })
    return try reader.read(Array(text.utf8), file: "test.yaml")
  }
}

/// What a run told, in its order.
final class EventLog: Sendable {
  private let state = Mutex<[RunEvent]>([])

  func add(_ event: RunEvent) {
    state.withLock { $0.append(event) }
  }

  var events: [RunEvent] { state.withLock { $0 } }
}
