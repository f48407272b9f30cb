// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkCrypto
import FalseworkHTTP
import FalseworkProxy
import NIOCore

/// The connection of one health check.
final class CheckHandler: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  private let server: ProxyServer
  private let check: CheckID
  private var context: ChannelHandlerContext?
  private var inbox = Inbox()
  private var parser = HTTPParser(kind: .response, limits: .haproxy)
  private var head = HTTPHead()
  private var isOver = false

  init(server: ProxyServer, check: CheckID) {
    self.server = server
    self.check = check
  }

  func channelActive(context: ChannelHandlerContext) {
    self.context = context
    server.clock.tick()
    if let request = server.checkConnected(check, self) {
      context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: request)), promise: nil)
    } else if !isOver {
      end()
    }
    server.settle()
  }

  /// The request as HAProxy 2.6 sends it: no field by itself in HTTP/1.0, `connection: close` in 1.1.
  static func request(_ backend: ProxyConfiguration.Backend) -> [UInt8] {
    guard let check = backend.check else { return [] }
    var bytes: [UInt8] = []
    bytes.append(text: "\(check.method) \(check.uri) \(check.version)\r\n")
    for header in check.headers {
      bytes.append(text: "\(header.name.lowercased()): \(header.value)\r\n")
    }
    if check.version == "HTTP/1.1" { bytes.append("connection: close\r\n") }
    bytes.append("\r\n")
    return bytes
  }

  func end() {
    isOver = true
    context?.close(promise: nil)
    context = nil
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if case ChannelEvent.inputClosed? = event as? ChannelEvent { context.close(promise: nil) }
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard !isOver else { return }
    server.clock.tick()
    defer { server.settle() }
    inbox.append(unwrapInboundIn(data))
    let parsed = parser.parse(
      inbox.bytes.readableBytesUInt8Span, requestMethod: .head, into: &head)
    switch parsed {
    case .incomplete: return
    case .head:
      let status = head.status
      let reason = inbox.bytes.readableBytesUInt8Span.text(head.reason)
      server.tellProxy {
        $0.checkAnswered(check, status: status, reason: reason, now: $1, into: &$2)
      }
    case .invalid:
      server.tellProxy { $0.checkBroken(check, now: $1, into: &$2) }
    }
  }

  func channelInactive(context: ChannelHandlerContext) {
    guard !isOver else { return }
    isOver = true
    server.clock.tick()
    server.tellProxy { $0.checkBroken(check, now: $1, into: &$2) }
    server.settle()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    if error is TLSFailure, self.context == nil, !isOver {
      isOver = true
      server.handshakeFailed(check)
    }
    context.close(promise: nil)
  }
}
