// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkKeystone
import FalseworkRotation

/// The steps of a rotation that has more than its nodes.
extension ScenarioParser {
  /// Nil if the scenario has none, or if the nodes are not known.
  mutating func steps(
    _ rotation: Section, _ nodes: NodeNames?, spares: [NodeID]
  ) -> [RotationStep]? {
    guard let sections = sections("steps", of: rotation, "steps") else { return nil }
    if sections.isEmpty, let field = field("steps", of: rotation), case .list = field.node.content {
      report(field, found: "an empty list", expected: "one step at least")
    }
    var named: Set<NodeID> = []
    var steps: [RotationStep] = []
    for section in sections {
      guard let step = step(section, nodes, named, spares) else { continue }
      if case .nodes(let order) = step { named.formUnion(order) }
      steps.append(step)
    }
    return nodes == nil ? nil : steps
  }

  private mutating func step(
    _ section: Section, _ nodes: NodeNames?, _ named: Set<NodeID>, _ spares: [NodeID]
  ) -> RotationStep? {
    // All is read before anything is chosen, so that every mistake is told at once.
    let order = field("nodes", of: section).flatMap {
      stepNodes($0, section, nodes, named, spares)
    }
    let pause = field("pause", of: section).flatMap { interval($0, from: .zero) }
    let database: RotationStep.DatabaseOrder? = choice("database", of: section)
    let release = field("as", of: section).flatMap { self.release($0) }
    let check = choice("check", of: section, [("fail", true), ("pass", false)])
    let flush = choice("cache", of: section, [("flush", true)])
    let on = field("on", of: section).flatMap { node($0, nodes) }
    let keys = keys(section, nodes, on: on ?? NodeID(0))
    guard requireOne(of: ["nodes", "database", "keys", "cache", "check", "pause"], in: section)
    else {
      return nil
    }
    if let order { return .nodes(order) }
    if let pause { return .pause(pause) }
    if let database { return .operation(.database(database, as: release?.name)) }
    if let check { return .operation(.check(fails: check, on: on ?? NodeID(0))) }
    if flush != nil { return .operation(.flushCache(on)) }
    return keys.map { .operation($0) }
  }

  private mutating func stepNodes(
    _ field: Field, _ section: Section, _ nodes: NodeNames?, _ named: Set<NodeID>,
    _ spares: [NodeID]
  ) -> [NodeID]? {
    let all = nodes?.names.indices.map { NodeID($0) }.filter { !spares.contains($0) }
    guard case .list = field.node.content else {
      guard let rest = choice(field, [("all", false), ("rest", true)]), let all else { return nil }
      return rest ? all.filter { !named.contains($0) } : all
    }
    let order = nodeList("nodes", of: section, nodes)
    if order?.isEmpty == true {
      report(field, found: "an empty list", expected: "one node at least")
    }
    return order?.filter { !isSpare($0, field, spares) }
  }

  private mutating func keys(
    _ section: Section, _ nodes: NodeNames?, on: NodeID
  ) -> RotationStep.Operation? {
    let action = choice(
      "keys", of: section,
      [
        ("setup", RotationStep.KeyOrder.setup), ("rotate", .rotate), ("remove", .remove),
        ("distribute", .distribute(to: [], half: false)),
        ("distribute half", .distribute(to: [], half: true)),
      ])
    let kind: RotationStep.KeyKind? = choice("kind", of: section)
    let to = nodeList("to", of: section, nodes)
    guard var order = action, let nodes else { return nil }
    if case .distribute(_, let half) = order {
      let others = nodes.names.indices.map { NodeID($0) }.filter { $0 != on }
      order = .distribute(to: to ?? others, half: half)
    } else if let field = field("to", of: section) {
      report(field, found: "'to' beside another order", expected: "it with 'distribute' alone")
    }
    return .keys(order, kind ?? .fernet, on: on)
  }

  mutating func nodeList(
    _ key: String, of section: Section, _ nodes: NodeNames?
  ) -> [NodeID]? {
    guard let given = names(key, of: section) else { return nil }
    return given.compactMap { _, field in node(field, nodes) }
  }

  /// One of the nodes; nil as well as long as they are not known.
  mutating func node(_ field: Field, _ nodes: NodeNames?) -> NodeID? {
    guard let nodes else {
      _ = name(field)
      return nil
    }
    return known(field, "node", among: KnownNames(nodes.names)).flatMap { name in
      nodes.names.firstIndex(of: name).map { NodeID($0) }
    }
  }
}
