// SPDX-License-Identifier: Apache-2.0

/// Swift text with comments, the insides of strings and names in backticks blanked out, so that a
/// word is found only where it is code. Lines and columns stay what they were; code inside an
/// interpolation stays too.
struct SwiftCode: Sendable {
  private(set) var bytes: [UInt8]
  private var place = 0

  init(_ text: String) {
    bytes = Array(text.utf8)
    readCode(untilParenthesis: false)
  }

  /// One entry a line.
  var lines: [String] {
    bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
      .map { String(decoding: $0, as: UTF8.self) }
  }

  private func starts(_ text: StaticString, at index: Int) -> Bool {
    let end = index + text.utf8CodeUnitCount
    guard end <= bytes.count else { return false }
    return text.withUTF8Buffer { buffer in
      (0..<buffer.count).allSatisfy { bytes[index + $0] == buffer[$0] }
    }
  }

  private mutating func blank(_ count: Int) {
    for _ in 0..<count where place < bytes.count {
      if bytes[place] != UInt8(ascii: "\n") { bytes[place] = UInt8(ascii: " ") }
      place += 1
    }
  }

  private mutating func readCode(untilParenthesis: Bool) {
    var depth = 0
    while place < bytes.count {
      if starts("//", at: place) {
        while place < bytes.count, bytes[place] != UInt8(ascii: "\n") { blank(1) }
      } else if starts("/*", at: place) {
        readComment()
      } else if bytes[place] == UInt8(ascii: "`") {
        place += 1
        while place < bytes.count, bytes[place] != UInt8(ascii: "`") { blank(1) }
        place += 1
      } else if let hashes = stringStart() {
        readString(hashes: hashes)
      } else {
        if bytes[place] == UInt8(ascii: "(") { depth += 1 }
        if bytes[place] == UInt8(ascii: ")") {
          depth -= 1
          if untilParenthesis, depth < 0 { return }
        }
        place += 1
      }
    }
  }

  private mutating func readComment() {
    var depth = 0
    repeat {
      if starts("/*", at: place) {
        depth += 1
        blank(2)
      } else if starts("*/", at: place) {
        depth -= 1
        blank(2)
      } else {
        blank(1)
      }
    } while depth > 0 && place < bytes.count
  }

  /// How many `#` stand before the quote, if a string begins here.
  private func stringStart() -> Int? {
    var index = place
    while index < bytes.count, bytes[index] == UInt8(ascii: "#") { index += 1 }
    guard index < bytes.count, bytes[index] == UInt8(ascii: "\"") else { return nil }
    return index - place
  }

  private mutating func readString(hashes: Int) {
    place += hashes
    let quotes = starts("\"\"\"", at: place) ? 3 : 1
    place += quotes
    while place < bytes.count {
      if isEscape(hashes) {
        blank(1 + hashes)
        if place < bytes.count, bytes[place] == UInt8(ascii: "(") {
          place += 1
          readCode(untilParenthesis: true)
          place += 1
        } else {
          blank(1)
        }
      } else if isEnd(quotes, hashes) {
        place += quotes + hashes
        return
      } else if quotes == 1, bytes[place] == UInt8(ascii: "\n") {
        return  // Not closed: a compiler will complain.
      } else {
        blank(1)
      }
    }
  }

  private func isEscape(_ hashes: Int) -> Bool {
    bytes[place] == UInt8(ascii: "\\") && place + hashes < bytes.count
      && (0..<hashes).allSatisfy { bytes[place + 1 + $0] == UInt8(ascii: "#") }
  }

  private func isEnd(_ quotes: Int, _ hashes: Int) -> Bool {
    place + quotes + hashes <= bytes.count
      && (0..<quotes).allSatisfy { bytes[place + $0] == UInt8(ascii: "\"") }
      && (0..<hashes).allSatisfy { bytes[place + quotes + $0] == UInt8(ascii: "#") }
  }
}
