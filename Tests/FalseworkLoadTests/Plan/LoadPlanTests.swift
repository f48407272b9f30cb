// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import Testing

@testable import FalseworkLoad

@Suite struct LoadPlanTests {
  @Test func `at a faster pace every time is shorter by the same factor and nothing else changes`()
  {
    let plan = LoadPlan.closed(
      users: 4, spawnEvery: .seconds(1), wait: .seconds(2), tasks: [.get],
      connectTimeout: .seconds(5), timeout: .seconds(30))
    let expected = LoadPlan.closed(
      users: 4, spawnEvery: .milliseconds(100), wait: .milliseconds(200), tasks: [.get],
      connectTimeout: .milliseconds(500), timeout: .seconds(3))
    #expect(plan.divided(by: 10) == expected)
    #expect(plan.divided(by: 1) == plan)
  }

  @Test func `arrivals come faster, but never all at once`() {
    let plan = LoadPlan.open(every: .milliseconds(10), limit: 7, timeout: .seconds(30))
    #expect(
      plan.divided(by: 10).model == .open(every: .milliseconds(1), arrivals: .even, limit: 7))
    let fast = LoadPlan.open(every: .nanoseconds(5)).divided(by: 10)
    #expect(fast.model == .open(every: .nanoseconds(1), arrivals: .even, limit: 100))
  }
}
