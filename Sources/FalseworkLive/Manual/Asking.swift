// SPDX-License-Identifier: Apache-2.0
package import FalseworkHTTP
package import NIOCore

/// One HTTP request on a connection of its own, and its whole answer.
package final class Asking: ChannelInboundHandler, @unchecked Sendable {
  package typealias InboundIn = ByteBuffer
  package typealias OutboundOut = ByteBuffer

  /// What came back; a connection that was refused or that ended without an answer has status 0.
  package struct Answer: Equatable, Sendable {
    package var status: Int
    package var subjectToken: String?
    package var body: [UInt8]
  }

  private let request: [UInt8]
  private let method: HTTPMethod
  private let promise: EventLoopPromise<Answer>
  private var isOver = false
  private var inbox = Inbox()
  private var parser = HTTPParser(kind: .response, limits: .haproxy)
  private var head = HTTPHead()
  private var hasHead = false
  private var reader = HTTPBodyReader(.none)
  private var answer = Answer(status: 0, subjectToken: nil, body: [])

  /// - Parameters:
  ///   - request: the bytes of a whole request.
  ///   - method: the request's.
  ///   - patience: after it the answer is nil.
  package static func ask(
    _ request: [UInt8], method: HTTPMethod, at address: SocketAddress, patience: TimeAmount,
    on loop: any EventLoop
  ) async throws -> Answer? {
    try await loop.flatSubmit {
      let promise = loop.makePromise(of: Answer.self)
      let asking = Asking(request, method, promise)
      Connector.connect(to: address, on: loop, handler: asking) { failure in
        if failure != nil { asking.end(nil) }
      }
      let expiry = loop.makePromise(of: Answer?.self)
      let timer = loop.scheduleTask(in: patience) { expiry.succeed(nil) }
      promise.futureResult.assumeIsolated().whenComplete { result in
        timer.cancel()
        if case .success(let answer) = result { expiry.succeed(answer) }
      }
      return expiry.futureResult
    }.get()
  }

  private init(_ request: [UInt8], _ method: HTTPMethod, _ promise: EventLoopPromise<Answer>) {
    self.request = request
    self.method = method
    self.promise = promise
  }

  private func end(_ context: ChannelHandlerContext?) {
    guard !isOver else { return }
    isOver = true
    promise.succeed(answer)
    context?.close(promise: nil)
  }

  package func channelActive(context: ChannelHandlerContext) {
    context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: request)), promise: nil)
  }

  package func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard !isOver else { return }
    inbox.append(unwrapInboundIn(data))
    if !hasHead, !readHead() { return end(context) }
    if hasHead { readBody(context) }
  }

  /// False if what came is no answer.
  private func readHead() -> Bool {
    switch parser.parse(inbox.bytes.readableBytesUInt8Span, requestMethod: method, into: &head) {
    case .incomplete: return true
    case .invalid: return false
    case .head:
      hasHead = true
      answer.status = head.status
      let bytes = inbox.bytes
      answer.subjectToken = head.first(.xSubjectToken).map {
        bytes.readableBytesUInt8Span.text($0.value)
      }
      reader = HTTPBodyReader(head.framing)
      inbox.consume(head.length)
      return true
    }
  }

  private func readBody(_ context: ChannelHandlerContext) {
    var from = 0
    while !reader.isFinished {
      let bytes = inbox.bytes
      switch reader.read(bytes.readableBytesUInt8Span, from: from) {
      case .payload(let range):
        answer.body.append(bytes.readableBytesUInt8Span, range)
        from = range.upperBound
      case .finished: return end(context)
      case .needMore: return inbox.removeAll()
      case .invalid:
        answer = Answer(status: 0, subjectToken: nil, body: [])
        return end(context)
      }
    }
    end(context)
  }

  package func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if case ChannelEvent.inputClosed? = event as? ChannelEvent { end(context) }
  }

  package func channelInactive(context: ChannelHandlerContext) { end(nil) }

  package func errorCaught(context: ChannelHandlerContext, error: any Error) { end(context) }
}
