// SPDX-License-Identifier: Apache-2.0
import FalseworkLoad
import NIOCore

/// The connection to a Locust master.
final class LocustConnection: ChannelInboundHandler, @unchecked Sendable {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  private let session: LocustSession
  private var stream: ZMTPStream
  private var context: ChannelHandlerContext?
  private var events: [ZMTPStream.Event] = []
  private var isReady = false

  init(_ session: LocustSession, _ identity: String) {
    self.session = session
    stream = ZMTPStream(identity: identity)
  }

  func send(_ message: [UInt8]) {
    guard isReady else { return }
    write(ZMTPStream.frame(message))
  }

  func close() {
    context?.close(promise: nil)
  }

  /// - Parameter done: called when it is closed.
  func closeWhenSent(_ done: @escaping () -> Void) {
    guard let context else { return done() }
    context.channel.closeFuture.assumeIsolated().whenComplete { _ in done() }
    context.closeWhenSent()
  }

  private func write(_ bytes: [UInt8]) {
    guard let context, !bytes.isEmpty else { return }
    context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: bytes)), promise: nil)
  }

  func channelActive(context: ChannelHandlerContext) {
    self.context = context
    write(stream.greeting)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    var output: [UInt8] = []
    stream.received(Array(unwrapInboundIn(data).readableBytesView), into: &events, output: &output)
    write(output)
    let events = events
    self.events.removeAll(keepingCapacity: true)
    for event in events {
      switch event {
      case .ready:
        isReady = true
        session.opened(self)
      case .message(let message): session.received(message)
      case .broken(let why):
        session.lost(self, why)
        context.close(promise: nil)
      }
    }
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if case ChannelEvent.inputClosed? = event as? ChannelEvent { context.close(promise: nil) }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    context.close(promise: nil)
  }

  func channelInactive(context: ChannelHandlerContext) {
    self.context = nil
    isReady = false
    session.lost(self, nil)
  }
}
