// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkKeystone
import FalseworkLoad
import FalseworkProxy
import FalseworkRotation
import FalseworkScenario
import Testing

@Suite struct ScenarioScalingTests {
  @Test func `a tenth of every duration, and the same everything else`() throws {
    let text = Sample.sketch + "\n  failure-rate: \"< 1%\"\n  requests: \">= 5\"\n"
    let whole = try Sample.read(text, set: [("rotation.drain", "5s")])
    let tenth = whole.divided(by: 10)
    #expect(tenth.length == .fixed(.seconds(30)))
    #expect(
      tenth.cluster.service.authenticate
        == Distribution(
          .lognormal(median: .microseconds(22_500), p99: .microseconds(24_500))))
    #expect(tenth.cluster.service.workers == 2)
    #expect(tenth.cluster.lifecycle == NodeTimes.uwsgi.divided(by: 10))
    #expect(tenth.cluster.tokenLifetime == whole.cluster.tokenLifetime)
    #expect(
      tenth.load?.model
        == .closed(users: 4, spawnEvery: .zero, wait: .constant(.milliseconds(100))))
    #expect(tenth.rotation?.wait == .fixed(.milliseconds(500)))
    #expect(tenth.rotation?.settle == .milliseconds(200))
    #expect(tenth.proxy.configuration.backends[0].serverTimeout == .seconds(5))
    #expect(tenth.network.latency == .constant(.microseconds(10)))
    #expect(tenth.thresholds.map(\.text) == [">= 5", "== 0", "< 1%", "< 100ms", "< 200ms"])
    #expect(tenth.thresholds.map(\.limit) == [5, 0, 1_000_000, 100_000_000, 200_000_000])
    #expect(tenth.seed == whole.seed && tenth.name == whole.name)
  }

  @Test func `the end of a rotation comes a tenth later`() throws {
    let whole = try Sample.read("proxy: two.cfg\nrotation: kill")
    #expect(whole.divided(by: 10).length == .untilRotationEnds(plus: .seconds(1)))
  }

  @Test func `by one it is the same`() throws {
    let whole = try Sample.read(Sample.everything)
    #expect(whole.divided(by: 1) == whole)
  }

  /// Below a nanosecond nothing may trap.
  @Test(arguments: ScenarioFilesTests.names) func `every scenario can be divided by much`(
    name: String
  ) throws {
    let scenario = try ScenarioFilesTests.read(name).divided(by: 1_000_000_000)
    #expect(scenario.cluster.nodes.count >= 2)
  }
}
