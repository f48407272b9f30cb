// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import FalseworkReport

@Suite struct ResultComparisonTests {
  private static func rows(_ results: [RunResult]) throws -> [String: ResultComparison.Row] {
    let files = results.enumerated().map { ("run \($0)", ResultJSON($1).bytes) }
    let comparison = try #require(ResultComparison(files))
    var rows: [String: ResultComparison.Row] = [:]
    for row in comparison.sections.flatMap(\.rows) { rows[row.label] = row }
    return rows
  }

  @Test func `figures stand beside each other with the second less the first`() throws {
    let first = try SyntheticRun.restart()
    var second = first
    second.total.requests = first.total.requests + 3
    second.lostJourneys = first.lostJourneys - 1
    let rows = try Self.rows([first, second])
    #expect(
      rows["requests"]?.values == ["\(first.total.requests)", "\(first.total.requests + 3)"])
    #expect(rows["requests"]?.difference == "+3")
    #expect(rows["lost journeys"]?.difference == "-1")
    #expect(rows["failures"]?.difference == "0")
    #expect(rows["world"]?.difference == nil)
  }

  @Test func `causes and events that only one has are rows as well`() throws {
    let first = try SyntheticRun.restart()
    var second = first
    second.causes = []
    second.marks = []
    let rows = try Self.rows([first, second])
    let kind = try #require(first.causes.first)
    let count = first.causes.filter { $0.cause.kind == kind.cause.kind }.reduce(0) { $0 + $1.count }
    #expect(rows[kind.cause.kind.rawValue]?.values == ["\(count)", "0"])
    #expect(rows["keystone1 stopping"]?.values[0] != nil)
    #expect(rows["keystone1 stopping"]?.values[1] == nil)
  }

  @Test func `the table has 80 columns, and with three results no differences`() throws {
    let run = try SyntheticRun.restart()
    let names = ["runs/a/very/long/name/that/nobody/reads", "b", "c"]
    for count in 2...3 {
      let files = names.prefix(count).map { ($0, ResultJSON(run).bytes) }
      let text = try #require(ResultComparison(Array(files))).text
      #expect(text.split(separator: "\n").allSatisfy { $0.count <= 80 })
      #expect(text.contains("difference") == (count == 2))
    }
  }

  @Test(arguments: ["", "{}", "[1]", "{\"result_format\": 1"])
  func `what is no result is refused`(text: String) throws {
    let run = ResultJSON(try SyntheticRun.restart()).bytes
    #expect(ResultComparison([("a", run), ("b", Array(text.utf8))]) == nil)
  }
}
