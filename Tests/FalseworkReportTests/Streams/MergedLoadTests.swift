// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import Testing

@testable import FalseworkLoad
@testable import FalseworkReport

@Suite struct MergedLoadTests {
  /// What a part of three saw: failures of several kinds, tokens that were used.
  private static func outcomes(_ part: Int) -> [Outcome] {
    var random = SeededGenerator(seed: UInt64(part), stream: "merge")
    return (1...400).map { number -> Outcome in
      let due = number * 13 + part
      let verdicts: [Outcome.Verdict] = [.ok, .ok, .ok, .status(503), .reset, .unexpected(.json)]
      let verdict = verdicts[Int(random.below(6))]
      var outcome = SyntheticRun.outcome(
        number: number, step: number % 2, user: number % 3, journey: number / 2 + 1, sent: due,
        done: due + 1 + Int(random.below(900)), ordinal: number,
        status: verdict == .ok ? 200 : verdict == .status(503) ? 503 : 0, verdict)
      outcome.began = outcome.due
      if number % 2 == 1, number > 1 {
        outcome.tokenNumber = number - 1
        outcome.tokenIssued = SyntheticRun.at(due - 13)
      }
      return outcome
    }.sorted { $0.done < $1.done }
  }

  private static let parts = (0..<3).map(outcomes)
  private static let logs = parts.map { $0.map { LoggedRequest($0, SyntheticRun.plan) } }

  private static func merged(pieces: Int) throws -> (MergedLoad, [Outcome]) {
    var load = MergedLoad(parts: 3)
    for log in logs { for request in log { load.learn(request) } }
    var places = [0, 0, 0]
    var requests = MergedRequests(parts: 3)
    var outcomes: [Outcome] = []
    while true {
      while let part = requests.wanting {
        let rest = logs[part][places[part]...].prefix(pieces)
        places[part] += rest.count
        requests.add(Array(rest), part: part)
      }
      guard let (part, request) = requests.next() else { break }
      outcomes.append(try #require(load.outcome(of: request, part: part)))
    }
    return (load, outcomes)
  }

  @Test(arguments: [1, 7, 10_000])
  func `requests come in the order in which they ended, the earlier part first`(pieces: Int) throws
  {
    let outcomes = try Self.merged(pieces: pieces).1
    #expect(outcomes.count == 1_200)
    #expect(zip(outcomes, outcomes.dropFirst()).allSatisfy { $0.done <= $1.done })
    let same = zip(outcomes, outcomes.dropFirst()).filter { $0.done == $1.done }
    #expect(!same.isEmpty && same.allSatisfy { $0.user % 3 <= $1.user % 3 })
  }

  @Test func `every figure is that of all requests together`() throws {
    let (load, outcomes) = try Self.merged(pieces: 50)
    func result(_ outcomes: [Outcome], _ plan: LoadPlan) -> RunResult {
      var run = SyntheticRun(SyntheticRun.description(hasProxy: false, plan: plan))
      for outcome in outcomes { run.collector.ended(outcome) }
      return run.collector.finish(
        at: load.end, how: .completed, inFlight: 0, proxyCounters: [:])
    }
    let all = Self.parts.flatMap { $0 }.sorted { $0.done < $1.done }
    let (merged, direct) = (result(outcomes, load.plan), result(all, SyntheticRun.plan))
    #expect(merged.total == direct.total)
    #expect(merged.total.requests == 1_200)
    let rows = merged.rows.sorted { $0.name < $1.name }
    #expect(rows == direct.rows.sorted { $0.name < $1.name })
    #expect(merged.longestGap == direct.longestGap)
    #expect(merged.disruption.total == direct.disruption.total)
    #expect(merged.disruption.phases[0].tokens.issued > 0)
    #expect(
      merged.disruption.phases[0].tokens.issued == direct.disruption.phases[0].tokens.issued)
    #expect(merged.seconds == direct.seconds)
    #expect(merged.lateness == direct.lateness)
  }

  @Test func `requests, journeys and users of the parts are told apart`() throws {
    let outcomes = try Self.merged(pieces: 50).1
    #expect(Set(outcomes.map(\.number)) == Set(1...1_200))
    #expect(Set(outcomes.map(\.user)) == Set(0..<9))
    for outcome in outcomes where outcome.tokenNumber > 0 {
      // The token came from the request before it in its own part.
      #expect(outcome.tokenNumber == outcome.number - 3)
    }
  }

  @Test func `every verdict is known by its label, and nothing else is`() {
    let statuses: [Outcome.Verdict] = [.status(401), .status(503)]
    for verdict in Outcome.Verdict.withoutStatus + statuses {
      #expect(Outcome.Verdict(label: verdict.label) == verdict)
    }
    #expect(Outcome.Verdict(label: "splendid") == nil)
  }

  @Test func `a request that was not learnt is none`() {
    let load = MergedLoad(parts: 1)
    #expect(load.outcome(of: Self.logs[0][0], part: 0) == nil)
  }
}
