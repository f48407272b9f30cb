// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import Testing

@Suite struct NearestWordTests {
  private static let words = ["rotation", "release", "duration", "drain", "seed"]

  @Test(arguments: [
    ("rotation", "rotation"), ("rotaton", "rotation"), ("rottaion", "rotation"),
    ("rotations", "rotation"),
    ("relaese", "release"), ("sede", "seed"), ("sed", "seed"), ("drian", "drain"),
    ("durtaion", "duration"),
  ]) func `a slip is put right`(word: String, expected: String) {
    #expect(nearestWord(to: word, among: Self.words) == expected)
  }

  @Test(arguments: ["", "x", "sd", "backend", "rotxyzon", "drxxn", "SEED"])
  func `what is too far from all of them is like none`(word: String) {
    #expect(nearestWord(to: word, among: Self.words) == nil)
  }

  @Test func `of several equals it is the first, and of none there is none`() {
    #expect(nearestWord(to: "bat", among: ["cat", "hat", "bar"]) == "cat")
    #expect(nearestWord(to: "bat", among: ["hat", "cat"]) == "hat")
    #expect(nearestWord(to: "bat", among: []) == nil)
  }

  @Test func `an exchange of neighbours is one slip, of letters further apart two`() {
    #expect(nearestWord(to: "abc", among: ["acb"]) == "acb")
    #expect(nearestWord(to: "abc", among: ["cba"]) == nil)
  }

  @Test func `a third of the letters may be wrong, and no more`() {
    #expect(nearestWord(to: "abcdefghi", among: ["abcdefxyz"]) == "abcdefxyz")
    #expect(nearestWord(to: "abcdefghi", among: ["abcdewxyz"]) == nil)
  }
}
