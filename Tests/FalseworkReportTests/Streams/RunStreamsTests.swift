// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import Histogram
import Testing

@testable import FalseworkLoad
@testable import FalseworkReport

struct RunStreamsTests {
  private static func run(
    _ streams: [RunStreams.Stream], drainEvery: Int = 50
  ) -> (result: RunResult, files: [RunStreams.Stream: [UInt8]]) {
    var options = RunCollector.Options.everything
    options.streams = streams
    var run = SyntheticRun(options: options)
    var files: [RunStreams.Stream: [UInt8]] = [:]
    func keep(_ chunks: [RunStreams.Chunk]) {
      for chunk in chunks { files[chunk.stream, default: []] += chunk.bytes }
    }
    for number in 0..<400 {
      let due = number * 10
      run.collector.record(
        .request(
          SyntheticRun.outcome(
            number: number + 1, step: number % 2, sent: due, done: due + number % 90,
            status: 200, number % 20 == 19 ? .status(502) : .ok)))
      if number % drainEvery == 0 { keep(run.collector.drain(at: SyntheticRun.at(due))) }
    }
    keep(run.collector.drainRest(at: SyntheticRun.at(4_200)))
    let result = run.collector.finish(
      at: SyntheticRun.at(4_200), how: .completed, inFlight: 0, proxyCounters: [:])
    return (result, files)
  }

  private static func lines(_ bytes: [UInt8]?) -> [String] {
    // As bytes: to Swift a CRLF is one character.
    (bytes ?? []).split(separator: 0x0A, omittingEmptySubsequences: false).map {
      String(decoding: $0, as: UTF8.self)
    }
  }

  @Test func `untagged histograms add up to the successes of the run, tagged ones to the steps`()
    throws
  {
    let (result, files) = Self.run([.histograms])
    let lines = Self.lines(files[.histograms]).dropLast()
    #expect(lines[1] == "#[Histogram log format version 1.3]")
    #expect(lines[2] == "#[StartTime: 0.000 (seconds since epoch), 1970-01-01T00:00:00Z]")
    #expect(lines[4].hasPrefix("\"StartTimestamp\",\"Interval_Length\""))
    var sums: [String: Histogram<UInt64>] = [:]
    var starts: [String] = []
    for line in lines.dropFirst(5) {
      let cells = line.split(separator: ",")
      let tag = cells[0].hasPrefix("Tag=") ? String(cells[0].dropFirst(4)) : ""
      if tag.isEmpty { starts.append("\(cells[0]) \(cells[1])") }
      let histogram = try HistogramCode.histogram(String(cells[cells.count - 1]))
      if sums[tag]?.add(histogram) == nil { sums[tag] = histogram }
    }
    #expect(starts == ["0.000 1.000", "1.000 1.000", "2.000 1.000", "3.000 1.000", "4.000 0.200"])
    #expect(Set(sums.keys) == ["", "authenticate", "validate", "failed"])
    let total = try HistogramCode.histogram(try #require(result.total.response?.histogram))
    #expect(HistogramCode.bytes(try #require(sums[""])) == HistogramCode.bytes(total))
    let validate = try HistogramCode.histogram(try #require(result.rows[1].response?.histogram))
    #expect(HistogramCode.bytes(try #require(sums["validate"])) == HistogramCode.bytes(validate))
    #expect(sums["failed"]?.totalCount == 20)
  }

  @Test func `Locust's history has a line for each second and the end of the run`() {
    let lines = Self.lines(Self.run([.history]).files[.history])
    #expect(lines.allSatisfy { $0.isEmpty || $0.hasSuffix("\r") })
    #expect(lines[0] == LocustCSV.historyColumns.joined(separator: ",") + "\r")
    let rows = lines.dropFirst().filter { !$0.isEmpty }.map {
      $0.dropLast().split(separator: ",", omittingEmptySubsequences: false)
    }
    #expect(rows.map { $0[0] } == ["1", "2", "3", "4", "4"])
    #expect(rows.allSatisfy { $0.count == LocustCSV.historyColumns.count && $0[3] == "Aggregated" })
    #expect(rows[4][17] == "400")
    #expect(rows[4][18] == "20")
    let full = Self.lines(Self.run([.fullHistory]).files[.fullHistory])
    #expect(full.count { $0.contains(",POST,authenticate,") } == 5)
  }

  @Test func `how often it is taken out changes nothing`() {
    let streams: [RunStreams.Stream] = [.histograms, .requestsCSV, .requestsBinary, .fullHistory]
    let often = Self.run(streams, drainEvery: 1).files
    #expect(often == Self.run(streams, drainEvery: 1_000).files)
    #expect(often.count == 4)
  }

  @Test func `both forms of the log of requests say the same`() throws {
    let files = Self.run([.requestsCSV, .requestsBinary]).files
    var reader = RequestLog.Reader()
    reader.add(try #require(files[.requestsBinary]))
    let read = try reader.requests()
    try reader.finish()
    #expect(LoggedRequest.header + read.flatMap(\.line) == files[.requestsCSV])
    #expect(read.count == 400)
  }

  @Test func `without streams nothing is kept for them`() {
    #expect(Self.run([]).files.isEmpty)
  }
}
