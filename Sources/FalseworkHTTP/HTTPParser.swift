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
    let end = min(bytes.count, limits.headBytes)
    var index = bytes.firstControl(from: line, to: end)
    while index < end {
      switch bytes[index] {
      case 0x09:
        index = bytes.firstControl(from: index + 1, to: end)
      case 0x0D:
        guard index + 1 < end else { return nil }
        guard bytes[index + 1] == 0x0A else {
          throw HTTPFault(kind: .bareCarriageReturn, offset: index)
        }
        return index
      case 0x0A: throw HTTPFault(kind: .bareLineFeed, offset: index)
      default: throw HTTPFault(kind: .fieldValue, offset: index)
      }
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

  /// The four forms of RFC 9112, 3.2. A fragment is never sent, and refused in all of them, as by
  /// HAProxy since CVE-2023-45539.
  private func checkTarget(_ bytes: Span<UInt8>, _ head: HTTPHead) throws(HTTPFault) {
    let target = head.target
    for index in target where bytes[index] == 0x23 { throw fault(.target, target) }
    let first = bytes[target.lowerBound]
    if head.method == .connect {
      guard isAuthority(bytes, target, withPort: true) else { throw fault(.target, target) }
      return
    }
    if first == 0x2F { return }
    if first == 0x2A, target.count == 1, head.method == .options { return }
    // absolute-form: a scheme, then "://", then an authority that is not empty.
    var index = target.lowerBound
    while index < target.upperBound, bytes[index].isSchemeByte { index += 1 }
    guard first.isLetter, index + 3 < target.upperBound, bytes[index] == 0x3A,
      bytes[index + 1] == 0x2F, bytes[index + 2] == 0x2F
    else { throw fault(.target, target) }
    index += 3
    var end = index
    while end < target.upperBound, bytes[end] != 0x2F, bytes[end] != 0x3F { end += 1 }
    guard isAuthority(bytes, index..<end, withPort: false) else { throw fault(.target, target) }
  }

  /// Whether the bytes can be an authority (RFC 3986, 3.2): user information and a port may be
  /// there, or with `withPort` must not and must.
  private func isAuthority(_ bytes: Span<UInt8>, _ range: Range<Int>, withPort: Bool) -> Bool {
    var users = 0
    for index in range {
      guard bytes[index].isAuthorityByte else { return false }
      if bytes[index] == 0x40 { users += 1 }
    }
    guard withPort else { return users <= 1 && !range.isEmpty }
    var digits = range.upperBound
    while digits > range.lowerBound, bytes[digits - 1].isDigit { digits -= 1 }
    return users == 0 && digits < range.upperBound && digits > range.lowerBound + 1
      && bytes[digits - 1] == 0x3A
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
      let blank = colon < line.upperBound && bytes[colon].isBlank
      guard blank else { throw fault(.fieldName, colon..<line.upperBound) }
      throw fault(colon == line.lowerBound ? .fold : .spaceBeforeColon, line)
    }
    var start = colon + 1
    var end = line.upperBound
    while start < end, bytes[start].isBlank { start += 1 }
    while end > start, bytes[end - 1].isBlank { end -= 1 }
    let name = line.lowerBound..<colon
    return HTTPField(id: HTTPFieldName(bytes, name), name: name, value: start..<end)
  }
}

extension Span<UInt8> {
  /// The first byte below 0x20, or DEL, from `start` on, or `end`: eight bytes at a time, for most
  /// of a head is plain text.
  fileprivate func firstControl(from start: Int, to end: Int) -> Int {
    var index = start
    withUnsafeBytes { memory in
      let ones: UInt64 = 0x0101_0101_0101_0101
      let tops: UInt64 = 0x8080_8080_8080_8080
      while end - index >= 8 {
        let word = unsafe UInt64(
          littleEndian: memory.loadUnaligned(fromByteOffset: index, as: UInt64.self))
        // A byte's top bit is set here if it, or after a borrow one below it, is meant; so the
        // lowest bit that is set is always exact (Hacker's Delight, 6-1).
        let low = (word &- ones &* 0x20) & ~word
        let same = word ^ ones &* 0x7F
        let delete = (same &- ones) & ~same
        let found = (low | delete) & tops
        if found != 0 {
          index += found.trailingZeroBitCount >> 3
          return
        }
        index += 8
      }
      while index < end, unsafe memory[index] >= 0x20, unsafe memory[index] != 0x7F { index += 1 }
    }
    return index
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

  var isBlank: Bool { self == 0x20 || self == 0x09 }
  /// What a value may hold (RFC 9110, 5.5): no control byte but the tab.
  var isFieldByte: Bool { self >= 0x20 && self != 0x7F || self == 0x09 }
  var isDigit: Bool { self &- 0x30 < 10 }
  var isLetter: Bool { (self | 0x20) &- 0x61 < 26 }
  /// RFC 3986, 3.2: unreserved, percent-encoded, sub-delimiters, and `:@[]`.
  var isAuthorityByte: Bool {
    let low: UInt64 = 0x2FFF_7FF2_0000_0000
    let high: UInt64 = 0x47FF_FFFE_AFFF_FFFF
    if self < 64 { return low >> UInt64(self) & 1 == 1 }
    return self < 128 && high >> UInt64(self - 64) & 1 == 1
  }
  var isSchemeByte: Bool {
    isLetter || isDigit || self == 0x2B || self == 0x2D || self == 0x2E
  }
}
