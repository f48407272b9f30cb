// SPDX-License-Identifier: Apache-2.0

/// A way into a JSON document: `token.catalog[0].endpoints[1].url`, with `$.` before it or not.
///
/// It is walked on the bytes, without a tree and without memory: what lies beside the way is
/// skipped. A document that breaks off or is no JSON on the way has nothing at its end; what comes
/// behind the value is not looked at. Of keys that come twice the first counts.
package struct JSONPath: Equatable, Sendable {
  package enum Step: Equatable, Sendable {
    case key([UInt8])
    case index(Int)
  }

  package struct Problem: Error, Equatable, Sendable {
    package var expected: String
  }

  /// As it was written.
  package let text: String
  package let steps: [Step]

  package init(parsing text: String) throws(Problem) {
    self.text = text
    var steps: [Step] = []
    var rest = text[...]
    if rest.first == "$" { rest = rest.dropFirst() }
    while !rest.isEmpty {
      if rest.first == "[" {
        guard let end = rest.firstIndex(of: "]") else {
          throw Problem(expected: "']' after an index")
        }
        steps.append(try Self.bracket(rest[rest.index(after: rest.startIndex)..<end]))
        rest = rest[rest.index(after: end)...]
      } else {
        if rest.first == "." { rest = rest.dropFirst() }
        let key = rest.prefix { $0 != "." && $0 != "[" }
        guard !key.isEmpty else { throw Problem(expected: "a key after '.'") }
        steps.append(.key(Array(key.utf8)))
        rest = rest[key.endIndex...]
      }
    }
    self.steps = steps
  }

  /// `0`, or a key in quotes: `'a.b'`.
  private static func bracket(_ text: Substring) throws(Problem) -> Step {
    if text.count >= 2, let quote = text.first, quote == "'" || quote == "\"", text.last == quote {
      return .key(Array(text.dropFirst().dropLast().utf8))
    }
    guard let index = Int(text), index >= 0, text.utf8.allSatisfy({ $0 != UInt8(ascii: "+") })
    else { throw Problem(expected: "an index from 0 or a key in quotes between '[' and ']'") }
    return .index(index)
  }

  /// Where the value stands, and as what; nil if there is none.
  package func find(in bytes: Span<UInt8>, _ range: Range<Int>) -> JSONScan.Value? {
    var scan = JSONScan(at: range.lowerBound, end: range.upperBound)
    for step in steps {
      switch step {
      case .key(let key): guard scan.enter(key, bytes) else { return nil }
      case .index(let index): guard scan.enter(index, bytes) else { return nil }
      }
    }
    return scan.value(bytes)
  }
}

