// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkKeystone
import FalseworkLoad
import FalseworkProxy
import FalseworkRotation
import FalseworkScenario
import Testing

@Suite struct ScenarioReaderTests {
  @Test func `the sketch reads as it looks`() throws {
    let scenario = try Sample.read(Sample.sketch)
    #expect(scenario.name == "first upgrade")
    #expect(scenario.seed == 1)
    #expect(scenario.length == .fixed(.seconds(300)))
    #expect(scenario.cluster.nodes == ["keystone1", "keystone2"])
    #expect(scenario.cluster.release.name == "newton")
    #expect(scenario.cluster.target.name == "ocata")
    #expect(scenario.cluster.provider == .always(.fernet))
    #expect(scenario.cluster.service == .measured)
    #expect(scenario.cluster.lifecycle == .uwsgi)
    #expect(scenario.cluster.isolation == .none)
    #expect(scenario.cluster.data == .standard)
    #expect(scenario.proxy.file == "two.cfg")
    #expect(scenario.proxy.configuration.servers.map(\.name) == ["keystone1", "keystone2"])
    #expect(scenario.proxy.warnings.isEmpty)
    let load = try #require(scenario.load)
    #expect(
      load.model == .closed(users: 4, spawnEvery: .zero, wait: .constant(.seconds(1))))
    #expect(load.tasks.map(\.name) == ["authenticate-then-validate"])
    #expect(load.tasks[0].steps.map(\.kind) == [.authenticate, .validateOwn])
    #expect(load.tasks[0].steps.allSatisfy { $0.onFailure == .goOn })
    #expect(load.credentials.map(\.user) == ["admin"])
    let rotation = try #require(scenario.rotation)
    #expect(rotation.strategy == .restart)
    #expect(rotation.signal == .terminate)
    #expect(rotation.order == [NodeID(0), NodeID(1)])
    #expect(rotation.settle == .seconds(2))
    #expect(scenario.thresholds.map(\.text) == ["== 0", "< 1s", "< 2s"])
  }

  @Test func `a proxy is enough: its servers name the nodes`() throws {
    let scenario = try Sample.read(Sample.minimal)
    #expect(scenario.name == "s")
    #expect(scenario.cluster.nodes == ["keystone1", "keystone2"])
    #expect(scenario.cluster.release == .newest)
    #expect(scenario.cluster.service == .instant)
    #expect(scenario.cluster.lifecycle == .instant)
    #expect(scenario.load == nil && scenario.rotation == nil)
    #expect(scenario.length == .fixed(.seconds(60)))
    #expect(scenario.network.latency == .constant(.microseconds(100)))
  }

  @Test func `a file is found from the scenario that names it`() throws {
    let reader = Sample.reader(["a/b/s.yaml": "proxy: ../x.cfg", "a/b/../x.cfg": Sample.twoServers])
    #expect(try reader.read("a/b/s.yaml").proxy.file == "a/b/../x.cfg")
  }

  @Test func `every mistake is reported at once, in the order of the file`() {
    let problems = Sample.problems(
      """
      nmae: x
      seed: -1
      duration: 5
      cluster:
        nodes: two
        release: {from: newtn}
        lifecycle: {like: uwsgi, loads: soon}
      proxy: two.cfg
      load:
        users: "4"
        journey: authenticate-then-valdate
      rotation:
        strategy: restrat
        drian: 5s
      thresholds:
        failures: 0
      """)
    #expect(
      problems.map(\.description) == [
        "s.yaml:1:1: nmae: found the key 'nmae', expected extends, name, about, seed, duration, "
          + "cluster, proxy, load, rotation, thresholds, network or field; did you mean 'name'?",
        "s.yaml:2:7: seed: found '-1', expected a whole number from 0 to 18446744073709551615",
        "s.yaml:3:11: duration: found '5', expected a duration with a unit: us, ms, s, m, h or d; "
          + "did you mean '5s'?",
        "s.yaml:5:10: cluster.nodes: found 'two', expected a whole number from 1 to 1000, or a "
          + "list of names",
        "s.yaml:6:19: cluster.release.from: found 'newtn', expected a release such as newton, "
          + "2024.1 or 30; did you mean 'newton'?",
        "s.yaml:7:35: cluster.lifecycle.loads: found 'soon', expected \(Distribution.grammar)",
        "s.yaml:10:10: load.users: found the text '4', expected a whole number from 1 to 100000",
        "s.yaml:11:12: load.journey: found 'authenticate-then-valdate', expected authenticate, "
          + "validate, authenticate-then-validate, validate-old, authenticate-then-catalog, "
          + "authenticate-then-projects or authenticate-then-revoke; did you mean "
          + "'authenticate-then-validate'?",
        "s.yaml:13:13: rotation.strategy: found 'restrat', expected kill, restart, maint, drain, "
          + "fail-check or ramp; did you mean 'restart'?",
        "s.yaml:14:3: rotation.drian: found the key 'drian', expected preset, strategy, drain, "
          + "maint, wait, ramp, signal, begin, batch, canary, surge, blue-green, order, down, ready, "
          + "await-up, settle, poll, patience, gate, floor, on-abort or steps; did you mean 'drain'?",
        "s.yaml:16:13: thresholds.failures: found '0', expected a condition such as \"== 0\"; did "
          + "you mean '== 0'?",
      ])
  }
}
