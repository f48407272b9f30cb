// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkHTTP
import Foundation
import Testing

/// NIO's parser is the oracle: what the two read differently must be on a list.
@Suite struct ParserOracleTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var disagreement: Disagreement?
    var kind: HTTPParser.Kind
    var text: String
    var testDescription: String { "\(disagreement.map { "\($0)" } ?? "agreed"): \(text)" }

    init(_ disagreement: Disagreement?, _ kind: HTTPParser.Kind, _ text: String) {
      self.disagreement = disagreement
      self.kind = kind
      self.text = text
    }
  }

  /// At least one stream for each entry of the list.
  static let disagreements: [Case] = [
    Case(.missingHost, .request, "GET / HTTP/1.1\r\n\r\n"),
    Case(.secondHost, .request, "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n"),
    Case(.spaces, .request, "GET  / HTTP/1.1\r\nHost: a\r\n\r\n"),
    Case(.spaces, .request, "GET /  HTTP/1.1\r\nHost: a\r\n\r\n"),
    Case(.asterisk, .request, "GET * HTTP/1.1\r\nHost: a\r\n\r\n"),
    Case(.authority, .request, "GET http:// HTTP/1.1\r\nHost: a\r\n\r\n"),
    Case(.authority, .request, "GET http://a@b@c/ HTTP/1.1\r\nHost: a\r\n\r\n"),
    Case(.authority, .request, "CONNECT /a HTTP/1.1\r\nHost: a\r\n\r\n"),
    Case(.authority, .request, "CONNECT a HTTP/1.1\r\nHost: a\r\n\r\n"),
    Case(.fragment, .request, "GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n"),
    Case(.emptyLines, .request, "\r\n\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"),
    Case(.emptyLines, .request, "\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"),
    Case(.emptyLines, .response, "\r\nHTTP/1.1 200 OK\r\n\r\n"),
    Case(
      .longLength, .request,
      "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 0000000000000000002\r\n\r\nab"),
    Case(
      .transferCoding, .request,
      "GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"),
    Case(
      .transferCoding, .request, "GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    Case(.transferCoding, .response, "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nab"),
    Case(
      .chunkExtension, .response,
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;=v\r\na\r\n0\r\n\r\n"),
    Case(
      .chunkExtension, .response,
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;n=v\"w\"\r\na\r\n0\r\n\r\n"),
    Case(
      .longChunkSize, .response,
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0000000000000000\r\n\r\n"),
    Case(.lowStatus, .response, "HTTP/1.1 099 OK\r\n\r\n"),
    Case(.reasonControl, .response, "HTTP/1.1 200 O\u{7F}K\r\n\r\n"),
    Case(
      .limits, .request,
      "GET / HTTP/1.1\r\nHost: a\r\n" + String(repeating: "A: b\r\n", count: 101) + "\r\n"),
    Case(
      .limits, .request,
      "GET / HTTP/1.1\r\nHost: a\r\nA: " + String(repeating: "b", count: 16_384) + "\r\n\r\n"),
    Case(
      .limits, .request,
      "GET /" + String(repeating: "b", count: 8_192) + " HTTP/1.1\r\nHost: a\r\n\r\n"),
    Case(.unknownMethod, .request, "LEND / HTTP/1.1\r\nHost: a\r\n\r\n"),
    Case(.unknownMethod, .request, "get / HTTP/1.1\r\nHost: a\r\n\r\n"),
    Case(.scheme, .request, "GET h2+x://a/ HTTP/1.1\r\nHost: a\r\n\r\n"),
    Case(.trailingTab, .request, "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\t\r\n\r\na"),
    Case(
      .afterClose, .request,
      "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"),
    Case(
      .trailerField, .request,
      "GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nContent-Length: 5\r\n\r\n"
    ),
    Case(.tunnel, .request, "CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\nbytes"),
    Case(.tunnel, .response, "HTTP/1.1 101 Switching Protocols\r\n\r\nbytes"),
  ]

  /// What both take or both refuse.
  static let agreed: [Case] =
    Mutant.requests.map { Case(nil, .request, $0) }
    + Mutant.responses.map { Case(nil, .response, $0) }
    + [
      "GET / HTTP/1.1\nHost: a\n\n", "GET / HTTP/1.1\r\nHost: a\n\r\n",
      "GET / HTTP/1.1\r\nHost: a\rb\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\n b\r\n\r\n",
      "GET / HTTP/1.1\r\nHost : a\r\n\r\n", "GET / HTTP/1.1\r\n: a\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: a\r\nX: a\u{1}b\r\n\r\n", "GET /\u{E9} HTTP/1.1\r\nHost: a\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: a\r\nX: \u{E9}\r\n\r\n", "GET / HTTP/1.1 \r\nHost: a\r\n\r\n",
      "GET / HTTP/2.0\r\nHost: a\r\n\r\n", "GET / http/1.1\r\nHost: a\r\n\r\n",
      "GET http://a<b/ HTTP/1.1\r\nHost: a\r\n\r\n", "GET a HTTP/1.1\r\nHost: a\r\n\r\n",
      "GET http://u:p@[::1]:80?a/b HTTP/1.1\r\nHost: a\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\nx",
      "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: +1\r\n\r\nx",
      "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1, 1\r\n\r\nx",
      "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1 \r\na\r\n0\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1;\r\na\r\n0\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1; a\r\na\r\n0\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1;a=\"b\"c\r\na\r\n0\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n0\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\na\r\n0\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nA\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nA: b\n\r\n",
    ].map { Case(nil, .request, $0) }
    + [
      "HTTP/1.1 20 OK\r\n\r\n", "HTTP/1.1  200 OK\r\n\r\n", "HTTP/1.1 200OK\r\n\r\n",
      "HTTP/1.1 2000 OK\r\n\r\n", "HTTP/1.1 200 OK\nA: b\n\n", "HTTP/2.0 200 OK\r\n\r\n",
      "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      "HTTP/1.1 204 No Content\r\nContent-Length: 2\r\n\r\nHTTP/1.1 200 OK\r\n\r\nx",
      "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
      "HTTP/1.1 200 OK\r\nHost: a\r\nHost: b\r\nContent-Length: 0\r\n\r\n",
    ].map { Case(nil, .response, $0) }

  private func disagreement(
    _ bytes: [UInt8], _ kind: HTTPParser.Kind, _ method: HTTPMethod = .get
  ) throws -> Disagreement? {
    let ours = StreamReading(bytes, kind, requestMethod: method)
    let oracle = try StreamReading.oracle(bytes, kind, requestMethod: method)
    do {
      return try Disagreement.between(ours, oracle, bytes, kind).get()
    } catch {
      Issue.record(
        """
        message \(error.index) of \(String(decoding: bytes, as: UTF8.self).debugDescription):
        codec \(ours)
        oracle \(oracle)
        """)
      return nil
    }
  }

  @Test(arguments: agreed + disagreements)
  func `a stream is read as the oracle reads it, or differently for the reason on the list`(
    stream: Case
  ) throws {
    let bytes = stream.text.unicodeScalars.map { UInt8($0.value) }
    #expect(try disagreement(bytes, stream.kind) == stream.disagreement)
  }

  @Test(arguments: [HTTPMethod.get, .head, .post])
  func `a response is framed as the oracle frames it, whatever it answers`(
    method: HTTPMethod
  ) throws {
    for text in Mutant.responses {
      let end = try #require(text.firstRange(of: "\r\n\r\n")).upperBound
      let stream = method == .head ? text[..<end] + text[..<end] : text[...]
      #expect(try disagreement(Array(stream.utf8), .response, method) == nil)
    }
  }

  @Test(arguments: 0..<20 as Range<UInt64>)
  func `nothing but the list explains how mutants are read`(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed, stream: "mutants")
    var agreed = 0
    for _ in 0..<1_000 {
      let mutant = Mutant(using: &generator)
      if try disagreement(mutant.bytes, mutant.kind, mutant.requestMethod) == nil { agreed += 1 }
    }
    // Most of what is tried must be something on which the two can be compared.
    #expect(agreed > 800)
  }

  @Test func `the page on the codec lists the same reasons`() throws {
    let page = try Page.load("http-codec.md")
    #expect(
      page.table(after: "## Where it differs from llhttp") == Disagreement.allCases.map(\.rawValue))
    let seen = Set(Self.disagreements.compactMap(\.disagreement))
    #expect(seen == Set(Disagreement.allCases))
  }

  @Test func `the page on the codec lists every fault with its status`() throws {
    let page = try Page.load("http-codec.md")
    #expect(page.table(after: "## Faults") == HTTPFault.Kind.allCases.map(\.rawValue))
    let statuses = page.table(after: "## Faults", column: 1)
    #expect(
      statuses == HTTPFault.Kind.allCases.map { "\(HTTPFault(kind: $0, offset: 0).status)" })
  }
}

/// A page of `specs/`.
struct Page {
  let lines: [Substring]

  static func load(_ name: String) throws -> Page {
    let file = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../../specs/\(name)")
    return Page(lines: try String(contentsOf: file, encoding: .utf8).split(separator: "\n"))
  }

  /// One column of the first table after a heading, without its head and without backquotes.
  func table(after heading: String, column: Int = 0) -> [String] {
    lines.drop { $0 != heading }.drop { !$0.hasPrefix("|") }.prefix { $0.hasPrefix("|") }
      .dropFirst(2)
      .map { row in
        let cells = row.split(separator: "|").map { $0.filter { $0 != "`" } }
        return cells[column].trimmingCharacters(in: .whitespaces)
      }
  }
}
