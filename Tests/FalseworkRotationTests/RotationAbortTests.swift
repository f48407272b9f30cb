// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import Testing

@testable import FalseworkRotation

/// How a rotation is given up, and what it no longer does then.
@Suite struct RotationAbortTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var reason: String
    var at: Interval
    var change: @Sendable (inout RotationWorld.Behaviour) -> Void
  }

  /// Told at 1 s, stopped at 3 s, gone at 3.1 s, answering at 5.1 s, up at 6.1 s.
  private static let plan = RotationPlan.plan(
    .drain, wait: .fixed(.seconds(2)), awaitUp: true, patience: .seconds(30))

  static let cases: [Case] = [
    Case(
      testDescription: "the proxy refuses",
      reason: "the proxy refused for k1: No such server.", at: .seconds(1)
    ) { $0.refusals = ["set server keystone/k1 state drain": "No such server.\n\n"] },
    Case(
      testDescription: "the proxy refuses the return",
      reason: "the proxy refused for k1: Permission denied", at: .milliseconds(5_100)
    ) { $0.refusals = ["set server keystone/k1 state ready": "Permission denied\n"] },
    Case(
      testDescription: "the proxy is silent",
      reason: "the proxy did not answer for k1 within 30s", at: .seconds(31)
    ) { $0.silent = ["set server keystone/k1 state drain"] },
    Case(
      testDescription: "the proxy is silent at the return",
      reason: "the proxy did not answer for k1 within 30s", at: .milliseconds(35_100)
    ) { $0.silent = ["set server keystone/k1 state ready"] },
    Case(
      testDescription: "the node does not exit",
      reason: "k1 did not exit within 30s", at: .seconds(33)
    ) { $0.silent = ["stop"] },
    Case(
      testDescription: "the node does not answer",
      reason: "k1 did not answer within 30s", at: .milliseconds(33_100)
    ) { $0.load = .seconds(31) },
    Case(
      testDescription: "no look at the node ends",
      reason: "k1 did not answer within 30s", at: .milliseconds(33_100)
    ) { $0.silent = ["probe"] },
    Case(
      testDescription: "the proxy does not take it back",
      reason: "the proxy did not take k1 back within 30s", at: .milliseconds(35_100)
    ) { $0.rise = .seconds(31) },
  ]

  @Test(arguments: cases) func `a rotation is given up with the reason and goes no further`(
    case: Case
  ) {
    var behaviour = RotationWorld.Behaviour()
    `case`.change(&behaviour)
    var world = RotationWorld(Self.plan, behaviour)
    world.run()
    #expect(world.outcome == .aborted(`case`.reason))
    #expect(world.marks.last?.step == .aborted(`case`.reason))
    #expect(world.now == .start + `case`.at)
    #expect(world.stopped.allSatisfy { $0.node == 0 })
    #expect(world.rotation.isFinished)
    #expect(world.rotation.nextWake == .never)
  }

  @Test func `after the end nothing that comes changes anything`() {
    var behaviour = RotationWorld.Behaviour()
    behaviour.silent = ["stop"]
    var world = RotationWorld(Self.plan, behaviour)
    world.run()
    var rotation = world.rotation
    var effects: [Rotation.Effect] = []
    let later = world.now + .seconds(100)
    rotation.wake(now: later, into: &effects)
    rotation.exited(NodeID(0), now: later, into: &effects)
    for id in 0..<20 {
      rotation.answered(CommandID(id), "error", now: later, into: &effects)
      rotation.probed(ProbeID(id), answered: true, now: later, into: &effects)
    }
    #expect(effects == [])
    #expect(rotation.isFinished)
  }

  @Test func `one refusal in a batch ends the whole`() {
    var behaviour = RotationWorld.Behaviour()
    behaviour.refusals = ["set server keystone/k2": "No such server.\n"]
    var world = RotationWorld(
      .plan(.maint, batch: .count(3), wait: .fixed(.seconds(5))), behaviour)
    world.run()
    #expect(world.outcome == .aborted("the proxy refused for k2: No such server."))
    #expect(world.stopped.count == 0)
  }

  // MARK: Stale names

  @Test func `an answer that comes twice counts once`() {
    var rotation = Rotation(plan: .plan(.maint, order: [0, 1]), nodes: .twice, now: .start)
    var effects: [Rotation.Effect] = []
    let now = Instant.start + .seconds(1)
    rotation.wake(now: now, into: &effects)
    effects.removeAll()
    rotation.answered(CommandID(1), "\n", now: now, into: &effects)
    rotation.answered(CommandID(1), "\n", now: now, into: &effects)
    #expect(effects == [])
    rotation.answered(CommandID(2), "\n", now: now, into: &effects)
    #expect(effects.contains(.stop(NodeID(0), .terminate)))
  }

  @Test func `a look at the proxy from before the stop says nothing after it`() {
    var rotation = Rotation(
      plan: .plan(.drain, order: [0], wait: .untilIdle(cap: .seconds(1)), awaitUp: true),
      nodes: .three, now: .start)
    var effects: [Rotation.Effect] = []
    var now = Instant.start + .seconds(1)
    rotation.wake(now: now, into: &effects)
    rotation.answered(CommandID(1), "\n", now: now, into: &effects)
    #expect(effects.last == .command(CommandID(2), "show stat"))
    now = now + .seconds(1)
    rotation.wake(now: now, into: &effects)
    rotation.exited(NodeID(0), now: now, into: &effects)
    rotation.wake(now: now, into: &effects)
    rotation.probed(ProbeID(3), answered: true, now: now, into: &effects)
    rotation.answered(CommandID(4), "\n", now: now, into: &effects)
    #expect(effects.last == .command(CommandID(5), "show stat"))
    effects.removeAll()
    // The belief of a minute ago, which came late.
    let up = "# pxname,svname,status,\nkeystone,k1,UP,\n\n"
    rotation.answered(CommandID(2), up, now: now, into: &effects)
    #expect(effects == [])
    rotation.answered(CommandID(5), up, now: now, into: &effects)
    #expect(rotation.isFinished)
  }

  @Test func `the exit of a node that nobody stopped is not ours`() {
    var rotation = Rotation(plan: .plan(.restart), nodes: .three, now: .start)
    var effects: [Rotation.Effect] = []
    let now = Instant.start + .seconds(1)
    rotation.wake(now: now, into: &effects)
    effects.removeAll()
    rotation.exited(NodeID(2), now: now, into: &effects)
    rotation.exited(NodeID(7), now: now, into: &effects)
    #expect(effects == [])
    rotation.exited(NodeID(0), now: now, into: &effects)
    #expect(effects.contains(.start(NodeID(0))))
  }

  @Test func `a look that failed is repeated`() {
    var rotation = Rotation(plan: .plan(.restart), nodes: .three, now: .start)
    var effects: [Rotation.Effect] = []
    let now = Instant.start + .seconds(1)
    rotation.wake(now: now, into: &effects)
    rotation.exited(NodeID(0), now: now, into: &effects)
    #expect(effects.last == .probe(ProbeID(1), NodeID(0)))
    rotation.probed(ProbeID(1), answered: false, now: now, into: &effects)
    rotation.probed(ProbeID(1), answered: true, now: now, into: &effects)
    #expect(rotation.nextWake == now + .seconds(1))
    rotation.wake(now: now + .seconds(1), into: &effects)
    #expect(effects.last == .probe(ProbeID(2), NodeID(0)))
  }

  @Test func `an order of nobody and of a stranger is refused`() async {
    await #expect(processExitsWith: .failure) {
      _ = Rotation(plan: .plan(.restart, order: []), nodes: .three, now: .start)
    }
    await #expect(processExitsWith: .failure) {
      _ = Rotation(plan: .plan(.restart, order: [3]), nodes: .three, now: .start)
    }
  }

  @Test func `a node that cannot be stopped or started ends the rotation with the reason`() {
    var rotation = Rotation(
      plan: .plan(.kill, order: [0, 1]), nodes: .three, now: .start)
    var effects: [Rotation.Effect] = []
    let now = Instant.start + .seconds(1)
    rotation.failed(NodeID(0), "too early", now: now, into: &effects)
    rotation.wake(now: now, into: &effects)
    rotation.failed(NodeID(1), "not in this batch", now: now, into: &effects)
    #expect(!rotation.isFinished)
    rotation.failed(NodeID(0), "'kill' ended with status 1", now: now, into: &effects)
    #expect(effects.last == .finished(.aborted("k1: 'kill' ended with status 1")))
    #expect(rotation.isFinished)
  }
}
