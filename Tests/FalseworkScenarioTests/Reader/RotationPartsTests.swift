// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkRotation
import FalseworkScenario
import Testing

/// Weights, gates, presets and more nodes.
@Suite struct RotationPartsTests {
  /// Four nodes with a weight and a check of `/healthcheck`; the last is disabled.
  private static let four =
    Sample.twoServers.replacing(
      "  server keystone1 127.0.0.1:15001\n  server keystone2 127.0.0.1:15002",
      with: """
          option httpchk
          http-check send meth GET uri /healthcheck
          default-server check inter 1s weight 100
          server keystone1 127.0.0.1:15001
          server keystone2 127.0.0.1:15002
          server keystone3 127.0.0.1:15003
          server keystone4 127.0.0.1:15004 disabled
        """)

  private static func plan(_ text: String, cfg: String = four) throws -> RotationPlan {
    let scenario = try Sample.read(
      "proxy: four.cfg\nrotation: {\(text)}", files: ["four.cfg": cfg])
    _ = scenario.makeRotation(now: .start)
    return try #require(scenario.rotation)
  }

  private static func problems(_ text: String, cfg: String = four) -> [String] {
    Sample.problems("proxy: four.cfg\nrotation: {\(text)}", files: ["four.cfg": cfg]).map {
      "\($0.path): found \($0.found), expected \($0.expected)"
    }
  }

