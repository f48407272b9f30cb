// SPDX-License-Identifier: Apache-2.0
import FalseworkHTTP
import Testing

@Suite struct HTTPSemanticsTests {
  private func head(
    _ text: String, _ kind: HTTPParser.Kind, answering method: HTTPMethod = .get
  ) throws(HTTPFault) -> HTTPHead {
    let bytes = Array(text.utf8)
    var parser = HTTPParser(kind: kind, limits: .haproxy)
    var head = HTTPHead()
    if case .invalid(let fault) = parser.parse(bytes.span, requestMethod: method, into: &head) {
      throw fault
    }
    return head
  }

  private func request(_ fields: String, version: String = "1.1") throws(HTTPFault) -> HTTPHead {
    try head("POST / HTTP/\(version)\r\nHost: a\r\n\(fields)\r\n", .request)
  }

  @Test(arguments: [
    ("", HTTPFraming.none), ("Content-Length: 0\r\n", .none), ("Content-Length: 5\r\n", .length(5)),
    ("content-length:005\r\n", .length(5)),
    ("Content-Length: 999999999999999999\r\n", .length(999_999_999_999_999_999)),
    ("Transfer-Encoding: chunked\r\n", .chunked), ("transfer-encoding: CHUNKED\r\n", .chunked),
  ]) func `a request's body is framed by its fields`(
    fields: String, framing: HTTPFraming
  ) throws {
    #expect(try request(fields).framing == framing)
  }

  @Test(arguments: [
    ("Content-Length:\r\n", HTTPFault.Kind.contentLength),
    ("Content-Length: -1\r\n", .contentLength),
    ("Content-Length: +1\r\n", .contentLength), ("Content-Length: 1, 1\r\n", .contentLength),
    ("Content-Length: 1 1\r\n", .contentLength), ("Content-Length: 0x1\r\n", .contentLength),
    ("Content-Length: 1000000000000000000\r\n", .contentLength),
    ("Content-Length: 1\r\nContent-Length: 1\r\n", .secondContentLength),
    ("Content-Length: 1\r\nTransfer-Encoding: chunked\r\n", .lengthAndCoding),
    ("Transfer-Encoding: chunked\r\nContent-Length: 1\r\n", .lengthAndCoding),
    ("Transfer-Encoding: gzip\r\n", .transferCoding), ("Transfer-Encoding:\r\n", .transferCoding),
    ("Transfer-Encoding: chunked, chunked\r\n", .transferCoding),
    ("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", .transferCoding),
    ("Transfer-Encoding: xchunked\r\n", .transferCoding),
  ]) func `framing that could be read in two ways is refused`(
    fields: String, kind: HTTPFault.Kind
  ) {
    let error = #expect(throws: HTTPFault.self) { try request(fields) }
    #expect(error?.kind == kind)
    let response = #expect(throws: HTTPFault.self) {
      try head("HTTP/1.1 200 OK\r\n\(fields)\r\n", .response)
    }
    #expect(response?.kind == kind)
  }

  @Test func `HTTP 1_0 knows no codings`() {
    let error = #expect(throws: HTTPFault.self) {
      try request("Transfer-Encoding: chunked\r\n", version: "1.0")
    }
    #expect(error?.kind == .transferCoding)
  }

  @Test(arguments: [
    (200, HTTPMethod.get, "", HTTPFraming.untilClose),
    (200, .get, "Content-Length: 3\r\n", .length(3)),
    (200, .get, "Content-Length: 0\r\n", .none),
    (200, .get, "Transfer-Encoding: chunked\r\n", .chunked),
    (200, .head, "Content-Length: 3\r\n", .none), (200, .head, "", .none),
    (200, .head, "Transfer-Encoding: chunked\r\n", .none),
    (100, .get, "Content-Length: 3\r\n", .none), (199, .get, "", .none), (204, .get, "", .none),
    (204, .get, "Transfer-Encoding: chunked\r\n", .none),
    (304, .get, "Content-Length: 9\r\n", .none),
    (101, .get, "", .tunnel), (200, .connect, "Content-Length: 3\r\n", .tunnel),
    (299, .connect, "", .tunnel),
    (300, .connect, "Content-Length: 3\r\n", .length(3)), (407, .connect, "", .untilClose),
  ]) func `a response's body is framed by its status, its request and its fields`(
    status: Int, method: HTTPMethod, fields: String, framing: HTTPFraming
  ) throws {
    let head = try head("HTTP/1.1 \(status) x\r\n\(fields)\r\n", .response, answering: method)
    #expect(head.framing == framing)
    #expect(head.keepAlive == (framing != .untilClose && framing != .tunnel))
  }

  @Test(arguments: [
    ("1.1", "", true), ("1.1", "Connection: close\r\n", false),
    ("1.1", "Connection: CLOSE\r\n", false), ("1.1", "Connection: x, \tclose ,\r\n", false),
    ("1.1", "Connection: closed\r\n", true),
    ("1.1", "Connection: x\r\nConnection: close\r\n", false),
    ("1.1", "Connection: keep-alive, close\r\n", false),
    ("1.0", "", false), ("1.0", "Connection: keep-alive\r\n", true),
    ("1.0", "Connection: Keep-Alive, close\r\n", false), ("1.0", "Connection: ,,\r\n", false),
  ]) func `version and Connection say whether the connection lives on`(
    version: String, fields: String, keepAlive: Bool
  ) throws {
    #expect(try request(fields, version: version).keepAlive == keepAlive)
  }

  @Test(arguments: [
    ("1.1", "Expect: 100-continue\r\n", true), ("1.1", "expect: 100-Continue\r\n", true),
    ("1.0", "Expect: 100-continue\r\n", false), ("1.1", "Expect: 200-ok\r\n", false),
    ("1.1", "", false),
  ]) func `only HTTP 1_1 may wait for 100`(version: String, fields: String, expects: Bool) throws {
    #expect(try request(fields, version: version).expectsContinue == expects)
  }
}
