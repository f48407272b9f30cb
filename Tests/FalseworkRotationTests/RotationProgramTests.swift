// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import Testing

@testable import FalseworkRotation

/// More nodes, fewer requests at first: what becomes of a plan when it is written out.
@Suite struct RotationProgramTests {
  /// What the proxy and the nodes were told, without looks.
  private static func orders(
    _ strategy: RotationPlan.Strategy, nodes: Int, order: [Int],
    _ change: (inout RotationPlan) -> Void
  ) -> [String] {
    var plan = RotationPlan.plan(strategy, order: order, awaitUp: true)
    change(&plan)
    var world = RotationWorld(plan, nodes: .many(nodes))
    world.run()
    #expect(world.outcome == .completed)
    return world.transcript.compactMap { line -> String? in
      guard let space = line.firstIndex(of: " ") else { return nil }
      let text = String(line[space...].dropFirst())
      guard !text.contains("show stat"),
        ["> ", "stop ", "start "].contains(where: { text.hasPrefix($0) })
      else { return nil }
      return text.replacing("> set server keystone/", with: "").replacing(" terminate", with: "")
    }
  }

  @Test func `a ramp goes down, stops, starts and goes up`() {
    let orders = Self.orders(.ramp, nodes: 2, order: [0]) {
      $0.ramp = RotationPlan.Ramp(down: [50, 0], up: [25, 100], every: .seconds(1))
    }
    #expect(
      orders == [
        "k1 weight 50%", "k1 weight 0%", "stop k1", "start k1", "k1 weight 25%", "k1 weight 100%",
      ])
  }

  @Test func `a ramp beside maint lies around it`() {
    let orders = Self.orders(.maint, nodes: 2, order: [0]) {
      $0.ramp = RotationPlan.Ramp(down: [50, 0], up: [50, 100], every: .seconds(1))
    }
    #expect(
      orders == [
        "k1 weight 50%", "k1 weight 0%", "k1 state maint", "stop k1", "start k1", "k1 weight 50%",
        "k1 state ready", "k1 weight 100%",
      ])
  }

  @Test func `a canary gets its weights one by one before the others go`() {
    let orders = Self.orders(.maint, nodes: 3, order: [0, 1, 2]) {
      $0.canary = RotationPlan.Canary(nodes: 1, weights: [10, 100], soak: .seconds(9))
      $0.batch = .percent(100)
    }
    #expect(
      orders == [
        "k1 state maint", "stop k1", "start k1", "k1 weight 10%", "k1 state ready",
        "k1 weight 100%", "k2 state maint", "k3 state maint", "stop k2", "stop k3", "start k2",
        "start k3", "k2 state ready", "k3 state ready",
      ])
  }

  @Test func `a surge comes first and goes last`() {
    let orders = Self.orders(.drain, nodes: 3, order: [0, 1]) { $0.surge = [NodeID(2)] }
    #expect(
      orders == [
        "start k3", "k3 state ready",
        "k1 state drain", "stop k1", "start k1", "k1 state ready",
        "k2 state drain", "stop k2", "start k2", "k2 state ready",
        "k3 state drain", "stop k3",
      ])
  }

  @Test func `blue and green are switched at once, and blue stays for a while`() {
    var plan = RotationPlan.plan(.restart, order: [0, 1], awaitUp: true, settle: .zero)
    plan.blueGreen = RotationPlan.BlueGreen(
      green: [NodeID(2), NodeID(3)], weights: [], scaleDownDelay: .seconds(30))
    var world = RotationWorld(plan, nodes: .many(4))
    world.run()
    #expect(
      world.transcript.filter { !$0.contains("show stat") && !$0.contains("batch") } == [
        "1.000 rotation began", "1.000 start k3", "1.000 k3 started", "1.000 start k4",
        "1.000 k4 started", "3.000 k3 answering", "3.000 k4 answering",
        "3.000 > set server keystone/k3 state ready",
        "3.000 > set server keystone/k4 state ready", "3.000 k3 ready", "3.000 k4 ready",
        "4.000 k3 up", "4.000 k4 up",
        "4.000 > set server keystone/k1 state maint",
        "4.000 > set server keystone/k2 state maint", "4.000 k1 proxy told", "4.000 k2 proxy told",
        "4.000 pause of 30s",
        "34.000 k1 stopping", "34.000 stop k1 terminate", "34.000 k2 stopping",
        "34.000 stop k2 terminate", "34.100 k1 exited", "34.100 k2 exited",
        "34.100 rotation ended",
      ])
  }

  @Test func `by weights, what green gets blue gives`() {
    let orders = Self.orders(.restart, nodes: 2, order: [0]) {
      $0.blueGreen = RotationPlan.BlueGreen(
        green: [NodeID(1)], weights: [10, 50, 100], scaleDownDelay: .zero)
    }
    #expect(
      orders == [
        "start k2", "k2 weight 10%", "k2 state ready", "k1 weight 90%", "k2 weight 50%",
        "k1 weight 50%", "k2 weight 100%", "k1 weight 0%", "k1 state maint", "stop k1",
      ])
  }

  @Test(arguments: [
    ([RotationPlan.Batch.count(1)], [1, 1, 1, 1, 1, 1, 1]), ([.count(1), .percent(100)], [1, 6]),
    ([.count(1), .percent(25), .percent(100)], [1, 1, 5]), ([.count(1), .count(2)], [1, 2, 2, 2]),
    ([.percent(50)], [3, 3, 1]),
  ])
  func `a list of batches is gone through, and its last repeated`(
    batches: [RotationPlan.Batch], sizes: [Int]
  ) {
    var plan = RotationPlan.plan(.kill, order: Array(0..<7))
    plan.batch = batches[0]
    plan.laterBatches = Array(batches.dropFirst())
    #expect(plan.batches(of: 7) == sizes)
    let groups = RotationProgram(plan).pieces.compactMap { piece -> Int? in
      if case .batch(let batch) = piece { batch.moves.count } else { nil }
    }
    #expect(groups == sizes)
  }

  @Test func `the lowest batch is the first that leaves the fewest`() {
    var plan = RotationPlan.plan(.maint)
    plan.laterBatches = [.percent(100)]
    let all = Set((0..<3).map { NodeID($0) })
    #expect(
      RotationProgram(plan).lowest(of: all)
        == RotationProgram.Low(batch: 2, taken: 2, left: 1))
    plan.laterBatches = []
    plan.surge = [NodeID(3)]
    #expect(
      RotationProgram(plan).lowest(of: all)
        == RotationProgram.Low(batch: 2, taken: 1, left: 3))
  }

  @Test func `a way back is found from anywhere in a switch`() {
    for tick in 0..<40 {
      var plan = RotationPlan.plan(.restart, order: [0], awaitUp: true, settle: .seconds(1))
      plan.blueGreen = RotationPlan.BlueGreen(
        green: [NodeID(1)], weights: [10, 50, 100], scaleDownDelay: .seconds(5))
      plan.onAbort = .rollback
      plan.gate = RotationPlan.Gate(
        soak: .seconds(1), ready: nil, failures: .count(0), p99: nil, requests: 0)
      var behaviour = RotationWorld.Behaviour()
      behaviour.requests = [.init(at: .milliseconds(1_100 + 500 * Int64(tick)), failed: true)]
      var world = RotationWorld(plan, nodes: .many(2), behaviour)
      world.run()
      guard case .aborted(let reason)? = world.outcome else { continue }
      #expect(reason.hasSuffix("rolled back"), "\(tick)")
      let blue = world.commands.filter { $0.contains("/k1 ") }
      let green = world.commands.filter { $0.contains("/k2 ") }
      #expect(blue.last { $0.contains("weight") }?.hasSuffix("100%") ?? true, "\(tick)")
      #expect(blue.last { $0.contains("state") }?.hasSuffix("ready") ?? true, "\(tick)")
      #expect(green.last { $0.contains("state") }?.hasSuffix("maint") ?? true, "\(tick)")
    }
  }
}
