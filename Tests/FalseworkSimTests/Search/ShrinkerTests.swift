// SPDX-License-Identifier: Apache-2.0
import FalseworkReport
import FalseworkScenario
import Testing

@testable import FalseworkSim

@Suite struct ShrinkerTests {
  private static func shrinker(_ cause: Cause.Kind? = nil, runs: Int = 400) throws -> Shrinker? {
    Shrinker(
      try FailingScenario.tree(), reader: FailingScenario.reader, seed: 3, timeScale: 1,
      cause: cause, runLimit: runs)
  }

  @Test func `what is left still fails in the same way, runs by itself and is smaller`() throws {
    var shrinker = try #require(try Self.shrinker())
    let before = try FailingScenario.tree().text
    shrinker.shrink()
    let text = shrinker.tree.text
    #expect(text.count < before.count / 2)
    let scenario = try FailingScenario.reader.read(Array(text.utf8), file: "small.yaml")
    let result = RemedySearch.play(scenario, 3, 1)
    #expect(result.causes.contains { $0.cause.kind == shrinker.cause })
    #expect(!text.contains("about"))
    #expect(!text.contains("httplog"))
  }

  @Test func `the same scenario shrinks to the same`() throws {
    var texts: [String] = []
    for _ in 0..<2 {
      var shrinker = try #require(try Self.shrinker(runs: 60))
      shrinker.shrink()
      texts.append(shrinker.tree.text)
    }
    #expect(texts[0] == texts[1])
  }

  @Test func `a cause that the run does not have cannot be kept`() throws {
    #expect(try Self.shrinker(.queueTimeout) == nil)
  }

  @Test(arguments: [
    ("392s", ["0s", "1s", "10s", "196s"]), ("4", ["1", "2", "2"]), ("1", []),
    ("1500ms", ["0s", "1s", "750ms", "1s"]), ("lognormal 225ms p99 245ms", ["225ms"]),
    ("restart", []), ("0s", []),
  ])
  func `numbers become simpler and smaller, never larger`(word: String, smaller: [String]) {
    #expect(Shrinker.smaller(word) == smaller)
  }
}
