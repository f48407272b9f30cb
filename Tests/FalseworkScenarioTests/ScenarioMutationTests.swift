// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkScenario
import Testing

/// A file that somebody broke is refused with a reason or read: nothing traps.
@Suite struct ScenarioMutationTests {
  private static let pieces: [String] = [
    ":", " ", "\n", "- ", "{", "}", "[", "]", "\"", "'", "|", ">", "&a ", "*a", "!x ", "%", "#",
    "0",
    "-1", "99999999999999999999", "~", "true", "1s", "\t", "\u{0}", "\u{FFFD}", "é", "? ", "<<: ",
    "seed: 1\n", "  ", "null", "lognormal 0s p99 0s", "until", ",", "keystone1", "100%",
  ]

  @Test(arguments: 0..<6) func `of seed`(seed: UInt64) {
    var generator = SeededGenerator(seed: seed, stream: "mutations")
    for _ in 0..<60 {
      var text = Array([Sample.everything, Sample.sketch][Int(generator.below(2))].utf8)
      for _ in 0...generator.below(3) {
        let place = Int(generator.below(UInt64(text.count + 1)))
        let length = Int(generator.below(6))
        let end = min(text.count, place + length)
        switch generator.below(4) {
        case 0: text.removeSubrange(place..<end)
        case 1: text.insert(contentsOf: text[place..<end], at: place)
        case 2:
          let line = text[..<place].lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
          let next = text[place...].firstIndex(of: 0x0A).map { $0 + 1 } ?? text.count
          text.insert(contentsOf: text[line..<next], at: line)
        default:
          let piece = Self.pieces[Int(generator.below(UInt64(Self.pieces.count)))]
          text.replaceSubrange(place..<end, with: Array(piece.utf8))
        }
      }
      do {
        let scenario = try Sample.reader().read(text, file: "s.yaml")
        #expect(!scenario.cluster.nodes.isEmpty)
      } catch {
        #expect(
          !error.problems.isEmpty && error.problems.allSatisfy { !$0.found.isEmpty },
          "no reason: \(String(decoding: text, as: UTF8.self))")
      }
    }
  }
}
