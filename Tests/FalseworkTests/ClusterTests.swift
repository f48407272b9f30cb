// SPDX-License-Identifier: Apache-2.0
import Falsework
import Testing

/// The fixture library as a user of it has it: only what is public, in both worlds.
struct ClusterTests {
  static let worlds: [ClusterWorld] = [.simulated(seed: 7), .live]

  @Test(arguments: worlds)
  func `a token is issued, validated on each node, and revoked`(world: ClusterWorld) async throws {
    try await withCluster(world) { cluster in
      let token = try await cluster.issue()
      for node in cluster.nodes {
        #expect(try await cluster.validate(token, at: node).status == 200)
      }
      #expect(try await cluster.validate(token).text.contains("\"token\""))
      #expect(try await cluster.revoke(token).status == 204)
      let admin = try await cluster.issue(as: .admin)
      #expect(try await cluster.validate(token, as: admin).status == 404)
    }
  }

  @Test(arguments: worlds)
  func `a wrong password is 401 and no token`(world: ClusterWorld) async throws {
    try await withCluster(world) { cluster in
      let user = ClusterUser(name: "demo", password: "wrong", project: "demo")
      let answer = try await cluster.authenticate(as: user)
      #expect(answer.status == 401 && answer.token == nil)
      let error = await #expect(throws: FalseworkError.self) { try await cluster.issue(as: user) }
      #expect(error?.code == .unexpectedAnswer)
    }
  }

  @Test(arguments: worlds)
  func `a token outlives the rotation of every node`(world: ClusterWorld) async throws {
    let scenario = ClusterScenario.fixture.setting(
      "cluster.release", to: "{from: newton, to: ocata}")
    try await withCluster(world, scenario) { cluster in
      let token = try await cluster.issue()
      #expect(try await cluster.release(of: "keystone2") == "newton")
      try await cluster.rotate(by: .drain(wait: .milliseconds(20)))
      for node in cluster.nodes {
        #expect(try await cluster.release(of: node) == "ocata")
        #expect(try await cluster.state(of: node) == .serving)
      }
      #expect(try await cluster.validate(token).status == 200)
    }
  }

  @Test(arguments: worlds)
  func `the proxy notices a node that is gone, and one that is back`(
    world: ClusterWorld
  ) async throws {
    try await withCluster(world) { cluster in
      try await cluster.stop("keystone1", by: .kill)
      try await cluster.wait(until: "keystone1", is: .stopped)
      try await cluster.wait(until: "keystone1", isBelieved: "DOWN")
      #expect(try await cluster.authenticate().status == 201)
      #expect(try await cluster.authenticate(at: "keystone1").status == 0)
      try await cluster.start("keystone1")
      try await cluster.wait(until: "keystone1", isBelieved: "UP")
      #expect(try await cluster.authenticate(at: "keystone1").status == 201)
    }
  }

  @Test(arguments: worlds)
  func `the runtime API answers as HAProxy's`(world: ClusterWorld) async throws {
    try await withCluster(world) { cluster in
      let silence = try await cluster.runtime("set server nodes/keystone1 state maint")
      #expect(silence == "\n")
      #expect(try await cluster.belief(about: "keystone1") == "MAINT")
      #expect(try await cluster.runtime("set server nodes/x state maint") == "No such server.\n\n")
    }
  }

  @Test(arguments: worlds)
  func `a drained rotation under load loses nothing, and its requests are counted`(
    world: ClusterWorld
  ) async throws {
    let scenario = ClusterScenario.fixture.setting("load.wait", to: "5ms")
    try await withCluster(world, scenario) { cluster in
      let summary = try await cluster.underLoad {
        try await cluster.pass(.milliseconds(100))
        try await cluster.rotate(by: .drainUntilIdle(atMost: .seconds(5)))
        try await cluster.pass(.milliseconds(100))
      }
      #expect(summary.requests > 20)
      #expect(summary.failures == 0, "\(summary.table)")
      #expect(summary.table.contains("authenticate"))
    }
  }

  @Test(arguments: worlds)
  func `a node that is killed under load costs what was in flight there, and the cause is told`(
    world: ClusterWorld
  ) async throws {
    let scenario = ClusterScenario.fixture
      .setting("cluster.service", to: "{authenticate: 50ms, validate: 50ms}")
      .setting("load.users", to: "8")
    try await withCluster(world, scenario) { cluster in
      let summary = try await cluster.underLoad {
        try await cluster.pass(.milliseconds(500))
        try await cluster.stop("keystone1", by: .kill)
        try await cluster.pass(.milliseconds(500))
      }
      #expect(summary.failures > 0)
      #expect(summary.causes.contains { $0.text.contains("in flight on keystone1") })
    }
  }

  @Test func `virtual time passes without waiting, and the same seed gives the same run`()
    async throws
  {
    func run() async throws -> String {
      try await withCluster(.simulated(seed: 3)) { cluster in
        try await cluster.underLoad {
          try await cluster.pass(.seconds(2))
          try await cluster.rotate(by: .restart)
        }.json
      }
    }
    let first = try await run()
    #expect(try await run() == first)
  }

  @Test func `clusters on sockets stand side by side`() async throws {
    let urls = try await withThrowingTaskGroup(of: String.self) { group in
      for _ in 0..<4 {
        group.addTask {
          try await withCluster(.live) { cluster in
            _ = try await cluster.issue()
            return try await cluster.endpoint.url
          }
        }
      }
      return try await group.reduce(into: Set<String>()) { $0.insert($1) }
    }
    #expect(!urls.isEmpty)
  }

  @Test func `other programs are told where the cluster is`() async throws {
    try await withCluster(.live) { cluster in
      let endpoint = try await cluster.endpoint
      #expect(endpoint.url.hasPrefix("http://127.0.0.1:") && endpoint.url.hasSuffix("/v3"))
      #expect(endpoint.nodeURLs.count == 2)
      let variables = endpoint.environment()
      #expect(variables["OS_AUTH_URL"] == endpoint.url && variables["OS_USERNAME"] == "admin")
    }
    try await withCluster(.simulated(seed: 1)) { cluster in
      let error = await #expect(throws: FalseworkError.self) { try await cluster.endpoint }
      #expect(error?.code == .wrongWorld)
    }
  }

  @Test func `what is wrong with a scenario is told whole`() async throws {
    let scenario = ClusterScenario.fixture
      .setting("cluster.nodse", to: "3").setting("load.users", to: "many")
    let error = await #expect(throws: FalseworkError.self) {
      try await withCluster(.simulated(seed: 1), scenario) { _ in }
    }
    #expect(error?.code == .badScenario)
    #expect(error?.message.contains("nodes") == true && error?.message.contains("many") == true)
  }

  @Test func `a node that is not there is named with those that are`() async throws {
    try await withCluster(.simulated(seed: 1)) { cluster in
      let error = await #expect(throws: FalseworkError.self) {
        try await cluster.state(of: "keystone9")
      }
      #expect(error?.code == .noSuchNode)
      #expect(error?.message.contains("keystone1, keystone2") == true)
    }
  }
}
