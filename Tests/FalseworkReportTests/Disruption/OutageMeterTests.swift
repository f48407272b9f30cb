// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import Testing

@testable import FalseworkLoad
@testable import FalseworkReport

struct OutageMeterTests {
  private static let slot = Interval.milliseconds(100)

  private static func meter(idleLimit: Interval? = nil) -> OutageMeter {
    OutageMeter(begin: .start, slot: slot, idleLimit: idleLimit)
  }

  private static func outcome(_ due: Int, _ done: Int, _ verdict: Outcome.Verdict = .ok) -> Outcome
  {
    SyntheticRun.outcome(sent: due, done: done, verdict)
  }

  private static func scope(_ meter: OutageMeter, end: Int) -> Disruption.Scope {
    meter.scope(.total, "all", end: SyntheticRun.at(end))
  }

  /// One user who asks again as soon as it is answered after 130 ms: the server is away for a
  /// second of ten, and refuses at once or does not answer.
  @Test func `refused or hung, one closed client sees the same bad time`() {
    var refused = Self.meter()
    var hung = Self.meter()
    for number in 0..<30 { refused.record(Self.outcome(number * 130, (number + 1) * 130)) }
    for millisecond in 3_900..<4_900 {
      refused.record(Self.outcome(millisecond, millisecond + 1, .refused))
    }
    for number in 0..<38 {
      refused.record(Self.outcome(4_900 + number * 130, 4_900 + (number + 1) * 130))
    }
    for number in 0..<30 { hung.record(Self.outcome(number * 130, (number + 1) * 130)) }
    hung.record(Self.outcome(3_900, 5_030))
    for number in 0..<38 {
      hung.record(Self.outcome(5_030 + number * 130, 5_030 + (number + 1) * 130))
    }
    let ofRefused = Self.scope(refused, end: 10_000)
    let ofHung = Self.scope(hung, end: 10_000)
    #expect((ofRefused.failures, ofHung.failures) == (1_000, 0))
    #expect((10...11).contains(ofRefused.badSlots))
    #expect((10...11).contains(ofHung.badSlots))
    #expect(ofHung.outages.count == 1)
    #expect(ofHung.longest?.length == .milliseconds(1_130))
    #expect(ofRefused.longest?.failures == 1_000)
    #expect(ofRefused.longest?.firstKind == "connection refused")
    #expect(ofRefused.slots == 100)
  }

  /// 50 a second, whatever happens.
  @Test(arguments: [false, true])
  func `an open schedule sees the second that was lost`(hangs: Bool) {
    var meter = Self.meter()
    var outcomes: [Outcome] = []
    for due in stride(from: 0, to: 10_000, by: 20) {
      let isAway = (4_000..<5_000).contains(due)
      let done = isAway && hangs ? 5_000 + due / 1_000 : due + 10
      outcomes.append(Self.outcome(due, done, isAway && !hangs ? .reset : .ok))
    }
    for outcome in outcomes.sorted(by: { $0.done < $1.done }) { meter.record(outcome) }
    let scope = Self.scope(meter, end: 10_000)
    #expect(scope.badSlots == 10)
    #expect(scope.outages.count == 1)
  }

  @Test func `a pause in which nobody asks is no outage`() {
    var meter = Self.meter()
    for number in 0..<50 { meter.record(Self.outcome(number * 20, number * 20 + 10)) }
    meter.record(Self.outcome(60_000, 60_010))
    let scope = Self.scope(meter, end: 61_000)
    #expect(scope.badSlots == 0)
    #expect(scope.longest?.length == .milliseconds(10))
  }

  @Test func `failures at the end are an outage to the end`() {
    var meter = Self.meter()
    for number in 0..<50 { meter.record(Self.outcome(number * 20, number * 20 + 10)) }
    meter.record(Self.outcome(1_100, 1_101, .refused))
    let scope = Self.scope(meter, end: 3_100)
    #expect(scope.longest?.length == .milliseconds(2_000))
    #expect(scope.badSlots == 20)
  }

  @Test func `a server that gets no requests after a failure is not out for that`() {
    var meter = Self.meter(idleLimit: .seconds(1))
    meter.record(Self.outcome(0, 10))
    meter.record(Self.outcome(100, 110, .reset))
    meter.record(Self.outcome(60_000, 60_010))
    let scope = Self.scope(meter, end: 61_000)
    #expect(scope.badSlots == 1)
    #expect(scope.longest?.length == .milliseconds(10))
  }

  @Test func `kinds of failures are counted, and no more of them than the limit`() {
    var meter = Self.meter()
    for status in 400..<500 { meter.record(Self.outcome(0, 1, .status(status))) }
    meter.record(Self.outcome(0, 1, .status(400)))
    let kinds = Self.scope(meter, end: 10).kinds
    #expect(kinds.count == OutageMeter.kindLimit)
    #expect(kinds[0] == Disruption.Kind(label: "400", count: 2))
  }

  @Test func `with chance arrivals nothing stands out`() {
    var random = SeededGenerator(seed: 3, stream: "arrivals")
    var meter = Self.meter()
    var due = 0.0
    var outcomes: [Outcome] = []
    for _ in 0..<50_000 {
      due += random.exponential(mean: 20)
      outcomes.append(Self.outcome(Int(due), Int(due + random.exponential(mean: 10)) + 1))
    }
    for outcome in outcomes.sorted(by: { $0.done < $1.done }) { meter.record(outcome) }
    #expect(Self.scope(meter, end: Int(due)).badSlots == 0)
  }
}

extension SeededGenerator {
  fileprivate mutating func exponential(mean: Double) -> Double {
    // The mean of -ln(u) is 1; a sum of halves does without a logarithm and has the same mean.
    var steps = 1.0
    while next() & 1 == 0 { steps += 1 }
    return mean / 2 * (steps - Double(next() >> 11) / Double(1 << 53)) * 4 / 3
  }
}
