// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import Testing

@testable import FalseworkRotation

/// A node that fails its health check and goes on serving.
@Suite struct RotationFailCheckTests {
  @Test
  func `the check fails, the node stops after the wait, and the check passes before its start`() {
    var world = RotationWorld(
      .plan(.failCheck, order: [2], wait: .fixed(.seconds(5)), down: .seconds(1), awaitUp: true))
    world.run()
    #expect(
      world.transcript == [
        "1.000 rotation began", "1.000 batch 1 began", "1.000 do: check of k3 fails",
        "1.200 k3 check fails", "6.200 k3 stopping", "6.200 stop k3 terminate",
        "6.300 k3 exited", "6.300 do: check of k3 passes", "7.300 start k3", "7.300 k3 started",
        "9.300 k3 answering", "9.300 > show stat", "10.300 > show stat", "10.300 k3 up",
        "10.300 batch 1 ended", "10.300 rotation ended",
      ])
  }

  private static func draining(_ status: String) -> Bool {
    var rotation = Rotation(
      plan: .plan(.failCheck, begin: .zero, wait: .untilIdle(cap: .seconds(60))), nodes: .three,
      now: .start)
    var effects: [Rotation.Effect] = []
    rotation.wake(now: .start, into: &effects)
    rotation.operated(OperationID(1), refusal: nil, now: .start, into: &effects)
    rotation.answered(
      CommandID(2), "# pxname,svname,scur,status\nkeystone,k1,0,\(status)\n", now: .start,
      into: &effects)
    return !effects.contains(.stop(NodeID(0), .terminate))
  }

  @Test(arguments: [
    ("UP", true), ("UP 1/3", true), ("DOWN", false), ("DOWN 1/2", false), ("NOLB", false),
    ("MAINT", false), ("no check", true),
  ])
  func `idle is one that the proxy sends nothing any more`(status: String, waits: Bool) {
    #expect(Self.draining(status) == waits)
  }

  @Test func `a check that cannot fail ends the rotation`() {
    var behaviour = RotationWorld.Behaviour()
    behaviour.refusedOperations = ["check of k1 fails": "newton has no /healthcheck"]
    var world = RotationWorld(.plan(.failCheck), behaviour)
    world.run()
    #expect(world.outcome == .aborted("newton has no /healthcheck"))
  }
}
