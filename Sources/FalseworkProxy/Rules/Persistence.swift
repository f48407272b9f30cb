// SPDX-License-Identifier: Apache-2.0

/// `cookie`: how a client is kept at its server (configuration manual, 4.2).
package struct CookiePersistence: Equatable, Sendable {
  package enum Mode: String, CaseIterable, Equatable, Sendable {
    /// The server's own cookie gets the server's name as its value, or in front of it.
    case rewrite, prefix
    /// The proxy makes the cookie.
    case insert
    /// The server makes it, and the proxy only looks.
    case passive
  }

  package var name: [UInt8]
  package var mode = Mode.passive
  package var isIndirect = false
  package var forbidsCaches = false
  package var onlyPosts = false
  package var preserves = false
  /// What stands behind `; path=/`.
  package var attributes: [UInt8] = []
  /// In seconds; nil for any.
  package var maxIdle: Int?
  package var maxLife: Int?

  /// Some answer has to be looked at for it.
  var changesResponses: Bool { mode != .passive || isIndirect }
}

/// `stick` lines.
package struct StickRule: Equatable, Sendable {
  package var matches: Bool
  package var stores: Bool
  /// It looks at the answer.
  package var ofResponse: Bool
  package var sample: Sample
  /// The backend whose table it is.
  package var table: BackendID
  package var condition: Condition?
}

/// The third and fourth letters of a termination state: what cookie the client brought, and what
/// became of the server's (configuration manual, 8.5).
package struct CookieLetters: Equatable, Sendable {
  package var client: UInt8
  package var server: UInt8

  package static let absent = CookieLetters(client: UInt8(ascii: "-"), server: UInt8(ascii: "-"))

  package var text: String { String(decoding: [client, server], as: UTF8.self) }
}

/// The values of a persistence cookie: `n1|LLLLL|FFFFF`, when it was last and first seen, in units
/// of four seconds.
enum CookieDates {
  private static let digits = Array(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

  /// Rounded up to four seconds.
  static func text(_ seconds: Int) -> [UInt8] { encoded((seconds + 3) >> 2) }

  static func encoded(_ units: Int) -> [UInt8] {
    (0..<5).map { digits[units >> (24 - 6 * $0) & 63] }
  }

  /// Nil for what is none.
  static func seconds(_ text: ArraySlice<UInt8>) -> Int? {
    guard text.count >= 5 else { return nil }
    var value = 0
    for byte in text.prefix(5) {
      guard let digit = digits.firstIndex(of: byte) else { return nil }
      value = value << 6 | digit
    }
    return value > 0 ? value << 2 : nil
  }
}

/// `Cookie` lines: pairs between semicolons.
enum CookieLine {
  struct Pair {
    /// From the name to the end of the value, in the line.
    var range: Range<Int>
    var value: Range<Int>
  }

  /// The first pair of a name.
  static func pair(_ name: [UInt8], in line: [UInt8]) -> Pair? {
    var start = 0
    while start <= line.count {
      let end = line[start...].firstIndex(of: UInt8(ascii: ";")) ?? line.count
      let bare = HeaderValues.trimmed(line[start..<end])
      if let mark = bare.firstIndex(of: UInt8(ascii: "=")),
        HeaderValues.trimmed(bare[..<mark]).elementsEqual(name)
      {
        let value = HeaderValues.trimmed(bare[(mark + 1)...])
        return Pair(
          range: bare.startIndex..<bare.endIndex, value: value.startIndex..<value.endIndex)
      }
      start = end + 1
    }
    return nil
  }

  /// The line without a pair; nil if nothing is left.
  static func removing(_ pair: Pair, from line: [UInt8]) -> [UInt8]? {
    let semicolon = UInt8(ascii: ";")
    let before = line[..<pair.range.lowerBound]
    let after = line[pair.range.upperBound...]
    let rest =
      after.firstIndex(of: semicolon).map {
        HeaderValues.trimmed(after[($0 + 1)...])
      } ?? []
    let start = before.lastIndex(of: semicolon).map { before[..<$0] } ?? []
    if start.isEmpty { return rest.isEmpty ? nil : Array(rest) }
    return rest.isEmpty ? Array(start) : start + Array("; ".utf8) + rest
  }
}
