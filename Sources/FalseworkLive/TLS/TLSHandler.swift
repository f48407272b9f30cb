// SPDX-License-Identifier: Apache-2.0
import FalseworkCrypto
import NIOCore

/// TLS on one connection, between the socket and the handler that speaks HTTP.
///
/// The next handler hears that the connection is up when the handshake is done, and from then on reads
/// and writes plain text. A handshake that fails reaches it as a `TLSFailure`, before any
/// `channelActive`; the connection is then closed.
final class TLSHandler: ChannelDuplexHandler, @unchecked Sendable {
  typealias InboundIn = ByteBuffer
  typealias InboundOut = ByteBuffer
  typealias OutboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  private enum State {
    case handshaking
    case open
    /// The peer sends no more; this side may.
    case halfClosed
    case ended
  }

  let engine: TLSEngine
  private let side: any TLSSide
  private var state = State.handshaking
  private var context: ChannelHandlerContext?
  private var outlet = Outlet()
  private var deadline: Scheduled<Void>?

  /// Plain text that is handed on at once.
  private static let batch = 65_536
  /// What a record may hold (RFC 8446, 5.1).
  private static let record = 16_384

  init(_ engine: TLSEngine, _ side: any TLSSide) {
    self.engine = engine
    self.side = side
  }

  // MARK: The connection

  func channelActive(context: ChannelHandlerContext) {
    self.context = context
    outlet.open(context)
    if let limit = side.handshakeTimeout {
      let box = LoopBox(self)
      deadline = context.eventLoop.scheduleTask(in: limit) {
        if case .handshaking = box.value.state { box.value.fail(TLSFailure(.timeout)) }
      }
    }
    shakeHands(context)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let bytes = unwrapInboundIn(data)
    engine.receive(bytes.readableBytesUInt8Span)
    switch state {
    case .handshaking: shakeHands(context)
    case .open: deliver(context)
    case .halfClosed, .ended: return
    }
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    guard case ChannelEvent.inputClosed? = event as? ChannelEvent else {
      return context.fireUserInboundEventTriggered(event)
    }
    switch state {
    case .handshaking: fail(TLSFailure(.closed))
    case .open:
      state = .halfClosed
      context.fireUserInboundEventTriggered(event)
    case .halfClosed: return
    case .ended: context.close(promise: nil)
    }
  }

  func channelInactive(context: ChannelHandlerContext) {
    if case .handshaking = state { fail(TLSFailure(.closed)) }
    state = .ended
    self.context = nil
    outlet.close()
    context.fireChannelInactive()
  }

  // MARK: The handshake

  private func shakeHands(_ context: ChannelHandlerContext) {
    let progress = engine.handshake()
    side.told(engine)
    switch progress {
    case .waiting:
      sendOutput()
    case .done:
      state = .open
      deadline?.cancel()
      deadline = nil
      sendOutput()
      side.established(engine)
      context.fireChannelActive()
      if case .open = state { deliver(context) }
    case .failed(let failure):
      fail(failure)
    }
  }

  private func fail(_ failure: TLSFailure) {
    state = .ended
    deadline?.cancel()
    deadline = nil
    guard let context else { return }
    // The alert, which tells the peer why.
    sendOutput()
    side.failed(failure, context.remoteAddress)
    guard let lingering = side.lingering else {
      context.fireErrorCaught(failure)
      return context.close(promise: nil)
    }
    // To close with bytes unread would reset the connection, and the alert might be lost.
    context.close(mode: .output, promise: nil)
    let channel = context.channel
    context.eventLoop.scheduleTask(in: lingering) { channel.close(promise: nil) }
  }

  // MARK: Plain text in

  private func deliver(_ context: ChannelHandlerContext) {
    while case .open = state {
      var plain = side.scratch.take()
      var result = TLSEngine.Read.waiting
      repeat {
        plain.writeWithUnsafeMutableBytes(minimumWritableBytes: Self.record) { memory in
          result = unsafe engine.read(into: memory)
          guard case .bytes(let count) = result else { return 0 }
          return count
        }
      } while result.hasMore && plain.readableBytes < Self.batch
      if engine.hasOutput { sendOutput() }
      side.told(engine)
      let count = plain.readableBytes
      if count > 0 { context.fireChannelRead(wrapInboundOut(plain)) }
      side.scratch.giveBack(&plain)
      switch result {
      case .bytes: continue
      case .waiting: return
      case .closed:
        guard case .open = state else { return }
        state = .halfClosed
        context.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
      case .failed(let failure):
        guard case .open = state else { return }
        sendOutput()
        context.fireErrorCaught(failure)
        context.close(promise: nil)
      }
    }
  }

  // MARK: Plain text out

  private var canWrite: Bool {
    switch state {
    case .open, .halfClosed: true
    case .handshaking, .ended: false
    }
  }

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    let bytes = unwrapOutboundIn(data)
    send(bytes.readableBytesUInt8Span)
    guard let promise else { return }
    sendOutput()
    context.write(wrapOutboundOut(ByteBuffer()), promise: promise)
  }

  func flush(context: ChannelHandlerContext) {
    sendOutput()
    context.flush()
    // To ask the channel costs more than the rest; it only holds something if the socket did not.
    if outlet.isQueueing { outlet.flushed(context) }
  }

  /// Enciphers; what comes of it goes out with the next flush.
  func send(_ bytes: Span<UInt8>) {
    guard canWrite else { return }
    // A connection that libssl has given up is found by the next read.
    _ = engine.write(bytes)
  }

  /// Sends what was enciphered.
  func sendOutput() {
    engine.takeOutput(to: &outlet.bytes)
    guard let rest = outlet.send(), let context else { return }
    context.writeAndFlush(wrapOutboundOut(rest), promise: nil)
    outlet.flushed(context)
  }

  func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
    if mode != .input {
      if canWrite {
        engine.close()
        sendOutput()
      }
      if mode == .all { state = .ended }
    }
    context.close(mode: mode, promise: promise)
  }
}

extension TLSEngine.Read {
  fileprivate var hasMore: Bool {
    if case .bytes = self { true } else { false }
  }
}
