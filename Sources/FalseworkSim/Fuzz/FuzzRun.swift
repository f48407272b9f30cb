// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkKeystone
import FalseworkLoad
import FalseworkProxy
import FalseworkReport
import FalseworkRotation
package import FalseworkScenario

/// One run of a random scenario, with what must hold in every run (chaos in, no broken rule out):
///
/// - each request ends exactly once, and sent = ok + failed with nothing in flight at the end;
/// - no request that came after `maint` or `drain` was acknowledged is sent there;
/// - a node's release never goes back;
/// - never fewer nodes serve than all but a batch, unless the plan declares nodes ready at once;
/// - the rotation ends within the sum of its own deadlines, completed or aborted with a reason;
/// - a rotation that completed leaves the target release on each node that it took out, and no
///   server in `maint` or `drain` that it put there;
/// - the run ends, with empty queues.
package struct FuzzRun: Sendable {
  package struct Report: Equatable, Sendable {
    package var requests = 0
    package var failures = 0
    package var steps = 0
    package var aborted = false
    /// What was broken; empty in every run of sound components.
    package var broken: [String] = []
  }

  /// Messages and wake-ups; the largest of a million runs was a tenth of this.
  package static let stepLimit = 20_000_000

  /// Longer than every time-out that a random scenario has, one after the other.
  private static let patience = Interval.seconds(200)

  private let plan: RotationPlan
  private let scenario: Scenario
  private var simulation: Simulation
  private var phases: [NodePhase]
  private var report = Report()
  /// When the rotation must be over.
  private let deadline: Instant

  package static func report(of seed: UInt64) -> Report {
    let random = RandomScenario(seed: seed)
    do {
      return report(of: try random.read(), seed: seed)
    } catch {
      var report = Report()
      report.broken = ["the reader does not take the scenario: \(error)"]
      return report
    }
  }

  package static func report(of scenario: Scenario, seed: UInt64) -> Report {
    guard let plan = scenario.rotation else { preconditionFailure("no rotation: \(scenario)") }
    var run = FuzzRun(scenario, plan, seed: seed)
    run.play()
    return run.report
  }

  private init(_ scenario: Scenario, _ plan: RotationPlan, seed: UInt64) {
    self.scenario = scenario
    self.plan = plan
    simulation = Simulation(scenario: scenario, options: .init(seed: seed))
    phases = scenario.cluster.nodes.map { _ in .stopped }
    deadline = .start + Self.longest(plan) + .seconds(1)
  }

  /// What a rotation may take if everything takes as long as it is borne: told, waited, stopped, away,
  /// answering, ready, up, settled.
  static func longest(_ plan: RotationPlan) -> Interval {
    let wait: Interval =
      switch plan.wait {
      case .fixed(let interval): interval
      case .untilIdle(let cap): cap
      }
    // Failing and passing the check, told, out, stopped, answering, ready and up; each weight.
    let weights = Int64(plan.ramp.down.count + plan.ramp.up.count)
    let batch =
      wait + plan.down + plan.settle + plan.patience * 8
      + (plan.ramp.every + plan.patience) * weights
    var sum = plan.begin
    for step in plan.program {
      switch step {
      case .operation: sum = sum + plan.patience
      case .pause(let interval): sum = sum + interval
      case .nodes(let nodes):
        let batches = (nodes.count + plan.batchSize - 1) / plan.batchSize
        sum = sum + batch * Int64(batches)
      }
    }
    return sum
  }

  private mutating func play() {
    var events: [RunEvent] = []
    while !simulation.isOver {
      guard simulation.nextEvent != .never else { return fail("nothing is left to happen") }
      simulation.step()
      simulation.drain { events.append($0) }
      for event in events { saw(event) }
      events.removeAll(keepingCapacity: true)
      if simulation.steps > Self.stepLimit { return fail("the run does not end") }
      if simulation.rotationOutcome == nil, simulation.now > deadline,
        simulation.rotation?.isFinished == false
      {
        return fail("the rotation is not over at \(simulation.now), and was to be at \(deadline)")
      }
      if report.broken.count > 4 { return }
    }
    let end = simulation.run { _ in }
    report.steps = simulation.steps
    report.requests = end.counts.sent
    report.failures = end.counts.failed
    for violation in end.violations {
      fail("\(violation.checker) at \(violation.at): \(violation.what)")
    }
    checkEnd(end)
  }

  private mutating func saw(_ event: RunEvent) {
    guard case .node(let node, let phase, _, let at) = event else { return }
    phases[node.index] = phase
    // While they all begin, and where the next batch does not wait for the last to answer.
    guard at > .start, plan.ready == .whenAnswering, simulation.rotationOutcome == nil else {
      return
    }
    let serving = phases.count { $0 == .serving }
    if serving < phases.count - plan.batchSize {
      fail("\(serving) of \(phases.count) nodes serve at \(at), with batches of \(plan.batchSize)")
    }
  }

  /// Requests that their clients gave up may still be at nodes when the load is over.
  private mutating func settle() {
    let isBusy = simulation.proxy.backends.contains {
      $0.traffic.queued != 0 || $0.traffic.current != 0
    }
    guard isBusy else { return }
    simulation.run(until: simulation.now + Self.patience)
  }

  private mutating func checkEnd(_ end: Simulation.End) {
    settle()
    for index in simulation.proxy.backends.indices {
      let traffic = simulation.proxy.backends[index].traffic
      if traffic.queued != 0 || traffic.current != 0 {
        fail("\(traffic.queued) requests are queued and \(traffic.current) are there at the end")
      }
    }
    switch end.rotation {
    case nil: break
    case .aborted(let reason):
      report.aborted = true
      if reason.isEmpty { fail("the rotation was given up without a reason") }
    case .completed: checkCompleted()
    }
  }

  private mutating func checkCompleted() {
    var taken: Set<NodeID> = []
    for case .nodes(let nodes) in plan.program { taken.formUnion(nodes) }
    for node in taken.sorted(by: { $0.index < $1.index }) {
      let name = scenario.cluster.nodes[node.index]
      if simulation.nodes[node.index].release != scenario.cluster.target {
        fail("\(name) is \(simulation.nodes[node.index].release.name) after the rotation")
      }
      if phases[node.index] != .serving {
        fail("\(name) is \(phases[node.index]) after the rotation")
      }
      // A ramp changes weights and leaves what the configuration disabled as it is.
      guard plan.strategy.state != nil else { continue }
      for server in scenario.servers(of: node) {
        let belief = simulation.proxy.servers[server.index].belief(
          scenario.proxy.configuration.servers[server.index])
        if belief.admin.isMaint || belief.admin.isDrain {
          fail("the proxy has \(name) in \(belief) after the rotation")
        }
      }
    }
  }

  private mutating func fail(_ what: String) {
    report.broken.append(what)
  }
}
