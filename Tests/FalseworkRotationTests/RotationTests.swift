// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import Testing

@testable import FalseworkRotation

@Suite struct RotationTests {
  private static func run(
    _ plan: RotationPlan, nodes: [RotationNode] = .three,
    _ behaviour: RotationWorld.Behaviour = .init()
  ) -> RotationWorld {
    var world = RotationWorld(plan, nodes: nodes, behaviour)
    world.run()
    return world
  }

  // MARK: The strategies, step by step

  @Test(arguments: [RotationPlan.Strategy.kill, .restart])
  func `kill and restart tell nobody`(strategy: RotationPlan.Strategy) {
    let signal: RotationPlan.Signal = strategy == .kill ? .kill : .terminate
    let world = Self.run(.plan(strategy, signal: signal, order: [1, 0]))
    #expect(
      world.transcript == [
        "1.000 rotation began", "1.000 batch 1 began",
        "1.000 k2 stopping", "1.000 stop k2 \(signal)", "1.100 k2 exited", "1.100 start k2",
        "1.100 k2 started", "3.100 k2 answering", "3.100 batch 1 ended",
        "5.100 batch 2 began", "5.100 k1 stopping", "5.100 stop k1 \(signal)",
        "5.200 k1 exited", "5.200 start k1", "5.200 k1 started", "7.200 k1 answering",
        "7.200 batch 2 ended", "7.200 rotation ended",
      ])
    #expect(world.outcome == .completed)
    #expect(world.commands == [])
  }

  @Test(arguments: [RotationPlan.Strategy.maint, .drain])
  func `maint and drain tell the proxy, wait, stop, start and declare ready`(
    strategy: RotationPlan.Strategy
  ) {
    let world = Self.run(.plan(strategy, order: [2], wait: .fixed(.seconds(5)), awaitUp: true))
    #expect(
      world.transcript == [
        "1.000 rotation began", "1.000 batch 1 began",
        "1.000 > set server keystone/k3 state \(strategy)", "1.000 k3 proxy told",
        "6.000 k3 stopping", "6.000 stop k3 terminate", "6.100 k3 exited", "6.100 start k3",
        "6.100 k3 started", "8.100 k3 answering", "8.100 > set server keystone/k3 state ready",
        "8.100 k3 ready", "8.100 > show stat", "9.100 > show stat", "9.100 k3 up",
        "9.100 batch 1 ended", "9.100 rotation ended",
      ])
    #expect(world.outcome == .completed)
  }

  @Test func `without a wait the stop follows the answer of the proxy at once`() {
    var behaviour = RotationWorld.Behaviour()
    behaviour.reply = .milliseconds(7)
    let world = Self.run(.plan(.maint, order: [0]), behaviour)
    #expect(
      world.transcript[3...5] == [
        "1.007 k1 proxy told", "1.007 k1 stopping", "1.007 stop k1 terminate",
      ])
  }

  @Test func `a wait begins when the proxy has answered`() {
    var behaviour = RotationWorld.Behaviour()
    behaviour.reply = .milliseconds(7)
    let world = Self.run(.plan(.drain, order: [0], wait: .fixed(.seconds(1))), behaviour)
    #expect(world.stopped[0].at == .start + .milliseconds(2_007))
  }

  @Test(arguments: RotationPlan.Signal.allCases)
  func `the node is stopped with the signal of the plan`(signal: RotationPlan.Signal) {
    #expect(
      Self.run(.plan(.drain, signal: signal)).stopped.map(\.signal) == [signal, signal, signal])
  }

  // MARK: Waiting until idle

  @Test func `until idle, a node is stopped when no request is in flight on it`() {
    var behaviour = RotationWorld.Behaviour()
    behaviour.drain = .milliseconds(2_500)
    let world = Self.run(
      .plan(.drain, order: [0], wait: .untilIdle(cap: .seconds(30))), behaviour)
    // Looks at 1, 2, 3 and 4 s.
    #expect(world.stopped[0].at == .start + .seconds(4))
    #expect(world.commands.count { $0 == "show stat" } == 4)
  }

  @Test func `but no later than the cap`() {
    var behaviour = RotationWorld.Behaviour()
    behaviour.drain = .seconds(600)
    let world = Self.run(
      .plan(.drain, order: [0], wait: .untilIdle(cap: .milliseconds(3_500))), behaviour)
    #expect(world.stopped[0].at == .start + .milliseconds(4_500))
    #expect(world.outcome == .completed)
  }

  @Test func `a node is idle when it is so under each of its names`() {
    var world = RotationWorld(
      .plan(.drain, order: [0], wait: .untilIdle(cap: .seconds(30))), nodes: .twice)
    world.run()
    #expect(
      world.commands.prefix(2) == [
        "set server public/k1 state drain", "set server admin/k1 state drain",
      ])
    #expect(world.outcome == .completed)
  }

  @Test func `answers that take longer than the time between two looks count`() {
    var behaviour = RotationWorld.Behaviour()
    behaviour.reply = .milliseconds(1_700)
    behaviour.look = .milliseconds(1_700)
    let world = Self.run(
      .plan(.drain, order: [0], wait: .untilIdle(cap: .seconds(30)), awaitUp: true), behaviour)
    #expect(world.outcome == .completed)
    #expect(world.stopped[0].at < .start + .seconds(7))
  }

  // MARK: Away and back

  @Test func `a node stays away as long as the plan says`() {
    let world = Self.run(.plan(.restart, order: [0], down: .seconds(20)))
    #expect(world.started[0].at - world.stopped[0].at == .milliseconds(20_100))
  }

  @Test func `at once, a node is declared ready when it was started, and still has to answer`() {
    let world = Self.run(.plan(.maint, order: [0, 1], ready: .atOnce))
    let ready = "set server keystone/k1 state ready"
    #expect(world.transcript.contains("1.100 > \(ready)"))
    #expect(world.transcript.contains("1.100 k1 ready"))
    #expect(world.transcript.contains("3.100 k1 answering"))
    #expect(world.commands.count { $0 == ready } == 1)
    #expect(world.stopped[1].at == .start + .milliseconds(5_100))
  }

  @Test(arguments: RotationPlan.Strategy.allCases)
  func `the proxy's own UP is awaited under every strategy if the plan says so`(
    strategy: RotationPlan.Strategy
  ) {
    var behaviour = RotationWorld.Behaviour()
    behaviour.rise = .seconds(10)
    behaviour.operation = .zero
    let world = Self.run(
      .plan(strategy, order: [0], awaitUp: true, poll: .milliseconds(100)), behaviour)
    #expect(world.marks.map(\.step).suffix(3) == [.up, .batchEnded(1), .ended])
    // Stopped at 1, gone at 1.1, answering at 3.1.
    #expect(world.now == .start + .milliseconds(13_100))
  }

  @Test(
    arguments: [("UP", true), ("no check", true), ("UP 1/3", false), ("DOWN", false)]
      + [("DOWN 1/2", false), ("MAINT", false), ("DRAIN", false), ("NOLB", false)])
  func `of the proxy's words for a server only UP and no check end the wait`(
    status: String, isUp: Bool
  ) {
    var behaviour = RotationWorld.Behaviour()
    behaviour.refusals = ["show stat": "# pxname,svname,status,\nkeystone,k1,\(status),\n\n"]
    let world = Self.run(
      .plan(.restart, order: [0], awaitUp: true, patience: .seconds(5)), behaviour)
    #expect((world.outcome == .completed) == isUp)
  }

  @Test func `a node that the proxy does not know is not told about`() {
    let nodes = [RotationNode(id: NodeID(0), name: "k1", servers: [])]
    let world = Self.run(.plan(.drain, order: [0], wait: .fixed(.seconds(5))), nodes: nodes)
    #expect(world.commands == [])
    #expect(
      world.marks.map(\.step) == [
        .began, .batchBegan(1), .stopping, .exited, .started, .answering, .batchEnded(1), .ended,
      ])
    let atOnce = Self.run(.plan(.drain, order: [0], ready: .atOnce), nodes: nodes)
    #expect(atOnce.marks.map(\.step) == world.marks.map(\.step))
  }

  // MARK: Batches

  static let batches: [(RotationPlan.Batch, Int, [Int])] = [
    (.count(1), 3, [1, 1, 1]), (.count(2), 3, [2, 1]), (.count(3), 3, [3]), (.count(9), 3, [3]),
    (.count(0), 2, [1, 1]), (.percent(50), 4, [2, 2]), (.percent(50), 5, [2, 2, 1]),
    (.percent(1), 3, [1, 1, 1]), (.percent(100), 3, [3]), (.percent(34), 3, [1, 1, 1]),
  ]

  @Test(arguments: batches) func `nodes go out in batches of a count or a share of all`(
    batch: RotationPlan.Batch, count: Int, sizes: [Int]
  ) {
    let world = Self.run(
      .plan(.restart, batch: batch, order: Array(0..<count)), nodes: .many(count))
    var expected: [Int] = []
    for (place, size) in sizes.enumerated() {
      // Each batch takes 2.1 s and is followed by 2 s of rest.
      expected += Array(repeating: 1_000 + place * 4_100, count: size)
    }
    #expect(world.stopped.map { Int(($0.at - .start).milliseconds) } == expected)
    #expect(world.stopped.map(\.node) == Array(0..<count))
    #expect(world.outcome == .completed)
  }

  @Test func `the order is the plan's`() {
    #expect(Self.run(.plan(.restart, order: [2, 0, 1])).stopped.map(\.node) == [2, 0, 1])
  }

  @Test func `a node that is not in the order is left alone`() {
    let world = Self.run(.plan(.restart, order: [2]))
    #expect(world.stopped.map(\.node) == [2])
    #expect(world.outcome == .completed)
  }

  @Test func `a batch waits for its slowest node`() {
    var world = RotationWorld(.plan(.restart, batch: .count(2), order: [0, 1, 2]))
    var effects: [Rotation.Effect] = []
    while world.started.count < 2 { _ = world.step() }
    // The first answers, the second does not yet.
    let probe = ProbeID(1)
    world.rotation.probed(probe, answered: true, now: world.now, into: &effects)
    #expect(
      !effects.contains { if case .mark(let m) = $0 { m.step == .batchEnded(1) } else { false } })
    world.run()
    #expect(world.outcome == .completed)
    #expect(world.stopped[2].at >= .start + .milliseconds(5_100))
  }

  // MARK: Time

  @Test func `nothing happens before its time`() {
    var rotation = Rotation(plan: .plan(.maint), nodes: .three, now: .start)
    var effects: [Rotation.Effect] = []
    #expect(rotation.nextWake == .start + .seconds(1))
    rotation.wake(now: .start + .milliseconds(999), into: &effects)
    #expect(effects == [])
  }

  @Test(arguments: RotationPlan.Strategy.allCases)
  func `a rotation that nobody answers still ends`(strategy: RotationPlan.Strategy) {
    for silent in ["set server", "stop", "probe", "show stat"] {
      var behaviour = RotationWorld.Behaviour()
      behaviour.silent = [silent]
      let world = Self.run(
        .plan(strategy, wait: .untilIdle(cap: .seconds(5)), awaitUp: true), behaviour)
      #expect(world.outcome != nil, "\(silent)")
      #expect(world.rotation.nextWake == .never)
      #expect(world.rotation.isFinished)
    }
  }

  @Test func `at a faster pace every time is shorter, and a look never less than 1 ms`() {
    let plan = RotationPlan.plan(
      .drain, begin: .seconds(10), wait: .untilIdle(cap: .seconds(30)), down: .seconds(20),
      settle: .seconds(5), poll: .milliseconds(5), patience: .seconds(60))
    let fast = RotationPlan.plan(
      .drain, begin: .seconds(1), wait: .untilIdle(cap: .seconds(3)), down: .seconds(2),
      settle: .milliseconds(500), poll: .milliseconds(1), patience: .seconds(6))
    #expect(plan.divided(by: 10) == fast)
    #expect(
      RotationPlan.plan(.drain, wait: .fixed(.seconds(5))).divided(by: 10).wait
        == .fixed(.milliseconds(500)))
  }

  @Test(arguments: 1...20) func `the same answers give the same effects, and a late one none`(
    seed: UInt64
  ) {
    func chaos() -> ([String], Rotation) {
      var chance = SeededGenerator(seed: seed, stream: "rotation")
      var behaviour = RotationWorld.Behaviour()
      behaviour.reply = .milliseconds(Int64(chance.below(1_500)))
      behaviour.look = .milliseconds(Int64(chance.below(1_500)))
      behaviour.exit = .milliseconds(Int64(chance.below(3_000)))
      behaviour.load = .milliseconds(Int64(chance.below(9_000)))
      behaviour.rise = .milliseconds(Int64(chance.below(9_000)))
      let strategies = RotationPlan.Strategy.allCases
      let strategy = strategies[Int(chance.below(UInt64(strategies.count)))]
      let world = Self.run(
        .plan(
          strategy, batch: .count(1 + Int(chance.below(3))), wait: .untilIdle(cap: .seconds(4)),
          ready: chance.below(2) == 0 ? .atOnce : .whenAnswering, awaitUp: chance.below(2) == 0),
        behaviour)
      return (world.transcript, world.rotation)
    }
    let (first, rotation) = chaos()
    let (second, same) = chaos()
    #expect(first == second)
    #expect(rotation == same)
    #expect(first.last?.hasSuffix("rotation ended") == true)
    // Each node is stopped and started once, in this order.
    for node in ["k1", "k2", "k3"] {
      let steps = first.filter { $0.contains(" stop \(node) ") || $0.hasSuffix(" start \(node)") }
      #expect(steps.count == 2 && steps[0].contains("stop"))
    }
  }
}
