// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import Testing

@testable import FalseworkProxy

/// Retries and redispatch as measured on HAProxy 2.6 with one of three servers refusing.
struct RetryTests {
  /// Refuses every connection to the first server; returns when the request ended and how.
  private func run(
    _ options: String, servers count: Int, refusing: Set<Int>
  ) throws -> (record: LogRecord, attempts: [Int], driver: ProxyDriver) {
    var driver = try ProxyDriver(
      backend: "  balance roundrobin\n\(options)\n" + servers(count))
    let client = driver.accept()
    driver.request(client)
    var attempts: [Int] = []
    for _ in 0..<20 {
      while let attempt = driver.connecting() {
        driver.effects.removeAll {
          if case .connect = $0 { return true }
          return false
        }
        attempts.append(attempt.server)
        if refusing.contains(attempt.server) {
          driver.refuse(attempt.connection)
        } else {
          driver.connected(attempt.connection)
          driver.respond(attempt.connection)
          driver.finish(attempt.connection)
        }
      }
      if driver.record() != nil { break }
      driver.pass(.milliseconds(200))
    }
    return (try #require(driver.record()), attempts, driver)
  }

  struct Case: Sendable, CustomTestStringConvertible {
    var options: String
    var servers: Int
    var status: Int32
    var milliseconds: Int64
    var attempts: [Int]
    var testDescription: String { "\(options), \(servers) servers" }
  }

  @Test(arguments: [
    Case(options: "", servers: 3, status: 503, milliseconds: 3_000, attempts: [0, 0, 0, 0]),
    Case(options: "  retries 1", servers: 3, status: 503, milliseconds: 1_000, attempts: [0, 0]),
    Case(options: "  retries 0", servers: 3, status: 503, milliseconds: 0, attempts: [0]),
    Case(
      options: "  timeout connect 200ms", servers: 3, status: 503, milliseconds: 600,
      attempts: [0, 0, 0, 0]),
    Case(
      options: "  option redispatch", servers: 3, status: 200, milliseconds: 0, attempts: [0, 1]),
    Case(
      options: "  option redispatch", servers: 1, status: 503, milliseconds: 3_000,
      attempts: [0, 0, 0, 0]),
  ])
  func `a refused connection is tried again as HAProxy does`(which: Case) throws {
    let (record, attempts, driver) = try run(
      which.options, servers: which.servers, refusing: [0])
    #expect(record.status == which.status)
    #expect(record.totalTime == .milliseconds(which.milliseconds))
    #expect(attempts == which.attempts)
    // As 2.6 counts: 1,911 requests with 51 retries were 1,962 sessions of its servers.
    for index in 0..<which.servers {
      #expect(driver.proxy.servers[index].traffic.total == attempts.count { $0 == index })
    }
    #expect(record.termination.text == (which.status == 503 ? "SC" : "--"))
    #expect((record.connectTime == nil) == (which.status == 503))
    #expect(driver.proxy.servers[0].traffic.connectErrors == (which.status == 503 ? 1 : 0))
  }

  /// `falsework fuzz` found that this one was tried again without a server.
  @Test func `a server that a refused connection marks down takes the request with it`() throws {
    let (record, attempts, driver) = try run(
      "  default-server check inter 2s observe layer4 error-limit 1 on-error mark-down "
        + "on-marked-down shutdown-sessions", servers: 1, refusing: [0])
    #expect(attempts == [0])
    #expect(record.termination.cause == UInt8(ascii: "D"))
    #expect(driver.proxy.servers[0].operational == .stopped)
    #expect(driver.proxy.backends[0].traffic.current == 0)
  }

  /// `falsework fuzz` found that it ended twice, where its connection was closed with it.
  @Test func `a server that a silence marks down ends the request once`() throws {
    var driver = try ProxyDriver(
      backend: "  option httpclose\n  timeout server 50ms\n  option httpchk GET /\n"
        + "  default-server check inter 2s observe layer7 error-limit 1 on-error mark-down "
        + "on-marked-down shutdown-sessions\n" + servers(1))
    driver.request(driver.accept())
    driver.connected(try #require(driver.connecting()).connection)
    driver.pass(.milliseconds(60))
    let ends = driver.effects.count { if case .ended = $0 { true } else { false } }
    #expect(ends == 1)
    #expect(driver.proxy.backends[0].traffic.current == 0)
  }

  @Test func `a redispatch is counted at the server that failed, and marked in the record`() throws
  {
    let (record, _, driver) = try run("  option redispatch", servers: 2, refusing: [0])
    #expect(record.redispatched && record.retries == 1 && record.server == ServerID(1))
    #expect(driver.proxy.servers[0].traffic.redispatches == 1)
    #expect(driver.proxy.servers[0].traffic.retries == 0)
    #expect(driver.proxy.servers[1].traffic.redispatches == 0)
    #expect(driver.proxy.backends[0].traffic.redispatches == 1)
    #expect(driver.proxy.servers.allSatisfy { $0.served == 0 })
  }

  @Test func `when all refuse and redispatch is on, each try goes to the next at once`() throws {
    let (record, attempts, _) = try run("  option redispatch", servers: 2, refusing: [0, 1])
    #expect(record.status == 503 && attempts == [0, 1, 0, 1])
    #expect(record.totalTime == .zero)
  }

  @Test(arguments: [(false, 2_000, 503), (true, 500, 200)])
  func `a connection that gets no answer costs one time-out each, without a pause`(
    redispatch: Bool, milliseconds: Int, status: Int
  ) throws {
    var driver = try ProxyDriver(
      backend: "  timeout connect 500ms\n"
        + (redispatch ? "  option redispatch\n" : "") + servers(3))
    driver.request(driver.accept())
    for _ in 0..<40 where driver.record() == nil {
      driver.pass(.milliseconds(100))
      if let attempt = driver.connecting(), attempt.server != 0,
        driver.proxy.connections[attempt.connection] != nil, driver.forwarded() == nil
      {
        driver.connected(attempt.connection)
        driver.respond(attempt.connection)
        driver.finish(attempt.connection)
      }
    }
    let record = try #require(driver.record())
    #expect(record.status == status)
    #expect(record.totalTime == .milliseconds(Int64(milliseconds)))
    #expect(record.termination.text == (status == 503 ? "sC" : "--"))
  }

  @Test func `a later request of a kept connection that times out to connect sees it close`() throws
  {
    var driver = try ProxyDriver(
      backend: "  timeout connect 100ms\n  retries 0\n  option httpclose\n" + servers(1),
      frontend: "")
    var kept = try ProxyDriver(
      backend: "  timeout connect 100ms\n  retries 0\n  option http-server-close\n" + servers(1))
    // First request: 503 is sent. Later request: HAProxy logs it and sends nothing.
    driver.request(driver.accept())
    driver.pass(.milliseconds(100))
    #expect(driver.page() == .unavailable)
    let client = kept.accept()
    _ = try kept.exchange(client)
    kept.effects.removeAll()
    kept.request(client)
    kept.pass(.milliseconds(100))
    #expect(kept.page() == nil)
    #expect(kept.effects.contains(.closeClient(client, .fin)))
    #expect(kept.record()?.status == 503 && kept.record()?.bytes == 0)
    #expect(kept.record()?.termination.text == "sC")
  }

  @Test func `with no usable server the answer is 503 at once and no server is named`() throws {
    var driver = try ProxyDriver(backend: servers(2))
    driver.order(0, .maint)
    driver.order(1, .drain)
    let client = driver.accept()
    driver.request(client)
    let record = try #require(driver.record())
    #expect(driver.page() == .unavailable)
    #expect(record.server == nil && record.totalTime == .zero)
    #expect(record.termination.text == "SC" && record.queueTime == nil)
  }

  @Test func `with abortonclose a client that leaves while its request pauses frees the server`()
    throws
  {
    var driver = try ProxyDriver(backend: "option abortonclose\n" + servers(1))
    let client = driver.accept()
    driver.request(client)
    driver.refuse(try #require(driver.connecting()).connection)
    #expect(driver.proxy.servers[0].served == 1)
    driver.proxy.clientClosed(client, .reset, now: driver.now, into: &driver.effects)
    #expect(driver.proxy.servers[0].served == 0)
    #expect(driver.record()?.termination.text == "CC")
    driver.effects.removeAll()
    driver.pass(.seconds(5))
    #expect(driver.connecting() == nil)
  }
}

/// Requests that are sent again after they were sent (`retry-on`).
struct RepeatTests {
  private static let words =
    "retry-on conn-failure empty-response junk-response response-timeout 503\n"

  @Test
  func `an empty answer is asked for again elsewhere, and counted as a retry and a redispatch`()
    throws
  {
    var driver = try ProxyDriver(backend: "option redispatch\n" + Self.words + servers(2))
    let (connection, _) = try driver.reach(driver.accept(), kept: true)
    driver.effects.removeAll()
    driver.proxy.serverClosed(connection, .fin, now: driver.now, into: &driver.effects)
    #expect(driver.connecting()?.server == 1)
    let traffic = driver.proxy.servers[0].traffic
    #expect((traffic.retries, traffic.redispatches, traffic.responseErrors) == (1, 1, 0))
  }

  @Test func `without option redispatch the same server is asked, which counts twice`() throws {
    var driver = try ProxyDriver(backend: Self.words + servers(2))
    let (connection, _) = try driver.reach(driver.accept(), kept: true)
    driver.effects.removeAll()
    driver.proxy.serverClosed(connection, .fin, now: driver.now, into: &driver.effects)
    #expect(driver.connecting()?.server == 0)
    #expect(driver.proxy.servers[0].traffic.retries == 2)
  }

  @Test func `a status of the list is not passed on but asked for again`() throws {
    var driver = try ProxyDriver(backend: "option redispatch\n" + Self.words + servers(2))
    let (connection, _) = try driver.reach(driver.accept(), kept: true)
    driver.effects.removeAll()
    driver.respond(connection, status: 503)
    #expect(driver.connecting()?.server == 1)
    #expect(!driver.effects.contains { if case .relay = $0 { true } else { false } })
  }

  @Test func `a status that is not in the list is passed on`() throws {
    var driver = try ProxyDriver(backend: "option redispatch\n" + Self.words + servers(2))
    let (connection, _) = try driver.reach(driver.accept(), kept: true)
    driver.effects.removeAll()
    driver.respond(connection, status: 500)
    #expect(driver.effects.contains { if case .relay = $0 { true } else { false } })
  }

  @Test func `silence beyond timeout server is asked again`() throws {
    var driver = try ProxyDriver(
      backend: "timeout server 1s\noption redispatch\n" + Self.words + servers(2))
    _ = try driver.reach(driver.accept(), kept: true)
    driver.effects.removeAll()
    driver.pass(.milliseconds(1_001))
    #expect(driver.connecting()?.server == 1)
  }

  @Test func `a request that was not kept is not sent again`() throws {
    var driver = try ProxyDriver(backend: Self.words + servers(2))
    let (connection, _) = try driver.reach(driver.accept(), kept: false)
    driver.effects.removeAll()
    driver.proxy.serverClosed(connection, .fin, now: driver.now, into: &driver.effects)
    #expect(driver.page()?.status == 502)
  }

  @Test func `after the last try the failure is the client's`() throws {
    var driver = try ProxyDriver(backend: "retries 1\n" + Self.words + servers(1))
    let (connection, _) = try driver.reach(driver.accept(), kept: true)
    driver.effects.removeAll()
    driver.proxy.serverClosed(connection, .fin, now: driver.now, into: &driver.effects)
    let second = try #require(driver.connecting())
    driver.connected(second.connection)
    driver.proxy.serverClosed(second.connection, .fin, now: driver.now, into: &driver.effects)
    #expect(driver.page()?.status == 502)
    #expect(driver.record()?.retries == 1)
  }

  @Test func `retry-on none gives up at once`() throws {
    var driver = try ProxyDriver(backend: "retry-on none\n" + servers(2))
    driver.request(driver.accept())
    driver.refuse(try #require(driver.connecting()).connection)
    #expect(driver.page()?.status == 503)
    #expect(driver.record()?.retries == 0)
  }
}
