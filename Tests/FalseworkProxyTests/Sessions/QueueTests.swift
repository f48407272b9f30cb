// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import Testing

@testable import FalseworkProxy

/// Who waits for whom, and how long.
struct QueueTests {
  @Test func `the longest waiting request of either queue has the server first`() throws {
    var driver = try ProxyDriver(
      backend: "balance leastconn\ntimeout queue 5s\n" + servers(1, "maxconn 1 maxqueue 1"))
    let (first, _) = try driver.reach(driver.accept())
    let own = driver.accept()
    driver.request(own)
    let any = driver.accept()
    driver.request(any)
    #expect(driver.proxy.servers[0].waiting == 1)
    #expect(driver.proxy.backends[0].traffic.queued == 1)
    driver.effects.removeAll()
    driver.respond(first)
    driver.finish(first)
    let second = try #require(driver.connecting())
    #expect(driver.proxy.clients[Int(own.index)].stage == .connecting)
    #expect(driver.proxy.clients[Int(any.index)].stage == .queued)
    driver.connected(second.connection)
    driver.respond(second.connection)
    driver.finish(second.connection)
    #expect(driver.proxy.clients[Int(any.index)].stage == .connecting)
  }

  @Test func `what a key chose waits for its server, and is refused beyond maxqueue`() throws {
    var driver = try ProxyDriver(
      backend: "balance source\ntimeout queue 5s\n" + servers(2, "maxconn 1 maxqueue 1"))
    let (_, server) = try driver.reach(driver.accept())
    driver.request(driver.accept())
    #expect(driver.proxy.servers[server].waiting == 1)
    driver.effects.removeAll()
    driver.request(driver.accept())
    let record = try #require(driver.record())
    #expect((record.status, record.termination.text, record.server?.index) == (503, "SQ", server))
    #expect(driver.proxy.servers[server].traffic.connectErrors == 1)
  }

  @Test func `the wait ends with timeout queue, and the log names the server`() throws {
    var driver = try ProxyDriver(
      backend: "balance source\ntimeout queue 500ms\n" + servers(2, "maxconn 1"))
    let (_, server) = try driver.reach(driver.accept())
    driver.request(driver.accept())
    driver.effects.removeAll()
    driver.pass(.milliseconds(501))
    let record = try #require(driver.record())
    #expect((record.status, record.termination.text) == (503, "sQ"))
    #expect(record.server?.index == server)
    #expect(record.queuedBefore == (1, 0))
    #expect(driver.proxy.servers[server].waiting == 0)
  }

  @Test(arguments: [true, false])
  func `requests that wait for a server in MAINT move on only with option redispatch`(
    redispatch: Bool
  ) throws {
    var driver = try ProxyDriver(
      backend: (redispatch ? "option redispatch\n" : "") + "balance source\ntimeout queue 5s\n"
        + servers(2, "maxconn 1"))
    let (first, server) = try driver.reach(driver.accept())
    driver.request(driver.accept())
    driver.effects.removeAll()
    driver.order(server, .maint)
    #expect((driver.connecting()?.server == 1 - server) == redispatch)
    #expect(driver.proxy.servers[server].waiting == (redispatch ? 0 : 1))
    guard !redispatch else { return }
    // HAProxy 2.6 sends it to the server in MAINT all the same.
    driver.respond(first)
    driver.finish(first)
    #expect(driver.connecting()?.server == server)
  }

  @Test func `minconn rises to maxconn with the backend's load`() throws {
    var driver = try ProxyDriver(
      backend: "fullconn 4\ntimeout queue 5s\n" + servers(1, "minconn 1 maxconn 4"))
    for _ in 0..<5 { driver.request(driver.accept()) }
    #expect(driver.proxy.servers[0].served == 4)
    #expect(driver.proxy.backends[0].traffic.queued == 1)
  }

  @Test func `a client that leaves a queue is not looked at before its turn`() throws {
    var driver = try ProxyDriver(backend: "timeout queue 5s\n" + servers(1, "maxconn 1"))
    let (first, _) = try driver.reach(driver.accept())
    let gone = driver.accept()
    driver.request(gone)
    driver.proxy.clientClosed(gone, .reset, now: driver.now, into: &driver.effects)
    #expect(driver.proxy.backends[0].traffic.queued == 1)
    driver.respond(first)
    driver.finish(first)
    let second = try #require(driver.connecting())
    driver.effects.removeAll()
    driver.connected(second.connection)
    driver.respond(second.connection)
    driver.finish(second.connection)
    let record = try #require(driver.record())
    #expect((record.status, record.termination.text) == (200, "CD"))
    #expect(!driver.effects.contains { if case .relay = $0 { true } else { false } })
  }

  @Test func `option abortonclose takes a waiting request back`() throws {
    var driver = try ProxyDriver(
      backend: "option abortonclose\ntimeout queue 5s\n" + servers(1, "maxconn 1"))
    _ = try driver.reach(driver.accept())
    let gone = driver.accept()
    driver.request(gone)
    driver.effects.removeAll()
    driver.proxy.clientClosed(gone, .fin, now: driver.now, into: &driver.effects)
    #expect(driver.record()?.termination.text == "CQ")
    #expect(driver.proxy.backends[0].traffic.queued == 0)
  }
}
