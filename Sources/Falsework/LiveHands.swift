// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkKeystone
import FalseworkLive
import FalseworkLoad
import FalseworkProxy
import FalseworkReport
import FalseworkRotation
import FalseworkScenario
import NIOCore
import NIOPosix
import Synchronization

/// A cluster on sockets.
actor LiveHands: ClusterHands {
  /// What the cluster told so far; fed on its event loop.
  private final class Record: Sendable {
    struct State {
      var phases: [NodePhase]
      var releases: [Release]
      var beliefs: [Belief?]
      var collector: RunCollector?
    }

    let state: Mutex<State>

    init(_ scenario: Scenario) {
      state = Mutex(
        State(
          phases: scenario.cluster.nodes.map { _ in .stopped },
          releases: scenario.cluster.nodes.map { _ in scenario.cluster.release },
          beliefs: scenario.proxy.configuration.servers.map { _ in nil }))
    }

    func tell(_ event: RunEvent) {
      state.withLock {
        switch event {
        case .node(let node, let phase, let release, _):
          $0.phases[node.index] = phase
          if let release = Release(named: release) { $0.releases[node.index] = release }
        case .believed(let server, let belief, _): $0.beliefs[server.index] = belief
        case .request, .proxied, .noticed, .mark: break
        }
        $0.collector?.record(event)
      }
    }
  }

  private let cluster: LiveCluster
  private let group: MultiThreadedEventLoopGroup
  private let record: Record
  private let scenario: Scenario
  private var load: LoadClient?

  private init(
    _ cluster: LiveCluster, _ group: MultiThreadedEventLoopGroup, _ record: Record,
    _ scenario: Scenario
  ) {
    self.cluster = cluster
    self.group = group
    self.record = record
    self.scenario = scenario
  }

  static func start(_ scenario: Scenario) async throws -> LiveHands {
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    let record = Record(scenario)
    do {
      let cluster = try await LiveCluster.start(
        scenario, seed: scenario.seed, options: .anywhere, on: group.next()
      ) { record.tell($0) }
      return LiveHands(cluster, group, record, scenario)
    } catch {
      try await group.shutdownGracefully()
      throw FalseworkError(.environment, "\(error)")
    }
  }

  func end() async throws {
    try await cluster.end()
    try await group.shutdownGracefully()
  }

  func ask(_ question: ClusterQuestion, node: NodeID?) async throws -> ClusterAnswer {
    let answer = try await cluster.ask(
      Self.bytes(question), node: node, patience: Interval(Cluster.patience))
    guard let answer else {
      throw FalseworkError(.timeout, "no answer within \(Cluster.patience)")
    }
    return ClusterAnswer(
      status: answer.status, token: answer.subjectToken, body: answer.body)
  }

  private static func bytes(_ question: ClusterQuestion) -> [UInt8] {
    var plan = LoadPlan(
      model: .closed(users: 0, spawnEvery: .zero, wait: .constant(.zero)), tasks: [],
      credentials: [], connections: .new, connectTimeout: .forever, timeout: .forever)
    let call: Call
    switch question {
    case .authenticate(let user):
      plan.credentials = [
        Credentials(
          user: user.name, userDomain: user.domain, password: user.password,
          project: user.project, projectDomain: user.projectDomain)
      ]
      call = .authenticate(credentials: 0)
    case .validate(let caller, let subject):
      plan.tasks = [task("GET", caller, subject)]
      call = .http(task: 0, step: 0, values: nil)
    case .revoke(let caller, let subject):
      plan.tasks = [task("DELETE", caller, subject)]
      call = .http(task: 0, step: 0, values: nil)
    }
    var bytes: [UInt8] = []
    CallWriter(plan: plan, host: "localhost", prefix: "").append(call, to: &bytes)
    return bytes
  }

  private static func task(_ method: String, _ caller: String, _ subject: String) -> LoadTask {
    let step = HTTPStep(
      method: method, path: "/v3/auth/tokens",
      headers: [
        .init(name: "x-auth-token", value: TextTemplate.quoted(caller)),
        .init(name: "x-subject-token", value: TextTemplate.quoted(subject)),
      ], body: [], expected: [])
    return LoadTask(
      name: method, weight: 1, steps: [LoadStep(name: method, kind: .http(step), onFailure: .abort)]
    )
  }

  func phase(of node: NodeID) -> NodePhase { record.state.withLock { $0.phases[node.index] } }
  func release(of node: NodeID) -> Release { record.state.withLock { $0.releases[node.index] } }

  func belief(about server: ServerID) throws -> Belief {
    guard let belief = record.state.withLock({ $0.beliefs[server.index] }) else {
      throw FalseworkError(.environment, "the proxy has not told of server \(server)")
    }
    return belief
  }

  func order(_ line: String) async throws -> String { try await cluster.command(line) }

  func stop(_ node: NodeID, _ signal: StopSignal) async throws {
    try await cluster.loop.submit { [cluster] in cluster.stop(node, signal) }.get()
  }

  func start(_ node: NodeID, as release: Release) async throws {
    try await cluster.loop.submit { [cluster] in cluster.start(node, as: release) }.get()
  }

  func pass(_ interval: Interval) async throws {
    try await Task.sleep(for: .nanoseconds(interval.nanoseconds))
  }

  func rotate(_ plan: RotationPlan) async throws -> Rotation.Outcome {
    try await cluster.rotate(plan) { [record] mark in record.tell(.mark(mark)) }
  }

  func rotate(
    _ strategy: any RotationStrategy, poll: Interval, limit: Interval
  ) async throws -> Rotation.Outcome {
    let gone = record.state.withLock { state in
      state.phases.indices.filter { state.phases[$0] == .stopped }.map { NodeID($0) }
    }
    return try await cluster.rotate(strategy, gone: gone, poll: poll, limit: limit) {
      [record] mark in record.tell(.mark(mark))
    }
  }

  func beginLoad() async throws {
    guard scenario.load != nil else {
      throw FalseworkError(.badScenario, "the scenario '\(scenario.name)' has no load")
    }
    let now = try await cluster.now
    record.state.withLock { state in
      var collector = RunCollector(
        RunDescription(
          scenario, seed: scenario.seed, world: .live, timeScale: 1, program: "falsework",
          wallStart: nil),
        options: .figures, begin: now)
      for index in state.phases.indices {
        collector.record(
          .node(NodeID(index), state.phases[index], release: state.releases[index].name, at: now))
      }
      for (index, belief) in state.beliefs.enumerated() {
        if let belief { collector.record(.believed(ServerID(index), belief, at: now)) }
      }
      state.collector = collector
    }
    load = try await cluster.beginLoad(seed: scenario.seed) { [record] outcome in
      record.tell(.request(outcome))
    }
  }

  func endLoad() async throws -> RunResult {
    guard let load else { preconditionFailure("a load ended that never began") }
    self.load = nil
    let counts = try await cluster.endLoad(load)
    let now = try await cluster.now
    let figures = try await cluster.loop.submit { [cluster] in
      cluster.proxy?.proxy.figures ?? [:]
    }.get()
    let collector = record.state.withLock { $0.collector.take() }
    guard let collector else { preconditionFailure("a load ended that nobody watched") }
    return collector.finish(
      at: now, how: .completed, inFlight: counts.inFlight, proxyCounters: figures)
  }

  func endpoint() throws -> ClusterEndpoint {
    guard let url = cluster.url else {
      throw FalseworkError(.badScenario, "the proxy's configuration has no frontend")
    }
    let nodes = scenario.cluster.nodes.indices.map { index in
      let address = cluster.address(of: NodeID(index))
      return "http://\(address.ipAddress ?? "127.0.0.1"):\(address.port ?? 0)/v3"
    }
    return ClusterEndpoint(
      url: url + "/v3", nodeURLs: nodes, runtimeSocket: cluster.runtimePath)
  }
}
