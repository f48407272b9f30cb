// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

/// Each rule twice: on the repository, where it must find nothing, and on a bad sample (a canary),
/// where it must.
@Suite struct TidyTests {
  private static func all(_ rule: (SourceFile) -> [Finding]) -> [Finding] {
    SourceTree.files.flatMap(rule)
  }

  private static func sample(_ text: String, in path: String = "Sources/FalseworkLoad/Bad.swift")
    -> SourceFile
  {
    SourceFile(path: path, text: text)
  }

  @Test func `the repository is found`() {
    #expect(SourceTree.swift.count > 60)
    #expect(SourceTree.files.contains { $0.path == "Package.swift" })
    #expect(!SourceTree.files.contains { $0.path.contains(".build/") })
  }

  // MARK: Imports

  @Test func `every module imports only what the map allows`() {
    #expect(Self.all(ImportRule.findings) == [])
  }

  @Test(arguments: [
    "import Foundation", "package import NIOCore", "@testable import FalseworkProxy",
    "import struct Foundation.Date", "@preconcurrency public import Foundation.NSDate",
  ]) func `a forbidden import is found`(line: String) {
    #expect(ImportRule.findings(Self.sample(line)).count == 1)
  }

  @Test(arguments: [
    "import FalseworkCore", "// import Foundation", "let text = \"import Foundation\"",
    "package import Histogram",
  ]) func `an allowed import, a comment and a string are not`(line: String) {
    #expect(ImportRule.findings(Self.sample(line)) == [])
  }

  @Test func `a module that is not on the map is found`() {
    let file = Self.sample("", in: "Sources/FalseworkUtils/A.swift")
    #expect(ImportRule.findings(file).map(\.message) == ["FalseworkUtils is not on the map"])
  }

  @Test func `the map names no module that is gone`() {
    let modules = Set(SourceTree.files.compactMap(\.module))
    #expect(modules == Set(ImportRule.allowed.keys))
  }

  /// The names of the first column, and what stands in the third.
  @Test func `the page of the architecture shows the map`() throws {
    let page = try #require(SourceTree.files.first { $0.path == "specs/architecture.md" })
    let rows = page.lines.filter { $0.hasPrefix("| `") }.map { row in
      row.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
    }
    #expect(Set(rows.map { $0[0].replacing("`", with: "") }) == Set(ImportRule.allowed.keys))
    let short = ["Core", "HTTP", "Crypto", "Keystone", "Scenario", "Report"]
    for row in rows where !row[2].hasPrefix("all") {
      let allowed = try #require(ImportRule.allowed[row[0].replacing("`", with: "")])
      let named = row[2].replacing(" for JSON", with: "").split(separator: ", ").map(String.init)
        .filter { $0 != "–" }.map { short.contains($0) ? "Falsework" + $0 : $0 }
      #expect(Set(named) == allowed.subtracting(ImportRule.brain), "\(row[0])")
    }
  }

  // MARK: Words

  @Test func `no clock, chance, thread or device is in a module that decides`() {
    #expect(Self.all(WordRule.findings) == [])
  }

  @Test(arguments: WordRule.everywhere + WordRule.inReplayable + WordRule.inComponents)
  func `a banned word is found in code`(ban: WordRule.Ban) {
    let code = Self.sample("let a = \(ban.word)")
    #expect(WordRule.findings(code).count >= 1)
    let interpolated = Self.sample("let a = \"\\( \(ban.word) )\"")
    #expect(WordRule.findings(interpolated).count >= 1)
  }

  @Test(arguments: WordRule.inReplayable + WordRule.inComponents)
  func `and not in a comment, in a string or in a module with a clock`(ban: WordRule.Ban) {
    #expect(WordRule.findings(Self.sample("let a = 1  // \(ban.word)")) == [])
    #expect(WordRule.findings(Self.sample("/* \(ban.word) */ let a = \"\(ban.word)\"")) == [])
    #expect(WordRule.findings(Self.sample("let a = #\"\\( \(ban.word) \"#")) == [])
    let live = Self.sample("let a = \(ban.word)", in: "Sources/FalseworkLive/A.swift")
    #expect(WordRule.findings(live) == [])
  }

  @Test func `a word inside a longer one is another word`() {
    #expect(WordRule.findings(Self.sample("let subclass = LoadTask(mutexCount: 1)")) == [])
    #expect(WordRule.findings(Self.sample("let a = async_count + x.hashValues")) == [])
  }

  // MARK: Lengths

