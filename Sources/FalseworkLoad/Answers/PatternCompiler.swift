// SPDX-License-Identifier: Apache-2.0

/// Reads a regular expression and writes its program.
struct PatternCompiler {
  private indirect enum Node {
    case empty
    case set(ByteSet)
    case sequence([Node])
    case choice([Node])
    case group(Node)
    case repeated(Node, Int, Int?, lazy: Bool)
    case begin, end
    case boundary(Bool)
  }

  private let bytes: [UInt8]
  private var at = 0
  private var depth = 0
  private var groups = 0
  private var isCaseless = false
  private var program: [Pattern.Operation] = []

  /// `{m,n}` is written out, and groups nest: both are bounded, so that a program stays small.
  private static let mostRepeats = 1_000
  private static let mostOperations = 20_000
  private static let deepest = 100

  init(_ text: String) {
    bytes = Array(text.utf8)
  }

  mutating func compile() throws(Pattern.Problem) -> [Pattern.Operation] {
    if bytes.starts(with: "(?i)".utf8) {
      isCaseless = true
      at = 4
    }
    let node = try choice()
    guard at == bytes.count else { throw Pattern.Problem(expected: "no ')' without its '('") }
    try write(node)
    program.append(.match)
    return program
  }

  // MARK: Reading

  private var next: UInt8? { at < bytes.count ? bytes[at] : nil }

  private mutating func take(_ sign: Unicode.Scalar) -> Bool {
    guard next == UInt8(ascii: sign) else { return false }
    at += 1
    return true
  }

  private mutating func choice() throws(Pattern.Problem) -> Node {
    var branches = [try sequence()]
    while take("|") { branches.append(try sequence()) }
    return branches.count == 1 ? branches[0] : .choice(branches)
  }

  private mutating func sequence() throws(Pattern.Problem) -> Node {
    var nodes: [Node] = []
    while let sign = next, sign != UInt8(ascii: "|"), sign != UInt8(ascii: ")") {
      nodes.append(try quantified(try atom()))
    }
    return nodes.count == 1 ? nodes[0] : nodes.isEmpty ? .empty : .sequence(nodes)
  }

  private mutating func quantified(_ node: Node) throws(Pattern.Problem) -> Node {
    guard let (least, most) = bounds() else { return node }
    guard most ?? least >= least else {
      throw Pattern.Problem(expected: "the smaller number first in '{m,n}'")
    }
    guard max(least, most ?? 0) <= Self.mostRepeats else {
      throw Pattern.Problem(expected: "at most \(Self.mostRepeats) repeats")
    }
    let lazy = take("?")
    guard bounds() == nil else {
      throw Pattern.Problem(expected: "one of '*', '+', '?' and '{m,n}' at a time")
    }
    return .repeated(node, least, most, lazy: lazy)
  }

  /// How often, if a quantifier stands here. A brace that is none stands for itself.
  private mutating func bounds() -> (Int, Int?)? {
    if take("*") { return (0, nil) }
    if take("+") { return (1, nil) }
    if take("?") { return (0, 1) }
    let start = at
    guard take("{"), let least = number() else {
      at = start
      return nil
    }
    if take("}") { return (least, least) }
    guard take(",") else {
      at = start
      return nil
    }
    if take("}") { return (least, nil) }
    guard let most = number(), take("}") else {
      at = start
      return nil
    }
    return (least, most)
  }

  private mutating func number() -> Int? {
    let start = at
    var value = 0
    while let digit = next, (0x30...0x39).contains(digit), value < 1_000_000 {
      value = value * 10 + Int(digit - 0x30)
      at += 1
    }
    return at > start ? value : nil
  }

