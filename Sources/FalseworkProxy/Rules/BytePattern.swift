// SPDX-License-Identifier: Apache-2.0

/// A regular expression over bytes: what `-m reg`, `replace-path` and their like need of POSIX and
/// PCRE.
///
/// Literals, `.`, sets, `\d \w \s` and their opposites, groups, `(?: )`, `|`, `* + ? {m,n}` with
/// their lazy forms, `^ $ \b`. It goes back and tries again, as those engines do; how often is
/// limited, and beyond the limit nothing matches.
package struct BytePattern: Equatable, Sendable {
  indirect enum Node: Equatable, Sendable {
    case empty
    case set(ByteSet)
    case sequence([Node])
    case either([Node])
    case group(Int, Node)
    case repetition(Node, least: Int, most: Int, isLazy: Bool)
    case start, end, boundary
  }

  struct ByteSet: Equatable, Sendable {
    var words: InlineArray<4, UInt64> = .init(repeating: 0)

    mutating func insert(_ byte: UInt8) { words[Int(byte >> 6)] |= 1 << UInt64(byte & 63) }
    func contains(_ byte: UInt8) -> Bool { words[Int(byte >> 6)] >> UInt64(byte & 63) & 1 == 1 }
    var inverted: ByteSet {
      var copy = self
      for index in 0..<4 { copy.words[index] = ~words[index] }
      return copy
    }

    static func == (a: Self, b: Self) -> Bool { (0..<4).allSatisfy { a.words[$0] == b.words[$0] } }
  }

  package let text: String
  let root: Node
  let groupCount: Int

  private static let mostSteps = 200_000

  /// Where the groups stand; the first is the whole.
  package typealias Groups = [Range<Int>?]

  package func firstMatch(in bytes: [UInt8]) -> Groups? {
    var matcher = Matcher(bytes: bytes, groupCount: groupCount, steps: Self.mostSteps)
    for start in 0...bytes.count {
      if let groups = matcher.match(root, from: start) { return groups }
      if matcher.steps <= 0 { return nil }
    }
    return nil
  }

  /// Backtracking by continuations that do not outlive a call.
  private struct Matcher {
    let bytes: [UInt8]
    var groups: Groups
    var steps: Int

    init(bytes: [UInt8], groupCount: Int, steps: Int) {
      self.bytes = bytes
      self.steps = steps
      groups = Array(repeating: nil, count: groupCount + 1)
    }

    mutating func match(_ root: Node, from start: Int) -> Groups? {
      for index in groups.indices { groups[index] = nil }
      var found: Groups?
      let matched = run(root, start) { matcher, end in
        matcher.groups[0] = start..<end
        found = matcher.groups
        return true
      }
      return matched ? found : nil
    }

    typealias Next = (inout Matcher, Int) -> Bool

    mutating func run(_ node: Node, _ at: Int, _ next: Next) -> Bool {
      steps -= 1
      guard steps > 0 else { return false }
      switch node {
      case .empty: return next(&self, at)
      case .set(let set):
        guard at < bytes.count, set.contains(bytes[at]) else { return false }
        return next(&self, at + 1)
      case .sequence(let nodes): return run(nodes[...], at, next)
      case .either(let nodes):
        for node in nodes where run(node, at, next) { return true }
        return false
      case .group(let number, let inner):
        let old = groups[number]
        if run(
          inner, at,
          { matcher, end in
            let before = matcher.groups[number]
            matcher.groups[number] = at..<end
            if next(&matcher, end) { return true }
            matcher.groups[number] = before
            return false
          })
        {
          return true
        }
        groups[number] = old
        return false
      case .repetition(let inner, let least, let most, let isLazy):
        return again(inner, least, most, isLazy, at, next)
      case .start: return at == 0 && next(&self, at)
      case .end: return at == bytes.count && next(&self, at)
      case .boundary: return isWord(at - 1) != isWord(at) && next(&self, at)
      }
    }

    private mutating func run(_ nodes: ArraySlice<Node>, _ at: Int, _ next: Next) -> Bool {
      guard let first = nodes.first else { return next(&self, at) }
      let rest = nodes.dropFirst()
      return run(first, at) { $0.run(rest, $1, next) }
    }

    private mutating func again(
      _ node: Node, _ least: Int, _ most: Int, _ isLazy: Bool, _ at: Int, _ next: Next
    ) -> Bool {
      func more(_ matcher: inout Matcher) -> Bool {
        guard most > 0 else { return false }
        return matcher.run(node, at) { matcher, end in
          // What matches nothing would do so for ever.
          if end == at, least <= 0 { return false }
          return matcher.again(node, least - 1, most == .max ? .max : most - 1, isLazy, end, next)
        }
      }
      if least > 0 { return more(&self) }
      if isLazy { return next(&self, at) || more(&self) }
      return more(&self) || next(&self, at)
    }

    private func isWord(_ index: Int) -> Bool {
      guard bytes.indices.contains(index) else { return false }
      return BytePatternReader.isWord(bytes[index])
    }
  }
}
