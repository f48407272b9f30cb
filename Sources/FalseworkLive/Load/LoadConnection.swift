// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkCrypto
import FalseworkHTTP
import FalseworkLoad
import NIOCore

/// A connection of the load engine: requests out, answers in.
final class LoadConnection: ChannelInboundHandler, @unchecked Sendable {
  typealias InboundIn = ByteBuffer

  private enum State {
    case connecting
    case open
    case closed
  }

  let slot: SlotID
  private let client: LoadClient
  private var context: ChannelHandlerContext?
  private var state = State.connecting
  /// A request is written here, and goes out with `send`.
  var outlet = Outlet()
  private var reader = AnswerReader()
  /// Apart from its reader, which the next request changes while this is told.
  private var reply = LoadEngine.Reply(status: 0, subjectToken: nil, keepAlive: false)
  private var failure: (any Error)?

  init(_ client: LoadClient, _ slot: SlotID) {
    self.client = client
    self.slot = slot
  }

  // MARK: What the client says

  /// Sends the request that was written to `outlet`.
  func send(method: HTTPMethod, wantsToken: Bool, wants: AnswerWants?) {
    guard let context, state == .open, reader.isIdle else { return }
    reader.expect(method: method, wantsToken: wantsToken, wants: wants)
    guard let rest = outlet.send() else { return }
    context.writeAndFlush(NIOAny(rest), promise: nil)
    outlet.flushed(context)
  }

  func close() {
    state = .closed
    reader.removeAll()
    outlet.close()
    guard let context else { return }
    self.context = nil
    context.close(promise: nil)
  }

  // MARK: What the channel says

  func handlerAdded(context: ChannelHandlerContext) {
    if state == .closed {
      context.close(promise: nil)
    } else {
      self.context = context
    }
  }

  func channelActive(context: ChannelHandlerContext) {
    guard state == .connecting else { return }
    client.clock.tick()
    state = .open
    outlet.open(context, isPlain: !client.isSecure)
    client.connected(slot, localPort: UInt16(context.localAddress?.port ?? 0))
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    client.clock.tick()
    guard state == .open else { return }
    if reader.append(unwrapInboundIn(data)) { client.firstByte(slot) }
    while state == .open {
      switch reader.read(client.serverField, &client.servers, into: &reply) {
      case .needsMore: return
      case .malformed: return client.malformed(slot)
      case .answered: hand()
      }
    }
  }

  /// In place: a property that is handed on is copied first.
  private func hand() {
    func hand(_ reply: inout LoadEngine.Reply) { client.answered(slot, reply) }
    hand(&reply)
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    guard case .inputClosed? = event as? ChannelEvent else {
      return context.fireUserInboundEventTriggered(event)
    }
    client.clock.tick()
    ended()
    context.close(promise: nil)
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    failure = error
    if error is TLSFailure { lostSecrecy() }
    context.close(promise: nil)
  }

  /// There is no TLS, or no more: that is told before the connection's end.
  private func lostSecrecy() {
    guard state != .closed else { return }
    let isUp = state != .connecting
    client.clock.tick()
    state = .closed
    outlet.close()
    context = nil
    if isUp { client.secrecyLost(slot) } else { client.connectFailed(slot, .handshake) }
  }

  func channelInactive(context: ChannelHandlerContext) {
    client.clock.tick()
    ended()
  }

  /// The server's side is over; for an answer without a length that is its end.
  private func ended() {
    guard state == .open else { return }
    if reader.ends(inOrder: failure == nil) { hand() }
    guard state == .open else { return }
    state = .closed
    self.context = nil
    outlet.close()
    reader.removeAll()
    client.closed(slot, CloseKind(after: failure))
  }
}
