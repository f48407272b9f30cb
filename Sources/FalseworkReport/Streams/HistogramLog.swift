// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkLoad
import Histogram

/// A log of interval histograms, as the tools around HdrHistogram read it (format version 1.3).
///
/// Each interval has a row without a tag for all successes, and tagged rows: `NAME` for the successes
/// of each step, `failed` for all failures. The Java processor ignores tagged rows unless it is asked
/// for a tag, and does not read a log that has only such. Values are response times in microseconds.
struct HistogramLog: Sendable {
  static let failedTag = "failed"
  /// Values over this are the maximum in a row: seconds.
  private static let unitRatio: Int64 = 1_000_000

  private var all = LoadStatistics.Times()
  private var failed = LoadStatistics.Times()
  private var rows: [LoadStatistics.Times]
  private let tags: [String]
  private let begin: Instant

  init(rows names: [String], begin: Instant) {
    rows = names.map { _ in LoadStatistics.Times() }
    tags = names.map(Self.tag)
    self.begin = begin
  }

  /// A tag has no comma, space or line break.
  static func tag(_ name: String) -> String {
    String(name.map { $0 == "," || $0.isWhitespace ? "_" : $0 })
  }

  /// - Parameter wallStart: nil in a simulated run, which begins with the epoch.
  static func header(program: String, wallStart: UTCTime?) -> [UInt8] {
    let start = wallStart ?? UTCTime(nanoseconds: 0)
    let seconds = Interval(nanoseconds: start.nanoseconds).secondsText(decimals: 3)
    let day = start.iso8601(microseconds: false)
    return Array(
      """
      #[Logged with \(program); values in microseconds]
      #[Histogram log format version 1.3]
      #[StartTime: \(seconds) (seconds since epoch), \(day)]
      #[BaseTime: \(seconds) (seconds since epoch)]
      "StartTimestamp","Interval_Length","Interval_Max","Interval_Compressed_Histogram"

      """.utf8)
  }

  mutating func record(_ outcome: Outcome, row: Int) {
    guard !outcome.verdict.isFailure else { return failed.record(outcome.responseTime) }
    all.record(outcome.responseTime)
    rows[row].record(outcome.responseTime)
  }

  /// The rows of an interval that ends now; the next begins empty.
  mutating func lines(from: Instant, to: Instant) -> [UInt8] {
    var bytes = line(nil, all, from, to)
    all = LoadStatistics.Times()
    for place in rows.indices where rows[place].count > 0 {
      bytes += line(tags[place], rows[place], from, to)
      rows[place] = LoadStatistics.Times()
    }
    if failed.count > 0 {
      bytes += line(Self.failedTag, failed, from, to)
      failed = LoadStatistics.Times()
    }
    return bytes
  }

  private func line(
    _ tag: String?, _ times: LoadStatistics.Times, _ from: Instant, _ to: Instant
  ) -> [UInt8] {
    let longest = Interval.nanoseconds(Int64(times.histogram.max) * 1_000_000_000 / Self.unitRatio)
    let text =
      (tag.map { "Tag=\($0)," } ?? "") + (from - .start).secondsText(decimals: 3) + ","
      + (to - from).secondsText(decimals: 3) + "," + longest.secondsText(decimals: 3) + ","
      + HistogramCode.text(times.histogram) + "\n"
    return Array(text.utf8)
  }
}
