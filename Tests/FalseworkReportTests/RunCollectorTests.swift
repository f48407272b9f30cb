// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkKeystone
import FalseworkLoad
import FalseworkProxy
import FalseworkRotation
import FalseworkScenario
import Testing

@testable import FalseworkReport

@Suite struct RunCollectorTests {
  @Test func `every failure is in exactly one group`() throws {
    let result = try SyntheticRun.restart()
    #expect(result.total.requests == 28)
    #expect(result.total.failures == 7)
    #expect(result.causes.reduce(0) { $0 + $1.count } == 7)
    #expect(result.failures.count == 7)
    for group in result.causes {
      #expect(group.seen.reduce(0) { $0 + $1.count } == group.count)
      #expect(result.failures.contains { $0.outcome.number == group.example })
    }
    #expect(result.silent == 1)
    #expect(result.lostJourneys == 4)
  }

  @Test func `the same events give the same result`() throws {
    let first = try SyntheticRun.restart()
    let second = try SyntheticRun.restart()
    #expect(first == second)
    #expect(first.files == second.files)
  }

  @Test func `load and proxy may tell of a request in either order`() {
    func result(proxyFirst: Bool) -> RunResult {
      var run = SyntheticRun()
      run.begin()
      run.turned(SyntheticRun.keystone1, .zombie, 5_000, "newton")
      let events: [RunEvent] = [
        .proxied(
          SyntheticRun.record(
            began: 4_900, ended: 5_010, server: 0, status: 0, "SH", logged: false)),
        .request(SyntheticRun.outcome(sent: 4_900, done: 5_011, .closed)),
      ]
      for event in proxyFirst ? events : events.reversed() { run.collector.record(event) }
      return run.collector.finish(
        at: SyntheticRun.at(6_000), how: .completed, inFlight: 0, proxyCounters: [:])
    }
    #expect(result(proxyFirst: true) == result(proxyFirst: false))
    #expect(result(proxyFirst: false).causes.map(\.cause.kind) == [.inFlightAtStop])
    #expect(result(proxyFirst: false).requests.map(\.server) == [0])
  }

  @Test func `a request without a token points at the one that failed before it`() throws {
    let result = try SyntheticRun.restart()
    let orphans = result.failures.filter { $0.cause.kind == .noToken }
    #expect(orphans.map(\.because) == [17, 19])
  }

  @Test func `another user's or another journey's failure is nobody's reason`() {
    var run = SyntheticRun()
    run.begin()
    for (number, user, journey) in [(1, 0, 1), (2, 1, 2), (3, 0, 3)] {
      run.collector.record(
        .request(
          SyntheticRun.outcome(
            number: number, user: user, journey: journey, sent: number * 100,
            done: number * 100 + 1, status: 401, .status(401), lackedToken: true)))
    }
    let result = run.collector.finish(
      at: SyntheticRun.at(1_000), how: .completed, inFlight: 0, proxyCounters: [:])
    #expect(result.failures.map(\.because) == [nil, nil, nil])
  }

  @Test func `requests are kept up to the limit and then counted`() {
    var options = RunCollector.Options.everything
    options.requestLimit = 3
    var run = SyntheticRun(options: options)
    for visit in 0..<4 {
      run.visit(0, at: visit * 1_000, .authenticated(by: 0), .validated(by: 1))
    }
    let result = run.collector.finish(
      at: SyntheticRun.at(5_000), how: .completed, inFlight: 0, proxyCounters: [:])
    #expect(result.requests.map(\.number) == [1, 2, 3])
    #expect(result.requests.map(\.server) == [0, 1, 0])
    #expect(result.requestsNotKept == 5)
    #expect(result.total.requests == 8)
  }

  @Test func `a kept request is as small as the options promise`() {
    #expect(MemoryLayout<RequestRow>.stride <= 80)
  }

  @Test func `requests are counted at the server where they ended`() throws {
    let result = try SyntheticRun.restart()
    #expect(result.servers.map(\.requests) == [13, 13])
  }

  @Test func `finishing leaves the collector as it is`() {
    var run = SyntheticRun()
    run.begin()
    run.visit(0, at: 0, .authenticated(by: 0), .validated(by: 1))
    let middle = run.collector.finish(
      at: SyntheticRun.at(1_000), how: .interrupted, inFlight: 1, proxyCounters: [:])
    run.visit(0, at: 2_000, .authenticated(by: 0), .validated(by: 1))
    let end = run.collector.finish(
      at: SyntheticRun.at(3_000), how: .completed, inFlight: 0, proxyCounters: [:])
    #expect(middle.total.requests == 2 && middle.inFlight == 1)
    #expect(end.total.requests == 4)
    #expect(end.longestGap.length == .milliseconds(1_990))
  }

