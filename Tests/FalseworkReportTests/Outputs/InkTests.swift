// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import FalseworkReport

@Suite struct InkTests {
  @Test func `colours come only when they are asked for, and never around nothing`() {
    #expect(Ink(colours: false)("a", .red) == "a")
    #expect(Ink(colours: true)("a", .red) == "\u{1B}[31ma\u{1B}[0m")
    #expect(Ink(colours: true)("", .red) == "")
  }

  @Test(arguments: [
    ("abc", 5, "abc"), ("abcdef", 6, "abcdef"), ("abcdefgh", 6, "abc…gh"), ("abcdefgh", 2, "…h"),
    ("abcdefgh", 1, "a"), ("abc", 0, ""),
  ]) func `a long name loses its middle`(name: String, width: Int, text: String) {
    #expect(name.shortened(width) == text)
  }

  @Test func `what a terminal would obey is no longer there`() {
    #expect("a\u{1B}[31mb\nc\td\u{7F}e\u{9B}f".printable == "a [31mb c d e f")
    #expect("Grüße → ×".printable == "Grüße → ×")
  }

  @Test(
    arguments: [
      ([], 5, []), (["ab", "cd"], 5, ["ab cd"]), (["ab", "cd", "e"], 5, ["ab cd", "e"]),
      (["abcdefgh"], 5, ["abcde", "fgh"]), (["a", "bcdefgh", "i"], 5, ["a", "bcdef", "gh i"]),
    ] as [([String], Int, [String])]) func `pieces are broken into lines, and only then themselves`(
      pieces: [String], width: Int, lines: [String]
    )
  {
    #expect(wrapped(pieces, width: width) == lines)
  }
}
