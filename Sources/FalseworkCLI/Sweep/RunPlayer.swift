// SPDX-License-Identifier: Apache-2.0
import FalseworkLab
import FalseworkReport
import FalseworkScenario
import FalseworkSim

/// Plays the runs of a sweep or of a search, simulated, on all cores.
struct RunPlayer: Sendable {
  /// Runs of one variant: its scenario is read once for all of them.
  struct Batch: Sendable {
    var overrides: [ScenarioOverride]
    var runs: [SweepRun]
  }

  let source: ScenarioSource
  let jobs: Int

  /// - Parameter each: told of the figures of a batch as it is done; false ends it all.
  func play(
    _ batches: [Batch], each: ([RunFigures]) throws -> Bool
  ) async throws {
    let timeScale = timeScale
    try await ParallelWork.run(batches, jobs: jobs) { [source] batch in
      // It was read before without a mistake: a variable of the environment may have changed.
      guard case .success(let scenario) = Self.read(source, batch.overrides) else { return [] }
      return batch.runs.map { run in
        let played = Simulation.result(
          of: scenario, options: Simulation.Options(seed: run.seed), keeping: .figures,
          timeScale: timeScale, program: FalseworkCommand.version)
        return RunFigures(run, played.result)
      }
    } each: {
      try each($0)
    }
  }

  var timeScale: Int64 = 1

  /// Every variant as a scenario, to find what is wrong with any and what theory says of each.
  func bounds(_ plan: SweepPlan) async throws -> [AnalyticBound?] {
    var bounds = [AnalyticBound?](repeating: nil, count: plan.variants)
    var problems: [String] = []
    let pieces = stride(from: 0, to: plan.variants, by: 16).map {
      $0..<min($0 + 16, plan.variants)
    }
    try await ParallelWork.run(pieces, jobs: jobs) { [source] variants in
      variants.map { ($0, Self.read(source, plan.overrides(of: $0)).map { AnalyticBound($0) }) }
    } each: { products in
      for (variant, product) in products {
        switch product {
        case .success(let bound): bounds[variant] = bound
        case .failure(let found):
          for problem in found.problems where !problems.contains(problem.description) {
            problems.append(problem.description)
          }
        }
      }
      return problems.count < 50
    }
    guard problems.isEmpty else {
      throw CommandEnd(status: .scenario, message: problems.sorted().joined(separator: "\n"))
    }
    return bounds
  }

  private static func read(
    _ source: ScenarioSource, _ overrides: [ScenarioOverride]
  ) -> Result<Scenario, ScenarioProblems> {
    do throws(ScenarioProblems) {
      return .success(try source.read(overrides))
    } catch {
      return .failure(error)
    }
  }
}
