// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkHTTP
import FalseworkProxy
import NIOCore

/// A client's connection: reads heads, passes bodies on, writes what servers and the proxy answer.
final class ClientHandler: ProxyConnection, ChannelInboundHandler, @unchecked Sendable {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  private enum State {
    /// Waits for a head.
    case head
    /// A request is with the proxy; its body may still be coming.
    case request
    /// Bytes go both ways unread.
    case tunnel
    /// The connection ends when everything is sent; what still comes is thrown away.
    case ending
    case over
  }

  private let frontend: FrontendID
  private(set) var id: ClientID!
  private var state = State.head
  private var reader = MessageReader(.request)
  private var failure: (any Error)?
  private var address = ClientAddress(ip: 0, port: 0)
  /// The connection to the server that has this request.
  private var upstream: ServerHandler?
  private var closesAfterRequest = false
  /// What has come of a body that the proxy itself wants.
  private var collected: [UInt8]?
  /// HAProxy takes what its buffer holds.
  private static let mostForm = 15_360
  /// A kept request has been sent once, so that its next connection gets it from what was kept.
  private var isAttachedAgain = false
  private(set) var requestMethod = HTTPMethod.other
  private(set) var isHTTP10 = false
  /// As it came, for the log; only kept if something is logged.
  private(set) var requestLine: String?

  /// Bytes that are held for a side that does not take them.
  private static let highWater = 65_536
  /// How long a connection that ends with unread bytes may linger, so that its last answer arrives.
  private static let lingering = TimeAmount.seconds(2)

  /// What came before the connection, if that is how it is to begin.
  private let header: ProxyHeaderReader?

  init(
    server: ProxyServer, frontend: FrontendID, header: ProxyHeaderReader? = nil, tls: TLSHandler?
  ) {
    self.frontend = frontend
    self.header = header
    super.init(server: server, tls: tls)
  }

  // MARK: The connection

  func channelActive(context: ChannelHandlerContext) {
    server.clock.tick()
    opened(context)
    if let remote = context.remoteAddress { address = ClientAddress(remote) }
    if let source = header?.header?.source { address = source }
    id = server.clients.insert(self)
    let (id, frontend, address) = (id!, frontend, address)
    server.tellProxy { $0.accepted(id, on: frontend, from: address, now: $1, into: &$2) }
    server.settle()
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    server.clock.tick()
    switch state {
    case .ending, .over: return
    case .head, .request, .tunnel: reader.received(unwrapInboundIn(data))
    }
    advance()
    server.settle()
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    guard case ChannelEvent.inputClosed? = event as? ChannelEvent else { return }
    server.clock.tick()
    if case .ending = state { return context.close(promise: nil) }
    gone(.fin)
    server.settle()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    failure = error
    context.close(promise: nil)
  }

  func channelInactive(context: ChannelHandlerContext) {
    server.clock.tick()
    closed()
    gone(CloseKind(after: failure), entirely: true)
    server.settle()
  }

