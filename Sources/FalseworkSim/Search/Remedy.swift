// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkProxy
import FalseworkRotation
package import FalseworkScenario

/// A change of a scenario that may save requests: of the rotation or of the proxy, never of the load or
/// of how long a node takes, since those are not the operator's to choose.
package struct Remedy: Equatable, Sendable {
  package var overrides: [ScenarioOverride] = []
  package var edits: [ConfigurationEdit] = []

  package init(set overrides: [(String, String)] = [], edits: [ConfigurationEdit] = []) {
    self.overrides = overrides.map { ScenarioOverride(path: $0.0, value: $0.1) }
    self.edits = edits
  }

  package var text: String {
    let lines = edits.map { "`\($0.keyword) \($0.value)` in the `haproxy.cfg`" }
    return (overrides.map { "`\($0.path): \($0.value)`" } + lines).joined(separator: " and ")
  }

  /// The command line's part of it, for whoever wants to try it himself.
  package var flags: String {
    overrides.map { "--set \($0.path)=\($0.value.contains(" ") ? "'\($0.value)'" : $0.value)" }
      .joined(separator: " ")
  }

  /// The scenario with the change; nil if it cannot be made there.
  package func applied(to tree: ScenarioTree) -> ScenarioTree? {
    var changed = tree
    for override in overrides where !changed.set(override) { return nil }
    for edit in edits { changed.proxyText = edit.applied(to: changed.proxyText) }
    return changed == tree ? nil : changed
  }

  /// What may be tried on a scenario, the smallest first: one line of the proxy before one key of the
  /// rotation, a short wait before a long one, one change before two.
  package static func candidates(for scenario: Scenario) -> [Remedy] {
    guard let rotation = scenario.rotation else { return proxy(scenario) }
    let single = proxy(scenario) + keys(rotation) + telling(rotation) + settling(scenario, rotation)
    return single + pairs(scenario, rotation)
  }

  private static func backend(_ scenario: Scenario) -> ProxyConfiguration.Backend? {
    scenario.proxy.configuration.backends.first { !$0.servers.isEmpty }
  }

  private static let retryAll = ConfigurationEdit(
    .sections, "retry-on", "all-retryable-errors")

  private static func proxy(_ scenario: Scenario) -> [Remedy] {
    var remedies: [Remedy] = []
    let redispatch = ("proxy.redispatch", "true")
    let lacksRedispatch = backend(scenario)?.redispatch == nil
    if lacksRedispatch { remedies.append(Remedy(set: [redispatch])) }
    remedies.append(Remedy(edits: [retryAll]))
    if lacksRedispatch { remedies.append(Remedy(set: [redispatch], edits: [retryAll])) }
    for inter in [Interval.seconds(2), .milliseconds(500)]
    where scenario.proxy.configuration.servers.contains(where: { $0.inter > inter }) {
      remedies.append(Remedy(set: [("proxy.inter", "\(inter)")]))
    }
    return remedies
  }

  private static func keys(_ rotation: RotationPlan) -> [Remedy] {
    var remedies: [Remedy] = []
    if !rotation.awaitUp { remedies.append(Remedy(set: [("rotation.await-up", "true")])) }
    if rotation.ready == .atOnce {
      remedies.append(Remedy(set: [("rotation.ready", "when answering")]))
    }
    if rotation.signal == .terminate {
      remedies.append(Remedy(set: [("rotation.signal", "graceful")]))
    }
    if rotation.batchSize > 1 { remedies.append(Remedy(set: [("rotation.batch", "1")])) }
    return remedies
  }

  private static let waits: [Interval] = [
    .zero, .milliseconds(100), .milliseconds(250), .milliseconds(500), .seconds(1), .seconds(2),
    .seconds(5), .seconds(10), .seconds(30), .seconds(60),
  ]

  /// To tell the proxy, and wait; or, if it is told already, to wait longer.
  private static func telling(_ rotation: RotationPlan) -> [Remedy] {
    guard rotation.strategy.tells else {
      return waits.map { Remedy(set: [("rotation.maint", "\($0)")]) }
    }
    guard case .fixed(let now) = rotation.wait else { return [] }
    return waits.filter { $0 > now }.map {
      Remedy(set: [("rotation.\(rotation.strategy.rawValue)", "\($0)")])
    }
  }

  /// Until the proxy has surely taken a node back: `rise` checks, and one for the beginning.
  private static func settling(_ scenario: Scenario, _ rotation: RotationPlan) -> [Remedy] {
    let longest = scenario.proxy.configuration.servers.filter(\.checked)
      .map { $0.inter * Int64($0.rise + 1) }.max()
    guard let longest, longest > rotation.settle else { return [] }
    return [Remedy(set: [("rotation.settle", "\(longest)")])]
  }

  private static func pairs(_ scenario: Scenario, _ rotation: RotationPlan) -> [Remedy] {
    guard !rotation.strategy.tells else {
      return waits.compactMap { wait in
        rotation.awaitUp
          ? nil
          : Remedy(set: [
            ("rotation.\(rotation.strategy.rawValue)", "\(wait)"), ("rotation.await-up", "true"),
          ])
      }
    }
    let wait = waits.filter { $0 > .zero }.flatMap { wait in
      [
        Remedy(set: [("rotation.maint", "\(wait)"), ("rotation.await-up", "true")]),
        Remedy(set: [("rotation.maint", "\(wait)"), ("rotation.batch", "1")]),
      ]
    }
    return [Remedy(set: [("rotation.await-up", "true")], edits: [retryAll])]
      + wait.filter { remedy in
        remedy.overrides[1].path == "rotation.batch" ? rotation.batchSize > 1 : !rotation.awaitUp
      }
  }
}
