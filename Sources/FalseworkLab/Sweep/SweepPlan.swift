// SPDX-License-Identifier: Apache-2.0
package import FalseworkScenario

/// One run of a sweep.
package struct SweepRun: Hashable, Sendable {
  /// The number of the combination of values, from 0.
  package var variant: Int
  package var seed: UInt64

  package init(variant: Int, seed: UInt64) {
    self.variant = variant
    self.seed = seed
  }
}

/// Seeds in a row.
package struct SeedRange: Equatable, Sendable {
  package var first: UInt64
  package var count: Int

  package init(first: UInt64, count: Int) {
    self.first = first
    self.count = count
  }

  package subscript(index: Int) -> UInt64 { first &+ UInt64(index) }

  package func index(of seed: UInt64) -> Int? {
    let place = seed &- first
    return place < UInt64(count) ? Int(place) : nil
  }

  /// `1...50`.
  package var text: String { count == 1 ? "\(first)" : "\(first)...\(first &+ UInt64(count - 1))" }

  package init?(parsing text: Substring) {
    guard let first = UInt64(text.prefix { $0.isNumber }) else { return nil }
    let rest = text.drop { $0.isNumber }
    guard !rest.isEmpty else {
      self.init(first: first, count: 1)
      return
    }
    guard rest.hasPrefix("..."), let last = UInt64(rest.dropFirst(3)), last >= first,
      last - first < 100_000_000
    else { return nil }
    self.init(first: first, count: Int(last - first) + 1)
  }
}

/// Everything that the runs of a sweep are a function of: two sweeps of one plan give the same bytes.
///
/// Every variant is played with the same seeds, so that variants differ by their values and not by
/// their luck as well.
package struct SweepPlan: Equatable, Sendable {
  /// Name and version.
  package var program: String
  /// The path of the file, as it was given.
  package var scenario: String
  /// Of the scenario and of every file that it names.
  package var fingerprint: String
  /// As after `--set`, for every variant.
  package var settings: [String]
  package var timeScale: Int64
  package var axes: [SweepAxis]
  package var seeds: SeedRange

  package init(
    program: String, scenario: String, fingerprint: String, settings: [String], timeScale: Int64,
    axes: [SweepAxis], seeds: SeedRange
  ) {
    self.program = program
    self.scenario = scenario
    self.fingerprint = fingerprint
    self.settings = settings
    self.timeScale = timeScale
    self.axes = axes
    self.seeds = seeds
  }

  /// More runs than anybody waits for.
  package static let mostRuns = 50_000_000

  /// The product of the axes; nil if it is beyond all use.
  package static func product(_ counts: [Int]) -> Int? {
    var product = 1
    for count in counts {
      let (next, overflow) = product.multipliedReportingOverflow(by: count)
      guard !overflow, next <= mostRuns else { return nil }
      product = next
    }
    return product
  }

  package var variants: Int { axes.reduce(1) { $0 * $1.values.count } }
  package var runs: Int { variants * seeds.count }

  /// Runs are numbered variant by variant.
  package func run(_ number: Int) -> SweepRun {
    SweepRun(variant: number / seeds.count, seed: seeds[number % seeds.count])
  }

  /// Nil for a run that is none of this plan.
  package func number(of run: SweepRun) -> Int? {
    guard run.variant < variants, let place = seeds.index(of: run.seed) else { return nil }
    return run.variant * seeds.count + place
  }

  /// Which value of each axis a variant has; the last axis turns fastest.
  package func places(of variant: Int) -> [Int] {
    var rest = variant
    var places: [Int] = []
    for axis in axes.reversed() {
      places.append(rest % axis.values.count)
      rest /= axis.values.count
    }
    return places.reversed()
  }

  package func variant(at places: [Int]) -> Int {
    zip(axes, places).reduce(0) { $0 * $1.0.values.count + $1.1 }
  }

  package func values(of variant: Int) -> [String] {
    zip(axes, places(of: variant)).map { $0.values[$1] }
  }

  /// What is laid over the scenario's file for a variant.
  package func overrides(of variant: Int) -> [ScenarioOverride] {
    settings.compactMap { ScenarioOverride(parsing: $0) }
      + zip(axes, values(of: variant)).map { axis, value in
        ScenarioOverride(path: axis.path, value: value, label: "--vary \(axis.path)")
      }
  }

  // MARK: As a file

  /// One line for each thing, as `plan.txt` has it.
  package var text: String {
    var lines = [
      "program \(program)", "scenario \(scenario)", "fingerprint \(fingerprint)",
      "time-scale \(timeScale)",
    ]
    lines += settings.map { "set \($0)" }
    lines += axes.map { "vary \($0.text)" }
    lines.append("seeds \(seeds.text)")
    return lines.map { $0 + "\n" }.joined()
  }

  package init(parsing text: String) throws(SweepProblem) {
    var plan = SweepPlan(
      program: "", scenario: "", fingerprint: "", settings: [], timeScale: 1, axes: [],
      seeds: SeedRange(first: 1, count: 0))
    for line in text.split(separator: "\n") {
      guard let blank = line.firstIndex(of: " ") else {
        throw SweepProblem("found '\(line)', expected a line of a plan")
      }
      let value = line[line.index(after: blank)...]
      switch line[..<blank] {
      case "program": plan.program = String(value)
      case "scenario": plan.scenario = String(value)
      case "fingerprint": plan.fingerprint = String(value)
      case "time-scale": plan.timeScale = Int64(value) ?? 0
      case "set": plan.settings.append(String(value))
      case "vary": plan.axes.append(try SweepAxis(parsing: String(value)))
      case "seeds":
        guard let seeds = SeedRange(parsing: value) else {
          throw SweepProblem("found the seeds '\(value)', expected such as 1...50")
        }
        plan.seeds = seeds
      default: throw SweepProblem("found '\(line)', expected a line of a plan")
      }
    }
    guard plan.timeScale > 0, plan.seeds.count > 0, !plan.fingerprint.isEmpty else {
      throw SweepProblem("a plan needs a fingerprint, a time-scale and seeds")
    }
    self = plan
  }

  /// In what another plan differs, so that its results are no results of this one; nil if they are.
  ///
  /// Seeds may be more or fewer, and values may be more in any order: a run is the same in both.
  package func difference(from other: SweepPlan) -> String? {
    if program != other.program { return "it was made by \(other.program), this is \(program)" }
    if fingerprint != other.fingerprint {
      return "the scenario, or a file that it names, has changed since"
    }
    if settings != other.settings { return "it has other values of --set" }
    if timeScale != other.timeScale { return "it has another --time-scale" }
    if axes.map(\.path) != other.axes.map(\.path) {
      return "it varies \(other.axes.map(\.path).joined(separator: " and "))"
    }
    return nil
  }
}

/// A part of a sweep's runs, for one machine of several: `2/8` is the second of eight.
package struct Shard: Equatable, Sendable {
  /// From 1.
  package var index: Int
  package var count: Int

  package static let whole = Shard(index: 1, count: 1)

  package init(index: Int, count: Int) {
    self.index = index
    self.count = count
  }

  package init?(parsing text: String) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, let index = Int(parts[0]), let count = Int(parts[1]), count > 0,
      count <= 1_000_000, (1...count).contains(index)
    else { return nil }
    self.init(index: index, count: count)
  }

  /// Runs go round, so that every shard has some of each variant.
  package func contains(_ number: Int) -> Bool { number % count == index - 1 }
}
