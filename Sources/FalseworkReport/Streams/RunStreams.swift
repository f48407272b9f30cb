// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkLoad

/// What is written while a run goes on, since it grows with every request or every second.
///
/// It holds what was not taken out yet, and nothing else that grows: the world takes it out once a
/// second and writes it to files.
package struct RunStreams: Sendable {
  package enum Stream: String, CaseIterable, Equatable, Sendable {
    /// Histograms of each second.
    case histograms
    /// Each request, in CSV or binary.
    case requestsCSV
    case requestsBinary
    /// Locust's figures of each second.
    case history
    /// The same with a line for each row.
    case fullHistory
  }

  /// The files of `--out DIR` that grow while a run goes on.
  package static let files: [(stream: Stream, name: String)] = [
    (.histograms, "latency.hlog"), (.requestsBinary, "requests.bin"),
    (.fullHistory, "locust_stats_history.csv"),
  ]

  /// Bytes of a stream.
  package struct Chunk: Equatable, Sendable {
    package var stream: Stream
    package var bytes: [UInt8]
  }

  /// The length of an interval of the histograms and of Locust's history.
  static let interval = Interval.seconds(1)

  private let wanted: [Stream]
  private var pending: [[UInt8]]
  private var histograms: HistogramLog?
  private var history: LocustHistory?
  private var fullHistory: LocustHistory?
  private var requests = RequestLog.Writer()
  private let plan: LoadPlan
  private var intervalBegan: Instant

  init(
    _ wanted: [Stream], _ description: RunDescription, rows: [LoadStatistics.Row],
    begin: Instant
  ) {
    self.wanted = Stream.allCases.filter(wanted.contains)
    plan = description.plan
    intervalBegan = begin
    let names = rows.map(\.name)
    if wanted.contains(.histograms) { histograms = HistogramLog(rows: names, begin: begin) }
    let methods = names.map(description.plan.method(of:))
    func history(isFull: Bool) -> LocustHistory {
      LocustHistory(
        isFull: isFull, begin: begin, wallStart: description.wallStart, methods: methods)
    }
    if wanted.contains(.history) { self.history = history(isFull: false) }
    if wanted.contains(.fullHistory) { fullHistory = history(isFull: true) }
    pending = self.wanted.map { stream in
      switch stream {
      case .histograms:
        HistogramLog.header(program: description.program, wallStart: description.wallStart)
      case .requestsCSV: LoggedRequest.header
      case .requestsBinary: RequestLog.magic
      case .history, .fullHistory: LocustHistory.header
      }
    }
  }

  /// Before the statistics count the request: intervals that it ends do not hold it.
  mutating func record(
    _ outcome: Outcome, row: Int, before statistics: [LoadStatistics.Row], _ tally: LoadTally
  ) {
    advance(to: outcome.done, statistics, tally)
    histograms?.record(outcome, row: row)
    for place in wanted.indices {
      switch wanted[place] {
      case .requestsCSV: pending[place] += LoggedRequest(outcome, plan).line
      case .requestsBinary:
        requests.write(LoggedRequest(outcome, plan), into: &pending[place])
      case .histograms, .history, .fullHistory: break
      }
    }
  }

  /// Ends the intervals that are over.
  mutating func advance(
    to now: Instant, _ statistics: [LoadStatistics.Row], _ tally: LoadTally
  ) {
    while now >= intervalBegan + Self.interval {
      endInterval(at: intervalBegan + Self.interval, statistics, tally)
    }
  }

  /// Ends the last interval, however short it is.
  mutating func end(
    at now: Instant, _ statistics: [LoadStatistics.Row], _ tally: LoadTally
  ) {
    advance(to: now, statistics, tally)
    if now > intervalBegan { endInterval(at: now, statistics, tally) }
    for place in wanted.indices where wanted[place] == .requestsBinary {
      requests.end(into: &pending[place])
    }
  }

  package mutating func drain() -> [Chunk] {
    var chunks: [Chunk] = []
    for place in wanted.indices where !pending[place].isEmpty {
      chunks.append(Chunk(stream: wanted[place], bytes: pending[place]))
      pending[place] = []
    }
    return chunks
  }

  private mutating func endInterval(
    at now: Instant, _ statistics: [LoadStatistics.Row], _ tally: LoadTally
  ) {
    let length = now - intervalBegan
    for place in wanted.indices {
      switch wanted[place] {
      case .histograms:
        pending[place] += histograms?.lines(from: intervalBegan, to: now) ?? []
      case .history:
        pending[place] += history?.lines(at: now, statistics, tally, length: length) ?? []
      case .fullHistory:
        pending[place] += fullHistory?.lines(at: now, statistics, tally, length: length) ?? []
      case .requestsCSV, .requestsBinary: break
      }
    }
    intervalBegan = now
  }
}
