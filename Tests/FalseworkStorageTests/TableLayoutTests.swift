// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

@testable import FalseworkStorage

@Suite struct TableLayoutTests {
  @Test func `the page shows every table with its columns`() throws {
    let page = try String(
      contentsOf: URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../specs/storage.md"), encoding: .utf8)
    let rows = page.split(separator: "\n").filter { $0.hasPrefix("| `") }.map(String.init)
    #expect(
      rows
        == TableLayout.all.map { "| `\($0.name)` | \($0.columns.joined(separator: " ")) |" })
  }

  @Test func `a column's type says what is in it`() {
    #expect(TableLayout.type(of: "is_domain") == "BOOLEAN")
    #expect(TableLayout.type(of: "enabled") == "BOOLEAN")
    #expect(TableLayout.type(of: "expires_at") == "DATETIME")
    #expect(TableLayout.type(of: "resource_limit") == "INTEGER")
    #expect(TableLayout.type(of: "extra") == "TEXT")
  }
}
