// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkReport
import FalseworkRotation
import FalseworkScenario
import Foundation
import Testing

@testable import FalseworkLive

/// The scenarios beside the pages of `specs/rotation` on real sockets, ten times as fast as they are written.
///
/// What they lose is held in virtual time; here it is that each way is gone to its end.
@Suite(.serialized) struct RotationLiveTests {
  private static let directory = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(components: "..", "..", "..", "specs", "rotation").standardized

  @Test(arguments: [
    ("fail-check.yaml", Mark.Step.failing), ("ramp.yaml", .weighed(25)),
    ("canary.yaml", .weighed(10)), ("surge.yaml", .batchEnded(5)),
    ("blue-green.yaml", .weighed(90)), ("gates.yaml", .passed(3)),
  ])
  func `a rotation runs to its end on real sockets`(name: String, step: Mark.Step) async throws {
    let result = try await Self.run(name)
    #expect(result.how == .completed)
    #expect(result.marks.last?.step == .ended)
    #expect(result.marks.contains { $0.step == step })
  }

  @Test func `a rotation that fails its gate goes back on real sockets`() async throws {
    let result = try await Self.run("rollback.yaml")
    guard case .rotationAborted(let reason) = result.how else {
      Issue.record("it ended by \(result.how)")
      return
    }
    #expect(reason.hasSuffix("; rolled back"), "\(reason)")
    #expect(result.marks.count { $0.step == .started } == 2)
  }

  private static func run(_ name: String) async throws -> RunResult {
    // A busy machine is late by more than a tenth of what these scenarios allow a request.
    let lenient =
      [
        "canary.yaml", "gates.yaml", "blue-green.yaml",
      ].contains(name) ? ["rotation.gate.failures=50%", "rotation.gate.p99=1m"] : []
    let scenario = try ScenarioReader.files.read(
      directory.appending(path: name).path(),
      overrides: lenient.map { try #require(ScenarioOverride(parsing: $0)) }
    ).divided(by: 10)
    return try await withLoop { loop in
      try await LiveRun.result(
        of: scenario, seed: scenario.seed, options: .anywhere, keeping: .everything,
        timeScale: 10, program: "falsework test", on: loop, progress: nil)
    }
  }
}
