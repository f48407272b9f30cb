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
    case idle
    case head
    case body
    case closed
  }

  let slot: SlotID
  private let client: LoadClient
  private var context: ChannelHandlerContext?
  private var state = State.connecting
  private var inbox = Inbox()
  /// A request is written here, and goes out with `send`.
  var outlet = Outlet()
  private var parser = HTTPParser(kind: .response, limits: .haproxy)
  private var head = HTTPHead()
  private var bodyReader = HTTPBodyReader(.none)
  private var method = HTTPMethod.get
  private var wantsToken = false
  private var wants: AnswerWants?
  private var reply = LoadEngine.Reply(status: 0, subjectToken: nil, keepAlive: false)
  private var failure: (any Error)?

  init(_ client: LoadClient, _ slot: SlotID) {
    self.client = client
    self.slot = slot
  }

  // MARK: What the client says

  /// Sends the request that was written to `outlet`.
  func send(method: HTTPMethod, wantsToken: Bool, wants: AnswerWants?) {
    guard let context, state == .idle else { return }
    self.wants = wants
    self.method = method
    self.wantsToken = wantsToken
    state = .head
    guard let rest = outlet.send() else { return }
    context.writeAndFlush(NIOAny(rest), promise: nil)
    outlet.flushed(context)
  }

  func close() {
    state = .closed
    inbox.removeAll()
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
    state = .idle
    outlet.open(context, isPlain: !client.isSecure)
    client.connected(slot, localPort: UInt16(context.localAddress?.port ?? 0))
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    client.clock.tick()
    switch state {
    case .connecting, .closed: return
    case .idle: return client.malformed(slot)
    case .head: if inbox.isEmpty { client.firstByte(slot) }
    case .body: break
    }
    inbox.append(unwrapInboundIn(data))
    advance()
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
    guard state != .closed, state != .connecting else { return }
    let complete = state == .body && failure == nil && bodyReader.mayEndByClose
    if complete { finish() }
    guard state != .closed else { return }
    state = .closed
    self.context = nil
    outlet.close()
    inbox.removeAll()
    client.closed(slot, CloseKind(after: failure))
  }

  // MARK: Answers

  private func advance() {
    while true {
      switch state {
      case .head:
        guard !inbox.isEmpty, readHead() else { return }
      case .body:
        guard readBody() else { return }
      case .idle:
        // Bytes that nobody asked for.
        if !inbox.isEmpty { client.malformed(slot) }
        return
      case .connecting, .closed:
        return
      }
    }
  }

  private func readHead() -> Bool {
    let buffer = inbox.bytes
    let bytes = buffer.readableBytesUInt8Span
    switch parser.parse(bytes, requestMethod: method, into: &head) {
    case .incomplete:
      return false
    case .invalid:
      client.malformed(slot)
      return false
    case .head:
      // An interim answer: the real one follows (RFC 9110, 15.2).
      if head.status < 200, head.status != 101 {
        inbox.consume(head.length)
        return true
      }
      reply.status = head.status
      reply.subjectToken =
        wantsToken ? head.first(.xSubjectToken).map { bytes.text($0.value) } : nil
      reply.keepAlive = head.keepAlive
      reply.server = client.serverField.flatMap { server(named: $0, bytes) }
      reply.bodyBytes = 0
      if let wants { reply.content.begin(wants, head, bytes) }
      bodyReader = HTTPBodyReader(head.framing)
      inbox.consume(head.length)
      state = .body
      return true
    }
  }

  private func server(named name: [UInt8], _ bytes: Span<UInt8>) -> String? {
    for field in head.fields where bytes.equalsIgnoringCase(name, in: field.name) {
      return client.servers.text(bytes, field.value)
    }
    return nil
  }

  private func readBody() -> Bool {
    var offset = 0
    while true {
      switch bodyReader.read(inbox.bytes.readableBytesUInt8Span, from: offset) {
      case .payload(let range):
        reply.bodyBytes += range.count
        if let wants, wants.body {
          reply.content.append(body: inbox.bytes.readableBytesUInt8Span.extracting(range))
        }
        offset = range.upperBound
      case .needMore:
        inbox.removeAll()
        return false
      case .invalid:
        client.malformed(slot)
        return false
      case .finished(let consumed):
        inbox.consume(consumed)
        finish()
        return true
      }
    }
  }

  private func finish() {
    state = .idle
    Self.hand(&reply, to: client, slot)
  }

  /// In place: a property that is handed on is copied first.
  private static func hand(
    _ reply: inout LoadEngine.Reply, to client: LoadClient, _ slot: SlotID
  ) {
    client.answered(slot, reply)
  }
}
