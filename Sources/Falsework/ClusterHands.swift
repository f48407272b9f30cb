// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkKeystone
import FalseworkLoad
import FalseworkProxy
import FalseworkReport
import FalseworkRotation

/// What a cluster can be told and asked, in either world.
protocol ClusterHands: Actor {
  func ask(_ question: ClusterQuestion, node: NodeID?) async throws -> ClusterAnswer
  func phase(of node: NodeID) async throws -> NodePhase
  func release(of node: NodeID) async throws -> Release
  func belief(about server: ServerID) async throws -> Belief
  func order(_ line: String) async throws -> String
  func stop(_ node: NodeID, _ signal: StopSignal) async throws
  func start(_ node: NodeID, as release: Release) async throws
  func pass(_ interval: Interval) async throws
  func rotate(_ plan: RotationPlan) async throws -> Rotation.Outcome
  func rotate(
    _ strategy: any RotationStrategy, poll: Interval, limit: Interval
  ) async throws -> Rotation.Outcome
  func beginLoad() async throws
  func endLoad() async throws -> RunResult
  func endpoint() throws -> ClusterEndpoint
}

/// A request that a test makes by itself.
enum ClusterQuestion: Equatable, Sendable {
  case authenticate(ClusterUser)
  case validate(caller: String, subject: String)
  case revoke(caller: String, subject: String)
}
