// SPDX-License-Identifier: Apache-2.0
import FalseworkHTTP
import Testing

@Suite struct HTTPTypesTests {
  @Test(arguments: HTTPFieldName.allCases)
  func `a field name is known in any case, and no other name is taken for it`(name: HTTPFieldName) {
    let text = "\(name.text)"
    for spelling in [text, text.uppercased(), text.prefix(1).uppercased() + text.dropFirst()]
    where name != .other {
      let bytes = Array(("x" + spelling + "x").utf8)
      #expect(HTTPFieldName(bytes.span, 1..<bytes.count - 1) == name)
      #expect(HTTPFieldName(bytes.span, 0..<bytes.count) == .other)
    }
    // One letter off, at each place.
    for place in text.utf8.indices {
      var bytes = Array(text.utf8)
      bytes[text.utf8.distance(from: text.startIndex, to: place)] = 0x7E
      #expect(HTTPFieldName(bytes.span, 0..<bytes.count) == .other)
    }
  }

  @Test(arguments: HTTPMethod.allCases) func `a method is known in capitals only`(
    method: HTTPMethod
  ) {
    guard let text = method.text.map({ "\($0)" }) else { return }
    let bytes = Array(text.utf8)
    #expect(HTTPMethod(bytes.span, 0..<bytes.count) == method)
    #expect(HTTPMethod(bytes.span, 1..<bytes.count) == .other)
    let lower = Array(text.lowercased().utf8)
    #expect(HTTPMethod(lower.span, 0..<lower.count) == .other)
    #expect(HTTPMethod(name: text) == method)
    #expect(HTTPMethod(name: text.lowercased()) == .other)
  }

  @Test func `text of a range keeps UTF-8 and replaces what is none`() {
    let bytes: [UInt8] = [0x78, 0xC3, 0xA9, 0xFF, 0x78]
    #expect(bytes.span.text(1..<3) == "é")
    #expect(bytes.span.text(3..<4) == "\u{FFFD}")
    #expect(bytes.span.text(2..<2) == "")
  }

  @Test func `comparing without case touches letters only`() {
    let bytes = Array("@[AZ".utf8)
    let same = bytes.span.equalsIgnoringCase("@[az", in: 0..<4)
    let lowered = bytes.span.equalsIgnoringCase("`{az", in: 0..<4)
    let shorter = bytes.span.equalsIgnoringCase("@[a", in: 0..<4)
    let other = bytes.span.equalsIgnoringCase("@[ab", in: 0..<4)
    #expect([same, lowered, shorter, other] == [true, false, false, false])
  }

  @Test func `the first field of a name is found`() throws {
    let bytes = Array("GET / HTTP/1.0\r\nVary: a\r\nAccept: 1\r\nvary: b\r\n\r\n".utf8)
    var parser = HTTPParser(kind: .request, limits: .haproxy)
    var head = HTTPHead()
    #expect(parser.parse(bytes.span, into: &head) == .head)
    #expect(bytes.span.text(try #require(head.first(.vary)).value) == "a")
    #expect(head.first(.host) == nil)
  }
}
