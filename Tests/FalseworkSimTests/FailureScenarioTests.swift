// SPDX-License-Identifier: Apache-2.0
import FalseworkReport
import FalseworkScenario
import Foundation
import Testing

@testable import FalseworkSim

/// `specs/failures`: each way in which a mix of nodes breaks, and its remedy.
@Suite struct FailureScenarioTests {
  struct Row: Sendable, CustomTestStringConvertible {
    var entry: String
    /// Without `.yaml`.
    var scenario: String
    /// Labels of verdicts; every failure has one of them, and the first is among them.
    var kinds: [String]
    var message: String?

    var testDescription: String { scenario }
  }

  static let directory = ScenarioFiles.directory.deletingLastPathComponent()
    .appending(path: "failures")

  private static let cells: [[String]] = {
    let page =
      (try? String(contentsOf: directory.appending(path: "README.md"), encoding: .utf8)) ?? ""
    return page.split(separator: "\n").filter { $0.hasPrefix("| F") }.map { line in
      line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
    }
  }()

  static let rows: [Row] = cells.filter { $0.count == 5 }.map { cells in
    let file = cells[2].split(separator: "(").dropFirst().first?.split(separator: ")").first ?? ""
    return Row(
      entry: cells[0], scenario: String(file).replacing(".yaml", with: ""),
      kinds: cells[3].components(separatedBy: ", "), message: cells[4] == "–" ? nil : cells[4])
  }

  private static func scenario(_ name: String) throws -> Scenario {
    try ScenarioReader.files.read(
      directory.appending(path: name + ".yaml").path(), overrides: [])
  }

  @Test func `the index has all 43 entries, shown or with the reason why not`() {
    let entries = Set(Self.cells.map { $0[0] })
    #expect(entries == Set((1...43).map { "F\($0)" }))
  }

  @Test func `every scenario of the directory is in the index`() throws {
    let files = try FileManager.default.contentsOfDirectory(atPath: Self.directory.path())
    let named = Self.rows.flatMap { [$0.scenario + ".yaml", $0.scenario + "-remedy.yaml"] }
    #expect(Set(files.filter { $0.hasSuffix(".yaml") }) == Set(named))
  }

  @Test(arguments: rows) func `it fails as the index says`(row: Row) throws {
    let (result, trace) = ScenarioFiles.run(try Self.scenario(row.scenario), seed: 1, traces: true)
    let kinds = Set(result.causes.flatMap { $0.seen.map(\.verdict) })
    #expect(result.total.failures > 0)
    #expect(kinds.contains(row.kinds[0]), "\(kinds)")
    #expect(kinds.subtracting(row.kinds).isEmpty, "\(kinds)")
    if let message = row.message {
      #expect(trace.lines.contains { $0.contains(message) })
    }
    #expect(result.causes.allSatisfy { $0.cause.kind != .unknown })
  }

  @Test(arguments: rows) func `its remedy loses nothing`(row: Row) throws {
    let scenario = try Self.scenario(row.scenario + "-remedy")
    let (result, _) = ScenarioFiles.run(scenario, seed: 1)
    #expect(result.total.requests > 0)
    #expect(result.total.failures == 0, "\(result.causes.first.map { "\($0)" } ?? "")")
    #expect(result.verdict == .held)
  }
}
