// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import FalseworkLoad

@Suite struct JSONPathTests {
  private static let document = #"""
    {"a": {"b": [1, {"c": "deep"}, [true, null]], "x.y": -1.5e3}, "s": "q\"ü\n\\",
     "o": {"k": "}", "l": [ ]}, "": 0, "e\u0061": "ea", "a": 2, "pair": "\ud83d\ude00"}
    """#

  private static func found(_ path: String, in text: String = document) throws -> String? {
    let bytes = Array(text.utf8)
    switch try JSONPath(parsing: path).find(in: bytes.span, 0..<bytes.count) {
    case nil: return nil
    case .raw(let range): return String(decoding: bytes[range], as: UTF8.self)
    case .string(let range, let escaped):
      guard escaped else { return String(decoding: bytes[range], as: UTF8.self) }
      var plain: [UInt8] = []
      JSONScan.appendUnescaped(bytes.span, range, to: &plain)
      return String(decoding: plain, as: UTF8.self)
    }
  }

  @Test(arguments: [
    ("a.b[0]", "1"), ("$.a.b[1].c", "deep"), ("a.b[2][1]", "null"), ("a['x.y']", "-1.5e3"),
    ("a.b[2]", "[true, null]"), ("s", "q\"ü\n\\"), ("o", #"{"k": "}", "l": [ ]}"#),
    ("o.l", "[ ]"), ("ea", "ea"), ("a[\"b\"][2][0]", "true"), ("pair", "😀"), ("['']", "0"),
  ]) func `a path leads to its value`(path: String, value: String) throws {
    #expect(try Self.found(path) == value)
  }

  @Test func `without a step it is the whole document`() throws {
    #expect(try Self.found("$", in: " [1] ") == "[1]")
    #expect(try Self.found("$", in: "\"x\"") == "x")
  }

  @Test(arguments: ["z", "a.z", "a.b[3]", "a.b.c", "a[0]", "s.t", "o.l[0]"])
  func `where nothing stands there is nothing`(path: String) throws {
    #expect(try Self.found(path) == nil)
  }

  @Test(arguments: [
    "", "{", "{\"a\"", "{\"a\":", "{\"a\": \"b", "{\"a\": {\"b\": [1", "<html>",
    "{\"b\": tru\", \"a\": 1}",
    "{\"b\": , \"a\": 1}", "{a: 1}",
  ])
  func `what is no JSON on the way has nothing`(text: String) throws {
    #expect(try Self.found("a", in: text) == nil)
  }

  /// Every beginning of a document, so that a read past its end would be seen.
  @Test func `a document that breaks off anywhere does no harm`() throws {
    let bytes = Array(Self.document.utf8)
    for length in 0..<bytes.count {
      for path in ["a.b[1].c", "s", "pair", "zzz"] {
        _ = try JSONPath(parsing: path).find(in: bytes.span, 0..<length)
      }
    }
  }

  @Test(arguments: ["a..b", ".", "a.", "a[", "a[x]", "a[-1]", "a[+1]", "a[1", "[]"])
  func `what is no path is a problem`(text: String) {
    #expect(throws: JSONPath.Problem.self) { try JSONPath(parsing: text) }
  }
}
