// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

@Suite struct LoadMergeCommandTests {
  private static func directory() -> String {
    FileManager.default.temporaryDirectory.appending(path: "falsework-\(UUID().uuidString)").path
  }

  private static func total(_ output: String) throws -> [String: Any] {
    let json = try JSONSerialization.jsonObject(with: Data(output.utf8))
    let result = try #require(json as? [String: Any])
    return try #require(result["total"] as? [String: Any])
  }

  @Test func `two parts make one result, with all requests of both`() async throws {
    let node = try Program(["keystone", "--listen", "127.0.0.1:0"])
    let url = try #require(try await node.line())
    let directory = Self.directory()
    var requests = 0
    for part in 1...2 {
      let load = try await Program.run([
        "load", url, "--rate", "100/s", "--duration", "300ms", "--parts", "\(part)/2",
        "--out", "\(directory)/\(part)", "--quiet", "--format", "json",
      ])
      #expect(load.code == 0)
      requests += try #require(try Self.total(load.output)["requests"] as? Int)
    }
    let parts = ["\(directory)/1", "\(directory)/2"]
    let merged = try await Program.run(
      ["load", "merge"] + parts + ["--format", "json", "--out", "\(directory)/whole", "--quiet"])
    #expect(merged.code == 0)
    #expect(try Self.total(merged.output)["requests"] as? Int == requests)
    #expect(requests > 2)
    // It is a result like any other: its own log merges again, alone as well.
    let again = try await Program.run([
      "load", "merge", "\(directory)/whole/requests.bin", "--format", "json",
    ])
    #expect(try Self.total(again.output)["requests"] as? Int == requests)
    let missed = try await Program.run(
      ["load", "merge"] + parts + ["--threshold", "requests < 2"])
    #expect(missed.code == 1)
    node.signal(15)
    _ = try await node.end()
    try FileManager.default.removeItem(atPath: directory)
  }

  @Test(arguments: [
    (["load", "merge", "/nowhere"], 7, "/nowhere/result.json: No such file or directory\n"),
    (["load", "merge", "README.md"], 7, "README.md: no log of requests of this program\n"),
    (
      ["load", "http://127.0.0.1:1", "--parts", "3/2"], 2,
      "--parts: found '3/2', expected I/N such as 2/4, N at most 1000\n"
    ),
    (
      ["load", "http://127.0.0.1:1", "--users", "2", "--parts", "3/3"], 2,
      "--parts 3/3: there are only 2 users\n"
    ),
  ])
  func `what is no part is said`(words: [String], code: Int32, errors: String) async throws {
    let run = try await Program.run(words)
    #expect(run.code == code)
    #expect(run.errors == errors)
  }
}
