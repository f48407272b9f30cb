// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkLoad
import Testing

@testable import FalseworkScenario

/// `specs/load.md` says what the program does.
@Suite struct LoadPageTests {
  private static func page() throws -> String { try Sample.spec("load.md") }

  /// The first column of the table with this head.
  private static func column(_ head: String) throws -> [String] {
    let lines = try page().split(separator: "\n", omittingEmptySubsequences: false)
    let start = try #require(lines.firstIndex { $0.hasPrefix("| \(head) |") })
    return lines[(start + 2)...].prefix { $0.hasPrefix("|") }.map { line in
      line.split(separator: "|")[0].filter { $0 != "`" }.split(separator: " ").joined(
        separator: " ")
    }
  }

  @Test func `its examples read`() throws {
    let blocks = ScenarioPageTests.blocks(try Self.page()).filter { $0.info == "yaml" }
    #expect(blocks.count >= 2)
    for block in blocks {
      _ = try Sample.reader().readLoad(Array(block.text.utf8), file: "f.yaml", overrides: [])
    }
  }

  @Test func `its values are those that need no capture`() throws {
    #expect(try Self.column("value") == JourneyValue.ready.map(\.name))
  }

  @Test func `its stages read`() throws {
    for stage in try Self.column("stage") {
      #expect(ArrivalSchedule.stages(parsing: stage, after: .forever) != nil, "\(stage)")
    }
  }

  @Test func `its connections are all there are`() throws {
    #expect(
      try Self.column("`connections`") == LoadPlan.Connections.allCases.map(\.rawValue))
  }

  @Test func `its conditions and timeouts are keys`() throws {
    for condition in try Self.column("condition") {
      #expect(ScenarioKey.key(condition, of: "load.tasks[].steps[].check[]") != nil)
    }
    for key in try Self.column("key") where !key.contains(":") {
      for name in key.split(separator: ", ") {
        #expect(ScenarioKey.key(String(name), of: "load") != nil, "\(name)")
      }
    }
  }
}
