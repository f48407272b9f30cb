// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkLoad
import Testing

@testable import FalseworkScenario

/// When journeys begin.
@Suite struct ArrivalsTests {
  private static func stage(
    _ length: Interval, _ from: Interval, _ to: Interval
  ) -> ArrivalSchedule.Stage {
    ArrivalSchedule.Stage(length: length, from: from, to: to)
  }

  @Test(arguments: [
    ("1m at 100/s", [stage(.seconds(60), .milliseconds(10), .milliseconds(10))]),
    ("10s to 50/s", [stage(.seconds(10), .milliseconds(500), .milliseconds(20))]),
    (
      "10s from 100/s to 0/s", [stage(.seconds(10), .milliseconds(10), .forever)]
    ),
    (
      "6s from 1/s to 5/s in 3 steps",
      [
        stage(.seconds(2), .seconds(1), .seconds(1)),
        stage(.seconds(2), .nanoseconds(333_333_333), .nanoseconds(333_333_333)),
        stage(.seconds(2), .milliseconds(200), .milliseconds(200)),
      ]
    ),
  ]) func `a stage is a phrase`(text: String, stages: [ArrivalSchedule.Stage]) {
    #expect(ArrivalSchedule.stages(parsing: text, after: .milliseconds(500)) == stages)
  }

  @Test(arguments: [
    "", "1m", "at 5/s", "1m at 5", "1m to 5/s in 1 steps", "1m to 5/s in 3", "1m from 5/s",
    "0s at 5/s",
    "1m at 5/s in 3 steps", "1m by 5/s",
  ]) func `anything else is none`(text: String) {
    #expect(ArrivalSchedule.stages(parsing: text, after: .forever) == nil)
  }

  private static func load(_ yaml: String, files: [String: String] = [:]) throws -> LoadPlan {
    let text = "proxy: two.cfg\nload:\n  tasks: {authenticate: 1, validate: 1}\n  \(yaml)"
    let all = files.merging(["s.yaml": text, "two.cfg": Sample.twoServers]) { a, _ in a }
    return try #require(try Sample.reader(all).read("s.yaml").load)
  }

  @Test func `a stage goes on from the rate of the one before, and the first from none`() throws {
    let plan = try Self.load("stages: [2s to 100/s, 1s to 10/s]\n  arrivals: poisson\n  limit: 7")
    #expect(
      plan.model
        == .scheduled(
          .stages(
            [
              Self.stage(.seconds(2), .forever, .milliseconds(10)),
              Self.stage(.seconds(1), .milliseconds(10), .milliseconds(100)),
            ], .poisson), limit: 7))
  }

  @Test func `a recorded list begins with its first line, whatever its clock says`() throws {
    let plan = try Self.load(
      "replay: a.txt",
      files: ["a.txt": "# log\n1700000000.25\n1700000000.5, validate\n\n1700000001\tauthenticate\n"]
    )
    #expect(
      plan.model
        == .scheduled(
          .recorded([
            .init(at: .zero, task: nil), .init(at: .milliseconds(250), task: 1),
            .init(at: .milliseconds(750), task: 0),
          ]), limit: 10_000))
  }

  @Test(arguments: [
    ("1\n0.5", "a.txt:2:1", "times in order"),
    ("soon", "a.txt:1:1", "a time such as 0.015 or 15ms"),
    ("1\n2 valdiate", "a.txt:2:1", "did you mean 'validate'?"),
    ("# nothing", "s.yaml", "no arrivals"),
  ]) func `a mistake in a recorded list is told with its line`(
    text: String, place: String, message: String
  ) {
    #expect {
      try Self.load("replay: a.txt", files: ["a.txt": text])
    } throws: { error in
      "\(error)".contains(place) && "\(error)".contains(message)
    }
  }

  @Test(arguments: [
    ("pacing 2s", LoadPlan.Wait.pacing(.seconds(2))),
    ("throughput 4/s", .pacing(.milliseconds(250))),
    ("uniform 1s 2s", .pause(Distribution(.uniform(.seconds(1), .seconds(2))))),
  ]) func `a user waits after a journey, or begins one so often`(
    text: String, wait: LoadPlan.Wait
  ) throws {
    #expect(
      try Self.load("users: 1\n  wait: \(text)").model
        == .closed(users: 1, spawnEvery: .zero, wait: wait))
  }
}
