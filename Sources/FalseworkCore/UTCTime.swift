// SPDX-License-Identifier: Apache-2.0

/// Wall-clock time: nanoseconds since 1970-01-01T00:00:00Z, leap seconds not counted (POSIX).
///
/// Only for what is printed or sealed into a token. A decision about *how long* uses `Instant`.
package struct UTCTime: Hashable, Comparable, Codable, Sendable {
  package var nanoseconds: Int64

  package init(nanoseconds: Int64) {
    self.nanoseconds = nanoseconds
  }

  package init(seconds: Int64) {
    self.nanoseconds = seconds * 1_000_000_000
  }

  /// The whole second, rounded down.
  package var seconds: Int64 {
    nanoseconds >= 0
      ? nanoseconds / 1_000_000_000 : (nanoseconds - 999_999_999) / 1_000_000_000
  }

  package static func < (a: UTCTime, b: UTCTime) -> Bool { a.nanoseconds < b.nanoseconds }
  package static func + (time: UTCTime, interval: Interval) -> UTCTime {
    UTCTime(nanoseconds: time.nanoseconds + interval.nanoseconds)
  }
  package static func - (end: UTCTime, start: UTCTime) -> Interval {
    Interval(nanoseconds: end.nanoseconds - start.nanoseconds)
  }

  package struct Fields: Equatable, Sendable {
    package var year, month, day, hour, minute, second, nanosecond: Int
  }

  /// The proleptic Gregorian date and time (Hinnant, "chrono-compatible low-level date
  /// algorithms").
  package var fields: Fields {
    let second = seconds
    let days = second >= 0 ? second / 86_400 : (second - 86_399) / 86_400
    let ofDay = Int(second - days * 86_400)
    let z = days + 719_468
    let era = (z >= 0 ? z : z - 146_096) / 146_097
    let dayOfEra = z - era * 146_097
    let yearOfEra =
      (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let mp = (5 * dayOfYear + 2) / 153
    let month = Int(mp < 10 ? mp + 3 : mp - 9)
    return Fields(
      year: Int(yearOfEra + era * 400) + (month <= 2 ? 1 : 0), month: month,
      day: Int(dayOfYear - (153 * mp + 2) / 5 + 1), hour: ofDay / 3_600,
      minute: ofDay / 60 % 60, second: ofDay % 60,
      nanosecond: Int(nanoseconds - second * 1_000_000_000))
  }

  /// `2026-11-24T15:24:00Z`, or with six decimals as Keystone prints it:
  /// `2026-11-24T15:24:00.000000Z`.
  package func iso8601(microseconds: Bool) -> String {
    let f = fields
    let base =
      "\(Self.padded(f.year, 4))-\(Self.padded(f.month, 2))-\(Self.padded(f.day, 2))T"
      + "\(Self.padded(f.hour, 2)):\(Self.padded(f.minute, 2)):\(Self.padded(f.second, 2))"
    return microseconds ? base + "." + Self.padded(f.nanosecond / 1_000, 6) + "Z" : base + "Z"
  }

  /// The same with six decimals, without a string.
  package func append(iso8601To output: inout [UInt8]) {
    let f = fields
    func append(_ number: Int, _ width: Int, then separator: UInt8) {
      var rest = number
      let end = output.count + width
      for _ in 0...width { output.append(separator) }
      for back in 1...width {
        output[end - back] = UInt8(0x30 + rest % 10)
        rest /= 10
      }
    }
    append(f.year, 4, then: UInt8(ascii: "-"))
    append(f.month, 2, then: UInt8(ascii: "-"))
    append(f.day, 2, then: UInt8(ascii: "T"))
    append(f.hour, 2, then: UInt8(ascii: ":"))
    append(f.minute, 2, then: UInt8(ascii: ":"))
    append(f.second, 2, then: UInt8(ascii: "."))
    append(f.nanosecond / 1_000, 6, then: UInt8(ascii: "Z"))
  }

  package static func padded(_ number: Int, _ width: Int) -> String {
    let digits = String(number)
    return digits.count >= width
      ? digits : String(repeating: "0", count: width - digits.count) + digits
  }
}
