// SPDX-License-Identifier: Apache-2.0
import FalseworkHTTP

/// An answer of the proxy's own, byte for byte as HAProxy 2.6 sends it.
package enum ProxyPage: Int, CaseIterable, Equatable, Sendable {
  case ready = 200
  case badRequest = 400
  case unauthorized = 401
  case forbidden = 403
  case notFound = 404
  case methodNotAllowed = 405
  case proxyUnauthorized = 407
  case requestTimeout = 408
  case gone = 410
  case tooLarge = 413
  case misdirected = 421
  case unprocessable = 422
  case tooEarly = 425
  case tooManyRequests = 429
  case internalError = 500
  case notImplemented = 501
  case badGateway = 502
  case unavailable = 503
  case gatewayTimeout = 504

  package var status: Int { rawValue }

  private var title: StaticString {
    switch self {
    case .ready: "200 OK"
    case .badRequest: "400 Bad request"
    case .unauthorized: "401 Unauthorized"
    case .forbidden: "403 Forbidden"
    case .notFound: "404 Not Found"
    case .methodNotAllowed: "405 Method Not Allowed"
    case .proxyUnauthorized: "407 Unauthorized"
    case .requestTimeout: "408 Request Time-out"
    case .gone: "410 Gone"
    case .tooLarge: "413 Payload Too Large"
    case .misdirected: "421 Misdirected Request"
    case .unprocessable: "422 Unprocessable Content"
    case .tooEarly: "425 Too Early"
    case .tooManyRequests: "429 Too Many Requests"
    case .internalError: "500 Internal Server Error"
    case .notImplemented: "501 Not Implemented"
    case .badGateway: "502 Bad Gateway"
    case .unavailable: "503 Service Unavailable"
    case .gatewayTimeout: "504 Gateway Time-out"
    }
  }

  private var sentence: StaticString {
    switch self {
    case .ready: "Service ready."
    case .badRequest: "Your browser sent an invalid request."
    case .unauthorized, .proxyUnauthorized:
      "You need a valid user and password to access this content."
    case .forbidden: "Request forbidden by administrative rules."
    case .notFound: "The resource could not be found."
    case .methodNotAllowed:
      "A request was made of a resource using a request method not supported by that resource"
    case .gone: "The resource is no longer available and will not be available again."
    case .tooLarge: "The request entity exceeds the maximum allowed."
    case .misdirected: "Request sent to a non-authoritative server."
    case .unprocessable: "The server cannot process the contained instructions."
    case .tooEarly: "Your browser sent early data."
    case .requestTimeout: "Your browser didn't send a complete request in time."
    case .tooManyRequests: "You have sent too many requests in a given amount of time."
    case .internalError: "An internal server error occurred."
    // HAProxy 2.6 sends the full stop at the front.
    case .notImplemented:
      ".The server does not support the functionality required to fulfill the request."
    case .badGateway: "The server returned an invalid or incomplete response."
    case .unavailable: "No server is available to handle this request."
    case .gatewayTimeout: "The server didn't respond in time."
    }
  }

  /// 400 and 408 answer what was no request: they go out raw, and end the connection.
  var isRaw: Bool { self == .badRequest || self == .requestTimeout }

  private var body: [UInt8] {
    var body: [UInt8] = []
    body.append("<html><body><h1>")
    body.append(title)
    body.append("</h1>\n")
    body.append(sentence)
    body.append("\n</body></html>\n")
    return body
  }

  /// What `%B` counts: the size of HAProxy's internal message, not of the wire; nothing for the
  /// raw answers.
  package func loggedBytes(head: Bool) -> Int {
    if isRaw { return 0 }
    // 20 + version + status + reason + names and values + 1 + body.
    let reason = title.utf8CodeUnitCount - 4
    let body = self.body
    let fields =
      "content-length".utf8.count + String(body.count).utf8.count
      + "cache-controlno-cache".utf8.count
      + "content-typetext/html".utf8.count
    return 20 + 8 + 3 + reason + fields + 1 + (head ? 0 : body.count)
  }

  /// The same as an answer that rules may change.
  var answer: ProxyAnswer {
    func bytes(_ text: StaticString) -> [UInt8] { Array("\(text)".utf8) }
    let body = self.body
    return ProxyAnswer(
      status: status, reason: Array(bytes(title).dropFirst(4)),
      fields: [
        .init(name: bytes("content-length"), value: Array(String(body.count).utf8)),
        .init(name: bytes("cache-control"), value: bytes("no-cache")),
        .init(name: bytes("content-type"), value: bytes("text/html")),
      ] + (isRaw ? [.init(name: bytes("connection"), value: bytes("close"))] : []), body: body)
  }

  /// The whole answer.
  ///
  /// - Parameters:
  ///   - head: the request was a HEAD; the body is left out.
  ///   - close: says `connection: close`.
  package func append(to output: inout [UInt8], head: Bool, close: Bool) {
    let body = self.body
    output.append("HTTP/1.1 ")
    output.append(title)
    output.append("\r\n")
    if isRaw {
      output.appendField("Content-length", body.count)
      output.append(
        "Cache-Control: no-cache\r\nConnection: close\r\nContent-Type: text/html\r\n\r\n")
      output.append(contentsOf: body)
      return
    }
    output.appendField("content-length", body.count)
    output.append("cache-control: no-cache\r\ncontent-type: text/html\r\n")
    if close { output.append("connection: close\r\n") }
    output.appendEndOfHead()
    if !head { output.append(contentsOf: body) }
  }
}
