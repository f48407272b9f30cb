// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkProxy
import FalseworkRotation

/// What a rotation has besides its strategy: weights, gates, more nodes.
extension ScenarioParser {
  /// `5s`, or `{down: [50%, 0%], up: [50%, 100%], every: 5s}`.
  mutating func ramp(_ section: Section, _ plan: inout RotationPlan) {
    if plan.strategy == .ramp { plan.ramp = .quarters }
    guard let part = self.section("ramp", of: section) else { return }
    plan.ramp = .quarters
    plan.ramp.every = interval("every", of: part) ?? plan.ramp.every
    plan.ramp.down = percentages("down", of: part) ?? plan.ramp.down
    plan.ramp.up = percentages("up", of: part, last: 100) ?? plan.ramp.up
    if plan.strategy == .ramp, let field = field("down", of: part), plan.ramp.down.last != 0 {
      report(
        field, found: "a list that ends elsewhere",
        expected: "0% at its end, since the strategy 'ramp' tells the proxy nothing else")
    }
  }

  /// - Parameter last: what the list must end with.
  private mutating func percentages(
    _ key: String, of section: Section, last: Int? = nil
  ) -> [Int]? {
    guard let field = field(key, of: section), let fields = list(field, of: "percentages") else {
      return nil
    }
    let values = fields.compactMap { percentage($0) }
    if let last, values.count == fields.count, values.last != last {
      report(
        field, found: values.isEmpty ? "an empty list" : "a list that ends with \(values.last!)%",
        expected: "\(last)% at its end")
    }
    return values
  }

  private mutating func percentage(_ field: Field) -> Int? {
    let kind = "a percentage from 0% to 100%"
    guard let text = word(field, kind) else { return nil }
    let digits = text.dropLast()
    guard text.last == "%", digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
      let value = Int(digits), (0...100).contains(value)
    else {
      report(field, expected: kind)
      return nil
    }
    return value
  }

  /// `30s`, or a mapping.
  mutating func gate(_ section: Section) -> RotationPlan.Gate? {
    guard let part = self.section("gate", of: section) else { return nil }
    let soak = interval("soak", of: part) ?? .zero
    let ready = count("ready", of: part, in: 1...Self.mostNodes)
    let failures = field("failures", of: part).flatMap { budget($0) }
    let p99 = interval("p99", of: part, from: .milliseconds(1))
    let requests = count("requests", of: part, in: 1...1_000_000_000)
    if requests != nil, field("failures", of: part) == nil, field("p99", of: part) == nil,
      let field = field("requests", of: part)
    {
      report(field, found: "'requests' alone", expected: "it beside 'failures' or 'p99'")
    }
    return RotationPlan.Gate(
      soak: soak, ready: ready, failures: failures, p99: p99, requests: requests ?? 1)
  }

  /// `3`, `1%` or `0.05%`.
  private mutating func budget(_ field: Field) -> RotationPlan.Budget? {
    let kind = "a whole number, or a percentage such as 1% or 0.05%"
    guard let text = word(field, kind) else { return nil }
    let digits = text.last == "%" ? text.dropLast() : text[...]
    let parts = digits.split(separator: ".", omittingEmptySubsequences: false)
    let isNumber = parts.allSatisfy { part in
      !part.isEmpty && part.count < 10 && part.utf8.allSatisfy { (0x30...0x39).contains($0) }
    }
    if isNumber, text.last != "%", parts.count == 1, let count = Int(digits) {
      return .count(count)
    }
    if isNumber, text.last == "%", parts.count <= 2, parts.count == 1 || parts[1].count <= 2,
      let whole = Int(parts[0]),
      let rest = Int(
        (parts.count == 2 ? parts[1] : "") + (parts.count == 2 && parts[1].count == 2 ? "" : "0")),
      whole * 100 + (parts.count == 2 ? rest : 0) <= 10_000
    {
      return .share(whole * 100 + (parts.count == 2 ? rest : 0))
    }
    report(field, expected: kind)
    return nil
  }

  /// `1`, or `{nodes: 1, weights: [10%, 50%, 100%], soak: 30s}`.
  mutating func canary(_ section: Section) -> RotationPlan.Canary? {
    guard let part = self.section("canary", of: section) else { return nil }
    let nodes = count("nodes", of: part, in: 1...Self.mostNodes)
    let weights = percentages("weights", of: part, last: 100)
    return RotationPlan.Canary(
      nodes: nodes ?? 1, weights: weights ?? [], soak: interval("soak", of: part))
  }

