// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkLoad
import FalseworkProxy
import FalseworkRotation
import Foundation
import Testing

@testable import FalseworkSim

/// Queues of nodes and of the proxy, against theory.
@Suite struct SimulatedQueueTests {
  /// M/M/c by Erlang: workers, offered load a = λS.
  private struct Queue {
    var workers: Int
    var rate: Double
    var service: Double

    var offered: Double { rate * service }

    /// P(wait), Erlang C.
    var waits: Double {
      var blocked = 1.0
      for k in 1...workers { blocked = offered * blocked / (Double(k) + offered * blocked) }
      let share = offered / Double(workers)
      return blocked / (1 - share * (1 - blocked))
    }

    var meanWait: Double { waits * service / (Double(workers) - offered) }

    /// P(wait + service > t): the wait has an atom at zero, and is exponential beyond.
    func exceeds(_ t: Double) -> Double {
      let drain = (Double(workers) - offered) / service
      let own = 1 / service
      guard abs(own - drain) > 1e-9 else { return exp(-own * t) * (1 + waits * own * t) }
      return (1 - waits) * exp(-own * t)
        + waits * (own * exp(-drain * t) - drain * exp(-own * t)) / (own - drain)
    }

    func quantile(_ share: Double) -> Double {
      var (low, high) = (0.0, 100.0)
      for _ in 0..<60 {
        let middle = (low + high) / 2
        if exceeds(middle) > 1 - share { low = middle } else { high = middle }
      }
      return high
    }
  }

  /// The figures of a well-known table, so that the formulas above are what they are called.
  @Test func `the formulas give the waits of the textbook`() {
    func waits(_ c: Int, _ share: Double) -> Double {
      Queue(workers: c, rate: Double(c) * share, service: 1).waits
    }
    #expect(abs(waits(8, 0.8) - 0.458) < 0.0005 && abs(waits(8, 0.9) - 0.702) < 0.0005)
    #expect(abs(waits(16, 0.8) - 0.305) < 0.0005 && abs(waits(24, 0.9) - 0.516) < 0.0005)
    #expect(abs(waits(1, 0.3) - 0.3) < 1e-9)
    let two = Queue(workers: 8, rate: 300, service: 0.02)
    #expect(abs(two.meanWait - 0.0036) < 0.00005)
  }

  struct Case: Sendable, CustomTestStringConvertible {
    var nodes: Int
    var workers: Int
    var rate: Int
    var seconds: Int
    var testDescription: String { "\(nodes) nodes of \(workers) workers at \(rate)/s" }
  }

  /// Poisson arrivals that chance divides among the nodes; 20 ms of exponential work.
  @Test(arguments: [
    Case(nodes: 1, workers: 8, rate: 320, seconds: 3),
    Case(nodes: 2, workers: 8, rate: 600, seconds: 2),
  ])
  func `waits are those of M/M/c`(which: Case) throws {
    let queue = Queue(
      workers: which.workers, rate: Double(which.rate) / Double(which.nodes), service: 0.02)
    let scenario = try TheoryRun.scenario(
      nodes: which.nodes, seconds: which.seconds * TheoryRun.scale, service: "exponential 20ms",
      workers: which.workers, proxy: "balance random(1)", load: "rate: \(which.rate)/s")
    var means: [Double] = []
    var medians: [Double] = []
    var tails: [Double] = []
    for seed in 1...16 as ClosedRange<UInt64> {
      // Queues begin empty and need a few relaxation times to be what they will be.
      let times = TheoryRun(scenario, seed: seed).outcomes
        .filter { $0.due > .start + .seconds(1) }.map { ($0.done - $0.due).seconds }.sorted()
      means.append(times.reduce(0, +) / Double(times.count))
      medians.append(times[times.count / 2])
      tails.append(times[times.count * 95 / 100])
    }
    for (runs, theory) in [
      (means, queue.meanWait + 0.02), (medians, queue.quantile(0.5)), (tails, queue.quantile(0.95)),
    ] {
      let band = Band.mean(of: runs)
      #expect(band.contains(theory), "\(theory) s is not in \(band)")
    }
  }

