// SPDX-License-Identifier: Apache-2.0
import FalseworkCore

/// Reads a located tree as a scenario and collects what is wrong with it.
///
/// A value that is wrong is reported where it stands and then taken for absent, so that the rest is
/// read as well. What comes out is only used if nothing was reported.
struct ScenarioParser {
  /// A mapping of the scenario, with the place that its keys have in the table.
  struct Section {
    /// As the table has it: `load.tasks[]`.
    let pattern: String
    /// As a message has it: `load.tasks[1]`.
    let path: String
    let origin: Origin
    let members: [LocatedNode.Member]
  }

  /// A value of the scenario, on its way to be read.
  struct Field {
    let path: String
    let node: LocatedNode
  }

  /// The path of the scenario, for files that it names.
  let file: String
  var problems: [ScenarioProblem] = []
  /// The load is for a target of which nothing is known: users are what the file says.
  var targetIsThere = false

  /// The proxy is a HAProxy that runs already: its configuration is only looked up.
  var proxyIsThere = false

  init(file: String) {
    self.file = file
  }

  // MARK: Problems

  mutating func report(
    _ path: String, _ origin: Origin, found: String, expected: String, nearest: String? = nil
  ) {
    problems.append(
      ScenarioProblem(
        file: origin.file, line: origin.line, column: origin.column, path: path, found: found,
        expected: expected, nearest: nearest))
  }

  mutating func report(
    _ field: Field, found: String? = nil, expected: String, nearest: String? = nil
  ) {
    report(
      field.path, field.node.origin, found: found ?? field.node.found, expected: expected,
      nearest: nearest)
  }

  // MARK: Sections

  /// The mapping of a section; a single word is taken for the key that it is short for.
  mutating func section(_ pattern: String, _ field: Field) -> Section? {
    switch field.node.content {
    case .mapping(let members):
      let section = Section(
        pattern: pattern, path: field.path, origin: field.node.origin, members: members)
      check(section)
      return section
    case .scalar where !field.node.isNull:
      guard let key = ScenarioKey.shortHands[pattern] else { break }
      let member = LocatedNode.Member(key: key, origin: field.node.origin, value: field.node)
      return Section(
        pattern: pattern, path: field.path, origin: field.node.origin, members: [member])
    case .scalar, .list: break
    }
    let keys = ScenarioKey.keys(of: pattern).map(\.name)
    report(field, expected: "a mapping with \(Self.choice(keys, last: "and"))")
    return nil
  }

  /// Reports keys that are none of the section's, and keys that cannot stand together.
  private mutating func check(_ section: Section) {
    let keys = ScenarioKey.keys(of: section.pattern)
    for (index, member) in section.members.enumerated() {
      guard let key = keys.first(where: { $0.name == member.key }) else {
        unknown(member, section, keys.map(\.name))
        continue
      }
      // Each pair once: at the one that comes second.
      if let rival = section.members[..<index].first(where: { key.excludes.contains($0.key) }) {
        report(
          join(section.path, member.key), member.origin,
          found: "'\(member.key)' beside '\(rival.key)'", expected: "one of the two")
      }
    }
  }

  private mutating func unknown(
    _ member: LocatedNode.Member, _ section: Section, _ keys: [String]
  ) {
    let elsewhere = ScenarioKey.all.first { $0.name == member.key }?.path
    report(
      join(section.path, member.key), member.origin, found: "the key '\(member.key)'",
      expected: Self.choice(keys, last: "or"),
      nearest: nearestWord(to: member.key, among: keys) ?? elsewhere)
  }

