// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import Testing

@testable import FalseworkRotation

/// What must hold before the rotation goes on.
@Suite struct RotationGateTests {
  typealias Request = RotationWorld.Behaviour.Request

  struct Case: Sendable, CustomTestStringConvertible {
    /// As the page has the reason.
    var page: String
    var reason: String
    var gate: RotationPlan.Gate?
    var floor: Int?
    var requests: [Request] = []
    var downUntil: [Int: Interval] = [:]
    var silent: Set<String> = []
    var strategy = RotationPlan.Strategy.maint
    var testDescription: String { page }
  }

  private static func gate(
    soak: Interval = .seconds(5), ready: Int? = nil, failures: RotationPlan.Budget? = nil,
    p99: Interval? = nil, requests: Int = 1
  ) -> RotationPlan.Gate {
    RotationPlan.Gate(
      soak: soak, ready: ready, failures: failures, p99: p99, requests: requests)
  }

  /// Ten a second from the second second to the twentieth.
  private static func load(failing: Int = 0, took: Interval = .milliseconds(20)) -> [Request] {
    (0..<180).map { number in
      Request(
        at: .seconds(2) + .milliseconds(100) * Int64(number), failed: number < failing, took: took)
    }
  }

  static let cases: [Case] = [
    Case(
      page: "batch N: F requests failed, more than M",
      reason: "batch 1: 4 requests failed, more than 3",
      gate: gate(failures: .count(3)), requests: load(failing: 9)),
    Case(
      page: "batch N: F of R requests failed, more than M%",
      reason: "batch 1: 9 of 62 requests failed, more than 2.5%",
      gate: gate(failures: .share(250)), requests: load(failing: 9)),
    Case(
      page: "batch N: p99 of T, more than M",
      reason: "batch 1: p99 of 303103us, more than 200ms", gate: gate(p99: .milliseconds(200)),
      requests: load(took: .milliseconds(300))),
    Case(
      page: "batch N is inconclusive: R requests within PATIENCE, fewer than M",
      reason: "batch 1 is inconclusive: 180 requests within 30s, fewer than 500",
      gate: gate(p99: .seconds(1), requests: 500), requests: load()),
    Case(
      page: "batch N did not keep M nodes ready for SOAK within PATIENCE",
      reason: "batch 1 did not keep 3 nodes ready for 5s within 30s", gate: gate(ready: 3),
      downUntil: [2: .seconds(3_600)]),
    Case(
      page: "fewer than M nodes would be ready during batch N for PATIENCE",
      reason: "fewer than 2 nodes would be ready during batch 1 for 30s", floor: 2,
      downUntil: [2: .seconds(3_600)]),
    Case(
      page: "the check of NODE was not set within PATIENCE",
      reason: "the check of k1 was not set within 30s", silent: ["operate"],
      strategy: .failCheck),
  ]

  private static func run(_ case: Case) -> RotationWorld {
    var plan = RotationPlan.plan(`case`.strategy, patience: .seconds(30))
    plan.gate = `case`.gate
    plan.floor = `case`.floor
    var behaviour = RotationWorld.Behaviour()
    behaviour.requests = `case`.requests
    behaviour.downUntil = `case`.downUntil
    behaviour.silent = `case`.silent
    var world = RotationWorld(plan, behaviour)
    world.run()
    return world
  }

  @Test(arguments: cases) func `what does not hold ends the rotation with the reason`(case: Case) {
    let world = Self.run(`case`)
    #expect(world.outcome == .aborted(`case`.reason))
    #expect(world.stopped.allSatisfy { $0.node == 0 })
  }

  @Test func `one failure above the count ends the rotation at that request`() {
    let world = Self.run(Self.cases[0])
    #expect(world.now == .start + .milliseconds(2_300))
  }

  @Test func `what happened before the batch began is not counted`() {
    var early = Self.cases[0]
    early.requests =
      (0..<9).map { Request(at: .milliseconds(100 * Int64($0)), failed: true) }
      + [3, 12, 21].map { Request(at: .seconds($0)) }
    #expect(Self.run(early).outcome == .completed)
  }

  @Test func `each batch begins its count anew`() {
    var spread = Self.cases[0]
    // Batches begin at 1 s, 10.1 s and 19.2 s.
    spread.requests = [2, 3, 4, 12, 13, 14, 21, 22, 23].map {
      Request(at: .seconds($0), failed: true)
    }
    #expect(Self.run(spread).outcome == .completed)
  }

  @Test func `the next batch begins when the gate has soaked and passed`() {
    let world = Self.run(Case(page: "", reason: "", gate: Self.gate(ready: 3)))
    #expect(
      world.transcript.filter { $0.contains("batch") } == [
        "1.000 batch 1 began", "3.100 batch 1 ended", "9.100 gate of batch 1 passed",
        "11.100 batch 2 began", "13.200 batch 2 ended", "19.200 gate of batch 2 passed",
        "21.200 batch 3 began", "23.300 batch 3 ended", "29.300 gate of batch 3 passed",
      ])
    #expect(world.outcome == .completed)
  }

  @Test func `a soak begins anew when too few are ready`() {
    let world = Self.run(
      Case(page: "", reason: "", gate: Self.gate(ready: 3), downUntil: [2: .seconds(8)]))
    #expect(world.transcript.contains("13.100 gate of batch 1 passed"))
  }

  @Test func `too few requests are waited for, and judged when they are there`() {
    let world = Self.run(
      Case(
        page: "", reason: "", gate: Self.gate(failures: .share(0), requests: 100),
        requests: Self.load()))
    #expect(world.transcript.contains("12.100 gate of batch 1 passed"))
  }

  @Test func `a batch waits until enough others are ready, and says so once`() {
    let world = Self.run(
      Case(page: "", reason: "", floor: 2, downUntil: [2: .milliseconds(4_500)]))
    #expect(
      world.transcript.prefix(8) == [
        "1.000 rotation began", "1.000 > show stat", "1.000 held: 1 ready", "2.000 > show stat",
        "3.000 > show stat", "4.000 > show stat", "5.000 > show stat", "5.000 batch 1 began",
      ])
    #expect(world.outcome == .completed)
  }

  @Test(arguments: [
    (0, "0%"), (1, "0.01%"), (10, "0.1%"), (250, "2.5%"), (205, "2.05%"), (10_000, "100%"),
  ])
  func `a share is written as the scenario has it`(hundredths: Int, text: String) {
    #expect(RotationPlan.Budget.share(hundredths).text == text)
  }
}
