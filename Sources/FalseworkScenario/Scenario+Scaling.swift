// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkKeystone
import FalseworkLoad
import FalseworkProxy
import FalseworkRotation

extension Scenario {
  /// The same run at another pace, for `--time-scale`: every duration of the scenario and of its
  /// `haproxy.cfg` is divided, thresholds too, so that the run shows the same in less time.
  ///
  /// The lifetime of tokens stays: it is whole seconds on the wire, and no run comes near it.
  ///
  /// - Precondition: the divisor is positive.
  package func divided(by divisor: Int64) -> Scenario {
    precondition(divisor > 0, "a time scale must be positive: \(divisor)")
    if divisor == 1 { return self }
    var scenario = self
    switch length {
    case .fixed(let interval): scenario.length = .fixed(interval / divisor)
    case .untilRotationEnds(let plus): scenario.length = .untilRotationEnds(plus: plus / divisor)
    }
    scenario.cluster.service = cluster.service.divided(by: divisor)
    scenario.cluster.lifecycle = cluster.lifecycle.divided(by: divisor)
    scenario.proxy.configuration = proxy.configuration.divided(by: divisor)
    scenario.load = load?.divided(by: divisor)
    scenario.rotation = rotation?.divided(by: divisor)
    scenario.network.latency = network.latency.divided(by: divisor)
    scenario.thresholds = thresholds.map { $0.divided(by: divisor) }
    return scenario
  }
}

extension Threshold {
  /// A limit in time at another pace; a count or a share is the same at every pace.
  package func divided(by divisor: Int64) -> Threshold {
    guard figure.unit == .duration, divisor > 1 else { return self }
    var copy = self
    copy.limit = limit / divisor
    copy.text = "\(comparison.rawValue) \(Interval(nanoseconds: copy.limit))"
    if let part { copy.text += " of \(part)" }
    if aborts { copy.text += " or abort" }
    return copy
  }
}
