// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import FalseworkProxy

@Suite struct BytePatternTests {
  @Test(arguments: [
    ("^/v[23](/|$)", "/v3/auth", "0..<4 3..<4"), ("^/v[23](/|$)", "/v33", ""),
    ("a|bc|d", "xbcd", "1..<3"), ("(a+)(b*)", "aabx", "0..<3 0..<2 2..<3"),
    ("a{2,3}", "aaaa", "0..<3"), ("a{2}", "a", ""), ("a{2,3}?", "aaaa", "0..<2"),
    ("(?:ab)+c", "ababc", "0..<5"), ("[^/]+$", "/a/bc", "3..<5"),
    ("\\d+\\.\\d+", "v10.25x", "1..<6"),
    ("\\bkey\\b", "the key.", "4..<7"), ("\\bkey\\b", "monkey", ""), ("x*", "", "0..<0"),
    ("(a*)*b", "aaab", "0..<4 0..<3"), ("[a\\-]+", "x-a-", "1..<4"), ("[]a]+", "]a", "0..<2"),
    (".*\\?", "/a?b?c", "0..<5"), ("(.*?)\\?", "/a?b?c", "0..<3 0..<2"), ("a{b", "a{b", "0..<3"),
    ("\\s\\S", "a b", "1..<3"), ("(a)|(b)", "b", "0..<1 nil 0..<1"),
  ])
  func `a pattern matches as PCRE's does`(pattern: String, text: String, expected: String) throws {
    let groups = try BytePattern(pattern, ignoringCase: false).firstMatch(in: Array(text.utf8))
    let shown = groups.map { $0.map { $0.map { "\($0)" } ?? "nil" }.joined(separator: " ") } ?? ""
    #expect(shown == expected)
  }

  @Test func `case counts unless it is said not to`() throws {
    #expect(try BytePattern("^/V3", ignoringCase: false).firstMatch(in: Array("/v3".utf8)) == nil)
    #expect(
      try BytePattern("^/V[a-c]", ignoringCase: true).firstMatch(in: Array("/vB".utf8)) != nil)
  }

  @Test(arguments: ["(a", "a)", "[a", "*", "a**b(", "(?=a)", "[z-a]", "a{3,2}", "a\\", "^*"])
  func `what is no pattern is refused`(pattern: String) {
    #expect(throws: ConfigurationFault.self) { try BytePattern(pattern, ignoringCase: false) }
  }

  @Test func `a pattern that would go back for ever gives up`() throws {
    let bytes = Array(String(repeating: "a", count: 40).utf8) + [0x62]
    #expect(try BytePattern("^(a+)+$", ignoringCase: false).firstMatch(in: bytes) == nil)
  }

  @Test func `the replacement takes the groups and leaves the rest`() throws {
    let pattern = try BytePattern("/(\\w+)/(\\w+)", ignoringCase: false)
    let new = try #require(
      pattern.replacing(Array("x/a/b/c".utf8), with: Array("<\\2-\\1\\\\>".utf8)))
    #expect(String(decoding: new, as: UTF8.self) == "x<b-a\\>/c")
    #expect(pattern.replacing(Array("none".utf8), with: []) == nil)
  }
}