/// A place in JSON text, moved from value to value.
package struct JSONScan: Equatable, Sendable {
  package enum Value: Equatable, Sendable {
    /// What is between the quotes, and whether there are escapes in it.
    case string(Range<Int>, escaped: Bool)
    /// A number, `true`, `false`, `null`, or a whole object or list, as it stands there.
    case raw(Range<Int>)
  }

  private var at: Int
  private let end: Int

  init(at: Int, end: Int) {
    self.at = at
    self.end = end
  }

  /// To the value of a key, if an object stands here that has it.
  mutating func enter(_ key: [UInt8], _ bytes: Span<UInt8>) -> Bool {
    guard take("{", bytes) else { return false }
    if take("}", bytes) { return false }
    repeat {
      space(bytes)
      guard case .string(let name, let escaped)? = value(bytes), take(":", bytes) else {
        return false
      }
      if Self.isSame(name, escaped, key, bytes) { return true }
      guard value(bytes) != nil else { return false }
    } while take(",", bytes)
    return false
  }

  /// To an element, if a list stands here that is long enough.
  mutating func enter(_ index: Int, _ bytes: Span<UInt8>) -> Bool {
    guard take("[", bytes) else { return false }
    if take("]", bytes) { return false }
    for _ in 0..<index {
      guard value(bytes) != nil, take(",", bytes) else { return false }
    }
    return true
  }

  /// The value that stands here, stepped over; nil if none does.
  mutating func value(_ bytes: Span<UInt8>) -> Value? {
    space(bytes)
    guard at < end else { return nil }
    let start = at
    switch bytes[at] {
    case UInt8(ascii: "\""):
      return string(bytes)
    case UInt8(ascii: "{"), UInt8(ascii: "["):
      return skipNested(bytes) ? .raw(start..<at) : nil
    default:
      while at < end, Self.isOfWord(bytes[at]) { at += 1 }
      return at > start ? .raw(start..<at) : nil
    }
  }

  private mutating func string(_ bytes: Span<UInt8>) -> Value? {
    at += 1
    let start = at
    var escaped = false
    while at < end {
      switch bytes[at] {
      case UInt8(ascii: "\""):
        at += 1
        return .string(start..<at - 1, escaped: escaped)
      case UInt8(ascii: "\\"):
        escaped = true
        at += 2
      default:
        at += 1
      }
    }
    return nil
  }

  /// Brackets of both kinds are counted together: a document that mixes them up is no JSON, and to
  /// find that out is not the business of a path.
  private mutating func skipNested(_ bytes: Span<UInt8>) -> Bool {
    var depth = 0
    while at < end {
      switch bytes[at] {
      case UInt8(ascii: "\""):
        guard string(bytes) != nil else { return false }
        continue
      case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
      case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
      default: break
      }
      at += 1
      if depth == 0 { return true }
    }
    return false
  }

  private mutating func take(_ sign: Unicode.Scalar, _ bytes: Span<UInt8>) -> Bool {
    space(bytes)
    guard at < end, bytes[at] == UInt8(ascii: sign) else { return false }
    at += 1
    return true
  }

  private mutating func space(_ bytes: Span<UInt8>) {
    while at < end, bytes[at] == 0x20 || (0x09...0x0D).contains(bytes[at]) { at += 1 }
  }

  private static func isOfWord(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
      UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: "."), UInt8(ascii: "E"):
      true
    default: false
    }
  }

  private static func isSame(
    _ name: Range<Int>, _ escaped: Bool, _ key: [UInt8], _ bytes: Span<UInt8>
  ) -> Bool {
    guard escaped else {
      guard name.count == key.count else { return false }
      for index in key.indices where bytes[name.lowerBound + index] != key[index] { return false }
      return true
    }
    var plain: [UInt8] = []
    appendUnescaped(bytes, name, to: &plain)
    return plain == key
  }

  /// Appends what a string with escapes says, in UTF-8. An escape that is none stands for itself.
  static func appendUnescaped(
    _ bytes: Span<UInt8>, _ range: Range<Int>, to output: inout [UInt8]
  ) {
    var at = range.lowerBound
    while at < range.upperBound {
      guard bytes[at] == UInt8(ascii: "\\"), at + 1 < range.upperBound else {
        output.append(bytes[at])
        at += 1
        continue
      }
      let sign = bytes[at + 1]
      at += 2
      switch sign {
      case UInt8(ascii: "n"): output.append(0x0A)
      case UInt8(ascii: "t"): output.append(0x09)
      case UInt8(ascii: "r"): output.append(0x0D)
      case UInt8(ascii: "b"): output.append(0x08)
      case UInt8(ascii: "f"): output.append(0x0C)
      case UInt8(ascii: "u"): at = appendScalar(bytes, at, range.upperBound, to: &output)
      default: output.append(sign)
      }
    }
  }

  /// Four digits, or two times four if they are a pair of surrogates; gives where they end.
  private static func appendScalar(
    _ bytes: Span<UInt8>, _ start: Int, _ end: Int, to output: inout [UInt8]
  ) -> Int {
    guard var code = unit(bytes, start, end) else { return start }
    var at = start + 4
    if (0xD800...0xDBFF).contains(code), at + 2 <= end, bytes[at] == UInt8(ascii: "\\"),
      bytes[at + 1] == UInt8(ascii: "u"), let low = unit(bytes, at + 2, end),
      (0xDC00...0xDFFF).contains(low)
    {
      code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
      at += 6
    }
    output.append(contentsOf: UTF8.encode(Unicode.Scalar(code) ?? "\u{FFFD}")!)
    return at
  }

  private static func unit(_ bytes: Span<UInt8>, _ start: Int, _ end: Int) -> UInt32? {
    guard start + 4 <= end else { return nil }
    var code: UInt32 = 0
    for at in start..<start + 4 {
      switch bytes[at] {
      case let byte where (0x30...0x39).contains(byte): code = code << 4 | UInt32(byte - 0x30)
      case let byte where (0x61...0x66).contains(byte | 0x20):
        code = code << 4 | UInt32((byte | 0x20) - 0x61 + 10)
      default: return nil
      }
    }
    return code
  }
}
