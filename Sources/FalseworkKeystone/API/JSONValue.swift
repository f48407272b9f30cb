// SPDX-License-Identifier: Apache-2.0

/// JSON of any shape (RFC 8259): request bodies, and what a row keeps of attributes that Keystone
/// has no column for.
package enum JSONValue: Hashable, Sendable {
  /// Of a name that stands twice the last value counts, as in Python.
  case object(JSONObject)
  case array([JSONValue])
  case string(String)
  /// As it was written: nothing here calculates with one, and nothing is lost.
  case number(String)
  case bool(Bool)
  case null

  /// Containers within containers. Python's reader takes some hundreds more; no call to Keystone
  /// needs ten.
  package static let depthLimit = 64

  /// Nil if the bytes are not one JSON value and nothing else.
  package init?(_ bytes: Span<UInt8>) {
    var reader = JSONReader(end: bytes.count)
    guard let value = reader.document(bytes) else { return nil }
    self = value
  }

  package subscript(name: String) -> JSONValue? {
    if case .object(let members) = self { members[name] } else { nil }
  }

  package var string: String? {
    if case .string(let text) = self { text } else { nil }
  }

  package var bool: Bool? {
    if case .bool(let flag) = self { flag } else { nil }
  }

  package var array: [JSONValue]? {
    if case .array(let elements) = self { elements } else { nil }
  }

  package var object: JSONObject? {
    if case .object(let members) = self { members } else { nil }
  }

  /// Nil unless the number is a whole one.
  package var integer: Int? {
    if case .number(let text) = self { Int(text) } else { nil }
  }
}

private struct JSONReader {
  let end: Int
  private var at = 0
  private var depth = 0

  init(end: Int) {
    self.end = end
  }

  mutating func document(_ bytes: Span<UInt8>) -> JSONValue? {
    guard let value = value(bytes) else { return nil }
    skipBlanks(bytes)
    return at == end ? value : nil
  }

  private mutating func skipBlanks(_ bytes: Span<UInt8>) {
    while at < end {
      switch bytes[at] {
      case 0x20, 0x09, 0x0A, 0x0D: at += 1
      default: return
      }
    }
  }

  private mutating func take(_ byte: UInt8, _ bytes: Span<UInt8>) -> Bool {
    skipBlanks(bytes)
    guard at < end, bytes[at] == byte else { return false }
    at += 1
    return true
  }

  private mutating func value(_ bytes: Span<UInt8>) -> JSONValue? {
    skipBlanks(bytes)
    guard at < end else { return nil }
    switch bytes[at] {
    case UInt8(ascii: "{"): return nested(bytes) { $0.object(bytes) }
    case UInt8(ascii: "["): return nested(bytes) { $0.array(bytes) }
    case UInt8(ascii: "\""): return string(bytes).map(JSONValue.string)
    case UInt8(ascii: "t"): return word("true", bytes) ? .bool(true) : nil
    case UInt8(ascii: "f"): return word("false", bytes) ? .bool(false) : nil
    case UInt8(ascii: "n"): return word("null", bytes) ? .null : nil
    default:
      let start = at
      guard number(bytes) else { return nil }
      var text: [UInt8] = []
      for index in start..<at { text.append(bytes[index]) }
      return .number(String(decoding: text, as: UTF8.self))
    }
  }

  private mutating func nested(
    _ bytes: Span<UInt8>, _ body: (inout JSONReader) -> JSONValue?
  ) -> JSONValue? {
    guard depth < JSONValue.depthLimit else { return nil }
    depth += 1
    at += 1
    let value = body(&self)
    depth -= 1
    return value
  }

  private mutating func object(_ bytes: Span<UInt8>) -> JSONValue? {
    var members = JSONObject()
    if take(UInt8(ascii: "}"), bytes) { return .object(members) }
    repeat {
      skipBlanks(bytes)
      guard at < end, bytes[at] == UInt8(ascii: "\""), let name = string(bytes),
        take(UInt8(ascii: ":"), bytes), let value = value(bytes)
      else { return nil }
      members[name] = value
    } while take(UInt8(ascii: ","), bytes)
    return take(UInt8(ascii: "}"), bytes) ? .object(members) : nil
  }

