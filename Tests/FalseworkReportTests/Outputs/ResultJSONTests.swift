// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkKeystone
import FalseworkLoad
import FalseworkRotation
import FalseworkScenario
import Testing

@testable import FalseworkReport

@Suite struct ResultJSONTests {
  private func expectValid(
    _ result: RunResult, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let schema = JSONSchema(root: try JSONValue(try SpecFile.bytes("result.schema.json")))
    let problems = schema.problems(try JSONValue(ResultJSON(result).bytes))
    #expect(problems == [], sourceLocation: sourceLocation)
  }

  @Test func `the JSON of a run by hand`() throws {
    let result = try SyntheticRun.restart()
    try GoldenFile.expect(ResultJSON(result).bytes, "result.json")
    try expectValid(result)
  }

  @Test(arguments: [
    RunEnd.completed, .interrupted, .rotationAborted("keystone1 did not exit within 60s"),
    .invariantBroken("a request ended twice"), .loadFailed("'locust' ended with status 1"),
  ]) func `the JSON of a run of nothing is valid, however it ended`(end: RunEnd) throws {
    for hasProxy in [true, false] {
      var description = SyntheticRun.description(hasProxy: hasProxy, plan: .none)
      description.strategy = nil
      description.seed = .max
      let run = SyntheticRun(description)
      let result = run.collector.finish(
        at: SyntheticRun.at(1_000), how: end, inFlight: 0, proxyCounters: [:])
      try expectValid(result)
    }
  }

  @Test func `every kind of cause and every phase is valid`() throws {
    var result = try SyntheticRun.restart()
    let failure = result.failures[0]
    let kinds = Cause.Kind.allCases
    let phases = NodePhase.allCases
    let words = BeliefWord.allCases
    result.failures = kinds.indices.map { place in
      var failure = failure
      failure.cause = Cause(
        kinds[place], node: SyntheticRun.keystone1, phase: phases[place % phases.count],
        belief: words[place % words.count], status: 503)
      failure.phaseWhenSent = phases[place % phases.count]
      failure.phaseWhenEnded = nil
      failure.sight = place % 2 == 0 ? failure.sight : nil
      return failure
    }
    result.causes = CauseGrouping(result.description).groups(result.failures, notKept: 3)
    result.failuresNotKept = 3
    try expectValid(result)
    let json = try JSONValue(ResultJSON(result).bytes)
    #expect(json["failed_requests_not_listed"] == .number(3))
  }

  @Test func `every threshold is valid, measured or not`() throws {
    for result in [
      try SyntheticRun.restart(),
      SyntheticRun().collector.finish(
        at: .start, how: .completed, inFlight: 0, proxyCounters: [:]),
    ] {
      var result = result
      result.thresholds = try Threshold.Figure.allCases.map { figure in
        let text =
          switch figure.unit {
          case .count: "== 0"
          case .percent: "== 0%"
          case .duration: "< 1s"
          }
        return ThresholdResult(
          try Threshold(figure, parsing: text), result.measured(figure, of: nil))
      }
      try expectValid(result)
    }
  }

  @Test func `a run with nobody's load beside it is void in so many words`() throws {
    var result = try SyntheticRun.restart()
    result.voidReasons = RunResult.VoidReason.allCases
    result.description.plan.model = .open(every: .milliseconds(20), arrivals: .even, limit: 10)
    try expectValid(result)
    let generator = try JSONValue(ResultJSON(result).bytes)["generator"]
    #expect(generator?["model"] == .text("open") && generator?["void"] == .flag(true))
  }

  @Test func `a live run tells when it began`() throws {
    var result = try SyntheticRun.restart()
    result.description.world = .live
    result.description.wallStart = UTCTime(seconds: 1_000_000_000)
    try expectValid(result)
    let json = try JSONValue(ResultJSON(result).bytes)
    #expect(json["wall_start"] == .text("2001-09-09T01:46:40.000000Z"))
  }

  @Test func `the list of failures ends at its limit`() throws {
    var result = try SyntheticRun.restart()
    result.failures = Array(repeating: result.failures[0], count: ResultJSON.failureLimit + 2)
    result.failuresNotKept = 5
    let lines = String(decoding: ResultJSON(result).bytes, as: UTF8.self).split(separator: "\n")
    #expect(lines.count { $0.hasPrefix("      \"local_port\"") } == ResultJSON.failureLimit)
    #expect(lines.contains("  \"failed_requests_not_listed\": 7,"))
  }
}
