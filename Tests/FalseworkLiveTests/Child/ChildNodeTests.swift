// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkKeystone
import FalseworkLoad
import FalseworkReport
import FalseworkRotation
import Glibc
import NIOCore
import Testing

@testable import FalseworkLive
@testable import FalseworkScenario

/// Nodes in child processes: the program `falsework` that was built with the tests.
@Suite struct ChildNodeTests {
  private static var program: String {
    let tests = CommandLine.arguments[0]
    return tests.split(separator: "/", omittingEmptySubsequences: false).dropLast()
      .joined(separator: "/") + "/falsework"
  }

  /// Writes a scenario where children can read it, and gives it back.
  private static func withScenario<Result>(
    rotation: String, length: String = "until the rotation ends, plus 50ms",
    _ body: (Scenario, LiveCluster.Options) async throws -> Result
  ) async throws -> Result {
    let directory = try RunDirectory()
    let path = directory.path + "/scenario.yaml"
    let text = LiveScenario.text(
      rotation: rotation, length: length, lifecycle: "instant", extra: "",
      config: "|\n"
        + LiveScenario.haproxy.split(separator: "\n").map { "    \($0)" }
        .joined(separator: "\n"), isolation: "process")
    let file = try #require(fopen(path, "w"))
    fputs(text, file)
    fclose(file)
    defer {
      unlink(path)
      directory.remove()
    }
    let scenario = try ScenarioReader.files.read(path)
    return try await body(
      scenario,
      LiveCluster.Options(
        keepsAddresses: false, socketPath: nil, childCommand: [program, "node", path]))
  }

  @Test(.enabled(if: access(program, X_OK) == 0))
  func `a rotation of processes that tells the proxy and waits loses nothing`() async throws {
    let rotation =
      "{strategy: maint, wait: 'until idle, at most 30s', begin: 50ms, settle: 20ms, poll: 5ms}"
    try await Self.withScenario(rotation: rotation) { scenario, options in
      try await withLoop { loop in
        let log = EventLog()
        let end = try await LiveRun.run(
          scenario, seed: 1, options: options, on: loop, observer: { log.add($0) })
        #expect(end.rotation == .completed)
        let failed = log.events.compactMap { event -> String? in
          guard case .request(let outcome) = event, outcome.verdict != .ok else { return nil }
          return outcome.verdict.label
        }
        #expect(failed == [])
        let phases = log.events.compactMap { event -> String? in
          guard case .node(NodeID(0), let phase, let release, _) = event else { return nil }
          return "\(phase) \(release)"
        }
        #expect(phases.first == "serving newton")
        #expect(phases.contains("stopped newton"))
        #expect(phases.last == "serving ocata")
      }
    }
  }

  @Test(.enabled(if: access(program, X_OK) == 0), arguments: [StopSignal.terminate, .kill])
  func `a stopped child is gone and its port refuses until it is started again`(
    signal: StopSignal
  ) async throws {
    try await Self.withScenario(rotation: "", length: "1h") { scenario, options in
      try await withLoop { loop in
        let (phases, told) = AsyncStream.makeStream(of: NodePhase.self)
        let cluster = try await LiveCluster.start(
          scenario, seed: 1, options: options, on: loop
        ) { event in
          if case .node(NodeID(0), let phase, _, _) = event { told.yield(phase) }
        }
        let port = try #require(cluster.address(of: NodeID(0)).port)
        try await loop.submit { cluster.stop(NodeID(0), signal) }.get()
        for await phase in phases where phase == .stopped { break }
        let failure = #expect(throws: RawClient.Failure.self) { try RawClient(port: port) }
        #expect(failure?.number == ECONNREFUSED)
        try await loop.submit { cluster.start(NodeID(0), as: scenario.cluster.target) }.get()
        for await phase in phases where phase == .serving { break }
        let client = try RawClient(port: port)
        try client.send("GET /v3 HTTP/1.1\r\nHost: k\r\n\r\n")
        #expect(try client.answer().status == 200)
        try await cluster.end()
        #expect(throws: RawClient.Failure.self) { try RawClient(port: port) }
      }
    }
  }

  @Test func `a child that cannot be started is told`() async throws {
    try await Self.withScenario(rotation: "", length: "1h") { scenario, options in
      var options = options
      options.childCommand = ["/nowhere/falsework"]
      let wrong = options
      try await withLoop { loop in
        let error = await #expect(throws: LiveError.self) {
          try await LiveCluster.start(
            scenario, seed: 1, options: wrong, on: loop, observer: { _ in })
        }
        #expect(error == .system(action: "start /nowhere/falsework", errno: ENOENT))
      }
    }
  }

  @Test func `a child that ends by itself is told with its end`() async throws {
    try await Self.withScenario(rotation: "", length: "1h") { scenario, options in
      var options = options
      options.childCommand = ["/bin/sh", "-c", "exit 3"]
      let wrong = options
      try await withLoop { loop in
        let error = await #expect(throws: LiveError.self) {
          try await LiveCluster.start(
            scenario, seed: 1, options: wrong, on: loop, observer: { _ in })
        }
        #expect(error?.description.contains("ended by itself: status(3)") == true, "\(error!)")
      }
    }
  }

  @Test func `what processes cannot share is refused before anything is started`() async throws {
    try await Self.withScenario(rotation: "", length: "1h") { scenario, options in
      try await withLoop { loop in
        var uuid = scenario
        uuid.cluster.provider = .always(.uuid)
        var revoking = scenario
        revoking.load?.tasks[0].steps.append(
          LoadStep(name: "revoke", kind: .revoke, onFailure: .goOn))
        for refused in [uuid, revoking] {
          let error = await #expect(throws: LiveError.self) {
            try await LiveCluster.start(
              refused, seed: 1, options: options, on: loop, observer: { _ in })
          }
          guard case .unsupported? = error else {
            Issue.record("\(String(describing: error))")
            continue
          }
        }
      }
    }
  }
}
