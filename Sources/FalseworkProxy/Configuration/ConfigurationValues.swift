// SPDX-License-Identifier: Apache-2.0
import FalseworkCore

/// Numbers, times, sizes and addresses as HAProxy 2.6 reads them (configuration manual, 2.5 and
/// 4.2 `bind`). Where HAProxy takes a word that is no number for 0 in silence, this refuses it.
enum ConfigurationValues {
  /// HAProxy keeps times as signed 32-bit milliseconds.
  private static let longest: Int64 = 2_147_483_647

  private static let units: [(name: String, microseconds: Int64)] = [
    ("us", 1), ("ms", 1_000), ("s", 1_000_000), ("m", 60_000_000), ("h", 3_600_000_000),
    ("d", 86_400_000_000), ("", 1_000),
  ]

  /// A time; without a unit it is in milliseconds. What is shorter than one is rounded up to one.
  ///
  /// - Parameter place: how a message about it goes on: `in 'timeout connect'`.
  static func time(_ text: String, _ place: String) throws(ConfigurationFault) -> Interval {
    let digits = text.prefix { $0.isASCII && $0.isNumber }
    let unit = text.dropFirst(digits.count)
    guard !digits.isEmpty, let first = units.first(where: { unit.hasPrefix($0.name) }),
      unit.isEmpty || !first.name.isEmpty
    else {
      throw ConfigurationFault(
        message: "unexpected character '\(unit.first ?? " ")'" + (place.isEmpty ? "" : " \(place)"))
    }
    if let extra = unit.dropFirst(first.name.count).first {
      throw ConfigurationFault(
        message: "unexpected character '\(extra)' after the timer value '\(text)', only "
          + "(us=microseconds,ms=milliseconds,s=seconds,m=minutes,h=hours,d=days) are supported")
    }
    let (product, overflow) = (Int64(digits) ?? .max).multipliedReportingOverflow(
      by: first.microseconds)
    guard !overflow, product <= longest * 1_000 else {
      throw ConfigurationFault(
        message: "timer overflow in argument '\(text)' \(place.replacingIn) "
          + "(maximum value is 2147483647 ms or ~24.8 days)")
    }
    return .milliseconds((product + 999) / 1_000)
  }

  /// A time that counts in seconds where no unit is given.
  static func seconds(_ text: String, _ place: String) throws(ConfigurationFault) -> Int {
    let bare = text.allSatisfy { $0.isASCII && $0.isNumber }
    return Int(try time(bare ? text + "s" : text, place).milliseconds / 1_000)
  }

  /// An integer in a range.
  static func integer(
    _ text: String?, in range: ClosedRange<Int>, of keyword: String
  ) throws(ConfigurationFault) -> Int {
    guard let text else {
      throw ConfigurationFault(message: "'\(keyword)' expects an integer argument.")
    }
    guard let value = Int(text), range.contains(value) else {
      let span =
        range.upperBound == .max
        ? "an integer of at least \(range.lowerBound)"
        : "an integer from \(range.lowerBound) to \(range.upperBound)"
      throw ConfigurationFault(message: "'\(keyword)' expects \(span) (got '\(text)').")
    }
    return value
  }

  /// Bytes or entries, with `k`, `m` or `g` for powers of 1024.
  static func size(_ text: String, _ place: String) throws(ConfigurationFault) -> Int {
    let digits = text.prefix { $0.isASCII && $0.isNumber }
    let rest = text.dropFirst(digits.count)
    let shifts: [Character: Int] = ["k": 10, "K": 10, "m": 20, "M": 20, "g": 30, "G": 30]
    let shift = rest.first.flatMap { shifts[$0] }
    let strange = shift == nil ? rest.first : rest.dropFirst().first
    if digits.isEmpty || strange != nil {
      throw ConfigurationFault(message: "unexpected character '\(strange ?? " ")' \(place)")
    }
    guard let value = Int(digits), value <= Int.max >> (shift ?? 0) else {
      throw ConfigurationFault(message: "number '\(text)' out of range \(place)")
    }
    return value << (shift ?? 0)
  }

  /// `a.b.c.d`, as a number whose highest byte is `a`.
  static func address(_ text: some StringProtocol) -> UInt32? {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 4 else { return nil }
    var value: UInt32 = 0
    for part in parts {
      guard part.allSatisfy({ $0.isASCII && $0.isNumber }), let byte = UInt8(part) else {
        return nil
      }
      value = value << 8 | UInt32(byte)
    }
    return value
  }

  /// `a.b.c.d`, `a.b.c.d/bits` or `a.b.c.d/mask`.
  static func network(_ text: String) -> ProxyConfiguration.Network? {
    let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    guard let address = address(parts[0]) else { return nil }
    guard parts.count == 2 else { return .init(address: address, mask: .max) }
    if let bits = Int(parts[1]), (0...32).contains(bits) {
      return .init(address: address, mask: bits == 0 ? 0 : .max << UInt32(32 - bits))
    }
    return self.address(parts[1]).map { .init(address: address, mask: $0) }
  }

  /// Host and, behind the last colon, port; brackets of an IPv6 address are taken off.
  static func hostAndPort(_ text: String) -> (host: String, port: String?) {
    let bare = text.hasPrefix("ipv4@") ? String(text.dropFirst(5)) : text
    if bare.hasPrefix("["), let end = bare.firstIndex(of: "]") {
      let host = String(bare[bare.index(after: bare.startIndex)..<end])
      let rest = bare[bare.index(after: end)...]
      return (host, rest.hasPrefix(":") ? String(rest.dropFirst()) : nil)
    }
    guard let colon = bare.lastIndex(of: ":") else { return (bare, nil) }
    return (String(bare[..<colon]), String(bare[bare.index(after: colon)...]))
  }

  /// The first character that HAProxy does not allow in the name of a proxy or a server.
  static func illegalCharacter(in name: String) -> Character? {
    name.first { !($0.isASCII && ($0.isLetter || $0.isNumber) || "-_.:".contains($0)) }
  }
}

extension String {
  /// HAProxy words an overflow with "to" where it words a strange character with "in".
  fileprivate var replacingIn: String { hasPrefix("in ") ? "to " + dropFirst(3) : self }
}
