// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkHTTP
import FalseworkProxy
import NIOCore

/// A client's connection: reads heads, passes bodies on, writes what servers and the proxy answer.
final class ClientHandler: ChannelInboundHandler, Flushable, @unchecked Sendable {
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

  private let server: ProxyServer
  private let channel: any Channel
  private let frontend: FrontendID
  private(set) var id: ClientID!
  private var context: ChannelHandlerContext!
  private var state = State.head
  private var inbox = Inbox()
  private var outbox = ByteBuffer()
  private var isDirty = false
  private var parser = HTTPParser(kind: .request, limits: .haproxy)
  private(set) var head = HTTPHead()
  /// The head's bytes while it waits for a connection; empty while they are in the inbox.
  private var savedHead: [UInt8] = []
  private var headIsSaved = false
  private var body = HTTPBodyReader(.none)
  private var bodyBytes = 0
  private var began = Instant.start
  private var hasBegun = false
  private var failure: (any Error)?
  private var address = ClientAddress(ip: 0, port: 0)
  /// The connection to the server that has this request.
  private(set) var upstream: ServerHandler?
  private var closesAfterRequest = false
  /// As it came, for the log; only kept if something is logged.
  private(set) var requestLine: String?
  private var isReading = true

  /// Bytes that are held for a side that does not take them.
  private static let highWater = 65_536
  /// How long a connection that ends with unread bytes may linger, so that its last answer arrives.
  private static let lingering = TimeAmount.seconds(2)

  init(server: ProxyServer, frontend: FrontendID, channel: any Channel) {
    self.server = server
    self.frontend = frontend
    self.channel = channel
  }

  // MARK: The connection

  func handlerAdded(context: ChannelHandlerContext) {
    self.context = context
  }

