// SPDX-License-Identifier: Apache-2.0
import FalseworkReport
import FalseworkScenario
import FalseworkSim

/// Sets a cluster up, runs the body, and takes the cluster down, whatever the body did.
///
/// Clusters do not share anything: tests with clusters of their own can run in parallel.
///
/// - Parameters:
///   - world: in virtual time, or on sockets.
///   - scenario: what the cluster is made of; its load and its rotation begin when the body says.
///   - isolation: the actor that the body runs on; the caller's own.
///   - body: what is done with the cluster, which is gone when it returns.
/// - Returns: what the body returns.
/// - Throws: what the body throws, or a ``FalseworkError`` if the cluster cannot be set up.
public func withCluster<Result: Sendable>(
  _ world: ClusterWorld, _ scenario: ClusterScenario = .fixture,
  isolation: isolated (any Actor)? = #isolation,
  _ body: (Cluster) async throws -> Result
) async throws -> Result {
  let scenario = try scenario.read()
  switch world {
  case .simulated(let seed):
    return try await body(Cluster(scenario, SimulatedHands(scenario, seed: seed)))
  case .live:
    let hands = try await LiveHands.start(scenario)
    do {
      let result = try await body(Cluster(scenario, hands))
      try await hands.end()
      return result
    } catch {
      try await hands.end()
      throw error
    }
  }
}
