// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import Testing

@testable import FalseworkLoad

/// What a closed and an open load make of the same second without a server in ten.
///
/// A server answers after 130 ms. From 4 s to 5 s it either refuses connections, which takes a client
/// 172 µs to find out, or it hangs: what it would have answered then it answers at 5 s. Locust with one
/// user was measured at 98.9 % failures of the one, and none of the other.
@Suite struct OutageTests {
  private enum Outage { case refused, hung }

  private static let outage = Instant.start + .seconds(4)..<Instant.start + .seconds(5)
  private static let end = Instant.start + .seconds(10)
  private static let latency = Interval.milliseconds(130)

  private static func outcomes(_ plan: LoadPlan, _ kind: Outage) -> [Outcome] {
    var plan = plan
    plan.connections = .new
    var world = LoadWorld(plan)
    var pending: [(at: Instant, slot: SlotID, refused: Bool)] = []
    var seen = 0
    while true {
      let next = pending.min { $0.at < $1.at }
      let now = min(next?.at ?? .never, world.engine.nextWake)
      guard now < end else { return world.outcomes }
      world.pass(now - world.now)
      if let next, next.at == now {
        pending.removeAll { $0.slot == next.slot }
        if next.refused {
          world.connectFailed(next.slot, .refused)
        } else {
          world.answered(next.slot, 200)
        }
      } else {
        world.wake()
      }
      while seen < world.log.count {
        switch world.log[seen] {
        case .connect(let slot):
          if kind == .refused, outage.contains(now) {
            pending.append((now + .microseconds(172), slot, true))
          } else {
            world.connected(slot)
          }
        case .send(let slot, _):
          var answer = now + latency
          if kind == .hung, outage.contains(answer) { answer = outage.upperBound }
          pending.append((answer, slot, false))
        case .close, .ended, .finished: break
        }
        seen += 1
      }
    }
  }

  private static let closed = LoadPlan.closed(wait: .zero, tasks: [.get])
  private static let open = LoadPlan.open(every: .milliseconds(10), limit: 1_000)

  private static func failed(_ outcomes: [Outcome]) -> Double {
    Double(outcomes.count { $0.verdict.isFailure }) / Double(outcomes.count)
  }

  @Test func `a closed load calls the one a catastrophe and does not see the other`() {
    let refused = Self.outcomes(Self.closed, .refused)
    #expect(refused.count > 5_000 && Self.failed(refused) > 0.98)
    let hung = Self.outcomes(Self.closed, .hung)
    #expect(hung.count < 80 && Self.failed(hung) == 0)
    // One request waited; the 98th percentile does not know.
    #expect(hung.count { $0.responseTime > Self.latency } == 1)
  }

  /// A tenth of the time was bad, and so is a tenth of the requests.
  @Test func `an open load says the same of both`() {
    let refused = Self.outcomes(Self.open, .refused)
    let hung = Self.outcomes(Self.open, .hung)
    for outcomes in [refused, hung] {
      let bad = outcomes.count { $0.verdict.isFailure || $0.responseTime > Self.latency }
      #expect(abs(Double(bad) / Double(outcomes.count) - 0.1) < 0.003)
    }
  }

  @Test func `in both the time without a success is what it was`() {
    for kind in [Outage.refused, .hung] {
      var statistics = LoadStatistics(plan: Self.open, begin: .start)
      for outcome in Self.outcomes(Self.open, kind) { statistics.record(outcome) }
      // What was asked before a refusal is still answered; what hung is answered at its end.
      let length = statistics.longestGap.length
      #expect(length >= .milliseconds(1_000) && length <= .milliseconds(1_010))
    }
  }
}
