// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkProxy
import NIOCore

/// A client of the runtime API.
final class RuntimeConnection: ChannelInboundHandler, @unchecked Sendable {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  private let server: RuntimeServer
  private var session: RuntimeSession
  private var context: ChannelHandlerContext?

  init(_ server: RuntimeServer, level: RuntimeLevel) {
    self.server = server
    server.proxy.clock.tick()
    session = RuntimeSession(
      level: level, process: server.process, silence: server.silence,
      now: server.proxy.clock.now)
  }

  var nextWake: Instant { session.isOver ? .never : session.nextWake }

  func wake(now: Instant) {
    session.wake(now: now)
    endIfOver()
  }

  func close() {
    guard let context else { return }
    self.context = nil
    context.close(promise: nil)
  }

  func channelActive(context: ChannelHandlerContext) {
    self.context = context
    if !server.opened(self) { close() }
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let bytes = unwrapInboundIn(data).readableBytesView
    var output: [UInt8] = []
    server.proxy.perform { proxy, now, effects in
      session.received(bytes, proxy: &proxy, now: now, into: &effects, output: &output)
    }
    if !output.isEmpty {
      context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: output)), promise: nil)
      if !context.channel.isWritable { context.setReading(false) }
    }
    server.watch(self)
    endIfOver()
  }

  /// A client that asks and does not read is read no further.
  func channelWritabilityChanged(context: ChannelHandlerContext) {
    if context.channel.isWritable { context.setReading(true) }
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    guard case .inputClosed? = event as? ChannelEvent else { return }
    session.ended()
    endIfOver()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    context.close(promise: nil)
  }

  func channelInactive(context: ChannelHandlerContext) {
    self.context = nil
    server.closed(self)
  }

  private func endIfOver() {
    guard session.isOver, let context else { return }
    self.context = nil
    context.closeWhenSent()
  }
}
