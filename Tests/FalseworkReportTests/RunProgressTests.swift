// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkKeystone
import FalseworkLoad
import FalseworkRotation
import Testing

@testable import FalseworkReport

@Suite struct RunProgressTests {
  /// A success a second, each a millisecond longer.
  private func run(seconds: Int) -> SyntheticRun {
    var run = SyntheticRun()
    run.begin()
    for second in 0..<seconds {
      run.collector.record(
        .request(
          SyntheticRun.outcome(
            number: second + 1, sent: second * 1_000, done: second * 1_000 + second + 1,
            status: 201, .ok)))
    }
    return run
  }

  @Test func `it tells the last whole seconds and where everything stands`() {
    var run = run(seconds: 10)
    run.collector.record(.request(SyntheticRun.outcome(sent: 7_000, done: 7_900, .closed)))
    run.turned(SyntheticRun.keystone1, .zombie, 9_500, "newton")
    run.mark(.stopping, SyntheticRun.keystone1, 9_500)
    let progress = run.collector.progress(at: SyntheticRun.at(9_700))
    #expect(progress.requests == 11 && progress.failures == 1)
    #expect(progress.recentSeconds == 5)
    #expect(progress.recentRequests == 6 && progress.recentFailures == 1)
    // Seconds 4 to 8: 5 to 9 ms, to a hundredth.
    #expect(progress.recentMedian.map { $0.nanoseconds / 100_000 } == 70)
    #expect(progress.recentP99.map { $0.nanoseconds / 100_000 } == 90)
    #expect(progress.nodes == [.zombie, .serving])
    #expect(progress.beliefs.map { $0.map { BeliefWord($0) } } == [.up, .up])
    #expect(progress.lastMark?.step == .stopping)
  }

  @Test func `in its first seconds it tells what there is`() {
    let progress = run(seconds: 3).collector.progress(at: SyntheticRun.at(2_500))
    #expect(progress.recentSeconds == 2)
    #expect(progress.recentRequests == 2)
    let first = run(seconds: 1).collector.progress(at: SyntheticRun.at(500))
    #expect(first.recentSeconds == 1 && first.recentRequests == 1)
  }

  @Test func `long after the last request the last seconds are empty`() {
    let progress = run(seconds: 10).collector.progress(at: SyntheticRun.at(60_000))
    #expect(progress.recentRequests == 0 && progress.recentMedian == nil)
    #expect(progress.requests == 10)
  }

  @Test func `a collector that nobody watches keeps no window`() {
    var quiet = SyntheticRun(options: .figures)
    quiet.visit(0, at: 0, .authenticated(by: 0), .validated(by: 0))
    let progress = quiet.collector.progress(at: SyntheticRun.at(2_000))
    #expect(progress.recentSeconds == 0 && progress.recentRequests == 0)
    #expect(progress.requests == 2 && progress.nodes == [nil, nil])
  }
}
