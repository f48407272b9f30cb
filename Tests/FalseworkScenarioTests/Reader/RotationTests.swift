// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkRotation
import FalseworkScenario
import Testing

@Suite struct RotationTests {
  private func plan(_ text: String) throws -> RotationPlan {
    let scenario = try Sample.read("proxy: two.cfg\nrotation: {\(text)}")
    // A plan that the reader lets through makes a rotation, which has preconditions of its own.
    _ = scenario.makeRotation(now: .start)
    return try #require(scenario.rotation)
  }

  private func problems(_ text: String) -> [String] {
    Sample.problems("proxy: two.cfg\nrotation: {\(text)}").map {
      "\($0.path): found \($0.found), expected \($0.expected)"
        + ($0.nearest.map { " (\($0))" } ?? "")
    }
  }

  @Test func `what is left out has a value`() throws {
    #expect(
      try plan("strategy: restart")
        == RotationPlan(
          strategy: .restart, signal: .terminate, begin: .seconds(10), batch: .count(1),
          order: [NodeID(0), NodeID(1)], wait: .fixed(.zero), down: .zero, ready: .whenAnswering,
          awaitUp: true, settle: .seconds(2), poll: .milliseconds(100), patience: .seconds(60)))
  }

  @Test func `what is written is what is done`() throws {
    #expect(
      try plan(
        """
        strategy: drain, wait: 3s, signal: graceful, begin: 1s, batch: 50%, order: [keystone2],
        down: 20s, ready: at once, await-up: false, settle: 4s, poll: 50ms, patience: 2m
        """)
        == RotationPlan(
          strategy: .drain, signal: .graceful, begin: .seconds(1), batch: .percent(50),
          order: [NodeID(1)], wait: .fixed(.seconds(3)), down: .seconds(20), ready: .atOnce,
          awaitUp: false, settle: .seconds(4), poll: .milliseconds(50), patience: .seconds(120)))
  }

  @Test(arguments: RotationPlan.Strategy.allCases.filter { $0 != .failCheck && $0 != .ramp })
  func `a strategy alone is enough`(strategy: RotationPlan.Strategy) throws {
    let rotation = try Sample.read("proxy: two.cfg\nrotation: \(strategy.rawValue)").rotation
    #expect(rotation?.strategy == strategy)
    #expect(rotation?.signal == (strategy == .kill ? .kill : .terminate))
  }

  @Test(arguments: [("drain", RotationPlan.Strategy.drain), ("maint", .maint)])
  func `a way to tell the proxy is short for it and its wait`(
    key: String, strategy: RotationPlan.Strategy
  ) throws {
    let plan = try plan(
      "\(key): until idle, at most 9s".replacing(": until", with: ": \"until") + "\"")
    #expect(plan.strategy == strategy && plan.wait == .untilIdle(cap: .seconds(9)))
  }

  @Test(arguments: [
    (
      "",
      "rotation: found none of strategy, drain, maint, preset and blue-green, expected one of them"
    ),
    (
      "strategy: drain, drain: 1s",
      "rotation.drain: found 'drain' beside 'strategy', expected one of the two"
    ),
    ("drain: 1s, wait: 2s", "rotation.wait: found 'wait' beside 'drain', expected one of the two"),
    (
      "strategy: kill, signal: graceful",
      "rotation.signal: found 'graceful', expected kill, which is what the strategy 'kill' sends"
    ),
    (
      "strategy: rolling",
      "rotation.strategy: found 'rolling', expected kill, restart, maint, drain, fail-check or ramp"
    ),
    (
      "strategy: kill, signal: sigterm",
      "rotation.signal: found 'sigterm', expected terminate, kill or graceful"
    ),
    (
      "strategy: kill, batch: 3",
      "rotation.batch: found '3', expected a whole number from 1 to 2, or a percentage such as 25%"
    ),
    (
      "strategy: kill, batch: 0%",
      "rotation.batch: found '0%', expected a whole number from 1 to 2, or a percentage such as 25%"
    ),
    (
      "strategy: kill, order: []", "rotation.order: found an empty list, expected one node at least"
    ),
    (
      "strategy: kill, order: [keystone3, keystone1]",
      "rotation.order[0]: found the node 'keystone3', expected keystone1 or keystone2 (keystone1)"
    ),
    (
      "strategy: kill, order: [keystone1, keystone1]",
      "rotation.order[1]: found 'keystone1' again, expected each name once"
    ),
    (
      "strategy: kill, ready: now",
      "rotation.ready: found 'now', expected when answering or at once"
    ),
    (
      "strategy: kill, await-up: no",
      "rotation.await-up: found 'no', expected true or false (false)"
    ),
    (
      "strategy: kill, await-up: \"true\"",
      "rotation.await-up: found the text 'true', expected true or false"
    ),
    ("strategy: kill, poll: 0s", "rotation.poll: found '0s', expected a duration of at least 1ms"),
  ])
  func `a rotation that cannot be is refused`(text: String, message: String) {
    #expect(problems(text) == [message])
  }
}
