// SPDX-License-Identifier: Apache-2.0
import Yams

/// Reads a YAML document into located nodes and says everything that is wrong with it as YAML:
/// syntax, duplicate keys, aliases of nothing or without measure, tags, keys that are no words.
///
/// Work and memory are bounded by the size of the text, whatever its aliases do.
struct DocumentReader {
  struct Outcome {
    /// Nil if the document could not be read to its end.
    var root: LocatedNode?
    var problems: [ScenarioProblem]
  }

  /// Nodes of a document, each alias counted as often as it is used.
  static let nodeLimit = 200_000
  static let depthLimit = 64
  /// After this many duplicate keys the reader gives up.
  private static let duplicateLimit = 100

  private let file: String
  private var problems: [ScenarioProblem] = []
  private var nodes = 0
  /// What duplicate keys were renamed to: see `rename`.
  private var renamed: [String: (key: String, line: Int)] = [:]

  private init(file: String) {
    self.file = file
  }

  static func read(_ text: String, file: String) -> Outcome {
    var reader = DocumentReader(file: file)
    let root = reader.document(text)
    return Outcome(root: root, problems: reader.problems)
  }

  private mutating func document(_ source: String) -> LocatedNode? {
    if let mark = AliasInKey.first(in: source) {
      report(mark.line, mark.column, found: "an alias in a key", expected: "a word as a key")
      return nil
    }
    var text = source
    while true {
      do {
        guard let root = try Yams.compose(yaml: text, .basic, .default, .utf8) else {
          return LocatedNode(
            content: .scalar("", .plain), origin: Origin(file: file, line: 1, column: 1))
        }
        return located(root, path: "", depth: 1)
      } catch YamlError.duplicatedKeysInMapping(let keys, let context) {
        // Yams ends at the first mapping that has one. With the key renamed it goes on, and the
        // rest of the file is read as well.
        guard renamed.count < Self.duplicateLimit,
          let next = rename(keys, at: context.mark, in: text)
        else {
          report(
            context.mark.line, context.mark.column, found: "a key more than once: \(keys[0])",
            expected: "each key once")
          return nil
        }
        text = next
      } catch {
        report(syntax: error)
        return nil
      }
    }
  }

  private mutating func report(syntax error: any Error) {
    switch error as? YamlError {
    case .scanner(let context, let problem, let mark, _),
      .parser(let context, let problem, let mark, _),
      .composer(let context, let problem, let mark, _):
      let (found, expected) = Self.worded(problem)
      // The context says what was being read; of a second document it repeats what was expected.
      let place = context.flatMap {
        $0.text.hasPrefix("while ") ? " \($0.text) in line \($0.mark.line)" : nil
      }
      report(mark.line, mark.column, found: found + (place ?? ""), expected: expected)
    default:
      report(0, 0, found: "what no reader of YAML takes: \(error)", expected: "YAML")
    }
  }

  /// What libyaml says, as what was found and what was expected.
  private static func worded(_ problem: String) -> (found: String, expected: String) {
    if problem == "but found another document" { return ("another document", "one document") }
    if problem.hasPrefix("found ") { return (String(problem.dropFirst("found ".count)), "YAML") }
    let missing = "did not find expected "
    if problem.hasPrefix(missing) {
      return ("something else", String(problem.dropFirst(missing.count)))
    }
    return ("a mistake (\(problem))", "YAML")
  }

  private mutating func report(_ line: Int, _ column: Int, found: String, expected: String) {
    report(Origin(file: file, line: line, column: column), "", found: found, expected: expected)
  }

  private mutating func report(
    _ origin: Origin, _ path: String, found: String, expected: String
  ) {
    problems.append(
      ScenarioProblem(
        file: file, line: origin.line, column: origin.column, path: path, found: found,
        expected: expected))
  }

  // MARK: Duplicate keys

