// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkRotation
import FalseworkScenario
import Testing

@testable import FalseworkSim

/// Random small scenarios; `falsework fuzz` plays as many as one likes.
@Suite struct FuzzRunTests {
  private static let seeds = 1...300 as ClosedRange<UInt64>

  @Test func `no rule is broken by a few hundred random scenarios`() {
    var requests = 0
    var aborted = 0
    for seed in Self.seeds {
      let report = FuzzRun.report(of: seed)
      #expect(report.broken == [], "falsework fuzz --seed \(seed) --runs 1")
      requests += report.requests
      aborted += report.aborted ? 1 : 0
    }
    // Some are given up, most are not, and they ask for something.
    #expect(aborted > 10 && aborted < 290)
    #expect(requests > 10_000)
  }

  @Test func `the same seed gives the same scenario and the same run`() {
    for seed in 1...5 as ClosedRange<UInt64> {
      #expect(RandomScenario(seed: seed) == RandomScenario(seed: seed))
      #expect(FuzzRun.report(of: seed) == FuzzRun.report(of: seed))
    }
  }

  @Test func `every strategy is drawn, and every signal`() {
    let texts = Self.seeds.map { RandomScenario(seed: $0).text }
    for strategy in RotationPlan.Strategy.allCases {
      #expect(texts.contains { $0.contains("strategy: \(strategy.rawValue)\n") })
    }
    for signal in RotationPlan.Signal.allCases {
      #expect(texts.contains { $0.contains("signal: \(signal.rawValue)\n") })
    }
    for word in ["steps:", "maxconn 1", "backup", "retry-on", "observe layer7", "patience: 1ms"] {
      #expect(texts.contains { $0.contains(word) })
    }
  }

  @Test func `the longest that a rotation may take is the sum of its deadlines`() throws {
    let scenario = try TheoryRun.scenario(
      nodes: 4, seconds: 60,
      rotation: "{maint: 2s, begin: 1s, batch: 3, down: 4s, settle: 8s, patience: 16s, "
        + "steps: [{database: expand}, {pause: 32s}, {nodes: all}]}")
    let plan = try #require(scenario.rotation)
    // 1 + 16 + 32 and twice 2 + 4 + 8 + 8 × 16.
    #expect(FuzzRun.longest(plan) == .seconds(333))
  }
}
