// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

@Suite struct LoadReadCommandTests {
  private static func path(_ name: String) -> String {
    FileManager.default.temporaryDirectory.appending(
      path: "falsework-\(UUID().uuidString)-\(name)"
    ).path
  }

  @Test func `a binary log of requests reads as the CSV of the same run`() async throws {
    let (binary, text) = (Self.path("log"), Self.path("log.csv"))
    let run = ["run", "specs/scenarios/kill-nine.yaml", "--world", "simulated", "--quiet"]
    _ = try await Program.run(run + ["--request-log", binary])
    _ = try await Program.run(run + ["--request-log", text])
    let read = try await Program.run(["load", "read", binary])
    #expect(read.code == 0)
    #expect(read.output == (try String(contentsOfFile: text, encoding: .utf8)))
    #expect(read.output.split(separator: "\n").count > 10)

    let whole = try Data(contentsOf: URL(filePath: binary))
    try whole.dropLast(2).write(to: URL(filePath: binary))
    let cut = try await Program.run(["load", "read", binary])
    #expect(cut.code == 7)
    #expect(cut.errors.contains("cut short after"))
    #expect(cut.output == read.output)
    for path in [binary, text] { try FileManager.default.removeItem(atPath: path) }
  }

  @Test func `what is no log, and what is not there, is said`() async throws {
    let other = try await Program.run(["load", "read", "README.md"])
    #expect((other.code, other.errors) == (7, "README.md: no log of requests of this program\n"))
    let none = try await Program.run(["load", "read", "/nowhere/log"])
    #expect(none.code == 7)
  }

  @Test func `a threshold missed ends the load early, with k6's code where it is asked for`()
    async throws
  {
    let node = try Program(["keystone", "--listen", "127.0.0.1:0"])
    let url = try #require(try await node.line())
    let load = try await Program.run([
      "load", "\(url)/projects", "--wait", "5ms", "--duration", "60s", "--quiet", "--threshold",
      "failures == 0", "--abort-on-fail", "--k6-exit-codes",
    ])
    #expect(load.code == 99)
    #expect(load.output.contains("Ended early: failures == 0, measured "))
    #expect(load.output.contains("Exit code 99."))
    node.signal(15)
    _ = try await node.end()
  }
}
