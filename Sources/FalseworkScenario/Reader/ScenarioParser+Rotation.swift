// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkProxy
import FalseworkRotation

/// How the nodes are upgraded.
extension ScenarioParser {
  mutating func rotation(
    _ section: Section, _ nodes: NodeNames?, _ proxy: ProxyConfiguration?
  ) -> RotationPlan? {
    let preset: RotationPreset? = choice("preset", of: section)
    var plan = preset?.plan ?? .standard
    let isChosen = chooseStrategy(section, &plan)
    let blueGreen = blueGreen(section, nodes)
    let surge = nodeList("surge", of: section, nodes)
    let spares = (surge ?? []) + (blueGreen?.green ?? [])
    let order = order(section, nodes, spares: spares)
    plan.begin = interval("begin", of: section) ?? plan.begin
    batches(section, nodes?.names.count, &plan)
    plan.down = interval("down", of: section) ?? plan.down
    plan.ready =
      choice(
        "ready", of: section,
        [("when answering", RotationPlan.Ready.whenAnswering), ("at once", .atOnce)]) ?? plan.ready
    plan.awaitUp = flag("await-up", of: section) ?? plan.awaitUp
    plan.settle = interval("settle", of: section) ?? plan.settle
    plan.poll = interval("poll", of: section, from: .milliseconds(1)) ?? plan.poll
    plan.patience = interval("patience", of: section, from: .milliseconds(1)) ?? plan.patience
    ramp(section, &plan)
    plan.gate = gate(section) ?? plan.gate
    plan.canary = canary(section)
    plan.surge = surge ?? []
    plan.blueGreen = blueGreen
    plan.onAbort = choice("on-abort", of: section) ?? plan.onAbort
    let steps = steps(section, nodes, spares: spares)
    let floor = count("floor", of: section, in: 1...Self.mostNodes)
    guard isChosen, let order else { return nil }
    plan.order = order
    plan.steps = steps ?? []
    plan.floor = floor
    guard !order.isEmpty else { return nil }
    if let nodes, let proxy {
      check(plan, section, RotationSetting(names: nodes.names, proxy: proxy))
    }
    return plan
  }

  private mutating func chooseStrategy(_ section: Section, _ plan: inout RotationPlan) -> Bool {
    let strategy: RotationPlan.Strategy? = choice("strategy", of: section)
    let wait = field("wait", of: section).flatMap { self.wait($0) }
    let drain = field("drain", of: section).flatMap { self.wait($0) }
    let maint = field("maint", of: section).flatMap { self.wait($0) }
    guard requireOne(of: ["strategy", "drain", "maint", "preset", "blue-green"], in: section) else {
      signal(section, &plan)
      return false
    }
    if let strategy { plan.strategy = strategy }
    if let wait { plan.wait = wait }
    if let drain { (plan.strategy, plan.wait) = (.drain, drain) }
    if let maint { (plan.strategy, plan.wait) = (.maint, maint) }
    if strategy != nil || drain != nil || maint != nil {
      plan.signal = plan.strategy == .kill ? .kill : .terminate
    }
    signal(section, &plan)
    let keys = ["strategy", "drain", "maint"].filter { field($0, of: section) != nil }
    return keys.isEmpty || strategy != nil || drain != nil || maint != nil
  }

  private mutating func signal(_ section: Section, _ plan: inout RotationPlan) {
    guard let given: RotationPlan.Signal = choice("signal", of: section) else { return }
    if let field = field("signal", of: section), plan.strategy == .kill, given != .kill {
      report(field, expected: "kill, which is what the strategy 'kill' sends", nearest: nil)
    }
    plan.signal = given
  }

  /// All nodes in their order but those that are there for the rotation alone, unless the scenario
  /// names some. Nil as long as the nodes are not known.
  private mutating func order(
    _ section: Section, _ nodes: NodeNames?, spares: [NodeID]
  ) -> [NodeID]? {
    let given = names("order", of: section)
    guard let nodes else { return nil }
    guard let given else {
      let order = nodes.names.indices.map { NodeID($0) }.filter { !spares.contains($0) }
      if order.isEmpty {
        report(
          section.path, section.origin, found: "no node that serves from the beginning",
          expected: "one node at least besides those of 'surge' and 'green'")
      }
      return order
    }
    if given.isEmpty {
      report(
        join(section.path, "order"), section.origin, found: "an empty list",
        expected: "one node at least")
    }
    let known = KnownNames(nodes.names)
    return given.compactMap { name, field in
      self.known(field, "node", among: known).flatMap { name in
        nodes.names.firstIndex(of: name).map { NodeID($0) }
      }.flatMap { isSpare($0, field, spares) ? nil : $0 }
    }
  }

  /// Reports a node among those that are taken out which does not serve at first.
  mutating func isSpare(_ node: NodeID, _ field: Field, _ spares: [NodeID]) -> Bool {
    guard spares.contains(node) else { return false }
    report(
      field, found: "\(field.node.found), which is there for the rotation alone",
      expected: "a node that serves from the beginning")
    return true
  }

  /// `2`, `25%` or `[1, 25%, 100%]`.
  private mutating func batches(_ section: Section, _ nodes: Int?, _ plan: inout RotationPlan) {
    guard let field = field("batch", of: section) else { return }
    guard case .list = field.node.content else {
      plan.batch = batch(field, nodes)
      plan.laterBatches = []
      return
    }
    let fields = list(field, of: "batches") ?? []
    if fields.isEmpty {
      report(field, found: "an empty list", expected: "one batch at least")
    }
    let batches = fields.map { batch($0, nodes) }
    plan.batch = batches.first ?? .count(1)
    plan.laterBatches = Array(batches.dropFirst())
  }

  private mutating func batch(_ field: Field, _ nodes: Int?) -> RotationPlan.Batch {
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
