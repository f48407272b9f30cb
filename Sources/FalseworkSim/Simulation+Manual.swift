// SPDX-License-Identifier: Apache-2.0
package import FalseworkCore
package import FalseworkKeystone
import FalseworkLoad
package import FalseworkProxy
import FalseworkReport
package import FalseworkRotation
import FalseworkScenario

/// A cluster that a test plays with by hand: nothing of the scenario's load and rotation begins by
/// itself, and the run has no end of its own.
extension Simulation {
  /// Begins the scenario's load now.
  package mutating func beginLoad() {
    guard let plan = scenario.load else { return }
    load = LoadEngine(plan: plan, seed: options.seed, now: now)
    loadStopped = false
    loadFinished = false
    rearm(0)
  }

  /// Ends the load, and lets virtual time pass until nothing of it is in flight.
  package mutating func endLoad() {
    guard load != nil else { return }
    loadStopped = true
    load!.stop(now: now, into: &loadEffects)
    flushLoad()
    while !loadFinished { step() }
    load = nil
  }

  /// Rotates nodes, and lets virtual time pass until that is over. Nil if it is not within `patience`.
  package mutating func rotate(_ plan: RotationPlan, patience: Interval) -> Rotation.Outcome? {
    rotate(Rotation(plan: plan, nodes: scenario.rotationNodes, now: now), patience: patience)
  }

  /// The same by a strategy of somebody's own, asked every `poll` and ended after `limit`.
  package mutating func rotate(
    _ strategy: any RotationStrategy, poll: Interval, limit: Interval
  ) -> Rotation.Outcome? {
    let rotation = Rotation(
      strategy: strategy, nodes: scenario.rotationNodes,
      gone: nodes.filter { $0.phase == .stopped }.map(\.id), poll: poll, limit: limit, now: now)
    return rotate(rotation, patience: .forever)
  }

  private mutating func rotate(_ rotation: Rotation, patience: Interval) -> Rotation.Outcome? {
    self.rotation = rotation
    watchesRequests = rotation.watchesRequests
    rotationOutcome = nil
    rearm(2)
    let end = now + patience
    while rotationOutcome == nil, nextEvent <= end { step() }
    self.rotation = nil
    watchesRequests = false
    rearm(2)
    return rotationOutcome
  }

  package mutating func stop(_ node: NodeID, _ signal: StopSignal) {
    nodes[node.index].stop(signal, now: now, into: &nodeEffects)
    flushNode(node.index)
  }

  package mutating func start(_ node: NodeID, as release: Release) {
    nodes[node.index].start(as: release, now: now, into: &nodeEffects)
    flushNode(node.index)
  }

  package func belief(of server: ServerID) -> Belief {
    proxy.servers[server.index].belief(scenario.proxy.configuration.servers[server.index])
  }
}
