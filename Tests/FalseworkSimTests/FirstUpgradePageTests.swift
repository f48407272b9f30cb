// SPDX-License-Identifier: Apache-2.0
import FalseworkReport
import FalseworkScenario
import Foundation
import Testing

@testable import FalseworkSim

/// The tables of virtual time in specs/first-upgrade.md, and what the README shows of one.
struct FirstUpgradePageTests {
  private static func page(_ path: String) throws -> String {
    try String(
      contentsOf: ScenarioFiles.directory.appending(path: "../../" + path), encoding: .utf8)
  }

  /// The blocks of a page that begin with a command: the command in one line, and what it printed.
  private static func blocks(_ path: String) throws -> [(command: String, output: String)] {
    let parts = try page(path).components(separatedBy: "```")
    return parts.compactMap { part in
      guard part.hasPrefix("text\n$ falsework run ") else { return nil }
      let text = part.dropFirst("text\n$ ".count).replacing(/\\\n +/, with: "")
      let lines = text.split(separator: "\n", maxSplits: 1)
      return (String(lines[0]), String(lines[1]))
    }
  }

  private static func table(_ command: String) throws -> String {
    let words = command.split(separator: " ")
    let name = try #require(words.first { $0.hasSuffix(".yaml") }?.split(separator: "/").last)
    let overrides = command.components(separatedBy: " --set ").dropFirst().map {
      $0.trimmingCharacters(in: CharacterSet(charactersIn: "' "))
    }
    let scenario = try ScenarioFiles.read(String(name), overrides)
    let run = Simulation.result(
      of: scenario, options: Simulation.Options(seed: scenario.seed, traces: false),
      keeping: .everything, timeScale: 1, program: "falsework 0.1.0")
    return TerminalTable(run.result, width: 80, colours: false).text
  }

  @Test func `the page shows what the program prints`() throws {
    let simulated = try Self.blocks("specs/first-upgrade.md").filter {
      $0.command.contains("--world simulated")
    }
    #expect(simulated.count == 3)
    for (command, output) in simulated {
      let table = try Self.table(command)
      #expect(output == table, "\(command) prints now:\n\(table)")
    }
  }

  @Test func `the README shows lines of the page, in order`() throws {
    let shown = try #require(try Self.blocks("README.md").first)
    let whole = try #require(
      try Self.blocks("specs/first-upgrade.md").first { $0.command == shown.command })
    var rest = whole.output.split(separator: "\n", omittingEmptySubsequences: false)[...]
    for line in shown.output.split(separator: "\n") where line != "…" {
      let place = try #require(rest.firstIndex(of: line), "not on the page: \(line)")
      rest = rest[(place + 1)...]
    }
  }
}
