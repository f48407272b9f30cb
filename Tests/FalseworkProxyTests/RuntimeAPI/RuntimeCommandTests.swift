// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

@testable import FalseworkProxy

@Suite struct RuntimeCommandTests {
  private static func page() throws -> String {
    let file = URL(filePath: #filePath).appending(path: "../../../../specs/runtime-api.md")
    return try String(contentsOf: file.standardized, encoding: .utf8)
  }

  @Test func `the page lists every command with its level, and no other`() throws {
    let rows = try Self.page().split(separator: "\n").filter { $0.hasPrefix("| `") }
    let page = rows.map { row in
      let cells = row.replacing("\\|", with: "/").split(separator: "|")
        .map { $0.trimmingCharacters(in: .whitespaces).replacing("`", with: "") }
      return "\(cells[0]): \(cells[2])"
    }
    let table = RuntimeCommand.allCases.map { "\($0.usage.words): \($0.level.name)" }
    #expect(page.sorted() == table.sorted())
  }

  @Test func `the page counts the conversations that were recorded`() throws {
    let file = URL(filePath: #filePath).appending(
      path: "../../../Interop/runtime-cases.txt")
    let cases = try String(contentsOf: file.standardized, encoding: .utf8)
    let count = cases.split(separator: "\n").count {
      $0.contains("> ") && !$0.hasPrefix("#") && $0.first!.isLetter
    }
    #expect(try Self.page().contains(" \(count) conversations"))
  }

  @Test(arguments: [
    ("show stat x y", RuntimeCommand.showStat), ("set maxconn global 3", .setMaxconnGlobal),
    ("set server be/n1 state", .setServer), ("quit", .quit),
  ]) func `a command is found by its first words`(line: String, command: RuntimeCommand) {
    #expect(RuntimeCommand.find(line.split(separator: " ").map(String.init)) == command)
  }

  @Test(arguments: ["", "show", "Show stat", "set maxconn", "show statx", "shutdown session x"])
  func `part of a command, or another case, is none`(line: String) {
    #expect(RuntimeCommand.find(line.split(separator: " ").map(String.init)) == nil)
  }
}
