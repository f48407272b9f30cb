// SPDX-License-Identifier: Apache-2.0
import Falsework
import Testing

/// Journeys written in Swift, in both worlds.
@Suite struct ClusterJourneyTests {
  private static let look = ClusterJourney(
    "look", .authenticate.onFailure(ends: true),
    .get("/v3/users?name=demo").named("list").header("x-auth-token", "${token}")
      .capturing("id", json: "users[0].id").checking(
        header: "content-type", equals: "application/json"),
    .get("/v3/users/${id}").named("show").header("x-auth-token", "${token}")
      .checking(json: "user.name", equals: "demo").expecting(200),
    .validate, .validate(olderThan: .milliseconds(1)).after(.milliseconds(1)))

  @Test(arguments: [ClusterWorld.simulated(seed: 3), .live])
  func `what one request captures goes into the next`(world: ClusterWorld) async throws {
    let scenario = ClusterScenario.fixture.setting("load.wait", to: "10ms").journeys(Self.look)
    try await withCluster(world, scenario) { cluster in
      let summary = try await cluster.underLoad { try await cluster.pass(.milliseconds(300)) }
      // On sockets a busy machine may miss a health check, and its proxy then a server.
      if case .simulated = world { #expect(summary.failures == 0, "\(summary.table)") }
      #expect(summary.failures < summary.requests, "\(summary.table)")
      for step in ["authenticate", "list", "show", "validate", "validate-old"] {
        #expect(summary.table.contains("\n\(step) "), "no row of \(step)")
      }
    }
  }

  @Test func `an answer that is not as it should be is a failure of its own kind`() async throws {
    let wrong = ClusterJourney(
      "wrong", .get("/v3").checking(json: "version.id", equals: "v2").checking(body: "nothing"))
    let scenario = ClusterScenario.fixture.setting("load.wait", to: "10ms").journeys(wrong)
    try await withCluster(.simulated(seed: 3), scenario) { cluster in
      let summary = try await cluster.underLoad { try await cluster.pass(.milliseconds(100)) }
      #expect(summary.failures > 0 && summary.failures == summary.requests)
      #expect(summary.causes.map(\.text).contains { $0.contains("another content") })
    }
  }

  @Test func `a value that no step captures is told before anything runs`() async throws {
    let lost = ClusterJourney("lost", .get("/v3/users/${id}"))
    await #expect {
      try await withCluster(.simulated(seed: 3), ClusterScenario.fixture.journeys(lost)) { _ in }
    } throws: {
      "\($0)".contains("'${id}', which no step before captures")
    }
  }
}
