// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import Foundation
import Testing

@Suite struct JSONWriterTests {
  private func written(_ style: JSONWriter.Style, _ body: (inout JSONWriter) -> Void) -> String {
    var json = JSONWriter(style)
    body(&json)
    return json.text
  }

  private func sample(_ json: inout JSONWriter) {
    json.object {
      $0.member("text", "a")
      $0.member("none", nil)
      $0.member("number", -5)
      $0.member("flag", true)
      $0.key("fixed")
      $0.number("1.50")
      $0.member("object") { $0.member("inner", 1) }
      $0.list("list") {
        $0.value("x")
        $0.value(false)
        $0.null()
        $0.object { _ in }
        $0.array { $0.value(Int64.min) }
      }
      $0.list("empty") { _ in }
    }
  }

  @Test func `the compact style has no spaces`() {
    #expect(
      written(.compact, sample)
        == #"{"text":"a","none":null,"number":-5,"flag":true,"fixed":1.50,"object":{"inner":1},"#
        + #""list":["x",false,null,{},[-9223372036854775808]],"empty":[]}"#)
  }

  @Test func `the spaced style is Python's`() {
    #expect(
      written(.spaced, sample)
        == #"{"text": "a", "none": null, "number": -5, "flag": true, "fixed": 1.50, "object": "#
        + #"{"inner": 1}, "list": ["x", false, null, {}, [-9223372036854775808]], "empty": []}"#)
  }

  @Test func `the indented style has a member a line`() {
    let text = written(.indented) {
      $0.object {
        $0.member("a", 1)
        $0.list("b") {
          $0.value("x")
          $0.object { $0.member("c", 2) }
        }
        $0.list("d") { _ in }
      }
    }
    #expect(
      text == """
        {
          "a": 1,
          "b": [
            "x",
            {
              "c": 2
            }
          ],
          "d": []
        }
        """)
  }

  @Test func `every character that JSON cannot hold is escaped, and comes back`() throws {
    let text = String((0...0x7F as ClosedRange<UInt8>).map { Character(UnicodeScalar($0)) }) + "é€😀"
    let json = written(.compact) { json in json.object { $0.member(text, text) } }
    #expect(json.utf8.allSatisfy { $0 >= 0x20 })
    let read = try JSONSerialization.jsonObject(with: Data(json.utf8))
    #expect(read as? [String: String] == [text: text])
    #expect(
      written(.compact) { $0.value("\u{1}\u{1F}\n\r\t\"\\/") } == #""\u0001\u001f\n\r\t\"\\/""#)
  }

  @Test func `JSON that was written before stands as one value`() {
    let inner = Array(#"{"a": 1}"#.utf8)
    let text = written(.spaced) { json in
      json.array {
        $0.raw(inner)
        $0.raw(inner)
        $0.value(1)
      }
    }
    #expect(text == #"[{"a": 1}, {"a": 1}, 1]"#)
  }

  @Test func `what is no plain number is a bug`() async {
    await #expect(processExitsWith: .failure) {
      var json = JSONWriter(.compact)
      json.number("NaN")
    }
  }
}
