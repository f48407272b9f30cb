// SPDX-License-Identifier: Apache-2.0

/// A regular expression over bytes, such as `id="([0-9a-f]+)"`.
///
/// It knows `.`, classes, `\d \w \s \b` and their opposites, groups, alternatives, `* + ? {m,n}` in
/// their greedy and lazy kinds, `^` and `$` for the ends of the text, and `(?i)` before everything.
/// The match is the leftmost, and among those the one that a backtracking matcher finds first. Each
/// place of the pattern is tried at most once at each place of the text, so that no pattern takes
/// longer than their product; for the same reason there are no back-references.
package struct Pattern: Equatable, Sendable {
  package struct Problem: Error, Equatable, Sendable {
    package var expected: String
  }

  enum Operation: Equatable, Sendable {
    case byte(UInt8)
    case set(ByteSet)
    /// The first is tried first.
    case split(Int, Int)
    case jump(Int)
    case save(Int)
    case begin, end
    case boundary(Bool)
    case match
  }

  /// As it was written.
  package let text: String
  let program: [Operation]

  package init(parsing text: String) throws(Problem) {
    self.text = text
    var compiler = PatternCompiler(text)
    program = try compiler.compile()
  }

  /// What a match needs to remember while it goes on; kept between matches so that they allocate
  /// nothing.
  package struct Scratch: Sendable {
    fileprivate var visited: [UInt64] = []
    fileprivate var stack: [(place: Int, at: Int, restore: Int, value: Int)] = []
    package init() {}
  }

  /// The first group of the first match, or the whole match if the pattern has no group that took
  /// part; nil if nothing matches.
  package func find(
    in bytes: Span<UInt8>, _ range: Range<Int>, using scratch: inout Scratch
  ) -> Range<Int>? {
    let width = range.count + 1
    let words = (program.count * width + 63) / 64
    scratch.visited.removeAll(keepingCapacity: true)
    scratch.visited.append(contentsOf: repeatElement(0, count: words))
    for start in range.lowerBound...range.upperBound {
      if let found = match(from: start, bytes, range, width, &scratch) { return found }
    }
    return nil
  }

  private func match(
    from start: Int, _ bytes: Span<UInt8>, _ range: Range<Int>, _ width: Int,
    _ scratch: inout Scratch
  ) -> Range<Int>? {
    var group = (-1, -1)
    scratch.stack.removeAll(keepingCapacity: true)
    scratch.stack.append((0, start, -1, 0))
    while let entry = scratch.stack.popLast() {
      guard entry.restore < 0 else {
        if entry.restore == 0 { group.0 = entry.value } else { group.1 = entry.value }
        continue
      }
      var place = entry.place
      var at = entry.at
      run: while true {
        let bit = place * width + at - range.lowerBound
        guard scratch.visited[bit / 64] & 1 << UInt64(bit % 64) == 0 else { break }
        scratch.visited[bit / 64] |= 1 << UInt64(bit % 64)
        switch program[place] {
        case .byte(let byte):
          guard at < range.upperBound, bytes[at] == byte else { break run }
          at += 1
          place += 1
        case .set(let set):
          guard at < range.upperBound, set.contains(bytes[at]) else { break run }
          at += 1
          place += 1
        case .split(let first, let second):
          scratch.stack.append((second, at, -1, 0))
          place = first
        case .jump(let target):
          place = target
        case .save(let which):
          scratch.stack.append((0, 0, which, which == 0 ? group.0 : group.1))
          if which == 0 { group.0 = at } else { group.1 = at }
          place += 1
        case .begin:
          guard at == range.lowerBound else { break run }
          place += 1
        case .end:
          guard at == range.upperBound else { break run }
          place += 1
        case .boundary(let wanted):
          let before = at > range.lowerBound && ByteSet.word.contains(bytes[at - 1])
          let after = at < range.upperBound && ByteSet.word.contains(bytes[at])
          guard (before != after) == wanted else { break run }
          place += 1
        case .match:
          return group.0 >= 0 && group.1 >= group.0 ? group.0..<group.1 : start..<at
        }
      }
    }
    return nil
  }
}

/// A set of bytes.
struct ByteSet: Equatable, Sendable {
  private var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)

  static let digit = ByteSet(UInt8(ascii: "0")...UInt8(ascii: "9"))
  static let space = ByteSet(0x09...0x0D, 0x20...0x20)
  static let word = ByteSet(
    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
    UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "_")...UInt8(ascii: "_"))
  /// Everything but the end of a line.
  static let any = ByteSet(0...0x09, 0x0B...0xFF)

  init(_ ranges: ClosedRange<UInt8>...) {
    for range in ranges { insert(range) }
  }

  mutating func insert(_ range: ClosedRange<UInt8>) {
    for byte in range {
      let bit: UInt64 = 1 << UInt64(byte & 63)
      switch byte >> 6 {
      case 0: words.0 |= bit
      case 1: words.1 |= bit
      case 2: words.2 |= bit
      default: words.3 |= bit
      }
    }
  }

  mutating func formUnion(_ other: ByteSet) {
    words.0 |= other.words.0
    words.1 |= other.words.1
    words.2 |= other.words.2
    words.3 |= other.words.3
  }

  var inverted: ByteSet {
    var set = self
    set.words = (~words.0, ~words.1, ~words.2, ~words.3)
    return set
  }

  func contains(_ byte: UInt8) -> Bool {
    let word =
      switch byte >> 6 {
      case 0: words.0
      case 1: words.1
      case 2: words.2
      default: words.3
      }
    return word >> UInt64(byte & 63) & 1 == 1
  }

  /// Its byte, if it has one alone.
  var only: UInt8? {
    let count =
      words.0.nonzeroBitCount + words.1.nonzeroBitCount + words.2.nonzeroBitCount
      + words.3.nonzeroBitCount
    return count == 1 ? (0...255).first { contains($0) } : nil
  }

  /// The small letters of capitals and the other way round as well.
  var caseless: ByteSet {
    var set = self
    for letter in UInt8(ascii: "a")...UInt8(ascii: "z") {
      let capital = letter & ~0x20
      if contains(letter) { set.insert(capital...capital) }
      if contains(capital) { set.insert(letter...letter) }
    }
    return set
  }

  static func == (a: ByteSet, b: ByteSet) -> Bool { a.words == b.words }
}
