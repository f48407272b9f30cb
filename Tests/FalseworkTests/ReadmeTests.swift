// SPDX-License-Identifier: Apache-2.0
import Falsework
import Foundation
import Testing

/// The examples of the pages, compiled and run; the pages show this text.
struct ReadmeTests {
  @Test(arguments: [ClusterWorld.simulated(seed: 7), .live])
  func `a token outlives the node that issued it`(world: ClusterWorld) async throws {
    try await withCluster(world) { cluster in
      let token = try await cluster.issue()
      try await cluster.rotate(by: .drain(wait: .milliseconds(100)))
      #expect(try await cluster.validate(token).status == 200)
    }
  }

  @Test func `a killed node costs what was in flight there`() async throws {
    let scenario = ClusterScenario.fixture
      .setting("cluster.service", to: "{authenticate: 50ms, validate: 50ms}")
    try await withCluster(.simulated(seed: 7), scenario) { cluster in
      let summary = try await cluster.underLoad {
        try await cluster.pass(.seconds(1))
        try await cluster.stop("keystone1", by: .kill)
        try await cluster.wait(until: "keystone1", isBelieved: "DOWN")
      }
      #expect(summary.failures > 0, "\(summary.table)")
      #expect(summary.causes.contains { $0.text.contains("in flight on keystone1") })
    }
  }

  @Test func `a journey hands on what it was told`() async throws {
    let look = ClusterJourney(
      "look", .authenticate,
      .get("/v3/users?name=demo").header("x-auth-token", "${token}")
        .capturing("id", json: "users[0].id"),
      .get("/v3/users/${id}").named("show").header("x-auth-token", "${token}")
        .checking(json: "user.name", equals: "demo"))
    let scenario = ClusterScenario.fixture.journeys(look).setting("load.wait", to: "10ms")
    try await withCluster(.simulated(seed: 7), scenario) { cluster in
      let summary = try await cluster.underLoad { try await cluster.pass(.seconds(1)) }
      #expect(summary.requests > 0 && summary.failures == 0, "\(summary.table)")
    }
  }

  private static let root = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../..")

  private static func text(_ path: String) throws -> String {
    try String(contentsOf: root.appending(path: path), encoding: .utf8)
  }

  /// The blocks of a page in a language, without what their lines are indented by.
  private static func blocks(_ language: String, of page: String) throws -> [String] {
    try text(page).components(separatedBy: "```").filter { $0.hasPrefix(language + "\n") }
      .map { flat($0.dropFirst(language.count + 1)) }
  }

  private static func flat(_ text: some StringProtocol) -> String {
    text.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
      .joined(separator: "\n")
  }

  @Test(arguments: [
    ("README.md", 1), ("specs/fixture.md", 3),
    ("Sources/Falsework/Falsework.docc/Falsework.md", 2),
  ])
  func `a page's Swift is code of this file`(page: String, count: Int) throws {
    let code = Self.flat(try Self.text("Tests/FalseworkTests/ReadmeTests.swift"))
    let blocks = try Self.blocks("swift", of: page)
    #expect(blocks.count == count)
    for block in blocks { #expect(code.contains(block), "not in ReadmeTests.swift:\n\(block)") }
  }

  @Test(arguments: ["test_identity.py", "test_fixture.py"])
  func `a page's Python is code that can be run`(name: String) throws {
    let code = try Self.text("Tests/Interop/" + name).split(separator: "\n").dropFirst()
    let blocks = try Self.blocks("python", of: "specs/fixture.md")
    #expect(blocks.contains(Self.flat(code.joined(separator: "\n"))))
  }
}
