// SPDX-License-Identifier: Apache-2.0
package import FalseworkCore
import FalseworkCrypto
package import NIOCore

/// Why a load cannot even begin: its target cannot be reached.
package struct UnreachableTarget: Error, Equatable, Sendable, CustomStringConvertible {
  package var description: String
}

/// Looks before a run whether its target can be reached at all, so that a wrong address or certificate
/// is one message, and not a run of failures.
package enum TargetProbe {
  /// Opens one connection, with TLS if the target speaks it, and closes it again; nothing is asked.
  package static func check(
    _ target: LoadClient.Target, within limit: Interval, on loop: any EventLoop
  ) async throws {
    let result = try await loop.flatSubmit { look(target, limit, loop) }.get()
    if let result { throw UnreachableTarget(description: "\(target.host): \(result)") }
  }

  private static func look(
    _ target: LoadClient.Target, _ limit: Interval, _ loop: any EventLoop
  ) -> EventLoopFuture<String?> {
    let client = target.tls.map { TLSClient($0) }
    let result = loop.makePromise(of: String?.self)
    let attempt = Attempt(result, speaksTLS: client != nil)
    let box = LoopBox(attempt)
    let deadline = loop.scheduleTask(in: .nanoseconds(limit.nanoseconds)) {
      box.value.end("no connection within \(limit)")
    }
    Connector.connect(to: target.address, on: loop, tls: client?.handler(), handler: attempt) {
      guard let why = $0 else { return }
      attempt.end(why.sentence)
    }
    result.futureResult.whenComplete { _ in deadline.cancel() }
    return result.futureResult
  }

  private final class Attempt: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let result: EventLoopPromise<String?>
    private let speaksTLS: Bool
    private var isOver = false
    private var context: ChannelHandlerContext?

    init(_ result: EventLoopPromise<String?>, speaksTLS: Bool) {
      self.result = result
      self.speaksTLS = speaksTLS
    }

    func handlerAdded(context: ChannelHandlerContext) {
      self.context = context
      if isOver { context.close(promise: nil) }
    }

    func channelActive(context: ChannelHandlerContext) {
      // In TLS 1.3 a server that does not like the client's certificate says so after the handshake:
      // its own end is waited for.
      guard speaksTLS else { return end(nil) }
      context.close(mode: .output, promise: nil)
      let box = LoopBox(self)
      context.eventLoop.scheduleTask(in: Self.patience) { box.value.end(nil) }
    }

    /// A server that neither complains nor ends its side in this time has nothing to complain of.
    private static let patience = TimeAmount.milliseconds(500)

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
      if let failure = error as? TLSFailure { end("no TLS: \(failure)") } else { end(nil) }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
      if case ChannelEvent.inputClosed? = event as? ChannelEvent { end(nil) }
    }

    func channelInactive(context: ChannelHandlerContext) {
      end(nil)
      self.context = nil
    }

    func end(_ why: String?) {
      guard !isOver else { return }
      isOver = true
      result.succeed(why)
      context?.close(promise: nil)
      context = nil
    }
  }
}

extension ConnectFailure {
  fileprivate var sentence: String {
    switch self {
    case .refused: "the connection is refused: nothing listens there"
    case .unreachable: "there is no route to it"
    case .handshake: "no TLS"
    case .resources: "no port or descriptor is left on this side"
    }
  }
}
