// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkKeystone
import FalseworkLoad
import FalseworkProxy
import FalseworkReport
import FalseworkRotation
import FalseworkScenario
import FalseworkSim

/// A cluster in virtual time.
actor SimulatedHands: ClusterHands {
  private var simulation: Simulation
  private var collector: RunCollector?

  init(_ scenario: Scenario, seed: UInt64) {
    simulation = Simulation(
      scenario: scenario,
      options: Simulation.Options(seed: seed, rendersBodies: true, isManual: true))
  }

  /// Lets the simulation do something, and takes what happened meanwhile.
  private func act<Result>(_ body: (inout Simulation) -> Result) -> Result {
    let result = body(&simulation)
    simulation.drain { collector?.record($0) }
    return result
  }

  func ask(_ question: ClusterQuestion, node: NodeID?) throws -> ClusterAnswer {
    let call: KeystoneCall =
      switch question {
      case .authenticate(let user):
        .authenticate(
          .password(
            user: user.name, userDomain: user.domain, password: user.password,
            project: user.project, projectDomain: user.projectDomain), catalog: true)
      case .validate(let caller, let subject):
        .validate(caller: caller, subject: subject, catalog: true, allowExpired: false)
      case .revoke(let caller, let subject): .revoke(caller: caller, subject: subject)
      }
    let answer = act { $0.exchange(call, node: node, patience: Interval(Cluster.patience)) }
    guard let answer else {
      throw FalseworkError(.timeout, "no answer within \(Cluster.patience)")
    }
    return ClusterAnswer(
      status: answer.status, token: answer.subjectToken, body: answer.body)
  }

  func phase(of node: NodeID) -> NodePhase { simulation.nodes[node.index].phase }
  func release(of node: NodeID) -> Release { simulation.nodes[node.index].release }
  func belief(about server: ServerID) -> Belief { simulation.belief(of: server) }
  func order(_ line: String) -> String { act { $0.order(line) } }
  func stop(_ node: NodeID, _ signal: StopSignal) { act { $0.stop(node, signal) } }
  func start(_ node: NodeID, as release: Release) { act { $0.start(node, as: release) } }
  func pass(_ interval: Interval) { act { $0.run(until: $0.now + interval) } }

  func rotate(_ plan: RotationPlan) throws -> Rotation.Outcome {
    let outcome = act { $0.rotate(plan, patience: .seconds(3_600)) }
    guard let outcome else {
      throw FalseworkError(.timeout, "the rotation did not end within an hour")
    }
    return outcome
  }

  func rotate(
    _ strategy: any RotationStrategy, poll: Interval, limit: Interval
  ) throws -> Rotation.Outcome {
    let outcome = act { $0.rotate(strategy, poll: poll, limit: limit) }
    guard let outcome else {
      throw FalseworkError(.timeout, "nothing happens any more, and the strategy has not ended")
    }
    return outcome
  }

  func beginLoad() throws {
    let scenario = simulation.scenario
    guard scenario.load != nil else {
      throw FalseworkError(.badScenario, "the scenario '\(scenario.name)' has no load")
    }
    var collector = RunCollector(
      RunDescription(
        scenario, seed: simulation.options.seed, world: .simulated, timeScale: 1,
        program: "falsework", wallStart: nil),
      options: .figures, begin: simulation.now)
    for (index, node) in simulation.nodes.enumerated() {
      collector.record(
        .node(NodeID(index), node.phase, release: node.release.name, at: simulation.now))
    }
    for index in simulation.proxy.servers.indices {
      collector.record(
        .believed(
          ServerID(index), simulation.belief(of: ServerID(index)), at: simulation.now))
    }
    self.collector = collector
    act { $0.beginLoad() }
  }

  func endLoad() throws -> RunResult {
    act { $0.endLoad() }
    guard let collector else { preconditionFailure("a load ended that never began") }
    self.collector = nil
    return collector.finish(
      at: simulation.now, how: .completed, inFlight: 0,
      proxyCounters: simulation.proxy.figures)
  }

  func endpoint() throws -> ClusterEndpoint {
    throw FalseworkError(.wrongWorld, "in virtual time there are no sockets: use .live")
  }
}
