// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkLoad
import FalseworkReport
import FalseworkRotation
import FalseworkScenario
import Foundation
import Testing

@testable import FalseworkLive

/// Every scenario of specs/scenarios on real sockets, shortened, ten times as fast as it is written.
///
/// The bounds are loose: a machine that is busy with other tests delivers a tenth of a second late.
/// What the scenarios promise to the request is held in virtual time, where nothing is late. One
/// after the other: side by side they wait for each other's processor time until requests time out.
@Suite(.serialized) struct ScenarioLiveTests {
  private static let directory = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(components: "..", "..", "..", "specs", "scenarios").standardized

  static let names: [String] = {
    do {
      return try FileManager.default.contentsOfDirectory(atPath: directory.path())
        .filter { $0.hasSuffix(".yaml") }.sorted()
    } catch {
      return []
    }
  }()

  /// What makes a scenario short, and how many of its requests may fail.
  struct Case: Sendable {
    var overrides: [String]
    var failures: ClosedRange<Int>
  }

  static let cases: [String: Case] = [
    // Two stops under four users: what was in flight, what came in the zombie's second, and the GET
    // behind each login.
    "first-upgrade.yaml": Case(
      overrides: ["rotation.begin=10s", "duration=60s"], failures: 1...30),
    // The node goes a tenth of a second after the proxy was told. An answer that a busy machine
    // delays beyond that is cut, and the GET behind it fails as well.
    "first-upgrade-drained.yaml": Case(
      overrides: ["rotation.begin=10s", "duration=60s"], failures: 0...8),
    // Two stops under four users, a login and the GET behind it each; between two requests, none.
    "kill-nine.yaml": Case(overrides: [], failures: 0...16),
    // An open load of 400 a second does not wait for a busy machine: within seconds a queue is longer
    // than the tenth of a timeout (connect 1 s, request 500 ms), and nearly everything fails. 100 a
    // second leave room; `until idle, at most 10s` is one second here.
    "three-nodes-open-loop.yaml": Case(overrides: ["load.rate=10/s"], failures: 0...8),
    "fixture.yaml": Case(overrides: [], failures: 0...0),
  ]

  @Test func `there is a case for every scenario, and a scenario for every case`() {
    #expect(!Self.names.isEmpty)
    #expect(Self.names == Self.cases.keys.sorted())
  }

  @Test(arguments: names) func `a scenario runs to its end on real sockets`(
    name: String
  ) async throws {
    let shortened = try #require(Self.cases[name])
    let scenario = try ScenarioReader.files.read(
      Self.directory.appending(path: name).path(),
      overrides: shortened.overrides.map { try #require(ScenarioOverride(parsing: $0)) }
    ).divided(by: 10)
    let result = try await withLoop { loop in
      try await LiveRun.result(
        of: scenario, seed: scenario.seed, options: .anywhere, keeping: .everything,
        timeScale: 10, program: "falsework test", on: loop, progress: nil)
    }
    #expect(result.how == .completed)
    #expect(result.inFlight == 0)
    #expect((result.total.requests > 0) == (scenario.load != nil))
    let failed = result.requests.count { $0.verdict != .ok }
    #expect(failed == result.total.failures)
    // Requests are numbered when they are sent: each number has come back once.
    #expect(result.requests.map(\.number).sorted().elementsEqual(1..<(1 + result.total.requests)))
    #expect(shortened.failures.contains(failed), "\(result.causes)")
    if scenario.makeRotation(now: .start) != nil {
      #expect(result.marks.last?.step == .ended)
    }
  }
}
