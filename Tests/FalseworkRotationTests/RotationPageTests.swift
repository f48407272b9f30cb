// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import Foundation
import Testing

@testable import FalseworkRotation

/// `specs/rotation.md` says what a rotation does.
@Suite struct RotationPageTests {
  /// The rows of the table that follows a heading, without its head: cells without backticks.
  static func table(under heading: String) throws -> [[String]] {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let page = try String(contentsOf: root.appending(path: "specs/rotation.md"), encoding: .utf8)
    let lines = page.split(separator: "\n", omittingEmptySubsequences: false)
    let start = try #require(lines.firstIndex { $0 == "## \(heading)" })
    let rows = lines[(start + 1)...].drop { !$0.hasPrefix("|") }.prefix { $0.hasPrefix("|") }
    try #require(rows.count > 2)
    return rows.dropFirst(2).map { row in
      row.dropFirst().dropLast().split(separator: "|", omittingEmptySubsequences: false).map {
        $0.trimmingCharacters(in: .whitespaces).replacing("`", with: "")
      }
    }
  }

  private static func run(
    _ strategy: RotationPlan.Strategy, signal: RotationPlan.Signal = .terminate
  ) -> RotationWorld {
    var plan = RotationPlan.plan(
      strategy, signal: signal, order: [0], wait: .fixed(.seconds(1)), awaitUp: true)
    if strategy == .ramp {
      plan.ramp = RotationPlan.Ramp(down: [0], up: [100], every: .seconds(1))
    }
    var world = RotationWorld(plan)
    world.run()
    return world
  }

  @Test func `the page names every strategy and what it sends`() throws {
    let rows = try Self.table(under: "Strategies")
    #expect(rows.map { $0[0] } == RotationPlan.Strategy.allCases.map(\.rawValue))
    for row in rows {
      let strategy = try #require(RotationPlan.Strategy(rawValue: row[0]))
      let signal = try #require(RotationPlan.Signal(rawValue: row[2]))
      let lines = [(row[1], "0%"), (row[3], "100%")].filter { $0.0 != "–" }.map { line, weight in
        line.replacing("BACKEND/SERVER", with: "keystone/k1").replacing("N%", with: weight)
      }
      let world = Self.run(strategy, signal: signal)
      #expect(world.commands.filter { $0 != "show stat" } == lines)
      #expect(world.stopped.map(\.signal) == [signal])
    }
  }

  @Test func `the page has every step of every strategy in its order`() throws {
    let rows = try Self.table(under: "Steps")
    for (column, strategy) in RotationPlan.Strategy.allCases.enumerated() {
      let expected = rows.filter { $0[column + 2] == "✓" }.map { $0[0] }
      let marks = Self.run(strategy).marks.filter { $0.node != nil }
        .map { $0.step.label.replacing(/weight \d+%/, with: "weight N%") }
      #expect(marks == expected, "\(strategy)")
    }
  }

  @Test func `the page has every reason to give up`() throws {
    let reasons = try Self.table(under: "Giving up").map { $0[1] }
    let seen = RotationAbortTests.cases.map { example in
      example.reason.replacing("k1", with: "NODE").replacing("30s", with: "PATIENCE")
        .replacing(/(refused for NODE: ).*/) { "\($0.output.1)TEXT" }
    }
    // A step for the cluster: `RotationStepTests` gives up both ways.
    let steps =
      ["TEXT", "a step took longer than PATIENCE"] + RotationGateTests.cases.map(\.page)
      + RotationRollbackTests.reasons
    #expect(Set(reasons) == Set(seen + steps))
    #expect(Set(reasons).count == reasons.count)
  }
}
