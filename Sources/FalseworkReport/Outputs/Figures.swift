// SPDX-License-Identifier: Apache-2.0
import FalseworkCore

/// How figures are written: exact integers throughout, so that the same run gives the same text on
/// every machine.
enum Figures {
  /// `2,527`.
  static func count(_ number: Int) -> String {
    let digits = Array(String(number.magnitude))
    var text = number < 0 ? "-" : ""
    for (place, digit) in digits.enumerated() {
      if place > 0, (digits.count - place) % 3 == 0 { text.append(",") }
      text.append(digit)
    }
    return text
  }

  /// A quotient with a fixed number of decimals, rounded half up; 0 over 0 is 0.
  static func quotient(_ numerator: Int, over denominator: Int, decimals: Int) -> String {
    quotient(Int128(numerator), over: Int128(denominator), decimals: decimals)
  }

  private static func quotient(
    _ numerator: Int128, over denominator: Int128, decimals: Int
  ) -> String {
    precondition(numerator >= 0 && denominator >= 0 && (0...9).contains(decimals), "\(numerator)")
    var scale: Int128 = 1
    for _ in 0..<decimals { scale *= 10 }
    let rounded =
      denominator == 0 ? 0 : (2 * numerator * scale + denominator) / (2 * denominator)
    guard decimals > 0 else { return "\(rounded)" }
    let fraction = "\(rounded % scale)"
    return "\(rounded / scale)."
      + String(repeating: "0", count: decimals - fraction.count) + fraction
  }

  /// Events a second.
  static func rate(_ events: Int, in interval: Interval, decimals: Int) -> String {
    quotient(
      Int128(events) * 1_000_000_000, over: Int128(max(0, interval.nanoseconds)),
      decimals: decimals)
  }

  /// Events a second for a person: `8.42`, `123.4`, `12,346`.
  static func rate(_ events: Int, in interval: Interval) -> String {
    let whole = Int(rate(events, in: interval, decimals: 0)) ?? 0
    return switch whole {
    case ..<100: rate(events, in: interval, decimals: 2)
    case ..<1_000: rate(events, in: interval, decimals: 1)
    default: count(whole)
    }
  }

  static func percent(_ part: Int, of whole: Int, decimals: Int) -> String {
    quotient(Int128(part) * 100, over: Int128(whole), decimals: decimals)
  }

  /// Milliseconds with about three digits: `0.42`, `10.2`, `225`, `12,345`.
  static func milliseconds(_ interval: Interval) -> String {
    switch interval.nanoseconds {
    case ..<9_995_000: interval.millisecondsText(decimals: 2)
    case ..<99_950_000: interval.millisecondsText(decimals: 1)
    default: count(Int(interval.millisecondsText(decimals: 0)) ?? 0)
    }
  }

  /// A length of time for a person: `481 ms` below a second, `1.43 s` above.
  static func length(_ interval: Interval) -> String {
    interval < .milliseconds(1_000)
      ? milliseconds(interval) + " ms" : interval.secondsText(decimals: 2) + " s"
  }

  /// A moment of the run for a person: `31.0s`.
  static func moment(_ instant: Instant) -> String {
    (instant - .start).secondsText(decimals: 1) + "s"
  }
}
