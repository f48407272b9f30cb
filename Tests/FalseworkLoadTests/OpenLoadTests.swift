// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import Testing

@testable import FalseworkLoad

/// Arrivals on a schedule, whatever the answers do; and how a load ends.
@Suite struct OpenLoadTests {
  @Test func `arrivals are due on schedule even if the world wakes late`() {
    var world = LoadWorld(.open(every: .milliseconds(10)))
    world.pass(.milliseconds(35))
    world.wake()
    for slot in world.open { world.connected(slot) }
    for slot in world.open { world.answered(slot, 200) }
    #expect(world.outcomes.map(\.due) == [0, 10, 20, 30].map { .start + .milliseconds($0) })
    #expect(world.outcomes.map(\.responseTime) == [35, 25, 15, 5].map { .milliseconds($0) })
    #expect(world.engine.nextWake == .start + .milliseconds(40))
  }

  @Test func `a user that is free takes the next arrival, on its connection`() {
    var world = LoadWorld(.open(every: .milliseconds(10)))
    world.wake()
    world.connected(world.open[0])
    for _ in 0..<5 {
      world.pass(.milliseconds(3))
      world.answered(world.open[0], 200)
      world.wakeNext()
    }
    #expect(world.engine.users == 1)
    #expect(world.connects == 1)
  }

