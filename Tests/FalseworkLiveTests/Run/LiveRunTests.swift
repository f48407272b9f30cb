// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkKeystone
import FalseworkLoad
import FalseworkProxy
import FalseworkReport
import FalseworkRotation
import FalseworkScenario
import Testing

@testable import FalseworkLive

@Suite struct LiveRunTests {
  private static let quick =
    "begin: 50ms, settle: 20ms, poll: 5ms"

  /// Runs a scenario and gives how it ended and what it told.
  private static func run(
    _ scenario: Scenario
  ) async throws -> (end: LiveRun.End, events: [RunEvent]) {
    try await withLoop { loop in
      let log = EventLog()
      let end = try await LiveRun.run(
        scenario, seed: 1, options: .anywhere, on: loop, observer: { log.add($0) })
      return (end, log.events)
    }
  }

  private static func outcomes(_ events: [RunEvent]) -> [Outcome] {
    events.compactMap { if case .request(let outcome) = $0 { outcome } else { nil } }
  }

  private static func records(_ events: [RunEvent]) -> [LogRecord] {
    events.compactMap { if case .proxied(let record) = $0 { record } else { nil } }
  }

  private static func marks(_ events: [RunEvent]) -> [Mark.Step] {
    events.compactMap { if case .mark(let mark) = $0 { mark.step } else { nil } }
  }

  @Test(arguments: ["maint", "drain"])
  func `a rotation that tells the proxy and waits loses nothing`(strategy: String) async throws {
    let scenario = try LiveScenario.read(
      rotation: "{strategy: \(strategy), wait: 'until idle, at most 30s', ready: when answering, "
        + "\(Self.quick)}")
    let (end, events) = try await Self.run(scenario)
    #expect(end.rotation == .completed)
    #expect(!end.interrupted)
    #expect(end.counts.inFlight == 0)
    let outcomes = Self.outcomes(events)
    #expect(outcomes.count >= 10)
    #expect(outcomes.filter { $0.verdict != .ok }.map(\.verdict.label) == [])
    #expect(Self.records(events).count == outcomes.count)
    let releases = events.compactMap { event -> String? in
      guard case .node(NodeID(1), .serving, let release, _) = event else { return nil }
      return release
    }
    #expect(releases == ["newton", "ocata"])
    #expect(Self.marks(events).last == .ended)
  }

  @Test func `the run begins with the truth about nodes and the belief about servers`()
    async throws
  {
    let scenario = try LiveScenario.read(rotation: "", length: "20ms")
    let (end, events) = try await Self.run(scenario)
    #expect(end.rotation == nil)
    #expect(end.at >= .start + .milliseconds(20))
    var nodes: [NodeID] = []
    var servers: [String] = []
    for event in events.prefix(4) {
      switch event {
      case .node(let node, .serving, "newton", _): nodes.append(node)
      case .believed(_, let belief, _): servers.append("\(belief)")
      default: Issue.record("unexpected: \(event)")
      }
    }
    #expect(nodes == [NodeID(0), NodeID(1)])
    #expect(servers == ["UP", "UP"])
  }

  @Test func `killed nodes cost no more than what they had, and everything is counted`()
    async throws
  {
    let scenario = try LiveScenario.read(rotation: "{strategy: kill, \(Self.quick)}")
    let (end, events) = try await Self.run(scenario)
    #expect(end.rotation == .completed)
    let outcomes = Self.outcomes(events)
    let failed = outcomes.filter { $0.verdict != .ok }
    // Four users: each stop may cut each one's request, and leave its next one without a token.
    #expect(failed.count <= 16, "\(failed.map(\.verdict))")
    #expect(Set(outcomes.map(\.number)).count == outcomes.count)
    #expect(outcomes.map(\.number).max() == outcomes.count)
  }

  @Test func `a run that is cancelled ends in order with what there is`() async throws {
    let scenario = try LiveScenario.read(rotation: "", length: "1h")
    try await withLoop { loop in
      let log = EventLog()
      let (began, signal) = AsyncStream.makeStream(of: Void.self)
      let run = Task {
        try await LiveRun.run(scenario, seed: 1, options: .anywhere, on: loop) { event in
          log.add(event)
          if case .request = event { signal.yield() }
        }
      }
      for await _ in began { break }
      run.cancel()
      let end = try await run.value
      #expect(end.interrupted)
      #expect(end.counts.inFlight == 0)
      #expect(Self.outcomes(log.events).allSatisfy { $0.verdict == .ok })
    }
  }

  @Test func `a port that is in use is told and nothing is left open`() async throws {
    try await withLoop { loop in
      let node = try await LiveNode(on: loop)
      var scenario = try LiveScenario.read(rotation: "", length: "1s")
      scenario.proxy.configuration.frontends[0].binds[0].port = node.port
      scenario.proxy.configuration.global.sockets = []
      let error = await #expect(throws: LiveError.self) {
        try await LiveRun.run(
          scenario, seed: 1,
          options: .init(keepsAddresses: true, socketPath: nil, childCommand: nil), on: loop
        ) { _ in }
      }
      #expect(error == .portInUse(host: "127.0.0.1", port: node.port))
      try await node.shutDown()
    }
  }

  @Test func `the result of a run has its figures, its marks and what the proxy counted`()
    async throws
  {
    let scenario = try LiveScenario.read(
      rotation: "{strategy: maint, wait: 'until idle, at most 30s', \(Self.quick)}",
      extra: "thresholds: {failures: '== 0'}")
    try await withLoop { loop in
      let result = try await LiveRun.result(
        of: scenario, seed: 1, options: .anywhere, keeping: .everything, timeScale: 1,
        program: "falsework test", on: loop, progress: nil)
      #expect(result.verdict == .held)
      #expect(result.total.requests == result.requests.count)
      #expect(result.marks.last?.step == .ended)
      #expect(result.proxyCounters["back/BACKEND.stot"] == Int64(result.total.requests))
      #expect(result.description.wallStart != nil)
    }
  }
}
