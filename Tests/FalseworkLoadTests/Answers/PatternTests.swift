// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

@testable import FalseworkLoad

@Suite struct PatternTests {
  private static func found(_ pattern: String, _ text: String) throws -> String? {
    var scratch = Pattern.Scratch()
    let bytes = Array(text.utf8)
    let range = try Pattern(parsing: pattern).find(
      in: bytes.span, 0..<bytes.count, using: &scratch)
    return range.map { String(decoding: bytes[$0], as: UTF8.self) }
  }

  @Test(
    arguments: [
      ("b+", "aabbbc", "bbb"), ("id=\"([0-9a-f]+)\"", "x id=\"3f\" y", "3f"), ("^a", "ba", nil),
      ("a$", "ab a", "a"), ("a.c", "a\nc abc", "abc"), ("colou?r", "the color", "color"),
      ("(?:ab)+", "ababa", "abab"), ("a|bc|d", "xbcd", "bc"), ("<(.*?)>", "<a><b>", "a"),
      ("<(.*)>", "<a><b>", "a><b"), ("[^,]+", ",,x,y", "x"), ("\\d{3}", "12 345 6", "345"),
      ("a{2,3}", "aaaa", "aaa"), ("a{2,}?", "aaaa", "aa"), ("x{,2}", "x{,2}", "x{,2}"),
      ("\\bcat\\b", "concat cat", "cat"), ("(?i)ToKeN", "a tOkEn", "tOkEn"),
      ("[a-c-]+", "x-b-", "-b-"),
      ("[]]", "a]", "]"), ("(a*)*b", "aaab", "aaa"), ("()a", "a", ""), ("", "a", ""),
      ("(x)|y", "y", "y"), ("\\.", "a.b", "."), ("ü", "für", "ü"), ("[\\d\\s]+", "a1 2b", "1 2"),
      ("\\D+", "1ab2", "ab"), ("[^\\w]", "ab!c", "!"), ("a(?:b(c)|d)", "abd ad abc", "ad"),
    ] as [(String, String, String?)])
  func `a pattern finds its first group, or itself, at the leftmost place`(
    pattern: String, text: String, match: String?
  ) throws {
    #expect(try Self.found(pattern, text) == match)
  }

  /// `NSRegularExpression` as the oracle, over all short texts.
  @Test(arguments: [
    "a(b|c)*d", "(ab|a)(bc|c)?", "a+?b", "(?:a|ab)c?", "[ab]{1,2}c", "(a|b)*?c", "^(?:a?b?)*$",
    "\\b[ab]+\\b", "a*b*c*", "(a|bc)+d?",
  ]) func `it agrees with another matcher on every short text`(pattern: String) throws {
    let other = try NSRegularExpression(pattern: pattern)
    var texts = [""]
    for length in 0..<5 {
      texts += texts.filter { $0.count == length }.flatMap { text in
        ["a", "b", "c", "d", " "].map { text + $0 }
      }
    }
    for text in texts {
      let whole = NSRange(text.startIndex..., in: text)
      let expected = other.firstMatch(in: text, range: whole).map { match -> String in
        let group = match.numberOfRanges > 1 ? match.range(at: 1) : match.range
        let range = group.location == NSNotFound ? match.range : group
        return String(text[Range(range, in: text)!])
      }
      #expect(try Self.found(pattern, text) == expected, "\(pattern) on '\(text)'")
    }
  }

  @Test(arguments: [
    "(", ")", "a)", "[a", "a**", "*a", "(?<n>a)", "a{3,2}", "a{2000}", "\\", "\\1", "\\z", "[z-a]",
    "((a{1000}){1000}){1000}",
  ])
  func `what is no pattern is a problem`(text: String) {
    #expect(throws: Pattern.Problem.self) { try Pattern(parsing: text) }
  }

  @Test func `no pattern takes longer than its length times the text's`() throws {
    #expect(try Self.found("(a|a)*(a|a)*(a|a)*b", String(repeating: "a", count: 5_000)) == nil)
  }
}
