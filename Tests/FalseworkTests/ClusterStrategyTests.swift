// SPDX-License-Identifier: Apache-2.0
import Falsework
import Testing

/// One node after the other, as the article on strategies has it: told, waited for, stopped, started.
struct OneByOne: ClusterStrategy {
  mutating func decide(_ cluster: ClusterView, into orders: inout [ClusterOrder]) {
    guard let node = cluster.nodes.first(where: { !$0.isUpgraded || !$0.isUp }) else {
      return orders.append(.finish)
    }
    switch node.process {
    case .running where node.isUpgraded:
      if node.answers { orders.append(.ready(node.name)) }
    case .running:
      orders.append(.drain(node.name))
      if node.status.hasPrefix("DRAIN"), node.inFlight == 0 { orders.append(.stop(node.name)) }
    case .stopping: break
    case .gone: orders.append(.start(node.name))
    }
  }
}

/// Upgrades the first node, looks at what becomes of requests, and takes it back if any fails.
struct Careful: ClusterStrategy {
  var isCounting = false
  var isGoingBack = false

  mutating func decide(_ cluster: ClusterView, into orders: inout [ClusterOrder]) {
    let node = cluster.nodes[0]
    if isCounting, cluster.failures > 3, !isGoingBack {
      isGoingBack = true
      orders.append(.note("\(node.name) goes back"))
    }
    switch node.process {
    case .running where node.isUpgraded != isGoingBack:
      guard node.answers else { return }
      orders.append(.ready(node.name))
      if isGoingBack, node.isUp { orders.append(.abort("the first node failed requests")) }
      if !isGoingBack, isCounting, cluster.requests > 2_000 { orders.append(.finish) }
      if node.isUp, !isCounting {
        isCounting = true
        orders.append(.count)
      }
    case .running:
      orders.append(.maint(node.name))
      if node.status.hasPrefix("MAINT"), node.inFlight == 0 { orders.append(.stop(node.name)) }
    case .stopping: break
    case .gone: orders.append(isGoingBack ? .restore(node.name) : .start(node.name))
    }
  }
}

/// A strategy that is a value of the test's own.
struct ClusterStrategyTests {
  @Test(arguments: ClusterTests.worlds)
  func `a strategy of one's own upgrades every node and loses nothing`(
    world: ClusterWorld
  ) async throws {
    let scenario = ClusterScenario.fixture
      .setting("cluster.release", to: "{from: newton, to: ocata}")
    try await withCluster(world, scenario) { cluster in
      let token = try await cluster.issue()
      let summary = try await cluster.underLoad {
        try await cluster.rotate(with: OneByOne())
      }
      #expect(summary.failures == 0, "\(summary.table)")
      for node in cluster.nodes {
        #expect(try await cluster.release(of: node) == "ocata")
        #expect(try await cluster.state(of: node) == .serving)
      }
      #expect(try await cluster.validate(token).status == 200)
    }
  }

  @Test(arguments: [ClusterWorld.simulated(seed: 7), .simulated(seed: 8)])
  func `a strategy sees requests fail, and takes a node back`(world: ClusterWorld) async throws {
    // Each release makes tokens of a kind that the other refuses.
    let scenario = ClusterScenario.fixture
      .setting("cluster.release", to: "{from: newton, to: ocata}")
      .setting("cluster.token", to: "{provider: shipped}")
    try await withCluster(world, scenario) { cluster in
      _ = try await cluster.underLoad {
        let error = await #expect(throws: FalseworkError.self) {
          try await cluster.rotate(with: Careful())
        }
        #expect(error?.code == .rotationAborted)
        #expect(error?.message == "the first node failed requests")
      }
      for node in cluster.nodes {
        #expect(try await cluster.release(of: node) == "newton")
      }
    }
  }

  struct Stranger: ClusterStrategy {
    mutating func decide(_ cluster: ClusterView, into orders: inout [ClusterOrder]) {
      orders.append(.stop("keystone9"))
    }
  }

  struct Endless: ClusterStrategy {
    mutating func decide(_ cluster: ClusterView, into orders: inout [ClusterOrder]) {}
  }

  @Test(arguments: ClusterTests.worlds)
  func `a node that is not there ends it`(world: ClusterWorld) async throws {
    try await withCluster(world) { cluster in
      let error = await #expect(throws: FalseworkError.self) {
        try await cluster.rotate(with: Stranger())
      }
      #expect(error?.message == "the strategy names a node that is not there: keystone9")
    }
  }

  @Test func `one that never ends is ended`() async throws {
    try await withCluster(.simulated(seed: 7)) { cluster in
      let error = await #expect(throws: FalseworkError.self) {
        try await cluster.rotate(with: Endless(), within: .seconds(90))
      }
      #expect(error?.message == "the strategy did not end within 90s")
    }
  }
}