  @Test func `files, functions and lines are short enough`() {
    #expect(Self.all(LengthRule.files) == [])
    #expect(Self.all(LengthRule.functions) == [])
    #expect(Self.all(LengthRule.lines) == [])
  }

  @Test func `a long file is found`() {
    let text = String(repeating: "let a = 1\n", count: 601)
    #expect(LengthRule.files(Self.sample(text)).count == 1)
    #expect(LengthRule.files(Self.sample(text, in: "Tests/A/B.swift")) == [])
    #expect(LengthRule.files(Self.sample(String(text.dropLast(10)))) == [])
  }

  @Test(arguments: [
    "func a()", "init?(b: Int)", "deinit", "subscript(i: Int) -> Int", "var a: Int",
    "func `a name with { in it`()", "func a(b: () -> Void = {}) where C: D",
  ]) func `a long function is found`(head: String) {
    func body(_ lines: Int) -> String {
      "struct S {\n" + head + " {\n" + String(repeating: "a()\n", count: lines - 2) + "}\n}\n"
    }
    #expect(LengthRule.functions(Self.sample(body(70))) == [])
    let findings = LengthRule.functions(Self.sample(body(71)))
    #expect(findings.map(\.line) == [2])
  }

  @Test func `a requirement and a call have no body`() {
    let long = String(repeating: "let a = 1\n", count: 80)
    let text = "protocol P {\nfunc a()\nvar b: Int\n}\nstruct S {\n\(long)\n}\n"
    #expect(LengthRule.functions(Self.sample(text)) == [])
    #expect(LengthRule.functions(Self.sample("let a = S.init()\nstruct T {\n\(long)}\n")) == [])
  }

  @Test func `a long line is found unless nothing in it can be broken`() {
    #expect(LengthRule.lines(Self.sample(String(repeating: "a b ", count: 28))).count == 1)
    #expect(LengthRule.lines(Self.sample(String(repeating: "ab", count: 60))) == [])
  }

  // MARK: Texts

  @Test func `every file of code names the licence`() {
    #expect(Self.all(TextRule.licences) == [])
  }

  @Test(arguments: ["Sources/A/B.swift", "scripts/a.sh", "Makefile", ".ci/run"])
  func `a file without a licence is found`(path: String) {
    #expect(TextRule.licences(Self.sample("import A\n", in: path)).count == 1)
  }

  @Test func `no file holds a path of one machine`() {
    #expect(Self.all(TextRule.machinePaths) == [])
  }

  @Test(arguments: TextRule.machinePaths) func `a path of one machine is found`(path: String) {
    #expect(TextRule.machinePaths(Self.sample("see \(path)a", in: "README.md")).count == 1)
  }

  @Test func `nothing is marked as unfinished`() {
    #expect(Self.all(TextRule.unfinished) == [])
  }

  @Test func `a mark of something unfinished is found`() {
    #expect(TextRule.unfinished(Self.sample("// TO" + "DO: more")).count == 1)
    #expect(TextRule.unfinished(Self.sample("// FIX" + "ME")).count == 1)
  }

  @Test func `no placeholder stands beside a real file`() {
    #expect(TextRule.placeholders(SourceTree.files) == [])
  }

  @Test func `a placeholder beside a real file is found`() {
    let files = ["Sources/A/Placeholder.swift", "Sources/A/B/C.swift"].map { path in
      Self.sample("", in: path)
    }
    #expect(TextRule.placeholders(files).map(\.path) == ["Sources/A/Placeholder.swift"])
    #expect(TextRule.placeholders([files[0]]) == [])
  }

  // MARK: Git

  private static var isClone: Bool {
    FileManager.default.fileExists(
      atPath: SourceTree.root.appending(path: ".git").path(percentEncoded: false))
  }

  /// The last resolution that worked on one machine is not what a package promises to others.
  @Test(.enabled(if: TidyTests.isClone)) func `what a build or a run leaves is not tracked`() throws
  {
    let tracked = try Self.trackedFiles()
    #expect(tracked.contains("Package.swift"))
    let left = tracked.filter { path in
      path.hasSuffix("Package.resolved") || path.contains(".build/")
        || path.hasPrefix("results/") || path.hasPrefix("Benchmarks/results/")
    }
    #expect(left == [])
  }

  private static func trackedFiles() throws -> [String] {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    // A clone that belongs to another user is still only read.
    process.arguments = ["git", "-c", "safe.directory=*", "ls-files"]
    process.currentDirectoryURL = SourceTree.root
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let data = try output.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    return String(decoding: data, as: UTF8.self).split(separator: "\n").map(String.init)
  }
}
