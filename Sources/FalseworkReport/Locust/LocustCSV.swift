// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkLoad

/// The files of Locust 2.44 and later: the same names of columns, CRLF at the end of each line.
///
/// Theirs are written once a second and lack what came after the last time; these hold the whole run.
package struct LocustCSV: Sendable {
  private static let percentiles = LocustEntry.percentiles.map(\.text)

  package static let statsColumns =
    [
      "Type", "Name", "Request Count", "Failure Count", "Median Response Time",
      "Average Response Time", "Min Response Time", "Max Response Time", "Average Content Size",
      "Requests/s", "Failures/s",
    ] + percentiles
  package static let historyColumns =
    ["Timestamp", "User Count", "Type", "Name", "Requests/s", "Failures/s"] + percentiles + [
      "Total Request Count", "Total Failure Count", "Total Median Response Time",
      "Total Average Response Time", "Total Min Response Time", "Total Max Response Time",
      "Total Average Content Size",
    ]
  package static let failureColumns = [
    "Method", "Name", "Error", "Occurrences", "First Seen", "Last Seen",
  ]
  package static let exceptionColumns = ["Count", "Message", "Traceback", "Nodes"]

  private let result: RunResult

  package init(_ result: RunResult) {
    self.result = result
  }

  /// `PREFIX_stats.csv`, `PREFIX_failures.csv` and `PREFIX_exceptions.csv`.
  package func files(prefix: String) -> [ResultFile] {
    [
      ResultFile(name: prefix + "_stats.csv", bytes: stats),
      ResultFile(name: prefix + "_failures.csv", bytes: failures),
      ResultFile(name: prefix + "_exceptions.csv", bytes: exceptions),
    ]
  }

  package var stats: [UInt8] {
    var bytes: [UInt8] = []
    bytes.appendLocustRow(Self.statsColumns)
    for entry in result.locustEntries + [result.locustTotal] {
      let length = (entry.lastEnded ?? result.begin) - result.begin
      bytes.appendLocustRow(
        [
          entry.method, entry.name, "\(entry.requests)", "\(entry.failures)", "\(entry.median)",
        ] + entry.figures + [
          Figures.rate(entry.requests, in: length, decimals: 6),
          Figures.rate(entry.failures, in: length, decimals: 6),
        ] + (entry.percentileTimes?.map(String.init) ?? Self.percentiles.map { _ in "N/A" }))
    }
    return bytes
  }

  package var failures: [UInt8] {
    var bytes: [UInt8] = []
    bytes.appendLocustRow(Self.failureColumns)
    for error in result.tally?.errors ?? [] {
      let name = result.rows[error.row].name
      bytes.appendLocustRow([
        result.description.plan.method(of: name), name, error.label, "\(error.count)",
        wall(error.first), wall(error.last),
      ])
    }
    return bytes
  }

  /// Only their names: this program has no Python that could raise one.
  package var exceptions: [UInt8] {
    var bytes: [UInt8] = []
    bytes.appendLocustRow(Self.exceptionColumns)
    return bytes
  }

  /// To the second, in UTC; a simulated run begins in 1970.
  private func wall(_ instant: Instant) -> String {
    let start = result.description.wallStart ?? UTCTime(nanoseconds: 0)
    return (start + (instant - .start)).iso8601(microseconds: false)
  }
}

/// `PREFIX_stats_history.csv`, a second at a time.
struct LocustHistory: Sendable {
  /// Seconds that the present rate is taken over.
  private static let window = 10

  private let isFull: Bool
  private let begin: Instant
  private let wallStart: UTCTime
  private let methods: [String]
  /// For each row and for all together, requests and failures at the end of each of the last seconds.
  private var before: [[(requests: Int, failures: Int)]]

  /// - Parameter isFull: a line for each row as well, not only for all together.
  init(isFull: Bool, begin: Instant, wallStart: UTCTime?, methods: [String]) {
    self.isFull = isFull
    self.begin = begin
    self.wallStart = wallStart ?? UTCTime(nanoseconds: 0)
    self.methods = methods
    before = Array(repeating: [(0, 0)], count: methods.count + 1)
  }

  static var header: [UInt8] {
    var bytes: [UInt8] = []
    bytes.appendLocustRow(LocustCSV.historyColumns)
    return bytes
  }

  /// The lines of a second that ends now.
  mutating func lines(
    at now: Instant, _ rows: [LoadStatistics.Row], _ tally: LoadTally, length: Interval
  ) -> [UInt8] {
    var bytes: [UInt8] = []
    var total = LocustEntry(method: "", name: "Aggregated")
    for (place, row) in rows.enumerated() {
      total.add(row, tally.rows[place])
      guard isFull, row.requests > 0 else { continue }
      var entry = LocustEntry(method: methods[place], name: row.name)
      entry.add(row, tally.rows[place])
      write(entry, place, at: now, users: tally.users, length: length, into: &bytes)
    }
    write(total, rows.count, at: now, users: tally.users, length: length, into: &bytes)
    return bytes
  }

  private mutating func write(
    _ entry: LocustEntry, _ place: Int, at now: Instant, users: Int, length: Interval,
    into bytes: inout [UInt8]
  ) {
    let first = before[place][0]
    // All seconds before this one were whole.
    let window =
      Interval.seconds(Int64(before[place].count - 1)) + max(length, .nanoseconds(1))
    let seconds = (wallStart + (now - .start)).nanoseconds / 1_000_000_000
    bytes.appendLocustRow(
      [
        "\(seconds)", "\(users)", entry.method, entry.name,
        Figures.rate(entry.requests - first.requests, in: window, decimals: 6),
        Figures.rate(entry.failures - first.failures, in: window, decimals: 6),
      ]
        + (entry.percentileTimes?.map(String.init)
          ?? LocustEntry.percentiles.map { _ in "N/A" })
        + ["\(entry.requests)", "\(entry.failures)", "\(entry.median)"] + entry.figures)
    before[place].append((entry.requests, entry.failures))
    if before[place].count > Self.window { before[place].removeFirst() }
  }
}

extension LocustEntry {
  /// Average, shortest and longest in milliseconds, and the average size.
  fileprivate var figures: [String] {
    let average = requests > 0 ? sum / Int64(requests) : .zero
    return [
      average.millisecondsText(decimals: 6), (shortest ?? .zero).millisecondsText(decimals: 6),
      (longest ?? .zero).millisecondsText(decimals: 6),
      Figures.quotient(contentBytes, over: requests, decimals: 6),
    ]
  }
}

extension [UInt8] {
  fileprivate mutating func appendLocustRow(_ cells: [String]) {
    appendCells(cells)
    append(0x0D)
    append(0x0A)
  }
}
