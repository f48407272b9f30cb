// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import Testing

@testable import FalseworkLoad

/// Users, journeys, connections.
@Suite struct LoadEngineTests {
  // MARK: The closed model

  @Test func `users begin one after the other`() {
    var world = LoadWorld(.closed(users: 3, spawnEvery: .milliseconds(500), tasks: [.get]))
    var begun: [Interval] = []
    for _ in 0..<3 {
      world.wakeNext()
      begun.append(world.now - .start)
    }
    #expect(begun == [.zero, .milliseconds(500), .seconds(1)])
    #expect(world.connects == 3)
    #expect(world.engine.users == 3)
  }

  @Test func `a user waits after the answer before it begins again`() {
    var world = LoadWorld(.closed(wait: .seconds(1), tasks: [.get]))
    world.wake()
    world.connected(world.open[0])
    world.pass(.milliseconds(300))
    world.answered(world.open[0], 200)
    #expect(world.engine.nextWake == .start + .milliseconds(1_300))
    world.wakeNext()
    #expect(world.sent.count == 2)
    world.answered(world.open[0], 200)
    #expect(world.outcomes.map(\.due) == [.start, .start + .milliseconds(1_300)])
  }

  @Test func `a wake before its time does nothing`() {
    var world = LoadWorld(.closed(tasks: [.get]))
    world.wake()
    world.connected(world.open[0])
    world.answered(world.open[0], 200)
    world.clearLog()
    world.pass(.milliseconds(999))
    world.wake()
    #expect(world.log == [])
  }

  @Test func `the steps of a journey go back to back`() {
    var world = LoadWorld(.closed(tasks: [.authenticateThenValidate]))
    world.wake()
    world.connected(world.open[0])
    world.pass(.milliseconds(225))
    world.answered(world.open[0], 201, token: "T1")
    world.pass(.milliseconds(10))
    world.answered(world.open[0], 200)
    #expect(world.outcomes.map(\.due) == [.start, .start + .milliseconds(225)])
    #expect(world.outcomes.map(\.journey) == [1, 1])
    #expect(world.outcomes.map(\.step) == [0, 1])
    #expect(world.outcomes.map(\.number) == [1, 2])
  }

