// SPDX-License-Identifier: Apache-2.0
import FalseworkHTTP
import Testing

@testable import FalseworkLoad

@Suite struct RequestTemplateTests {
  private static func step(
    _ method: String = "GET", _ path: String = "/", headers: [(String, String)] = [],
    body: String = ""
  ) -> HTTPStep {
    HTTPStep(
      method: method, path: path,
      headers: headers.map { HTTPStep.Header(name: $0.0, value: $0.1) }, body: Array(body.utf8),
      expected: [])
  }

  private static func written(_ step: HTTPStep, _ values: [String?] = []) -> String {
    let template = RequestTemplate(step, common: [HTTPStep.Header(name: "host", value: "h")])
    var table = ValueTable()
    for value in values {
      table.append { bytes in
        bytes.append(contentsOf: (value ?? "").utf8)
        return value != nil
      }
    }
    var bytes: [UInt8] = []
    template.append(table, to: &bytes)
    return String(decoding: bytes, as: UTF8.self)
  }

  @Test func `values stand in the target, in fields and in the body, and its length is right`() {
    let step = Self.step(
      "POST", "/v3/users/${id}?a=${id}", headers: [("x-auth-token", "${token}")],
      body: #"{"name": "${name:json}"}"#)
    #expect(step.values == [.captured("id"), .token, .captured("name")])
    #expect(
      Self.written(step, ["7", "T", "a\"b"])
        == "POST /v3/users/7?a=7 HTTP/1.1\r\nhost: h\r\nx-auth-token: T\r\ncontent-length: 16\r\n"
        + "\r\n{\"name\": \"a\\\"b\"}")
  }

  @Test func `a field whose value is lacking is left out, and elsewhere it is nothing`() {
    let step = Self.step(
      "GET", "/a${b}c", headers: [("x-one", "1"), ("x-auth-token", "<${token}>"), ("x-two", "2")])
    #expect(
      Self.written(step, [nil, nil])
        == "GET /ac HTTP/1.1\r\nhost: h\r\nx-one: 1\r\nx-two: 2\r\n\r\n")
  }

  @Test func `a value cannot break out of its place`() {
    let step = Self.step("GET", "/${a}", headers: [("x", "${a}")])
    #expect(
      Self.written(step, ["b c\r\nd: e#"])
        == "GET /b%20c%0D%0Ad:%20e%23 HTTP/1.1\r\nhost: h\r\nx: b c  d: e#\r\n\r\n")
  }

  @Test(arguments: [
    ("url", "a/b c&ä", "a%2Fb%20c%26%C3%A4"), ("json", "a\"\\\n", "a\\\"\\\\\\u000A"),
  ])
  func `an escape fits the value into its place`(escape: String, value: String, written: String) {
    let step = Self.step("POST", "/", body: "${a:\(escape)}")
    #expect(
      Self.written(step, [value])
        == "POST / HTTP/1.1\r\nhost: h\r\ncontent-length: \(written.utf8.count)\r\n\r\n\(written)")
  }

  @Test func `a body that is no text is sent as it is`() {
    var step = Self.step("PUT")
    step.body = [0xFF, 0x00, 0xFE]
    let template = RequestTemplate(step, common: [])
    var bytes: [UInt8] = []
    template.append(ValueTable(), to: &bytes)
    #expect(bytes.suffix(3) == [0xFF, 0x00, 0xFE])
  }
}
