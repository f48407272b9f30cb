// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkHTTP
import FalseworkKeystone
import NIOCore

/// A client's connection to a node: bytes to requests, one at a time.
///
///     head ─▶ body ─▶ answering ─▶ head …
///       └───────┴─ malformed, too large ─▶ refused: the error goes out, what still comes is dropped
final class NodeConnection: ChannelInboundHandler, @unchecked Sendable {
  typealias InboundIn = ByteBuffer

  private enum State {
    case head
    case body
    case answering
    case refused
    case closed
  }

  private let server: NodeServer
  private var context: ChannelHandlerContext?
  private var id: NodeConnectionID?
  private var state = State.head
  private var inbox = Inbox()
  private var outlet = Outlet()
  private var parser: HTTPParser
  private var head = HTTPHead()
  private var bodyReader = HTTPBodyReader(.none)
  private var body: [UInt8] = []
  /// Where the body goes on, from the first byte of the head.
  private var bodyOffset = 0
  private var inputEnded = false
  /// Requests are being read: answers to them go out together at the end.
  private var advancing = false
  private var unflushed = false
  private var paused = false
  private(set) var lastActive: Instant

  /// Bytes that are read and dropped after a refusal, so that the answer is not lost to a reset.
  private static let dropLimit = 1 << 20
  private var dropped = 0

  init(_ server: NodeServer) {
    self.server = server
    parser = HTTPParser(kind: .request, limits: server.options.limits)
    lastActive = server.clock.now
  }

  var isHead: Bool { head.method == .head }
  var isBusy: Bool { state == .answering }

  // MARK: What the channel says

  func channelActive(context: ChannelHandlerContext) {
    server.clock.tick()
    self.context = context
    outlet.open(context)
    lastActive = server.clock.now
    id = server.accepted(self)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    server.clock.tick()
    lastActive = server.clock.now
    if state == .refused {
      dropped += unwrapInboundIn(data).readableBytes
      if dropped > Self.dropLimit { close(.fin) }
      return
    }
    inbox.append(unwrapInboundIn(data))
    advance()
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    guard case .inputClosed? = event as? ChannelEvent else {
      return context.fireUserInboundEventTriggered(event)
    }
    server.clock.tick()
    inputEnded = true
    // A request that is with the node is still answered; one that never came whole never will be.
    if state != .answering { close(.fin) }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    context.close(promise: nil)
  }

  func channelInactive(context: ChannelHandlerContext) {
    server.clock.tick()
    forget()
  }

  // MARK: What the server says

  func answer(_ answer: KeystoneAnswer, close: Bool) {
    guard let context, state == .answering else { return }
    lastActive = server.clock.now
    answer.append(to: &outlet.bytes, head: isHead, close: close)
    if close || inputEnded {
      flush()
      forget()
      context.closeWhenSent()
      return
    }
    state = .head
    if advancing {
      unflushed = true
    } else {
      flush()
      advance()
    }
  }

  private func flush() {
    guard let context, let rest = outlet.send() else { return }
    context.writeAndFlush(wrapOutboundOut(rest), promise: nil)
    outlet.flushed(context)
  }

  func close(_ how: CloseKind) {
    guard let context else { return }
    forget()
    context.close(how)
  }

  private func forget() {
    guard state != .closed else { return }
    state = .closed
    context = nil
    outlet.close()
    inbox.removeAll()
    if let id { server.closed(id) }
  }

  // MARK: Requests

  /// Reads as far as the bytes go, one request at a time.
  private func advance() {
    guard !advancing else { return }
    advancing = true
    while advanceOnce() {}
    advancing = false
    // Further requests wait in the kernel's buffer once there is a head's worth of them here.
    let full = state == .answering && inbox.count > server.options.limits.headBytes
    if full != paused {
      paused = full
      context?.setReading(!full)
    }
    if unflushed {
      unflushed = false
      flush()
    }
  }

  private func advanceOnce() -> Bool {
    switch state {
    case .head: !inbox.isEmpty && readHead()
    case .body: readBody()
    case .answering, .refused, .closed: false
    }
  }

  private func readHead() -> Bool {
    switch parser.parse(inbox.bytes.readableBytesUInt8Span, into: &head) {
    case .incomplete:
      return false
    case .invalid(let fault):
      refuse(fault.status)
      return false
    case .head:
      if case .length(let length) = head.framing, length > server.options.bodyLimit {
        refuse(413)
        return false
      }
      bodyReader = HTTPBodyReader(head.framing)
      body.removeAll(keepingCapacity: true)
      bodyOffset = head.length
      state = .body
      if head.expectsContinue, inbox.count == head.length, !bodyReader.isFinished {
        outlet.bytes.append("HTTP/1.1 100 Continue\r\n\r\n")
        flush()
      }
      return true
    }
  }

  private func readBody() -> Bool {
    while true {
      let buffer = inbox.bytes
      let bytes = buffer.readableBytesUInt8Span
      switch bodyReader.read(bytes, from: bodyOffset) {
      case .payload(let range):
        guard body.count + range.count <= server.options.bodyLimit else {
          refuse(413)
          return false
        }
        body.append(bytes, range)
        bodyOffset = range.upperBound
      case .needMore:
        bodyOffset = inbox.count
        return false
      case .invalid(let fault):
        refuse(fault.status)
        return false
      case .finished(let consumed):
        state = .answering
        guard let id else { return false }
        inbox.consume(consumed)
        server.requested(id, head, bytes, body: body)
        return true
      }
    }
  }

  /// Answers what is no acceptable request, and ends the connection: what follows cannot be told
  /// from it.
  private func refuse(_ status: Int) {
    guard let context else { return }
    state = .refused
    inbox.removeAll()
    outlet.bytes.appendStatusLine(status)
    let text = "\(status) \(httpReason(status))\n"
    outlet.bytes.append("Content-Type: text/plain\r\n")
    outlet.bytes.appendField("Content-Length", text.utf8.count)
    outlet.bytes.append("Connection: close\r\n\r\n")
    outlet.bytes.append(text: text)
    flush()
    context.closeOutputWhenSent()
  }
}

extension NodeConnection {
  typealias OutboundOut = ByteBuffer
}
