// SPDX-License-Identifier: Apache-2.0
package import FalseworkCore
import FalseworkLoad
package import FalseworkProxy

/// What the proxy saw of one request: of a `LogRecord` that which explains a failure.
package struct ProxySight: Equatable, Sendable {
  package var ordinal: Int32
  /// The last server that was tried.
  package var server: ServerID?
  package var began: Instant
  /// When a server was chosen for the first time; nil if none ever was.
  package var chosen: Instant?
  /// When the request went out to the server; nil if it never did.
  package var forwarded: Instant?
  package var ended: Instant
  /// 0 if nothing was answered.
  package var status: Int
  package var termination: Termination
  package var retries: Int
  package var redispatched: Bool
  /// Whether the proxy's log has a line of it.
  package var logged: Bool

  package init(_ record: LogRecord) {
    ordinal = record.ordinal
    server = record.server
    began = record.began
    ended = record.ended
    status = Int(record.status)
    termination = record.termination
    retries = Int(record.retries)
    redispatched = record.redispatched
    logged = record.logged
    if let request = record.requestTime, let queue = record.queueTime {
      chosen = began + request + queue
    }
    if let chosen, let connect = record.connectTime { forwarded = chosen + connect }
  }

  /// Whether this can be the same request. A port is used again for another connection: then the
  /// ordinal may agree, but not the time.
  func isOf(_ outcome: Outcome) -> Bool {
    Int(ordinal) == outcome.ordinal && outcome.sent <= ended && began <= outcome.done
  }
}
