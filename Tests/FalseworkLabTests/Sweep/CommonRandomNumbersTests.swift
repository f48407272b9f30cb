// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkLoad
import FalseworkReport
import FalseworkScenario
import FalseworkSim
import Testing

/// Variants of a sweep share their luck: what a knob does not reach is the same to the nanosecond.
@Suite struct CommonRandomNumbersTests {
  private func outcomes(_ values: String...) throws -> [Outcome] {
    let overrides = values.compactMap { ScenarioOverride(parsing: $0) }
    let scenario = try Small.scenario(Small.text, overrides)
    var simulation = Simulation(scenario: scenario, options: Simulation.Options(seed: 5))
    var outcomes: [Outcome] = []
    _ = simulation.run { event in
      if case .request(let outcome) = event { outcomes.append(outcome) }
    }
    return outcomes
  }

  private func dues(_ outcomes: [Outcome]) -> [Instant] {
    outcomes.filter { $0.step == 0 && !$0.preliminary }.map(\.due).sorted()
  }

  @Test(arguments: [
    "rotation.drain=3s", "rotation.batch=3", "proxy.inter=12s", "proxy.retries=3",
    "cluster.service.validate=exponential 200ms",
  ])
  func `journeys of the open model arrive at the same times in every variant`(value: String) throws
  {
    let base = dues(try outcomes())
    let other = dues(try outcomes(value))
    let common = min(base.count, other.count)
    #expect(common > 300)
    #expect(base.prefix(common) == other.prefix(common))
  }

  @Test(arguments: ["rotation.drain=3s", "rotation.batch=3", "rotation.settle=9s"])
  func `until the knob has its say, requests cost the same`(value: String) throws {
    let begin = Instant.start + .seconds(5)
    let base = try outcomes().filter { $0.done < begin }
    let other = try outcomes(value).filter { $0.done < begin }
    #expect(base.count > 400)
    #expect(base == other)
  }

  @Test func `another seed is another luck`() throws {
    let scenario = try Small.scenario()
    #expect(Small.result(scenario, seed: 1) != Small.result(scenario, seed: 2))
    #expect(Small.result(scenario, seed: 1) == Small.result(scenario, seed: 1))
  }
}