  private mutating func array(_ bytes: Span<UInt8>) -> JSONValue? {
    var elements: [JSONValue] = []
    if take(UInt8(ascii: "]"), bytes) { return .array(elements) }
    repeat {
      guard let element = value(bytes) else { return nil }
      elements.append(element)
    } while take(UInt8(ascii: ","), bytes)
    return take(UInt8(ascii: "]"), bytes) ? .array(elements) : nil
  }

  private mutating func word(_ text: StaticString, _ bytes: Span<UInt8>) -> Bool {
    for index in 0..<text.utf8CodeUnitCount {
      guard at < end, bytes[at] == text.utf8Start[index] else { return false }
      at += 1
    }
    return true
  }

  private mutating func digits(_ bytes: Span<UInt8>) -> Int {
    let start = at
    while at < end, bytes[at] &- 0x30 < 10 { at += 1 }
    return at - start
  }

  private mutating func number(_ bytes: Span<UInt8>) -> Bool {
    if bytes[at] == UInt8(ascii: "-") { at += 1 }
    guard at < end else { return false }
    let leadingZero = bytes[at] == UInt8(ascii: "0")
    let whole = digits(bytes)
    guard whole > 0, !leadingZero || whole == 1 else { return false }
    if at < end, bytes[at] == UInt8(ascii: ".") {
      at += 1
      guard digits(bytes) > 0 else { return false }
    }
    if at < end, bytes[at] | 0x20 == UInt8(ascii: "e") {
      at += 1
      if at < end, bytes[at] == UInt8(ascii: "+") || bytes[at] == UInt8(ascii: "-") { at += 1 }
      guard digits(bytes) > 0 else { return false }
    }
    return true
  }

  /// The text between two quotation marks; nil if it is no UTF-8 or has a control byte in it.
  private mutating func string(_ bytes: Span<UInt8>) -> String? {
    at += 1
    let start = at
    while at < end, bytes[at] != UInt8(ascii: "\""), bytes[at] != UInt8(ascii: "\\"),
      bytes[at] >= 0x20
    { at += 1 }
    var text: [UInt8] = []
    for index in start..<at { text.append(bytes[index]) }
    while at < end {
      let byte = bytes[at]
      at += 1
      switch byte {
      case UInt8(ascii: "\""): return String(validating: text, as: UTF8.self)
      case UInt8(ascii: "\\"):
        guard let scalar = escape(bytes) else { return nil }
        text.append(contentsOf: UTF8.encode(scalar)!)
      case 0x20...: text.append(byte)
      default: return nil
      }
    }
    return nil
  }

  /// A lone surrogate, which Python keeps and no UTF-8 can, becomes U+FFFD.
  private mutating func escape(_ bytes: Span<UInt8>) -> Unicode.Scalar? {
    guard at < end else { return nil }
    let byte = bytes[at]
    at += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{C}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"): break
    default: return nil
    }
    guard let first = hexadecimal(bytes) else { return nil }
    guard first & 0xFC00 == 0xD800, at + 1 < end, bytes[at] == UInt8(ascii: "\\"),
      bytes[at + 1] == UInt8(ascii: "u")
    else { return Unicode.Scalar(first) ?? "\u{FFFD}" }
    let back = at
    at += 2
    guard let second = hexadecimal(bytes) else { return nil }
    guard second & 0xFC00 == 0xDC00 else {
      at = back
      return "\u{FFFD}"
    }
    return Unicode.Scalar(0x1_0000 + (first & 0x3FF) << 10 + second & 0x3FF)
  }

  private mutating func hexadecimal(_ bytes: Span<UInt8>) -> UInt32? {
    guard end - at >= 4 else { return nil }
    var value: UInt32 = 0
    for _ in 0..<4 {
      let byte = bytes[at]
      let digit: UInt8
      switch byte {
      case 0x30...0x39: digit = byte - 0x30
      case 0x41...0x46: digit = byte - 0x41 + 10
      case 0x61...0x66: digit = byte - 0x61 + 10
      default: return nil
      }
      value = value << 4 | UInt32(digit)
      at += 1
    }
    return value
  }
}
