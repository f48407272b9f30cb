// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkLoad
import FalseworkProxy

/// Gives each record of a foreign proxy's log the request of the load that it is about.
///
/// A log line has the client's port but not which request of the connection it was, and some requests
/// have no line. Requests of one connection follow each other, so the one whose time the record's time
/// covers is the one. Records that belong to no request of this load come out as they are.
struct LogOrdinals: Sendable {
  private struct Ended {
    var ordinal: Int32
    var sent: Instant
    var done: Instant
  }

  private var ended: [UInt16: [Ended]] = [:]
  private var waiting: [UInt16: [LogRecord]] = [:]
  /// Lines count whole milliseconds and travel before they are read.
  private let slack = Interval.milliseconds(5)
  /// Of one port, and for how long: a line that comes later than this is of no use.
  private static let memory = 64
  private static let patience = Interval.seconds(2)

  /// A request of the load ended; gives the record that waited for it.
  mutating func ended(_ outcome: Outcome) -> LogRecord? {
    guard outcome.ordinal > 0 else { return nil }
    let request = Ended(
      ordinal: Int32(outcome.ordinal), sent: outcome.sent, done: outcome.done)
    if let place = waiting[outcome.localPort]?.firstIndex(where: { isOf($0, request) }),
      var record = waiting[outcome.localPort]?.remove(at: place)
    {
      record.ordinal = request.ordinal
      return record
    }
    var list = ended[outcome.localPort] ?? []
    if list.count >= Self.memory { list.removeFirst() }
    list.append(request)
    ended[outcome.localPort] = list
    return nil
  }

  /// A line came; gives it back with its ordinal if its request ended before, or else keeps it.
  mutating func came(_ record: LogRecord) -> LogRecord? {
    let port = record.client.port
    guard let place = ended[port]?.lastIndex(where: { isOf(record, $0) }),
      let request = ended[port]?.remove(at: place)
    else {
      waiting[port, default: []].append(record)
      return nil
    }
    var record = record
    record.ordinal = request.ordinal
    return record
  }

  /// Records that no request of this load will come for any more; at the end of the run (`never`) all.
  mutating func strangers(before now: Instant) -> [LogRecord] {
    var found: [LogRecord] = []
    for port in waiting.keys.sorted() {
      guard let list = waiting[port] else { continue }
      let kept = list.filter { $0.ended + Self.patience > now }
      found += list.filter { $0.ended + Self.patience <= now }
      waiting[port] = kept.isEmpty ? nil : kept
    }
    return found
  }

  /// A client that gave up goes before the proxy's line does, and the line's request began after the
  /// client sent it.
  private func isOf(_ record: LogRecord, _ request: Ended) -> Bool {
    request.sent <= record.ended + slack && record.began <= request.done + slack
  }
}
