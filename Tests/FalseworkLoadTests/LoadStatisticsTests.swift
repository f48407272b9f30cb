// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import Testing

@testable import FalseworkLoad

@Suite struct LoadStatisticsTests {
  // MARK: The stall

  /// A thousand arrivals a second for ten seconds at a server that answers at once, save that it
  /// stands still from 4 s to 6 s and then answers whatever it has.
  private static func stall() -> LoadStatistics {
    let plan = LoadPlan.open(every: .milliseconds(1), limit: 5_000)
    let stall = Instant.start + .seconds(4)..<Instant.start + .seconds(6)
    let end = Instant.start + .seconds(10)
    var world = LoadWorld(plan)
    var answers: [(at: Instant, slot: SlotID)] = []
    var answered = 0
    var seen = 0
    while true {
      let answer = answered < answers.count ? answers[answered].at : .never
      let next = min(answer, world.engine.nextWake)
      guard next < end else { break }
      world.pass(next - world.now)
      if answer == next {
        world.answered(answers[answered].slot, 200)
        answered += 1
      } else {
        world.wake()
      }
      while seen < world.log.count {
        if case .connect(let slot) = world.log[seen] { world.connected(slot) }
        if case .send(let slot, _) = world.log[seen] {
          answers.append((stall.contains(next) ? stall.upperBound : next, slot))
        }
        seen += 1
      }
    }
    var statistics = LoadStatistics(plan: plan, begin: .start)
    for outcome in world.outcomes { statistics.record(outcome) }
    statistics.end(at: end)
    return statistics
  }

