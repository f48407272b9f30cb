// SPDX-License-Identifier: Apache-2.0
import FalseworkLab
import FalseworkReport
import FalseworkScenario
import FalseworkSim

/// A small scenario, and runs of it.
enum Small {
  static let configuration = """
    defaults
      mode http
      timeout connect 5s
      timeout client 50s
      timeout server 50s
      retries 0
    frontend f
      bind 127.0.0.1:15000
      default_backend b
    backend b
      balance roundrobin
      option httpchk HEAD /healthcheck
      default-server check inter 2s rise 2 fall 3
      server n1 127.0.0.1:15001
      server n2 127.0.0.1:15002
      server n3 127.0.0.1:15003

    """

  static let text = """
    proxy: three.cfg
    duration: until the rotation ends, plus 2s
    cluster:
      service: {workers: 8, authenticate: 20ms, validate: exponential 20ms}
      lifecycle: uwsgi
    load: {rate: 60/s, arrivals: poisson, journey: authenticate-then-validate}
    rotation: {strategy: kill, begin: 5s}
    """

  static func scenario(_ values: String...) throws -> Scenario { try scenario(values) }

  static func scenario(_ values: [String]) throws -> Scenario {
    try scenario(text, values.compactMap { ScenarioOverride(parsing: $0) })
  }

  static func scenario(_ text: String, _ overrides: [ScenarioOverride]) throws -> Scenario {
    let reader = ScenarioReader(
      environment: { _ in nil }, load: { _ in Array(configuration.utf8) })
    return try reader.read(Array(text.utf8), file: "s.yaml", overrides: overrides)
  }

  static func result(_ scenario: Scenario, seed: UInt64 = 1) -> RunResult {
    Simulation.result(
      of: scenario, options: Simulation.Options(seed: seed), keeping: .figures, timeScale: 1,
      program: "test"
    ).result
  }

  static func plan(_ axes: String..., seeds: Int = 2) throws -> SweepPlan {
    SweepPlan(
      program: "falsework 1", scenario: "s.yaml", fingerprint: "abc", settings: ["seed=1"],
      timeScale: 1, axes: try axes.map { try SweepAxis(parsing: $0) },
      seeds: SeedRange(first: 1, count: seeds))
  }

  /// A sweep whose runs lose as many requests as a function says.
  static func sweep(
    _ plan: SweepPlan, bounds: [AnalyticBound?]? = nil, failures: (SweepRun) -> Int
  ) throws -> SweepResult {
    let sample = RunFigures(SweepRun(variant: 0, seed: 1), result(try scenario()))
    var table = RunTable(plan)
    for number in 0..<plan.runs {
      var figures = sample
      figures.run = plan.run(number)
      figures.failures = failures(figures.run)
      table.add(figures)
    }
    return SweepResult(table, bounds: bounds ?? Array(repeating: nil, count: plan.variants))
  }
}
