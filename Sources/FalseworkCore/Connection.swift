// SPDX-License-Identifier: Apache-2.0

/// How a peer ended a connection.
package enum CloseKind: Equatable, Sendable {
  /// Closed in order: TCP FIN.
  case fin
  /// Torn down: TCP RST.
  case reset
}

/// Why a connection was never established.
///
/// A connection attempt that gets no answer at all is not here: how long to wait is the business
/// of the side that connects.
package enum ConnectFailure: Equatable, Sendable {
  /// Nobody listens: TCP RST in answer to SYN, `ECONNREFUSED`.
  case refused
  /// No route, network down.
  case unreachable
  /// The connection was there, and TLS could not be agreed upon: a certificate that is not trusted, no
  /// version in common, a peer that speaks no TLS.
  case handshake
  /// This side has no descriptor or port left.
  case resources
}
