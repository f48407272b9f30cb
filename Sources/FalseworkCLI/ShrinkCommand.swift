// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import FalseworkReport
import FalseworkScenario
import FalseworkSim

/// `falsework shrink`: the smallest scenario that still fails in the same way.
struct ShrinkCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "shrink",
    abstract: "Reduce a failing scenario to the smallest that still fails in the same way.",
    discussion: """
        falsework shrink specs/scenarios/first-upgrade.yaml --out small.yaml
        falsework shrink mine.yaml --seed 7 --keep refused-by-node --out small.yaml
        falsework run small.yaml --world simulated

      Keys, nodes and lines of the haproxy.cfg are taken out, counts and times made
      smaller and rounder, as long as the same seed still fails of the same cause in
      virtual time. The file that is written has the configuration in it and runs by
      itself. Without --out it is printed.

      Exit code 0 if it fails and was reduced, 1 if it does not fail so.
      """)

  @OptionGroup var options: ScenarioOptions

  @Option(
    help: ArgumentHelp(
      "The cause that must stay, as result.json names it; the run's first if not given.",
      valueName: "cause"))
  var keep: String?

  @Option(help: ArgumentHelp("Where the small scenario is written.", valueName: "file"))
  var out: String?

  @Option(help: "How many runs may be played.")
  var runs = 2_000

  mutating func validate() throws {
    guard runs > 0 else { throw ValidationError("--runs must be positive, not \(runs)") }
    if let keep, Cause.Kind(rawValue: keep) == nil {
      let known = Cause.Kind.allCases.map(\.rawValue).joined(separator: ", ")
      throw ValidationError("--keep takes one of \(known), not '\(keep)'")
    }
  }

  mutating func run() throws {
    let tree: ScenarioTree
    let scenario: Scenario
    do {
      tree = try ScenarioReader.files.tree(
        options.scenario, overrides: options.values.compactMap { ScenarioOverride(parsing: $0) })
      scenario = try ScenarioReader.files.read(tree)
    } catch {
      throw CommandEnd(status: .scenario, message: error.description)
    }
    let seed = options.seed ?? scenario.seed
    var seeded = tree
    _ = seeded.set(ScenarioOverride(path: "seed", value: "\(seed)"))
    let line = CountLine("shrinking: run", of: runs)
    guard
      var shrinker = Shrinker(
        seeded, reader: .files, seed: seed, timeScale: options.timeScale,
        cause: keep.flatMap { Cause.Kind(rawValue: $0) }, runLimit: runs,
        tell: { line.show($0.runs) })
    else {
      let what = keep.map { " of \($0)" } ?? ""
      throw CommandEnd(
        status: .missed, message: "\(scenario.name): nothing fails\(what) with seed \(seed)")
    }
    shrinker.shrink()
    line.end()
    let text = shrinker.tree.text
    let result = shrinker.result()
    TextFile.complain(
      Wrapped.paragraph(
        "\(scenario.name): \(tree.text.lines) lines to \(text.lines) in \(shrinker.runs) runs; "
          + "\(result?.total.failures ?? 0) of \(result?.total.requests ?? 0) requests still fail; "
          + "the cause that was kept is \(shrinker.cause.rawValue)."))
    guard let out else { return Terminal.write(text, to: .output) }
    try TextFile.write(Array(text.utf8), to: out)
  }
}

extension String {
  fileprivate var lines: Int { utf8.count { $0 == 0x0A } }
}
