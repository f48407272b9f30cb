// SPDX-License-Identifier: Apache-2.0

/// What the fields of a complete head mean for its body and its connection.
enum HTTPSemantics {
  static func apply(
    _ kind: HTTPParser.Kind, _ requestMethod: HTTPMethod, _ bytes: Span<UInt8>,
    _ head: inout HTTPHead
  ) throws(HTTPFault) {
    var length: Int?
    var chunked = false
    var coded = false
    var hosts = 0
    var close = false
    var keep = false
    for index in head.fields.indices {
      let field = head.fields[index]
      switch field.id {
      case .contentLength:
        guard length == nil else { throw fault(.secondContentLength, field) }
        length = try number(bytes, field)
      case .transferEncoding:
        // Only "chunked", once: other codings are not ours to undo (RFC 9112, 6.1).
        guard !coded, bytes.equalsIgnoringCase("chunked", in: field.value) else {
          throw fault(.transferCoding, field)
        }
        guard head.version == .http11 else { throw fault(.transferCoding, field) }
        coded = true
        chunked = true
      case .host:
        hosts += 1
        guard hosts == 1 || kind == .response else { throw fault(.secondHost, field) }
      case .connection:
        forEachToken(bytes, field.value) { token in
          if bytes.equalsIgnoringCase("close", in: token) { close = true }
          if bytes.equalsIgnoringCase("keep-alive", in: token) { keep = true }
        }
      case .expect:
        head.expectsContinue =
          head.version == .http11 && bytes.equalsIgnoringCase("100-continue", in: field.value)
      default:
        break
      }
    }
    if kind == .request, head.version == .http11, hosts == 0 {
      throw HTTPFault(kind: .missingHost, offset: head.length)
    }
    if coded, length != nil { throw HTTPFault(kind: .lengthAndCoding, offset: head.length) }
    head.keepAlive = head.version == .http11 ? !close : keep && !close
    head.framing = framing(
      kind, requestMethod, head: head, length: length, chunked: chunked)
    if head.framing == .untilClose || head.framing == .tunnel { head.keepAlive = false }
  }

  /// RFC 9112, 6.3, in its order.
  private static func framing(
    _ kind: HTTPParser.Kind, _ requestMethod: HTTPMethod, head: HTTPHead, length: Int?,
    chunked: Bool
  ) -> HTTPFraming {
    if kind == .response {
      if head.status == 101 { return .tunnel }
      if requestMethod == .connect, (200...299).contains(head.status) { return .tunnel }
      if requestMethod == .head || head.status < 200 || head.status == 204 || head.status == 304 {
        return .none
      }
    }
    if chunked { return .chunked }
    if let length { return length == 0 ? .none : .length(length) }
    return kind == .request ? .none : .untilClose
  }

  private static func fault(_ kind: HTTPFault.Kind, _ field: HTTPField) -> HTTPFault {
    HTTPFault(kind: kind, offset: field.value.lowerBound)
  }

  /// Digits only, at most eighteen: no sign, no white space, no list.
  private static func number(_ bytes: Span<UInt8>, _ field: HTTPField) throws(HTTPFault) -> Int {
    guard (1...18).contains(field.value.count) else { throw fault(.contentLength, field) }
    var value = 0
    for index in field.value {
      guard bytes[index].isDigit else { throw fault(.contentLength, field) }
      value = value * 10 + Int(bytes[index] - 0x30)
    }
    return value
  }

  /// The elements of a comma-separated list, white space around them left out.
  static func forEachToken(
    _ bytes: Span<UInt8>, _ range: Range<Int>, _ body: (Range<Int>) -> Void
  ) {
    var start = range.lowerBound
    while start < range.upperBound {
      var end = start
      while end < range.upperBound, bytes[end] != 0x2C { end += 1 }
      var low = start
      var high = end
      while low < high, bytes[low].isBlank { low += 1 }
      while high > low, bytes[high - 1].isBlank { high -= 1 }
      if low < high { body(low..<high) }
      start = end + 1
    }
  }
}