  /// What a generator that waits for its answers reports for the same stall: p99 5 ms.
  @Test func `a stall of two seconds in ten shows as it was`() throws {
    let statistics = Self.stall()
    #expect(statistics.total.requests == 10_000)
    #expect(statistics.total.failures == 0)
    // The histogram keeps three digits.
    let times = statistics.total.response
    #expect(try #require(times.percentile(80)) < .milliseconds(2))
    #expect(abs(try #require(times.percentile(90)).seconds - 1.0) < 0.001_5)
    #expect(abs(try #require(times.percentile(99)).seconds - 1.9) < 0.002)
    #expect(statistics.total.longest == .seconds(2))
    // The last answer before it came at 3.999 s.
    #expect(statistics.longestGap.length == .milliseconds(2_001))
    #expect(statistics.longestGap.to == .start + .seconds(6))
    #expect(
      statistics.seconds.map(\.requests) == [1_000, 1_000, 1_000, 1_000, 0, 0, 3_000]
        + [1_000, 1_000, 1_000])
  }

  // MARK: Rows

  private static let plan = LoadPlan.closed(tasks: [
    .authenticateThenValidate, .of(.validatePooled), .of(.validateOwn),
  ])

  /// An outcome at these milliseconds.
  private static func outcome(
    task: Int = 0, step: Int = 0, user: Int = 0, journey: Int = 1, due: Int64 = 0, sent: Int64? = 0,
    done: Int64, _ verdict: Outcome.Verdict = .ok, newConnection: Bool = false,
    preliminary: Bool = false
  ) -> Outcome {
    Outcome(
      number: 1, task: task, step: step, user: user, journey: journey,
      due: .start + .milliseconds(due), sent: sent.map { .start + .milliseconds($0) } ?? .never,
      firstByte: .never, done: .start + .milliseconds(done), newConnection: newConnection,
      localPort: 0, ordinal: 1, status: 0, verdict: verdict, lackedToken: false,
      preliminary: preliminary)
  }

  private static func statistics(_ outcomes: [Outcome]) -> LoadStatistics {
    var statistics = LoadStatistics(plan: plan, begin: .start)
    for outcome in outcomes { statistics.record(outcome) }
    return statistics
  }

  @Test func `steps of one name share a row, in the order of the plan`() {
    let statistics = Self.statistics([
      Self.outcome(task: 0, step: 1, done: 10), Self.outcome(task: 2, step: 0, done: 20),
      Self.outcome(task: 1, step: 0, done: 30),
    ])
    #expect(statistics.rows.map(\.name) == ["authenticate", "validate", "validate pooled"])
    #expect(statistics.rows.map(\.requests) == [0, 2, 1])
    #expect(statistics.total.requests == 3)
  }

  @Test func `an authentication that a step needed first is no validation`() {
    let statistics = Self.statistics([
      Self.outcome(task: 1, step: 0, done: 200, preliminary: true),
      Self.outcome(task: 1, step: 0, done: 210),
    ])
    #expect(statistics.rows.map(\.requests) == [1, 0, 1])
  }

  @Test func `and has a row of its own if no step authenticates`() {
    let plan = LoadPlan.closed(tasks: [.of(.validatePooled)])
    var statistics = LoadStatistics(plan: plan, begin: .start)
    statistics.record(Self.outcome(done: 200, preliminary: true))
    #expect(statistics.rows.map(\.name) == ["validate pooled", "authenticate"])
    #expect(statistics.rows.map(\.requests) == [0, 1])
  }

  @Test func `successes and failures have their times apart`() throws {
    let statistics = Self.statistics([
      Self.outcome(due: 0, sent: 100, done: 300),
      Self.outcome(due: 300, sent: 300, done: 301, .reset),
      Self.outcome(due: 400, sent: nil, done: 405, .refused),
    ])
    let row = statistics.rows[0]
    #expect(row.requests == 3 && row.failures == 2)
    #expect(row.response.count == 1 && row.service.count == 1 && row.failed.count == 2)
    #expect(abs(try #require(row.response.percentile(50)).seconds - 0.3) < 0.000_5)
    #expect(abs(try #require(row.service.percentile(50)).seconds - 0.2) < 0.000_5)
    #expect(row.shortest == .milliseconds(1))
    #expect(row.longest == .milliseconds(300))
    #expect(row.sum == .milliseconds(306))
  }

  @Test func `without a request there is no percentile`() {
    #expect(Self.statistics([]).total.response.percentile(50) == nil)
  }

  @Test(arguments: [(-5, 0), (0, 0), (999, 0), (1_000, 1), (7_200_000_000_000, 3_600_000_000)])
  func `times are kept in microseconds, up to an hour`(nanoseconds: Int64, microseconds: Int64)
    throws
  {
    var times = LoadStatistics.Times()
    times.record(.nanoseconds(nanoseconds))
    let kept = try #require(times.percentile(100)).nanoseconds / 1_000
    #expect(kept >= microseconds && Double(kept) <= Double(microseconds) * 1.001)
  }

  // MARK: Gaps

  @Test func `a gap reaches from one success to the next, over all failures`() {
    let statistics = Self.statistics([
      Self.outcome(done: 100), Self.outcome(done: 150, .reset), Self.outcome(done: 600, .refused),
      Self.outcome(done: 700), Self.outcome(done: 750),
    ])
    #expect(
      statistics.longestGap
        == LoadStatistics.Gap(
          from: .start + .milliseconds(100), to: .start + .milliseconds(700)))
  }

  @Test func `the time before the first success and after the last are gaps too`() {
    #expect(Self.statistics([Self.outcome(done: 400)]).longestGap.length == .milliseconds(400))
    var statistics = Self.statistics([Self.outcome(done: 100)])
    statistics.end(at: .start + .milliseconds(900))
    #expect(statistics.longestGap.length == .milliseconds(800))
    var silent = Self.statistics([])
    silent.end(at: .start + .seconds(3))
    #expect(silent.longestGap.length == .seconds(3))
  }

  // MARK: Seconds, failures, lateness

  @Test func `requests belong to the second in which they ended`() {
    let statistics = Self.statistics([
      Self.outcome(done: 999), Self.outcome(done: 1_000, .timeout), Self.outcome(done: 3_500),
    ])
    #expect(statistics.seconds.map(\.requests) == [1, 1, 0, 1])
    #expect(statistics.seconds.map(\.failures) == [0, 1, 0, 0])
    #expect(statistics.seconds[3].longest == .milliseconds(3_500))
  }

  @Test func `failures are kept whole, and a journey is lost once`() {
    let failures = [
      Self.outcome(user: 1, journey: 1, done: 10, .closed),
      Self.outcome(step: 1, user: 1, journey: 1, done: 20, .status(401)),
      Self.outcome(user: 0, journey: 2, done: 30, .closed),
      Self.outcome(user: 1, journey: 3, done: 40, .closed),
    ]
    let statistics = Self.statistics(failures + [Self.outcome(user: 0, journey: 4, done: 50)])
    #expect(statistics.failures == failures)
    #expect(statistics.failuresNotKept == 0)
    #expect(statistics.lostJourneys == 3)
  }

  @Test func `a flood of failures is counted to the end`() {
    var statistics = LoadStatistics(plan: Self.plan, begin: .start)
    for index in 0..<100_010 {
      statistics.record(Self.outcome(journey: index + 1, done: Int64(index), .refused))
    }
    #expect(statistics.failures.count == 100_000)
    #expect(statistics.failuresNotKept == 10)
    #expect(statistics.total.failures == 100_010)
    #expect(statistics.lostJourneys == 100_010)
  }

  @Test
  func `the engine is late by what lies between due and taken up, with a new connection or not`() {
    var reused = Self.outcome(due: 0, sent: 7, done: 10)
    reused.began = .start + .milliseconds(7)
    var opened = Self.outcome(due: 0, sent: 9, done: 10, newConnection: true)
    opened.began = .start + .milliseconds(2)
    let never = Self.outcome(due: 0, sent: nil, done: 10, .timeout)
    let statistics = Self.statistics([reused, opened, never])
    #expect(statistics.lateness.count == 2)
    #expect(statistics.lateness.shortest == .milliseconds(2))
    #expect(statistics.lateness.longest == .milliseconds(7))
  }
}