  @Test func `an arrival that finds no free user waits, and its wait is counted`() {
    var world = LoadWorld(.open(every: .milliseconds(10), limit: 2))
    world.pass(.milliseconds(45))
    world.wake()
    #expect(world.engine.users == 2)
    for slot in world.open { world.connected(slot) }
    for turn in 0..<5 {
      world.pass(.milliseconds(1))
      world.answered(world.open[turn % 2], 200)
    }
    #expect(world.outcomes.map(\.due) == [0, 10, 20, 30, 40].map { .start + .milliseconds($0) })
    #expect(
      world.outcomes.map(\.responseTime) == [46, 37, 28, 19, 10].map { .milliseconds($0) })
  }

  @Test func `an arrival that waited longer than a request may take was a timeout`() {
    var world = LoadWorld(
      .open(every: .milliseconds(100), limit: 1, timeout: .milliseconds(250)))
    world.wake()
    world.connected(world.open[0])
    world.pass(.milliseconds(249))
    world.wake()  // Those due at 100 and 200 wait.
    world.pass(.milliseconds(200))
    world.answered(world.open[0], 200)
    // At 449 the one of 100 has been waiting for 349, the one of 200 for 249.
    #expect(world.verdicts == [.ok, .timeout])
    #expect(world.outcomes[1].due == .start + .milliseconds(100))
    #expect(world.outcomes[1].sent == .never)
    #expect(world.sent.count == 2)
    world.answered(world.open[0], 200)
    #expect(world.outcomes[2].due == .start + .milliseconds(200))
  }

  @Test func `a long backlog that nobody can wait for is worked off at once`() {
    var world = LoadWorld(.open(every: .milliseconds(1), limit: 1, timeout: .seconds(1)))
    world.wake()
    world.connected(world.open[0])
    world.pass(.seconds(100))
    world.wake()
    #expect(world.verdicts.first == .timeout)
    #expect(world.engine.counts.failed > 98_000)
    #expect(world.engine.counts.inFlight == 1)
  }

  @Test func `arrivals of one seed come at the same times, and of another at others`() {
    func dues(_ seed: UInt64) -> [Instant] {
      var world = LoadWorld(
        .open(every: .milliseconds(10), arrivals: .poisson, limit: 1_000), seed: seed)
      for _ in 0..<500 { world.wakeNext() }
      for slot in world.open { world.connectFailed(slot, .refused) }
      return world.outcomes.map(\.due)
    }
    #expect(dues(1) == dues(1))
    #expect(dues(1) != dues(2))
  }

  @Test(arguments: 1...5) func `poisson arrivals keep the rate and vary as they should`(
    seed: UInt64
  ) {
    var world = LoadWorld(
      .open(every: .milliseconds(10), arrivals: .poisson, limit: 1), seed: seed)
    var gaps: [Double] = []
    for _ in 0..<20_000 {
      let before = world.engine.nextWake
      world.wakeNext()
      if let slot = world.open.first { world.connectFailed(slot, .refused) }
      gaps.append((world.engine.nextWake - before).seconds)
    }
    let mean = gaps.reduce(0, +) / Double(gaps.count)
    let variance = gaps.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(gaps.count)
    // Of an exponential distribution both are the same; 20,000 samples give them within 3 %.
    #expect(abs(mean - 0.010) < 0.000_3)
    #expect(abs(variance.squareRoot() - 0.010) < 0.000_5)
  }

  // MARK: The end

  @Test func `after the stop no journey begins and what is in flight ends`() {
    var world = LoadWorld(.closed(users: 3, tasks: [.authenticateThenValidate]))
    world.wake()
    let slots = world.open
    world.connected(slots[0])
    world.connected(slots[1])
    world.answered(slots[0], 201, token: "T")
    world.stop()
    #expect(world.finishes == 0)
    #expect(world.engine.counts == LoadEngine.Counts(sent: 4, ok: 1))
    world.answered(slots[0], 200)
    world.answered(slots[1], 201, token: "U")
    #expect(world.finishes == 0)
    world.connectFailed(slots[2], .refused)
    #expect(world.finishes == 1)
    #expect(world.engine.counts == LoadEngine.Counts(sent: 4, ok: 3, failed: 1))
    #expect(world.open == [])
    #expect(world.engine.nextWake == .never)
  }

  @Test func `a load that rests is finished by the stop itself`() {
    var world = LoadWorld(.closed(tasks: [.get]))
    world.wake()
    world.connected(world.open[0])
    world.answered(world.open[0], 200)
    world.stop()
    #expect(world.finishes == 1)
    #expect(world.open == [])
    world.stop()
    #expect(world.engine.nextWake == .never)
    world.pass(.seconds(10))
    world.wake()
    #expect(world.finishes == 1)
    #expect(world.sent.count == 1)
  }

  @Test func `a load that has no more arrivals does not look for one`() {
    var world = LoadWorld(.open(every: .milliseconds(10)))
    world.stop()
    world.pass(.forever)
    world.wake()
    #expect(world.log == [.finished])
  }

  @Test func `what hangs after the stop ends by its timeout`() {
    var world = LoadWorld(.closed(tasks: [.get], timeout: .seconds(3)))
    world.wake()
    world.connected(world.open[0])
    world.stop()
    world.wakeNext()
    #expect(world.verdicts == [.timeout])
    #expect(world.finishes == 1)
  }

  @Test func `a user that gets a token of its own stops there`() {
    var world = LoadWorld(.closed(tasks: [.of(.validatePooled)]))
    world.wake()
    world.connected(world.open[0])
    world.stop()
    world.answered(world.open[0], 201, token: "T")
    #expect(world.sent.count == 1)
    #expect(world.finishes == 1)
  }

  @Test func `arrivals that nobody took up before the stop are counted as missed`() {
    var world = LoadWorld(.open(every: .milliseconds(10), limit: 1))
    world.pass(.milliseconds(95))
    world.wake()
    world.connected(world.open[0])
    world.stop()
    world.answered(world.open[0], 200)
    #expect(world.engine.counts == LoadEngine.Counts(sent: 1, ok: 1, missed: 9))
    #expect(world.finishes == 1)
  }

  @Test func `an arrival that does not even fit into the backlog is missed as well`() {
    var world = LoadWorld(.open(every: .nanoseconds(1), limit: 1))
    world.pass(.nanoseconds(1_100_000))
    world.wake()
    #expect(world.engine.counts.missed == 100_000)
    world.stop()
    #expect(world.engine.counts.missed == 1_100_000)
  }

  // MARK: The account

  /// A server that does anything at all, at any time.
  private static func chaos(_ plan: LoadPlan, seed: UInt64, steps: Int) -> LoadWorld {
    var world = LoadWorld(plan, seed: seed)
    var chance = SeededGenerator(seed: seed, stream: "chaos")
    for step in 0..<steps {
      if step == steps - 200 { world.stop() }
      world.pass(.milliseconds(Int64(chance.below(40))))
      world.wake()
      guard !world.open.isEmpty else { continue }
      let slot = world.open[Int(chance.below(UInt64(world.open.count)))]
      switch chance.below(12) {
      case 0: world.connectFailed(slot, .refused)
      case 1: world.malformed(slot)
      case 2: world.closed(slot, .fin)
      case 3: world.closed(slot, .reset)
      case 4: world.firstByte(slot)
      case 5: world.answered(slot, 503, keepAlive: false)
      case 6...8: world.answered(slot, 201, token: "T\(step)")
      default: world.connected(slot)
      }
      let counts = world.engine.counts
      #expect(counts.sent == counts.ok + counts.failed + counts.inFlight)
      #expect(counts.inFlight >= 0)
    }
    while world.engine.nextWake != .never { world.wakeNext() }
    return world
  }

  private static let mixed: [LoadTask] = [
    .authenticateThenValidate, .of(.validatePooled, weight: 2), .of(.authenticate, .revoke),
  ]

  @Test(arguments: 1...30) func `every request ends exactly once, whatever the server does`(
    seed: UInt64
  ) {
    let plans: [LoadPlan] = [
      .closed(users: 7, spawnEvery: .milliseconds(50), wait: .milliseconds(30), tasks: Self.mixed),
      .closed(users: 3, wait: .zero, tasks: Self.mixed, connections: .new),
      .open(
        every: .milliseconds(15), arrivals: .poisson, limit: 5, tasks: Self.mixed,
        timeout: .milliseconds(400)),
    ]
    for plan in plans {
      let world = Self.chaos(plan, seed: seed, steps: 2_000)
      let counts = world.engine.counts
      #expect(counts.sent == counts.ok + counts.failed)
      #expect(world.outcomes.map(\.number).sorted() == Array(1...counts.sent))
      #expect(world.finishes == 1)
      #expect(world.log.last == .finished)
      #expect(world.open == [])
    }
  }

  @Test(arguments: 1...5) func `the same seed gives the same effects`(seed: UInt64) {
    let plan = LoadPlan.open(
      every: .milliseconds(15), arrivals: .poisson, limit: 5, tasks: Self.mixed)
    let first = Self.chaos(plan, seed: seed, steps: 1_000)
    #expect(first.log == Self.chaos(plan, seed: seed, steps: 1_000).log)
    #expect(first.log != Self.chaos(plan, seed: seed + 100, steps: 1_000).log)
  }

  @Test func `a load of nothing is refused`() async {
    await #expect(processExitsWith: .failure) {
      _ = LoadEngine(plan: .closed(tasks: []), seed: 1, now: .start)
    }
    await #expect(processExitsWith: .failure) {
      _ = LoadEngine(plan: .open(every: .zero), seed: 1, now: .start)
    }
  }
}
