// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkLoad
import FalseworkProxy
import Testing

@testable import FalseworkReport

@Suite struct SightJoinTests {
  private let outcome = SyntheticRun.outcome(sent: 100, done: 200, port: 5, ordinal: 3, .closed)
  private let sight = ProxySight(
    SyntheticRun.record(
      began: 101, ended: 199, port: 5, ordinal: 3, server: 1, status: 0, "SH", logged: false))

  @Test func `a record that came first is found by its request`() {
    var join = SightJoin(limit: 10)
    #expect(join.proxied(sight, port: 5) == nil)
    #expect(join.ended(outcome, failure: 0, row: nil, waits: false) == sight)
    #expect(join.ended(outcome, failure: 0, row: nil, waits: false) == nil)
  }

  @Test func `a request that came first is found by its record`() {
    var join = SightJoin(limit: 10)
    #expect(join.ended(outcome, failure: 4, row: 7, waits: false) == nil)
    let waiting = join.proxied(sight, port: 5)
    #expect(waiting?.failure == 4 && waiting?.row == 7)
    #expect(join.proxied(sight, port: 5) == nil)
  }

  @Test(arguments: [(6, 3), (5, 2)]) func `another port or ordinal is another request`(
    port: Int, ordinal: Int
  ) {
    var join = SightJoin(limit: 10)
    #expect(join.proxied(sight, port: 5) == nil)
    let other = SyntheticRun.outcome(
      sent: 100, done: 200, port: UInt16(port), ordinal: ordinal, .closed)
    #expect(join.ended(other, failure: 0, row: nil, waits: false) == nil)
  }

  @Test(arguments: [(300, 400), (10, 90)]) func `a port that is used again is another request`(
    sent: Int, done: Int
  ) {
    let other = SyntheticRun.outcome(sent: sent, done: done, port: 5, ordinal: 3, .closed)
    var join = SightJoin(limit: 10)
    #expect(join.proxied(sight, port: 5) == nil)
    #expect(join.ended(other, failure: 0, row: nil, waits: false) == nil)
    var reverse = SightJoin(limit: 10)
    #expect(reverse.ended(other, failure: 0, row: nil, waits: false) == nil)
    #expect(reverse.proxied(sight, port: 5) == nil)
  }

  @Test func `a request that was never sent has no record`() {
    let unsent = SyntheticRun.outcome(sent: 100, done: 200, port: 0, ordinal: 0, .refused)
    var join = SightJoin(limit: 10)
    #expect(join.ended(unsent, failure: 0, row: nil, waits: false) == nil)
  }

  @Test func `what is young is kept, what is old is forgotten`() {
    var table = RecentTable<Int>(limit: 10)
    for key in 0..<35 { table.put(UInt64(key), key) }
    #expect((0..<20).allSatisfy { table.take(UInt64($0)) == nil })
    #expect((25..<35).allSatisfy { table.take(UInt64($0)) == $0 })
  }

  @Test func `the younger of two with one key wins, and no older one stays behind`() {
    var table = RecentTable<Int>(limit: 2)
    table.put(1, 10)
    table.put(2, 20)
    table.put(1, 11)
    #expect(table.take(1) == 11)
    #expect(table.take(1) == nil)
    #expect(table.take(2) == 20)
  }
}
