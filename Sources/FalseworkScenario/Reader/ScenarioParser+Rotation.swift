// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkRotation

/// How the nodes are upgraded.
extension ScenarioParser {
  mutating func rotation(_ section: Section, _ nodes: NodeNames?) -> RotationPlan? {
    let strategy = strategy(section)
    let signal = signal(section, strategy?.strategy)
    let begin = interval("begin", of: section) ?? .seconds(10)
    let order = order(section, nodes)
    let batch = batch(section, order?.count)
    let down = interval("down", of: section) ?? .zero
    let ready = choice(
      "ready", of: section,
      [("when answering", RotationPlan.Ready.whenAnswering), ("at once", .atOnce)])
    let awaitUp = flag("await-up", of: section) ?? true
    let settle = interval("settle", of: section) ?? .seconds(2)
    let poll = interval("poll", of: section, from: .milliseconds(1)) ?? .milliseconds(100)
    let patience = interval("patience", of: section, from: .milliseconds(1)) ?? .seconds(60)
    let steps = steps(section, nodes)
    guard let (strategy, wait) = strategy, let order else { return nil }
    var plan = RotationPlan(
      strategy: strategy, signal: signal, begin: begin, batch: batch, order: order, wait: wait,
      down: down, ready: ready ?? .whenAnswering, awaitUp: awaitUp, settle: settle, poll: poll,
      patience: patience)
    plan.steps = steps ?? []
    return plan
  }

  private mutating func strategy(
    _ section: Section
  ) -> (strategy: RotationPlan.Strategy, wait: RotationPlan.Wait)? {
    let strategy: RotationPlan.Strategy? = choice("strategy", of: section)
    let wait = field("wait", of: section).flatMap { self.wait($0) } ?? .fixed(.zero)
    let drain = field("drain", of: section).flatMap { self.wait($0) }
    let maint = field("maint", of: section).flatMap { self.wait($0) }
    guard requireOne(of: ["strategy", "drain", "maint"], in: section) else { return nil }
    if let drain { return (.drain, drain) }
    if let maint { return (.maint, maint) }
    return strategy.map { ($0, wait) }
  }

  private mutating func signal(
    _ section: Section, _ strategy: RotationPlan.Strategy?
  ) -> RotationPlan.Signal {
    let field = field("signal", of: section)
    let given: RotationPlan.Signal? = choice("signal", of: section)
    if let field, let given, strategy == .kill, given != .kill {
      report(field, expected: "kill, which is what the strategy 'kill' sends", nearest: nil)
    }
    return given ?? (strategy == .kill ? .kill : .terminate)
  }

  /// All nodes in their order, unless the scenario names some. Nil as long as the nodes are not
  /// known.
  private mutating func order(_ section: Section, _ nodes: NodeNames?) -> [NodeID]? {
    let given = names("order", of: section)
    guard let nodes else { return nil }
    guard let given else { return nodes.names.indices.map { NodeID($0) } }
    if given.isEmpty {
      report(
        join(section.path, "order"), section.origin, found: "an empty list",
        expected: "one node at least")
    }
    let known = KnownNames(nodes.names)
    return given.compactMap { name, field in
      self.known(field, "node", among: known).flatMap { name in
        nodes.names.firstIndex(of: name).map { NodeID($0) }
      }
    }
  }

  /// `2` or `25%`.
  private mutating func batch(_ section: Section, _ nodes: Int?) -> RotationPlan.Batch {
    guard let field = field("batch", of: section) else { return .count(1) }
    let most = nodes.map { max(1, $0) } ?? Self.mostNodes
    let kind = "a whole number from 1 to \(most), or a percentage such as 25%"
    guard let text = word(field, kind) else { return .count(1) }
    let isPercentage = text.last == "%"
    let digits = isPercentage ? text.dropLast() : text[...]
    guard digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let value = Int(digits),
      (1...(isPercentage ? 100 : most)).contains(value)
    else {
      report(field, expected: kind)
      return .count(1)
    }
    return isPercentage ? .percent(value) : .count(value)
  }
}
