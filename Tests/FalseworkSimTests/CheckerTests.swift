// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkKeystone
import FalseworkProxy
import FalseworkScenario
import Testing

@testable import FalseworkLoad
@testable import FalseworkSim

/// Each checker is shown what it must find: a checker that cannot fail checks nothing.
struct CheckerTests {
  private static func outcome(_ number: Int, _ verdict: Outcome.Verdict = .ok) -> Outcome {
    Outcome(
      number: number, task: 0, step: 0, user: 0, journey: 1, due: .start, sent: .start,
      firstByte: .start, done: .start, newConnection: true, localPort: 1, ordinal: 1, status: 200,
      verdict: verdict, lackedToken: false, preliminary: false)
  }

  private static func client(_ index: UInt32) -> ClientID {
    ClientID(index: index, generation: 0)
  }

  private static func counts(sent: Int, ok: Int, failed: Int) -> LoadEngine.Counts {
    LoadEngine.Counts(sent: sent, ok: ok, failed: failed)
  }

  @Test func `a request that ends once is no violation`() {
    var checker = EndingsChecker()
    checker.ended(Self.outcome(1), now: .start)
    checker.ended(Self.outcome(2, .closed), now: .start)
    checker.toldToProxy(Self.client(0), now: .start)
    checker.endedAtProxy(Self.client(0), wasAsked: true, now: .start)
    checker.runEnded(Self.counts(sent: 2, ok: 1, failed: 1), now: .start)
    #expect(checker.violations.isEmpty)
  }

  @Test func `a request that ends twice is found`() {
    var checker = EndingsChecker()
    checker.ended(Self.outcome(1), now: .start)
    checker.ended(Self.outcome(1), now: .start)
    #expect(checker.violations.count == 1)
  }

  @Test func `a request that never ends is found`() {
    var checker = EndingsChecker()
    checker.ended(Self.outcome(2), now: .start)
    checker.runEnded(Self.counts(sent: 1, ok: 1, failed: 0), now: .start)
    #expect(checker.violations.map(\.what) == ["request 1 never ended"])
  }

  @Test(arguments: [(3, 1, 1), (2, 2, 0)])
  func `a count that does not add up is found`(sent: Int, ok: Int, failed: Int) {
    var checker = EndingsChecker()
    checker.ended(Self.outcome(1), now: .start)
    checker.ended(Self.outcome(2, .closed), now: .start)
    checker.runEnded(Self.counts(sent: sent, ok: ok, failed: failed), now: .start)
    #expect(checker.violations.count == 1)
  }

  @Test func `a request that the proxy never had, or had twice, is found`() {
    var checker = EndingsChecker()
    checker.endedAtProxy(Self.client(0), wasAsked: true, now: .start)
    checker.toldToProxy(Self.client(1), now: .start)
    checker.toldToProxy(Self.client(1), now: .start)
    #expect(checker.violations.count == 2)
  }

  @Test(arguments: ["drain", "maint"])
  func `a request that comes after the acknowledgement and goes there is found`(
    state: String
  ) throws {
    let scenario = try ScenarioFiles.read("first-upgrade.yaml")
    let server = scenario.proxy.configuration.fullName(ServerID(0))
    let early = Instant.start + .seconds(1)
    let told = Instant.start + .seconds(2)
    let late = Instant.start + .seconds(3)
    var checker = DrainChecker(scenario: scenario)
    checker.requested(Self.client(0), now: early)
    checker.ordered("set server \(server) state \(state)", reply: "\n", now: told)
    // It came before: it may still be sent.
    checker.forwarded(Self.client(0), to: NodeID(0), now: late)
    #expect(checker.violations.isEmpty)
    checker.requested(Self.client(1), now: late)
    checker.forwarded(Self.client(1), to: NodeID(1), now: late)
    #expect(checker.violations.isEmpty)
    checker.forwarded(Self.client(1), to: NodeID(0), now: late)
    #expect(checker.violations.count == 1)
    checker.ordered("set server \(server) state ready", reply: "\n", now: late)
    checker.forwarded(Self.client(1), to: NodeID(0), now: late)
    #expect(checker.violations.count == 1)
  }

  @Test func `an order that was refused closes nothing`() throws {
    let scenario = try ScenarioFiles.read("first-upgrade.yaml")
    let server = scenario.proxy.configuration.fullName(ServerID(0))
    var checker = DrainChecker(scenario: scenario)
    checker.ordered("set server \(server) state drain", reply: "Permission denied\n\n", now: .start)
    checker.requested(Self.client(0), now: .start + .seconds(1))
    checker.forwarded(Self.client(0), to: NodeID(0), now: .start + .seconds(1))
    #expect(checker.violations.isEmpty)
  }

  @Test func `a node that goes back to an older release is found`() throws {
    let newton = try #require(Release(named: "newton"))
    let ocata = try #require(Release(named: "ocata"))
    var checker = VersionChecker(nodes: ["keystone1"])
    checker.turned(NodeID(0), .serving, newton, now: .start)
    checker.turned(NodeID(0), .serving, ocata, now: .start)
    #expect(checker.violations.isEmpty)
    checker.turned(NodeID(0), .serving, newton, now: .start)
    #expect(checker.violations.count == 1)
  }
}
