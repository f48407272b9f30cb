// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkHTTP
import FalseworkProxy
import NIOCore

/// The messages that come on one connection: what came and is not used up, and how far it is read.
///
/// One value holds all that a step of reading needs, so that a step is one access to the state of the
/// handler: the run-time checks of many small ones were a sixth of a request's instructions.
struct MessageReader {
  /// What reading a head came to.
  enum Step<Told> {
    case nothing
    case incomplete
    case invalid
    case head(Told)
  }

  /// What became of the bytes of a body that were there.
  enum Body {
    /// They are no body.
    case invalid
    /// There were none, or no body.
    case nothing
    case more
    case finished
  }

  private var inbox = Inbox()
  private var parser: HTTPParser
  private var head = HTTPHead()
  /// When the first byte of a request came that is not read yet.
  private var began = Instant.start
  private var hasBegun = false
  private var body = HTTPBodyReader(.none)
  /// Bytes of the body so far, without its framing.
  private(set) var bodyBytes = 0
  /// The head's bytes while it waits and the inbox goes on with the body.
  private var savedHead: [UInt8] = []
  /// Where the head's bytes are.
  private var headPlace = HeadPlace.used

  private enum HeadPlace { case inbox, saved, used }

  /// What came of the body is none.
  private var hasBrokenBody = false
  /// The request so far, if it is kept to be sent again.
  private var kept: [UInt8] = []
  private(set) var isKept = false
  /// HAProxy keeps what its buffer holds: `tune.bufsize` less `tune.maxrewrite`.
  private static let mostKept = 15_360

  /// Only what is in the chunks of the body is moved on.
  private var unwraps = false

  init(_ kind: HTTPParser.Kind) {
    parser = HTTPParser(kind: kind, limits: .haproxy)
  }

  var isHTTP10: Bool { head.version == .http10 }
  var count: Int { inbox.count }
  var isEmpty: Bool { inbox.isEmpty }
  var isBodyFinished: Bool { body.isFinished }
  /// Whether the end of the connection is a legal end of the body.
  var bodyMayEndByClose: Bool { body.mayEndByClose }

  mutating func received(_ bytes: ByteBuffer) {
    inbox.append(bytes)
  }

  mutating func removeAll() {
    inbox.removeAll()
    headPlace = .used
  }

  // MARK: Heads

  /// - Parameter now: when a first byte of the request came, if this is it.
  /// - Parameter keeps: a request that has come whole is kept, so that it can be sent again.
  mutating func readRequest(now: Instant, keeps: Bool) -> Step<Proxy.RequestHead> {
    guard !inbox.isEmpty else { return .nothing }
    if !hasBegun {
      hasBegun = true
      began = now
    }
    switch readHead(requestMethod: .get) {
    case .incomplete: return .incomplete
    case .invalid: return .invalid
    case .head: break
    }
    hasBegun = false
    hasBrokenBody = false
    let end = wholeLength()
    if hasBrokenBody { return .invalid }
    isKept = keeps && (end ?? head.length) <= Self.mostKept
    if isKept {
      kept.removeAll(keepingCapacity: true)
      let bytes = inbox.bytes
      kept.append(bytes.readableBytesUInt8Span, 0..<head.length)
    }
    return .head(
      Proxy.RequestHead(
        method: head.method, keepAlive: head.keepAlive && head.framing != .tunnel,
        complete: end != nil, began: began, bytes: head.length, kept: isKept))
  }

  /// What rules look at. The head must be in the inbox.
  var requestMessage: RequestMessage {
    RequestMessage(head, inbox.bytes.readableBytesUInt8Span)
  }

  /// The same of a response.
  var responseMessage: ResponseMessage {
    ResponseMessage(head, inbox.bytes.readableBytesUInt8Span)
  }

  /// Another head is to be written instead of the one that came; the body stays as it was framed.
  mutating func replaceHead(_ bytes: [UInt8]) {
    if case .inbox = headPlace { inbox.consume(head.length) }
    head.replace(by: bytes.span)
    savedHead = bytes
    headPlace = .saved
    if isKept { kept = bytes }
  }

  /// - Parameter bare: the client knows no chunks, as one of HTTP/1.0: the body goes out bare, and its
  ///   end is the connection's (RFC 9112, 6.1).
  mutating func readResponse(to method: HTTPMethod, bare: Bool) -> Step<Proxy.ResponseHead> {
    switch readHead(requestMethod: method) {
    case .incomplete: return .incomplete
    case .invalid: return .invalid
    case .head: if bare { unwrapChunks() }
    }
    return .head(
      Proxy.ResponseHead(
        status: head.status, keepAlive: head.keepAlive, tunnel: head.framing == .tunnel,
        untilClose: head.framing == .untilClose || unwraps, bytes: loggedBytes))
  }

  private mutating func readHead(requestMethod: HTTPMethod) -> HTTPParse {
    let bytes = inbox.bytes
    let parsed = parser.parse(
      bytes.readableBytesUInt8Span, requestMethod: requestMethod, into: &head)
    guard case .head = parsed else { return parsed }
    body = HTTPBodyReader(head.framing)
    bodyBytes = 0
    unwraps = false
    headPlace = .inbox
    return parsed
  }

  private mutating func unwrapChunks() {
    guard head.framing == .chunked else { return }
    unwraps = true
    head.fields.removeAll { $0.id == .transferEncoding }
  }

  /// The request line as it came.
  var requestLine: String {
    let bytes = inbox.bytes.readableBytesUInt8Span
    return bytes.text(head.methodRange) + " " + bytes.text(head.target)
      + (head.version == .http11 ? " HTTP/1.1" : " HTTP/1.0")
  }

