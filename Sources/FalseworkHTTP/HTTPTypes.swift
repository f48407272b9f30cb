// SPDX-License-Identifier: Apache-2.0

package enum HTTPVersion: UInt8, Sendable {
  case http10
  case http11
}

package enum HTTPMethod: UInt8, Sendable, CaseIterable {
  case get, head, post, put, delete, patch, options, trace, connect
  /// Any other token: valid, and passed on by its bytes.
  case other

  /// As it stands in a request line; nil for `.other`.
  package var text: StaticString? {
    switch self {
    case .get: "GET"
    case .head: "HEAD"
    case .post: "POST"
    case .put: "PUT"
    case .delete: "DELETE"
    case .patch: "PATCH"
    case .options: "OPTIONS"
    case .trace: "TRACE"
    case .connect: "CONNECT"
    case .other: nil
    }
  }

  package init(_ bytes: Span<UInt8>, _ range: Range<Int>) {
    self = .other
    for method in Self.allCases {
      if let text = method.text, bytes.equals(text, in: range) {
        self = method
        return
      }
    }
  }

  /// The method of this name, in capitals; `.other` for any that the program does not decide on.
  package init(name: String) {
    self = Self.allCases.first { $0.text.map { "\($0)" == name } ?? false } ?? .other
  }
}

/// The field names that something decides on. Every other field is passed on by its bytes.
package enum HTTPFieldName: UInt8, Sendable, CaseIterable {
  case other
  case te, host, vary, accept, cookie, expect, server, upgrade, trailer
  case connection, keepAlive, setCookie, location, retryAfter
  case contentType, contentLength, transferEncoding, proxyConnection
  case xAuthToken, xForwardedFor, xForwardedProto, xSubjectToken, wwwAuthenticate
  case openstackRequestID

  package var text: StaticString {
    switch self {
    case .other: ""
    case .te: "te"
    case .host: "host"
    case .vary: "vary"
    case .accept: "accept"
    case .cookie: "cookie"
    case .expect: "expect"
    case .server: "server"
    case .upgrade: "upgrade"
    case .trailer: "trailer"
    case .connection: "connection"
    case .keepAlive: "keep-alive"
    case .setCookie: "set-cookie"
    case .location: "location"
    case .retryAfter: "retry-after"
    case .contentType: "content-type"
    case .contentLength: "content-length"
    case .transferEncoding: "transfer-encoding"
    case .proxyConnection: "proxy-connection"
    case .xAuthToken: "x-auth-token"
    case .xForwardedFor: "x-forwarded-for"
    case .xForwardedProto: "x-forwarded-proto"
    case .xSubjectToken: "x-subject-token"
    case .wwwAuthenticate: "www-authenticate"
    case .openstackRequestID: "x-openstack-request-id"
    }
  }

  /// Finds a name by its length and one of its letters, so that a field costs one comparison or
  /// none.
  package init(_ bytes: Span<UInt8>, _ name: Range<Int>) {
    let candidate: HTTPFieldName
    switch name.count {
    case 2: candidate = .te
    case 4: candidate = bytes.letter(name) == UInt8(ascii: "h") ? .host : .vary
    case 6:
      switch bytes.letter(name) {
      case UInt8(ascii: "a"): candidate = .accept
      case UInt8(ascii: "c"): candidate = .cookie
      case UInt8(ascii: "e"): candidate = .expect
      default: candidate = .server
      }
    case 7: candidate = bytes.letter(name) == UInt8(ascii: "u") ? .upgrade : .trailer
    case 8: candidate = .location
    case 10:
      switch bytes.letter(name) {
      case UInt8(ascii: "c"): candidate = .connection
      case UInt8(ascii: "k"): candidate = .keepAlive
      default: candidate = .setCookie
      }
    case 11: candidate = .retryAfter
    case 12: candidate = bytes.letter(name) == UInt8(ascii: "c") ? .contentType : .xAuthToken
    case 14: candidate = .contentLength
    case 15:
      candidate = bytes.letter(name, at: 2) == UInt8(ascii: "f") ? .xForwardedFor : .xSubjectToken
    case 16:
      candidate = bytes.letter(name) == UInt8(ascii: "p") ? .proxyConnection : .wwwAuthenticate
    case 17:
      candidate = bytes.letter(name) == UInt8(ascii: "t") ? .transferEncoding : .xForwardedProto
    case 22: candidate = .openstackRequestID
    default:
      self = .other
      return
    }
    self = bytes.equalsIgnoringCase(candidate.text, in: name) ? candidate : .other
  }
}

extension Span<UInt8> {
  /// One byte of a name; a capital letter counts as its small one.
  fileprivate func letter(_ name: Range<Int>, at offset: Int = 0) -> UInt8 {
    self[name.lowerBound + offset] | 0x20
  }
}

