// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkHTTP
import FalseworkProxy
import NIOCore

/// A connection to a server: sends requests, reads responses, passes bodies to the client that is attached.
final class ServerHandler: ChannelInboundHandler, Flushable {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  private enum State {
    /// Nothing was asked; bytes that come now are nobody's.
    case idle
    case head
    case body
    case tunnel
    case over
  }

  private let server: ProxyServer
  private let id: ServerConnectionID
  private var context: ChannelHandlerContext?
  private var state = State.idle
  private var inbox = Inbox()
  private var outbox = ByteBuffer()
  private var isDirty = false
  private var parser = HTTPParser(kind: .response, limits: .haproxy)
  private var head = HTTPHead()
  private var body = HTTPBodyReader(.none)
  private var bodyBytes = 0
  private var client: ClientHandler?
  private var failure: (any Error)?
  private var isReading = true

  init(server: ProxyServer, id: ServerConnectionID) {
    self.server = server
    self.id = id
  }

  func channelActive(context: ChannelHandlerContext) {
    self.context = context
    server.clock.tick()
    if !server.connected(id, self) { end(.fin) }
    server.settle()
  }

  // MARK: To the server

  /// Sends a client's request.
  func forward(from client: ClientHandler, close: Bool) {
    self.client = client
    state = .head
    let frontend = FrontendID(client.frontendIndex)
    let forwardFor = server.configuration.forwardsAddress(
      of: client.clientAddress.ip, frontend: frontend,
      backend: server.configuration.frontends[frontend.index].defaultBackend)
    server.scratch.removeAll(keepingCapacity: true)
    client.appendRequest(
      to: &server.scratch, connection: close ? .close : .implied, forwardFor: forwardFor)
    outbox.writeBytes(server.scratch)
    markDirty()
    client.attached(to: self)
  }

  /// The first bytes of a client's inbox.
  func write(_ bytes: ByteBuffer, _ count: Int) {
    if count < 8_192 {
      outbox.append(bytes, 0..<count)
    } else {
      pushOutbox()
      if let slice = bytes.getSlice(at: bytes.readerIndex, length: count) {
        context?.write(wrapOutboundOut(slice), promise: nil)
      }
    }
    markDirty()
    if context?.channel.isWritable == false { client?.setReading(false) }
  }

  private func pushOutbox() {
    guard outbox.readableBytes > 0 else { return }
    context?.write(wrapOutboundOut(outbox), promise: nil)
    outbox = ByteBuffer()
  }

  private func markDirty() {
    guard !isDirty else { return }
    isDirty = true
    server.unflushed.append(self)
  }

