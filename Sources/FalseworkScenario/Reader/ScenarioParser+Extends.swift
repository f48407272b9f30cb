// SPDX-License-Identifier: Apache-2.0
import FalseworkCore

/// A scenario that changes another: many runs of one cluster say only how they differ.
extension ScenarioParser {
  /// Scenarios that extend each other in a circle end somewhere.
  private static let deepest = 8

  /// Puts the scenario that `extends` names below what stands in `root`.
  mutating func extend(_ root: inout LocatedNode, load: Load) {
    var layers: [LocatedNode] = [root]
    var file = file
    while let (path, field) = base(of: layers[layers.count - 1], from: file) {
      guard layers.count <= Self.deepest else {
        report(
          field, found: "'\(path)', the \(Self.deepest + 1)th scenario that another extends",
          expected: "\(Self.deepest) at most, and none that extends itself")
        return
      }
      guard let layer = read(path, field, load: load) else { return }
      layers.append(layer)
      file = path
    }
    guard layers.count > 1, var tree = layers.popLast() else { return }
    // What it is called and what it shows is of each scenario itself.
    if case .mapping(let members) = tree.content {
      tree.content = .mapping(members.filter { !["name", "about", "extends"].contains($0.key) })
    }
    while let layer = layers.popLast() {
      lay(layer, over: &tree, pattern: "", steps: [])
    }
    root = tree
  }

  private mutating func base(
    of node: LocatedNode, from file: String
  ) -> (path: String, field: Field)? {
    guard case .mapping(let members) = node.content,
      let member = members.first(where: { $0.key == "extends" })
    else { return nil }
    let field = Field(path: "extends", node: member.value)
    return word(field, "the path of a scenario").map { (Self.path($0, from: file), field) }
  }

  private mutating func read(_ path: String, _ field: Field, load: Load) -> LocatedNode? {
    do {
      let source = try SourceText(try load(path))
      let document = DocumentReader.read(source.text, file: path)
      problems += document.problems
      return document.root
    } catch let error as UnreadableFile {
      report(field, found: "'\(path)': \(error.reason)", expected: "a scenario")
    } catch let error as SourceText.Fault {
      report(
        field.path, Origin(file: path, line: error.line, column: error.column), found: error.found,
        expected: error.expected)
    } catch {
      preconditionFailure("no such error: \(error)")
    }
    return nil
  }

  /// Mappings go over mappings key by key; a list or a word takes the place of what was there.
  private mutating func lay(
    _ node: LocatedNode, over tree: inout LocatedNode, pattern: String, steps: [String]
  ) {
    switch node.content {
    case .mapping(let members) where !members.isEmpty:
      for member in members where steps != [] || member.key != "extends" {
        lay(
          member.value, over: &tree, pattern: join(pattern, member.key), steps: steps + [member.key]
        )
      }
    case .scalar where !node.isNull && ScenarioKey.shortHands[pattern] != nil:
      set(
        (steps + [ScenarioKey.shortHands[pattern]!])[...], in: &tree, pattern: "", path: "",
        to: node)
    case .mapping, .list, .scalar:
      set(steps[...], in: &tree, pattern: "", path: "", to: node)
    }
  }
}