  /// Where the message ends if the whole of it has come. Its head must be in the inbox.
  private mutating func wholeLength() -> Int? {
    var rest = body
    var from = head.length
    while !rest.isFinished {
      switch rest.read(inbox.bytes.readableBytesUInt8Span, from: from) {
      case .payload(let range): from = range.upperBound
      case .finished(let end): return end
      case .needMore: return nil
      case .invalid:
        hasBrokenBody = true
        return nil
      }
    }
    return from
  }

  /// What `%B` counts of a response's head: HAProxy's own message, not the wire.
  private var loggedBytes: Int {
    var bytes = 20 + 8 + 3 + head.reason.count + 1
    for field in head.fields where field.id != .connection || head.framing == .tunnel {
      bytes += field.name.count + field.value.count
    }
    // A body in chunks has an end of its own in HAProxy's message.
    return head.framing == .chunked ? bytes + 1 : bytes
  }

  func appendRequest(
    to output: inout [UInt8], connection: HTTPRewrite.Connection, forwardedFor: [UInt8]?
  ) {
    if case .used = headPlace, isKept {
      HTTPRewrite.appendRequest(
        head, kept.span, connection: connection, forwardedFor: forwardedFor, to: &output)
    } else if case .saved = headPlace {
      HTTPRewrite.appendRequest(
        head, savedHead.span, connection: connection, forwardedFor: forwardedFor, to: &output)
    } else {
      HTTPRewrite.appendRequest(
        head, inbox.bytes.readableBytesUInt8Span, connection: connection,
        forwardedFor: forwardedFor, to: &output)
    }
  }

  func appendResponse(to output: inout [UInt8], connection: HTTPRewrite.Connection) {
    if case .saved = headPlace {
      HTTPRewrite.appendResponse(head, savedHead.span, connection: connection, to: &output)
    } else {
      HTTPRewrite.appendResponse(
        head, inbox.bytes.readableBytesUInt8Span, connection: connection, to: &output)
    }
  }

  /// The message waits: its head is kept, and the inbox goes on with the body.
  mutating func saveHead() {
    guard case .inbox = headPlace else { return }
    savedHead.removeAll(keepingCapacity: true)
    let bytes = inbox.bytes
    savedHead.append(bytes.readableBytesUInt8Span, 0..<head.length)
    headPlace = .saved
    inbox.consume(head.length)
  }

  /// The head has been written, or nobody wants it. True if no body follows.
  @discardableResult
  mutating func dropHead() -> Bool {
    if case .inbox = headPlace { inbox.consume(head.length) }
    headPlace = .used
    return body.isFinished
  }

  /// Adds the body of a request that is sent again.
  func appendKeptBody(to output: inout [UInt8]) {
    output.append(kept.span, head.length..<kept.count)
  }

  /// Moves a head as it came.
  mutating func moveHead(to other: ProxyConnection) {
    other.pass(inbox.bytes, head.length)
    dropHead()
  }

  // MARK: Bodies

  /// Moves what has come of the body to another connection, or nowhere.
  mutating func moveBody(to other: ProxyConnection?) -> Body {
    guard !body.isFinished, !inbox.isEmpty else { return .nothing }
    guard let end = bodyEnd(unwrappingTo: unwraps ? other : nil) else { return .invalid }
    if !unwraps { other?.pass(inbox.bytes, end) }
    if isKept, other != nil { keep(end) }
    inbox.consume(end)
    return body.isFinished ? .finished : end > 0 ? .more : .nothing
  }

  /// Moves what has come of the body into a text. True if that is all, or as much as there may be.
  mutating func takeBody(into text: inout [UInt8], most: Int) -> Bool {
    let bytes = inbox.bytes
    var end = 0
    reading: while !body.isFinished {
      switch body.read(bytes.readableBytesUInt8Span, from: end) {
      case .payload(let range):
        end = range.upperBound
        bodyBytes += range.count
        text.append(bytes.readableBytesUInt8Span, range)
      case .finished(let consumed):
        end = consumed
        break reading
      case .needMore:
        end = bytes.readableBytes
        break reading
      case .invalid: return true
      }
    }
    inbox.consume(end)
    return body.isFinished || text.count > most
  }

  private mutating func keep(_ count: Int) {
    isKept = kept.count + count <= Self.mostKept
    guard isKept else { return }
    let bytes = inbox.bytes
    kept.append(bytes.readableBytesUInt8Span, 0..<count)
  }

  /// How many bytes at the front of the inbox are the body's, framing included; nil if they are no
  /// body. What is in its chunks goes to `bare`.
  private mutating func bodyEnd(unwrappingTo bare: ProxyConnection?) -> Int? {
    let bytes = inbox.bytes
    var end = 0
    while !body.isFinished {
      switch body.read(bytes.readableBytesUInt8Span, from: end) {
      case .payload(let range):
        end = range.upperBound
        bodyBytes += range.count
        if let bare,
          let data = bytes.getSlice(at: bytes.readerIndex + range.lowerBound, length: range.count)
        {
          bare.pass(data, range.count)
        }
      case .needMore: return bytes.readableBytes
      case .finished(let consumed): return consumed
      case .invalid: return nil
      }
    }
    return end
  }

  /// Moves all that came as it is.
  mutating func moveAll(to other: ProxyConnection?) {
    other?.pass(inbox.bytes, inbox.count)
    bodyBytes += inbox.count
    inbox.removeAll()
  }
}
