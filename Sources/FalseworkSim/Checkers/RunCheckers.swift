// SPDX-License-Identifier: Apache-2.0
package import FalseworkCore
import FalseworkKeystone
import FalseworkLoad
import FalseworkProxy
import FalseworkScenario

/// Something that must not happen in any run, and did.
package struct Violation: Equatable, Sendable {
  package var checker: String
  package var at: Instant
  package var what: String
}

/// What must hold in every run, watched from outside of the components.
package struct RunCheckers: Sendable {
  private var endings = EndingsChecker()
  private var drains: DrainChecker
  private var versions: VersionChecker

  init(scenario: Scenario) {
    drains = DrainChecker(scenario: scenario)
    versions = VersionChecker(nodes: scenario.cluster.nodes)
  }

  package var violations: [Violation] {
    endings.violations + drains.violations + versions.violations
  }

  mutating func requestEnded(_ outcome: Outcome, now: Instant) {
    endings.ended(outcome, now: now)
  }

  mutating func requested(_ client: ClientID, now: Instant) {
    endings.toldToProxy(client, now: now)
    drains.requested(client, now: now)
  }

  mutating func proxied(_ client: ClientID, wasAsked: Bool, now: Instant) {
    endings.endedAtProxy(client, wasAsked: wasAsked, now: now)
  }

  mutating func forwarded(_ client: ClientID, to node: NodeID, now: Instant) {
    drains.forwarded(client, to: node, now: now)
  }

  mutating func ordered(_ line: String, reply: String, now: Instant) {
    drains.ordered(line, reply: reply, now: now)
  }

  mutating func restored(_ node: NodeID) { versions.restored(node) }

  mutating func node(_ node: NodeID, _ phase: NodePhase, release: Release, now: Instant) {
    versions.turned(node, phase, release, now: now)
  }

  mutating func ended(_ counts: LoadEngine.Counts, now: Instant) {
    endings.runEnded(counts, now: now)
  }
}
