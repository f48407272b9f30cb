// SPDX-License-Identifier: Apache-2.0
import FalseworkLab
import Testing

@Suite struct RunResultReadyTests {
  /// Two of three stay while one is out; with all in one batch none does. A node that is drained
  /// still serves, but nobody new.
  @Test(arguments: [
    (["rotation.strategy=kill"], 2),
    (["rotation.strategy=kill", "rotation.batch=2"], 1),
    (["rotation.strategy=kill", "rotation.batch=3"], 0),
    (["rotation.drain=3s"], 2),
    (["rotation.maint=1s", "rotation.batch=2"], 1),
  ])
  func `the fewest ready nodes are those that no batch has`(values: [String], ready: Int) throws {
    let scenario = try Small.scenario(values)
    #expect(Small.result(scenario).fewestReady == ready)
  }

  @Test func `without a rotation all are ready`() throws {
    let text = Small.text.replacing("rotation: {strategy: kill, begin: 5s}", with: "")
      .replacing("until the rotation ends, plus 2s", with: "3s")
    #expect(Small.result(try Small.scenario(text, [])).fewestReady == 3)
  }
}
