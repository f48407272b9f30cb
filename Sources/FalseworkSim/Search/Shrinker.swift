import FalseworkCore
// SPDX-License-Identifier: Apache-2.0
package import FalseworkReport
package import FalseworkScenario

/// Reduces a scenario to the smallest that still fails in the same way.
///
/// It works on the text that a person would read: keys and elements are taken out, lines of the
/// `haproxy.cfg` too, counts and times made smaller and rounder; whatever is left out has its default.
/// A step is kept if the same seed then still fails of the same cause. Lines go in pieces that are
/// halved until single ones are tried (delta debugging: Zeller and Hildebrandt, 2002). The order of
/// the steps is fixed, so the same scenario shrinks to the same.
package struct Shrinker {
  package struct Progress: Equatable, Sendable {
    package var runs: Int
    package var steps: Int
    package var lines: Int
  }

  private let reader: ScenarioReader
  private let seed: UInt64
  private let timeScale: Int64
  package let cause: Cause.Kind
  private let stepLimit: Int
  private let runLimit: Int
  private let tell: ((Progress) -> Void)?
  package private(set) var tree: ScenarioTree
  package private(set) var runs = 0
  /// How often a step was kept.
  package private(set) var steps = 0

  /// - Parameters:
  ///   - cause: what must still fail; nil for the first cause of the run. Nil is returned if the
  ///     scenario does not fail so.
  package init?(
    _ tree: ScenarioTree, reader: ScenarioReader, seed: UInt64, timeScale: Int64,
    cause: Cause.Kind?, runLimit: Int, tell: ((Progress) -> Void)? = nil
  ) {
    self.tree = tree
    self.reader = reader
    self.seed = seed
    self.timeScale = timeScale
    self.runLimit = runLimit
    self.tell = tell
    guard let scenario = RemedySearch.read(tree, reader),
      let first = Self.play(scenario.divided(by: timeScale), seed, timeScale, limit: .max),
      let found = cause ?? first.result.causes.first?.cause.kind,
      first.result.causes.contains(where: { $0.cause.kind == found })
    else { return nil }
    self.cause = found
    // A change that makes a run much longer is no reduction.
    stepLimit = first.steps + first.steps / 2 + 1_000
  }

  /// The run of what it came to.
  package func result() -> RunResult? {
    guard let scenario = RemedySearch.read(tree, reader) else { return nil }
    return Self.play(scenario.divided(by: timeScale), seed, timeScale, limit: .max)?.result
  }

  private static func play(
    _ scenario: Scenario, _ seed: UInt64, _ timeScale: Int64, limit: Int
  ) -> (result: RunResult, steps: Int)? {
    var scenario = scenario
    scenario.thresholds = []
    return Simulation.bounded(
      scenario, seed: seed, timeScale: timeScale, stepLimit: limit)
  }

  // MARK: Reduction

  package mutating func shrink() {
    // What makes the runs long goes first.
    var brief = tree
    brief.remove(ScenarioTree.Path("duration"))
    _ = keep(brief)
    lowerNumbers(at: ["duration", "rotation.begin"].map { ScenarioTree.Path($0) })
    var last = -1
    // Each round may open the way for what did not work in the one before.
    while steps != last, runs < runLimit {
      last = steps
      removeKeys()
      lowerNumbers(at: tree.paths)
      removeNodes()
      removeLines()
    }
  }

  /// Keeps a change if the scenario still fails of the same cause.
  private mutating func keep(_ changed: ScenarioTree) -> Bool {
    guard changed != tree, runs < runLimit else { return false }
    guard let scenario = RemedySearch.read(changed, reader) else { return false }
    runs += 1
    defer {
      tell?(Progress(runs: runs, steps: steps, lines: tree.text.utf8.count { $0 == 0x0A }))
    }
    guard
      let run = Self.play(
        scenario.divided(by: timeScale), seed, timeScale, limit: stepLimit),
      run.result.causes.contains(where: { $0.cause.kind == cause }),
      run.result.how == .completed
    else { return false }
    tree = changed
    steps += 1
    return true
  }

  /// The seed is what makes it fail, and the proxy has lines of its own to lose.
  private static let kept: Set<String> = ["seed", "proxy", "proxy.config"]

  private mutating func removeKeys() {
    // From behind, so that the places of list elements before stay what they are.
    for path in tree.paths.reversed() where !Self.kept.contains(path.text) {
      var changed = tree
      changed.remove(path)
      _ = keep(changed)
    }
  }

  // MARK: Numbers

  private mutating func lowerNumbers(at paths: [ScenarioTree.Path]) {
    for path in paths where !Self.kept.contains(path.text) {
      guard let word = tree.word(at: path) else { continue }
      for smaller in Self.smaller(word) {
        var changed = tree
        guard changed.set(ScenarioOverride(path: path.text, value: smaller)) else { continue }
        if keep(changed) {
          // What was kept is the new word, and may be halved again.
          while let word = tree.word(at: path), let half = Self.half(word) {
            var changed = tree
            guard changed.set(ScenarioOverride(path: path.text, value: half)), keep(changed)
            else { break }
          }
          break
        }
      }
    }
  }

  /// Simpler words in the place of one, the simplest first.
  static func smaller(_ word: String) -> [String] {
    if let number = Int(word) {
      return number > 1 ? ["1", "2", "\(number / 2)"].filter { Int($0)! < number } : []
    }
    let parts = word.split(separator: " ").map(String.init)
    if let (value, unit) = duration(word) {
      let nanoseconds = value * unit.scale
      return ["0s", "1s", "10s", half(word) ?? "0s", rounded(nanoseconds)]
        .filter { text in duration(text).map { $0.value * $0.unit.scale < nanoseconds } ?? false }
    }
    // A distribution becomes its median, or its middle, before anything else.
    if parts.count >= 2, ["lognormal", "uniform", "exponential"].contains(parts[0]) {
      return [parts[1]]
    }
    return []
  }

  /// A duration or a count, halved; nil if that is no smaller or not round enough to be read.
  static func half(_ word: String) -> String? {
    if let number = Int(word) { return number > 1 ? "\(number / 2)" : nil }
    guard let (value, unit) = duration(word), value > 1 else { return nil }
    return "\(value / 2)\(unit.name)"
  }

  private struct Unit {
    var name: String
    var scale: Int64
  }

  private static let units = [
    Unit(name: "us", scale: 1_000), Unit(name: "ms", scale: 1_000_000),
    Unit(name: "s", scale: 1_000_000_000), Unit(name: "m", scale: 60_000_000_000),
    Unit(name: "h", scale: 3_600_000_000_000), Unit(name: "d", scale: 86_400_000_000_000),
  ]

  private static func duration(_ word: String) -> (value: Int64, unit: Unit)? {
    let digits = word.prefix { $0.isASCII && $0.isNumber }
    guard let value = Int64(digits), value < 1_000_000,
      let unit = units.first(where: { $0.name == word.dropFirst(digits.count) })
    else { return nil }
    return (value, unit)
  }

  /// Down to whole seconds.
  private static func rounded(_ nanoseconds: Int64) -> String {
    "\(nanoseconds / 1_000_000_000)s"
  }

  // MARK: The proxy's configuration

  /// A node goes with its server's line.
  private mutating func removeNodes() {
    guard let scenario = RemedySearch.read(tree, reader) else { return }
    for name in scenario.cluster.nodes.reversed() {
      var changed = tree
      changed.proxyText = Self.lines(tree.proxyText).filter { line in
        let words = line.split(whereSeparator: { $0 == " " || $0 == "\t" })
        return !(words.first == "server" && words.dropFirst().first.map { $0 == name } == true)
      }.joined(separator: "\n")
      // The nodes are then those that the configuration has.
      changed.remove(ScenarioTree.Path("cluster.nodes"))
      changed.remove(ScenarioTree.Path("rotation.order"))
      _ = keep(changed)
    }
  }

  private static func lines(_ text: String) -> [Substring] {
    text.split(separator: "\n", omittingEmptySubsequences: false)
  }

  /// Pieces of half of all lines, then of a quarter, down to single lines.
  private mutating func removeLines() {
    var size = max(1, Self.lines(tree.proxyText).count / 2)
    while true {
      var place = 0
      while place < Self.lines(tree.proxyText).count {
        let lines = Self.lines(tree.proxyText)
        let rest = lines[..<place] + lines[min(place + size, lines.count)...]
        var changed = tree
        changed.proxyText = rest.joined(separator: "\n")
        if !keep(changed) { place += size }
      }
      if size == 1 { return }
      size = max(1, size / 2)
    }
  }
}
