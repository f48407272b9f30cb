// SPDX-License-Identifier: Apache-2.0

/// Durations as HAProxy writes them: a whole number and one of `us ms s m h d`
/// (HAProxy configuration manual, 2.5 "Time format").
extension Interval {
  package enum SyntaxError: Error, Equatable, Sendable {
    case empty
    case notANumber
    case unknownUnit(String)
    case missingUnit
    /// `1m30s`: HAProxy warns today and will refuse it.
    case compound
    case overflow
  }

  /// - Parameter bareUnit: what a number without a unit means; nil refuses it.
  package init(
    parsing text: some StringProtocol, bareUnit: Interval? = nil
  ) throws(SyntaxError) {
    guard !text.isEmpty else { throw .empty }
    let digits = text.prefix { $0.isASCII && $0.isNumber }
    guard !digits.isEmpty else { throw .notANumber }
    guard let count = Int64(digits) else { throw .overflow }
    let unit = text.dropFirst(digits.count)
    guard let size = try Self.size(ofUnit: String(unit), bareUnit: bareUnit) else {
      let another = unit.contains { $0.isNumber } && unit.first?.isLetter == true
      throw another ? .compound : .unknownUnit(String(unit))
    }
    let (nanoseconds, overflow) = count.multipliedReportingOverflow(by: size)
    guard !overflow else { throw .overflow }
    self.init(nanoseconds: nanoseconds)
  }

  private static func size(
    ofUnit unit: String, bareUnit: Interval?
  ) throws(SyntaxError) -> Int64? {
    switch unit {
    case "us": return 1_000
    case "ms": return 1_000_000
    case "s": return 1_000_000_000
    case "m": return 60_000_000_000
    case "h": return 3_600_000_000_000
    case "d": return 86_400_000_000_000
    case "":
      guard let bareUnit else { throw .missingUnit }
      return bareUnit.nanoseconds
    default: return nil
    }
  }
}

extension Interval: CustomStringConvertible {
  /// The shortest exact spelling that `init(parsing:)` reads back, from the microsecond up:
  /// `12s`, `1500ms`, `5m`.
  @usableFromInline package var description: String {
    if self == .forever { return "forever" }
    let units: [(String, Int64)] = [
      ("d", 86_400_000_000_000), ("h", 3_600_000_000_000), ("m", 60_000_000_000),
      ("s", 1_000_000_000), ("ms", 1_000_000), ("us", 1_000),
    ]
    if nanoseconds == 0 { return "0s" }
    for (name, size) in units where nanoseconds % size == 0 {
      return "\(nanoseconds / size)\(name)"
    }
    return "\(nanoseconds)ns"
  }
}

extension Instant: CustomStringConvertible {
  @usableFromInline package var description: String {
    self == .never ? "never" : "+\(Interval(nanoseconds: nanoseconds).secondsText(decimals: 6))s"
  }
}

extension Interval {
  /// Seconds with a fixed number of decimals, rounded half away from zero, without floating point.
  package func secondsText(decimals: Int) -> String {
    Self.fixed(nanoseconds, unit: 1_000_000_000, decimals: decimals)
  }

  /// Milliseconds with a fixed number of decimals.
  package func millisecondsText(decimals: Int) -> String {
    Self.fixed(nanoseconds, unit: 1_000_000, decimals: decimals)
  }

  private static func fixed(_ nanoseconds: Int64, unit: Int64, decimals: Int) -> String {
    precondition((0...9).contains(decimals), "decimals out of range: \(decimals)")
    var scale: Int64 = 1
    for _ in 0..<decimals { scale *= 10 }
    precondition(scale <= unit, "no decimals below a nanosecond: \(decimals)")
    let step = unit / scale
    let magnitude = nanoseconds.magnitude
    let rounded = (magnitude + UInt64(step) / 2) / UInt64(step)
    let whole = rounded / UInt64(scale)
    let sign = nanoseconds < 0 && rounded > 0 ? "-" : ""
    guard decimals > 0 else { return "\(sign)\(whole)" }
    let fraction = String(rounded % UInt64(scale))
    let zeros = String(repeating: "0", count: decimals - fraction.count)
    return "\(sign)\(whole).\(zeros)\(fraction)"
  }
}
