// SPDX-License-Identifier: Apache-2.0
import FalseworkHTTP
import FalseworkLoad
import NIOCore

/// Makes answers of the bytes that a connection of the load brings, one answer for each request.
///
/// A value, so that a connection looks into it once for all that it does with some bytes.
struct AnswerReader {
  enum Progress {
    /// Nothing can be said before more bytes come.
    case needsMore
    /// An answer came whole.
    case answered
    /// It is no answer, or nobody asked.
    case malformed
  }

  private enum Stage {
    case idle
    case head
    case body
  }

  private var stage = Stage.idle
  private var inbox = Inbox()
  private var parser = HTTPParser(kind: .response, limits: .haproxy)
  private var head = HTTPHead()
  private var body = HTTPBodyReader(.none)
  private var method = HTTPMethod.get
  private var wantsToken = false
  private var wants: AnswerWants?

  var isIdle: Bool { stage == .idle }

  /// A request goes out.
  ///
  /// - Parameter method: of the request, on which the framing of its answer depends.
  mutating func expect(method: HTTPMethod, wantsToken: Bool, wants: AnswerWants?) {
    self.method = method
    self.wantsToken = wantsToken
    self.wants = wants
    stage = .head
  }

  /// Takes what the socket brought. Says whether it is the first of an answer.
  mutating func append(_ bytes: ByteBuffer) -> Bool {
    let isFirst = stage == .head && inbox.isEmpty
    inbox.append(bytes)
    return isFirst
  }

  /// Reads as far as the bytes go, or to the end of an answer.
  ///
  /// - Parameters:
  ///   - serverField: the field that says who answered, in lower case.
  ///   - servers: the names that it had so far.
  ///   - reply: what is known of the answer so far; it keeps its memory from one to the next.
  mutating func read(
    _ serverField: [UInt8]?, _ servers: inout TextTable, into reply: inout LoadEngine.Reply
  ) -> Progress {
    while true {
      switch stage {
      case .idle: return inbox.isEmpty ? .needsMore : .malformed
      case .head:
        guard !inbox.isEmpty else { return .needsMore }
        let buffer = inbox.bytes
        let bytes = buffer.readableBytesUInt8Span
        switch parser.parse(bytes, requestMethod: method, into: &head) {
        case .incomplete: return .needsMore
        case .invalid: return .malformed
        case .head: headCame(bytes, serverField, &servers, &reply)
        }
      case .body:
        let progress = readBody(&reply)
        if progress == .answered { stage = .idle }
        return progress
      }
    }
  }

  private mutating func headCame(
    _ bytes: Span<UInt8>, _ serverField: [UInt8]?, _ servers: inout TextTable,
    _ reply: inout LoadEngine.Reply
  ) {
    // An interim answer: the real one follows (RFC 9110, 15.2).
    guard head.status >= 200 || head.status == 101 else { return inbox.consume(head.length) }
    reply.status = head.status
    reply.subjectToken = wantsToken ? head.first(.xSubjectToken).map { bytes.text($0.value) } : nil
    reply.keepAlive = head.keepAlive
    reply.server = nil
    if let serverField {
      for field in head.fields where bytes.equalsIgnoringCase(serverField, in: field.name) {
        reply.server = servers.text(bytes, field.value)
        break
      }
    }
    reply.bodyBytes = 0
    if let wants { reply.content.begin(wants, head, bytes) }
    body = HTTPBodyReader(head.framing)
    inbox.consume(head.length)
    stage = .body
  }

  private mutating func readBody(_ reply: inout LoadEngine.Reply) -> Progress {
    let buffer = inbox.bytes
    let bytes = buffer.readableBytesUInt8Span
    var offset = 0
    while true {
      switch body.read(bytes, from: offset) {
      case .payload(let range):
        reply.bodyBytes += range.count
        if let wants, wants.body { reply.content.append(body: bytes.extracting(range)) }
        offset = range.upperBound
      case .needMore:
        inbox.removeAll()
        return .needsMore
      case .invalid:
        return .malformed
      case .finished(let consumed):
        inbox.consume(consumed)
        return .answered
      }
    }
  }

  /// The server's side is over. Says whether that is the end of an answer, one without a length.
  mutating func ends(inOrder: Bool) -> Bool {
    guard stage == .body, inOrder, body.mayEndByClose else { return false }
    stage = .idle
    return true
  }

  mutating func removeAll() { inbox.removeAll() }
}
