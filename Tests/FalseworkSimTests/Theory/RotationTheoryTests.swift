// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkKeystone
import FalseworkLoad
import FalseworkRotation
import Foundation
import Testing

@testable import FalseworkSim

/// What a rotation costs, against its arithmetic.
@Suite struct RotationTheoryTests {
  struct Check: Sendable, CustomTestStringConvertible {
    var words: String
    var interval: Double
    var fall: Int
    var rise: Int
    /// Between checks of a server that has begun to fail or to pass.
    var fast: Double
    var testDescription: String { words }
  }

  static let checks = [
    Check(words: "check inter 2s fall 3 rise 2", interval: 2, fall: 3, rise: 2, fast: 2),
    Check(words: "check inter 12s fall 3 rise 3", interval: 12, fall: 3, rise: 3, fast: 12),
    Check(words: "check inter 1s fall 1 rise 1", interval: 1, fall: 1, rise: 1, fast: 1),
    Check(
      words: "check inter 2s fastinter 500ms fall 3 rise 3", interval: 2, fall: 3, rise: 3,
      fast: 0.5),
  ]

  /// T_d = U(0, I) + (F − 1)·I_f and T_u = U(0, I) + (R − 1)·I_f: a node dies, and comes back, at a
  /// moment that knows nothing of the checks.
  @Test(arguments: checks)
  func `the time to see that a node is gone or back is uniform over one interval`(
    check: Check
  ) throws {
    let runs = 32 * TheoryRun.scale
    var gone: [Double] = []
    var back: [Double] = []
    var chance = SeededGenerator(seed: 11, stream: "moments")
    for seed in 1...UInt64(runs) {
      let (grain, patience) = (UInt64(check.interval * 1_000), check.interval * 4)
      let begin = 1_000 + chance.below(grain)
      let down = UInt64(patience * 1_000) + chance.below(grain)
      let run = TheoryRun(
        try TheoryRun.scenario(
          nodes: 1, seconds: Int(2 + patience * 2.5), check: check.words,
          rotation: "{strategy: kill, begin: \(begin)ms, down: \(down)ms, order: [keystone1], "
            + "await-up: false}"), seed: seed)
      let died = try #require(run.marked(.exited))
      let seen = try #require(run.believed("DOWN", after: died))
      gone.append((seen - died).seconds)
      let returned = try #require(run.turned(.serving, after: died))
      let up = try #require(run.believed("UP", after: returned))
      back.append((up - returned).seconds)
    }
    for (times, count) in [(gone, check.fall), (back, check.rise)] {
      let least = Double(count - 1) * check.fast
      let range = least...(least + check.interval)
      // A millisecond is the grain of the moments.
      #expect(times.allSatisfy { $0 >= range.lowerBound - 0.001 && $0 <= range.upperBound + 0.001 })
      let mean = times.reduce(0, +) / Double(runs)
      let band = Band.meanOfUniform(range, count: runs)
      #expect(band.contains(mean), "\(mean) s is not in \(band)")
    }
  }

  /// E = (λ/N)·min(T_d, T_r) + (λ/N)·E[S]. In the second case the proxy never notices.
  @Test(arguments: [(down: 20, isSeen: true), (down: 1, isSeen: false)])
  func `a kill costs a node's share of the load until it is seen or back`(
    down: Int, isSeen: Bool
  ) throws {
    let (rate, service) = (45.0, 0.05)
    var failures = 0
    var expected = 0.0
    for seed in 1...UInt64(8 * TheoryRun.scale) {
      let run = TheoryRun(
        try TheoryRun.scenario(
          nodes: 3, seconds: 12, service: "exponential 50ms", check: "check inter 1s fall 3 rise 2",
          load: "rate: 45/s",
          rotation: "{strategy: kill, begin: \(4_000 + seed % 12 * 83)ms, down: \(down)s, "
            + "order: [keystone1], await-up: false}"), seed: seed)
      let died = try #require(run.marked(.exited))
      let seen = run.believed("DOWN", after: died)
      #expect((seen != nil) == isSeen)
      expected += rate / 3 * ((seen.map { ($0 - died).seconds } ?? Double(down)) + service)
      failures += run.failures
    }
    let band = Band.poisson(expected)
    #expect(band.contains(Double(failures)), "\(failures) failures are not in \(band)")
  }

  /// (λ/N)·∫ P(S > u) du from D on.
  @Test(arguments: [
    (wait: 0.0, service: "exponential 500ms", left: 0.5),
    (wait: 0.5, service: "exponential 500ms", left: 0.5 * exp(-1)),
    (wait: 1.5, service: "exponential 500ms", left: 0.5 * exp(-3)),
    // A median of 200 ms with σ 1: E[S − D; S > D] by Φ.
    (wait: 0.5, service: "lognormal 200ms p99 2048ms", left: rest(0.2, 1, after: 0.5)),
  ])
  func `a drain cuts the requests that take longer than it waits`(
    wait: Double, service: String, left: Double
  ) throws {
    let runs = 12 * TheoryRun.scale
    var cut = 0
    for seed in 1...UInt64(runs) {
      let run = TheoryRun(
        try TheoryRun.scenario(
          nodes: 2, seconds: 5, service: service, load: "rate: 40/s",
          rotation: "{strategy: maint, wait: \(Int(wait * 1_000))ms, signal: kill, begin: 3s, "
            + "order: [keystone1]}"), seed: seed)
      cut += run.failures
    }
    let band = Band.poisson(Double(runs) * 20 * left)
    #expect(band.contains(Double(cut)), "\(cut) cut requests are not in \(band)")
  }

  /// E[S − D; S > D] of a lognormal S.
  private static func rest(_ median: Double, _ sigma: Double, after: Double) -> Double {
    func phi(_ x: Double) -> Double { erfc(-x / 2.squareRoot()) / 2 }
    let (mu, at) = (log(median), log(after))
    return exp(mu + sigma * sigma / 2) * phi((mu + sigma * sigma - at) / sigma)
      - after * phi((mu - at) / sigma)
  }

  /// T = T_prep + ⌈N/b⌉·(D + T_r + T_u + soak), with T_u in the range of the checks; the last batch
  /// has no soak after it.
  @Test(arguments: [(nodes: 3, batch: 1), (nodes: 3, batch: 2), (nodes: 9, batch: 3)])
  func `a rotation takes as long as its parts`(nodes: Int, batch: Int) throws {
    for seed in 1...UInt64(3 * TheoryRun.scale) {
      let run = TheoryRun(
        try TheoryRun.scenario(
          nodes: nodes, seconds: 110, check: "check inter 2s fall 1 rise 3",
          rotation: "{strategy: restart, begin: 5s, batch: \(batch), down: 20s, settle: 7s, "
            + "poll: 10ms}"), seed: seed)
      let batches = Double((nodes + batch - 1) / batch)
      let ended = (try #require(run.marked(.ended)) - .start).seconds
      let fixed = 5 + batches * 20 + (batches - 1) * 7
      #expect(ended >= fixed + batches * 4 - 0.001)
      #expect(ended <= fixed + batches * (6 + 0.03))
    }
  }
}
