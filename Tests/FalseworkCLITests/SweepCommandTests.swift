// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

@Suite struct SweepCommandTests {
  private static let sweep = [
    "sweep", "specs/scenarios/kill-nine.yaml", "--vary", "rotation.settle=0s,1s", "--vary",
    "proxy.fall=1...3", "--seeds", "2", "--quiet",
  ]

  private func contents(_ directory: String) throws -> [String: Data] {
    var files: [String: Data] = [:]
    for name in try FileManager.default.contentsOfDirectory(atPath: directory) {
      files[name] = try Data(contentsOf: URL(filePath: directory + "/" + name))
    }
    return files
  }

  @Test func `it prints a table, and the same bytes whatever the number of jobs`() async throws {
    let one = try await Program.run(Self.sweep + ["--jobs", "1"])
    let four = try await Program.run(Self.sweep + ["--jobs", "4"])
    #expect(one.code == 0)
    #expect(one == four)
    #expect(one.errors == "")
    let lines = one.output.split(separator: "\n")
    #expect(lines.first == "specs/scenarios/kill-nine.yaml: 6 variants × 2 seeds")
    #expect(lines.filter { $0.count > 80 } == [])
  }

  @Test func `a sweep that was interrupted goes on where it was`() async throws {
    try await TemporaryDirectory.with { directory in
      let whole = directory.file("whole")
      _ = try await Program.run(Self.sweep + ["-o", whole])
      let expected = try contents(whole)
      #expect(expected.keys.sorted().count == 6)

      let broken = directory.file("broken")
      try FileManager.default.createDirectory(
        atPath: broken, withIntermediateDirectories: true)
      try expected["plan.txt"]!.write(to: URL(filePath: broken + "/plan.txt"))
      // Four runs, of which the first is told apart by a figure that no run has, and half a line.
      let text = String(decoding: expected["runs.csv"]!, as: UTF8.self)
      let lines = text.split(separator: "\n")
      var marked = lines[1].split(separator: ",", omittingEmptySubsequences: false)
      marked[4] = "123456"
      let kept = [lines[0], marked.joined(separator: ",")[...]] + lines[2...4]
      try (kept.map { $0 + "\n" }.joined() + lines[5].prefix(20)).write(
        toFile: broken + "/runs.csv", atomically: true, encoding: .utf8)
      let ending = try await Program.run(Self.sweep + ["-o", broken])
      #expect(ending.code == 0)
      let again = String(decoding: try contents(broken)["runs.csv"]!, as: UTF8.self)
      // It was not played again; all others are as they were.
      #expect(again.split(separator: "\n")[1] == marked.joined(separator: ",")[...])
      #expect(again.split(separator: "\n").dropFirst(2) == lines.dropFirst(2))
    }
  }

  @Test func `shards put together are the whole, byte for byte`() async throws {
    try await TemporaryDirectory.with { directory in
      let whole = directory.file("whole")
      let first = try await Program.run(Self.sweep + ["-o", whole])
      var parts: [String] = []
      for index in 1...3 {
        parts.append(directory.file("part\(index)"))
        let ending = try await Program.run(
          Self.sweep + ["-o", parts[index - 1], "--shard", "\(index)/3"])
        #expect(ending.code == 0)
        #expect(ending.output == "")
      }
      let early = try await Program.run(
        ["sweep", "merge"] + parts.dropLast() + ["-o", directory.file("early")])
      #expect(early.code == 7)
      #expect(early.errors.contains("4 of 12 runs are missing"))
      let merged = try await Program.run(
        ["sweep", "merge"] + parts + ["-o", directory.file("merged"), "--quiet"])
      #expect(merged.code == 0)
      #expect(merged.output == first.output)
      #expect(try contents(directory.file("merged")) == contents(whole))
    }
  }

  @Test func `a directory of another sweep is left alone, and more seeds go on in it`() async throws
  {
    try await TemporaryDirectory.with { directory in
      let path = directory.file("s")
      let base = ["sweep", "specs/scenarios/kill-nine.yaml", "--quiet", "-o", path]
      #expect(try await Program.run(base + ["--seeds", "2"]).code == 0)
      let more = try await Program.run(base + ["--seeds", "3"])
      #expect(more.code == 0)
      #expect(more.output.contains("/3 "))
      let other = try await Program.run(base + ["--seeds", "3", "--set", "rotation.settle=5s"])
      #expect(other.code == 2)
      #expect(other.errors.contains("holds another sweep: it has other values of --set"))
      let fewer = try await Program.run(base + ["--seeds", "2"])
      #expect(fewer.code == 2)
      #expect(fewer.errors.contains("found the seed 3; this sweep has 1...2"))
    }
  }

  @Test func `what is wrong with any variant is told before anything is played`() async throws {
    let ending = try await Program.run([
      "sweep", "specs/scenarios/first-upgrade.yaml", "--vary", "rotation.drian=1s,2s", "--vary",
      "proxy.inter=1s,1x",
    ])
    #expect(ending.code == 3)
    #expect(ending.output == "")
    #expect(
      ending.errors.contains("--vary proxy.inter: found '1x', expected a duration such as"))
    #expect(ending.errors.contains("--vary rotation.drian: found the key 'drian'"))
    #expect(ending.errors.contains("did you mean 'drain'?"))
    #expect(ending.errors.split(separator: "\n").count == 2)
  }

  @Test(arguments: [
    (["--vary", "rotation.drain=0s...2s"], "needs a step"),
    (["--vary", "a=1", "--vary", "a=2"], "--vary a comes twice"),
    (["--seeds", "0"], "--seeds takes a whole number from 1 on"),
    (["--shard", "3/2", "-o", "x"], "--shard takes I/N"),
    (["--shard", "1/2"], "--shard needs -o"),
    (["--jobs", "0"], "--jobs takes a whole number from 1 on"),
    (["--vary", "a=1...10000", "--vary", "b=1...10000"], "more than 50000000 runs"),
  ])
  func `a wrong command line ends with 2`(arguments: [String], message: String) async throws {
    let ending = try await Program.run(["sweep", "specs/scenarios/kill-nine.yaml"] + arguments)
    #expect(ending.code == 2)
    #expect(ending.errors.contains(message), "\(ending.errors)")
  }
}