  /// Of N nodes b are out: the others have N/(N − b) of their share.
  @Test(arguments: [(nodes: 2, out: 1), (nodes: 3, out: 1), (nodes: 4, out: 3)])
  func `those that stay carry the load of those that are out`(nodes: Int, out: Int) throws {
    let run = TheoryRun(
      try TheoryRun.scenario(
        nodes: nodes, seconds: 20, load: "rate: 60/s",
        rotation: "{strategy: maint, begin: 10s, batch: \(out), down: 60s, "
          + "order: [\((1...out).map { "keystone\($0)" }.joined(separator: ", "))]}"), seed: 3)
    #expect(run.failures == 0)
    let told = try #require(run.marked(.told))
    let last = run.records.filter { $0.server?.index == nodes - 1 }
    let before = last.count { $0.ended <= told }
    let after = last.count - before
    #expect(Band.poisson(10 * 60 / Double(nodes)).contains(Double(before)))
    #expect(Band.poisson(10 * 60 / Double(nodes - out)).contains(Double(after)))
  }

  /// λ 90/s, 120/s with three nodes and 80/s with two, for 20 s: (λ − μ')T waits, the last (λ − μ')T/μ'
  /// long, and it is gone (λ − μ')T/(μ − λ) after the return. One queue for all: `maxconn 1`.
  @Test func `an overload builds a backlog and works it off`() throws {
    let run = TheoryRun(
      try TheoryRun.scenario(
        nodes: 3, seconds: 40, service: "25ms", workers: 1, check: "maxconn 1",
        proxy: "balance leastconn", load: "rate: 90/s",
        rotation: "{maint: 1s, begin: 4s, down: 19s, order: [keystone1], poll: 10ms}"),
      seed: 5)
    #expect(run.failures == 0, "\(run.marks)")
    let (out, back) = (try #require(run.marked(.told)), try #require(run.marked(.ready)))
    let absence = (back - out).seconds
    // Arrivals of that time, less what two nodes take: Poisson's irregularity is all that there is.
    let spread = 3.291 * (90 * absence).squareRoot()
    let backlog = 10 * absence
    let waiting = run.outcomes.count { $0.due <= back && $0.done > back }
    #expect(abs(Double(waiting) - backlog) <= spread + 3, "\(waiting) wait, in theory \(backlog)")
    let longest = run.outcomes.filter { $0.due <= back }.map { ($0.done - $0.due).seconds }.max()
    #expect(abs(try #require(longest) - backlog / 80) <= spread / 80 + 0.05)
    // Over is when somebody is served at once again.
    let over = try #require(
      run.outcomes.filter { $0.due > back && ($0.done - $0.due).seconds < 0.026 }.map(\.due).min())
    let recovery = (over - back).seconds
    let error = (spread + 3.291 * (90 * recovery).squareRoot()) / 30
    #expect(abs(recovery - backlog / 30) <= error, "gone after \(recovery) s")
  }

  /// Without redispatch each of the r tries again goes to the same server: with k of N dead that is
  /// r·k/N more than there are requests, and r times as many where all are dead, which is the limit of
  /// (1 − p^(r + 1))/(1 − p).
  @Test(arguments: [(dead: 1, retries: 3), (dead: 2, retries: 1), (dead: 4, retries: 2)])
  func `retries multiply the load as the dead are many`(dead: Int, retries: Int) throws {
    let run = TheoryRun(
      try TheoryRun.scenario(
        nodes: 4, seconds: 20, proxy: "balance roundrobin\nretries \(retries)",
        load: "rate: 40/s"), seed: 9, dead: Array(0..<dead))
    let requests = run.outcomes.count
    let again = run.attempts.reduce(0, +) - requests
    // Taken in turn: each server has its part of the requests to within one.
    let expected = Double(retries * dead * requests) / 4
    #expect(abs(Double(again) - expected) <= Double(retries * dead))
    #expect(abs(run.failures - requests * dead / 4) <= dead)
  }

  /// A defect of rate q shows none in n requests with (1 − q)^n: at q = 3/n once in twenty-three times
  /// with n = 40.
  @Test func `no error in n requests does not exclude a rate of 3 in n`() throws {
    let (runs, requests, share) = (120 * TheoryRun.scale, 40, 0.075)
    // A request is a failure if its exponential work takes longer than the client waits.
    let timeout = Int(-20_000 * log(share))
    let scenario = try TheoryRun.scenario(
      nodes: 1, seconds: 1, service: "exponential 20ms",
      load: "rate: 75/s, timeout: \(timeout)us")
    var clean = 0
    for seed in 1...UInt64(runs) {
      let outcomes = TheoryRun(scenario, seed: seed).outcomes.prefix(requests)
      #expect(outcomes.count == requests)
      if outcomes.allSatisfy({ !$0.verdict.isFailure }) { clean += 1 }
    }
    let band = Band.share(pow(1 - share, Double(requests)), of: runs)
    #expect(band.contains(Double(clean) / Double(runs)), "\(clean) of \(runs) are not in \(band)")
  }
}
