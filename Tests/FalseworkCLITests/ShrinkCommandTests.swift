// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

@Suite struct ShrinkCommandTests {
  private static let options = [
    "specs/scenarios/first-upgrade.yaml", "--set", "duration=40s", "--set", "rotation.begin=5s",
  ]

  @Test func `what it writes runs by itself and still fails of the cause that is kept`()
    async throws
  {
    try await TemporaryDirectory.with { directory in
      let small = directory.file("small.yaml")
      let ending = try await Program.run(
        ["shrink"] + Self.options + ["--keep", "sent-to-zombie", "--out", small, "--runs", "25"])
      #expect(ending.code == 0)
      #expect(ending.errors.contains("sent-to-zombie"))
      let run = try await Program.run(["explain", small, "--no-remedies"])
      #expect(run.code == 1)
      #expect(run.output.contains("a zombie"))
      let text = String(decoding: try directory.read("small.yaml"), as: UTF8.self)
      #expect(text.split(separator: "\n").count < 60)
    }
  }

  @Test func `what does not fail so cannot be shrunk`() async throws {
    let ending = try await Program.run(["shrink"] + Self.options + ["--keep", "queue-timeout"])
    #expect(ending.code == 1)
    #expect(ending.errors.contains("nothing fails of queue-timeout with seed 1"))
    let wrong = try await Program.run(["shrink"] + Self.options + ["--keep", "bad-luck"])
    #expect(wrong.code == 2)
  }
}
