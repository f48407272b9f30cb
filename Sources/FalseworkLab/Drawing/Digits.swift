// SPDX-License-Identifier: Apache-2.0
import FalseworkCore

/// Numbers as reports write them: the same on every machine.
enum Digits {
  /// With a fixed number of decimals, rounded half away from zero.
  static func decimal(_ value: Double, _ decimals: Int) -> String {
    guard value.isFinite, abs(value) < 1e15 else { return value > 0 ? "inf" : "-" }
    var scale = 1.0
    for _ in 0..<decimals { scale *= 10 }
    let scaled = Int64((abs(value) * scale).rounded())
    let whole = scaled / Int64(scale)
    let sign = value < 0 && scaled > 0 ? "-" : ""
    guard decimals > 0 else { return "\(sign)\(whole)" }
    let fraction = String(scaled % Int64(scale))
    return "\(sign)\(whole)." + String(repeating: "0", count: decimals - fraction.count) + fraction
  }

  /// With three digits or so: `0`, `0.04`, `3.2`, `14`, `1,204`.
  static func short(_ value: Double) -> String {
    if value == 0 { return "0" }
    if abs(value) < 0.095 { return decimal(value, 2) }
    if abs(value) < 9.95 { return decimal(value, 1) }
    return grouped(Int(value.rounded()))
  }

  /// Two decimals at most.
  static func coordinate(_ value: Double) -> String {
    var text = decimal(value, 2)
    while text.hasSuffix("0") { text.removeLast() }
    if text.hasSuffix(".") { text.removeLast() }
    return text
  }

  static func grouped(_ number: Int) -> String {
    var text = ""
    let digits = String(number.magnitude)
    for (place, digit) in digits.enumerated() {
      if place > 0, (digits.count - place) % 3 == 0 { text.append(",") }
      text.append(digit)
    }
    return number < 0 ? "-" + text : text
  }

  /// `481 ms` below a second, `1.43 s` above.
  static func length(_ interval: Interval?) -> String {
    guard let interval else { return "–" }
    if interval.nanoseconds.magnitude < 1_000_000_000 {
      return interval.millisecondsText(decimals: 0) + " ms"
    }
    return interval.secondsText(decimals: interval < .seconds(100) ? 2 : 1) + " s"
  }
}

extension String {
  func padded(_ width: Int) -> String {
    self + String(repeating: " ", count: max(0, width - count))
  }

  func paddedLeft(_ width: Int) -> String {
    String(repeating: " ", count: max(0, width - count)) + self
  }

  /// For XML and HTML.
  var escaped: String {
    var text = ""
    for character in self {
      switch character {
      case "&": text += "&amp;"
      case "<": text += "&lt;"
      case ">": text += "&gt;"
      case "\"": text += "&quot;"
      default: text.append(character)
      }
    }
    return text
  }
}