  private mutating func atom() throws(Pattern.Problem) -> Node {
    guard let sign = next else { return .empty }
    at += 1
    switch sign {
    case UInt8(ascii: "."): return .set(.any)
    case UInt8(ascii: "^"): return .begin
    case UInt8(ascii: "$"): return .end
    case UInt8(ascii: "("): return try group()
    case UInt8(ascii: "["): return .set(try list())
    case UInt8(ascii: "\\"): return try escape()
    case UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "?"):
      throw Pattern.Problem(expected: "something to repeat before '\(Unicode.Scalar(sign))'")
    default: return .set(ByteSet(sign...sign))
    }
  }

  private mutating func group() throws(Pattern.Problem) -> Node {
    depth += 1
    defer { depth -= 1 }
    guard depth <= Self.deepest else {
      throw Pattern.Problem(expected: "at most \(Self.deepest) groups in each other")
    }
    var captures = true
    if take("?") {
      guard take(":") else { throw Pattern.Problem(expected: "'(' or '(?:' for a group") }
      captures = false
    }
    if captures { groups += 1 }
    let isFirst = captures && groups == 1
    let node = try choice()
    guard take(")") else { throw Pattern.Problem(expected: "')' after a group") }
    return isFirst ? .group(node) : node
  }

  private mutating func escape() throws(Pattern.Problem) -> Node {
    if take("b") { return .boundary(true) }
    if take("B") { return .boundary(false) }
    return .set(try escapedSet())
  }

  private mutating func escapedSet() throws(Pattern.Problem) -> ByteSet {
    guard let sign = next else { throw Pattern.Problem(expected: "a sign after '\\'") }
    at += 1
    switch sign {
    case UInt8(ascii: "d"): return .digit
    case UInt8(ascii: "D"): return ByteSet.digit.inverted
    case UInt8(ascii: "w"): return .word
    case UInt8(ascii: "W"): return ByteSet.word.inverted
    case UInt8(ascii: "s"): return .space
    case UInt8(ascii: "S"): return ByteSet.space.inverted
    case UInt8(ascii: "n"): return ByteSet(0x0A...0x0A)
    case UInt8(ascii: "r"): return ByteSet(0x0D...0x0D)
    case UInt8(ascii: "t"): return ByteSet(0x09...0x09)
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
      UInt8(ascii: "A")...UInt8(ascii: "Z"):
      throw Pattern.Problem(
        expected: "one of \\d, \\w, \\s, \\b, their capitals, \\n, \\r, \\t or a sign after '\\'")
    default: return ByteSet(sign...sign)
    }
  }

  /// After `[`.
  private mutating func list() throws(Pattern.Problem) -> ByteSet {
    let isInverted = take("^")
    var set = ByteSet()
    var isFirst = true
    while let sign = next, isFirst || sign != UInt8(ascii: "]") {
      isFirst = false
      at += 1
      if sign == UInt8(ascii: "\\") {
        set.formUnion(try escapedSet())
      } else if next == UInt8(ascii: "-"), at + 1 < bytes.count,
        bytes[at + 1] != UInt8(ascii: "]")
      {
        let last = bytes[at + 1]
        guard last >= sign, last != UInt8(ascii: "\\") else {
          throw Pattern.Problem(expected: "the smaller sign first in 'a-z'")
        }
        at += 2
        set.insert(sign...last)
      } else {
        set.insert(sign...sign)
      }
    }
    guard take("]") else { throw Pattern.Problem(expected: "']' after a class") }
    if isCaseless { set = set.caseless }
    return isInverted ? set.inverted : set
  }

  // MARK: Writing

  private mutating func write(_ node: Node) throws(Pattern.Problem) {
    guard program.count < Self.mostOperations else {
      throw Pattern.Problem(expected: "a shorter pattern")
    }
    switch node {
    case .empty: break
    case .set(let set): write(isCaseless ? set.caseless : set)
    case .sequence(let nodes): for node in nodes { try write(node) }
    case .choice(let branches): try write(branches)
    case .group(let inner):
      program.append(.save(0))
      try write(inner)
      program.append(.save(1))
    case .repeated(let inner, let least, let most, let lazy):
      try write(inner, least, most, lazy)
    case .begin: program.append(.begin)
    case .end: program.append(.end)
    case .boundary(let wanted): program.append(.boundary(wanted))
    }
  }

  private mutating func write(_ set: ByteSet) {
    if let byte = set.only { program.append(.byte(byte)) } else { program.append(.set(set)) }
  }

  private mutating func write(_ branches: [Node]) throws(Pattern.Problem) {
    var jumps: [Int] = []
    for (index, branch) in branches.enumerated() {
      guard index + 1 < branches.count else {
        try write(branch)
        break
      }
      let split = program.count
      program.append(.split(split + 1, 0))
      try write(branch)
      jumps.append(program.count)
      program.append(.jump(0))
      program[split] = .split(split + 1, program.count)
    }
    for jump in jumps { program[jump] = .jump(program.count) }
  }

  private mutating func write(
    _ inner: Node, _ least: Int, _ most: Int?, _ lazy: Bool
  ) throws(Pattern.Problem) {
    for _ in 0..<least { try write(inner) }
    guard let most else {
      let split = program.count
      program.append(.split(0, 0))
      try write(inner)
      program.append(.jump(split))
      program[split] = Self.split(split + 1, program.count, lazy)
      return
    }
    var splits: [Int] = []
    for _ in least..<most {
      splits.append(program.count)
      program.append(.split(0, 0))
      try write(inner)
    }
    for split in splits { program[split] = Self.split(split + 1, program.count, lazy) }
  }

  private static func split(_ inside: Int, _ past: Int, _ lazy: Bool) -> Pattern.Operation {
    lazy ? .split(past, inside) : .split(inside, past)
  }
}