  func channelActive(context: ChannelHandlerContext) {
    server.clock.tick()
    if let remote = context.remoteAddress { address = ClientAddress(remote) }
    id = server.clients.insert(self)
    let (id, frontend, address) = (id!, frontend, address)
    server.tellProxy { $0.accepted(id, on: frontend, from: address, now: $1, into: &$2) }
    server.settle()
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    server.clock.tick()
    switch state {
    case .ending, .over: return
    case .head, .request, .tunnel: inbox.append(unwrapInboundIn(data))
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
    gone(CloseKind(after: failure), entirely: true)
    upstream = nil
    self.context = nil
    server.settle()
  }

  private func gone(_ how: CloseKind, entirely: Bool = false) {
    guard let id else { return }
    switch state {
    case .over, .ending: return
    case .head, .request, .tunnel:
      if entirely { state = .over }
      // A connection that is gone both ways cannot be answered any more.
      server.tellProxy { $0.clientClosed(id, entirely ? .reset : how, now: $1, into: &$2) }
      if entirely { server.clients.remove(id) }
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
    guard !inbox.isEmpty else { return }
    if !hasBegun {
      hasBegun = true
      began = server.clock.now
    }
    switch parser.parse(inbox.bytes.readableBytesUInt8Span, into: &head) {
    case .incomplete:
      let id = id!
      server.tellProxy { proxy, now, _ in proxy.requestStarted(id, now: now) }
    case .invalid:
      let id = id!
      requestLine = nil
      server.tellProxy { $0.malformed(id, now: $1, into: &$2) }
    case .head:
      request()
    }
  }

  private func request() {
    state = .request
    hasBegun = false
    headIsSaved = false
    bodyBytes = 0
    body = HTTPBodyReader(head.framing)
    requestLine = nil
    if server.logsFrontend[frontend.index] {
      let bytes = inbox.bytes.readableBytesUInt8Span
      requestLine =
        bytes.text(head.methodRange) + " " + bytes.text(head.target)
        + (head.version == .http11 ? " HTTP/1.1" : " HTTP/1.0")
    }
    let told = Proxy.RequestHead(
      method: head.method, keepAlive: head.keepAlive && head.framing != .tunnel,
      complete: isWholeInInbox, began: began, bytes: head.length)
    let id = id!
    server.tellProxy { $0.requested(id, told, now: $1, into: &$2) }
    guard case .request = state, upstream == nil, !headIsSaved, !inbox.isEmpty else { return }
    saveHead()
  }

  /// Whether the whole request has come.
  private var isWholeInInbox: Bool {
    var rest = body
    var from = head.length
    while !rest.isFinished {
      switch rest.read(inbox.bytes.readableBytesUInt8Span, from: from) {
      case .payload(let range): from = range.upperBound
      case .finished: return true
      case .needMore, .invalid: return false
      }
    }
    return true
  }

  /// The request waits: its head is kept, and the inbox goes on with the body.
  private func saveHead() {
    savedHead.removeAll(keepingCapacity: true)
    savedHead.append(inbox.bytes.readableBytesUInt8Span, 0..<head.length)
    headIsSaved = true
    inbox.consume(head.length)
    if inbox.count > Self.highWater { setReading(false) }
  }

  /// Writes the head as the server is to see it.
  func appendRequest(
    to output: inout [UInt8], connection: HTTPRewrite.Connection, forwardFor: Bool
  ) {
    let forwardedFor = forwardFor ? addressText : nil
    if headIsSaved {
      let bytes = savedHead
      HTTPRewrite.appendRequest(
        head, bytes.span, connection: connection, forwardedFor: forwardedFor, to: &output)
    } else {
      let bytes = inbox.bytes
      HTTPRewrite.appendRequest(
        head, bytes.readableBytesUInt8Span, connection: connection, forwardedFor: forwardedFor,
        to: &output)
    }
  }

  private lazy var addressText = Array(address.host.utf8)
  var clientAddress: ClientAddress { address }
  var frontendIndex: Int { frontend.index }

  /// The request has a connection: its body follows the head there.
  func attached(to upstream: ServerHandler) {
    self.upstream = upstream
    takeHead()
    readBody()
    if inbox.count <= Self.highWater { setReading(true) }
  }

  private func takeHead() {
    guard !headIsSaved else { return }
    headIsSaved = true
    inbox.consume(head.length)
  }

  private func readBody() {
    guard !body.isFinished else { return }
    guard let upstream else {
      if inbox.count > Self.highWater { setReading(false) }
      return
    }
    guard let end = body.end(of: inbox, counting: &bodyBytes) else {
      let id = id!
      return server.tellProxy { $0.malformed(id, now: $1, into: &$2) }
    }
    guard end > 0 else { return }
    upstream.write(inbox.bytes, end)
    inbox.consume(end)
    let id = id!
    if body.isFinished {
      let bytes = bodyBytes
      server.tellProxy { proxy, now, _ in proxy.requestEnded(id, bodyBytes: bytes, now: now) }
    } else {
      server.tellProxy { proxy, now, _ in proxy.moved(id, now: now) }
    }
  }

  /// The proxy has recorded the request's end. True if the next one may begin.
  func requestEnded() -> Bool {
    upstream?.detach()
    upstream = nil
    guard case .request = state else { return false }
    // An answer of the proxy's own may have come before anything was passed on.
    takeHead()
    if closesAfterRequest {
      server.clients.remove(id)
      end(.fin)
      return false
    }
    if !body.isFinished, let rest = body.end(of: inbox, counting: &bodyBytes) {
      inbox.consume(rest)
    }
    state = .head
    setReading(true)
    return !inbox.isEmpty
  }

  // MARK: Tunnels

  func becomeTunnel() {
    state = .tunnel
    passTunnel()
  }

  private func passTunnel() {
    guard let upstream, !inbox.isEmpty else { return }
    upstream.write(inbox.bytes, inbox.count)
    inbox.removeAll()
    let id = id!
    server.tellProxy { proxy, now, _ in proxy.moved(id, now: now) }
  }

  // MARK: Answers

  var isHead: Bool { head.method == .head }
  var isHTTP10: Bool { head.version == .http10 }
  var requestMethod: HTTPMethod { head.method }
  var isWritable: Bool { channel.isWritable }

  func write(_ bytes: [UInt8]) {
    outbox.writeBytes(bytes)
    markDirty()
  }

  /// The first `count` bytes of a buffer. What is large is passed on without a copy.
  func write(_ bytes: ByteBuffer, from: Int, to: Int) {
    guard to > from else { return }
    if to - from < 8_192 {
      outbox.append(bytes, from..<to)
    } else {
      pushOutbox()
      if let slice = bytes.getSlice(at: bytes.readerIndex + from, length: to - from) {
        context?.write(wrapOutboundOut(slice), promise: nil)
      }
    }
    markDirty()
  }

  private func markDirty() {
    guard !isDirty else { return }
    isDirty = true
    server.unflushed.append(self)
  }

  private func pushOutbox() {
    guard outbox.readableBytes > 0 else { return }
    context?.write(wrapOutboundOut(outbox), promise: nil)
    outbox = ByteBuffer()
  }

  func flushNow() {
    isDirty = false
    guard let context else { return outbox.clear() }
    if outbox.readableBytes > 0 {
      context.writeAndFlush(wrapOutboundOut(outbox), promise: nil)
      // Sent at once, as a rule; then the memory is ours again, and else this makes new one.
      outbox.clear()
    } else {
      context.flush()
    }
  }

  func respond(_ page: ProxyPage, close: Bool) {
    server.scratch.removeAll(keepingCapacity: true)
    page.append(to: &server.scratch, head: isHead, close: close)
    write(server.scratch)
    closesAfterRequest = close
    // What could not be read as a request ends as one all the same.
    if case .head = state {
      state = .request
      headIsSaved = true
    }
  }

  /// Ends the connection after what was written.
  func end(_ how: CloseKind) {
    switch state {
    case .ending, .over: return
    case .head, .request, .tunnel: break
    }
    upstream?.detach()
    upstream = nil
    flushNow()
    guard let context else {
      state = .over
      return
    }
    let unread = !body.isFinished || !inbox.isEmpty
    inbox.removeAll()
    if how == .reset {
      state = .over
      context.close(.reset)
    } else if unread {
      // To close with bytes unread would reset the connection, and the answer might be lost.
      state = .ending
      setReading(true)
      context.closeOutputWhenSent()
      let channel = channel
      context.eventLoop.scheduleTask(in: Self.lingering) { channel.close(promise: nil) }
    } else {
      state = .over
      context.closeWhenSent()
    }
  }

  func setReading(_ reading: Bool) {
    guard reading != isReading else { return }
    isReading = reading
    context?.setReading(reading)
  }
}
