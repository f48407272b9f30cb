// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkKeystone
import FalseworkLoad
import FalseworkProxy
import FalseworkReport
import FalseworkRotation
import FalseworkScenario
import Foundation

@testable import FalseworkSim

/// A simulated run for a comparison with theory, and everything that it told.
struct TheoryRun {
  private(set) var outcomes: [Outcome] = []
  private(set) var records: [LogRecord] = []
  private(set) var marks: [Mark] = []
  private var phases: [(node: NodeID, phase: NodePhase, at: Instant)] = []
  private var beliefs: [(server: ServerID, belief: Belief, at: Instant)] = []
  private(set) var end: Simulation.End
  private(set) var attempts: [Int] = []

  /// How many times the usual sample, for `Benchmarks/theory.sh`.
  static let scale =
    ProcessInfo.processInfo.environment["FALSEWORK_THEORY_SCALE"].flatMap { Int($0) } ?? 1

  /// Nodes that answer, start and die at once, wires without length, a check that knows nothing but
  /// whether the port is open: what remains is what a formula speaks of.
  ///
  /// - Parameters:
  ///   - check: of every server, as `check inter 1s fall 3`; empty for none.
  ///   - load, rotation: YAML in flow style; empty for none.
  static func scenario(
    nodes: Int, seconds: Int, service: String = "0s", workers: Int = 0, check: String = "",
    proxy: String = "", load: String = "", rotation: String = ""
  ) throws -> Scenario {
    let servers = (1...nodes).map { "      server keystone\($0) 127.0.0.1:\(5_000 + $0) \(check)" }
    let text = """
      duration: \(seconds)s
      cluster:
        nodes: \(nodes)
        service: {workers: \(workers), authenticate: \(service), validate: \(service)}
        lifecycle: {like: instant}
      network: 0s
      \(load.isEmpty ? "" : "load: {journey: authenticate, arrivals: poisson, limit: 100000, \(load)}")
      \(rotation.isEmpty ? "" : "rotation: \(rotation)")
      proxy: |
          defaults
            mode http
            timeout connect 10s
            timeout client 300s
            timeout server 300s
            retries 0
          frontend front
            bind 127.0.0.1:5000
            default_backend back
          backend back
      \(proxy.split(separator: "\n").map { "      \($0)\n" }.joined())\(servers.joined(separator: "\n"))
      """
    return try ScenarioReader(
      environment: { _ in nil },
      load: { path throws(UnreadableFile) in throw UnreadableFile(reason: path) }
    ).read(Array(text.utf8), file: "theory.yaml")
  }

  /// - Parameter dead: nodes that are not there from the beginning.
  init(_ scenario: Scenario, seed: UInt64, dead: [Int] = []) {
    var simulation = Simulation(scenario: scenario, options: .init(seed: seed))
    for node in dead {
      simulation.nodes[node].stop(.kill, now: .start, into: &simulation.nodeEffects)
      simulation.flushNode(node)
    }
    var events: [RunEvent] = []
    end = simulation.run { events.append($0) }
    attempts = simulation.proxy.servers.map(\.traffic.total)
    for event in events {
      switch event {
      case .request(let outcome): outcomes.append(outcome)
      case .proxied(let record): records.append(record)
      case .mark(let mark): marks.append(mark)
      case .node(let node, let phase, _, let at): phases.append((node, phase, at))
      case .believed(let server, let belief, let at): beliefs.append((server, belief, at))
      case .noticed: break
      }
    }
  }

  var failures: Int { outcomes.count { $0.verdict.isFailure } }

  /// When the first node first was this, after a moment.
  func turned(_ phase: NodePhase, after: Instant = .start) -> Instant? {
    phases.first { $0.node == NodeID(0) && $0.phase == phase && $0.at > after }?.at
  }

  /// When the proxy first believed this of the first server, after a moment.
  func believed(_ word: String, after: Instant = .start) -> Instant? {
    beliefs.first {
      $0.server == ServerID(0) && $0.belief.description == word && $0.at > after
    }?.at
  }

  func marked(_ step: Mark.Step) -> Instant? { marks.first { $0.step == step }?.at }
}

/// Where a figure may lie if the theory is right: it lies outside once in a thousand times, for
/// whatever seed; at a fixed seed it always does or never.
struct Band: CustomStringConvertible {
  var low: Double
  var high: Double

  /// Of the normal distribution, both sides.
  private static let normal = 3.291
  /// Of Student's t for 15 degrees of freedom.
  static let student15 = 4.073

  func contains(_ value: Double) -> Bool { value >= low && value <= high }

  var description: String { "\(low)...\(high)" }

  /// The mean of `count` draws that are uniform in a range.
  static func meanOfUniform(_ range: ClosedRange<Double>, count: Int) -> Band {
    let mean = (range.lowerBound + range.upperBound) / 2
    let deviation = (range.upperBound - range.lowerBound) / (12 * Double(count)).squareRoot()
    return Band(low: mean - normal * deviation, high: mean + normal * deviation)
  }

  /// A count that is at most as irregular as Poisson's.
  static func poisson(_ mean: Double) -> Band {
    Band(low: mean - normal * mean.squareRoot(), high: mean + normal * mean.squareRoot())
  }

  /// The share of `count` independent trials that come out.
  static func share(_ probability: Double, of count: Int) -> Band {
    let deviation = (probability * (1 - probability) / Double(count)).squareRoot()
    return Band(low: probability - normal * deviation, high: probability + normal * deviation)
  }

  /// Around the mean of 16 independent runs, from their own spread.
  static func mean(of runs: [Double]) -> Band {
    precondition(runs.count == 16, "Student's t is that for 16 runs, not \(runs.count)")
    let mean = runs.reduce(0, +) / 16
    let squares = runs.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    let error = (squares / 15 / 16).squareRoot()
    return Band(low: mean - student15 * error, high: mean + student15 * error)
  }
}

extension Interval {
  var seconds: Double { Double(nanoseconds) / 1e9 }
}
