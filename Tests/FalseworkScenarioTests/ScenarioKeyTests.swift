// SPDX-License-Identifier: Apache-2.0
import FalseworkScenario
import Testing

@Suite struct ScenarioKeyTests {
  @Test func `no key stands twice in the table`() {
    let paths = ScenarioKey.all.map(\.path)
    #expect(Set(paths).count == paths.count)
  }

  /// With a list in a list in its place, which nothing takes.
  @Test(arguments: ScenarioKey.all.map(\.path)) func `every key of the table is read`(path: String)
  {
    let steps = path.split(separator: ".").map { step in
      step.hasSuffix("[]") ? step.dropLast(2) + ".0" : String(step)
    }
    let problems = Sample.problems(
      Sample.everything, set: [(steps.joined(separator: "."), "[[1]]")])
    let place = path.split(separator: ".").map { step in
      step.hasSuffix("[]") ? step.dropLast(2) + "[0]" : String(step)
    }.joined(separator: ".")
    #expect(problems.contains { $0.path.hasPrefix(place) && !$0.found.hasPrefix("the key") })
  }

  @Test func `every threshold's figure has a key`() {
    let figures = Threshold.Figure.allCases.map(\.rawValue)
    #expect(ScenarioKey.keys(of: "thresholds").map(\.name) == figures)
  }

  @Test(arguments: ScenarioKey.all.filter { !$0.excludes.isEmpty }.map(\.path))
  func `what a key excludes is there and excludes it`(path: String) throws {
    let key = try #require(ScenarioKey.all.first { $0.path == path })
    for name in key.excludes {
      let other = try #require(ScenarioKey.key(name, of: key.section))
      #expect(other.excludes.contains(key.name))
    }
  }

  @Test(arguments: ScenarioKey.shortHands.sorted { $0.key < $1.key }.map(\.key))
  func `a short hand stands for a key of its section`(section: String) throws {
    let name = try #require(ScenarioKey.shortHands[section])
    #expect(ScenarioKey.key(name, of: section) != nil)
  }
}
