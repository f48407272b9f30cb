// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkReport
import FalseworkRotation
import FalseworkScenario
import Foundation
import Testing

@testable import FalseworkSim

/// The scenarios beside the pages of `specs/rotation`, in virtual time.
@Suite struct RotationScenarioTests {
  static let directory = ScenarioFiles.directory.deletingLastPathComponent()
    .appending(path: "rotation")

  static let names: [String] = {
    let files = (try? FileManager.default.contentsOfDirectory(atPath: directory.path())) ?? []
    return files.filter { $0.hasSuffix(".yaml") }.sorted()
  }()

  /// What each loses, and that it does so for every one of some seeds.
  static let losses: [String: ClosedRange<Int>] = [
    "aws-alb.yaml": 0...0, "batches.yaml": 0...0, "blue-green.yaml": 0...0,
    "canary.yaml": 0...0, "fail-check-too-short.yaml": 1...60, "fail-check.yaml": 0...0,
    "gates.yaml": 0...0, "kolla-ansible.yaml": 20...300, "kubernetes.yaml": 0...30,
    "openstack-ansible-2017.yaml": 1...90, "openstack-ansible.yaml": 1...60,
    "ramp.yaml": 0...0, "rollback.yaml": 21...300, "surge.yaml": 0...0,
  ]

  private static func run(_ name: String, seed: UInt64) throws -> RunResult {
    let scenario = try ScenarioReader.files.read(directory.appending(path: name).path())
    return ScenarioFiles.run(scenario, seed: seed).result
  }

  @Test func `there is a row for every scenario`() {
    #expect(Self.names == Self.losses.keys.sorted())
  }

  @Test(arguments: names, 1...3 as ClosedRange<UInt64>)
  func `it loses what its page says, and breaks no invariant`(name: String, seed: UInt64) throws {
    let result = try Self.run(name, seed: seed)
    if case .invariantBroken(let what) = result.how { Issue.record("\(what)") }
    let losses = try #require(Self.losses[name])
    #expect(losses.contains(result.total.failures), "\(result.total.failures)")
    if name != "rollback.yaml" { #expect(result.marks.last?.step == .ended) }
  }

  @Test(arguments: 1...5 as ClosedRange<UInt64>)
  func `what failed at its gate is back where it came from`(seed: UInt64) throws {
    let result = try Self.run("rollback.yaml", seed: seed)
    guard case .rotationAborted(let reason) = result.how else {
      Issue.record("it ended by \(result.how)")
      return
    }
    #expect(reason == "batch 1: 21 requests failed, more than 20; rolled back")
    #expect(result.marks.count { $0.step == .started } == 2)
  }

  @Test func `a node that is there for the rotation alone gets nothing before and after`() throws {
    let result = try Self.run("surge.yaml", seed: 1)
    let surge = result.marks.filter { $0.node == NodeID(3) }
    #expect(surge.first?.step == .started && surge.last?.step == .exited)
  }
}
