// SPDX-License-Identifier: Apache-2.0
import FalseworkKeystone
import Foundation
import Testing

@Suite struct ManageVerbTests {
  private static func word(_ verb: ManageVerb) throws -> String {
    func name(_ number: Int) throws -> String {
      try #require(Release.all.first { $0.number == number }).name.capitalized
    }
    let life = verb.life
    if let first = life.first { return "from \(try name(first))" }
    if let last = life.last { return "up to \(try name(last))" }
    return "all"
  }

  @Test func `the page lists every command with its releases`() throws {
    let page = try String(
      contentsOf: URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../../specs/keystone-manage.md"), encoding: .utf8)
    let rows = page.split(separator: "\n").filter { $0.hasPrefix("| `") }
      .map { row in
        row.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
      }
      .filter { $0.count == 3 }
    var listed: [String: String] = [:]
    for row in rows { listed[row[0].replacing("`", with: "")] = row[1] }
    var expected: [String: String] = [:]
    for verb in ManageVerb.allCases { expected[verb.rawValue] = try Self.word(verb) }
    #expect(listed == expected)
  }

  @Test(arguments: [
    (ManageVerb.tokenFlush, "rocky", true), (.tokenFlush, "stein", false),
    (.tokenSetup, "queens", false), (.tokenSetup, "rocky", true), (.bootstrap, "liberty", false),
    (.doctor, "newton", true), (.fernetSetup, "kilo", true),
  ]) func `a release has a command or has it not`(
    verb: ManageVerb, release: String, exists: Bool
  ) throws {
    #expect(verb.exists(in: try #require(Release(named: release))) == exists)
  }
}