  /// Replaces a key in the text by one that is its own, of the same length, so that no column
  /// moves. Nil if the key is not written as it reads.
  private mutating func rename(_ keys: [String], at mark: Mark, in text: String) -> String? {
    var scalars = Array(text.unicodeScalars)
    guard var place = Self.offset(of: mark, in: scalars) else { return nil }
    if place < scalars.count, scalars[place] == "\"" || scalars[place] == "'" { place += 1 }
    let key = keys.first { key in
      !key.isEmpty && scalars[place...].starts(with: key.unicodeScalars)
    }
    guard let key, let stamp = Unicode.Scalar(0xE000 + UInt32(renamed.count)) else { return nil }
    let length = key.unicodeScalars.count
    for index in place..<(place + length) { scalars[index] = stamp }
    var name = String.UnicodeScalarView()
    name.append(contentsOf: Array(repeating: stamp, count: length))
    renamed[String(name)] = (key, mark.line)
    var result = String.UnicodeScalarView()
    result.append(contentsOf: scalars)
    return String(result)
  }

  private static func offset(of mark: Mark, in scalars: [Unicode.Scalar]) -> Int? {
    var line = 1
    var place = 0
    while line < mark.line {
      guard let end = scalars[place...].firstIndex(of: "\n") else { return nil }
      place = end + 1
      line += 1
    }
    let offset = place + mark.column - 1
    return offset < scalars.count ? offset : nil
  }

  // MARK: Nodes

  private mutating func located(_ node: Node, path: String, depth: Int) -> LocatedNode? {
    let origin = origin(of: node)
    nodes += 1
    if nodes == Self.nodeLimit {
      report(
        origin, path, found: "more than \(Self.nodeLimit) values, aliases counted",
        expected: "a smaller file")
    }
    guard nodes < Self.nodeLimit else { return nil }
    guard depth <= Self.depthLimit else {
      report(origin, path, found: "more than \(Self.depthLimit) levels", expected: "a flatter file")
      return nil
    }
    switch node {
    case .scalar(let scalar):
      check(scalar.tag, origin, path)
      return LocatedNode(content: .scalar(scalar.string, Self.style(scalar)), origin: origin)
    case .sequence(let sequence):
      check(sequence.tag, origin, path)
      var list: [LocatedNode] = []
      for (index, element) in sequence.enumerated() {
        let path = "\(path)[\(index)]"
        guard let element = located(element, path: path, depth: depth + 1) else { return nil }
        list.append(element)
      }
      return LocatedNode(content: .list(list), origin: origin)
    case .mapping(let mapping):
      check(mapping.tag, origin, path)
      return members(of: mapping, path: path, depth: depth).map {
        LocatedNode(content: .mapping($0), origin: origin)
      }
    case .alias:
      preconditionFailure("Yams resolves aliases while it composes")
    }
  }

  private mutating func members(
    of mapping: Node.Mapping, path: String, depth: Int
  ) -> [LocatedNode.Member]? {
    var members: [LocatedNode.Member] = []
    var firsts: [(key: String, line: Int)] = []
    for (key, value) in mapping {
      let origin = origin(of: key)
      guard case .scalar(let scalar) = key else {
        report(origin, path, found: "a collection as a key", expected: "a word")
        continue
      }
      let rename = renamed[scalar.string]
      let name = rename?.key ?? scalar.string
      let path = path.isEmpty ? name : "\(path).\(name)"
      if let rename {
        firsts.append(rename)
      } else if let first = firsts.first(where: { $0.key == name }) {
        report(
          origin, path, found: "'\(first.key)' again",
          expected: "each key once (the first is in line \(first.line))")
      }
      guard let value = located(value, path: path, depth: depth + 1) else { return nil }
      members.append(LocatedNode.Member(key: name, origin: origin, value: value))
    }
    return members
  }

  private func origin(of node: Node) -> Origin {
    Origin(file: file, line: node.mark?.line ?? 0, column: node.mark?.column ?? 0)
  }

  private static let knownTags =
    ["", "!"]
    + ["str", "int", "float", "bool", "null", "seq", "map"].map { "tag:yaml.org,2002:" + $0 }

  private mutating func check(_ tag: Tag, _ origin: Origin, _ path: String) {
    if Self.knownTags.contains(tag.rawValue) { return }
    report(origin, path, found: "the tag \(tag.rawValue)", expected: "a value without a tag")
  }

  private static func style(_ scalar: Node.Scalar) -> LocatedNode.Style {
    switch scalar.style {
    case .plain, .any: .plain
    case .singleQuoted, .doubleQuoted, .folded: .quoted
    case .literal: .literal
    }
  }
}
