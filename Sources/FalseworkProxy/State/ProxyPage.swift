// SPDX-License-Identifier: Apache-2.0
import FalseworkHTTP

/// An answer of the proxy's own, byte for byte as HAProxy 2.6 sends it.
package enum ProxyPage: Int, CaseIterable, Equatable, Sendable {
  case badRequest = 400
  case forbidden = 403
  case requestTimeout = 408
  case tooManyRequests = 429
  case internalError = 500
  case badGateway = 502
  case unavailable = 503
  case gatewayTimeout = 504

  package var status: Int { rawValue }

  private var title: StaticString {
    switch self {
    case .badRequest: "400 Bad request"
    case .forbidden: "403 Forbidden"
    case .requestTimeout: "408 Request Time-out"
    case .tooManyRequests: "429 Too Many Requests"
    case .internalError: "500 Internal Server Error"
    case .badGateway: "502 Bad Gateway"
    case .unavailable: "503 Service Unavailable"
    case .gatewayTimeout: "504 Gateway Time-out"
    }
  }

  private var sentence: StaticString {
    switch self {
    case .badRequest: "Your browser sent an invalid request."
    case .forbidden: "Request forbidden by administrative rules."
    case .requestTimeout: "Your browser didn't send a complete request in time."
    case .tooManyRequests: "You have sent too many requests in a given amount of time."
    case .internalError: "An internal server error occurred."
    case .badGateway: "The server returned an invalid or incomplete response."
    case .unavailable: "No server is available to handle this request."
    case .gatewayTimeout: "The server didn't respond in time."
    }
  }

  /// 400 and 408 answer what was no request: they go out raw, and end the connection.
  private var isRaw: Bool { self == .badRequest || self == .requestTimeout }

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
  package var loggedBytes: Int {
    if isRaw { return 0 }
    // 20 + version + status + reason + names and values + 1 + body.
    let reason = title.utf8CodeUnitCount - 4
    let body = self.body
    let fields =
      "content-length".utf8.count + String(body.count).utf8.count
      + "cache-controlno-cache".utf8.count
      + "content-typetext/html".utf8.count
    return 20 + 8 + 3 + reason + fields + 1 + body.count
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
