// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import FalseworkReport
import FalseworkScenario
import FalseworkSim

/// `falsework explain`: why each request failed, and what would have saved it.
struct ExplainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain",
    abstract: "Say why each request of a run failed, hop by hop, and what would have saved it.",
    discussion: """
        falsework explain specs/scenarios/first-upgrade.yaml
        falsework explain specs/scenarios/kill-nine.yaml --seed 7 --all
        falsework run specs/scenarios/first-upgrade.yaml --out results/
        falsework explain results/

      RUN is a scenario, which is simulated, or what `run --out` wrote: a directory or
      its result.json. Failures that share a cause are told once, by the first of them;
      --all tells each.

      For each cause the smallest change of the rotation or of the haproxy.cfg is looked
      for that would have saved its requests. The same seed is played again, in virtual
      time, with every change that is tried; only what that run showed is claimed.

      Exit code 0 if nothing failed, 1 if something did.
      """)

  @Argument(
    help: ArgumentHelp(
      "A scenario, a result.json, or a directory that has one.", valueName: "run"))
  var subject: String

  @Option(
    help: ArgumentHelp(
      "The scenario of a result, if its directory has none.", valueName: "file"))
  var scenario: String?

  @Option(
    name: .customLong("set"), parsing: .singleValue,
    help: ArgumentHelp(
      "Lay a value over the scenario. May be repeated.", valueName: "path=value"))
  var values: [String] = []

  @Option(help: "Chance begins here, instead of at the run's own seed.")
  var seed: UInt64?

  @Option(help: "Divide every duration by this whole number.")
  var timeScale: Int64?

  @Flag(help: "Tell every failed request, not one of each cause.")
  var all = false

  @Flag(inversion: .prefixedNo, help: "Whether to look for what would have saved them.")
  var remedies = true

  mutating func validate() throws {
    if let timeScale, timeScale < 1 {
      throw ValidationError("--time-scale must be a whole number from 1 on, not \(timeScale)")
    }
    for value in values where ScenarioOverride(parsing: value) == nil {
      throw ValidationError("--set takes PATH=VALUE such as rotation.wait=5s, not '\(value)'")
    }
  }

  mutating func run() throws {
    let file = TextFile.isFile(subject + "/result.json") ? subject + "/result.json" : subject
    let told = file.hasSuffix(".json") ? try Self.result(file) : nil
    let path = scenario ?? (told == nil ? subject : Self.neighbour(of: file))
    var search: RemedySearch?
    var played: Scenario?
    if let path {
      do {
        let tree = try ScenarioReader.files.tree(
          path, overrides: values.compactMap { ScenarioOverride(parsing: $0) })
        let scenario = try ScenarioReader.files.read(tree)
        played = scenario
        let scale = timeScale ?? told?.scenario.timeScale ?? 1
        if told == nil || remedies {
          search = try RemedySearch(
            tree, reader: .files, seed: seed ?? told?.scenario.seed ?? scenario.seed,
            timeScale: scale)
        }
        played = scenario.divided(by: scale)
      } catch {
        throw CommandEnd(status: .scenario, message: error.description)
      }
    }
    guard let story = told?.story ?? search.map({ RunStory($0.base) }) else { return }
    tell(story, played, &search, isPlayed: told == nil)
    if !story.failures.isEmpty { throw CommandEnd(status: .missed, message: nil) }
  }

  private static func result(_ path: String) throws(CommandEnd) -> ResultFileStory {
    let bytes: [UInt8]
    do {
      bytes = try TextFile.read(path)
    } catch {
      throw CommandEnd(status: .environment, message: "\(path): \(error.reason)")
    }
    do {
      return try ResultFileStory.read(bytes)
    } catch {
      throw CommandEnd(
        status: .scenario, message: "\(path): no result of `falsework run`: \(error)")
    }
  }

  /// `run --out` writes the scenario beside its result.
  private static func neighbour(of result: String) -> String? {
    let directory = result.lastIndex(of: "/").map { String(result[...$0]) } ?? ""
    let path = directory + "scenario.yaml"
    return TextFile.isFile(path) ? path : nil
  }

  // MARK: The telling

  private func tell(
    _ story: RunStory, _ scenario: Scenario?, _ search: inout RemedySearch?, isPlayed: Bool
  ) {
    let failed = story.failures.count + story.failuresNotKept
    say(
      "\(story.name): \(story.world), seed \(story.seed). \(failed) of \(story.requests) requests failed."
    )
    var progress = Tried()
    for (number, group) in story.groups.enumerated() {
      say("")
      let count = group.count == 1 ? "1 request" : "\(group.count) requests"
      say(group[0].text + ": \(count)", first: "\(number + 1). ", indent: 3)
      for request in all ? group[...] : group.prefix(1) {
        say(story.chain(request, scenario), first: "   ", indent: 3)
      }
      if !all, group.count > 1 {
        let others = group.dropFirst().prefix(8).map { "\($0.number)" }.joined(separator: ", ")
        say("The same: \(others)\(group.count > 9 ? " …" : "").", first: "   ", indent: 3)
      }
      if remedies { saying(group[0].cause, &search, &progress) }
    }
    if story.failuresNotKept > 0 {
      say("\n\(story.failuresNotKept) more failed requests are not kept and not explained.")
    }
    guard remedies, !story.failures.isEmpty else { return }
    guard search != nil else {
      return say(
        "\nWhat would have saved them is not looked for: the scenario is not known. Give it with "
          + "--scenario FILE.")
    }
    sayAll(&search!, isPlayed: isPlayed)
  }

  /// Causes whose remedy was told already.
  private struct Tried {
    var causes: Set<Cause.Kind> = []
  }

  private func saying(
    _ cause: Cause.Kind, _ search: inout RemedySearch?, _ tried: inout Tried
  ) {
    guard search != nil else { return }
    if cause == .noToken {
      return say("Saved with the requests that failed before them.", first: "   ", indent: 3)
    }
    guard tried.causes.insert(cause).inserted else {
      return say("What saves them is told above.", first: "   ", indent: 3)
    }
    guard search!.base.causes.contains(where: { $0.cause.kind == cause }) else {
      return say(
        "No change was looked for: in virtual time this seed has no failure of that cause.",
        first: "   ", indent: 3)
    }
    let found = search!.saves(cause)
    guard let saved = found.saved else {
      return say(
        "Nothing that was tried saves them (\(found.failed.count) changes).", first: "   ",
        indent: 3)
    }
    say(
      "Smallest change that saves them: \(saved.remedy.text). Played again with it: "
        + "\(saved.failures) of \(saved.requests) requests fail, none of this cause.",
      first: "   ", indent: 3)
    for trial in found.failed.prefix(3) {
      let same = trial.byCause[cause, default: 0]
      say(
        "Not enough: \(trial.remedy.text): \(trial.failures) fail, \(same) of this cause.",
        first: "   ", indent: 5)
    }
    if found.failed.count > 3 {
      say("Nor \(found.failed.count - 3) others.", first: "   ", indent: 5)
    }
  }

  private func sayAll(_ search: inout RemedySearch, isPlayed: Bool) {
    say("")
    if !isPlayed {
      let failures = search.base.total.failures
      say(
        "Changes were tried in virtual time, where the scenario as it is loses \(failures) of "
          + "\(search.base.total.requests) requests with this seed.")
    }
    guard search.base.total.failures > 0 else { return }
    guard let saved = search.savesAll().saved else {
      return say("No single change or pair that was tried saves all of them.")
    }
    say(
      "Smallest change that saves all: \(saved.remedy.text). Played again with it: 0 of "
        + "\(saved.requests) requests fail.")
    if !saved.remedy.flags.isEmpty, saved.remedy.edits.isEmpty {
      say("Try it: \(saved.remedy.flags)")
    }
    say("One seed proves little; `falsework agree --runs 0 --seeds 1000` plays many.")
  }

  private func say(_ text: String, first: String = "", indent: Int = 0) {
    let lines = text.hasPrefix("\n") ? "\n" : ""
    Terminal.write(
      lines + Wrapped.paragraph(text, first: first, indent: indent) + "\n", to: .output)
  }
}
