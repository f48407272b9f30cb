// SPDX-License-Identifier: Apache-2.0
import FalseworkHTTP
import Testing

@Suite struct HTTPParserTests {
  private func parse(
    _ text: String, _ kind: HTTPParser.Kind = .request, limits: HTTPParser.Limits = .haproxy
  ) -> (HTTPParse, HTTPHead, [UInt8]) {
    let bytes = text.unicodeScalars.map { UInt8($0.value) }
    var parser = HTTPParser(kind: kind, limits: limits)
    var head = HTTPHead()
    return (parser.parse(bytes.span, into: &head), head, bytes)
  }

  private static func faults(
    _ text: String, _ kind: HTTPParser.Kind = .request, limits: HTTPParser.Limits = .haproxy
  ) -> HTTPFault? {
    let bytes = text.unicodeScalars.map { UInt8($0.value) }
    var parser = HTTPParser(kind: kind, limits: limits)
    var head = HTTPHead()
    if case .invalid(let fault) = parser.parse(bytes.span, into: &head) { return fault }
    return nil
  }

  @Test func `a request head is told by ranges into its bytes`() throws {
    let text =
      "\r\nGET /v3?a=b HTTP/1.1\r\nHost: k:5000\r\nX-Auth-Token:\t gAAA \t\r\nEmpty:\r\n\r\nrest"
    let (result, head, bytes) = parse(text)
    #expect(result == .head)
    let span = bytes.span
    #expect(head.method == .get && span.text(head.methodRange) == "GET")
    #expect(span.text(head.target) == "/v3?a=b")
    #expect(head.version == .http11)
    #expect(head.length == text.utf8.count - 4)
    #expect(head.fields.map(\.id) == [.host, .xAuthToken, .other])
    #expect(head.fields.map { span.text($0.name) } == ["Host", "X-Auth-Token", "Empty"])
    #expect(head.fields.map { span.text($0.value) } == ["k:5000", "gAAA", ""])
  }

  @Test func `a status line may lack its phrase, and the space before it`() {
    for (line, status, reason) in [
      ("HTTP/1.1 200 OK", 200, "OK"), ("HTTP/1.0 404", 404, ""), ("HTTP/1.1 503 ", 503, ""),
      ("HTTP/1.1 999 \u{E9} \t x", 999, "\u{FFFD} \t x"),
    ] {
      let (result, head, bytes) = parse(line + "\r\n\r\n", .response)
      #expect(result == .head)
      #expect(head.status == status)
      #expect(bytes.span.text(head.reason) == reason)
    }
  }

