// SPDX-License-Identifier: Apache-2.0

/// Writes JSON into a buffer, keys in the order given: what a byte-for-byte comparison of two
/// runs needs, and what Keystone's answers look like.
package struct JSONWriter: Sendable {
  package enum Style: Equatable, Sendable {
    /// `{"a":1,"b":2}`
    case compact
    /// `{"a": 1, "b": 2}`, as Python's `json.dumps` writes.
    case spaced
    /// One member a line, two spaces a level.
    case indented
  }

  package private(set) var bytes: [UInt8] = []
  private let style: Style
  /// For each open container: whether it has a member yet.
  private var hasMembers: [Bool] = []
  private var afterKey = false

  package init(_ style: Style) {
    self.style = style
  }

  package var text: String { String(decoding: bytes, as: UTF8.self) }

  package mutating func object(_ body: (inout JSONWriter) -> Void) {
    container("{", "}", body)
  }

  package mutating func array(_ body: (inout JSONWriter) -> Void) {
    container("[", "]", body)
  }

  package mutating func key(_ name: String) {
    separate()
    write(escaped: name)
    bytes.append(contentsOf: style == .compact ? ":".utf8 : ": ".utf8)
    afterKey = true
  }

  package mutating func value(_ text: String) {
    separate()
    write(escaped: text)
  }

  package mutating func value(_ text: String?) {
    if let text { value(text) } else { null() }
  }

  package mutating func value(_ number: Int64) {
    separate()
    bytes.append(contentsOf: String(number).utf8)
  }

  package mutating func value(_ number: Int) { value(Int64(number)) }

  package mutating func value(_ flag: Bool) {
    separate()
    bytes.append(contentsOf: (flag ? "true" : "false").utf8)
  }

  package mutating func null() {
    separate()
    bytes.append(contentsOf: "null".utf8)
  }

  /// A number that was made with a fixed count of decimals.
  package mutating func number(_ text: String) {
    precondition(
      text.utf8.allSatisfy { (0x30...0x39).contains($0) || $0 == 0x2D || $0 == 0x2E },
      "no plain number: \(text)")
    separate()
    bytes.append(contentsOf: text.utf8)
  }

  /// JSON that was written before in the same style.
  package mutating func raw(_ json: [UInt8]) {
    separate()
    bytes.append(contentsOf: json)
  }

  package mutating func member(_ name: String, _ text: String?) {
    key(name)
    value(text)
  }

  package mutating func member(_ name: String, _ number: Int) {
    key(name)
    value(number)
  }

  package mutating func member(_ name: String, _ flag: Bool) {
    key(name)
    value(flag)
  }

  package mutating func member(_ name: String, _ body: (inout JSONWriter) -> Void) {
    key(name)
    object(body)
  }

  package mutating func list(_ name: String, _ body: (inout JSONWriter) -> Void) {
    key(name)
    array(body)
  }

  private mutating func container(
    _ open: String, _ close: String, _ body: (inout JSONWriter) -> Void
  ) {
    separate()
    bytes.append(contentsOf: open.utf8)
    hasMembers.append(false)
    body(&self)
    let filled = hasMembers.removeLast()
    if filled, style == .indented { breakLine() }
    bytes.append(contentsOf: close.utf8)
  }

  private mutating func separate() {
    if afterKey {
      afterKey = false
      return
    }
    guard let last = hasMembers.indices.last else { return }
    if hasMembers[last] {
      bytes.append(0x2C)
      if style == .spaced { bytes.append(0x20) }
    }
    hasMembers[last] = true
    if style == .indented { breakLine() }
  }

  private mutating func breakLine() {
    bytes.append(0x0A)
    for _ in 0..<hasMembers.count { bytes.append(contentsOf: "  ".utf8) }
  }

  private mutating func write(escaped text: String) {
    bytes.append(0x22)
    for byte in text.utf8 {
      switch byte {
      case 0x22: bytes.append(contentsOf: "\\\"".utf8)
      case 0x5C: bytes.append(contentsOf: "\\\\".utf8)
      case 0x0A: bytes.append(contentsOf: "\\n".utf8)
      case 0x0D: bytes.append(contentsOf: "\\r".utf8)
      case 0x09: bytes.append(contentsOf: "\\t".utf8)
      case 0..<0x20:
        let digits = String(byte, radix: 16)
        bytes.append(contentsOf: ("\\u00" + (digits.count == 1 ? "0" : "") + digits).utf8)
      default: bytes.append(byte)
      }
    }
    bytes.append(0x22)
  }
}