  func join(_ path: String, _ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

  /// `a, b or c`.
  static func choice(_ words: [String], last: String = "or") -> String {
    guard let final = words.last, words.count > 1 else { return words.first ?? "" }
    return words.dropLast().joined(separator: ", ") + " \(last) " + final
  }

  // MARK: Fields

  /// The value of a key; nil if the section does not have it.
  func field(_ key: String, of section: Section) -> Field? {
    precondition(
      ScenarioKey.key(key, of: section.pattern) != nil,
      "\(section.pattern).\(key) is not in the table of keys")
    return section.members.first { $0.key == key }.map {
      Field(path: join(section.path, key), node: $0.value)
    }
  }

  mutating func require(_ key: String, of section: Section) -> Field? {
    if let field = field(key, of: section) { return field }
    report(
      join(section.path, key), section.origin, found: "nothing",
      expected: ScenarioKey.key(key, of: section.pattern)!.type)
    return nil
  }

  mutating func section(_ key: String, of parent: Section) -> Section? {
    guard let field = field(key, of: parent) else { return nil }
    return section(join(parent.pattern, key), field)
  }

  /// Reports a section that has none of these keys.
  mutating func requireOne(of keys: [String], in section: Section) -> Bool {
    if keys.contains(where: { field($0, of: section) != nil }) { return true }
    report(
      section.path, section.origin, found: "none of \(Self.choice(keys, last: "and"))",
      expected: "one of them")
    return false
  }

  // MARK: Scalars

  /// Any scalar, quoted or not; `kind` is what is expected.
  mutating func word(_ field: Field, _ kind: String) -> String? {
    if case .scalar(let text, _) = field.node.content, !field.node.isNull { return text }
    report(field, expected: kind)
    return nil
  }

  /// A scalar without quotes, since in quotes a number is text.
  private mutating func plain(_ field: Field, _ kind: String) -> String? {
    if case .scalar(let text, .plain) = field.node.content, !field.node.isNull { return text }
    report(
      field, found: isQuoted(field.node) ? "the text \(field.node.found)" : nil, expected: kind)
    return nil
  }

  private func isQuoted(_ node: LocatedNode) -> Bool {
    if case .scalar(_, let style) = node.content { return style != .plain }
    return false
  }

  mutating func text(_ key: String, of section: Section) -> String? {
    field(key, of: section).flatMap { word($0, "text") }
  }

  /// Text that is not empty.
  mutating func name(_ field: Field) -> String? {
    guard let text = word(field, "a name") else { return nil }
    guard !text.isEmpty else {
      report(field, expected: "a name")
      return nil
    }
    return text
  }

  mutating func name(_ key: String, of section: Section) -> String? {
    field(key, of: section).flatMap { name($0) }
  }

  /// - Parameter other: what else could stand here.
  mutating func count(
    _ field: Field, in range: ClosedRange<Int>, other: String = ""
  ) -> Int? {
    let kind = "a whole number from \(range.lowerBound) to \(range.upperBound)" + other
    guard let text = plain(field, kind) else { return nil }
    guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let count = Int(text),
      range.contains(count)
    else {
      report(field, expected: kind)
      return nil
    }
    return count
  }

  mutating func count(_ key: String, of section: Section, in range: ClosedRange<Int>) -> Int? {
    field(key, of: section).flatMap { count($0, in: range) }
  }

  mutating func seed(_ key: String, of section: Section) -> UInt64? {
    guard let field = field(key, of: section) else { return nil }
    let kind = "a whole number from 0 to \(UInt64.max)"
    guard let text = plain(field, kind) else { return nil }
    guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let seed = UInt64(text) else {
      report(field, expected: kind)
      return nil
    }
    return seed
  }

  mutating func flag(_ key: String, of section: Section) -> Bool? {
    guard let field = field(key, of: section) else { return nil }
    guard let text = plain(field, "true or false") else { return nil }
    switch text {
    case "true": return true
    case "false": return false
    default:
      let other = ["yes": "true", "on": "true", "no": "false", "off": "false"]
      report(
        field, expected: "true or false",
        nearest: other[text.lowercased()] ?? nearestWord(to: text, among: ["true", "false"]))
      return nil
    }
  }

  /// One of a few words.
  mutating func choice<Value>(_ field: Field, _ choices: [(String, Value)]) -> Value? {
    let words = choices.map(\.0)
    guard let text = word(field, Self.choice(words)) else { return nil }
    if let found = choices.first(where: { $0.0 == text }) { return found.1 }
    report(
      field, expected: Self.choice(words), nearest: nearestWord(to: text.lowercased(), among: words)
    )
    return nil
  }

  mutating func choice<Value>(
    _ key: String, of section: Section, _ choices: [(String, Value)]
  ) -> Value? {
    field(key, of: section).flatMap { choice($0, choices) }
  }

  /// One of the cases of an enumeration, by its raw value.
  mutating func choice<Value: CaseIterable & RawRepresentable<String>>(
    _ key: String, of section: Section
  ) -> Value? {
    choice(key, of: section, Value.allCases.map { ($0.rawValue, $0) })
  }

  // MARK: Lists

  mutating func list(_ field: Field, of kind: String) -> [Field]? {
    guard case .list(let nodes) = field.node.content else {
      report(field, expected: "a list of \(kind)")
      return nil
    }
    return nodes.enumerated().map { Field(path: "\(field.path)[\($0)]", node: $1) }
  }

  /// Names, each once.
  mutating func names(_ key: String, of section: Section) -> [(name: String, field: Field)]? {
    guard let field = field(key, of: section), let fields = list(field, of: "names") else {
      return nil
    }
    var names: [(name: String, field: Field)] = []
    var seen: Set<String> = []
    for field in fields {
      guard let name = name(field) else { continue }
      if seen.insert(name).inserted {
        names.append((name, field))
      } else {
        report(field, found: "'\(name)' again", expected: "each name once")
      }
    }
    return names
  }
}
