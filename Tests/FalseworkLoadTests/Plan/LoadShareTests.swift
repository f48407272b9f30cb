// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import Testing

@testable import FalseworkLoad

@Suite struct LoadShareTests {
  @Test(arguments: [("1/1", 0, 1), ("2/4", 1, 4), ("1000/1000", 999, 1_000)])
  func `a part is written as its number and how many there are`(
    text: String, index: Int, count: Int
  ) {
    #expect(LoadShare(parsing: text) == LoadShare(index: index, count: count))
  }

  @Test(arguments: ["", "1", "0/2", "3/2", "-1/2", "1/0", "1/2/3", "a/b", "1/1001", "/2", "1/"])
  func `what is no part is none`(text: String) {
    #expect(LoadShare(parsing: text) == nil)
  }

  @Test(arguments: 1...7) func `parts take all, each once`(count: Int) {
    for all in 0..<20 {
      let shares = (0..<count).map { LoadShare(index: $0, count: count) }
      let taken = shares.flatMap { share in (0..<share.count(of: all)).map(share.whole) }
      #expect(taken.sorted() == Array(0..<all))
    }
  }

  /// When journeys of a load are due, and as which task, over 2 s.
  private static func dues(_ plan: LoadPlan, _ index: Int, of count: Int) -> [(Instant, Int)] {
    var plan = plan
    plan.share = LoadShare(index: index, count: count)
    var world = LoadWorld(plan, seed: 7)
    world.pass(.seconds(2))
    world.wake()
    for slot in world.open { world.connected(slot) }
    for slot in world.open { world.answered(slot, 200, token: "t") }
    return world.outcomes.map { ($0.due, $0.task) }
  }

  private static let mix = [
    LoadTask(
      name: "a", weight: 3,
      steps: [LoadStep(name: "a", kind: .authenticate, onFailure: .abort)]),
    LoadTask(
      name: "b", weight: 7,
      steps: [LoadStep(name: "b", kind: .authenticate, onFailure: .abort)]),
  ]

  private static func plan(_ model: LoadPlan.Model) -> LoadPlan {
    LoadPlan(
      model: model, tasks: mix,
      credentials: [
        Credentials(
          user: "u", userDomain: "d", password: "p", project: nil, projectDomain: "d")
      ], connections: .kept, connectTimeout: .seconds(60), timeout: .seconds(60))
  }

  private static let schedule = ArrivalSchedule.stages(
    [
      ArrivalSchedule.Stage(length: .seconds(1), from: .forever, to: .milliseconds(5)),
      ArrivalSchedule.Stage(length: .seconds(1), from: .milliseconds(5), to: .milliseconds(50)),
    ], .even)
  private static let recorded = ArrivalSchedule.recorded(
    (0..<50).map { .init(at: .milliseconds(Int64($0 * $0 % 97 + 20 * $0)), task: $0 % 2) }
      .sorted { $0.at < $1.at })

  @Test(arguments: [
    LoadPlan.Model.open(every: .milliseconds(10), arrivals: .even, limit: 10_000),
    .scheduled(schedule, limit: 10_000), .scheduled(recorded, limit: 10_000),
  ])
  func `the parts of a load are the whole, journey by journey`(model: LoadPlan.Model) {
    let plan = Self.plan(model)
    let whole = Self.dues(plan, 0, of: 1)
    for count in 2...4 {
      let parts = (0..<count).map { Self.dues(plan, $0, of: count) }
      for (part, dues) in parts.enumerated() {
        // Each takes its turn; tasks as well, so that the mix of all is the mix.
        let turn = whole.indices.filter { $0 % count == part }.map { whole[$0] }
        #expect(dues.map(\.0) == turn.map(\.0))
        #expect(dues.map(\.1) == turn.map(\.1))
      }
    }
  }

  @Test func `chance arrivals are the same for any number of parts`() {
    let plan = Self.plan(.open(every: .milliseconds(10), arrivals: .poisson, limit: 10_000))
    func all(_ count: Int) -> [Instant] {
      (0..<count).flatMap { Self.dues(plan, $0, of: count).map(\.0) }.sorted()
    }
    #expect(all(2) == all(3))
    #expect(all(2) == all(5))
    // 200 are expected; beyond five standard deviations something is wrong.
    #expect(abs(all(2).count - 200) < 71)
  }

  @Test func `the users of a part are those of the whole, each at its time`() {
    var plan = Self.plan(
      .closed(users: 5, spawnEvery: .milliseconds(100), wait: .constant(.seconds(9))))
    #expect(Self.dues(plan, 0, of: 2).map(\.0) == [0, 200, 400].map { .start + .milliseconds($0) })
    #expect(Self.dues(plan, 1, of: 2).map(\.0) == [100, 300].map { .start + .milliseconds($0) })
    plan.credentials = (0..<5).map {
      Credentials(
        user: "u\($0)", userDomain: "d", password: "p", project: nil, projectDomain: "d")
    }
    plan.share = LoadShare(index: 1, count: 2)
    var world = LoadWorld(plan)
    world.pass(.seconds(1))
    world.wake()
    for slot in world.open { world.connected(slot) }
    #expect(world.calls == [.authenticate(credentials: 1), .authenticate(credentials: 3)])
  }
}
