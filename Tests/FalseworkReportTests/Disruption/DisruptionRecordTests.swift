// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkRotation
import Testing

@testable import FalseworkLoad
@testable import FalseworkReport

struct DisruptionRecordTests {
  /// A rotation of two nodes, and a request every 100 ms; what is due in 2.0 to 2.5 s fails.
  private static func run() -> RunResult {
    var run = SyntheticRun()
    run.mark(.began, nil, 1_000)
    run.mark(.batchBegan(1), nil, 1_000)
    run.mark(.told, SyntheticRun.keystone1, 1_100)
    run.mark(.up, SyntheticRun.keystone1, 2_900)
    run.mark(.batchEnded(1), nil, 3_000)
    run.mark(.batchBegan(2), nil, 4_000)
    run.mark(.told, SyntheticRun.keystone2, 4_000)
    run.mark(.up, SyntheticRun.keystone2, 5_000)
    run.mark(.batchEnded(2), nil, 5_000)
    run.mark(.ended, nil, 5_000)
    for number in 0..<100 {
      let due = number * 100
      var outcome = SyntheticRun.outcome(
        number: number + 1, step: number % 2, sent: due, done: due + 10, ordinal: number % 3 + 1,
        status: number % 2 == 0 ? 201 : 200, .ok)
      if (2_000..<2_500).contains(due) { outcome.verdict = .reset }
      if number % 2 == 1 {
        outcome.tokenNumber = 1
        outcome.tokenIssued = SyntheticRun.at(10)
      }
      if number == 61 {
        outcome.verdict = .status(404)
        outcome.status = 404
      }
      run.collector.record(.request(outcome))
    }
    return run.collector.finish(
      at: SyntheticRun.at(10_000), how: .completed, inFlight: 0, proxyCounters: [:])
  }

  @Test func `phases follow the batches, and are named by their nodes`() {
    let phases = Self.run().disruption.phases
    #expect(phases.map(\.name) == ["before", "keystone1", "between", "keystone2", "after"])
    #expect(phases.map(\.requests) == [10, 20, 10, 10, 50])
    #expect(phases.map(\.failures) == [0, 5, 0, 0, 1])
    #expect(phases.map(\.badSlots) == [0, 5, 0, 0, 1])
    #expect(phases[0].median == .milliseconds(10))
  }

  @Test func `a refused token is counted where it was issued`() {
    let tokens = Self.run().disruption.phases.map(\.tokens)
    #expect(tokens[0].accepted == 47)
    #expect(tokens[0].refused == 1)
    #expect(tokens[0].refusedLater == 1)
    #expect(tokens[0].acceptedLater == 42)
    #expect(tokens[0].lost == 1)
    #expect(tokens[0].firstRefusal == SyntheticRun.at(6_110))
    #expect(tokens.map(\.issued) == [5, 7, 5, 5, 25])
  }

  @Test func `windows before, in and after a step are equally long, cut to the run`() {
    let windows = Self.run().disruption.windows
    #expect(windows.map(\.name) == ["rotation", "keystone1", "keystone2"])
    #expect(windows[0].before.from == .start)
    #expect(windows[0].during.requests == 40)
    #expect(windows[0].during.failures == 5)
    #expect(windows[0].after.to == SyntheticRun.at(9_000))
    #expect(windows[2].before.requests == 10)
    #expect(windows[2].after.requests == 10)
    #expect(windows[1].during.badSlots == 5)
    #expect(windows[1].during.mean == .milliseconds(10))
  }

  @Test func `steps and connections are looked at by themselves`() {
    let scopes = Self.run().disruption.scopes
    #expect(scopes.map(\.name) == ["all", "authenticate", "validate", "new", "kept"])
    #expect(scopes.map(\.requests) == [100, 50, 50, 34, 66])
    #expect(scopes.map(\.failures) == [6, 3, 3, 2, 4])
  }

  @Test func `half a second of 99,9 percent in thirty days`() {
    let spent = Disruption.budgetSpent(.seconds(10), objective: 9_990)
    #expect(Figures.percent(spent.part, of: spent.of, decimals: 2) == "0.39")
    #expect(Self.run().disruption.badTime == .milliseconds(600))
  }

  @Test func `a clean run proves three in its number`() throws {
    var run = SyntheticRun()
    for number in 0..<3_000 {
      run.collector.record(
        .request(SyntheticRun.outcome(sent: number, done: number + 1, status: 201, .ok)))
    }
    let result = run.collector.finish(
      at: SyntheticRun.at(3_001), how: .completed, inFlight: 0, proxyCounters: [:])
    let proven = try #require(result.disruption.provenBelow)
    #expect(Figures.percent(proven.part, of: proven.of, decimals: 1) == "0.1")
    #expect(Self.run().disruption.provenBelow == nil)
  }
}
