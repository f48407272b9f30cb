// SPDX-License-Identifier: Apache-2.0
import FalseworkCore

/// Values of the command line, laid over the tree of the file before it is read: so they go through
/// the same checks, and a mistake in one is reported as `--set PATH`.
extension ScenarioParser {
  mutating func apply(_ override: ScenarioOverride, to root: inout LocatedNode) {
    let origin = Origin(
      file: override.label ?? "--set \(override.path)", line: 0, column: 0)
    let steps = override.path.split(separator: ".", omittingEmptySubsequences: false)
      .map(String.init)
    guard !steps.contains("") else {
      report(
        override.path, origin, found: "an empty step",
        expected: "a path of keys, such as rotation.drain")
      return
    }
    guard let value = value(override.value, origin, override.path) else { return }
    if root.isNull { root.content = .mapping([]) }
    set(steps[...], in: &root, pattern: "", path: "", to: value)
  }

  /// A list, a mapping or a quoted text as YAML has it; anything else is the text itself, since a
  /// shell already took the quotes from `< 1s`.
  private mutating func value(_ text: String, _ origin: Origin, _ path: String) -> LocatedNode? {
    guard let first = text.first, "[{\"'".contains(first) else {
      return LocatedNode(content: .scalar(text, .plain), origin: origin)
    }
    let document = DocumentReader.read(text, file: origin.file)
    for problem in document.problems {
      report(path, origin, found: problem.found, expected: problem.expected)
    }
    return document.root?.moved(to: origin)
  }

  mutating func set(
    _ steps: ArraySlice<String>, in node: inout LocatedNode, pattern: String, path: String,
    to value: LocatedNode
  ) {
    guard let step = steps.first else {
      node = value
      return
    }
    switch node.content {
    case .list(var list):
      guard let index = Int(step), list.indices.contains(index) else {
        report(
          join(path, step), value.origin, found: "'\(step)'",
          expected: list.isEmpty ? "nothing: the list is empty" : "0 to \(list.count - 1)")
        return
      }
      set(
        steps.dropFirst(), in: &list[index], pattern: pattern + "[]", path: "\(path)[\(index)]",
        to: value)
      node.content = .list(list)
    case .mapping(var members):
      set(steps, step, in: &members, pattern: pattern, path: path, to: value)
      node.content = .mapping(members)
    case .scalar:
      var members: [LocatedNode.Member] = []
      if !node.isNull, let key = ScenarioKey.shortHands[pattern] {
        members = [LocatedNode.Member(key: key, origin: node.origin, value: node)]
      }
      set(steps, step, in: &members, pattern: pattern, path: path, to: value)
      node = LocatedNode(content: .mapping(members), origin: value.origin)
    }
  }

  private mutating func set(
    _ steps: ArraySlice<String>, _ step: String, in members: inout [LocatedNode.Member],
    pattern: String, path: String, to value: LocatedNode
  ) {
    let excludes = ScenarioKey.key(step, of: pattern)?.excludes ?? []
    members.removeAll { excludes.contains($0.key) }
    let index = members.firstIndex { $0.key == step } ?? members.endIndex
    if index == members.endIndex {
      members.append(
        LocatedNode.Member(
          key: step, origin: value.origin,
          value: LocatedNode(content: .scalar("", .plain), origin: value.origin)))
    }
    set(
      steps.dropFirst(), in: &members[index].value, pattern: join(pattern, step),
      path: join(path, step), to: value)
  }
}

extension LocatedNode {
  /// The same, all of it written in one place.
  func moved(to origin: Origin) -> LocatedNode {
    switch content {
    case .scalar: return LocatedNode(content: content, origin: origin)
    case .list(let list):
      return LocatedNode(content: .list(list.map { $0.moved(to: origin) }), origin: origin)
    case .mapping(let members):
      let moved = members.map {
        Member(key: $0.key, origin: origin, value: $0.value.moved(to: origin))
      }
      return LocatedNode(content: .mapping(moved), origin: origin)
    }
  }
}
