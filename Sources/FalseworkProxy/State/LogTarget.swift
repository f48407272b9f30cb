// SPDX-License-Identifier: Apache-2.0
package import FalseworkCore

/// Where log lines go, and in what form (configuration manual, 4.2 "log").
package struct LogTarget: Equatable, Sendable {
  package enum Destination: Equatable, Sendable {
    case stdout, stderr
    case udp(host: String, port: Int)
    /// A datagram socket.
    case path(String)
  }

  package enum Format: String, CaseIterable, Equatable, Sendable {
    case local, rfc3164, rfc5424, priority, short, timed, iso, raw
  }

  package var destination: Destination
  package var format = Format.local
  /// The place in HAProxy's list.
  package var facility = 0
  /// The least urgent level that goes there; and the most urgent that a message is sent with.
  package var least = 7
  package var most = 0
  /// Bytes of a message, without its line feed.
  package var length = 1_024

  package init(destination: Destination) { self.destination = destination }

  package static let facilities = [
    "kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron", "auth2",
    "ftp", "ntp", "audit", "alert", "cron2", "local0", "local1", "local2", "local3", "local4",
    "local5", "local6", "local7",
  ]

  package static let levels = [
    "emerg", "alert", "crit", "err", "warning", "notice", "info", "debug",
  ]

  /// The message as it is sent; nil if its level is not wanted here.
  package func frame(
    _ text: String, level: Int, at time: UTCTime, process: Int32
  ) -> [UInt8]? {
    guard level <= least else { return nil }
    let level = max(level, most)
    let priority = "<\(facility * 8 + level)>"
    let head =
      switch format {
      case .raw: ""
      case .priority: priority
      case .short: "<\(level)>"
      case .timed: "<\(level)>\(Self.iso(time)) "
      case .iso: "\(Self.iso(time)) "
      case .local: "\(priority)\(Self.short(time)) haproxy[\(process)]: "
      case .rfc3164: "\(priority)\(Self.short(time)) localhost haproxy[\(process)]: "
      case .rfc5424: "\(priority)1 \(Self.iso(time)) - haproxy \(process) - - "
      }
    return Array((head + text).utf8.prefix(length)) + [0x0A]
  }

  private static let months = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]

  private static func short(_ time: UTCTime) -> String {
    let f = time.fields
    let day = f.day < 10 ? " \(f.day)" : "\(f.day)"
    return "\(months[f.month - 1]) \(day) \(clock(time))"
  }

  private static func iso(_ time: UTCTime) -> String {
    let f = time.fields
    return "\(f.year)-\(UTCTime.padded(f.month, 2))-\(UTCTime.padded(f.day, 2))T\(clock(time))."
      + "\(UTCTime.padded(f.nanosecond / 1_000, 6))+00:00"
  }

  private static func clock(_ time: UTCTime) -> String {
    let f = time.fields
    return [f.hour, f.minute, f.second].map { UTCTime.padded($0, 2) }.joined(separator: ":")
  }
}

/// A line for the log.
package struct LogLine: Equatable, Sendable {
  package var text: String
  /// As syslog numbers them.
  package var level: Int
  package var targets: [LogTarget]

  package init(_ text: String, level: Int, targets: [LogTarget]) {
    self.text = text
    self.level = level
    self.targets = targets
  }
}
