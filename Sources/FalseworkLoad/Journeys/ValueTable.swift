// SPDX-License-Identifier: Apache-2.0

/// Values by number, one after the other in one buffer that is used again.
package struct ValueTable: Equatable, Sendable {
  private(set) var bytes: [UInt8] = []
  /// An empty range before the beginning is a value that is lacking.
  private var ranges: [Range<Int>] = []
  private static let lacking = -1..<(-1)

  package init() {}

  var count: Int { ranges.count }

  /// Where a value stands in `bytes`; nil if it is lacking.
  func range(_ index: Int) -> Range<Int>? {
    guard index < ranges.count, ranges[index] != Self.lacking else { return nil }
    return ranges[index]
  }

  mutating func removeAll() {
    bytes.removeAll(keepingCapacity: true)
    ranges.removeAll(keepingCapacity: true)
  }

  /// The next value is what `write` appends; it lacks if `write` says so.
  mutating func append(_ write: (inout [UInt8]) -> Bool) {
    let start = bytes.count
    let isThere = write(&bytes)
    ranges.append(isThere ? start..<bytes.count : Self.lacking)
  }

  /// Sets a value anew. The bytes of the old one stay until `removeAll`.
  mutating func set(_ index: Int, _ write: (inout [UInt8]) -> Void) {
    while ranges.count <= index { ranges.append(Self.lacking) }
    let start = bytes.count
    write(&bytes)
    ranges[index] = start..<bytes.count
  }

  mutating func clear(_ index: Int) {
    if index < ranges.count { ranges[index] = Self.lacking }
  }

  func append(_ index: Int, to output: inout [UInt8]) -> Bool {
    guard let range = range(index) else { return false }
    output.append(contentsOf: bytes[range])
    return true
  }
}
