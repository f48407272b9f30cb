// SPDX-License-Identifier: Apache-2.0
import FalseworkHTTP
import Testing

@Suite struct HTTPBodyReaderTests {
  /// All data of a body, and the last step.
  private func read(_ framing: HTTPFraming, _ text: String) -> (String, HTTPBodyReader.Step) {
    let bytes = Array(text.utf8)
    var reader = HTTPBodyReader(framing)
    var data = ""
    var at = 0
    while true {
      let step = reader.read(bytes.span, from: at)
      guard case .payload(let range) = step else { return (data, step) }
      data += bytes.span.text(range)
      at = range.upperBound
    }
  }

  @Test func `no body is finished before its first byte`() {
    for framing in [HTTPFraming.none, .length(0)] {
      #expect(HTTPBodyReader(framing).isFinished)
      #expect(read(framing, "GET").1 == .finished(consumed: 0))
    }
  }

  @Test func `a length ends the body, and no sooner`() {
    let (data, step) = read(.length(5), "helloGET")
    #expect(data == "hello" && step == .finished(consumed: 5))
    let (half, waiting) = read(.length(5), "hel")
    #expect(half == "hel" && waiting == .needMore)
  }

  @Test func `a length that is read in part goes on where it stopped`() {
    var reader = HTTPBodyReader(.length(4))
    #expect(reader.read([0, 1, 2].span, from: 1) == .payload(1..<3))
    #expect(!reader.isFinished && !reader.mayEndByClose)
    #expect(reader.read([9, 9, 9].span, from: 0) == .payload(0..<2))
    #expect(reader.isFinished && reader.mayEndByClose)
    #expect(reader.read([9, 9, 9].span, from: 2) == .finished(consumed: 2))
  }

  @Test func `only the end of the stream ends the rest`() {
    for framing in [HTTPFraming.untilClose, .tunnel] {
      #expect(HTTPBodyReader(framing).mayEndByClose && !HTTPBodyReader(framing).isFinished)
      let (data, step) = read(framing, "all")
      #expect(data == "all" && step == .needMore)
    }
  }

  @Test(arguments: [
    ("0\r\n\r\nGET", "", 5), ("000\r\n\r\n", "", 7), ("5\r\nhello\r\n0\r\n\r\nGET", "hello", 15),
    ("1\r\na\r\n2\r\nbc\r\n0\r\n\r\n", "abc", 18),
    ("A\r\n0123456789\r\n0\r\n\r\n", "0123456789", 20),
    ("a\r\n0123456789\r\n0\r\n\r\n", "0123456789", 20),
    ("1;n\r\na\r\n0;n=v;m=\"q \\\" \t\u{E9}\"\r\n\r\n", "a", 30),
    ("1;a;b=c\r\na\r\n0\r\n\r\n", "a", 17),
    ("0\r\nA: b\r\nC:\r\n\r\n", "", 15),
  ]) func `chunks are taken together`(text: String, data: String, consumed: Int) {
    let (found, step) = read(.chunked, text)
    #expect(found == data)
    #expect(step == .finished(consumed: consumed))
  }

  @Test(arguments: [
    ("\r\n", HTTPFault.Kind.chunkSize, 0), ("g\r\n", .chunkSize, 0), ("-1\r\n", .chunkSize, 0),
    ("0x1\r\n", .chunkSize, 1), ("1 \r\n", .chunkSize, 1), ("1\n", .chunkSize, 1),
    ("1\rx", .chunkSize, 2),
    ("0000000000000001\r\n", .chunkSize, 15), ("1;\r\n", .chunkSize, 2),
    ("1;=v\r\n", .chunkSize, 2),
    ("1;n=\r\n", .chunkSize, 4), ("1; n\r\n", .chunkSize, 2), ("1;n =v\r\n", .chunkSize, 3),
    ("1;n=\"a\"b\r\n", .chunkSize, 7), ("1;n=\"\u{1}\"\r\n", .chunkSize, 5),
    ("1;n=\"\r\n", .chunkSize, 5),
    ("1;n=a\"\r\n", .chunkSize, 5), ("1;n\n", .chunkSize, 3),
    ("1\r\nab\r\n", .chunkEnd, 4), ("1\r\na\n", .chunkEnd, 4), ("1\r\na\rx", .chunkEnd, 5),
    ("0\r\n: a\r\n\r\n", .trailer, 3), ("0\r\n a: b\r\n\r\n", .trailer, 3),
    ("0\r\nA\r\n\r\n", .trailer, 4),
    ("0\r\nA : b\r\n", .trailer, 4), ("0\r\nA: b\n", .trailer, 7),
    ("0\r\nA: \u{7F}\r\n", .trailer, 6),
    ("0\r\nA: b\rx", .trailer, 8), ("0\r\n\rx", .trailer, 4), ("0\r\n\n", .trailer, 3),
  ]) func `what is no chunk is refused where it stands`(
    text: String, kind: HTTPFault.Kind, offset: Int
  ) {
    #expect(read(.chunked, text).1 == .invalid(HTTPFault(kind: kind, offset: offset)))
  }

  @Test func `extensions and trailers have a limit that is exact`() {
    func name(_ count: Int) -> String { String(repeating: "n", count: count) }
    func end(_ text: String) -> HTTPBodyReader.Step { read(.chunked, text).1 }
    // The line's end counts too.
    let taken = "0;" + name(255) + "\r\n\r\n"
    #expect(end(taken) == .finished(consumed: taken.utf8.count))
    #expect(end("0;" + name(256) + "\r\n\r\n") == .invalid(.init(kind: .chunkSize, offset: 258)))
    let twice = "1;" + name(255) + "\r\na\r\n" + taken
    #expect(end(twice) == .finished(consumed: twice.utf8.count))
    let trailers = "0\r\n" + name(4_094) + ":\r\n" + name(4_094) + ":\r\n\r\n"
    #expect(end(trailers) == .finished(consumed: trailers.utf8.count))
    #expect(
      end("0\r\n" + name(4_094) + ":\r\n" + name(4_095) + ":\r\n\r\n")
        == .invalid(.init(kind: .trailer, offset: 3 + 4_097 + 4_096)))
  }

  @Test func `a chunk of the greatest size is no overflow`() {
    let (data, step) = read(.chunked, "fffffffffffffff\r\nabc")
    #expect(data == "abc" && step == .needMore)
    #expect(!HTTPBodyReader(.chunked).mayEndByClose)
  }
}