  @Test func `a rotation lasts from its begin to its end or to where it was given up`() {
    func rotation(_ steps: [(Mark.Step, Int)]) -> Interval? {
      var run = SyntheticRun()
      for (step, at) in steps { run.mark(step, nil, at) }
      return run.collector.finish(
        at: SyntheticRun.at(9_000), how: .completed, inFlight: 0, proxyCounters: [:]
      ).rotation?.length
    }
    #expect(
      rotation([(.began, 1_000), (.batchBegan(1), 1_000), (.ended, 4_500)]) == .milliseconds(3_500))
    #expect(rotation([(.began, 1_000), (.aborted("no answer"), 2_000)]) == .seconds(1))
    #expect(rotation([(.began, 1_000), (.batchBegan(1), 1_000)]) == nil)
    #expect(rotation([]) == nil)
  }

  @Test func `a run without a load has a result`() {
    var run = SyntheticRun(SyntheticRun.description(plan: .none))
    run.begin()
    run.collector.record(
      .proxied(SyntheticRun.record(began: 10, ended: 20, server: 0, status: 200, "--")))
    let result = run.collector.finish(
      at: SyntheticRun.at(1_000), how: .completed, inFlight: 0, proxyCounters: [:])
    #expect(result.total.requests == 0 && result.rows.isEmpty)
    #expect(result.servers[0].requests == 1)
    #expect(result.verdict == .held)
  }

  @Test func `a load that was too late makes the run void`() {
    var run = SyntheticRun()
    for number in 1...100 {
      var outcome = SyntheticRun.outcome(
        number: number, sent: number * 10, done: number * 10 + 5, ordinal: 2, status: 201, .ok)
      outcome.due = SyntheticRun.at(number * 10 - (number > 95 ? 101 : 0))
      run.collector.record(.request(outcome))
    }
    let result = run.collector.finish(
      at: SyntheticRun.at(2_000), how: .completed, inFlight: 0, proxyCounters: [:])
    #expect(result.voidReasons == [.late])
    #expect(result.verdict == .void)
    #expect(result.lateness?.median == .zero)
    #expect(result.lateness?.longest == .milliseconds(101))
  }

  @Test func `a load without ports makes the run void`() {
    var run = SyntheticRun()
    run.collector.record(
      .request(SyntheticRun.outcome(sent: 10, done: 10, ordinal: 0, .resources)))
    let result = run.collector.finish(
      at: SyntheticRun.at(1_000), how: .completed, inFlight: 0, proxyCounters: [:])
    #expect(result.voidReasons == [.resources])
    #expect(result.causes.map(\.cause.kind) == [.localResources])
  }

  @Test func `failures that were not kept are a group of their own`() throws {
    let failure = try #require(try SyntheticRun.restart().failures.first)
    let groups = CauseGrouping(SyntheticRun.description()).groups([failure], notKept: 5)
    #expect(groups.map(\.cause.kind) == [.inFlightAtStop, .notKept])
    #expect(groups.map(\.count) == [1, 5])
    #expect(groups[1].first == nil)
  }

  @Test func `causes come before what followed from them, frequent ones first`() throws {
    let failures = try SyntheticRun.restart().failures
    func group(_ kinds: [Cause.Kind]) -> [Cause.Kind] {
      let failures = kinds.map { kind in
        var failure = failures[0]
        failure.cause = Cause(kind)
        return failure
      }
      return CauseGrouping(SyntheticRun.description()).groups(failures, notKept: 9)
        .map(\.cause.kind)
    }
    #expect(
      group([.noToken, .noToken, .noToken, .unseen, .refused, .refused])
        == [.refused, .unseen, .noToken, .notKept])
    #expect(group([.unseen, .refused, .unknown]) == [.unseen, .refused, .unknown, .notKept])
  }

  @Test func `notices are kept up to the limit and then counted`() {
    var options = RunCollector.Options.figures
    options.timelineLimit = 2
    var run = SyntheticRun(options: options)
    for second in 1...3 {
      run.collector.record(
        .noticed(SyntheticRun.notice("n\(second)"), at: SyntheticRun.at(second * 1_000)))
    }
    let result = run.collector.finish(
      at: SyntheticRun.at(5_000), how: .completed, inFlight: 0, proxyCounters: [:])
    #expect(result.notices.map(\.notice.text) == ["n1", "n2"])
    #expect(result.noticesNotKept == 1)
  }

  @Test(arguments: [
    ("requests", "== 28", true), ("failures", "< 7", false), ("failures", "<= 7", true),
    ("failure-rate", "<= 25%", true), ("failure-rate", "< 25%", false),
    ("lost-journeys", "== 4", true), ("median", "< 226ms", true), ("p95", "< 239ms", false),
    ("p99", "<= 1200ms", true), ("max", "== 1200ms", true), ("longest-gap", "< 5050ms", false),
    ("longest-gap", "<= 5050ms", true), ("rotation", "== 4650ms", true),
  ]) func `a threshold is held to the figure of its name`(
    figure: String, condition: String, held: Bool
  ) throws {
    let figure = try #require(Threshold.Figure(rawValue: figure))
    let threshold = try Threshold(figure, parsing: condition)
    let result = try SyntheticRun.restart()
    #expect(ThresholdResult(threshold, result.measured(figure, of: nil)).held == held)
  }
}