  @Test(arguments: [
    ("/ HTTP/1.1", HTTPFault.Kind.method, 0), ("G@T / HTTP/1.1", .method, 0),
    (" GET / HTTP/1.1", .method, 0), ("GET", .method, 0),
    ("\r\n\r\n\r\nGET / HTTP/1.1", .method, 4),
    ("GET  / HTTP/1.1", .target, 4), ("GET /\u{E9} HTTP/1.1", .target, 5), ("GET /", .target, 5),
    ("GET * HTTP/1.1", .target, 4), ("GET a HTTP/1.1", .target, 4),
    ("GET 1://a HTTP/1.1", .target, 4),
    ("GET http:/a HTTP/1.1", .target, 4), ("GET http:// HTTP/1.1", .target, 4),
    ("GET http:///a HTTP/1.1", .target, 4), ("GET http://a@b@c/ HTTP/1.1", .target, 4),
    ("GET /#a HTTP/1.1", .target, 4), ("GET http://a/#b HTTP/1.1", .target, 4),
    ("CONNECT /a HTTP/1.1", .target, 8), ("CONNECT a HTTP/1.1", .target, 8),
    ("CONNECT a: HTTP/1.1", .target, 8), ("CONNECT :1 HTTP/1.1", .target, 8),
    ("CONNECT u@a:1 HTTP/1.1", .target, 8),
    ("GET /  HTTP/1.1", .requestLine, 6), ("GET / HTTP/1.1 ", .requestLine, 6),
    ("GET / http/1.1", .requestLine, 6), ("GET / HTTP/1", .requestLine, 6),
    ("GET / HTTP/1.2", .version, 6), ("GET / HTTP/2.0", .version, 6),
    ("GET / HTTP/0.9", .version, 6),
    ("GET /\u{1} HTTP/1.1", .fieldValue, 5), ("GET /\u{7F} HTTP/1.1", .fieldValue, 5),
  ]) func `a bad request line is refused, and the place told`(
    line: String, kind: HTTPFault.Kind, offset: Int
  ) {
    #expect(
      Self.faults(line + "\r\nHost: a\r\n\r\n") == HTTPFault(kind: kind, offset: offset))
  }

  @Test(arguments: [
    "GET http://a HTTP/1.1", "GET http://u:p@[::1]:80/x?http://y HTTP/1.1",
    "GET h2+x.-://a?b HTTP/1.1", "OPTIONS * HTTP/1.1", "OPTIONS /a HTTP/1.1",
    "CONNECT a:443 HTTP/1.1", "CONNECT [::1]:443 HTTP/1.1", "M!#$%&'*+-.^_`|~9 / HTTP/1.1",
    "GET /\"<>\\^`{|}~ HTTP/1.1", "\r\n\r\nGET / HTTP/1.1",
  ]) func `a good request line is taken`(line: String) {
    #expect(parse(line + "\r\nHost: a\r\n\r\n").0 == .head)
  }

  @Test(arguments: [
    ("HTTP/1.1 20 OK", HTTPFault.Kind.statusLine), ("HTTP/1.1  200 OK", .statusLine),
    ("HTTP/1.1 200OK", .statusLine), ("HTTP/1.1 2000 OK", .statusLine), ("HTTP/1.1", .statusLine),
    ("HTTP/1.1 2x0 OK", .statusLine), ("HTTP/1.1 099 OK", .statusLine), ("", .statusLine),
    ("HTTP/2.0 200 OK", .version), ("ICAP/1.1 200 OK", .statusLine),
    ("HTTP/1.1 200 O\u{1}K", .fieldValue), ("HTTP/1.1 200 O\u{7F}K", .fieldValue),
  ]) func `a bad status line is refused`(line: String, kind: HTTPFault.Kind) {
    #expect(Self.faults(line + "\r\nA: b\r\n\r\n", .response)?.kind == kind)
  }

  @Test(arguments: [
    (": b\r\n", HTTPFault.Kind.fieldName), ("A\r\n", .fieldName), ("A@: b\r\n", .fieldName),
    ("A\u{E9}: b\r\n", .fieldName), ("A : b\r\n", .spaceBeforeColon),
    ("A\t: b\r\n", .spaceBeforeColon),
    (" a: b\r\n", .fold), ("\ta: b\r\n", .fold), ("A: b\n", .bareLineFeed), ("\n", .bareLineFeed),
    ("A: b\rc\r\n", .bareCarriageReturn), ("A: b\r\r\n", .bareCarriageReturn),
    ("A: \u{0}\r\n", .fieldValue), ("A: \u{1F}\r\n", .fieldValue), ("A: \u{7F}\r\n", .fieldValue),
  ]) func `a bad field line is refused`(line: String, kind: HTTPFault.Kind) {
    #expect(Self.faults("GET / HTTP/1.1\r\nHost: a\r\n" + line + "\r\n")?.kind == kind)
    #expect(Self.faults("HTTP/1.1 200 OK\r\n" + line + "\r\n", .response)?.kind == kind)
  }

  @Test func `of all bytes at all places only the allowed ones pass in a value`() {
    // Words of eight bytes are looked at together: every byte at every place of a word.
    for place in 0..<17 {
      for byte in 0...255 as ClosedRange<UInt8> {
        var bytes = Array("GET / HTTP/1.0\r\nA: 0123456789abcdefg\r\n\r\n".utf8)
        let at = 19 + place
        bytes[at] = byte
        var parser = HTTPParser(kind: .request, limits: .haproxy)
        var head = HTTPHead()
        let result = parser.parse(bytes.span, into: &head)
        if byte >= 0x20 && byte != 0x7F || byte == 0x09 {
          #expect(result == .head)
        } else {
          guard case .invalid(let fault) = result else {
            Issue.record("byte \(byte) at \(place)")
            continue
          }
          #expect(fault.offset == at)
        }
      }
    }
  }

  @Test(arguments: [
    ("GET / HTTP/1.1\r\n\r\n", HTTPFault.Kind.missingHost),
    ("GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", .secondHost),
    ("GET / HTTP/1.0\r\nHost: a\r\nhost: b\r\n\r\n", .secondHost),
  ]) func `a request has one host`(text: String, kind: HTTPFault.Kind) {
    #expect(Self.faults(text)?.kind == kind)
    #expect(parse("GET / HTTP/1.0\r\n\r\n").0 == .head)
  }

  @Test func `each limit is exact`() {
    let text = "GET /abc HTTP/1.1\r\nHost: a\r\nB: c\r\n\r\n"
    let size = text.utf8.count
    func fault(_ head: Int, _ fields: Int, _ target: Int) -> HTTPFault.Kind? {
      Self.faults(text, limits: .init(headBytes: head, fields: fields, targetBytes: target))?.kind
    }
    #expect(fault(size, 2, 4) == nil)
    #expect(fault(size - 1, 2, 4) == .headTooLarge)
    #expect(fault(size, 1, 4) == .tooManyFields)
    #expect(fault(size, 2, 3) == .targetTooLong)
    let unfinished = String(repeating: "x", count: 20)
    #expect(
      Self.faults(unfinished, limits: .init(headBytes: 20, fields: 2, targetBytes: 9))?.kind
        == .headTooLarge)
    #expect(
      Self.faults(unfinished, limits: .init(headBytes: 21, fields: 2, targetBytes: 9)) == nil)
  }

  @Test func `a parser is ready for the next message after a head and after a fault`() {
    var parser = HTTPParser(kind: .request, limits: .haproxy)
    var head = HTTPHead()
    let good = Array("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".utf8)
    let bad = Array("GET / HTTP/1.1\r\nHost a\r\n\r\n".utf8)
    let other = Array("POST /x HTTP/1.0\r\nContent-Length: 1\r\n\r\n".utf8)
    #expect(parser.parse(bad.span, into: &head) != .head)
    #expect(parser.parse(good.span, into: &head) == .head)
    let first = head
    #expect(parser.parse(other.span, into: &head) == .head)
    #expect(head.method == .post && head.fields.count == 1 && head.framing == .length(1))
    #expect(parser.parse(good.span, into: &head) == .head)
    #expect(head == first)
    #expect(parser.parse(good.span.extracting(0..<20), into: &head) == .incomplete)
    parser.reset()
    #expect(parser.parse(other.span, into: &head) == .head)
    #expect(head.method == .post)
  }
}