  @Test func `a ramp is what is written, and quarters where nothing is`() throws {
    #expect(try Self.plan("strategy: ramp").ramp == .quarters)
    #expect(try Self.plan("strategy: maint").ramp == .none)
    #expect(try Self.plan("strategy: maint, ramp: 1s").ramp.every == .seconds(1))
    #expect(
      try Self.plan("maint: 1s, ramp: {down: [50%, 5%], up: [100%], every: 2s}").ramp
        == RotationPlan.Ramp(down: [50, 5], up: [100], every: .seconds(2)))
  }

  @Test func `batches may be a list`() throws {
    let plan = try Self.plan("strategy: kill, batch: [1, 25%, 100%]")
    #expect(plan.batch == .count(1) && plan.laterBatches == [.percent(25), .percent(100)])
  }

  @Test(arguments: [
    ("30s", RotationPlan.Gate.soak(.seconds(30))),
    (
      "{soak: 1s, ready: 2, failures: 3, p99: 500ms, requests: 40}",
      RotationPlan.Gate(
        soak: .seconds(1), ready: 2, failures: .count(3), p99: .milliseconds(500), requests: 40)
    ),
    (
      "{failures: 0.05%}",
      RotationPlan.Gate(soak: .zero, ready: nil, failures: .share(5), p99: nil, requests: 1)
    ),
    (
      "{failures: 2.5%}",
      RotationPlan.Gate(soak: .zero, ready: nil, failures: .share(250), p99: nil, requests: 1)
    ),
    (
      "{failures: 100%}",
      RotationPlan.Gate(soak: .zero, ready: nil, failures: .share(10_000), p99: nil, requests: 1)
    ),
  ])
  func `a gate is what is written`(text: String, gate: RotationPlan.Gate) throws {
    #expect(try Self.plan("strategy: maint, gate: \(text)").gate == gate)
  }

  @Test func `more nodes do not serve at first and are not taken out with the others`() throws {
    let surge = try Self.plan("maint: 1s, surge: [keystone4]")
    #expect(surge.surge == [NodeID(3)] && surge.spares == [NodeID(3)])
    #expect(surge.order == [NodeID(0), NodeID(1), NodeID(2)])
    let both = try Self.plan(
      "blue-green: {green: [keystone4], weights: [50%, 100%], scale-down-delay: 1m}, steps: [{nodes: all}]"
    )
    #expect(
      both.blueGreen
        == RotationPlan.BlueGreen(
          green: [NodeID(3)], weights: [50, 100], scaleDownDelay: .seconds(60)))
    #expect(both.steps == [.nodes([NodeID(0), NodeID(1), NodeID(2)])])
  }

  @Test func `a canary, a floor and a way back are what is written`() throws {
    let plan = try Self.plan(
      "maint: 1s, canary: {weights: [10%, 100%], soak: 9s}, floor: 2, on-abort: rollback")
    #expect(plan.canary == RotationPlan.Canary(nodes: 1, weights: [10, 100], soak: .seconds(9)))
    #expect(plan.floor == 2 && plan.onAbort == .rollback)
    #expect(try Self.plan("maint: 1s, canary: 2").canary?.nodes == 2)
  }

  @Test(arguments: RotationPreset.allCases)
  func `a preset is its values, and any key is laid over it`(preset: RotationPreset) throws {
    var expected = preset.plan
    expected.order = [NodeID(0), NodeID(1), NodeID(2), NodeID(3)]
    #expect(try Self.plan("preset: \(preset.rawValue)") == expected)
    let over = try Self.plan("preset: \(preset.rawValue), drain: 3s, batch: 2, patience: 9s")
    #expect(over.strategy == .drain && over.wait == .fixed(.seconds(3)))
    #expect(over.batch == .count(2) && over.laterBatches == [] && over.patience == .seconds(9))
    #expect(over.settle == expected.settle)
  }

  @Test(arguments: [
    (
      "strategy: ramp, ramp: {down: [50%]}",
      "rotation.ramp.down: found a list that ends elsewhere, expected 0% at its end, since the "
        + "strategy 'ramp' tells the proxy nothing else"
    ),
    (
      "maint: 1s, ramp: {up: [50%]}",
      "rotation.ramp.up: found a list that ends with 50%, expected 100% at its end"
    ),
    (
      "maint: 1s, ramp: {down: [50]}",
      "rotation.ramp.down[0]: found '50', expected a percentage from 0% to 100%"
    ),
    (
      "maint: 1s, canary: {weights: []}",
      "rotation.canary.weights: found an empty list, expected 100% at its end"
    ),
    ("maint: 1s, batch: []", "rotation.batch: found an empty list, expected one batch at least"),
    (
      "maint: 1s, gate: {failures: 1.234%}",
      "rotation.gate.failures: found '1.234%', expected a whole number, or a percentage such as 1% "
        + "or 0.05%"
    ),
    (
      "maint: 1s, gate: {failures: 101%}",
      "rotation.gate.failures: found '101%', expected a whole number, or a percentage such as 1% "
        + "or 0.05%"
    ),
    (
      "maint: 1s, gate: {requests: 5}",
      "rotation.gate.requests: found 'requests' alone, expected it beside 'failures' or 'p99'"
    ),
    (
      "maint: 1s, surge: [keystone3]",
      "rotation.surge: found back/keystone3, which gets requests before its node is started, expected "
        + "the word 'disabled' on its line in the proxy's configuration"
    ),
    (
      "maint: 1s, surge: [keystone4], order: [keystone1, keystone4]",
      "rotation.order[1]: found 'keystone4', which is there for the rotation alone, expected a node "
        + "that serves from the beginning"
    ),
    (
      "blue-green: {green: [keystone4]}, maint: 1s",
      "rotation.maint: found 'maint' beside 'blue-green', expected one of the two"
    ),
    (
      "maint: 1s, batch: [1, 100%], floor: 3, order: [keystone1, keystone2, keystone3]",
      "rotation.floor: found a floor of 3, but batch 2 takes 2 of 4 nodes, expected smaller batches, "
        + "or a floor of 2"
    ),
    (
      "preset: kolla-ansible, floor: 1",
      "rotation.floor: found a floor of 1, but batch 1 takes 4 of 4 nodes, expected smaller batches, "
        + "or a floor of 0"
    ),
  ])
  func `a plan that cannot be is refused`(text: String, message: String) {
    #expect(Self.problems(text) == [message])
  }

  @Test func `a share of a weight that comes to nothing is refused`() {
    #expect(
      Self.problems("strategy: ramp", cfg: Self.four.replacing(" weight 100", with: "")).first
        == "rotation: found 25% of the weight 1 of back/keystone1, which is 0, expected 'weight 100' on "
        + "its line in the proxy's configuration")
  }

  @Test(arguments: [
    (
      "option httpchk\n  http-check send meth GET uri /healthcheck", "option httpchk HEAD /",
      "a check of /"
    ),
    (
      "option httpchk\n  http-check send meth GET uri /healthcheck", "", "a check of the connection"
    ),
    ("default-server check inter 1s weight 100", "", "no check"),
  ])
  func `a check that does not ask for the health of a node cannot fail`(
    written: String, instead: String, found: String
  ) {
    #expect(Self.four.contains(written))
    #expect(
      Self.problems("strategy: fail-check", cfg: Self.four.replacing(written, with: instead)).first
        == "rotation.strategy: found \(found) of back/keystone1, expected a check of /healthcheck, "
        + "which is what a node can be told to fail")
  }
}
