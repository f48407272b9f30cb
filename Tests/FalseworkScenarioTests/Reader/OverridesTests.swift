// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkKeystone
import FalseworkLoad
import FalseworkRotation
import FalseworkScenario
import Testing

@Suite struct OverridesTests {
  private func problems(_ path: String, _ value: String) -> [String] {
    Sample.problems(Sample.sketch, set: [(path, value)]).map(\.description)
  }

  @Test(arguments: [
    ("rotation.drain=5s", "rotation.drain", "5s"),
    ("thresholds.p99=>= 1s", "thresholds.p99", ">= 1s"),
    ("a=", "a", ""), ("a=b=c", "a", "b=c"),
  ])
  func `an override is a path and a value`(text: String, path: String, value: String) {
    #expect(ScenarioOverride(parsing: text) == ScenarioOverride(path: path, value: value))
  }

  @Test(arguments: ["", "=", "=1", "rotation.drain"])
  func `without a path or a sign it is none`(text: String) {
    #expect(ScenarioOverride(parsing: text) == nil)
  }

  @Test func `a value replaces that of the file`() throws {
    let scenario = try Sample.read(
      Sample.sketch,
      set: [
        ("seed", "9"), ("rotation.settle", "3s"), ("thresholds.failures", "<= 4"),
        ("cluster.release.to", "pike"), ("network.latency", "1ms"), ("name", "2024"),
      ])
    #expect(scenario.seed == 9)
    #expect(scenario.rotation?.settle == .seconds(3))
    #expect(scenario.thresholds[0].text == "<= 4")
    #expect(scenario.cluster.target.name == "pike")
    #expect(scenario.network.latency == .constant(.milliseconds(1)))
    #expect(scenario.name == "2024")
  }

  @Test func `the last of several counts`() throws {
    #expect(try Sample.read(Sample.sketch, set: [("seed", "2"), ("seed", "3")]).seed == 3)
  }

  @Test func `a drain takes the place of a restart`() throws {
    let rotation = try Sample.read(Sample.sketch, set: [("rotation.drain", "5s")]).rotation
    #expect(rotation?.strategy == .drain)
    #expect(rotation?.wait == .fixed(.seconds(5)))
    #expect(rotation?.settle == .seconds(2))
  }

  @Test func `a strategy takes the place of a drain`() throws {
    let rotation = try Sample.read(
      Sample.sketch, set: [("rotation.drain", "5s"), ("rotation.strategy", "kill")]
    ).rotation
    #expect(rotation?.strategy == .kill && rotation?.signal == .kill)
    #expect(rotation?.wait == .fixed(.zero))
  }

  @Test func `a rate makes a closed load open`() throws {
    let load = try Sample.read(Sample.sketch, set: [("load.rate", "50/s")]).load
    #expect(load?.model == .open(every: .milliseconds(20), arrivals: .even, limit: 10_000))
  }

  @Test func `a rotation comes to a scenario without one`() throws {
    let rotation = try Sample.read(Sample.minimal, set: [("rotation.maint", "1s")]).rotation
    #expect(rotation?.strategy == .maint)
    #expect(rotation?.order.count == 2)
  }

  @Test func `a key of a section that is written short keeps what the word stood for`() throws {
    let cluster = try Sample.read(
      Sample.sketch, set: [("cluster.lifecycle.loads", "9s")]
    ).cluster
    var times = NodeTimes.uwsgi
    times.loads = .constant(.seconds(9))
    #expect(cluster.lifecycle == times)
    let release = try Sample.read(
      "proxy: two.cfg\ncluster: {release: newton}", set: [("cluster.release.to", "ocata")]
    ).cluster
    #expect(release.release.name == "newton" && release.target.name == "ocata")
  }

  @Test func `lists, mappings and quoted texts are read as YAML`() throws {
    let scenario = try Sample.read(
      Sample.sketch,
      set: [
        ("rotation.order", "[keystone2]"), ("load.tasks", "{authenticate: 3, validate: 1}"),
        ("about", "\"a\\tb\""), ("cluster.service", "{like: instant, workers: 1}"),
      ])
    #expect(scenario.rotation?.order == [NodeID(1)])
    #expect(scenario.load?.tasks.map(\.weight) == [3, 1])
    #expect(scenario.about == "a\tb")
    #expect(scenario.cluster.service.workers == 1)
  }

  @Test func `an element of a list has a number`() throws {
    let load = try Sample.read(
      Sample.everything, set: [("load.tasks.0.weight", "5"), ("load.tasks.0.steps.0.name", "x")]
    ).load
    #expect(load?.tasks[0].weight == 5 && load?.tasks[0].steps[0].name == "x")
  }

  @Test(arguments: [
    (
      "rotation.drian", "5s",
      "--set rotation.drian: found the key 'drian', expected preset, strategy, drain, "
        + "maint, wait, ramp, signal, begin, batch, canary, surge, blue-green, order, down, ready, "
        + "await-up, settle, poll, patience, gate, floor, on-abort or steps; did you mean 'drain'?"
    ),
    (
      "rotation.drain", "5",
      "--set rotation.drain: found '5', expected a duration with a unit: us, ms, s, "
        + "m, h or d; did you mean '5s'?"
    ),
    (
      "load.users", "",
      "--set load.users: found nothing, expected a whole number from 1 "
        + "to 100000"
    ),
    (
      "load..users", "1",
      "--set load..users: found an empty step, expected a path of keys, such as "
        + "rotation.drain"
    ),
    (
      "", "1", "--set : found an empty step, expected a path of keys, such as rotation.drain"
    ),
    (
      "rotation.order", "[a",
      "--set rotation.order: found something else while parsing a flow sequence in "
        + "line 1, expected ',' or ']'"
    ),
    (
      "seed.x", "1",
      "--set seed.x: seed: found a mapping, expected a whole number from 0 to "
        + "18446744073709551615"
    ),
    (
      "drain", "1s",
      "--set drain: found the key 'drain', expected extends, name, about, seed, duration, "
        + "cluster, proxy, load, rotation, thresholds, network or field; did you mean "
        + "'rotation.drain'?"
    ),
  ])
  func `a mistake in one is reported as its own`(path: String, value: String, message: String) {
    #expect(problems(path, value) == [message])
  }

  @Test(arguments: ["5", "x", "-1"])
  func `an element that is not there is reported`(step: String) {
    let problems = Sample.problems(Sample.everything, set: [("load.tasks.\(step).weight", "1")])
    #expect(
      problems.map(\.description) == [
        "--set load.tasks.\(step).weight: load.tasks.\(step): found '\(step)', expected 0 to 0"
      ])
  }

  @Test func `the mistakes of the file come first`() {
    let problems = Sample.problems(
      "proxy: two.cfg\nsedd: 1", set: [("seed", "x"), ("name", "[]")])
    #expect(problems.map(\.file) == ["s.yaml", "--set name", "--set seed"])
  }
}
