// SPDX-License-Identifier: Apache-2.0

/// Appending the parts of a message to a buffer that is used again and again.
///
/// Names and values that come from outside must have passed `isHTTPFieldValue`: a line break in
/// one would be a second field.
extension [UInt8] {
  package mutating func append(_ text: StaticString) {
    unsafe append(
      contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  package mutating func append(_ bytes: Span<UInt8>, _ range: Range<Int>) {
    bytes.extracting(range).withUnsafeBufferPointer { unsafe append(contentsOf: $0) }
  }

  package mutating func append(text: String) {
    append(contentsOf: text.utf8)
  }

  /// A number in decimal.
  package mutating func append(decimal number: Int) {
    precondition(number >= 0, "no negative numbers in HTTP: \(number)")
    var divisor = 1
    while number / divisor >= 10 { divisor *= 10 }
    while divisor > 0 {
      append(UInt8(0x30 + number / divisor % 10))
      divisor /= 10
    }
  }

  /// A number in hexadecimal, as a chunk's size.
  package mutating func append(hexadecimal number: Int) {
    append(contentsOf: String(number, radix: 16).utf8)
  }

  package mutating func appendRequestLine(_ method: StaticString, target: String) {
    append(method)
    append(0x20)
    append(text: target)
    append(" HTTP/1.1\r\n")
  }

  package mutating func appendStatusLine(_ status: Int, version: HTTPVersion = .http11) {
    append(version == .http11 ? "HTTP/1.1 " : "HTTP/1.0 ")
    append(decimal: status)
    append(0x20)
    append(httpReason(status))
    append("\r\n")
  }

  /// As Werkzeug writes it: `404 NOT FOUND`.
  package mutating func appendStatusLine(shouting status: Int) {
    append("HTTP/1.1 ")
    append(decimal: status)
    append(0x20)
    let start = count
    append(httpReason(status))
    for index in start..<count where self[index] >= 0x61 && self[index] <= 0x7A {
      self[index] -= 0x20
    }
    append("\r\n")
  }

  package mutating func appendField(_ name: StaticString, _ value: String) {
    append(name)
    append(": ")
    append(text: value)
    append("\r\n")
  }

  package mutating func appendField(_ name: StaticString, _ value: Int) {
    append(name)
    append(": ")
    append(decimal: value)
    append("\r\n")
  }

  package mutating func appendEndOfHead() {
    append("\r\n")
  }
}

extension String {
  /// Whether the text may stand as a field's value: visible ASCII, spaces and tabs, and bytes
  /// above ASCII (RFC 9110, 5.5), no line break.
  package var isHTTPFieldValue: Bool {
    utf8.allSatisfy(\.isFieldByte)
  }

  /// Whether the text is a field's name or a method (RFC 9110, 5.6.2).
  package var isHTTPToken: Bool {
    !isEmpty && utf8.allSatisfy(\.isTokenByte)
  }

  /// Whether the text may stand as a request target: visible ASCII.
  package var isHTTPTarget: Bool {
    !isEmpty && utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
  }
}

/// The reason phrases of RFC 9110, 15 and of the registry, for the statuses in use here.
package func httpReason(_ status: Int) -> StaticString {
  switch status {
  case 100: "Continue"
  case 101: "Switching Protocols"
  case 200: "OK"
  case 201: "Created"
  case 202: "Accepted"
  case 204: "No Content"
  case 300: "Multiple Choices"
  case 301: "Moved Permanently"
  case 302: "Found"
  case 303: "See Other"
  case 304: "Not Modified"
  case 307: "Temporary Redirect"
  case 308: "Permanent Redirect"
  case 400: "Bad Request"
  case 401: "Unauthorized"
  case 403: "Forbidden"
  case 404: "Not Found"
  case 405: "Method Not Allowed"
  case 408: "Request Time-out"
  case 409: "Conflict"
  case 410: "Gone"
  case 413: "Payload Too Large"
  case 414: "URI Too Long"
  case 415: "Unsupported Media Type"
  case 429: "Too Many Requests"
  case 431: "Request Header Fields Too Large"
  case 500: "Internal Server Error"
  case 501: "Not Implemented"
  case 502: "Bad Gateway"
  case 503: "Service Unavailable"
  case 504: "Gateway Time-out"
  case 505: "HTTP Version Not Supported"
  default: "Unknown"
  }
}
