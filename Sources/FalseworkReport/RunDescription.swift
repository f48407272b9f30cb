// SPDX-License-Identifier: Apache-2.0
package import FalseworkCore
import FalseworkHTTP
import FalseworkKeystone
package import FalseworkLoad
import FalseworkProxy
import FalseworkRotation
package import FalseworkScenario

/// Where a run took place.
package enum World: String, CaseIterable, Equatable, Sendable {
  case simulated
  case live
  /// Somebody else's proxy and nodes.
  case field
}

/// What is known of a run before it begins: names for the numbers that events carry, and what the
/// result repeats.
package struct RunDescription: Equatable, Sendable {
  package struct Server: Equatable, Sendable {
    /// `backend/server`.
    package var name: String
    /// The node that it stands for, if it stands for one.
    package var node: NodeID?

    package init(name: String, node: NodeID?) {
      self.name = name
      self.node = node
    }
  }

  package var scenario: String
  package var about: String
  package var seed: UInt64
  package var world: World
  /// By which every time of the scenario was divided.
  package var timeScale: Int64
  /// The version of this program.
  package var program: String
  /// The wall-clock time of `Instant.start`. A simulated run has none: its result depends on nothing
  /// but scenario and seed.
  package var wallStart: UTCTime?
  package var releaseFrom: String
  package var releaseTo: String
  /// Of the rotation; nil without one.
  package var strategy: String?
  package var nodes: [String]
  package var servers: [Server]
  package var plan: LoadPlan
  package var thresholds: [Threshold]
  /// Whether the load goes through a proxy that tells of each request (`RunEvent.proxied`). Without,
  /// nothing is said of what the proxy's log lacks.
  package var hasProxy: Bool
  /// The load was too late to say anything if the 99th percentile of its own lateness is beyond
  /// this.
  package var latenessLimit: Interval

  /// A tenth of the second that thresholds usually ask about.
  package static let usualLatenessLimit = Interval.milliseconds(100)

  package init(
    scenario: String, about: String, seed: UInt64, world: World, timeScale: Int64, program: String,
    wallStart: UTCTime?, releaseFrom: String, releaseTo: String, strategy: String?,
    nodes: [String], servers: [Server], plan: LoadPlan, thresholds: [Threshold], hasProxy: Bool,
    latenessLimit: Interval
  ) {
    precondition(world != .simulated || wallStart == nil, "a simulated run at \(wallStart!)")
    self.scenario = scenario
    self.about = about
    self.seed = seed
    self.world = world
    self.timeScale = timeScale
    self.program = program
    self.wallStart = wallStart
    self.releaseFrom = releaseFrom
    self.releaseTo = releaseTo
    self.strategy = strategy
    self.nodes = nodes
    self.servers = servers
    self.plan = plan
    self.thresholds = thresholds
    self.hasProxy = hasProxy
    self.latenessLimit = latenessLimit
  }

  /// A scenario as a world plays it.
  ///
  /// - Parameter timeScale: by which the times of this scenario were divided already.
  package init(
    _ scenario: Scenario, seed: UInt64, world: World, timeScale: Int64, program: String,
    wallStart: UTCTime?
  ) {
    let configuration = scenario.proxy.configuration
    self.init(
      scenario: scenario.name, about: scenario.about, seed: seed, world: world,
      timeScale: timeScale, program: program, wallStart: wallStart,
      releaseFrom: scenario.cluster.release.name, releaseTo: scenario.cluster.target.name,
      strategy: scenario.rotation?.title, nodes: scenario.cluster.nodes,
      servers: configuration.servers.indices.map { index in
        Server(
          name: configuration.fullName(ServerID(index)), node: scenario.node(of: ServerID(index)))
      },
      plan: scenario.load ?? .none, thresholds: scenario.thresholds, hasProxy: true,
      latenessLimit: Self.usualLatenessLimit)
  }

  func name(of node: NodeID) -> String {
    nodes.indices.contains(node.index) ? nodes[node.index] : "node \(node.index)"
  }

  /// The load in a few words; nil if there is none.
  var loadText: String? {
    guard !plan.tasks.isEmpty else { return nil }
    return switch plan.model {
    case .closed(let users, _, _): users == 1 ? "1 user" : "\(users) users"
    case .open(let every, _, _): "open, a journey every \(every)"
    case .scheduled(let schedule, _): "open, on a schedule of \(schedule.length)"
    }
  }

  /// As the row is named that the outcome is counted in.
  func stepName(_ outcome: Outcome) -> String {
    outcome.preliminary
      ? plan.preliminaryName : plan.tasks[outcome.task].steps[outcome.step].name
  }
}

extension LoadPlan {
  /// Whether its success brings a token.
  func isAuthentication(_ outcome: Outcome) -> Bool {
    outcome.preliminary || tasks[outcome.task].steps[outcome.step].kind == .authenticate
  }

  /// What it asked with.
  func method(of outcome: Outcome) -> HTTPMethod {
    HTTPMethod(
      name: outcome.preliminary
        ? "POST" : tasks[outcome.task].steps[outcome.step].kind.method)
  }

  /// A run without a load of its own, such as a fixture.
  package static let none = LoadPlan(
    model: .closed(users: 0, spawnEvery: .zero, wait: .constant(.zero)), tasks: [],
    credentials: [], connections: .kept, connectTimeout: .zero, timeout: .zero)
}
