// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import Testing

@testable import FalseworkKeystone

@Suite struct `A node on a shared machine` {
  private static func run(
    serving: Bool = true, idle: Interval = .zero, first: Interval = .zero
  ) -> NodeRun {
    var times = NodeRun.times
    times.idle = .constant(idle)
    times.first = .constant(first)
    return NodeRun(
      workers: 2, takes: .milliseconds(225), times: times, serving: serving, sharesMachine: true)
  }

  @Test func `it asks for its work and answers when that is done`() {
    var run = Self.run()
    run.send(1)
    run.send(2)
    run.send(3)
    #expect(run.lines() == ["0 work 1 225ms", "0 work 2 225ms"])
    run.run(to: 500)
    run.worked(1)
    #expect(run.lines() == ["500 answer 1 200", "500 work 3 225ms"])
  }

  @Test func `each worker loads by itself, and the first that has loaded answers`() {
    var run = Self.run(serving: false)
    run.start()
    run.run(to: 20)
    run.send(1)
    run.send(2)
    #expect(
      run.lines() == ["0 starting", "20 listen", "20 loading", "20 work 1 2s", "20 work 2 2s"])
    run.run(to: 3_000)
    run.worked(1)
    #expect(run.lines() == ["3000 serving", "3000 work 3 225ms"])
    run.run(to: 3_100)
    run.worked(2)
    #expect(run.lines() == ["3100 work 4 225ms"])
  }

  @Test func `the first request of each worker after a start costs more`() {
    var run = Self.run(serving: false, first: .milliseconds(100))
    run.start()
    run.run(to: 20)
    run.worked(1)
    run.worked(2)
    _ = run.lines()
    run.send(1)
    run.send(2, .catalog(caller: "x"))
    #expect(run.lines() == ["20 work 3 225ms", "20 work 4 325ms"])
    run.worked(3)
    run.worked(4)
    for connection in UInt32(3)...4 { run.send(connection, .catalog(caller: "x")) }
    #expect(run.lines().suffix(2) == ["20 work 5 325ms", "20 work 6 225ms"])
  }

  @Test(arguments: ["terminate", "kill"])
  func `whoever is cut works no longer, and word of it is ignored`(signal: String) {
    var run = Self.run()
    run.send(1)
    run.send(2)
    run.close(2)
    _ = run.lines()
    run.stop(StopSignal(rawValue: signal)!)
    run.run(to: 50)
    let lines = run.lines().map { String($0.drop { $0 != " " }.dropFirst()) }
    #expect(Set(lines).isSuperset(of: ["abandon 1", "abandon 2", "fin 1"]))
    run.worked(1)
    #expect(run.lines() == [])
    #expect(run.node.inFlight == 0)
  }

  @Test func `a kill cuts at once, and the socket goes with the last process`() {
    var times = NodeRun.times
    times.dies = .constant(.milliseconds(3))
    var run = NodeRun(workers: 2, takes: .milliseconds(225), times: times)
    run.send(1)
    run.run(to: 10)
    run.stop(.kill)
    run.run(to: 11)
    run.send(2)
    run.run(to: 5_000)
    #expect(
      run.lines() == [
        "10 fin 1", "10 zombie", "13 fin 2", "13 unlisten", "13 refusing", "1410 stopped",
        "1410 exited",
      ])
  }

  @Test func `a stop while it loads ends that work`() {
    var run = Self.run(serving: false)
    run.start()
    run.run(to: 20)
    _ = run.lines()
    run.stop(.kill)
    #expect(run.lines() == ["20 unlisten", "20 abandon 1", "20 abandon 2", "20 refusing"])
  }

  @Test func `a client that goes away leaves its worker busy`() {
    var run = Self.run()
    run.send(1)
    run.send(2)
    run.send(3)
    run.close(1)
    #expect(run.node.inFlight == 2)
    run.worked(1)
    #expect(run.lines().last == "0 work 3 225ms")
    #expect(run.node.inFlight == 2)
  }

  @Test(arguments: [(true, 1_000, 2_500), (false, 2_000, 3_500)])
  func `a node with nothing in flight listens longer and takes longer to go`(
    busy: Bool, unlisten: Int64, exited: Int64
  ) {
    var run = Self.run(idle: .milliseconds(1_000))
    if busy { run.send(1) }
    run.stop(.terminate)
    run.run(to: 10_000)
    let lines = run.lines()
    #expect(lines.contains("\(unlisten) unlisten"))
    #expect(lines.contains("\(exited) exited"))
  }
}
