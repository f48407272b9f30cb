// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import Testing

@testable import FalseworkRotation

@Suite struct RotationStepTests {
  private static func run(
    _ steps: [RotationStep], _ behaviour: RotationWorld.Behaviour = .init(),
    batch: RotationPlan.Batch = .count(1)
  ) -> RotationWorld {
    var plan = RotationPlan.plan(.restart, batch: batch)
    plan.steps = steps
    var world = RotationWorld(plan, behaviour)
    world.run()
    return world
  }

  private static let expand = RotationStep.operation(.database(.expand, as: nil))
  private static let contract = RotationStep.operation(.database(.contract, as: "ocata"))

  @Test func `steps are done in their order, and the nodes between them in batches`() {
    let world = Self.run([
      Self.expand, .nodes([NodeID(1)]), .pause(.seconds(5)), .nodes([NodeID(0), NodeID(2)]),
      Self.contract,
    ])
    let labels = world.marks.map(\.step.label).filter {
      !["stopping", "exited", "started", "answering"].contains($0)
    }
    #expect(
      labels == [
        "rotation began", "database expand", "batch 1 began", "batch 1 ended", "pause of 5s",
        "batch 2 began", "batch 2 ended", "batch 3 began", "batch 3 ended", "database contract",
        "rotation ended",
      ])
    #expect(world.stopped.map(\.node) == [1, 0, 2])
    #expect(world.outcome == .completed)
  }

  @Test func `a rotation of the order alone is one step of nodes`() {
    var explicit = RotationPlan.plan(.maint, batch: .count(2), awaitUp: true)
    var implied = RotationWorld(explicit)
    implied.run()
    explicit.steps = [.nodes(explicit.order)]
    var world = RotationWorld(explicit)
    world.run()
    #expect(world.transcript == implied.transcript)
  }

  @Test func `a batch does not reach over the end of its step`() {
    let world = Self.run(
      [.nodes([NodeID(0)]), Self.expand, .nodes([NodeID(1), NodeID(2)])], batch: .count(2))
    #expect(world.transcript.filter { $0.contains(" stop ") || $0.contains("do:") }.count == 4)
    let second = world.stopped.suffix(2).map(\.at)
    #expect(second[0] == second[1] && world.stopped[0].at < second[0])
  }

  @Test func `a node may come twice, with the old process gone before the new`() {
    let world = Self.run([.nodes([NodeID(0)]), .nodes([NodeID(0)])])
    #expect(world.stopped.map(\.node) == [0, 0])
    #expect(world.started.count == 2)
    #expect(world.outcome == .completed)
  }

  @Test func `steps without nodes need none`() {
    let world = Self.run([Self.expand])
    #expect(world.outcome == .completed)
    #expect(world.stopped.isEmpty)
  }

  @Test func `a step that is refused ends the rotation with its reason`() {
    let world = Self.run(
      [Self.expand, .nodes([NodeID(0)])], .init(refusedOperations: ["database expand": "no"]))
    #expect(world.outcome == .aborted("no"))
    #expect(world.stopped.isEmpty)
  }

  @Test func `a step that does not end is given up`() {
    let world = Self.run([Self.expand], .init(silent: ["operate"]))
    #expect(world.outcome == .aborted("a step took longer than 1m"))
    #expect(world.now == .start + .seconds(61))
  }

  @Test func `an answer to another step changes nothing`() {
    var plan = RotationPlan.plan(.restart)
    plan.steps = [Self.expand, Self.contract]
    var rotation = Rotation(plan: plan, nodes: .three, now: .start)
    var effects: [Rotation.Effect] = []
    rotation.operated(OperationID(1), refusal: "early", now: .start, into: &effects)
    rotation.wake(now: .start + .seconds(1), into: &effects)
    effects.removeAll()
    rotation.operated(OperationID(2), refusal: "stale", now: .start, into: &effects)
    #expect(effects.isEmpty && !rotation.isFinished)
    rotation.operated(OperationID(1), refusal: nil, now: .start, into: &effects)
    #expect(effects.contains(.operate(OperationID(2), .database(.contract, as: "ocata"))))
  }

  @Test(arguments: [
    (RotationStep.Operation.database(.sync, as: nil), "database synced"),
    (.flushCache(nil), "caches flushed"), (.flushCache(NodeID(2)), "cache of k3 flushed"),
    (.keys(.setup, .fernet, on: NodeID(0)), "fernet keys of k1 set up"),
    (.keys(.remove, .credential, on: NodeID(0)), "credential keys of k1 removed"),
    (.keys(.rotate, .jws, on: NodeID(0)), "jws keys of k1 rotated"),
    (
      .keys(.distribute(to: [], half: false), .fernet, on: NodeID(1)),
      "fernet keys of k2 distributed"
    ),
    (
      .keys(.distribute(to: [], half: true), .fernet, on: NodeID(1)),
      "fernet keys of k2 half distributed"
    ),
  ])
  func `an operation says in a few words what it is`(
    operation: RotationStep.Operation, label: String
  ) {
    #expect(operation.label { ["k1", "k2", "k3"][$0.index] } == label)
  }

  @Test func `divided, pauses are shorter and the steps the same`() {
    var plan = RotationPlan.plan(.restart)
    plan.steps = [Self.expand, .pause(.seconds(10))]
    #expect(plan.divided(by: 10).steps == [Self.expand, .pause(.seconds(1))])
  }
}
