// SPDX-License-Identifier: Apache-2.0

extension BytePattern {
  init(_ text: String, ignoringCase: Bool) throws(ConfigurationFault) {
    var reader = BytePatternReader(bytes: Array(text.utf8), ignoringCase: ignoringCase)
    let root = try reader.alternatives()
    if !reader.isAtEnd { throw BytePatternReader.fault(text, "unmatched parentheses") }
    self.text = text
    self.root = root
    groupCount = reader.groups
  }
}

/// Reads the text of a regular expression.
struct BytePatternReader {
  private let bytes: [UInt8]
  private let ignoringCase: Bool
  private var place = 0
  private(set) var groups = 0
  /// How deep groups stand in groups.
  private var depth = 0
  private static let deepest = 50
  private static let longestRepetition = 1_000

  init(bytes: [UInt8], ignoringCase: Bool) {
    self.bytes = bytes
    self.ignoringCase = ignoringCase
  }

  static func fault(_ text: String, _ why: String) -> ConfigurationFault {
    ConfigurationFault(message: "regex '\(text)' is invalid: \(why).")
  }

  private func fault(_ why: String) -> ConfigurationFault {
    Self.fault(String(decoding: bytes, as: UTF8.self), why)
  }

  var isAtEnd: Bool { place == bytes.count }
  private var next: UInt8? { place < bytes.count ? bytes[place] : nil }

  private mutating func take(_ byte: Unicode.Scalar) -> Bool {
    guard next == UInt8(ascii: byte) else { return false }
    place += 1
    return true
  }

  mutating func alternatives() throws(ConfigurationFault) -> BytePattern.Node {
    var all = [try sequence()]
    while take("|") { all.append(try sequence()) }
    return all.count == 1 ? all[0] : .either(all)
  }

  private mutating func sequence() throws(ConfigurationFault) -> BytePattern.Node {
    var nodes: [BytePattern.Node] = []
    while let byte = next, byte != UInt8(ascii: "|"), byte != UInt8(ascii: ")") {
      nodes.append(try repeated(try atom()))
    }
    return nodes.isEmpty ? .empty : nodes.count == 1 ? nodes[0] : .sequence(nodes)
  }

  private mutating func repeated(
    _ node: BytePattern.Node
  ) throws(ConfigurationFault) -> BytePattern.Node {
    var least = 0
    var most = Int.max
    if take("*") {
    } else if take("+") {
      least = 1
    } else if take("?") {
      most = 1
    } else if next == UInt8(ascii: "{"), let range = try counted() {
      (least, most) = range
    } else {
      return node
    }
    switch node {
    case .start, .end, .boundary: throw fault("nothing to repeat")
    case .empty, .set, .sequence, .either, .group, .repetition: break
    }
    return .repetition(node, least: least, most: most, isLazy: take("?"))
  }

  /// `{m}`, `{m,}` or `{m,n}`; nil if it is none, and stands for itself.
  private mutating func counted() throws(ConfigurationFault) -> (Int, Int)? {
    guard let end = bytes[place...].firstIndex(of: UInt8(ascii: "}")) else { return nil }
    let inner = String(decoding: bytes[(place + 1)..<end], as: UTF8.self)
    let parts = inner.split(separator: ",", omittingEmptySubsequences: false)
    guard parts.count <= 2, let least = Int(parts[0]) else { return nil }
    var most = parts.count == 1 ? least : Int.max
    if parts.count == 2, !parts[1].isEmpty {
      guard let limit = Int(parts[1]) else { return nil }
      most = limit
    }
    guard (0...Self.longestRepetition).contains(least), most >= least else {
      throw fault("a repetition from \(least) to \(most)")
    }
    place = end + 1
    return (least, most)
  }

