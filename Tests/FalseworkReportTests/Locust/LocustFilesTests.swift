// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import Testing

@testable import FalseworkLoad
@testable import FalseworkReport

/// Columns and layout are those of Locust 2.47.0; `Tests/Interop/locust-outputs.sh` compares them with
/// the real one.
struct LocustFilesTests {
  private static func result() -> RunResult {
    var run = SyntheticRun()
    for number in 0..<20 {
      var outcome = SyntheticRun.outcome(
        number: number + 1, step: number % 2, user: number % 3, sent: number * 100,
        done: number * 100 + 5 + number, status: 200, number % 10 == 9 ? .status(503) : .ok)
      outcome.bodyBytes = 5
      run.collector.record(.request(outcome))
    }
    return run.collector.finish(
      at: SyntheticRun.at(2_000), how: .completed, inFlight: 0, proxyCounters: [:])
  }

  private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

  @Test func `the statistics have its columns, a row each, the total last, lines that end in CRLF`()
  {
    let text = Self.text(LocustCSV(Self.result()).stats)
    let lines = text.split(separator: "\r\n", omittingEmptySubsequences: false).map(String.init)
    #expect(
      lines[0]
        == "Type,Name,Request Count,Failure Count,Median Response Time,Average Response Time,"
        + "Min Response Time,Max Response Time,Average Content Size,Requests/s,Failures/s,50%,66%,"
        + "75%,80%,90%,95%,98%,99%,99.9%,99.99%,100%")
    #expect(
      lines[1]
        == "POST,authenticate,10,0,15,14.000000,5.000000,23.000000,5.000000,5.485464,0.000000,"
        + "15,17,19,21,23,23,23,23,23,23,23")
    #expect(lines[2].hasPrefix("GET,validate,10,2,"))
    #expect(lines[3].hasPrefix(",Aggregated,20,2,"))
    #expect(lines[4] == "")
  }

  @Test func `failures have their first and last time`() {
    let text = Self.text(LocustCSV(Self.result()).failures)
    #expect(
      text == "Method,Name,Error,Occurrences,First Seen,Last Seen\r\n"
        + "GET,validate,503,2,1970-01-01T00:00:00Z,1970-01-01T00:00:01Z\r\n")
    #expect(
      Self.text(LocustCSV(Self.result()).exceptions) == "Count,Message,Traceback,Nodes\r\n")
    #expect(
      LocustCSV(Self.result()).files(prefix: "p").map(\.name) == [
        "p_stats.csv", "p_failures.csv", "p_exceptions.csv",
      ])
  }

  @Test func `the table is laid out as Locust's`() {
    let lines = LocustTable(Self.result(), columns: 100).text.split(
      separator: "\n", omittingEmptySubsequences: false
    ).map(String.init)
    #expect(
      lines[0]
        == "Type     Name              # reqs      # fails |    Avg     Min     Max    Med |   req/s"
        + "  failures/s")
    #expect(
      lines[1]
        == "--------|----------------|-------|-------------|-------|-------|-------|-------|--------"
        + "|-----------")
    #expect(
      lines[2].hasPrefix("POST     authenticate          10     0(0.00%) |     14       5      23"))
    #expect(lines[5].hasPrefix("         Aggregated            20    2(10.00%) |"))
    #expect(lines[7] == "Response time percentiles (approximated)")
    #expect(
      lines[8]
        == "Type     Name                      50%    66%    75%    80%    90%    95%    98%    99% "
        + " 99.9% 99.99%   100% # reqs")
    #expect(lines[15] == "Error report")
    #expect(lines[18].hasPrefix("2                  GET validate: 503"))
    let width = lines[8].count
    #expect(lines[9].count == width)
    #expect(lines[10].count == width)
  }

  @Test func `the JSON has its fourteen members`() {
    let text = Self.text(LocustJSON(Self.result()).bytes)
    let names = [
      "name", "method", "last_request_timestamp", "start_time", "num_requests",
      "num_none_requests", "num_failures", "total_response_time", "max_response_time",
      "min_response_time", "total_content_length", "response_times", "num_reqs_per_sec",
      "num_fail_per_sec",
    ]
    var place = text.startIndex
    for name in names {
      guard let found = text[place...].range(of: "\"\(name)\":") else {
        Issue.record("\(name) is missing or out of order")
        return
      }
      place = found.upperBound
    }
    #expect(text.contains("\"total_content_length\": 50"))
  }
}

extension Substring {
  fileprivate func range(of text: String) -> Range<Index>? {
    var place = startIndex
    while place < endIndex {
      if self[place...].hasPrefix(text) { return place..<index(place, offsetBy: text.count) }
      place = index(after: place)
    }
    return nil
  }
}
