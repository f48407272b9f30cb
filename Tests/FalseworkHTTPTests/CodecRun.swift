// SPDX-License-Identifier: Apache-2.0
import FalseworkHTTP

/// Reads a stream of messages with the codec, as a connection would, and notes what came out.
///
/// Shared by the tests and by the fuzzer (`Fuzz/run.sh`), so it imports nothing but the codec. It
/// checks as it goes what must hold for any bytes; `violation` says what did not.
struct CodecRun: Equatable {
  enum Event: Equatable {
    /// Where the head began, counted from the first byte of the stream.
    case head(HTTPHead, at: Int)
    /// All data of one body.
    case body([UInt8])
    /// Where the next message begins.
    case end(at: Int)
    /// The fault's offset too counts from the first byte of the stream.
    case invalid(HTTPFault, messageAt: Int)
    case incomplete(messageAt: Int)
  }

  var events: [Event] = []
  var violation: String?

  /// Messages that are read of one stream at most.
  static let longestRun = 64

  /// - Parameters:
  ///   - cuts: how many bytes have come at each call, ascending; the last is the whole.
  ///   - requestMethod: for responses, what they answer.
  init(
    _ bytes: [UInt8], _ kind: HTTPParser.Kind, cuts: [Int] = [],
    requestMethod: HTTPMethod = .get, limits: HTTPParser.Limits = .haproxy
  ) {
    var parser = HTTPParser(kind: kind, limits: limits)
    var head = HTTPHead()
    var reader: HTTPBodyReader?
    var messageAt = 0
    var at = 0
    var data: [UInt8] = []
    for arrived in cuts + [bytes.count] {
      let message = bytes.span.extracting(first: arrived)
      while violation == nil {
        if var body = reader {
          let step = body.read(message, from: at)
          reader = body
          if step == .needMore {
            // All that there is was consumed.
            at = arrived
            break
          }
          switch step {
          case .needMore: continue
          case .payload(let range):
            if range.isEmpty || range.lowerBound < at || range.upperBound > arrived {
              violation = "payload \(range) of \(at)..<\(arrived)"
            }
            data += bytes[range]
            at = range.upperBound
          case .finished(let consumed):
            if consumed < at || consumed > arrived { violation = "\(consumed) of \(arrived)" }
            events += [.body(data), .end(at: consumed)]
            guard events.count < Self.longestRun * 3 else { return }
            (reader, messageAt, at, data) = (nil, consumed, consumed, [])
          case .invalid(let fault):
            events += [.body(data), .invalid(fault, messageAt: messageAt)]
            return
          }
          continue
        }
        let rest = message.extracting(messageAt..<arrived)
        let parse = parser.parse(rest, requestMethod: requestMethod, into: &head)
        if parse == .incomplete { break }
        if case .invalid(var fault) = parse {
          fault.offset += messageAt
          events.append(.invalid(fault, messageAt: messageAt))
          return
        }
        events.append(.head(head, at: messageAt))
        violation = Self.violation(of: head, kind, rest, requestMethod, limits)
        at = messageAt + head.length
        reader = HTTPBodyReader(head.framing)
      }
    }
    if reader != nil { events.append(.body(data)) }
    events.append(.incomplete(messageAt: messageAt))
  }

  /// What is wrong with a head that the parser took, if anything.
  private static func violation(
    of head: HTTPHead, _ kind: HTTPParser.Kind, _ bytes: Span<UInt8>, _ method: HTTPMethod,
    _ limits: HTTPParser.Limits
  ) -> String? {
    guard head.length <= min(bytes.count, limits.headBytes), head.fields.count <= limits.fields
    else { return "a head beyond its limits" }
    var end = 0
    func follows(_ range: Range<Int>) -> Bool {
      defer { end = range.upperBound }
      return range.lowerBound >= end && range.upperBound <= head.length
    }
    switch kind {
    case .request:
      guard follows(head.methodRange), follows(head.target), !head.target.isEmpty,
        bytes.text(head.methodRange).isHTTPToken, bytes.text(head.target).isHTTPTarget
      else { return "method or target" }
    case .response:
      guard follows(head.reason), (100...999).contains(head.status),
        isValue(bytes, head.reason)
      else { return "status line" }
    }
    for field in head.fields {
      guard follows(field.name), follows(field.value), bytes.text(field.name).isHTTPToken,
        isValue(bytes, field.value)
      else { return "field \(field)" }
    }
    return rewriteViolation(of: head, kind, bytes, method)
  }

  private static func isValue(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
    range.allSatisfy { bytes[$0] >= 0x20 && bytes[$0] != 0x7F || bytes[$0] == 0x09 }
  }

  /// A head that is written anew must be read again as the same message.
  private static func rewriteViolation(
    of head: HTTPHead, _ kind: HTTPParser.Kind, _ bytes: Span<UInt8>, _ method: HTTPMethod
  ) -> String? {
    let connection: HTTPRewrite.Connection = head.keepAlive ? .keepAlive : .close
    let text = rewritten(head, kind, bytes, connection)
    var parser = HTTPParser(
      kind: kind, limits: .init(headBytes: 65_536, fields: 1_000, targetBytes: 65_536))
    var again = HTTPHead()
    let parse = parser.parse(text.span, requestMethod: method, into: &again)
    guard parse == .head, again.length == text.count else { return "rewritten: \(parse)" }
    guard again.framing == head.framing, again.status == head.status,
      again.keepAlive == head.keepAlive || head.version == .http10 && !head.keepAlive,
      kind == .response || again.method == head.method,
      text.span.text(again.target) == bytes.text(head.target),
      text.span.text(again.methodRange) == bytes.text(head.methodRange),
      text.span.text(again.reason) == bytes.text(head.reason)
    else { return "rewritten to another message" }
    var kept = head.fields.makeIterator()
    for field in again.fields where field.id != .connection {
      // What is left must be the first fields' in their order; some are for one hop only.
      var found = false
      while !found, let original = kept.next() {
        found =
          original.id == field.id && bytes.text(original.value) == text.span.text(field.value)
          && bytes.text(original.name).lowercased() == text.span.text(field.name)
      }
      guard found else { return "rewritten with another field" }
    }
    guard rewritten(again, kind, text.span, connection) == text else {
      return "rewritten twice is not rewritten once"
    }
    return nil
  }

  private static func rewritten(
    _ head: HTTPHead, _ kind: HTTPParser.Kind, _ bytes: Span<UInt8>,
    _ connection: HTTPRewrite.Connection
  ) -> [UInt8] {
    var text: [UInt8] = []
    switch kind {
    case .request:
      HTTPRewrite.appendRequest(
        head, bytes, connection: connection, forwardedFor: nil, to: &text)
    case .response:
      HTTPRewrite.appendResponse(head, bytes, connection: connection, to: &text)
    }
    return text
  }
}
