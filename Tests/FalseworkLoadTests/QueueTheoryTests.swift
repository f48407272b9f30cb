// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import Foundation
import Testing

@testable import FalseworkLoad

/// The engine and its figures against queues whose answer times are known by theory.
///
/// One server takes requests in their order; Poisson arrivals keep it busy half of the time. Each
/// percentile is measured in independent runs; their mean must lie within the band that its own
/// spread gives it: Student's t for 15 degrees of freedom at 99.9 %, and the histogram's third digit.
@Suite struct QueueTheoryTests {
  private static let runs = 16
  private static let requests = 4_000
  /// Arrivals a second, and the server's mean time in seconds.
  private static let rate = 500.0
  private static let service = 0.001
  private static let student = 4.073

  /// - Parameter draw: the server's time for one request.
  private static func measured(
    seed: UInt64, draw: (inout SeededGenerator) -> Interval
  ) -> LoadStatistics {
    let plan = LoadPlan.open(
      every: Interval(nanoseconds: Int64(1e9 / rate)), arrivals: .poisson, limit: 10_000)
    var engine = LoadEngine(plan: plan, seed: seed, now: .start)
    var statistics = LoadStatistics(plan: plan, begin: .start)
    var generator = SeededGenerator(seed: seed, stream: "server")
    var effects: [LoadEngine.Effect] = []
    var queue: [(end: Instant, slot: SlotID)] = []
    var served = 0
    var free = Instant.start
    // A server that begins idle is not yet as busy as it will be.
    let warmUp = 200
    while served < requests + warmUp {
      let answer = served < queue.count ? queue[served].end : .never
      let now = min(engine.nextWake, answer)
      if answer <= now {
        let reply = LoadEngine.Reply(status: 200, subjectToken: nil, keepAlive: true)
        engine.answered(queue[served].slot, reply, now: now, into: &effects)
        served += 1
      } else {
        engine.wake(now: now, into: &effects)
      }
      var index = 0
      while index < effects.count {
        switch effects[index] {
        case .connect(let slot): engine.connected(slot, localPort: 1, now: now, into: &effects)
        case .send(let slot, _):
          free = max(free, now) + draw(&generator)
          queue.append((free, slot))
        case .ended(let outcome): if served > warmUp { statistics.record(outcome) }
        case .close, .finished: break
        }
        index += 1
      }
      effects.removeAll(keepingCapacity: true)
    }
    return statistics
  }

  private static func check(
    _ theory: (Double) -> Double, draw: (inout SeededGenerator) -> Interval
  ) throws {
    let all = (1...UInt64(runs)).map { measured(seed: $0, draw: draw).total }
    for percent in [50.0, 90.0, 99.0] {
      let values = try all.map { try #require($0.response.percentile(percent)).seconds }
      let mean = values.reduce(0, +) / Double(runs)
      let variance =
        values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(runs - 1)
      let band = student * (variance / Double(runs)).squareRoot() + 0.001 * mean
      let expected = theory(percent / 100)
      #expect(
        abs(mean - expected) < band,
        "p\(percent): \(mean) in \(runs) runs, theory \(expected), band \(band)")
      // A band that anything fits into would prove nothing.
      #expect(band < 0.2 * expected)
    }
  }

  /// Exponential times: the answer time is exponential with rate 1/s − λ.
  @Test func `the percentiles of an M-M-1 queue are those of theory`() throws {
    let mean = Interval(nanoseconds: Int64(Self.service * 1e9))
    try Self.check {
      -log(1 - $0) / (1 / Self.service - Self.rate)
    } draw: {
      Distribution.exponentialStep(mean: mean, using: &$0)
    }
  }

  /// One fixed time D: the wait is distributed as Erlang found it.
  @Test func `the percentiles of an M-D-1 queue are those of theory`() throws {
    let fixed = Interval(nanoseconds: Int64(Self.service * 1e9))
    try Self.check {
      Self.service + Self.erlangWait($0)
    } draw: { _ in
      fixed
    }
  }

  /// The wait that a share of requests has at most: P(W ≤ t) = (1 − λD) Σ (λ(kD − t))ᵏ/k! e^(−λ(kD − t)).
  private static func erlangWait(_ share: Double) -> Double {
    func probability(_ time: Double) -> Double {
      var sum = 0.0
      var factorial = 1.0
      for k in 0...Int(time / service) {
        if k > 0 { factorial *= Double(k) }
        let load = rate * (Double(k) * service - time)
        sum += pow(load, Double(k)) / factorial * exp(-load)
      }
      return (1 - rate * service) * sum
    }
    var (low, high) = (0.0, 20 * service)
    for _ in 0..<60 {
      let middle = (low + high) / 2
      if probability(middle) < share { low = middle } else { high = middle }
    }
    return high
  }
}
