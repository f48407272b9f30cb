// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkCrypto
import FalseworkHTTP
import FalseworkProxy
import NIOCore

/// A connection to a server: sends requests, reads responses, passes bodies to the client that is attached.
final class ServerHandler: ProxyConnection, ChannelInboundHandler {
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

  private let id: ServerConnectionID
  private let backend: BackendID
  private var state = State.idle
  private var reader = MessageReader(.response)
  private var client: ClientHandler?
  /// Of the heads that came before the answer's.
  private var interimBytes = 0
  private var failure: (any Error)?
  /// While the connection is being opened.
  private var attempt: ChannelHandlerContext?

  init(server: ProxyServer, id: ServerConnectionID, backend: BackendID, tls: TLSHandler?) {
    self.id = id
    self.backend = backend
    super.init(server: server, tls: tls)
  }

  func handlerAdded(context: ChannelHandlerContext) {
    attempt = context
    if state == .over { giveUp() }
  }

  /// The connection is not up yet, and not wanted any more: nobody answers, for example.
  func giveUp() {
    state = .over
    attempt?.close(promise: nil)
    attempt = nil
  }

  func channelActive(context: ChannelHandlerContext) {
    attempt = nil
    opened(context)
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
      backend: backend)
    client.appendRequest(
      to: &outlet.bytes, connection: close ? .close : .implied, forwardFor: forwardFor)
    markDirty()
    client.attached(to: self)
  }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    client?.setReading(context.channel.isWritable)
  }

  // MARK: From the server

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard state != .over else { return }
    server.clock.tick()
    reader.received(unwrapInboundIn(data))
    advance()
    server.settle()
  }

  private func advance() {
    while !reader.isEmpty {
      switch state {
      case .idle:
        // Nobody asked: such a connection is of no use (RFC 9112, 9.2).
        return lost(.reset)
      case .head:
        guard readHead() else { return }
      case .body:
        guard readBody() else { return }
      case .tunnel:
        reader.moveAll(to: client)
        moved()
      case .over:
        return
      }
    }
  }

  /// True if there may be more to read.
  private func readHead() -> Bool {
    guard let client else { return false }
    switch reader.readResponse(to: client.requestMethod, bare: client.isHTTP10) {
    case .nothing, .incomplete: return false
    case .invalid:
      let id = id
      server.tellProxy { $0.serverMalformed(id, now: $1, into: &$2) }
      return false
    case .head(let told):
      if told.status < 200, told.status != 101 {
        // An interim response goes through; the answer is still to come.
        interimBytes += told.bytes
        reader.moveHead(to: client)
      } else {
        responded(told)
      }
      return true
    }
  }

  private func responded(_ told: Proxy.ResponseHead) {
    state = told.tunnel ? .tunnel : .body
    let id = id
    var told = told
    told.bytes += interimBytes
    interimBytes = 0
    // The head's bytes stay at the front of the inbox until `relay` has written them.
    precondition(!server.isCarryingOut, "a response was read while effects are carried out")
    let message = server.readsResponses ? reader.responseMessage : nil
    server.tellProxy { $0.responded(id, told, message, now: $1, into: &$2) }
    guard state != .over else { return }
    let hasNoBody = reader.dropHead()
    if told.tunnel { client?.becomeTunnel() }
    if hasNoBody, state == .body { bodyEnded() }
  }

  /// Rules want another head to be sent.
  func rewrite(_ head: [UInt8]) {
    reader.replaceHead(head)
  }

  /// Writes the head as the client is to see it.
  func relay(to client: ClientHandler, close: Bool) {
    reader.appendResponse(
      to: &client.outlet.bytes, connection: close ? .close : client.isHTTP10 ? .keepAlive : .implied
    )
    client.markDirty()
  }

  private func readBody() -> Bool {
    switch reader.moveBody(to: client) {
    case .invalid:
      let id = id
      server.tellProxy { $0.serverMalformed(id, now: $1, into: &$2) }
      return false
    case .finished:
      bodyEnded()
      return true
    case .more, .nothing:
      moved()
      if client?.isWritable == false { setReading(false) }
      return false
    }
  }

  private func bodyEnded() {
    state = .idle
    let (id, bytes) = (id, reader.bodyBytes)
    server.tellProxy { $0.responseEnded(id, bodyBytes: bytes, now: $1, into: &$2) }
  }

  private func moved() {
    guard let client = client?.id else { return }
    let bytes = state == .head ? nil : reader.bodyBytes
    server.tellProxy { $0.moved(client, bodyBytes: bytes, now: $1, into: &$2) }
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
    if error is TLSFailure, self.context == nil, state != .over {
      state = .over
      server.handshakeFailed(id)
    }
    context.close(promise: nil)
  }

  func channelInactive(context: ChannelHandlerContext) {
    server.clock.tick()
    lost(CloseKind(after: failure))
    client = nil
    closed()
  }

  private func lost(_ how: CloseKind) {
    guard state != .over else { return }
    let id = id
    if state == .body, reader.bodyMayEndByClose, how == .fin {
      state = .over
      let bytes = reader.bodyBytes
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
    reader.removeAll()
    context?.close(how)
  }
}
