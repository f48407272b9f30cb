// SPDX-License-Identifier: Apache-2.0
package import FalseworkCore
package import NIOCore
import NIOPosix

/// Asks a runtime API as `echo "show stat" | socat stdio /run/haproxy.sock` does: one line there,
/// and everything back until the other side ends.
package enum RuntimeClient {
  package enum Answer: Equatable, Sendable {
    case reply(String)
    /// Why there is none.
    case failed(String)
  }

  /// Answers beyond this are given up: `show stat` of a thousand servers has 400 KB.
  private static let limit = 64 << 20

  /// - Parameters:
  ///   - time: how long the whole exchange may take.
  ///   - done: called once, on the loop.
  package static func ask(
    _ line: String, at address: SocketAddress, within time: Interval, on loop: any EventLoop,
    done: @escaping (Answer) -> Void
  ) {
    let exchange = Exchange(line, limit: limit, done)
    let overdue = loop.assumeIsolated().scheduleTask(in: .nanoseconds(time.nanoseconds)) {
      exchange.end(.failed("no answer from the runtime API within \(time)"))
    }
    exchange.overdue = { overdue.cancel() }
    Connector.connect(to: address, on: loop, handler: exchange) { failure in
      guard let failure else { return }
      exchange.end(.failed("the runtime API at \(address) cannot be reached: \(failure)"))
    }
  }

  private final class Exchange: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let line: String
    private let limit: Int
    private var done: ((Answer) -> Void)?
    private var context: ChannelHandlerContext?
    private var reply = ByteBuffer()
    var overdue: (() -> Void)?

    init(_ line: String, limit: Int, _ done: @escaping (Answer) -> Void) {
      self.line = line
      self.limit = limit
      self.done = done
    }

    func end(_ answer: Answer) {
      guard let done else { return }
      self.done = nil
      overdue?()
      overdue = nil
      context?.close(promise: nil)
      context = nil
      done(answer)
    }

    func handlerAdded(context: ChannelHandlerContext) {
      if done == nil {
        context.close(promise: nil)
      } else {
        self.context = context
      }
    }

    func channelActive(context: ChannelHandlerContext) {
      context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: line + "\n")), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      reply.writeImmutableBuffer(unwrapInboundIn(data))
      if reply.readableBytes > limit {
        end(.failed("the runtime API answers \(line) without end"))
      }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
      guard case .inputClosed? = event as? ChannelEvent else { return }
      end(.reply(String(buffer: reply)))
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
      end(.failed("the connection to the runtime API broke: \(error)"))
    }

    func channelInactive(context: ChannelHandlerContext) {
      end(.reply(String(buffer: reply)))
    }
  }
}
