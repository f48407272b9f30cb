// SPDX-License-Identifier: Apache-2.0
package import FalseworkCore
package import FalseworkKeystone
package import FalseworkLoad
package import FalseworkProxy
package import FalseworkRotation

/// What happened in a run, as each world tells it while it happens.
///
/// Truth and belief are told apart: `node` is what a node was, `believed` what the proxy thought
/// that it was.
package enum RunEvent: Sendable {
  /// The load saw a request end.
  case request(Outcome)
  /// The proxy saw a request end; also those that HAProxy does not log.
  case proxied(LogRecord)
  case node(NodeID, NodePhase, release: String, at: Instant)
  case believed(ServerID, Belief, at: Instant)
  case noticed(Notice, at: Instant)
  case mark(Mark)
}
