// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkHTTP

/// A stream of messages with a few changes, most of which break it.
struct Mutant {
  let kind: HTTPParser.Kind
  let requestMethod: HTTPMethod
  private(set) var bytes: [UInt8]

  static let requests = [
    "GET / HTTP/1.1\r\nHost: k\r\n\r\n",
    "HEAD / HTTP/1.0\r\n\r\n",
    "GET /v3/auth/tokens?nocatalog HTTP/1.1\r\nHost: k:5000\r\nX-Auth-Token: gAAAAABZ\r\n"
      + "X-Subject-Token: gAAAAABZ\r\nConnection: keep-alive\r\n\r\n",
    "POST /v3/auth/tokens HTTP/1.1\r\nHost: k\r\nContent-Type: application/json\r\n"
      + "Content-Length: 12\r\n\r\n{\"auth\": {}}",
    "POST / HTTP/1.1\r\nHost: k\r\nTransfer-Encoding: chunked\r\n\r\n"
      + "5\r\nhello\r\na;n=v;q=\"1 2\"\r\n0123456789\r\n0\r\nX-Sum: 1\r\n\r\n",
    "GET http://k:5000/v3?a=b HTTP/1.1\r\nHost: k:5000\r\n\r\n",
    "OPTIONS * HTTP/1.1\r\nhost:k\r\naccept: */*\r\n\r\n",
    "DELETE /v3/auth/tokens HTTP/1.1\r\nHost: k\r\nConnection: close\r\nX-A:\r\nX-B: \t b \r\n\r\n",
  ]
  static let responses = [
    "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Type: application/json\r\n\r\n{}",
    "HTTP/1.1 201 Created\r\nX-Subject-Token: gAAAAABZ\r\nTransfer-Encoding: chunked\r\n\r\n"
      + "3\r\nabc\r\n0\r\n\r\n",
    "HTTP/1.1 204 No Content\r\nVary: X-Auth-Token\r\n\r\n",
    "HTTP/1.1 304 Not Modified\r\nContent-Length: 20\r\n\r\n",
    "HTTP/1.1 100 Continue\r\n\r\n",
    "HTTP/1.1 401\r\nWWW-Authenticate: Keystone uri=\"http://k/v3\"\r\nContent-Length: 0\r\n\r\n",
    "HTTP/1.0 300 Multiple Choices\r\nContent-Length: 3\r\nConnection: keep-alive\r\n\r\nabc",
  ]
  private static let pieces: [String] = [
    "\r\n", "\r", "\n", "\r\n\r\n", " ", "\t", ":", ";", ",", "=", "\"", "0", "1", "f", "-", "+",
    "/", "?", "#", "%", "*", "@", "\u{0}", "\u{7F}", "\u{1}", "HTTP/1.1", "HTTP/1.0", "HTTP/2.0",
    "chunked", "identity", "Content-Length: 3\r\n", "Content-Length: 0\r\n", "Host: other\r\n",
    "Transfer-Encoding: chunked\r\n", "Transfer-Encoding: gzip, chunked\r\n",
    "Connection: close\r\n",
    "Upgrade: h2c\r\n", "Connection: upgrade\r\n", "0\r\n\r\n", "X-A: b\r\n", " folded\r\n",
    "CONNECT", "GET", "OPTIONS", "http://", "http://k", "999999999999999999999",
  ]

  init(using generator: inout SeededGenerator) {
    kind = generator.below(2) == 0 ? .request : .response
    requestMethod = generator.below(4) == 0 ? .head : .get
    let texts = kind == .request ? Self.requests : Self.responses
    bytes = []
    for _ in 0...generator.below(2) {
      bytes += texts[Int(generator.below(UInt64(texts.count)))].utf8
    }
    for _ in 0..<generator.below(4) { change(using: &generator) }
    // A head without an end says nothing yet. After a request an empty line is nothing.
    let run = CodecRun(bytes, kind, requestMethod: requestMethod)
    var waits = kind == .request
    if case .incomplete(let messageAt)? = run.events.last, messageAt < bytes.count { waits = true }
    if waits { bytes += "\r\n\r\n".utf8 }
  }

  private mutating func change(using generator: inout SeededGenerator) {
    guard !bytes.isEmpty else { return }
    let at = Int(generator.below(UInt64(bytes.count)))
    let end = min(bytes.count, at + 1 + Int(generator.below(12)))
    switch generator.below(7) {
    case 0: bytes[at] = UInt8(generator.below(256))
    case 1: bytes.remove(at: at)
    case 2: bytes[at] ^= 1 << UInt8(generator.below(8))
    case 3: bytes.removeSubrange(at..<end)
    case 4: bytes.insert(contentsOf: bytes[at..<end], at: end)
    default:
      // Half of them where a line begins, so that whole fields come and go.
      let starts = bytes.indices.filter { $0 > 1 && bytes[$0 - 1] == 0x0A }
      let place =
        generator.below(2) == 0 && !starts.isEmpty
        ? starts[Int(generator.below(UInt64(starts.count)))] : at
      let piece = Self.pieces[Int(generator.below(UInt64(Self.pieces.count)))]
      bytes.insert(contentsOf: piece.utf8, at: place)
    }
  }
}
