// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import Testing

@testable import FalseworkKeystone

/// Workers, the queue before them, and connections that come and go.
@Suite struct ServiceModelTests {
  @Test func `requests wait for a worker, first come first served`() {
    var run = NodeRun(workers: 2, takes: .milliseconds(100))
    for connection in 0..<5 as Range<UInt32> { run.send(connection) }
    #expect(run.node.inFlight == 2 && run.node.queued == 3)
    run.run(to: 1_000)
    #expect(
      run.lines() == [
        "100 answer 0 200", "100 answer 1 200", "200 answer 2 200", "200 answer 3 200",
        "300 answer 4 200",
      ])
  }

  @Test func `without a number of workers nobody waits`() {
    var run = NodeRun(takes: .milliseconds(100))
    for connection in 0..<50 as Range<UInt32> { run.send(connection) }
    #expect(run.node.inFlight == 50 && run.node.queued == 0)
  }

  @Test func `one beyond the queue is reset, and so while the node loads or stops`() {
    var run = NodeRun(workers: 1, backlog: 2, takes: .milliseconds(100))
    for connection in 0..<4 as Range<UInt32> { run.send(connection) }
    #expect(run.lines() == ["0 reset 3"])
    var loading = NodeRun(workers: 1, backlog: 2, serving: false)
    loading.start()
    loading.run(to: 100)
    _ = loading.lines()
    for connection in 0..<3 as Range<UInt32> { loading.send(connection) }
    #expect(loading.lines() == ["100 reset 2"])
    var zombie = NodeRun(workers: 1, backlog: 1, takes: .milliseconds(100))
    for connection in 0..<3 as Range<UInt32> { zombie.accept(connection) }
    zombie.stop(.terminate)
    _ = zombie.lines()
    for connection in 0..<3 as Range<UInt32> { zombie.request(connection) }
    #expect(zombie.lines() == ["0 reset 1", "0 reset 2"])
  }

  @Test func `a connection is used again, until a request says that it ends`() {
    var run = NodeRun(takes: .milliseconds(10))
    run.send(0)
    run.run(to: 10)
    run.request(0)
    run.run(to: 20)
    run.request(0, close: true)
    run.run(to: 30)
    run.request(0)
    run.run(to: 100)
    #expect(run.lines() == ["10 answer 0 200", "20 answer 0 200", "30 answer 0 200 close"])
  }

  @Test func `a second request before the first is answered is ignored`() {
    var run = NodeRun(workers: 1, takes: .milliseconds(10))
    run.send(0)
    run.request(0)
    #expect(run.node.queued == 0)
    run.run(to: 100)
    #expect(run.lines() == ["10 answer 0 200"])
  }

  @Test func `a worker whose client went away is busy to the end, and then serves who waits`() {
    var run = NodeRun(workers: 1, takes: .milliseconds(100))
    run.send(0)
    run.send(1)
    run.run(to: 40)
    run.close(0)
    #expect(run.node.inFlight == 1)
    run.run(to: 99)
    #expect(run.lines() == [] && run.node.queued == 1)
    run.run(to: 1_000)
    #expect(run.lines() == ["200 answer 1 200"])
    #expect(run.node.inFlight == 0 && run.node.nextWake == .never)
  }

  @Test func `several that were left end in their order`() {
    var run = NodeRun(workers: 3, takes: .milliseconds(100))
    for (connection, at) in [(0, 0), (1, 10), (2, 20)] as [(UInt32, Int64)] {
      run.run(to: at)
      run.send(connection)
    }
    for connection in [2, 0, 1] as [UInt32] { run.close(connection) }
    for connection in 3..<6 as Range<UInt32> { run.send(connection) }
    run.run(to: 1_000)
    #expect(run.lines() == ["200 answer 3 200", "210 answer 4 200", "220 answer 5 200"])
  }

  @Test func `who gives up while waiting leaves the queue`() {
    var run = NodeRun(workers: 1, takes: .milliseconds(100))
    for connection in 0..<3 as Range<UInt32> { run.send(connection) }
    run.close(1)
    #expect(run.node.queued == 1)
    run.run(to: 1_000)
    #expect(run.lines() == ["100 answer 0 200", "200 answer 2 200"])
  }

  @Test func `a new tenant of a place is not taken for the former one`() {
    var run = NodeRun(workers: 1, takes: .milliseconds(100))
    run.send(0)
    run.close(0)
    run.accept(0, 1)
    run.close(0, 0)
    run.request(0, 0)
    run.request(0, 1)
    run.run(to: 1_000)
    #expect(run.lines() == ["200 answer 0 200"])
  }

  @Test func `what was left ends with the process`() {
    for signal in StopSignal.allCases {
      var run = NodeRun(workers: 1, takes: .milliseconds(3_000))
      run.send(0)
      run.close(0)
      run.stop(signal)
      run.run(to: 9_000)
      #expect(run.node.phase == .stopped && run.node.inFlight == 0)
      #expect(run.node.nextWake == .never)
    }
  }

  @Test func `each operation has a time of its own, and all are divided alike`() {
    let model = ServiceModel(
      workers: 2, backlog: 3, authenticate: .constant(.milliseconds(40)),
      validate: .constant(.milliseconds(30)), other: .constant(.milliseconds(20)),
      discovery: .constant(.milliseconds(10)))
    let half = model.divided(by: 2)
    #expect(half.workers == 2 && half.backlog == 3)
    for (operation, milliseconds) in [
      (KeystoneOperation.authenticate, 40), (.validate, 30), (.other, 20), (.discovery, 10),
    ] as [(KeystoneOperation, Int64)] {
      #expect(model.time(of: operation) == .constant(.milliseconds(milliseconds)))
      #expect(half.time(of: operation) == .constant(.milliseconds(milliseconds / 2)))
    }
    #expect(NodeRun.times.divided(by: 10).gone == .constant(.milliseconds(250)))
    #expect(NodeRun.times.divided(by: 10).listens == .constant(.milliseconds(2)))
  }
}
