// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import Testing

@testable import FalseworkProxy

@Suite struct LogRecordLineTests {
  private static let now = Instant.start + .seconds(100)

  private static func read(_ line: String) throws -> LogRecord? {
    let driver = try ProxyDriver(backend: servers(2))
    return LogRecord(line: line, configuration: driver.proxy.configuration, ended: now)
  }

  /// As HAProxy 2.6 sent it by syslog.
  @Test func `a line of a real HAProxy with its head`() throws {
    let record = try #require(
      try Self.read(
        "<134>Nov 25 03:20:11 haproxy[17396]: 127.0.0.1:44650 [25/Nov/2026:03:20:11.123] fe~ "
          + "be/n2 0/1/2/15/18 502 209 - - SH-- 3/2/1/0/+2 4/5 \"POST /v3/auth/tokens HTTP/1.1\""))
    #expect(record.client == ClientAddress(ip: ClientAddress.loopback, port: 44_650))
    #expect(record.server == ServerID(1) && record.backend == BackendID(0))
    #expect(record.began == Self.now - .milliseconds(18) && record.ended == Self.now)
    #expect(record.queueTime == .milliseconds(1) && record.responseTime == .milliseconds(15))
    #expect(record.status == 502 && record.termination.text == "SH" && record.bytes == 209)
    #expect(record.retries == 2 && record.redispatched && record.logged)
    #expect(record.connections == (3, 2, 1, 0) && record.queuedBefore == (4, 5))
  }

  @Test func `what never came about has no time and no server`() throws {
    let record = try #require(
      try Self.read(
        "127.0.0.1:9 [25/Nov/2026:03:20:11.123] fe fe/<NOSRV> -1/-1/-1/-1/3 -1 0 - - CR-- "
          + "1/1/0/0/0 0/0 \"<BADREQ>\""))
    #expect(record.server == nil && record.status == 0)
    #expect(record.requestTime == nil && record.connectTime == nil)
  }

  @Test(arguments: [
    "", "<134>Nov 25 03:20:11 haproxy[1]: Server be/n1 is DOWN.",
    "127.0.0.1:9 [25/Nov/2026:03:20:11.123] other be/n1 0/0/0/0/0 200 0 - - ---- 1/1/0/0/0 0/0 x",
    "127.0.0.1:9 [25/Nov/2026:03:20:11.123] fe be/n1 0/0/0/0 200 0 - - ---- 1/1/0/0/0 0/0 x",
  ])
  func `a line of another kind is none`(line: String) throws {
    #expect(try Self.read(line) == nil)
  }
}
