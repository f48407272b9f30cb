// SPDX-License-Identifier: Apache-2.0
import FalseworkCore

/// A scenario as it is written: a tree of keys that can be changed and written again.
///
/// What it extends and the values of the command line are laid over it already, and the `haproxy.cfg`
/// stands in it: its text runs by itself. Whether it is a scenario is only known when it is read.
package struct ScenarioTree: Equatable, Sendable {
  var root: LocatedNode
  /// What messages call it, and where files that it names are seen from.
  package let file: String

  /// A place in the tree: keys, and numbers of elements of lists.
  package struct Path: Hashable, Sendable {
    package var steps: [String]

    package init(_ steps: [String]) { self.steps = steps }
    package init(_ text: String) {
      steps = text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    }

    package var text: String { steps.joined(separator: ".") }
  }

  /// Every place that has a value, those that hold others before what they hold.
  package var paths: [Path] {
    var all: [Path] = []
    Self.collect(root, [], &all)
    return all
  }

  private static func collect(_ node: LocatedNode, _ steps: [String], _ all: inout [Path]) {
    if !steps.isEmpty { all.append(Path(steps)) }
    switch node.content {
    case .scalar: return
    case .list(let list):
      for (index, element) in list.enumerated() { collect(element, steps + ["\(index)"], &all) }
    case .mapping(let members):
      for member in members { collect(member.value, steps + [member.key], &all) }
    }
  }

  /// The word at a place; nil if there is none, or no word.
  package func word(at path: Path) -> String? {
    guard case .scalar(let text, _)? = Self.node(at: path.steps[...], in: root)?.content else {
      return nil
    }
    return text
  }

  private static func node(at steps: ArraySlice<String>, in node: LocatedNode) -> LocatedNode? {
    guard let step = steps.first else { return node }
    switch node.content {
    case .scalar: return nil
    case .list(let list):
      guard let index = Int(step), list.indices.contains(index) else { return nil }
      return Self.node(at: steps.dropFirst(), in: list[index])
    case .mapping(let members):
      guard let member = members.first(where: { $0.key == step }) else { return nil }
      return Self.node(at: steps.dropFirst(), in: member.value)
    }
  }

  /// Lays a value over it as the command line does: what cannot stand beside it goes. False if it
  /// has no such place.
  package mutating func set(_ override: ScenarioOverride) -> Bool {
    var parser = ScenarioParser(file: file)
    parser.apply(override, to: &root)
    return parser.problems.isEmpty
  }

  package mutating func remove(_ path: Path) {
    Self.remove(path.steps[...], from: &root)
  }

  private static func remove(_ steps: ArraySlice<String>, from node: inout LocatedNode) {
    guard let step = steps.first else { return }
    switch node.content {
    case .scalar: return
    case .list(var list):
      guard let index = Int(step), list.indices.contains(index) else { return }
      if steps.count == 1 {
        list.remove(at: index)
      } else {
        remove(steps.dropFirst(), from: &list[index])
      }
      node.content = .list(list)
    case .mapping(var members):
      guard let index = members.firstIndex(where: { $0.key == step }) else { return }
      if steps.count == 1 {
        members.remove(at: index)
      } else {
        remove(steps.dropFirst(), from: &members[index].value)
      }
      node.content = .mapping(members)
    }
  }

  // MARK: The proxy

  private static let configuration = Path(["proxy", "config"])

  /// The text of the `haproxy.cfg`.
  package var proxyText: String {
    get { word(at: Self.configuration) ?? "" }
    set {
      guard case .mapping(var members) = root.content else { return }
      let origin = members.first { $0.key == "proxy" }?.origin ?? root.origin
      let text = LocatedNode(content: .scalar(newValue, .literal), origin: origin)
      let proxy = LocatedNode(
        content: .mapping([LocatedNode.Member(key: "config", origin: origin, value: text)]),
        origin: origin)
      let index = members.firstIndex { $0.key == "proxy" } ?? members.endIndex
      if index == members.endIndex {
        members.append(LocatedNode.Member(key: "proxy", origin: origin, value: proxy))
      } else {
        members[index].value = proxy
      }
      root.content = .mapping(members)
    }
  }
}

extension ScenarioReader {
  /// The tree of a scenario that can be read: checked whole, like one that is to be played.
  package func tree(
    _ path: String, overrides: [ScenarioOverride] = []
  ) throws(ScenarioProblems) -> ScenarioTree {
    let bytes = try bytes(path)
    let (tree, scenario) = try read(bytes, file: path, overrides: overrides) {
      [environment] parser, root, load in
      parser.scenario(root, load: load, environment: environment).map {
        (ScenarioTree(root: root, file: path), $0)
      }
    }
    var whole = tree
    whole.proxyText = scenario.proxy.text
    return whole
  }

  package func read(_ tree: ScenarioTree) throws(ScenarioProblems) -> Scenario {
    try read(Array(tree.text.utf8), file: tree.file)
  }
}
