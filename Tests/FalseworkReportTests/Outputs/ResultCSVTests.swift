// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkKeystone
import FalseworkLoad
import FalseworkRotation
import Testing

@testable import FalseworkReport

@Suite struct ResultCSVTests {
  private func lines(_ bytes: [UInt8]) -> [Substring] {
    String(decoding: bytes, as: UTF8.self).split(separator: "\n")
  }

  @Test func `the requests of a run by hand`() throws {
    try GoldenFile.expect(ResultCSV(try SyntheticRun.restart()).requests, "requests.csv")
  }

  @Test func `the events of a run by hand`() throws {
    try GoldenFile.expect(ResultCSV(try SyntheticRun.restart()).events, "events.csv")
  }

  @Test func `a request that was never sent has empty cells`() throws {
    var run = SyntheticRun()
    var outcome = SyntheticRun.outcome(sent: 10, done: 20, ordinal: 0, .refused)
    outcome.sent = .never
    run.collector.record(.request(outcome))
    let result = run.collector.finish(
      at: SyntheticRun.at(100), how: .completed, inFlight: 0, proxyCounters: [:])
    let row = try #require(lines(ResultCSV(result).requests).last)
    #expect(
      row == "1,authenticate-then-validate,authenticate,0,0.010000,,,0.020000,,connection refused,"
        + "entrance-refused,")
  }

  @Test func `commas, quotes and line ends are quoted`() {
    var run = SyntheticRun()
    run.collector.record(
      .noticed(SyntheticRun.notice("a \"b\",\r\nc"), at: SyntheticRun.at(1)))
    let result = run.collector.finish(
      at: SyntheticRun.at(100), how: .completed, inFlight: 0, proxyCounters: [:])
    let text = String(decoding: ResultCSV(result).events, as: UTF8.self)
    #expect(text == "at_s,kind,subject,what\n0.001000,notice,,\"a \"\"b\"\",\r\nc\"\n")
  }

  @Test func `at one moment truth comes before belief, and belief before what was said of it`() {
    var run = SyntheticRun()
    run.mark(.began, nil, 5)
    run.collector.record(.noticed(SyntheticRun.notice("n"), at: SyntheticRun.at(5)))
    run.believed(0, SyntheticRun.up, 5)
    run.turned(SyntheticRun.keystone1, .serving, 5, "newton")
    run.mark(.ended, nil, 4)
    let result = run.collector.finish(
      at: SyntheticRun.at(100), how: .completed, inFlight: 0, proxyCounters: [:])
    let kinds = lines(ResultCSV(result).events).dropFirst().map { $0.split(separator: ",")[1] }
    #expect(kinds == ["mark", "node", "belief", "mark", "notice"])
  }
}
