// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkLoad
import FalseworkRotation
import FalseworkScenario
import Testing

@Suite struct TimesTests {
  private func problem(_ path: String, _ value: String) -> String? {
    Sample.problems(Sample.sketch, set: [(path, value)]).first.map { problem in
      problem.found + ", " + problem.expected + (problem.nearest.map { ", \($0)" } ?? "")
    }
  }

  @Test(
    arguments: [
      ("5m", .fixed(.seconds(300))),
      ("until the rotation ends", .untilRotationEnds(plus: .zero)),
      ("until the rotation ends, plus 10s", .untilRotationEnds(plus: .seconds(10))),
      ("until rotation ends plus 500ms", .untilRotationEnds(plus: .milliseconds(500))),
      ("{until: rotation}", .untilRotationEnds(plus: .zero)),
      ("{until: rotation, plus: 10s}", .untilRotationEnds(plus: .seconds(10))),
      ("1d", .fixed(.seconds(86_400))),
    ] as [(String, Scenario.Length)])
  func `a length reads`(text: String, length: Scenario.Length) throws {
    #expect(try Sample.read(Sample.sketch, set: [("duration", text)]).length == length)
  }

  @Test(arguments: [
    ("5", "'5', a duration with a unit: us, ms, s, m, h or d, 5s"),
    ("1m30s", "'1m30s', one number and one unit, such as 90s"),
    ("0s", "'0s', a duration of at least 1ms"), ("2d", "'2d', a duration of at most 1d"),
    ("99999999999999d", "'99999999999999d', a duration of at most 366d"),
    (
      "soon", "'soon', a duration such as 5m, or 'until the rotation ends, plus 10s'"
    ),
    (
      "until noon", "'until noon', a duration such as 5m, or 'until the rotation ends, plus 10s'"
    ),
    (
      "until the rotation ends, plus 10",
      "'until the rotation ends, plus 10', a duration with a unit: us, ms, s, m, h or d, 10s"
    ),
    ("{plus: 1s}", "nothing, `rotation`"), ("{until: noon}", "'noon', rotation"),
    ("[5m]", "a list, a duration such as 5m, or 'until the rotation ends, plus 10s'"),
  ])
  func `what is no length says why`(text: String, message: String) {
    #expect(problem("duration", text) == message)
  }

  @Test func `a rotation that there is none of does not end`() {
    let problems = Sample.problems("proxy: two.cfg\nduration: until the rotation ends")
    #expect(problems.map(\.path) == ["duration"])
  }

  @Test func `without a duration a run is as long as its rotation, or a minute`() throws {
    let rotating = try Sample.read("proxy: two.cfg\nrotation: kill")
    #expect(rotating.length == .untilRotationEnds(plus: .seconds(10)))
    #expect(try Sample.read(Sample.minimal).length == .fixed(.seconds(60)))
  }

  @Test(
    arguments: [
      ("5s", .fixed(.seconds(5))), ("0s", .fixed(.zero)),
      ("until idle, at most 30s", .untilIdle(cap: .seconds(30))),
      ("until idle at most 1m", .untilIdle(cap: .seconds(60))),
    ] as [(String, RotationPlan.Wait)])
  func `a wait reads`(text: String, wait: RotationPlan.Wait) throws {
    #expect(try Sample.read(Sample.sketch, set: [("rotation.drain", text)]).rotation?.wait == wait)
  }

  @Test(arguments: ["until idle", "until idle, at most", "until done, at most 5s", "x", "-5s"])
  func `what is no wait is refused`(text: String) {
    #expect(problem("rotation.drain", text) != nil)
  }

  @Test(
    arguments: [
      ("50/s", 20_000_000), ("0.5/s", 2_000_000_000), ("3000/m", 20_000_000),
      ("1/h", 3_600_000_000_000),
      ("1000000/s", 1_000), ("3/s", 333_333_333), ("0.000001/s", 1_000_000_000_000_000),
      ("12.25/s", 81_632_653),
    ] as [(String, Int64)])
  func `a rate is the time from one to the next`(text: String, every: Int64) throws {
    let load = try Sample.read(Sample.sketch, set: [("load.rate", text)]).load
    #expect(
      load?.model == .open(every: Interval(nanoseconds: every), arrivals: .even, limit: 10_000))
  }

  @Test(arguments: [
    "50", "0/s", "-1/s", "1e3/s", "1/d", "/s", "50/", "1.2.3/s", "1000001/s", "0.0000001/s",
    "0.000001/h", "99999999999999999999/s", "1./s", ".5/s", "50 / s",
  ])
  func `what is no rate is refused`(text: String) {
    #expect(problem("load.rate", text)?.contains("a rate such as 50/s") == true)
  }

  @Test func `users begin at a rate or at once`() throws {
    func model(_ rate: String) throws -> LoadPlan.Model? {
      try Sample.read(Sample.sketch, set: [("load.spawn-rate", rate)]).load?.model
    }
    let wait = LoadPlan.Wait.constant(.seconds(1))
    #expect(try model("4/s") == .closed(users: 4, spawnEvery: .milliseconds(250), wait: wait))
    #expect(try model("at once") == .closed(users: 4, spawnEvery: .zero, wait: wait))
  }

  @Test(arguments: [
    ("lognromal 1s p99 2s", "lognormal"), ("unifrom 1s 2s", "uniform"), ("instnat", "instant"),
  ])
  func `a shape that is nearly right is suggested`(text: String, nearest: String) {
    #expect(problem("load.wait", text)?.hasSuffix(", " + nearest) == true)
  }

  @Test(arguments: ["2d", "5", "uniform 2s 1s", "lognormal 1us p99 1s", "1s 2s", "{}"])
  func `a distribution out of bounds is refused`(text: String) {
    #expect(problem("load.wait", text) != nil)
  }
}
