// SPDX-License-Identifier: Apache-2.0

/// `if` or `unless` with what follows: alternatives, each a row of terms (configuration manual, 7.2).
package struct Condition: Equatable, Sendable {
  package struct Term: Equatable, Sendable {
    package var isNegated: Bool
    /// One of them is enough: an ACL may be declared on several lines.
    package var tests: [Test]
  }

  package struct Test: Equatable, Sendable {
    package var sample: Sample
    package var match: Match
  }

  /// How a sample's value is compared.
  package enum Match: Equatable, Sendable {
    case found
    case truth
    case numbers([ClosedRange<Int>])
    case networks([ProxyConfiguration.Network])
    case texts(Position, [[UInt8]], ignoringCase: Bool)
    case expressions([BytePattern])
  }

  /// Where a pattern has to stand in the value.
  package enum Position: String, CaseIterable, Equatable, Sendable {
    case whole = "str"
    case beginning = "beg"
    case end = "end"
    case anywhere = "sub"
    /// Between slashes; between dots; `len` compares the length.
    case directory = "dir"
    case domain = "dom"
  }

  package var isNegated: Bool
  package var alternatives: [[Term]]
}

extension Condition.Match {
  /// - Parameter values: all that the sample found.
  func holds(for values: [Sample.Value]) -> Bool {
    switch self {
    case .found: !values.isEmpty
    case .truth: values.contains { ($0.number ?? 0) != 0 }
    case .numbers(let ranges):
      values.contains { value in
        value.number.map { number in ranges.contains { $0.contains(number) } } ?? false
      }
    case .networks(let networks):
      values.contains { value in
        value.address.map { address in networks.contains { $0.contains(address) } } ?? false
      }
    case .texts(let position, let patterns, let ignoringCase):
      values.contains { value in
        let bytes = ignoringCase ? value.bytes.map(\.inLowerCase) : value.bytes
        return patterns.contains { position.matches(bytes, $0) }
      }
    case .expressions(let patterns):
      values.contains { value in patterns.contains { $0.firstMatch(in: value.bytes) != nil } }
    }
  }
}

extension Condition.Position {
  func matches(_ value: [UInt8], _ pattern: [UInt8]) -> Bool {
    switch self {
    case .whole: value == pattern
    case .beginning: value.starts(with: pattern)
    case .end: value.count >= pattern.count && value.suffix(pattern.count).elementsEqual(pattern)
    case .anywhere: Self.stands(pattern, in: value) { _, _ in true }
    case .directory: delimited(value, pattern, by: [UInt8(ascii: "/"), UInt8(ascii: "?")])
    case .domain:
      delimited(
        value, pattern,
        by: [UInt8(ascii: "/"), UInt8(ascii: "?"), UInt8(ascii: "."), UInt8(ascii: ":")])
    }
  }

  private func delimited(_ value: [UInt8], _ pattern: [UInt8], by marks: [UInt8]) -> Bool {
    var bare = pattern[...]
    while let first = bare.first, marks.contains(first) { bare = bare.dropFirst() }
    while let last = bare.last, marks.contains(last) { bare = bare.dropLast() }
    return Self.stands(Array(bare), in: value) { start, end in
      (start == 0 || marks.contains(value[start - 1]))
        && (end == value.count || marks.contains(value[end]))
    }
  }

  private static func stands(
    _ pattern: [UInt8], in value: [UInt8], where isPlace: (Int, Int) -> Bool
  ) -> Bool {
    guard value.count >= pattern.count else { return false }
    return (0...value.count - pattern.count).contains { start in
      value[start..<start + pattern.count].elementsEqual(pattern)
        && isPlace(start, start + pattern.count)
    }
  }
}
