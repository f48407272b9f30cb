// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkCrypto
import FalseworkLoad
import NIOCore
import NIOPosix
import Testing

@testable import FalseworkLive

@Suite struct LoadTLSTests {
  static let in2020: Int64 = 1_577_836_800
  static let in2021: Int64 = 1_609_459_200
  static let in2100: Int64 = 4_102_444_800
  static let root = CertificateAuthority(
    .init(commonName: "Root", hosts: [], notBefore: in2020, notAfter: in2100))

  private static func identity(until end: Int64 = in2100) -> TLSIdentity {
    root.issue(
      .init(commonName: "server", hosts: ["keystone.example"], notBefore: in2020, notAfter: end))
  }

  static func serverOptions(until end: Int64 = in2100) -> TLSOptions {
    var options = TLSOptions(.server)
    options.identities = [.init(identity(until: end))]
    return options
  }

  static func target(
    _ port: Int, name: String = "keystone.example", _ change: (inout TLSOptions) -> Void = { _ in }
  ) throws -> LoadClient.Target {
    var options = TLSOptions(.client)
    options.trust = .authorities([root.certificate])
    change(&options)
    return LoadClient.Target(
      address: try SocketAddress(ipAddress: "127.0.0.1", port: port), host: "127.0.0.1:\(port)",
      prefix: "",
      tls: TLSClient.Options(
        context: try TLSContext(options), serverName: name, verifiedName: name, keyLog: nil))
  }

  private static func plan(_ connections: LoadPlan.Connections) -> LoadPlan {
    let step = HTTPStep(method: "GET", path: "/", headers: [], body: [], expected: [])
    return LoadPlan(
      model: .closed(users: 2, spawnEvery: .zero, wait: .constant(.zero)),
      tasks: [
        LoadTask(
          name: "get", weight: 1,
          steps: [LoadStep(name: "get", kind: .http(step), onFailure: .goOn)])
      ],
      credentials: [
        Credentials(
          user: "a", userDomain: "b", password: "c", project: nil, projectDomain: "d")
      ], connections: connections, connectTimeout: .seconds(5), timeout: .seconds(10))
  }

  /// Runs a load of so many requests, and something in the middle of it, on the loop.
  static func run(
    _ target: LoadClient.Target, _ connections: LoadPlan.Connections = .kept, count: Int,
    on loop: any EventLoop, halfway: @escaping @Sendable () throws -> Void = {}
  ) async throws -> (outcomes: [Outcome], handshakes: TLSCounts) {
    final class Box: @unchecked Sendable {
      var client: LoadClient?
      var outcomes: [Outcome] = []
    }
    let box = Box()
    let client = try await loop.submit {
      let client = LoadClient(
        plan: plan(connections), seed: 1, target: target, clock: LiveClock(), loop: loop
      ) { outcome in
        box.outcomes.append(outcome)
        if box.outcomes.count == count / 2 {
          #expect(throws: Never.self) { try halfway() }
        }
        if box.outcomes.count == count { box.client?.stop() }
      }
      box.client = client
      return client
    }.get()
    try await client.whenFinished.get()
    return try await loop.submit {
      box.client = nil
      return (box.outcomes, client.handshakes)
    }.get()
  }