/// One field line of a head: where its name and its value stand, white space around it left out.
package struct HTTPField: Equatable, Sendable {
  package var id: HTTPFieldName
  private var nameStart, nameEnd, valueStart, valueEnd: UInt32

  package init(id: HTTPFieldName, name: Range<Int>, value: Range<Int>) {
    self.id = id
    nameStart = UInt32(name.lowerBound)
    nameEnd = UInt32(name.upperBound)
    valueStart = UInt32(value.lowerBound)
    valueEnd = UInt32(value.upperBound)
  }

  package var name: Range<Int> { Int(nameStart)..<Int(nameEnd) }
  package var value: Range<Int> { Int(valueStart)..<Int(valueEnd) }
}

/// How the end of a body is told (RFC 9112, 6.3).
package enum HTTPFraming: Equatable, Sendable {
  case none
  case length(Int)
  case chunked
  case untilClose
  /// What follows is no HTTP: a CONNECT that was granted, or 101.
  case tunnel
}

/// One parsed head. Offsets count from the first byte of the head. A head is reused for message
/// after message; `fields` keeps its capacity.
package struct HTTPHead: Equatable, Sendable {
  package var method = HTTPMethod.other
  package var methodRange = 0..<0
  package var target = 0..<0
  package var status = 0
  package var reason = 0..<0
  package var version = HTTPVersion.http11
  package var fields: [HTTPField] = []
  package var framing = HTTPFraming.none
  /// Whether the sender's version and `Connection` let the connection live on (RFC 9112, 9.3).
  package var keepAlive = true
  package var expectsContinue = false
  /// Bytes of the head, its empty line included.
  package var length = 0

  package init() {}

  package func first(_ name: HTTPFieldName) -> HTTPField? {
    for field in fields where field.id == name { return field }
    return nil
  }

  /// As after `init`, but `fields` keeps its capacity.
  mutating func reset() {
    // Taken out first: a second reference would make emptying it an allocation.
    var kept: [HTTPField] = []
    swap(&kept, &fields)
    kept.removeAll(keepingCapacity: true)
    self = HTTPHead()
    swap(&kept, &fields)
  }
}

/// Why bytes are no acceptable message.
package struct HTTPFault: Error, Equatable, Sendable {
  package enum Kind: String, CaseIterable, Sendable {
    case requestLine, statusLine, method, target, version
    case fieldName, fieldValue, bareCarriageReturn, bareLineFeed, fold, spaceBeforeColon
    case missingHost, secondHost
    case contentLength, secondContentLength, lengthAndCoding, transferCoding
    case chunkSize, chunkEnd, trailer
    case headTooLarge, tooManyFields, targetTooLong
  }

  package var kind: Kind
  /// Where in the bytes it was seen.
  package var offset: Int

  package init(kind: Kind, offset: Int) {
    self.kind = kind
    self.offset = offset
  }

  /// The status that a server answers with.
  package var status: Int {
    switch kind {
    case .headTooLarge, .tooManyFields: 431
    case .targetTooLong: 414
    case .transferCoding: 501
    case .version: 505
    default: 400
    }
  }

  package var label: String { kind.rawValue }
}

/// What a parser found so far.
package enum HTTPParse: Equatable, Sendable {
  case incomplete
  case head
  case invalid(HTTPFault)
}

extension Span<UInt8> {
  package func equals(_ text: StaticString, in range: Range<Int>) -> Bool {
    guard text.utf8CodeUnitCount == range.count else { return false }
    let start = text.utf8Start
    return extracting(range).withUnsafeBufferPointer { bytes in
      for index in 0..<bytes.count where unsafe start[index] != bytes[index] { return false }
      return true
    }
  }

  /// `text` must be in lower case.
  package func equalsIgnoringCase(_ text: StaticString, in range: Range<Int>) -> Bool {
    guard text.utf8CodeUnitCount == range.count else { return false }
    let start = text.utf8Start
    // The bounds are checked once, here, and not for each byte.
    return extracting(range).withUnsafeBufferPointer { bytes in
      var different: UInt8 = 0
      for index in 0..<bytes.count {
        different |= unsafe bytes[index].lowercase ^ start[index]
      }
      return different == 0
    }
  }

  /// `text` must be in lower case.
  package func equalsIgnoringCase(_ text: [UInt8], in range: Range<Int>) -> Bool {
    guard text.count == range.count else { return false }
    for index in 0..<text.count where self[range.lowerBound + index].lowercase != text[index] {
      return false
    }
    return true
  }

  package func equals(_ text: [UInt8], in range: Range<Int>) -> Bool {
    guard text.count == range.count else { return false }
    for index in 0..<text.count where self[range.lowerBound + index] != text[index] {
      return false
    }
    return true
  }

  /// The text of a range; bytes that are no UTF-8 are replaced.
  package func text(_ range: Range<Int>) -> String {
    extracting(range).withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) }
  }
}
