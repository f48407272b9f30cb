// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkKeystone
import FalseworkLoad
import FalseworkScenario
import Testing

@testable import FalseworkReport

@Suite struct TerminalTableTests {
  private func table(_ result: RunResult, width: Int = 80, colours: Bool = false) -> String {
    TerminalTable(result, width: width, colours: colours).text
  }

  @Test func `the table of a run by hand`() throws {
    try GoldenFile.expect(Array(table(try SyntheticRun.restart()).utf8), "table.txt")
  }

  @Test func `the table of a run by hand, with colours`() throws {
    let text = table(try SyntheticRun.restart(), colours: true)
    try GoldenFile.expect(Array(text.utf8), "table.ansi")
  }

  @Test func `colours change no character`() throws {
    let result = try SyntheticRun.restart()
    var text = table(result, colours: true)
    for code in ["0", "1", "2", "31", "32", "33"] {
      text = text.split(separator: "\u{1B}[\(code)m", omittingEmptySubsequences: false).joined()
    }
    #expect(text == table(result))
  }

  /// Everything that can be long is.
  private func wide() throws -> RunResult {
    var result = try SyntheticRun.restart()
    let long = String(repeating: "very long ", count: 12) + "\u{1B}[2J\nname"
    result.description.scenario = long
    result.description.nodes = [long, "keystone2"]
    result.description.servers[0].name = long
    result.nodes[0].name = long
    result.servers[0].name = long
    result.rows[0].name = long
    result.rows[0].requests = 1_234_567_890
    result.causes[0].seen[0].step = long
    result.causes[0].count = 123_456_789
    result.how = .rotationAborted(long)
    result.verdict = .aborted
    result.inFlight = 1_234_567
    result.lateness = result.total.response
    return result
  }

  @Test func `no line is wider than the terminal, whatever is in it`() throws {
    let result = try wide()
    for width in [72, 73, 80, 100, 132, 200] {
      for line in table(result, width: width).split(separator: "\n") {
        #expect(line.count <= width, "\(line)")
        #expect(!line.contains("\u{1B}"))
      }
    }
  }

  @Test func `a narrower terminal than the table can serve gets its narrowest`() throws {
    let result = try SyntheticRun.restart()
    #expect(table(result, width: 10) == table(result, width: TerminalTable.leastWidth))
  }

  @Test func `a run without failures says so in one line`() {
    var run = SyntheticRun()
    run.begin()
    run.visit(0, at: 0, .authenticated(by: 0), .validated(by: 1))
    let result = run.collector.finish(
      at: SyntheticRun.at(1_000), how: .completed, inFlight: 0, proxyCounters: [:])
    let text = table(result)
    #expect(text.contains("\nFailures: none\n"))
    #expect(text.contains("was    serving newton throughout"))
    #expect(text.contains("proxy  UP throughout"))
    #expect(text.hasSuffix("No thresholds were set. Exit code 0.\n"))
    #expect(!text.contains("rotation"))
  }

  @Test func `a run without a load has a table`() {
    let run = SyntheticRun(SyntheticRun.description(plan: .none))
    let result = run.collector.finish(
      at: SyntheticRun.at(1_000), how: .interrupted, inFlight: 0, proxyCounters: [:])
    let text = table(result)
    #expect(text.contains("Aggregated"))
    #expect(text.contains("unknown: nothing was told"))
    #expect(text.contains("Interrupted: this is the result so far. Exit code 130."))
  }

  @Test func `more nodes and causes than fit are counted`() throws {
    var result = try SyntheticRun.restart()
    result.nodes = Array(repeating: result.nodes[0], count: 40)
    result.causes = Array(repeating: result.causes[0], count: 30)
    let text = table(result)
    #expect(text.contains("and 24 more nodes: see result.json"))
    #expect(text.contains("and 6 more causes: see result.json"))
  }

  @Test func `servers of one node that fared alike have one line, others one each`() throws {
    var result = try SyntheticRun.restart()
    result.servers.append(result.servers[0])
    result.servers[2].name = "admin/keystone1"
    let alike = table(result).split(separator: "\n").filter { $0.contains("proxy  UP → DOWN") }
    #expect(alike.count == 2)
    result.servers[2].timeline = Timeline(limit: 10)
    let apart = table(result)
    #expect(apart.contains("proxy  keystone/keystone1: UP → DOWN 9.0s"))
    #expect(apart.contains("proxy  admin/keystone1: unknown: nothing was told"))
  }

  @Test func `a short phase is left out, a last one never`() {
    var run = SyntheticRun()
    run.turned(SyntheticRun.keystone1, .serving, 0, "newton")
    run.turned(SyntheticRun.keystone1, .zombie, 1_000, "newton")
    run.turned(SyntheticRun.keystone1, .refusing, 1_049, "newton")
    run.turned(SyntheticRun.keystone1, .stopped, 2_000, "newton")
    run.turned(SyntheticRun.keystone1, .starting, 2_050, "newton")
    let result = run.collector.finish(
      at: SyntheticRun.at(2_051), how: .completed, inFlight: 0, proxyCounters: [:])
    #expect(
      table(result, width: 100).contains(
        "was    serving newton → refusing 1.0s → stopped 2.0s → starting 2.1s\n"))
  }

  @Test func `a share that two decimals would hide is shown`() throws {
    let threshold = try Threshold(.failureRate, parsing: "== 0%")
    func text(_ part: Int, _ whole: Int) -> String {
      ThresholdResult(threshold, .share(of: whole, part: part)).measuredText
    }
    #expect(text(10, 2_527) == "0.40%")
    #expect(text(1, 1_000_000) == "0.000100%")
  }
}
