// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import Testing

@testable import FalseworkKeystone

@Suite struct MachineTests {
  private static func job(_ task: Int, node: Int = 0) -> Machine.Job {
    Machine.Job(node: NodeID(node), task: NodeTask(task))
  }

  private static func at(_ milliseconds: Int64) -> Instant { .start + .milliseconds(milliseconds) }

  /// When each job is done, in milliseconds, if nothing else happens.
  private static func ends(_ machine: inout Machine) -> [Int: Int64] {
    var ends: [Int: Int64] = [:]
    while machine.nextWake != .never {
      let now = machine.nextWake
      while let job = machine.popDone(now: now) {
        ends[job.task.index] = (now - .start).milliseconds
      }
    }
    return ends
  }

  @Test(arguments: [(1, 225), (2, 225), (3, 337), (4, 450), (8, 900)])
  func `jobs run at full speed until there are more of them than cores, then share`(
    jobs: Int, milliseconds: Int64
  ) {
    var machine = Machine(.init(cores: 2))
    for task in 0..<jobs {
      machine.begin(Self.job(task), work: .milliseconds(225), now: .start)
    }
    #expect(Set(Self.ends(&machine).values) == [milliseconds])
  }

  @Test func `what a job that ends leaves free the others get`() {
    var machine = Machine(.init(cores: 1))
    machine.begin(Self.job(1), work: .milliseconds(100), now: .start)
    machine.begin(Self.job(2), work: .milliseconds(300), now: .start)
    // Both at half speed until 200 ms, then the second alone with 200 ms left.
    #expect(Self.ends(&machine) == [1: 200, 2: 400])
  }

  @Test func `work that comes later slows down what is there from then on`() {
    var machine = Machine(.init(cores: 1))
    machine.begin(Self.job(1), work: .milliseconds(100), now: .start)
    machine.begin(Self.job(2), work: .milliseconds(25), now: Self.at(50))
    #expect(Self.ends(&machine) == [2: 100, 1: 125])
  }

  @Test func `abandoned work takes nothing any more`() {
    var machine = Machine(.init(cores: 1))
    machine.begin(Self.job(1), work: .milliseconds(100), now: .start)
    machine.begin(Self.job(2), work: .milliseconds(100), now: .start)
    machine.abandon(Self.job(2), now: Self.at(100))
    #expect(machine.running == 1)
    #expect(Self.ends(&machine) == [1: 150])
  }

  @Test func `jobs of one name on two nodes are two`() {
    var machine = Machine(.init(cores: 2))
    machine.begin(Self.job(1), work: .milliseconds(10), now: .start)
    machine.begin(Self.job(1, node: 1), work: .milliseconds(10), now: .start)
    machine.abandon(Self.job(1), now: .start)
    #expect(machine.running == 1)
    #expect(machine.popDone(now: Self.at(10)) == Self.job(1, node: 1))
    #expect(machine.nextWake == .never)
  }

  @Test func `a world that looks late finds each job done when it was`() {
    var machine = Machine(.init(cores: 1))
    machine.begin(Self.job(1), work: .milliseconds(100), now: .start)
    machine.begin(Self.job(2), work: .milliseconds(200), now: .start)
    let late = Self.at(320)
    #expect(machine.popDone(now: late) == Self.job(1))
    #expect(machine.popDone(now: late) == Self.job(2))
    #expect(machine.popDone(now: late) == nil)
  }

  @Test func `nodes share alike, and what one does not want the other gets`() {
    var machine = Machine(.init(cores: 2))
    machine.begin(Self.job(1), work: .milliseconds(100), now: .start)
    machine.begin(Self.job(2), work: .milliseconds(100), now: .start)
    machine.begin(Self.job(3, node: 1), work: .milliseconds(100), now: .start)
    // The one of the second node has a core of its own; the two of the first share the other.
    #expect(Self.ends(&machine) == [3: 100, 1: 150, 2: 150])
  }

  @Test func `other programs take their part only where cores are short`() {
    for (jobs, milliseconds) in [(1, Int64(100)), (4, 250)] {
      var machine = Machine(.init(cores: 2, others: 200))
      for task in 0..<jobs {
        machine.begin(Self.job(task), work: .milliseconds(100), now: .start)
      }
      #expect(Set(Self.ends(&machine).values.map { $0 / 2 * 2 }) == [milliseconds])
    }
  }

  @Test func `on a slow day everything takes longer`() {
    var machine = Machine(.init(cores: 2, second: .milliseconds(1_100)))
    machine.begin(Self.job(1), work: .milliseconds(100), now: .start)
    #expect(Self.ends(&machine) == [1: 110])
  }

  @Test func `it is never done before its time, however the shares are rounded`() {
    var machine = Machine(.init(cores: 3))
    for task in 0..<7 {
      machine.begin(
        Self.job(task), work: .nanoseconds(Int64(task) * 1_000_003 + 1),
        now: .start + .nanoseconds(Int64(task) * 11))
    }
    var last = Instant.start
    for _ in 0..<7 {
      let due = machine.nextWake
      #expect(due >= last)
      #expect(machine.popDone(now: due - .nanoseconds(1)) == nil)
      #expect(machine.popDone(now: due) != nil)
      last = due
    }
    #expect(machine.nextWake == .never)
  }
}