  @Test(arguments: [
    (ScriptedServer.Script.answer("", end: .fin), Outcome.Verdict.closed),
    (.answer("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc", end: .fin), .truncated),
    (.answer("I am a teapot\r\n\r\n"), .malformed),
    (.answer("HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n"), .status(503)),
    (.answer("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"), .ok),
    (.answer("HTTP/1.0 200 OK\r\n\r\nuntil the end", end: .fin), .ok),
    (
      .answer(
        "HTTP/1.1 200 OK\r\nContent-Length: 200000\r\n\r\n" + String(repeating: "x", count: 200_000)
      ),
      .ok
    ),
  ])
  func `what a server does over TLS is told for what it is`(
    script: ScriptedServer.Script, verdict: Outcome.Verdict
  ) async throws {
    try await withLoop { loop in
      let server = try await ScriptedServer.start(script, tls: Self.serverOptions(), on: loop)
      let target = try Self.target(server.port)
      let outcomes = try await Self.run(target, count: 20, on: loop).outcomes
      #expect(
        outcomes.allSatisfy { $0.verdict == verdict }, "\(Set(outcomes.map(\.verdict.label)))")
      try await server.stop()
    }
  }

  @Test(arguments: [true, false]) func `sessions are resumed unless that is turned off`(
    resumes: Bool
  ) async throws {
    try await withLoop { loop in
      let server = try await ScriptedServer.start(
        .answer("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"), tls: Self.serverOptions(),
        on: loop)
      let target = try Self.target(server.port) { $0.resumes = resumes }
      let (outcomes, handshakes) = try await Self.run(target, .new, count: 50, on: loop)
      #expect(outcomes.allSatisfy { $0.verdict == .ok && $0.newConnection })
      #expect(handshakes.full + handshakes.resumed == outcomes.count)
      // Both users begin without one.
      #expect(resumes ? handshakes.full <= 2 : handshakes.resumed == 0)
      try await server.stop()
    }
  }

  @Test func `a handshake that fails is a failure of its own kind`() async throws {
    try await withLoop { loop in
      let server = try await ScriptedServer.start(
        .answer("HTTP/1.1 200 OK\r\n\r\n"), tls: Self.serverOptions(until: Self.in2021), on: loop)
      let (outcomes, handshakes) = try await Self.run(
        Self.target(server.port), count: 10, on: loop)
      #expect(outcomes.allSatisfy { $0.verdict == .tls && $0.sent == .never })
      #expect(handshakes == TLSCounts(full: 0, resumed: 0, failed: outcomes.count))
      try await server.stop()
    }
  }

  @Test(arguments: [TLSVersion.tls12, .tls13])
  func `so is a client's certificate that the server does not like`(
    version: TLSVersion
  ) async throws {
    try await withLoop { loop in
      var options = Self.serverOptions()
      options.verification = .required
      options.trust = .authorities([Self.root.certificate])
      let server = try await ScriptedServer.start(
        .answer("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"), tls: options, on: loop)
      let anonymous = try Self.target(server.port) { $0.maximum = version }
      let refused = try await Self.run(anonymous, count: 6, on: loop).outcomes
      #expect(refused.allSatisfy { $0.verdict == .tls })
      let problem = await #expect(throws: UnreachableTarget.self) {
        try await TargetProbe.check(anonymous, within: .seconds(5), on: loop)
      }
      #expect(problem?.description.contains("no TLS: the peer refused, with the alert") == true)
      let known = try Self.target(server.port) {
        $0.maximum = version
        $0.identities = [.init(Self.identity())]
      }
      let served = try await Self.run(known, count: 6, on: loop).outcomes
      #expect(served.allSatisfy { $0.verdict == .ok })
      try await TargetProbe.check(known, within: .seconds(5), on: loop)
      try await server.stop()
    }
  }

  @Test func `a target that cannot be reached is told before the run`() async throws {
    try await withLoop { loop in
      let reserved = try PortReservation(host: "127.0.0.1", port: 0)
      let nobody = try Self.target(reserved.address.port!)
      let refused = await #expect(throws: UnreachableTarget.self) {
        try await TargetProbe.check(nobody, within: .seconds(5), on: loop)
      }
      #expect(
        refused?.description
          == "\(nobody.host): the connection is refused: nothing listens there")
      let plain = try await ScriptedServer.start(.answer("HTTP/1.1 400 No\r\n\r\n"), on: loop)
      let noTLS = await #expect(throws: UnreachableTarget.self) {
        try await TargetProbe.check(Self.target(plain.port), within: .seconds(5), on: loop)
      }
      #expect(noTLS?.description.hasSuffix(": no TLS: the peer does not speak TLS") == true)
      try await plain.stop()
      let server = try await ScriptedServer.start(
        .answer(""), tls: Self.serverOptions(), on: loop)
      let wrongName = await #expect(throws: UnreachableTarget.self) {
        try await TargetProbe.check(
          Self.target(server.port, name: "other.example"), within: .seconds(5), on: loop)
      }
      #expect(
        wrongName?.description.hasSuffix(
          ": no TLS: the certificate 'CN=server' is not for other.example: it is for "
            + "keystone.example") == true)
      try await TargetProbe.check(Self.target(server.port), within: .seconds(5), on: loop)
      try await server.stop()
    }
  }
}
