// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkKeystone

/// A node's release only moves forward, but for one that the rotation takes back.
struct VersionChecker: Sendable {
  private(set) var violations: [Violation] = []
  private let names: [String]
  private var last: [Release?]

  init(nodes: [String]) {
    names = nodes
    last = nodes.map { _ in nil }
  }

  /// The rotation orders this node back to the release that it came from.
  mutating func restored(_ node: NodeID) { last[node.index] = nil }

  mutating func turned(_ node: NodeID, _ phase: NodePhase, _ release: Release, now: Instant) {
    if let before = last[node.index], release < before {
      violations.append(
        Violation(
          checker: "versions", at: now,
          what: "\(names[node.index]) went from \(before.name) back to \(release.name)"))
    }
    last[node.index] = release
  }
}
