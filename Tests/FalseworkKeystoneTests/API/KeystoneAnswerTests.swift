// SPDX-License-Identifier: Apache-2.0
import FalseworkHTTP
import Testing

@testable import FalseworkKeystone

@Suite struct KeystoneAnswerTests {
  private func text(_ answer: KeystoneAnswer, head: Bool = false, close: Bool = false) -> String {
    var bytes: [UInt8] = []
    answer.append(to: &bytes, head: head, close: close)
    return String(decoding: bytes, as: UTF8.self)
  }

  @Test func `an answer is written with its length, its token and its fields`() {
    var answer = KeystoneAnswer(status: 201, operation: .authenticate, body: Array("{}".utf8))
    answer.subjectToken = "gAA"
    answer.fields = [.init(name: "Vary", value: "X-Auth-Token")]
    let head =
      "HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: 2\r\n"
      + "X-Subject-Token: gAA\r\nVary: X-Auth-Token\r\n"
    #expect(text(answer) == head + "\r\n{}")
    #expect(text(answer, head: true) == head + "\r\n")
    #expect(text(answer, close: true) == head + "Connection: close\r\n\r\n{}")
  }

  @Test func `204 has neither a length nor a body`() {
    let answer = KeystoneAnswer(
      status: 204, operation: .other, contentType: .none, body: Array("x".utf8))
    #expect(text(answer) == "HTTP/1.1 204 No Content\r\n\r\n")
  }

  @Test(arguments: [
    (KeystoneAnswer.ContentType.html, "text/html; charset=utf-8"),
    (.text, "text/plain; charset=UTF-8"), (.json, "application/json"),
  ]) func `each kind of body is called so`(type: KeystoneAnswer.ContentType, name: String) {
    let answer = KeystoneAnswer(status: 200, operation: .other, contentType: type)
    #expect(
      text(answer) == "HTTP/1.1 200 OK\r\nContent-Type: \(name)\r\nContent-Length: 0\r\n\r\n")
  }

  @Test func `every answer of a node is HTTP that the codec reads`() throws {
    var desk = Desk()
    let token = try desk.token()
    let answers = [
      desk.ask("GET /"), desk.ask("GET /v3"), desk.ask("GET /healthcheck"), desk.ask("GET /none"),
      desk.ask("PUT /v3"), desk.authenticate(Desk.login()), desk.authenticate("{"),
      desk.validate(token, by: token), desk.validate(token, by: nil),
      desk.validate("bad", by: token),
      desk.ask("DELETE /v3/auth/tokens", ["X-Auth-Token": token, "X-Subject-Token": token]),
    ]
    for answer in answers {
      var bytes: [UInt8] = []
      answer.append(to: &bytes, head: false, close: false)
      var parser = HTTPParser(kind: .response, limits: .haproxy)
      var head = HTTPHead()
      #expect(parser.parse(bytes.span, into: &head) == .head)
      #expect(head.status == answer.status && head.keepAlive)
      #expect(bytes.count - head.length == answer.body.count)
    }
  }

  @Test(arguments: [
    (KeystoneCall.versions, KeystoneOperation.discovery), (.version, .discovery),
    (.healthcheck(), .discovery), (.revoke(caller: nil, subject: nil), .other),
    (.catalog(caller: nil), .other), (.authSystem(caller: nil), .other),

    (.validate(caller: nil, subject: nil, catalog: true, allowExpired: false), .validate),
    (.answered(KeystoneAnswer(status: 400, operation: .authenticate)), .discovery),
  ]) func `a call costs what its kind of work costs`(
    call: KeystoneCall, operation: KeystoneOperation
  ) {
    #expect(call.operation == operation)
  }
}
