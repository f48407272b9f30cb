// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkLoad
import Testing

@testable import FalseworkScenario

/// A load for a target that is there already.
@Suite struct LoadFileTests {
  private static func read(
    _ text: String, _ overrides: [ScenarioOverride] = []
  ) throws -> LoadFile {
    try Sample.reader([:]).readLoad(Array(text.utf8), file: "journeys.yaml", overrides: overrides)
  }

  @Test func `a file needs nothing but its load`() throws {
    let file = try Self.read("load: {users: 2, journey: authenticate}")
    #expect(file.name == "journeys" && file.seed == 1 && file.length == nil)
    #expect(file.plan.model == .closed(users: 2, spawnEvery: .zero, wait: .constant(.zero)))
    #expect(file.plan.credentials.map(\.user) == ["admin"])
  }

  @Test func `of a whole scenario the load is taken, and what belongs to it`() throws {
    let file = try Self.read(Sample.everything)
    #expect(file.name == "everything" && file.seed == 7)
    #expect(file.thresholds.count == 1)
    #expect(file.plan.credentials[0].projectDomain == "Home")
  }

  @Test func `its users need not be of any data`() throws {
    let file = try Self.read(
      """
      load:
        users: 1
        journey: authenticate
        credentials:
          - {user: nova, password: p, user-domain: service_domain, project: service}
      """)
    #expect(
      file.plan.credentials == [
        Credentials(
          user: "nova", userDomain: "service_domain", password: "p", project: "service",
          projectDomain: "service_domain")
      ])
    #expect(throws: ScenarioProblems.self) {
      try Self.read("load: {users: 1, journey: authenticate, credentials: [nova]}")
    }
  }

  @Test func `a flag takes the place of another model, and is named in messages`() throws {
    let text = "load: {users: 2, wait: 1s, journey: authenticate}"
    let rate = { ScenarioOverride(path: "load.rate", value: $0, label: "--rate") }
    #expect(
      try Self.read(text, [rate("10/s")]).plan.model
        == .open(every: .milliseconds(100), arrivals: .even, limit: 10_000))
    #expect {
      try Self.read(text, [rate("10")])
    } throws: {
      "\($0)".hasPrefix("--rate: load.rate: found '10'")
    }
  }
}