  private func gone(_ how: CloseKind, entirely: Bool = false) {
    guard let id else { return }
    switch state {
    case .over, .ending: return
    case .head, .request, .tunnel:
      // A request that is under way may go on without its client: this stays until the brain ends it.
      server.tellProxy { $0.clientClosed(id, entirely ? .reset : how, now: $1, into: &$2) }
    }
  }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    upstream?.setReading(context.channel.isWritable)
  }

  // MARK: Requests

  /// Goes on with what is in the inbox.
  func advance() {
    switch state {
    case .head: readHead()
    case .request: readBody()
    case .tunnel: passTunnel()
    case .ending, .over: return
    }
  }

  private func readHead() {
    switch reader.readRequest(now: server.clock.now, keeps: server.keepsRequests) {
    case .nothing:
      return
    case .incomplete:
      let id = id!
      server.tellProxy { proxy, now, _ in proxy.requestStarted(id, now: now) }
    case .invalid:
      let id = id!
      requestLine = nil
      server.tellProxy { $0.malformed(id, now: $1, into: &$2) }
    case .head(let told):
      request(told)
    }
  }

  private func request(_ told: Proxy.RequestHead) {
    state = .request
    requestLine = server.logsFrontend[frontend.index] ? reader.requestLine : nil
    requestMethod = told.method
    isHTTP10 = reader.isHTTP10
    let id = id!
    let message = server.readsRequests ? message : nil
    isAttachedAgain = false
    server.tellProxy { $0.requested(id, told, message, now: $1, into: &$2) }
    guard case .request = state, upstream == nil else { return }
    reader.saveHead()
    if reader.count > Self.highWater { setReading(false) }
  }

  /// What rules look at.
  private var message: RequestMessage {
    var message = reader.requestMessage
    message.isSecure = isSecure
    if let destination { message.destination = destination }
    return message
  }

  private var destination: ClientAddress? {
    header?.header?.destination ?? context?.localAddress.map { ClientAddress($0) }
  }

  /// What a server is told of this connection.
  var proxyHeader: ProxyHeader { ProxyHeader(source: address, destination: destination) }

  /// The proxy itself wants the request's body.
  func collect() {
    reader.dropHead()
    collected = []
    readForm()
  }

  private func readForm() {
    guard collected != nil, reader.takeBody(into: &collected!, most: Self.mostForm) else { return }
    let (id, body) = (id!, collected!)
    collected = nil
    server.tellProxy { $0.collected(id, body, now: $1, into: &$2) }
  }

  /// Rules want another head to be sent.
  func rewrite(_ head: [UInt8]) {
    reader.replaceHead(head)
  }

  /// Writes the head as the server is to see it.
  func appendRequest(
    to output: inout [UInt8], connection: HTTPRewrite.Connection, forwardFor: Bool
  ) {
    reader.appendRequest(
      to: &output, connection: connection, forwardedFor: forwardFor ? addressText : nil)
  }

  private lazy var addressText = Array(address.host.utf8)
  var clientAddress: ClientAddress { address }
  var frontendIndex: Int { frontend.index }

  /// The request has a connection: its body follows the head there.
  func attached(to upstream: ServerHandler) {
    self.upstream = upstream
    if isAttachedAgain {
      reader.appendKeptBody(to: &upstream.outlet.bytes)
      return
    }
    isAttachedAgain = reader.isKept
    reader.dropHead()
    readBody()
    if reader.count <= Self.highWater { setReading(true) }
  }

  private func readBody() {
    if collected != nil { return readForm() }
    guard let upstream else {
      if reader.count > Self.highWater { setReading(false) }
      return
    }
    let id = id!
    switch reader.moveBody(to: upstream) {
    case .invalid:
      server.tellProxy { $0.malformed(id, now: $1, into: &$2) }
    case .nothing:
      return
    case .more:
      server.tellProxy { $0.moved(id, now: $1, into: &$2) }
      if !upstream.isWritable { setReading(false) }
    case .finished:
      let (bytes, kept) = (reader.bodyBytes, reader.isKept)
      server.tellProxy { proxy, now, _ in
        proxy.requestEnded(id, bodyBytes: bytes, kept: kept, now: now)
      }
    }
  }

  /// The proxy has recorded the request's end. True if the next one may begin.
  func requestEnded() -> Bool {
    upstream?.detach()
    upstream = nil
    guard case .request = state else { return false }
    collected = nil
    // An answer of the proxy's own may have come before anything was passed on.
    reader.dropHead()
    if closesAfterRequest {
      server.clients.remove(id)
      end(.fin)
      return false
    }
    _ = reader.moveBody(to: nil)
    state = .head
    setReading(true)
    return !reader.isEmpty
  }

  // MARK: Tunnels

  func becomeTunnel() {
    state = .tunnel
    passTunnel()
  }

  private func passTunnel() {
    guard let upstream, !reader.isEmpty else { return }
    reader.moveAll(to: upstream)
    if !upstream.isWritable { setReading(false) }
    let id = id!
    server.tellProxy { $0.moved(id, now: $1, into: &$2) }
  }

  // MARK: Answers

  func answer(_ answer: ProxyAnswer, close: Bool) {
    answer.append(to: &outlet.bytes, head: requestMethod == .head, close: close)
    answered(close: close)
  }

  func respond(_ page: ProxyPage, close: Bool) {
    page.append(to: &outlet.bytes, head: requestMethod == .head, close: close)
    answered(close: close)
  }

  private func answered(close: Bool) {
    markDirty()
    closesAfterRequest = close
    // What could not be read as a request ends as one all the same.
    if case .head = state { state = .request }
  }

  /// Ends the connection after what was written.
  func end(_ how: CloseKind) {
    switch state {
    case .ending, .over: return
    case .head, .request, .tunnel: break
    }
    upstream?.detach()
    upstream = nil
    flush()
    guard let context else {
      state = .over
      return
    }
    let unread = !reader.isBodyFinished || !reader.isEmpty
    reader.removeAll()
    if how == .reset {
      state = .over
      context.close(.reset)
    } else if unread {
      // To close with bytes unread would reset the connection, and the answer might be lost.
      state = .ending
      setReading(true)
      context.closeOutputWhenSent()
      let channel = context.channel
      context.eventLoop.scheduleTask(in: Self.lingering) { channel.close(promise: nil) }
    } else {
      state = .over
      context.closeWhenSent()
    }
  }
}
