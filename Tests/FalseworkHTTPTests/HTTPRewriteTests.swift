// SPDX-License-Identifier: Apache-2.0
import FalseworkHTTP
import Testing

@Suite struct HTTPRewriteTests {
  private func rewritten(
    _ text: String, _ kind: HTTPParser.Kind, _ connection: HTTPRewrite.Connection = .implied,
    forwardedFor: String? = nil
  ) -> String {
    let bytes = Array(text.utf8)
    var parser = HTTPParser(kind: kind, limits: .haproxy)
    var head = HTTPHead()
    #expect(parser.parse(bytes.span, into: &head) == .head)
    var output = Array("before|".utf8)
    switch kind {
    case .request:
      HTTPRewrite.appendRequest(
        head, bytes.span, connection: connection, forwardedFor: forwardedFor.map { Array($0.utf8) },
        to: &output)
    case .response:
      HTTPRewrite.appendResponse(head, bytes.span, connection: connection, to: &output)
    }
    let result = String(decoding: output, as: UTF8.self)
    #expect(result.hasPrefix("before|"))
    return String(result.dropFirst("before|".count))
  }

  @Test func `names come in lower case, values and order stay`() {
    #expect(
      rewritten(
        "GET /V3 HTTP/1.1\r\nHOST: K\r\nX-Auth-Token:ABC\r\nB:   d \t\r\nC:\r\nE: \r\nF:\tg\r\n\r\n",
        .request)
        == "GET /V3 HTTP/1.1\r\nhost: K\r\nx-auth-token: ABC\r\nb: d\r\nc: \r\ne: \r\nf: g\r\n\r\n")
    #expect(
      rewritten(
        "HTTP/1.1 201 Created\r\nX-Subject-Token: gAA\r\nContent-Length: 0\r\n\r\n", .response)
        == "HTTP/1.1 201 Created\r\nx-subject-token: gAA\r\ncontent-length: 0\r\n\r\n")
  }

  @Test func `a server sees the client's version, a client always HTTP 1_1`() {
    #expect(
      rewritten("GET / HTTP/1.0\r\nHost: k\r\n\r\n", .request)
        == "GET / HTTP/1.0\r\nhost: k\r\nconnection: keep-alive\r\n\r\n")
    #expect(
      rewritten("GET / HTTP/1.0\r\nHost: k\r\n\r\n", .request, .close)
        == "GET / HTTP/1.0\r\nhost: k\r\n\r\n")
    #expect(rewritten("HTTP/1.0 404\r\n\r\n", .response) == "HTTP/1.1 404 \r\n\r\n")
  }

  @Test(arguments: [
    (HTTPRewrite.Connection.implied, ""), (.keepAlive, "connection: keep-alive\r\n"),
    (.close, "connection: close\r\n"),
  ]) func `the connection speaks for itself`(connection: HTTPRewrite.Connection, line: String) {
    #expect(
      rewritten(
        "GET / HTTP/1.1\r\nConnection: close\r\nHost: k\r\nKeep-Alive: 5\r\nProxy-Connection: x\r\n\r\n",
        .request, connection) == "GET / HTTP/1.1\r\nhost: k\r\n\(line)\r\n")
  }

  @Test func `a field that Connection names is for one hop, but never one that frames`() {
    #expect(
      rewritten(
        "POST / HTTP/1.1\r\nHost: k\r\nConnection: X-One , HOST, content-length\r\nx-one: 1\r\n"
          + "X-Two: 2\r\nX-One-More: 3\r\nContent-Length: 1\r\n\r\n", .request)
        == "POST / HTTP/1.1\r\nhost: k\r\nx-two: 2\r\nx-one-more: 3\r\ncontent-length: 1\r\n\r\n")
  }

  @Test func `an upgrade is passed on if Connection names it`() {
    #expect(
      rewritten("GET / HTTP/1.1\r\nHost: k\r\nUpgrade: h2c\r\n\r\n", .request)
        == "GET / HTTP/1.1\r\nhost: k\r\n\r\n")
    #expect(
      rewritten(
        "GET / HTTP/1.1\r\nHost: k\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n", .request)
        == "GET / HTTP/1.1\r\nhost: k\r\nupgrade: echo\r\nconnection: upgrade\r\n\r\n")
    #expect(
      rewritten(
        "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\n",
        .response)
        == "HTTP/1.1 101 Switching Protocols\r\nupgrade: echo\r\nconnection: upgrade\r\n\r\n")
  }

  @Test func `a 204 loses the length of a body that it cannot have`() {
    #expect(
      rewritten("HTTP/1.1 204 No Content\r\nContent-Length: 3\r\n\r\n", .response)
        == "HTTP/1.1 204 No Content\r\n\r\n")
  }

  @Test func `the client's address is a field of its own after the others`() {
    #expect(
      rewritten(
        "GET / HTTP/1.1\r\nX-Forwarded-For: 10.0.0.1\r\nHost: k\r\n\r\n", .request, .close,
        forwardedFor: "10.0.0.2")
        == "GET / HTTP/1.1\r\nx-forwarded-for: 10.0.0.1\r\nhost: k\r\nx-forwarded-for: 10.0.0.2\r\n"
        + "connection: close\r\n\r\n")
  }
}
