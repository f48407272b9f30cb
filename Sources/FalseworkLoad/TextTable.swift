// SPDX-License-Identifier: Apache-2.0
import FalseworkHTTP

/// Texts that come again and again, such as the names of servers in answers: each is made a
/// `String` once.
package struct TextTable: Sendable {
  private var entries: [(bytes: [UInt8], text: String)] = []
  /// Beyond it a text is made anew each time: a field that never says the same twice must not fill
  /// the memory, nor be searched for long.
  private static let limit = 256

  package init() {}

  package mutating func text(_ bytes: Span<UInt8>, _ range: Range<Int>) -> String {
    for entry in entries where bytes.equals(entry.bytes, in: range) { return entry.text }
    let text = bytes.text(range)
    if entries.count < Self.limit { entries.append((range.map { bytes[$0] }, text)) }
    return text
  }
}