  mutating func blueGreen(_ section: Section, _ nodes: NodeNames?) -> RotationPlan.BlueGreen? {
    guard let part = self.section("blue-green", of: section) else { return nil }
    let delay = interval("scale-down-delay", of: part) ?? .seconds(30)
    let weights = percentages("weights", of: part, last: 100) ?? []
    guard require("green", of: part) != nil, let green = nodeList("green", of: part, nodes) else {
      return nil
    }
    if green.isEmpty, let field = field("green", of: part) {
      report(field, found: "an empty list", expected: "one node at least")
    }
    return RotationPlan.BlueGreen(green: green, weights: weights, scaleDownDelay: delay)
  }
}

/// What a plan is held against before it is let through.
struct RotationSetting {
  let names: [String]
  let proxy: ProxyConfiguration

  func servers(of node: NodeID) -> [ServerID] {
    proxy.servers.indices.map { ServerID($0) }.filter {
      proxy.servers[$0.index].name == names[node.index]
    }
  }
}

/// A plan that cannot do what it says, with this proxy and these nodes, is refused.
extension ScenarioParser {
  mutating func check(_ plan: RotationPlan, _ section: Section, _ setting: RotationSetting) {
    checkSpares(plan, section, setting)
    checkWeights(plan, section, setting)
    checkHealth(plan, section, setting)
    checkFloor(plan, section, setting)
  }

  private func place(_ keys: [String], _ section: Section) -> (path: String, origin: Origin) {
    for key in keys {
      if let field = field(key, of: section) { return (field.path, field.node.origin) }
    }
    return (section.path, section.origin)
  }

  private mutating func checkSpares(
    _ plan: RotationPlan, _ section: Section, _ setting: RotationSetting
  ) {
    let place = place(["surge", "blue-green"], section)
    for node in plan.spares {
      let servers = setting.servers(of: node)
      let name = setting.names[node.index]
      if servers.isEmpty {
        report(
          place.path, place.origin, found: "'\(name)', which the proxy has no server for",
          expected: "a server of this name in the proxy's configuration")
      }
      for server in servers where !setting.proxy.servers[server.index].disabled {
        report(
          place.path, place.origin,
          found:
            "\(setting.proxy.fullName(server)), which gets requests before its node is started",
          expected: "the word 'disabled' on its line in the proxy's configuration")
      }
    }
  }

  /// A share of a small weight may come to nothing.
  private mutating func checkWeights(
    _ plan: RotationPlan, _ section: Section, _ setting: RotationSetting
  ) {
    let shares =
      plan.ramp.down + plan.ramp.up + (plan.canary?.weights ?? [])
      + (plan.blueGreen?.weights ?? []).flatMap { [$0, 100 - $0] }
    guard let least = shares.filter({ $0 > 0 }).min() else { return }
    let place = place(["ramp", "canary", "blue-green"], section)
    for node in plan.order + plan.spares {
      for server in setting.servers(of: node) {
        let weight = setting.proxy.servers[server.index].weight
        guard weight > 0, weight * least / 100 == 0 else { continue }
        report(
          place.path, place.origin,
          found:
            "\(least)% of the weight \(weight) of \(setting.proxy.fullName(server)), which is 0",
          expected: "'weight 100' on its line in the proxy's configuration")
      }
    }
  }

  /// A check that asks for something else does not see a node that fails its own.
  private mutating func checkHealth(
    _ plan: RotationPlan, _ section: Section, _ setting: RotationSetting
  ) {
    guard plan.strategy == .failCheck else { return }
    let place = place(["strategy"], section)
    for node in plan.order {
      for server in setting.servers(of: node) {
        let line = setting.proxy.servers[server.index]
        let check = setting.proxy.backends[line.backend.index].check
        guard !line.checked || check?.uri.hasPrefix("/healthcheck") != true else { continue }
        let found =
          !line.checked
          ? "no check" : check.map { "a check of \($0.uri)" } ?? "a check of the connection"
        report(
          place.path, place.origin, found: "\(found) of \(setting.proxy.fullName(server))",
          expected: "a check of /healthcheck, which is what a node can be told to fail")
      }
    }
  }

  private mutating func checkFloor(
    _ plan: RotationPlan, _ section: Section, _ setting: RotationSetting
  ) {
    guard let floor = plan.floor else { return }
    let place = place(["floor"], section)
    let serving = setting.names.indices.map { NodeID($0) }.filter {
      !plan.spares.contains($0) && !setting.servers(of: $0).isEmpty
    }
    let low = RotationProgram(plan).lowest(of: Set(serving))
    if let low, low.left < floor {
      report(
        place.path, place.origin,
        found: "a floor of \(floor), but batch \(low.batch) takes \(low.taken) of "
          + "\(low.taken + low.left) nodes", expected: "smaller batches, or a floor of \(low.left)")
    }
  }
}
