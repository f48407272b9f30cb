// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import Testing

@testable import FalseworkRotation

/// What a strategy of somebody's own is shown, and what becomes of its orders.
@Suite struct StrategyRunTests {
  /// Says the same whatever it sees.
  private struct Fixed: RotationStrategy {
    var wanted: [RotationOrder]
    var seen: [RotationView] = []

    mutating func decide(_ view: RotationView, into orders: inout [RotationOrder]) {
      seen.append(view)
      orders += wanted
    }
  }

  private static func world(
    _ orders: [RotationOrder], _ behaviour: RotationWorld.Behaviour = .init(),
    limit: Interval = .seconds(20)
  ) -> RotationWorld {
    var world = RotationWorld(
      Rotation(
        strategy: Fixed(wanted: orders), nodes: .three, gone: [NodeID(2)], poll: .seconds(1),
        limit: limit, now: .start), behaviour)
    world.run()
    return world
  }

  @Test func `what is so already is ordered once`() {
    let node = NodeID(0)
    let world = Self.world([
      .tell(node, .maint), .weigh(node, 50), .stop(node, .kill), .start(node),
      .stop(NodeID(2), .kill),
    ])
    #expect(
      world.transcript.filter { !$0.contains("show stat") }.prefix(11) == [
        "0.000 rotation began", "0.000 > set server keystone/k1 state maint",
        "0.000 > set server keystone/k1 weight 50%", "0.000 k1 stopping", "0.000 stop k1 kill",
        "0.000 k1 proxy told", "0.000 k1 weight 50%", "0.100 k1 exited", "0.100 k1 started",
        "0.100 start k1", "1.000 k1 stopping",
      ])
  }

  @Test func `a refusal ends it with the words`() {
    var behaviour = RotationWorld.Behaviour()
    behaviour.refusals = ["set server": "No such server.\n"]
    let world = Self.world([.tell(NodeID(1), .drain)], behaviour)
    #expect(world.outcome == .aborted("the proxy refused for k2: No such server."))
    #expect(world.rotation.isFinished && world.rotation.nextWake == .never)
  }

  @Test func `the limit ends it`() {
    let world = Self.world([])
    #expect(world.outcome == .aborted("the strategy did not end within 20s"))
    #expect(world.now == .start + .seconds(20))
  }

  @Test func `an order that failed ends it with the words`() {
    var rotation = Rotation(
      strategy: Fixed(wanted: [.stop(NodeID(1), .kill)]), nodes: .three, gone: [],
      poll: .seconds(1), limit: .seconds(20), now: .start)
    var effects: [Rotation.Effect] = []
    rotation.wake(now: .start, into: &effects)
    rotation.failed(NodeID(1), "stop ended with 1", now: .start, into: &effects)
    #expect(effects.last == .finished(.aborted("k2: stop ended with 1")))
    #expect(rotation.isFinished)
  }

  @Test func `after finish nothing is asked`() {
    let world = Self.world([.note("all is well"), .finish, .stop(NodeID(0), .kill)])
    #expect(world.outcome == .completed && world.stopped.isEmpty)
    #expect(world.marks.map(\.step) == [.began, .noted("all is well"), .ended])
  }

  /// Says what it sees, in the words of the view.
  private struct Reporter: RotationStrategy {
    mutating func decide(_ view: RotationView, into orders: inout [RotationOrder]) {
      let words = view.nodes.map {
        "\($0.name) \($0.process.rawValue) \($0.status) \($0.inFlight) \($0.isUp)"
      }
      orders.append(
        .note(
          words.joined(separator: ", ") + "; \(view.requests.failures)/\(view.requests.requests)"))
      if view.requests.requests > 1 { orders.append(.finish) }
    }
  }

  @Test func `it is shown processes, the proxy's words and requests`() {
    var behaviour = RotationWorld.Behaviour()
    behaviour.downUntil = [1: .seconds(3_600)]
    behaviour.requests = [
      .init(at: .milliseconds(500), failed: true), .init(at: .milliseconds(600)),
    ]
    var world = RotationWorld(
      Rotation(
        strategy: Reporter(), nodes: .three, gone: [NodeID(2)], poll: .seconds(1),
        limit: .seconds(9), now: .start), behaviour)
    world.run()
    #expect(
      world.marks.map(\.step.label) == [
        "rotation began",
        "k1 running DOWN 1/2 3 false, k2 running DOWN 1/2 3 false, k3 gone DOWN 1/2 3 false; 0/0",
        "k1 running UP 3 true, k2 running DOWN 1/2 3 false, k3 gone UP 3 true; 1/2",
        "rotation ended",
      ])
  }
}
