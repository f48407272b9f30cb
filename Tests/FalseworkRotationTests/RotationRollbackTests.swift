// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import Testing

@testable import FalseworkRotation

/// The way back.
@Suite struct RotationRollbackTests {
  static let reasons = [
    "REASON; rolled back", "REASON; the way back failed: REASON",
    "REASON; no way back, since the database was contracted",
  ]

  private static func run(
    _ strategy: RotationPlan.Strategy, failingAt: Interval,
    _ behaviour: RotationWorld.Behaviour = .init(),
    _ change: (inout RotationPlan) -> Void = { _ in }
  ) -> RotationWorld {
    var plan = RotationPlan.plan(
      strategy, wait: .fixed(.seconds(1)), awaitUp: true, patience: .seconds(30))
    plan.onAbort = .rollback
    plan.gate = RotationPlan.Gate(
      soak: .seconds(5), ready: nil, failures: .count(0), p99: nil, requests: 0)
    change(&plan)
    var behaviour = behaviour
    behaviour.requests = [.init(at: failingAt, failed: true)]
    var world = RotationWorld(plan, behaviour)
    world.run()
    return world
  }

  @Test func `the nodes go back in reverse order, the same way`() {
    // Batches of maint begin at 1 s and 13.1 s; each is UP 4.1 s later.
    let world = Self.run(.maint, failingAt: .milliseconds(18_500))
    let from = world.transcript.firstIndex { $0.contains("rolling back") } ?? 0
    #expect(
      world.transcript[from...].filter { !$0.contains("show stat") } == [
        "18.500 rolling back: batch 2: 1 requests failed, more than 0",
        "18.500 batch 3 began",
        "18.500 > set server keystone/k2 state maint", "18.500 k2 proxy told",
        "19.500 k2 stopping", "19.500 stop k2 terminate", "19.600 k2 exited",
        "19.600 restore k2", "19.600 k2 started", "21.600 k2 answering",
        "21.600 > set server keystone/k2 state ready", "21.600 k2 ready", "22.600 k2 up",
        "22.600 batch 3 ended",
        "24.600 batch 4 began",
        "24.600 > set server keystone/k1 state maint", "24.600 k1 proxy told",
        "25.600 k1 stopping", "25.600 stop k1 terminate", "25.700 k1 exited",
        "25.700 restore k1", "25.700 k1 started", "27.700 k1 answering",
        "27.700 > set server keystone/k1 state ready", "27.700 k1 ready", "28.700 k1 up",
        "28.700 batch 4 ended",
        "28.700 aborted: batch 2: 1 requests failed, more than 0; rolled back",
      ])
    #expect(world.outcome == .aborted("batch 2: 1 requests failed, more than 0; rolled back"))
    #expect(world.rotation.isFinished && world.rotation.nextWake == .never)
  }

  @Test func `a node that was told and not stopped is only told again`() {
    let world = Self.run(.drain, failingAt: .milliseconds(1_500))
    #expect(world.stopped.isEmpty && world.started.isEmpty)
    #expect(
      world.commands.filter { $0 != "show stat" }.map { $0.split(separator: " ").last } == [
        "drain", "ready",
      ])
    #expect(world.outcome == .aborted("batch 1: 1 requests failed, more than 0; rolled back"))
  }

  @Test func `a check that was made to fail passes again`() {
    let world = Self.run(.failCheck, failingAt: .milliseconds(1_500))
    #expect(
      world.transcript.filter { $0.contains("do:") } == [
        "1.000 do: check of k1 fails", "1.500 do: check of k1 passes",
      ])
    #expect(world.outcome == .aborted("batch 1: 1 requests failed, more than 0; rolled back"))
  }

  @Test func `a node whose process is gone is not stopped again`() {
    var behaviour = RotationWorld.Behaviour()
    behaviour.exit = .milliseconds(100)
    let world = Self.run(.maint, failingAt: .milliseconds(2_500), behaviour) {
      $0.down = .seconds(2)
    }
    #expect(world.stopped.count == 1)
    #expect(world.transcript.contains("4.500 restore k1"))
    #expect(world.outcome == .aborted("batch 1: 1 requests failed, more than 0; rolled back"))
  }

  @Test func `weights are whole again when a node is back`() {
    let world = Self.run(.ramp, failingAt: .milliseconds(2_500)) {
      $0.ramp = RotationPlan.Ramp(down: [50, 0], up: [50, 100], every: .seconds(1))
    }
    #expect(world.commands.last { $0.contains("weight") } == "set server keystone/k1 weight 100%")
    #expect(world.outcome == .aborted("batch 1: 1 requests failed, more than 0; rolled back"))
  }

  @Test func `a way back that fails says both`() {
    var behaviour = RotationWorld.Behaviour()
    behaviour.refusals = ["set server keystone/k1 state ready": "No such server.\n"]
    let world = Self.run(.maint, failingAt: .milliseconds(1_500), behaviour)
    #expect(
      world.outcome
        == .aborted(
          "batch 1: 1 requests failed, more than 0; the way back failed: the proxy refused for k1: "
            + "No such server."))
  }

  @Test func `after the database was contracted there is no way back`() {
    let world = Self.run(.maint, failingAt: .milliseconds(9_000)) {
      $0.steps = [
        .nodes([NodeID(0)]), .operation(.database(.contract, as: nil)), .nodes([NodeID(1)]),
      ]
      $0.gate?.soak = .zero
    }
    #expect(
      world.outcome
        == .aborted(
          "batch 2: 1 requests failed, more than 0; no way back, since the database was contracted"
        ))
    #expect(!world.transcript.contains { $0.contains("restore") })
  }

  @Test func `with nothing done there is nothing to undo`() {
    let world = Self.run(.maint, failingAt: .seconds(100)) {
      $0.floor = 3
    }
    #expect(
      world.outcome == .aborted("fewer than 3 nodes would be ready during batch 1 for 30s"))
  }

  /// Whenever it turns round, it ends, and every node ends as it began.
  @Test(arguments: 1...30, RotationPlan.Strategy.allCases)
  func `wherever it is turned round, every node is back to where it was`(
    tick: Int, strategy: RotationPlan.Strategy
  ) {
    let world = Self.run(strategy, failingAt: .milliseconds(1_000 + 370 * Int64(tick))) {
      if strategy == .ramp { $0.ramp = .quarters }
      $0.batch = .count(2)
    }
    #expect(world.outcome.map { "\($0)" }?.contains("rolled back") == true)
    for node in ["k1", "k2", "k3"] {
      let lives = world.transcript.filter {
        $0.hasSuffix(" start \(node)") || $0.hasSuffix(" restore \(node)")
      }
      #expect(lives.isEmpty || lives.last?.contains("restore") == true)
      let words = world.commands.filter { $0.contains("/\(node) ") }
      let weights = words.filter { $0.contains("weight") }
      #expect(weights.isEmpty || weights.last?.hasSuffix("weight 100%") == true)
      let states = words.filter { $0.contains("state") }
      #expect(states.isEmpty || states.last?.hasSuffix("ready") == true)
    }
  }
}
