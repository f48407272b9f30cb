// SPDX-License-Identifier: Apache-2.0
package import FalseworkCore
package import FalseworkKeystone
package import FalseworkLoad
package import FalseworkProxy
package import FalseworkRotation

/// A request that failed, with everything that is known of it: the load's view, the proxy's, what the
/// node was in truth, what the proxy believed, and how far the rotation was.
package struct Failure: Equatable, Sendable {
  package var outcome: Outcome
  package var cause: Cause
  /// The number of the earlier request of its journey whose failure left it without a token.
  package var because: Int?
  package var sight: ProxySight?
  /// Of the server that the proxy tried last.
  package var node: NodeID?
  /// When the request went out to the node, or, if it never did, when the proxy ended it.
  package var phaseWhenSent: NodePhase?
  package var beliefWhenSent: Belief?
  /// When the proxy ended it.
  package var phaseWhenEnded: NodePhase?
  package var beliefWhenEnded: Belief?
  /// Nodes that were serving when the request ended.
  package var nodesServing: Int
  /// The last step of the rotation before the request ended, at all and on its node.
  package var lastMark: Mark?
  package var lastMarkOfNode: Mark?
  /// Nil without a proxy; true if the proxy's log has no line of it.
  package var isSilent: Bool?
}
