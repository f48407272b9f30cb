// SPDX-License-Identifier: Apache-2.0
import FalseworkHTTP
import Testing

@Suite struct HTTPWriterTests {
  private func written(_ body: (inout [UInt8]) -> Void) -> String {
    var bytes: [UInt8] = []
    body(&bytes)
    return String(decoding: bytes, as: UTF8.self)
  }

  @Test(arguments: [0, 1, 9, 10, 99, 100, 114_688, 1_000_000_007, Int.max])
  func `numbers are written in full`(number: Int) {
    #expect(written { $0.append(decimal: number) } == String(number))
    #expect(written { $0.append(hexadecimal: number) } == String(number, radix: 16))
  }

  @Test func `a message is written line by line`() {
    let text = written {
      $0.appendRequestLine("POST", target: "/v3/auth/tokens")
      $0.appendField("Host", "k:5000")
      $0.appendField("Content-Length", 12)
      $0.appendEndOfHead()
    }
    #expect(text == "POST /v3/auth/tokens HTTP/1.1\r\nHost: k:5000\r\nContent-Length: 12\r\n\r\n")
    #expect(written { $0.appendStatusLine(503) } == "HTTP/1.1 503 Service Unavailable\r\n")
    #expect(written { $0.appendStatusLine(200, version: .http10) } == "HTTP/1.0 200 OK\r\n")
  }

  @Test(arguments: [
    100, 101, 200, 201, 202, 204, 300, 301, 302, 303, 304, 307, 308, 400, 401, 403, 404, 405, 408,
    409, 410, 413, 414, 415, 429, 431, 500, 501, 502, 503, 504, 505,
  ]) func `every status that is sent has a phrase`(status: Int) {
    #expect("\(httpReason(status))" != "Unknown")
    var parser = HTTPParser(kind: .response, limits: .haproxy)
    var head = HTTPHead()
    var bytes: [UInt8] = []
    bytes.appendStatusLine(status)
    bytes.appendEndOfHead()
    #expect(parser.parse(bytes.span, into: &head) == .head)
    #expect(head.status == status)
  }

  @Test func `HAProxy's phrases are kept where they are its own`() {
    #expect("\(httpReason(408))" == "Request Time-out")
    #expect("\(httpReason(504))" == "Gateway Time-out")
    #expect("\(httpReason(299))" == "Unknown")
  }

  @Test(arguments: [
    ("a b\tc", true), ("é", true), ("", true), ("a\r\nb", false), ("\u{0}", false),
    ("\u{7F}", false),
  ]) func `a value has no control bytes`(text: String, isValue: Bool) {
    #expect(text.isHTTPFieldValue == isValue)
  }

  @Test(arguments: [
    ("X-Auth_Token!", true), ("", false), ("a b", false), ("a:", false), ("é", false),
    ("a\r", false),
  ]) func `a name is a token`(text: String, isToken: Bool) {
    #expect(text.isHTTPToken == isToken)
  }

  @Test(arguments: [("/v3?a=b", true), ("", false), ("/a b", false), ("/é", false), ("/\r", false)])
  func `a target is visible ASCII`(text: String, isTarget: Bool) {
    #expect(text.isHTTPTarget == isTarget)
  }

  @Test func `every byte is a token's or not as RFC 9110 lists them`() {
    let listed = Set(
      "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8)
    for byte in 0...127 as ClosedRange<UInt8> {
      let text = String(UnicodeScalar(byte))
      #expect(text.isHTTPToken == listed.contains(byte))
    }
  }
}
