// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkHTTP
import NIOCore

/// One look at a node itself, past the proxy: `GET /v3`, and whether an answer below 500 comes.
final class NodeProbe: ChannelInboundHandler, @unchecked Sendable {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  private var done: ((Bool) -> Void)?
  private let host: String
  private var context: ChannelHandlerContext?
  private var inbox = Inbox()
  private var parser = HTTPParser(kind: .response, limits: .haproxy)
  private var head = HTTPHead()

  /// - Parameter done: called once, on the loop, unless the look is cancelled.
  static func look(
    at address: SocketAddress, on loop: any EventLoop, done: @escaping (Bool) -> Void
  ) -> NodeProbe {
    let host = "\(address.ipAddress ?? "localhost"):\(address.port ?? 80)"
    let probe = NodeProbe(host, done)
    Connector.connect(to: address, on: loop, handler: probe) { failure in
      if failure != nil { probe.end(false) }
    }
    return probe
  }

  private init(_ host: String, _ done: @escaping (Bool) -> Void) {
    self.host = host
    self.done = done
  }

  var isOver: Bool { done == nil }

  func cancel() {
    done = nil
    context?.close(promise: nil)
    context = nil
  }

  private func end(_ answered: Bool) {
    guard let done else { return }
    cancel()
    done(answered)
  }

  func handlerAdded(context: ChannelHandlerContext) {
    if done == nil {
      context.close(promise: nil)
    } else {
      self.context = context
    }
  }

  func channelActive(context: ChannelHandlerContext) {
    var bytes: [UInt8] = []
    bytes.appendRequestLine("GET", target: "/v3")
    bytes.appendField("host", host)
    bytes.append("user-agent: falsework-rotation\r\nconnection: close\r\n\r\n")
    context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: bytes)), promise: nil)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    inbox.append(unwrapInboundIn(data))
    let buffer = inbox.bytes
    switch parser.parse(buffer.readableBytesUInt8Span, into: &head) {
    case .incomplete: return
    case .head: end(head.status < 500)
    case .invalid: end(false)
    }
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if case .inputClosed? = event as? ChannelEvent { end(false) }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    end(false)
  }

  func channelInactive(context: ChannelHandlerContext) {
    end(false)
  }
}