  @Test(arguments: [[3, 7], [1, 1, 2]])
  func `journeys are shared out exactly by weight`(weights: [Int]) {
    let tasks = weights.map { LoadTask.of(.http(.get("/")), weight: $0) }
    var world = LoadWorld(.closed(users: 2, tasks: tasks))
    let sum = weights.reduce(0, +)
    while world.outcomes.count < sum * 5 {
      world.wakeNext()
      for slot in world.open {
        world.connected(slot)
        world.answered(slot, 200)
      }
    }
    let first = world.outcomes.sorted { $0.number < $1.number }.prefix(sum * 5)
    #expect(
      weights.indices.map { task in first.count { $0.task == task } } == weights.map { $0 * 5 })
  }

  @Test func `users are given the credentials in turn`() {
    var plan = LoadPlan.closed(users: 4, tasks: [.of(.authenticate)])
    plan.credentials = [.admin, .admin, .admin]
    var world = LoadWorld(plan)
    world.wake()
    for slot in world.open { world.connected(slot) }
    #expect(world.calls == [0, 1, 2, 0].map { .authenticate(credentials: $0) })
  }

  // MARK: Tokens

  @Test func `a token goes from one call into the next of its journey and no further`() {
    let task = LoadTask.of(.authenticate, .validateOwn, .catalog, .revoke)
    var world = LoadWorld(.closed(tasks: [task, .of(.validateOwn)]))
    world.wake()
    let slot = world.open[0]
    world.connected(slot)
    world.answered(slot, 201, token: "T1")
    world.answered(slot, 200)
    world.answered(slot, 200)
    world.answered(slot, 204)
    world.wakeNext()
    #expect(
      world.calls == [
        .authenticate(credentials: 0), .validate(token: "T1"), .catalog(token: "T1"),
        .revoke(token: "T1"), .validate(token: nil),
      ])
    #expect(world.verdicts == [.ok, .ok, .ok, .ok])
    world.answered(slot, 401)
    #expect(world.outcomes.map(\.lackedToken) == [false, false, false, false, true])
  }

  @Test func `a request says which other issued the token that it carries, and when`() {
    var world = LoadWorld(.closed(tasks: [.authenticateThenValidate]))
    world.wake()
    world.connected(world.open[0])
    world.pass(.milliseconds(5))
    world.answered(world.open[0], 201, token: "T")
    world.pass(.milliseconds(5))
    world.answered(world.open[0], 200)
    #expect(world.outcomes.map(\.tokenNumber) == [0, 1])
    #expect(world.outcomes.map(\.tokenIssued) == [.never, .start + .milliseconds(5)])
  }

  @Test func `a request that was taken up late says so, and its time counts from when it was due`()
  {
    var world = LoadWorld(.closed(tasks: [.get]))
    world.pass(.milliseconds(3))
    world.wake()
    world.pass(.milliseconds(1))
    world.connected(world.open[0])
    world.answered(world.open[0], 200)
    #expect(world.outcomes[0].due == .start)
    #expect(world.outcomes[0].lateness == .milliseconds(3))
    #expect(world.outcomes[0].responseTime == .milliseconds(4))
  }

  @Test func `the first byte has a time of its own, and after it the whole answer has`() {
    var plan = LoadPlan.closed(tasks: [.get], timeout: .seconds(30))
    plan.firstByteTimeout = .seconds(2)
    var world = LoadWorld(plan)
    world.wake()
    world.connected(world.open[0])
    world.wakeNext()
    #expect(world.outcomes.map(\.verdict) == [.firstByteTimeout])
    #expect(world.now == .start + .seconds(2))
    world.wakeNext()
    world.connected(world.open[0])
    let due = world.now
    world.firstByte(world.open[0])
    world.wakeNext()
    #expect(world.outcomes.count == 1)
    world.wakeNext()
    #expect(world.outcomes.map(\.verdict) == [.firstByteTimeout, .timeout])
    #expect(world.now == due + .seconds(30))
  }

  @Test func `a journey goes on without a token after a failure, as the script of 2017 did`() {
    var world = LoadWorld(.closed(tasks: [.authenticateThenValidate]))
    world.wake()
    let slot = world.open[0]
    world.connected(slot)
    world.answered(slot, 503)
    #expect(world.calls.last == .validate(token: nil))
    world.answered(slot, 401)
    #expect(world.verdicts == [.status(503), .status(401)])
    #expect(world.outcomes.map(\.lackedToken) == [false, true])
  }

  @Test func `a journey ends at a failure if it is told so`() {
    let task = LoadTask(
      name: "abort", weight: 1,
      steps: [.of(.authenticate, onFailure: .abort), .of(.validateOwn)])
    var world = LoadWorld(.closed(tasks: [task]))
    world.wake()
    world.connected(world.open[0])
    world.answered(world.open[0], 503)
    #expect(world.calls.count == 1)
    #expect(world.engine.nextWake == .start + .seconds(1))
  }

  @Test func `with an empty pool a user gets a token of its own first`() {
    var world = LoadWorld(.closed(tasks: [.of(.validatePooled)]))
    world.wake()
    let slot = world.open[0]
    world.connected(slot)
    world.answered(slot, 201, token: "T1")
    world.answered(slot, 200)
    world.wakeNext()
    world.answered(slot, 200)
    #expect(
      world.calls == [
        .authenticate(credentials: 0), .validate(token: "T1"), .validate(token: "T1"),
      ])
    #expect(world.outcomes.map(\.preliminary) == [true, false, false])
    #expect(world.verdicts == [.ok, .ok, .ok])
  }

  @Test func `a journey that gets no token of its own ends there`() {
    var world = LoadWorld(.closed(tasks: [.of(.validatePooled, .http(.get("/")))]))
    world.wake()
    world.connected(world.open[0])
    world.answered(world.open[0], 500)
    #expect(world.calls == [.authenticate(credentials: 0)])
    #expect(world.engine.nextWake == .start + .seconds(1))
  }

  @Test func `a token that its journey revokes is not given to others`() {
    var world = LoadWorld(.closed(tasks: [.of(.authenticate, .revoke), .of(.validatePooled)]))
    world.wake()
    let slot = world.open[0]
    world.connected(slot)
    world.answered(slot, 201, token: "T1")
    world.answered(slot, 204)
    world.wakeNext()
    #expect(world.calls.last == .authenticate(credentials: 0))
  }

  @Test func `a token that was refused is not used again`() {
    var world = LoadWorld(.closed(tasks: [.of(.validatePooled)]))
    world.wake()
    let slot = world.open[0]
    world.connected(slot)
    world.answered(slot, 201, token: "T1")
    world.answered(slot, 200)
    world.wakeNext()
    world.answered(slot, 401)
    world.wakeNext()
    #expect(world.calls.last == .authenticate(credentials: 0))
  }

  @Test func `the pool holds the newest 1,024 tokens`() {
    var world = LoadWorld(
      .closed(wait: .milliseconds(1), tasks: [.of(.authenticate), .of(.validatePooled)]))
    world.wake()
    let slot = world.open[0]
    world.connected(slot)
    var given = 0
    for _ in 0..<4_000 {
      if case .validate(let token) = world.calls.last {
        let number = token.flatMap { Int($0) } ?? -1
        #expect(number > given - 1_024 && number <= given)
        world.answered(slot, 200)
      } else {
        given += 1
        world.answered(slot, 201, token: "\(given)")
      }
      world.wakeNext()
    }
    #expect(given == 2_000)
  }

  // MARK: Connections

  @Test func `a user keeps its connection`() {
    var world = LoadWorld(.closed(tasks: [.get]))
    world.wake()
    let slot = world.open[0]
    world.connected(slot, port: 40_001)
    world.answered(slot, 200)
    world.wakeNext()
    world.answered(slot, 200)
    #expect(world.connects == 1)
    #expect(world.outcomes.map(\.newConnection) == [true, false])
    #expect(world.outcomes.map(\.ordinal) == [1, 2])
    #expect(world.outcomes.map(\.localPort) == [40_001, 40_001])
  }

  @Test func `or opens one for each request`() {
    var world = LoadWorld(
      .closed(tasks: [.authenticateThenValidate], connections: .new))
    world.wake()
    let first = world.open[0]
    world.connected(first, port: 1)
    world.answered(first, 201, token: "T")
    #expect(world.closes == [first])
    world.connected(world.open[0], port: 2)
    world.answered(world.open[0], 200)
    #expect(world.connects == 2)
    #expect(world.outcomes.map(\.newConnection) == [true, true])
    #expect(world.outcomes.map(\.localPort) == [1, 2])
    #expect(world.outcomes.map(\.ordinal) == [1, 1])
  }

  @Test func `a connection that the answer does not keep alive is closed`() {
    var world = LoadWorld(.closed(tasks: [.get]))
    world.wake()
    let first = world.open[0]
    world.connected(first)
    world.answered(first, 200, keepAlive: false)
    #expect(world.closes == [first])
    world.wakeNext()
    #expect(world.connects == 2)
  }

  @Test(arguments: [CloseKind.fin, .reset])
  func `a connection that ends between two requests costs nothing`(how: CloseKind) {
    var world = LoadWorld(.closed(tasks: [.get]))
    world.wake()
    world.connected(world.open[0])
    world.answered(world.open[0], 200)
    world.closed(world.open[0], how)
    world.wakeNext()
    #expect(world.connects == 2)
    world.connected(world.open[0])
    world.answered(world.open[0], 200)
    #expect(world.verdicts == [.ok, .ok])
  }

  @Test func `bytes that nobody asked for cost the connection and nothing else`() {
    var world = LoadWorld(.closed(tasks: [.get]))
    world.wake()
    let slot = world.open[0]
    world.connected(slot)
    world.answered(slot, 200)
    world.malformed(slot)
    #expect(world.closes == [slot])
    #expect(world.verdicts == [.ok])
  }

  // MARK: Stale names

  struct Late: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var come: @Sendable (inout LoadWorld, SlotID) -> Void

    init(_ name: String, _ come: @escaping @Sendable (inout LoadWorld, SlotID) -> Void) {
      testDescription = name
      self.come = come
    }
  }

  private static let late = [
    Late("connected") { $0.connected($1) },
    Late("connect failed") { $0.connectFailed($1, .refused) },
    Late("first byte") { $0.firstByte($1) },
    Late("answered") { $0.answered($1, 200) },
    Late("malformed") { $0.malformed($1) },
    Late("closed") { $0.closed($1, .reset) },
  ]

  @Test(arguments: late) func `what comes for a connection that is gone changes nothing`(late: Late)
  {
    var world = LoadWorld(.closed(tasks: [.get], timeout: .seconds(2)))
    world.wake()
    let gone = world.open[0]
    world.connected(gone)
    world.wakeNext()  // The timeout.
    #expect(world.verdicts == [.timeout])
    world.wakeNext()  // The next journey, on a connection in the same place.
    #expect(world.open[0].index == gone.index && world.open[0] != gone)
    world.connected(world.open[0])
    world.clearLog()
    let counts = world.engine.counts
    late.come(&world, gone)
    #expect(world.log == [])
    #expect(world.engine.counts == counts)
    world.pass(.milliseconds(1))
    world.answered(world.open[0], 200)
    #expect(world.outcomes.last?.firstByte == world.now)
  }

  @Test func `an answer is counted once`() {
    var world = LoadWorld(.closed(tasks: [.get]))
    world.wake()
    world.connected(world.open[0])
    world.answered(world.open[0], 200)
    world.answered(world.open[0], 200)
    #expect(world.outcomes.count == 1)
    #expect(world.engine.counts == LoadEngine.Counts(sent: 1, ok: 1))
  }
}