  func flushNow() {
    isDirty = false
    guard let context else { return outbox.clear() }
    if outbox.readableBytes > 0 {
      context.writeAndFlush(wrapOutboundOut(outbox), promise: nil)
      outbox.clear()
    } else {
      context.flush()
    }
  }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    client?.setReading(context.channel.isWritable)
  }

  // MARK: From the server

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard state != .over else { return }
    server.clock.tick()
    inbox.append(unwrapInboundIn(data))
    advance()
    server.settle()
  }

  private func advance() {
    while !inbox.isEmpty {
      switch state {
      case .idle:
        // Nobody asked: such a connection is of no use (RFC 9112, 9.2).
        return lost(.reset)
      case .head:
        guard readHead() else { return }
      case .body:
        guard readBody() else { return }
      case .tunnel:
        client?.write(inbox.bytes, from: 0, to: inbox.count)
        inbox.removeAll()
        moved()
      case .over:
        return
      }
    }
  }

  /// True if there may be more to read.
  private func readHead() -> Bool {
    guard let client else { return false }
    let method = client.requestMethod
    switch parser.parse(
      inbox.bytes.readableBytesUInt8Span, requestMethod: method, into: &head)
    {
    case .incomplete: return false
    case .invalid:
      let id = id
      server.tellProxy { $0.serverMalformed(id, now: $1, into: &$2) }
      return false
    case .head:
      if head.status < 200, head.status != 101 {
        // An interim response goes through; the answer is still to come.
        client.write(inbox.bytes, from: 0, to: head.length)
        inbox.consume(head.length)
        return true
      }
      responded()
      return true
    }
  }

  private func responded() {
    body = HTTPBodyReader(head.framing)
    bodyBytes = 0
    let isTunnel = head.framing == .tunnel
    state = isTunnel ? .tunnel : .body
    let told = Proxy.ResponseHead(
      status: head.status, keepAlive: head.keepAlive, tunnel: isTunnel,
      untilClose: head.framing == .untilClose, bytes: loggedBytes())
    let id = id
    // The head's bytes stay at the front of the inbox until `relay` has written them.
    precondition(!server.isCarryingOut, "a response was read while effects are carried out")
    server.tellProxy { $0.responded(id, told, now: $1, into: &$2) }
    guard state != .over, !inbox.isEmpty else { return }
    inbox.consume(head.length)
    if isTunnel { client?.becomeTunnel() }
    if body.isFinished, state == .body { bodyEnded() }
  }

  /// What `%B` counts of a head: HAProxy's own message, not the wire.
  private func loggedBytes() -> Int {
    var bytes = 20 + 8 + 3 + head.reason.count + 1
    for field in head.fields { bytes += field.name.count + field.value.count }
    return bytes
  }

  /// Writes the head as the client is to see it.
  func relay(to client: ClientHandler, close: Bool) {
    server.scratch.removeAll(keepingCapacity: true)
    HTTPRewrite.appendResponse(
      head, inbox.bytes.readableBytesUInt8Span,
      connection: close ? .close : client.isHTTP10 ? .keepAlive : .implied, to: &server.scratch)
    client.write(server.scratch)
  }

  private func readBody() -> Bool {
    guard let end = body.end(of: inbox, counting: &bodyBytes) else {
      let id = id
      server.tellProxy { $0.serverMalformed(id, now: $1, into: &$2) }
      return false
    }
    client?.write(inbox.bytes, from: 0, to: end)
    inbox.consume(end)
    if body.isFinished {
      bodyEnded()
      return true
    }
    moved()
    if client?.isWritable == false { setReading(false) }
    return false
  }

  private func bodyEnded() {
    state = .idle
    let (id, bytes) = (id, bodyBytes)
    server.tellProxy { $0.responseEnded(id, bodyBytes: bytes, now: $1, into: &$2) }
  }

  private func moved() {
    guard let client = client?.id else { return }
    server.tellProxy { proxy, now, _ in proxy.moved(client, now: now) }
  }

  /// The request is over; the connection may be kept.
  func detach() {
    client = nil
    setReading(true)
  }

  // MARK: Ends

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    guard case ChannelEvent.inputClosed? = event as? ChannelEvent else { return }
    server.clock.tick()
    lost(.fin)
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    failure = error
    context.close(promise: nil)
  }

  func channelInactive(context: ChannelHandlerContext) {
    server.clock.tick()
    lost(CloseKind(after: failure))
    client = nil
    self.context = nil
  }

  private func lost(_ how: CloseKind) {
    guard state != .over else { return }
    let id = id
    if state == .body, body.mayEndByClose, how == .fin {
      state = .over
      let bytes = bodyBytes
      server.tellProxy { $0.responseEnded(id, bodyBytes: bytes, now: $1, into: &$2) }
    } else {
      state = .over
      server.tellProxy { $0.serverClosed(id, how, now: $1, into: &$2) }
    }
    server.settle()
    context?.close(promise: nil)
  }

  /// Ends the connection at the proxy's word.
  func end(_ how: CloseKind) {
    state = .over
    client = nil
    inbox.removeAll()
    context?.close(how)
  }

  func setReading(_ reading: Bool) {
    guard reading != isReading else { return }
    isReading = reading
    context?.setReading(reading)
  }
}
