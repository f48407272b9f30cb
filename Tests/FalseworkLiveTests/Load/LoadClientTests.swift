// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkLoad
import FalseworkReport
import NIOCore
import NIOPosix
import Synchronization
import Testing

@testable import FalseworkLive

@Suite struct LoadClientTests {
  private static let admin = Credentials(
    user: "admin", userDomain: "Default", password: "secret", project: "admin",
    projectDomain: "Default")

  private static func plan(
    _ steps: [LoadStep.Kind], users: Int = 4, connections: LoadPlan.Connections = .kept
  ) -> LoadPlan {
    LoadPlan(
      model: .closed(users: users, spawnEvery: .zero, wait: .constant(.zero)),
      tasks: [
        LoadTask(
          name: "journey", weight: 1,
          steps: steps.enumerated().map {
            LoadStep(name: "step \($0.offset)", kind: $0.element, onFailure: .goOn)
          })
      ], credentials: [admin], connections: connections, connectTimeout: .seconds(5),
      timeout: .seconds(10))
  }

  /// Runs the load until so many requests have ended, then lets the rest end.
  private static func outcomes(
    _ plan: LoadPlan, port: Int, count: Int, on loop: any EventLoop
  ) async throws -> [Outcome] {
    let target = LoadClient.Target(
      address: try SocketAddress(ipAddress: "127.0.0.1", port: port), host: "127.0.0.1:\(port)",
      prefix: "")
    final class Box: @unchecked Sendable {
      var client: LoadClient?
      var outcomes: [Outcome] = []
    }
    let box = Box()
    let client = try await loop.submit {
      let client = LoadClient(
        plan: plan, seed: 1, target: target, clock: LiveClock(), loop: loop
      ) { outcome in
        box.outcomes.append(outcome)
        if box.outcomes.count == count { box.client?.stop() }
      }
      box.client = client
      return client
    }.get()
    try await client.whenFinished.get()
    return try await loop.submit {
      box.client = nil
      #expect(client.counts.inFlight == 0)
      #expect(client.counts.sent == box.outcomes.count)
      return box.outcomes
    }.get()
  }

  @Test(arguments: LoadPlan.Connections.allCases)
  func `users log in, validate, read the catalog and revoke without a failure`(
    connections: LoadPlan.Connections
  ) async throws {
    try await withLoop { loop in
      let node = try await LiveNode(on: loop)
      let plan = Self.plan(
        [
          .authenticate, .validateOwn, .catalog,
          .http(HTTPStep(method: "HEAD", path: "/v3", headers: [], body: [], expected: [200])),
          .revoke,
        ], connections: connections)
      let outcomes = try await Self.outcomes(plan, port: node.port, count: 500, on: loop)
      #expect(outcomes.allSatisfy { $0.verdict == .ok })
      #expect(outcomes.allSatisfy { $0.localPort > 0 && $0.sent <= $0.firstByte })
      #expect(Set(outcomes.map(\.step)) == [0, 1, 2, 3, 4])
      let newOnes = outcomes.count { $0.newConnection }
      switch connections {
      case .kept: #expect(newOnes == 4)
      case .journey: #expect(newOnes == outcomes.count { $0.step == 0 })
      case .new: #expect(newOnes == outcomes.count)
      }
      try await node.shutDown()
    }
  }

  @Test func `a port that nobody listens on refuses`() async throws {
    try await withLoop { loop in
      let port = try PortReservation(host: "127.0.0.1", port: 0)
      let outcomes = try await Self.outcomes(
        Self.plan([.authenticate], users: 1), port: port.address.port!, count: 10, on: loop)
      #expect(outcomes.allSatisfy { $0.verdict == .refused })
    }
  }

  @Test(arguments: [
    (ScriptedServer.Script.answer("", end: .fin), Outcome.Verdict.closed),
    (.answer("", end: .reset), .reset),
    (.answer("HTTP/1.1 200 OK\r\nContent-Le", end: .fin), .truncated),
    (.answer("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc", end: .fin), .truncated),
    (.answer("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc", end: .reset), .truncated),
    (.answer("I am a teapot\r\n\r\n"), .malformed),
    (.answer("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n"), .malformed),
    (.answer("HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n"), .status(503)),
    (.answer("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"), .ok),
    (.answer("HTTP/1.0 200 OK\r\n\r\nuntil the end", end: .fin), .ok),
    (.answer("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n"), .ok),
    (
      .answer(
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\n"
          + "HTTP/1.1 204 No Content\r\n\r\n"), .ok
    ),
  ])
  func `what a server does is told for what it is`(
    script: ScriptedServer.Script, verdict: Outcome.Verdict
  ) async throws {
    try await withLoop { loop in
      let server = try await ScriptedServer.start(script, on: loop)
      let plan = Self.plan(
        [.http(HTTPStep(method: "GET", path: "/", headers: [], body: [], expected: []))], users: 2)
      let outcomes = try await Self.outcomes(plan, port: server.port, count: 40, on: loop)
      #expect(
        outcomes.allSatisfy { $0.verdict == verdict }, "\(Set(outcomes.map(\.verdict.label)))")
      try await server.stop()
    }
  }

  @Test func `an answer that never comes is a timeout`() async throws {
    try await withLoop { loop in
      let server = try await ScriptedServer.start(.answer(""), on: loop)
      var plan = Self.plan([.authenticate], users: 1)
      plan.timeout = .milliseconds(20)
      let outcomes = try await Self.outcomes(plan, port: server.port, count: 3, on: loop)
      #expect(outcomes.allSatisfy { $0.verdict == .timeout })
      try await server.stop()
    }
  }

  @Test func `a load that is cancelled gives the figures so far`() async throws {
    try await withLoop { loop in
      let node = try await LiveNode(on: loop)
      let target = LoadClient.Target(
        address: try SocketAddress(ipAddress: "127.0.0.1", port: node.port),
        host: "127.0.0.1:\(node.port)", prefix: "")
      let load = Task {
        let plan = Self.plan([.authenticate, .validateOwn])
        return try await LoadClient.run(
          plan: plan, seed: 1, target: target, length: .seconds(3_600), on: loop,
          collecting: RunDescription(load: plan, of: target.host, seed: 1, program: "test"))
      }
      try await node.isAsked()
      load.cancel()
      let result = try await load.value
      #expect(result.how == .interrupted)
      #expect(result.total.requests > 0)
      #expect(result.total.failures == 0)
      try await node.shutDown()
    }
  }
}
