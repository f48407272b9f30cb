// SPDX-License-Identifier: Apache-2.0
package import FalseworkReport
package import FalseworkScenario

/// Looks for the smallest change of a scenario that would have saved its failed requests, by playing
/// the same seed with each.
///
/// Nothing is claimed that was not played. A change may draw other chances than the run it changes, so
/// what is verified is the run: that nothing of that cause fails in it any more, and nothing that did
/// not fail before.
package struct RemedySearch {
  /// What a run with a change came to.
  package struct Trial: Equatable, Sendable {
    package var remedy: Remedy
    package var requests: Int
    package var failures: Int
    /// How many failed of each cause.
    package var byCause: [Cause.Kind: Int]
    package var ended: Bool
  }

  private let tree: ScenarioTree
  private let reader: ScenarioReader
  private let timeScale: Int64
  private let seed: UInt64
  package let candidates: [Remedy]
  /// The run as it is.
  package let base: RunResult
  private var trials: [Int: Trial?] = [:]

  package init(
    _ tree: ScenarioTree, reader: ScenarioReader, seed: UInt64, timeScale: Int64
  ) throws(ScenarioProblems) {
    self.tree = tree
    self.reader = reader
    self.seed = seed
    self.timeScale = timeScale
    let scenario = try reader.read(tree)
    candidates = Remedy.candidates(for: scenario)
    base = Self.play(scenario.divided(by: timeScale), seed, timeScale)
  }

  package static func play(_ scenario: Scenario, _ seed: UInt64, _ timeScale: Int64) -> RunResult {
    var scenario = scenario
    scenario.thresholds = []
    return Simulation.result(
      of: scenario, options: Simulation.Options(seed: seed), keeping: .figures,
      timeScale: timeScale, program: ""
    ).result
  }

  /// The trial of a candidate; nil if the change cannot be made.
  package mutating func trial(_ place: Int) -> Trial? {
    if let known = trials[place] { return known }
    let trial = play(candidates[place])
    trials[place] = .some(trial)
    return trial
  }

  /// Nil for a change of which no scenario comes.
  static func read(_ tree: ScenarioTree, _ reader: ScenarioReader) -> Scenario? {
    do {
      return try reader.read(tree)
    } catch {
      return nil
    }
  }

  private func play(_ remedy: Remedy) -> Trial? {
    guard let changed = remedy.applied(to: tree), let scenario = Self.read(changed, reader) else {
      return nil
    }
    let result = Self.play(scenario.divided(by: timeScale), seed, timeScale)
    var byCause: [Cause.Kind: Int] = [:]
    for group in result.causes { byCause[group.cause.kind, default: 0] += group.count }
    return Trial(
      remedy: remedy, requests: result.total.requests, failures: result.total.failures,
      byCause: byCause, ended: result.how == .completed)
  }

  /// The first candidate with which nothing of this cause fails, and how those before it went.
  package mutating func saves(
    _ cause: Cause.Kind
  ) -> (saved: Trial?, failed: [Trial]) {
    let base = base
    return search { trial in
      trial.byCause[cause, default: 0] == 0
        && trial.failures < base.total.failures
        && trial.byCause.allSatisfy { kind, count in
          count <= base.causes.filter { $0.cause.kind == kind }.reduce(0) { $0 + $1.count }
        }
    }
  }

  /// The first with which nothing fails at all.
  package mutating func savesAll() -> (saved: Trial?, failed: [Trial]) {
    search { $0.failures == 0 }
  }

  private mutating func search(_ holds: (Trial) -> Bool) -> (saved: Trial?, failed: [Trial]) {
    var failed: [Trial] = []
    for place in candidates.indices {
      guard let trial = trial(place) else { continue }
      if trial.ended, holds(trial) { return (trial, failed) }
      failed.append(trial)
    }
    return (nil, failed)
  }
}
