// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import Foundation
import Testing

@testable import FalseworkKeystone

@Suite struct JSONValueTests {
  @Test(arguments: [
    ("{}", JSONValue.object([:])), (" [ ] ", .array([])), (#""""#, .string("")),
    ("0", .number("0")),
    ("-1.5e+10", .number("-1.5e+10")), ("1E5", .number("1E5")), ("true", .bool(true)),
    ("false", .bool(false)),
    ("\tnull\r\n", .null),
    (
      #"{"a": {"b": [1, "c", null]}}"#,
      .object(["a": .object(["b": .array([.number("1"), .string("c"), .null])])])
    ),
    (#"{"a": 1, "a": "b"}"#, .object(["a": .string("b")])),
    (#""\"\\\/\b\f\n\r\t""#, .string("\"\\/\u{8}\u{C}\n\r\t")),
    (#""\u00e9\u20AC\ud83d\ude00""#, .string("é€😀")), (#""é€😀""#, .string("é€😀")),
    (#""\ud83dx""#, .string("\u{FFFD}x")), (#""\ude00""#, .string("\u{FFFD}")),
    (#""\ud83d\u0041""#, .string("\u{FFFD}A")),
  ]) func `JSON is read`(text: String, value: JSONValue) {
    let bytes = Array(text.utf8)
    #expect(JSONValue(bytes.span) == value)
  }

  @Test(arguments: [
    "", " ", "{", "}", "[", "[1,]", "{,}", #"{"a"}"#, #"{"a":}"#, #"{"a": 1,}"#, "{a: 1}",
    "{'a': 1}",
    "[1 2]", "tru", "truex", "nul", "NaN", "Infinity", "01", "-", "1.", ".5", "1e", "+1", "1 2",
    "[] []",
    #""a"#, "\"a\nb\"", #""\x""#, #""\u12""#, #""\u12g4""#, #""\"#, "\"\u{1}\"", "// no\n{}",
  ]) func `what is no JSON is refused`(text: String) {
    let bytes = Array(text.utf8)
    #expect(JSONValue(bytes.span) == nil)
  }

  @Test func `bytes that are no UTF-8 are refused in texts and names`() {
    for bytes in [[0x22, 0xFF, 0x22], [0x7B, 0x22, 0xC3, 0x22, 0x3A, 0x31, 0x7D]] as [[UInt8]] {
      #expect(JSONValue(bytes.span) == nil)
    }
  }

  @Test func `nesting has a limit, and no depth ends the process`() {
    for open in ["[", #"{"a":"#] {
      let close = open == "[" ? "]" : "}"
      func nested(_ depth: Int) -> [UInt8] {
        Array(
          (String(repeating: open, count: depth) + "1" + String(repeating: close, count: depth))
            .utf8)
      }
      let deepest = nested(JSONValue.depthLimit)
      let deeper = nested(JSONValue.depthLimit + 1)
      let absurd = nested(100_000)
      #expect(JSONValue(deepest.span) != nil)
      #expect(JSONValue(deeper.span) == nil)
      #expect(JSONValue(absurd.span) == nil)
    }
  }

  @Test(arguments: 0..<10 as Range<UInt64>)
  func `mutants of a request are taken where Foundation takes them`(seed: UInt64) {
    var generator = SeededGenerator(seed: seed, stream: "json")
    let pieces = [
      "{", "}", "[", "]", "\"", ",", ":", "\\", "\\u00e9", "1", "-", ".", "e", "null", " ",
    ]
    for _ in 0..<300 {
      var bytes = Array(Desk.login().utf8)
      for _ in 0...generator.below(2) {
        let at = Int(generator.below(UInt64(bytes.count)))
        switch generator.below(3) {
        case 0: bytes.remove(at: at)
        case 1: bytes[at] = UInt8(0x20 + generator.below(0x5F))
        default:
          bytes.insert(contentsOf: pieces[Int(generator.below(UInt64(pieces.count)))].utf8, at: at)
        }
      }
      let taken =
        (try? JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed)) != nil
      let text = String(decoding: bytes, as: UTF8.self)
      // Foundation lets a comma stand before the end of a list, RFC 8259 and Python do not.
      let dangling = text.contains(/,\s*[\]}]/)
      #expect((JSONValue(bytes.span) != nil) == (taken && !dangling), "\(text)")
    }
  }
}
