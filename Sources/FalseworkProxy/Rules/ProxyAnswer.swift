// SPDX-License-Identifier: Apache-2.0
package import FalseworkHTTP

/// An answer of the proxy's own that a rule or a file makes.
package struct ProxyAnswer: Equatable, Sendable {
  package var status: Int
  package var reason: [UInt8]
  package var fields: [RequestMessage.Field]
  package var body: [UInt8]
  /// Of a page from a file, which may say so itself.
  package var isHTTP10 = false

  package init(
    status: Int, reason: [UInt8]? = nil, fields: [RequestMessage.Field], body: [UInt8]
  ) {
    self.status = status
    self.reason = reason ?? Self.reason(status)
    self.fields = fields
    self.body = body
  }

  /// As HAProxy 2.6 words them in what `http-request return` answers.
  package static func reason(_ status: Int) -> [UInt8] {
    let text: StaticString =
      switch status {
      case 406: "Not Acceptable"
      case 407: "Proxy Authentication Required"
      case 408: "Request Time-out"
      case 410: "Gone"
      case 411: "Length Required"
      case 412: "Precondition Failed"
      case 413: "Request Entity Too Large"
      case 414: "Request-URI Too Long"
      case 416: "Requested range unsatisfiable"
      case 417: "Expectation failed"
      case 418: "I'm a teapot"
      case 421: "Misdirected Request"
      case 422: "Unprocessable Content"
      case 423: "Locked"
      case 425: "Too Early"
      case 426: "Upgrade Required"
      case 428: "Precondition Required"
      case 431: "Request Header Fields Too Large"
      case 451: "Unavailable For Legal Reasons"
      case 499: "client has closed connection"
      case 502: "Bad Gateway or Proxy Error"
      case 504: "Gateway Time-out"
      case 505: "HTTP Version not supported"
      case 510: "Not extended"
      case 511: "Network authentication required"
      default: httpReason(status)
      }
    return Array("\(text)".utf8)
  }

  /// What `%B` counts.
  func loggedBytes(head: Bool) -> Int {
    fields.reduce(20 + 8 + 3 + reason.count + 1 + (head ? 0 : body.count)) {
      $0 + $1.name.count + $1.value.count
    }
  }

  /// The whole answer; the body of an answer to HEAD is left out.
  package func append(to output: inout [UInt8], head: Bool, close: Bool) {
    output.append(isHTTP10 ? "HTTP/1.0 " : "HTTP/1.1 ")
    output.append(decimal: status)
    output.append(0x20)
    output.append(contentsOf: reason)
    output.append("\r\n")
    for field in fields where field.name != Self.connection { Self.append(field, to: &output) }
    if close, !isHTTP10 { output.append("connection: close\r\n") }
    output.appendEndOfHead()
    if !head { output.append(contentsOf: body) }
  }

  private static let connection = Array("connection".utf8)

  /// A client cannot tell its end but by the connection's.
  var endsConnection: Bool {
    isHTTP10 || fields.contains { $0.name == Self.connection }
      || !fields.contains { $0.name == Array("content-length".utf8) }
  }

  static func append(_ field: RequestMessage.Field, to output: inout [UInt8]) {
    output.append(contentsOf: field.name)
    output.append(": ")
    output.append(contentsOf: field.value)
    output.append("\r\n")
  }
}

/// A response's head, for rules that look at it.
package struct ResponseMessage: Equatable, Sendable {
  package var status: Int
  package var reason: [UInt8]
  package var fields: [RequestMessage.Field]

  package init(status: Int, reason: [UInt8], fields: [RequestMessage.Field]) {
    self.status = status
    self.reason = reason
    self.fields = fields
  }

  /// - Parameter bytes: where the head's first byte is the first.
  package init(_ head: HTTPHead, _ bytes: Span<UInt8>) {
    status = head.status
    reason = head.reason.map { bytes[$0] }
    fields = head.fields.map { RequestMessage.Field($0, bytes) }
  }

  /// The head as a server would have sent it.
  package var bytes: [UInt8] {
    var output: [UInt8] = []
    output.append("HTTP/1.1 ")
    output.append(decimal: status)
    output.append(0x20)
    output.append(contentsOf: reason)
    output.append("\r\n")
    for field in fields { ProxyAnswer.append(field, to: &output) }
    output.append("\r\n")
    return output
  }
}
