// SPDX-License-Identifier: Apache-2.0

/// Reads the head of an HTTP/1.1 message (RFC 9110 and 9112), strictly.
///
/// Sans-IO: bytes in, ranges out, nothing copied and after warm-up nothing allocated. Called
/// again with more bytes of the same message it goes on with the line where it stopped, so a
/// head that comes byte by byte costs no more than its length times its longest line.
///
/// Stricter than the RFC asks, on purpose, because two readings of one message are how requests
/// are smuggled: a bare LF ends no line, a bare CR is refused everywhere, obsolete folding and
/// white space before a colon are refused, a `Content-Length` beside `Transfer-Encoding` is
/// refused, two `Content-Length` fields are refused even if they agree, and control bytes in
/// values are refused. Up to two empty lines before a request line are skipped (RFC 9112, 2.2).
package struct HTTPParser: Sendable {
  package enum Kind: Equatable, Sendable { case request, response }

  package struct Limits: Equatable, Sendable {
    /// Bytes of a head; HAProxy's `tune.bufsize` is the default.
    package var headBytes: Int
    /// Field lines of a head; HAProxy's `tune.http.maxhdr` is the default.
    package var fields: Int
    package var targetBytes: Int

    package init(headBytes: Int, fields: Int, targetBytes: Int) {
      self.headBytes = headBytes
      self.fields = fields
      self.targetBytes = targetBytes
    }

    package static let haproxy = Limits(headBytes: 16_384, fields: 101, targetBytes: 8_192)
  }

  private let kind: Kind
  private let limits: Limits
  /// Start of the first line that is not read yet.
  private var line = 0
  private var startLineRead = false
  private var emptyLines = 0

  package init(kind: Kind, limits: Limits) {
    self.kind = kind
    self.limits = limits
  }

  /// Forgets a message that was read in part.
  package mutating func reset() {
    line = 0
    startLineRead = false
    emptyLines = 0
  }

  /// Parses the head that begins at the first byte of `bytes`.
  ///
  /// - Parameter requestMethod: for a response, the method that it answers: `HEAD` and `CONNECT`
  ///   change its framing.
  /// - Returns: after `.head` and `.invalid` the parser is ready for the next message.
  package mutating func parse(
    _ bytes: Span<UInt8>, requestMethod: HTTPMethod = .get, into head: inout HTTPHead
  ) -> HTTPParse {
    if line == 0 { head.reset() }
    do throws(HTTPFault) {
      while let end = try lineEnd(bytes) {
        let range = line..<end
        line = end + 2
        if startLineRead {
          if range.isEmpty {
            head.length = line
            reset()
            try HTTPSemantics.apply(kind, requestMethod, bytes, &head)
            return .head
          }
          guard head.fields.count < limits.fields else { throw fault(.tooManyFields, range) }
          head.fields.append(try field(bytes, range))
        } else if range.isEmpty, kind == .request, emptyLines < 2 {
          emptyLines += 1
        } else {
          switch kind {
          case .request: try requestLine(bytes, range, &head)
          case .response: try statusLine(bytes, range, &head)
          }
          startLineRead = true
        }
      }
      guard bytes.count < limits.headBytes else {
        throw HTTPFault(kind: .headTooLarge, offset: limits.headBytes)
      }
      return .incomplete
    } catch {
      reset()
      return .invalid(error)
    }
  }

  /// The end of the current line without its CR LF, or nil if it is not there yet.
  private func lineEnd(_ bytes: Span<UInt8>) throws(HTTPFault) -> Int? {
    var index = line
    let end = min(bytes.count, limits.headBytes)
    while index < end {
      let byte = bytes[index]
      if byte < 0x20, byte != 0x09 {
        guard byte == 0x0D else {
          throw HTTPFault(kind: byte == 0x0A ? .bareLineFeed : .fieldValue, offset: index)
        }
        guard index + 1 < bytes.count else { return nil }
        guard bytes[index + 1] == 0x0A else {
          throw HTTPFault(kind: .bareCarriageReturn, offset: index)
        }
        guard index + 2 <= limits.headBytes else { return nil }
        return index
      }
      if byte == 0x7F { throw HTTPFault(kind: .fieldValue, offset: index) }
      index += 1
    }
    return nil
  }

  private func fault(_ kind: HTTPFault.Kind, _ range: Range<Int>) -> HTTPFault {
    HTTPFault(kind: kind, offset: range.lowerBound)
  }

  private func requestLine(
    _ bytes: Span<UInt8>, _ line: Range<Int>, _ head: inout HTTPHead
  ) throws(HTTPFault) {
    var index = line.lowerBound
    while index < line.upperBound, bytes[index].isTokenByte { index += 1 }
    guard index > line.lowerBound, index < line.upperBound, bytes[index] == 0x20 else {
      throw fault(.method, line)
    }
    head.methodRange = line.lowerBound..<index
    head.method = HTTPMethod(bytes, head.methodRange)
    let targetStart = index + 1
    index = targetStart
    // Visible ASCII only; HAProxy 2.6 refuses other bytes in a target as well.
    while index < line.upperBound, bytes[index] > 0x20, bytes[index] < 0x7F { index += 1 }
    guard index > targetStart else { throw fault(.target, targetStart..<index) }
    guard index < line.upperBound, bytes[index] == 0x20 else {
      throw fault(.target, index..<line.upperBound)
    }
    guard index - targetStart <= limits.targetBytes else {
      throw fault(.targetTooLong, targetStart..<index)
    }
    head.target = targetStart..<index
    try checkTarget(bytes, head)
    head.version = try version(bytes, index + 1..<line.upperBound)
  }

  /// The four forms of RFC 9112, 3.2, as far as they can be told apart without a URI parser.
  private func checkTarget(_ bytes: Span<UInt8>, _ head: HTTPHead) throws(HTTPFault) {
    let first = bytes[head.target.lowerBound]
    if head.method == .connect {
      guard first != 0x2F else { throw fault(.target, head.target) }
      return
    }
    if first == 0x2F { return }
    if first == 0x2A, head.target.count == 1, head.method == .options { return }
    // absolute-form: a scheme, then "://".
    var index = head.target.lowerBound
    while index < head.target.upperBound, bytes[index].isSchemeByte { index += 1 }
    guard index > head.target.lowerBound, bytes[head.target.lowerBound].isLetter,
      index + 2 < head.target.upperBound, bytes[index] == 0x3A, bytes[index + 1] == 0x2F,
      bytes[index + 2] == 0x2F
    else { throw fault(.target, head.target) }
  }

  private func version(_ bytes: Span<UInt8>, _ range: Range<Int>) throws(HTTPFault) -> HTTPVersion {
    let start = range.lowerBound
    guard range.count == 8, bytes.equals("HTTP/", in: start..<start + 5),
      bytes[start + 5].isDigit, bytes[start + 6] == 0x2E, bytes[start + 7].isDigit
    else { throw fault(kind == .request ? .requestLine : .statusLine, range) }
    guard bytes[start + 5] == 0x31 else { throw fault(.version, range) }
    switch bytes[start + 7] {
    case 0x30: return .http10
    case 0x31: return .http11
    default: throw fault(.version, range)
    }
  }

  private func statusLine(
    _ bytes: Span<UInt8>, _ line: Range<Int>, _ head: inout HTTPHead
  ) throws(HTTPFault) {
    let start = line.lowerBound
    guard line.count >= 12 else { throw fault(.statusLine, line) }
    head.version = try version(bytes, start..<start + 8)
    guard bytes[start + 8] == 0x20, bytes[start + 9].isDigit, bytes[start + 10].isDigit,
      bytes[start + 11].isDigit, line.count == 12 || bytes[start + 12] == 0x20
    else { throw fault(.statusLine, line) }
    head.status =
      Int(bytes[start + 9] - 0x30) * 100 + Int(bytes[start + 10] - 0x30) * 10
      + Int(bytes[start + 11] - 0x30)
    guard (100...999).contains(head.status) else { throw fault(.statusLine, line) }
    head.reason = min(start + 13, line.upperBound)..<line.upperBound
  }

  private func field(_ bytes: Span<UInt8>, _ line: Range<Int>) throws(HTTPFault) -> HTTPField {
    var colon = line.lowerBound
    while colon < line.upperBound, bytes[colon].isTokenByte { colon += 1 }
    guard colon < line.upperBound, bytes[colon] == 0x3A, colon > line.lowerBound else {
      let blank = colon < line.upperBound && (bytes[colon] == 0x20 || bytes[colon] == 0x09)
      guard blank else { throw fault(.fieldName, colon..<line.upperBound) }
      throw fault(colon == line.lowerBound ? .fold : .spaceBeforeColon, line)
    }
    var start = colon + 1
    var end = line.upperBound
    while start < end, bytes[start] == 0x20 || bytes[start] == 0x09 { start += 1 }
    while end > start, bytes[end - 1] == 0x20 || bytes[end - 1] == 0x09 { end -= 1 }
    let name = line.lowerBound..<colon
    return HTTPField(id: HTTPFieldName(bytes, name), name: name, value: start..<end)
  }
}

extension UInt8 {
  /// RFC 9110, 5.6.2 `tchar`, as two 64-bit masks.
  var isTokenByte: Bool {
    let low: UInt64 = 0x03FF_6CFA_0000_0000
    let high: UInt64 = 0x57FF_FFFF_C7FF_FFFE
    if self < 64 { return low >> UInt64(self) & 1 == 1 }
    return self < 128 && high >> UInt64(self - 64) & 1 == 1
  }

  var isDigit: Bool { self &- 0x30 < 10 }
  var isLetter: Bool { (self | 0x20) &- 0x61 < 26 }
  var isSchemeByte: Bool {
    isLetter || isDigit || self == 0x2B || self == 0x2D || self == 0x2E
  }
}
