// SPDX-License-Identifier: Apache-2.0
import FalseworkCrypto
import NIOCore

/// The connections that one listener takes and that speak TLS. Confined to its event loop.
final class TLSServer: TLSSide {
  let scratch = TLSScratch()
  let handshakeTimeout: TimeAmount?
  let lingering: TimeAmount? = .seconds(1)
  /// What new connections get; those that are there keep what they have.
  private(set) var context: TLSContext
  private(set) var counts = TLSCounts()
  private let failed: (TLSFailure, SocketAddress?) -> Void

  /// - Parameter failed: told of each handshake that failed, and with whom.
  init(
    _ context: TLSContext, handshakeTimeout: TimeAmount?,
    failed: @escaping (TLSFailure, SocketAddress?) -> Void
  ) {
    self.context = context
    self.handshakeTimeout = handshakeTimeout
    self.failed = failed
  }

  /// Makes a new connection speak TLS: whatever is added to its pipeline after this reads plain text.
  func secure(_ channel: any Channel) -> TLSHandler {
    let handler = TLSHandler(TLSEngine(serving: context), self)
    do {
      try channel.pipeline.syncOperations.addHandler(handler)
    } catch {
      // It was closed already.
      channel.close(promise: nil)
    }
    return handler
  }

  /// Certificates were renewed. Tickets that clients have stay good.
  func replace(_ context: TLSContext) {
    context.takeTicketKeys(from: self.context)
    self.context = context
  }

  func established(_ engine: TLSEngine) {
    if engine.isResumed { counts.resumed += 1 } else { counts.full += 1 }
  }

  func failed(_ failure: TLSFailure, _ peer: SocketAddress?) {
    counts.failed += 1
    failed(failure, peer)
  }

  func told(_ engine: TLSEngine) {}
}