  private mutating func atom() throws(ConfigurationFault) -> BytePattern.Node {
    let byte = bytes[place]
    place += 1
    switch byte {
    case UInt8(ascii: "^"): return .start
    case UInt8(ascii: "$"): return .end
    case UInt8(ascii: "."): return .set(BytePattern.ByteSet().inverted)
    case UInt8(ascii: "["): return .set(try set())
    case UInt8(ascii: "("): return try group()
    case UInt8(ascii: "\\"): return try escape()
    case UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "?"): throw fault("nothing to repeat")
    default: return .set(one(byte))
    }
  }

  private mutating func group() throws(ConfigurationFault) -> BytePattern.Node {
    depth += 1
    guard depth <= Self.deepest else { throw fault("too many groups in groups") }
    var number: Int?
    if take("?") {
      guard take(":") else { throw fault("'(?' only supports '(?:'") }
    } else {
      groups += 1
      number = groups
    }
    let inner = try alternatives()
    guard take(")") else { throw fault("missing closing parenthesis") }
    depth -= 1
    return number.map { .group($0, inner) } ?? inner
  }

  private mutating func escape() throws(ConfigurationFault) -> BytePattern.Node {
    guard let byte = next else { throw fault("\\ at end of pattern") }
    place += 1
    if byte == UInt8(ascii: "b") { return .boundary }
    return .set(Self.classes(byte) ?? one(Self.control(byte)))
  }

  private static func control(_ byte: UInt8) -> UInt8 {
    switch byte {
    case UInt8(ascii: "n"): 10
    case UInt8(ascii: "r"): 13
    case UInt8(ascii: "t"): 9
    default: byte
    }
  }

  private static func classes(_ byte: UInt8) -> BytePattern.ByteSet? {
    func all(_ test: (UInt8) -> Bool) -> BytePattern.ByteSet {
      var set = BytePattern.ByteSet()
      for byte in UInt8.min...UInt8.max where test(byte) { set.insert(byte) }
      return set
    }
    let space: (UInt8) -> Bool = { $0 == 32 || (9...13).contains($0) }
    let digit: (UInt8) -> Bool = { (0x30...0x39).contains($0) }
    return switch byte {
    case UInt8(ascii: "d"): all(digit)
    case UInt8(ascii: "D"): all(digit).inverted
    case UInt8(ascii: "w"): all(isWord)
    case UInt8(ascii: "W"): all(isWord).inverted
    case UInt8(ascii: "s"): all(space)
    case UInt8(ascii: "S"): all(space).inverted
    default: nil
    }
  }

  static func isWord(_ byte: UInt8) -> Bool {
    (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte.inLowerCase)
      || byte == UInt8(ascii: "_")
  }

  private func one(_ byte: UInt8) -> BytePattern.ByteSet {
    var set = BytePattern.ByteSet()
    insert(byte, into: &set)
    return set
  }

  private func insert(_ byte: UInt8, into set: inout BytePattern.ByteSet) {
    set.insert(byte)
    guard ignoringCase, (0x61...0x7A).contains(byte | 0x20) else { return }
    set.insert(byte ^ 0x20)
  }

  private mutating func set() throws(ConfigurationFault) -> BytePattern.ByteSet {
    let isInverted = take("^")
    var set = BytePattern.ByteSet()
    var isFirst = true
    while true {
      guard let byte = next else { throw fault("missing terminating ]") }
      place += 1
      if byte == UInt8(ascii: "]"), !isFirst { break }
      isFirst = false
      if byte == UInt8(ascii: "\\"), let escaped = next {
        place += 1
        if let members = Self.classes(escaped) {
          for index in 0..<4 { set.words[index] |= members.words[index] }
        } else {
          insert(Self.control(escaped), into: &set)
        }
      } else if next == UInt8(ascii: "-"), place + 1 < bytes.count,
        bytes[place + 1] != UInt8(ascii: "]")
      {
        let last = bytes[place + 1]
        place += 2
        guard byte <= last else { throw fault("range out of order in a set") }
        for member in byte...last { insert(member, into: &set) }
      } else {
        insert(byte, into: &set)
      }
    }
    return isInverted ? set.inverted : set
  }
}
