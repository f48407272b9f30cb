// SPDX-License-Identifier: Apache-2.0
import FalseworkScenario
import Foundation
import Testing

/// The knobs of `specs/rotation.md` are the keys that the reader takes.
@Suite struct RotationKnobsTests {
  @Test func `the page has every key of a rotation with its default`() throws {
    let page = try Sample.spec("rotation.md")
    let part = try #require(page.split(separator: "## Knobs\n").last)
    let rows = part.split(separator: "\n").drop { !$0.hasPrefix("|") }.prefix { $0.hasPrefix("|") }
    let knobs = rows.dropFirst(2).map { row in
      row.split(separator: "|").prefix(2).map { $0.trimmingCharacters(in: .whitespaces) }
    }
    let keys = ScenarioKey.keys(of: "rotation").map { ["`\($0.name)`", $0.standard] }
    #expect(knobs == keys)
  }
}
