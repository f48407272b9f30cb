// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

@Suite struct AgreeCommandTests {
  private static let lab = "specs/lab/kill-u4.yaml"

  @Test func `what was measured is judged by the seeds, and the exit code says what came out`()
    async throws
  {
    try await TemporaryDirectory.with { directory in
      for (failures, code) in [(8, Int32(0)), (80, 1)] {
        try Data("scenario,run,failures\nkill-u4,a,\(failures)\n".utf8)
          .write(to: URL(filePath: directory.file("table.csv")))
        let ending = try await Program.run([
          "agree", Self.lab, "--measured", directory.file("table.csv"), "--seeds", "100",
          "--set", "duration=9s", "--set", "rotation.begin=2s",
        ])
        #expect(ending.code == code)
        #expect(ending.output.hasPrefix("kill-u4: 1 measured run beside 100 simulated\n"))
        #expect(ending.output.split(separator: "\n").filter { $0.count > 80 } == [])
      }
    }
  }

  @Test func `runs on sockets are judged the same way`() async throws {
    let ending = try await Program.run([
      "agree", "specs/scenarios/kill-nine.yaml", "--seeds", "5", "--time-scale", "20",
    ])
    // A busy machine may differ; five seeds have no band to differ from, but for what is never there.
    #expect([0, 1].contains(ending.code))
    #expect(ending.output.contains("\n  order of all of them"))
    #expect(ending.output.contains("\nRequests by server\n"))
  }

  @Test func `without runs it says what is predicted, and writes a section of a page`() async throws
  {
    try await TemporaryDirectory.with { directory in
      let page = directory.file("page.md")
      try Data("top\n<!-- begin x -->\n<!-- end x -->\nend\n".utf8).write(to: URL(filePath: page))
      let ending = try await Program.run([
        "agree", Self.lab, "--runs", "0", "--seeds", "3", "--set", "duration=3s",
        "--report", page, "--section", "x",
      ])
      #expect(ending.code == 0)
      let text = String(decoding: try directory.read("page.md"), as: UTF8.self)
      #expect(text.hasPrefix("top\n<!-- begin x -->\n\n### kill-u4\n"))
      #expect(text.hasSuffix("<!-- end x -->\nend\n"))
    }
  }

  private static let mistakes: [(String, Int32)] = [
    ("--seeds 0", 2), ("--section x", 2), ("--runs 1 --measured x.csv", 2),
    ("specs/lab/no.yaml", 3), ("--measured no.csv", 7), ("--measured specs/lab/lab.yaml", 3),
  ]

  @Test(arguments: mistakes)
  func `what is wrong is said with its code`(flags: String, code: Int32) async throws {
    let ending = try await Program.run(
      ["agree", Self.lab] + flags.split(separator: " ").map(String.init))
    #expect(ending.code == code)
    #expect(!ending.errors.isEmpty)
  }

  @Test func `the lab's table has runs of scenarios that are there`() throws {
    let table = try String(contentsOfFile: "specs/lab/measured.csv", encoding: .utf8)
    let names = Set(
      table.split(separator: "\n").dropFirst().map { String($0.prefix { $0 != "," }) })
    #expect(names.count > 15)
    for name in names {
      #expect(FileManager.default.fileExists(atPath: "specs/lab/\(name).yaml"), "\(name)")
    }
  }
}
