// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import Testing

@testable import FalseworkLive
@testable import FalseworkLoad
@testable import FalseworkProxy

@Suite struct LogOrdinalsTests {
  private static func at(_ milliseconds: Int64) -> Instant {
    .start + .milliseconds(milliseconds)
  }

  private static func outcome(_ ordinal: Int, _ sent: Int64, _ done: Int64) -> Outcome {
    Outcome(
      number: ordinal, task: 0, step: 0, user: 0, journey: 0, due: at(sent), sent: at(sent),
      firstByte: at(done), done: at(done), newConnection: ordinal == 1, localPort: 4_000,
      ordinal: ordinal, status: 200, verdict: .ok, lackedToken: false, preliminary: false)
  }

  private static func record(_ began: Int64, _ ended: Int64) -> LogRecord {
    LogRecord(
      client: ClientAddress(ip: ClientAddress.loopback, port: 4_000), ordinal: 0,
      frontend: FrontendID(0), backend: nil, server: nil, began: at(began), ended: at(ended),
      requestTime: nil, queueTime: nil, connectTime: nil, responseTime: nil, status: 200, bytes: 0,
      termination: .normal, retries: 0, redispatched: false, reused: false, logged: true,
      connections: (0, 0, 0, 0), queuedBefore: (0, 0))
  }

  @Test func `a line that comes after its request gets the request's ordinal`() {
    var ordinals = LogOrdinals()
    #expect(ordinals.ended(Self.outcome(1, 0, 10)) == nil)
    #expect(ordinals.ended(Self.outcome(2, 50, 70)) == nil)
    #expect(ordinals.came(Self.record(51, 69))?.ordinal == 2)
    #expect(ordinals.came(Self.record(1, 11))?.ordinal == 1)
  }

  @Test func `a line that comes before its request waits for it`() {
    var ordinals = LogOrdinals()
    #expect(ordinals.came(Self.record(1, 9)) == nil)
    #expect(ordinals.ended(Self.outcome(1, 0, 10))?.ordinal == 1)
    #expect(ordinals.strangers(before: Self.at(60_000)).isEmpty)
  }

  /// A request without a line, as HAProxy has them, does not shift those after it.
  @Test func `a request that is not in the log is passed over`() {
    var ordinals = LogOrdinals()
    #expect(ordinals.ended(Self.outcome(1, 0, 10)) == nil)
    #expect(ordinals.ended(Self.outcome(2, 100, 110)) == nil)
    #expect(ordinals.came(Self.record(101, 109))?.ordinal == 2)
  }

  @Test func `lines of other clients come out as they are, after a while`() {
    var ordinals = LogOrdinals()
    #expect(ordinals.came(Self.record(0, 100)) == nil)
    #expect(ordinals.strangers(before: Self.at(2_000)).isEmpty)
    #expect(ordinals.strangers(before: Self.at(2_100)).map(\.ordinal) == [0])
    #expect(ordinals.strangers(before: Self.at(9_000)).isEmpty)
  }
}
