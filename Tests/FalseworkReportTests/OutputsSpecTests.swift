// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import Testing

@testable import FalseworkLoad
@testable import FalseworkReport

/// `specs/outputs.md` and the program say the same.
struct OutputsSpecTests {
  private let tables: [String: [[String]]]

  init() throws {
    tables = try SpecFile.tables("outputs.md")
  }

  private func column(_ heading: String) -> [String] {
    (tables[heading] ?? []).map { $0[0].bare }
  }

  @Test func `the page has the columns of the log of requests`() {
    #expect(Array(column("The log of requests").prefix(20)) == LoggedRequest.columns)
  }

  @Test func `the page has the kinds of records of the binary log`() {
    // The head of the second table is a row to whoever reads tables.
    let kinds = column("The log of requests").dropFirst(21)
    #expect(kinds.map { Int64($0) } == RequestLog.Kind.allCases.map(\.rawValue))
  }

  @Test func `the page has the columns of Locust's files`() {
    #expect(column("PREFIX_stats.csv") == LocustCSV.statsColumns)
    #expect(column("PREFIX_stats_history.csv") == LocustCSV.historyColumns)
    #expect(column("PREFIX_failures.csv") == LocustCSV.failureColumns)
    #expect(column("PREFIX_exceptions.csv") == LocustCSV.exceptionColumns)
  }

  @Test func `the page has the metrics that Prometheus is served`() throws {
    var run = SyntheticRun()
    run.begin()
    run.collector.record(.request(SyntheticRun.outcome(sent: 0, done: 5, status: 201, .ok)))
    run.collector.record(.request(SyntheticRun.outcome(sent: 9, done: 10, .refused)))
    let text = PrometheusText(run.collector, at: SyntheticRun.at(60_000)).text
    let types = text.split(separator: "\n").filter { $0.hasPrefix("# TYPE ") }
      .map { $0.dropFirst(7).split(separator: " ").map(String.init) }
    #expect(types == tables["Prometheus"]?.map { [$0[0].bare, $0[1]] })
    #expect(text.contains("falsework_requests_total{step=\"authenticate\",outcome=\"failed\"} 1\n"))
    #expect(text.contains("falsework_failures_total{kind=\"connection refused\"} 1\n"))
    #expect(
      text.contains(
        "falsework_response_seconds_bucket{step=\"authenticate\",le=\"0.002500\"} 0\n"))
    #expect(
      text.contains(
        "falsework_response_seconds_bucket{step=\"authenticate\",le=\"0.010000\"} 1\n"))
  }

  @Test func `the page has the metrics of OpenTelemetry`() throws {
    let text = String(
      decoding: ResultOTLP(try SyntheticRun.restart()).bytes, as: UTF8.self)
    for name in column("OpenTelemetry") { #expect(text.contains("\"name\": \"\(name)\"")) }
  }
}
