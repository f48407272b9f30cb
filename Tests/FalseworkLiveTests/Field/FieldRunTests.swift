// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkKeystone
import FalseworkLoad
import FalseworkProxy
import FalseworkReport
import FalseworkRotation
import FalseworkScenario
import Foundation
import NIOCore
import Testing

@testable import FalseworkLive

/// A run against a proxy and nodes that it has not made: a cluster of ours that knows nothing of it.
@Suite struct FieldRunTests {
  private struct Played {
    var end: LiveRun.End
    var events: [RunEvent]
    /// What the commands wrote, by file.
    var logs: [String: String]

    var marks: [Mark.Step] {
      events.compactMap { if case .mark(let mark) = $0 { mark.step } else { nil } }
    }

    var phases: [NodePhase] {
      events.compactMap {
        if case .node(NodeID(0), let phase, _, _) = $0 { phase } else { nil }
      }
    }
  }

  /// - Parameter changes: to the plan, whose commands write what they were told and do nothing.
  private static func play(
    _ rotation: String = "{strategy: maint, begin: 50ms, settle: 20ms, poll: 5ms}",
    length: String = "until the rotation ends, plus 50ms", onServer: String = "",
    _ changes: @Sendable (inout FieldPlan) -> Void = { _ in }
  ) async throws -> Played {
    let directory = FileManager.default.temporaryDirectory
      .appending(path: "field-\(UInt64.random(in: 0...UInt64.max))").path
    try FileManager.default.createDirectory(
      atPath: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let standing = try LiveScenario.read(rotation: "", length: "1m")
    let scenario = try LiveScenario.read(rotation: rotation, length: length)
    return try await withLoop { loop in
      let cluster = try await LiveCluster.start(
        standing, seed: 1, options: .anywhere, on: loop, observer: { _ in })
      do {
        let played = try await play(scenario, cluster, directory, loop, changes)
        try await cluster.end()
        return played
      } catch {
        try await cluster.end()
        throw error
      }
    }
  }

  private static func play(
    _ scenario: Scenario, _ cluster: LiveCluster, _ directory: String, _ loop: any EventLoop,
    _ changes: (inout FieldPlan) -> Void
  ) async throws -> Played {
    var scenario = scenario
    var plan = FieldPlan(nodes: [.init(), .init()])
    let addresses = try await loop.submit {
      [NodeID(0), NodeID(1)].map { "127.0.0.1:\(cluster.address(of: $0).port ?? 0)" }
    }.get()
    for index in addresses.indices { plan.nodes[index].address = addresses[index] }
    plan.url = try await loop.submit { cluster.url }.get()
    plan.socket = cluster.runtimePath
    plan.commands.start = "echo started {node} as {release}, $FALSEWORK_PORT"
    plan.commands.stop = "echo stopped {node}"
    plan.commands.upgrade = "echo installed {release}"
    plan.poll = .milliseconds(5)
    plan.watch = .milliseconds(10)
    changes(&plan)
    scenario.field = plan
    let log = EventLog()
    let end = try await LiveRun.run(
      scenario, seed: 1, field: .init(logDirectory: directory), on: loop,
      observer: { log.add($0) })
    var logs: [String: String] = [:]
    for name in try FileManager.default.contentsOfDirectory(atPath: directory) {
      logs[name] = try String(contentsOfFile: "\(directory)/\(name)", encoding: .utf8)
    }
    return Played(end: end, events: log.events, logs: logs)
  }

  @Test func `the rotation acts by the socket and by commands`() async throws {
    // These nodes never stop, and a look in the wrong moment would see that they serve.
    let played = try await Self.play { $0.watch = .zero }
    #expect(played.end.rotation == .completed)
    #expect(played.marks.last == .ended)
    let log = try #require(played.logs["keystone1.log"]).split(separator: "\n")
    let said = log.filter { !$0.hasPrefix("---") }
    #expect(said.count == 3)
    #expect(said[0] == "stopped keystone1" && said[1] == "installed ocata")
    #expect(said[2].hasPrefix("started keystone1 as ocata, "))
    #expect(played.phases == [.serving, .finishing, .stopped, .starting, .serving])
    let beliefs = played.events.compactMap { event -> String? in
      guard case .believed(ServerID(0), let belief, _) = event else { return nil }
      return belief.description
    }
    #expect(beliefs.first == "UP" && beliefs.contains("MAINT") && beliefs.last == "UP")
    #expect(played.end.counts.inFlight == 0)
    #expect((played.end.proxyCounters["back/keystone1.stot"] ?? 0) > 0)
  }

  @Test func `a command that fails ends the rotation with what it wrote`() async throws {
    let played = try await Self.play {
      $0.commands.start = "echo no such unit >&2; exit 5"
    }
    guard case .aborted(let reason)? = played.end.rotation else {
      Issue.record("\(String(describing: played.end.rotation))")
      return
    }
    #expect(reason.hasPrefix("keystone1: 'echo no such unit >&2; exit 5' ended with status 5; "))
    #expect(reason.contains("it wrote: no such unit"))
  }

  @Test func `a command that takes too long is ended`() async throws {
    let played = try await Self.play {
      $0.timeout = .milliseconds(100)
      $0.commands.stop = "sleep 30"
    }
    guard case .aborted(let reason)? = played.end.rotation else {
      Issue.record("\(String(describing: played.end.rotation))")
      return
    }
    #expect(reason.contains("'sleep 30' took longer than 100ms"))
  }

  @Test func `steps for the cluster are commands as well`() async throws {
    let steps = "{database: expand}, {keys: distribute, on: keystone2}, {cache: flush}"
    let played = try await Self.play(
      "{strategy: maint, begin: 50ms, settle: 20ms, poll: 5ms, steps: [\(steps)]}"
    ) {
      $0.database = "echo db {phase} {release}"
      $0.keys = "echo keys {order} {kind} of {node} to {to}"
      $0.cache = "echo cache [{node}]"
    }
    #expect(played.end.rotation == .completed)
    let said = try #require(played.logs["cluster.log"]).split(separator: "\n").filter {
      !$0.hasPrefix("---")
    }
    #expect(
      said == [
        "db expand ocata", "keys distribute fernet of keystone2 to keystone1", "cache []",
      ])
  }

  @Test(arguments: [("exit 3", RunEnd?.none), ("exec sleep 60", .some(.completed))])
  func `a load tool of the user's own has its say if it fails by itself`(
    command: String, how: RunEnd?
  ) async throws {
    let played = try await Self.play("{strategy: maint, begin: 200ms, settle: 20ms, poll: 5ms}") {
      $0.load = .init(command: command, patience: .seconds(5))
    }
    #expect(played.end.rotation == .completed)
    #expect(played.end.counts.sent == 0)
    #expect(
      played.end.how
        == how
        ?? .loadFailed(
          "'exit 3' ended with status 3; it wrote nothing (\(Self.path(played)))"))
  }

  private static func path(_ played: Played) -> String {
    played.end.toolFailure.map { String($0.split(separator: "(").last?.dropLast() ?? "") } ?? ""
  }

  @Test(arguments: [
    "graceful": "the rotation takes out keystone1, and field.graceful has no command for it",
    "kill": "the rotation takes out keystone1, and field.kill has no command for it",
  ])
  func `a plan without a command that is needed does not begin`(
    signal: String, message: String
  ) async throws {
    await #expect(throws: LiveError.unsupported(message)) {
      _ = try await Self.play("{strategy: restart, signal: \(signal)}")
    }
  }

  @Test func `nothing begins where a node or the socket does not answer`() async throws {
    await #expect(throws: LiveError.self) {
      _ = try await Self.play { $0.nodes[1].address = "127.0.0.1:1" }
    }
    await #expect(throws: LiveError.self) {
      _ = try await Self.play { $0.socket = "/nowhere/admin.sock" }
    }
  }
}
