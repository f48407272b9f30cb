// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

@Suite struct ExplainCommandTests {
  /// The first upgrade with less time before and after it.
  private static let short = [
    "--set", "duration=40s", "--set", "rotation.begin=5s", "--seed", "1",
  ]
  private static let first = "specs/scenarios/first-upgrade.yaml"

  @Test func `a scenario is played, each cause told once, and what saves it verified`() async throws
  {
    let ending = try await Program.run(["explain", Self.first] + Self.short)
    #expect(ending.code == 1)
    #expect(ending.output.contains("\n1. "))
    #expect(ending.output.contains("Played again with it: 0 of "))
    #expect(ending.output.split(separator: "\n").filter { $0.count > 80 } == [])
  }

  @Test func `what run wrote is explained as the run itself`() async throws {
    try await TemporaryDirectory.with { directory in
      let out = directory.file("r")
      _ = try await Program.run(
        ["run", Self.first, "--world", "simulated", "--out", out, "--quiet"] + Self.short)
      let told = try await Program.run(["explain", out])
      let played = try await Program.run(["explain", Self.first] + Self.short)
      #expect(told.code == 1)
      let chains = { (text: String) in
        text.split(separator: "\n").filter { $0.contains("Request ") }.map { String($0) }
      }
      #expect(chains(told.output) == chains(played.output))
      #expect(told.output.contains("Smallest change that saves all: "))
      // The scenario that lies beside the result plays the same run.
      let again = try await Program.run([
        "run", out + "/scenario.yaml", "--world", "simulated", "--format", "json",
      ])
      let json = try directory.read("r/result.json")
      #expect(again.output == String(decoding: json, as: UTF8.self))
      // Without it nothing is looked for.
      try FileManager.default.removeItem(atPath: out + "/scenario.yaml")
      let alone = try await Program.run(["explain", out + "/result.json", "--all"])
      #expect(alone.output.contains("--scenario FILE"))
    }
  }

  @Test func `where nothing failed there is nothing to explain`() async throws {
    let ending = try await Program.run(
      ["explain", Self.first, "--set", "rotation.maint=1s"] + Self.short)
    #expect(ending.code == 0)
    #expect(ending.output.hasPrefix("first upgrade: simulated, seed 1. 0 of "))
  }

  @Test(arguments: [("no.yaml", Int32(3)), ("no.json", 7), ("specs/result.schema.json", 3)])
  func `what is no run is refused`(path: String, code: Int32) async throws {
    let ending = try await Program.run(["explain", path])
    #expect(ending.code == code)
    #expect(!ending.errors.isEmpty)
  }
}
