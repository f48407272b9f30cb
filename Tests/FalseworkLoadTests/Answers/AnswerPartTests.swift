// SPDX-License-Identifier: Apache-2.0
import FalseworkHTTP
import Testing

@testable import FalseworkLoad

@Suite struct AnswerPartTests {
  private static let wants = AnswerWants([.field("location"), .field("x-none"), .body])

  private static func text(_ content: AnswerContent, _ part: AnswerPart) -> String? {
    content.find(part, wants).map { String(decoding: content.bytes[$0.range], as: UTF8.self) }
  }

  @Test func `of an answer the wanted fields and the body are kept`() throws {
    let bytes = Array("HTTP/1.1 200 OK\r\nLocation: /a\r\nlocation: /b\r\n\r\n".utf8)
    var parser = HTTPParser(kind: .response, limits: .haproxy)
    var head = HTTPHead()
    #expect(parser.parse(bytes.span, requestMethod: .get, into: &head) == .head)
    var content = AnswerContent()
    for _ in 0..<2 {
      content.begin(Self.wants, head, bytes.span)
      content.append(body: Array("{\"a\":".utf8).span)
      content.append(body: Array(" 1}".utf8).span)
    }
    #expect(Self.text(content, .field("location")) == "/a")
    #expect(Self.text(content, .field("x-none")) == nil)
    #expect(Self.text(content, .body) == "{\"a\": 1}")
    #expect(Self.text(content, .json(try JSONPath(parsing: "a"))) == "1")
  }

  @Test func `fields at hand as text are the same`() {
    var content = AnswerContent()
    content.begin(Self.wants, fields: [(name: "LOCATION", value: "/a"), (name: "b", value: "c")])
    #expect(Self.text(content, .field("location")) == "/a")
    #expect(Self.text(content, .field("x-none")) == nil)
    #expect(Self.text(content, .body) == "")
  }

  @Test func `an answer of which nothing was kept has nothing`() {
    #expect(Self.text(AnswerContent(), .field("location")) == nil)
  }
}
