// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import Testing

@testable import FalseworkProxy

/// One request after the other on client and server connections.
struct SessionTests {
  @Test func `a first request gets its own connection and a later one an idle one`() throws {
    var driver = try ProxyDriver(backend: servers(1))
    let a = driver.accept()
    _ = try driver.exchange(a)
    #expect(driver.proxy.servers[0].idle.count == 1)
    // Another client's first request does not take it: `http-reuse safe`.
    let b = driver.accept()
    driver.effects.removeAll()
    driver.request(b)
    #expect(driver.connecting() != nil)
    driver.effects.removeAll()
    driver.request(a)
    #expect(driver.connecting() == nil)
    #expect(driver.forwarded() != nil)
    #expect(driver.proxy.servers[0].traffic.reusedConnections == 1)
  }

  @Test(arguments: [
    ("option http-keep-alive", false, false), ("option http-server-close", true, false),
    ("option httpclose", true, true),
  ])
  func `each connection mode closes what it says`(
    option: String, closesServer: Bool, closesClient: Bool
  ) throws {
    var driver = try ProxyDriver(backend: servers(1), frontend: "  \(option)\n")
    let client = driver.accept()
    let (connection, _) = try driver.reach(client)
    driver.respond(connection)
    driver.finish(connection)
    #expect(driver.effects.contains(.forward(client, connection, close: closesServer)))
    #expect(driver.effects.contains(.relay(connection, client, close: closesClient)))
    #expect(driver.effects.contains(.closeServer(connection, .fin)) == closesServer)
    #expect(driver.effects.contains(.closeClient(client, .fin)) == closesClient)
  }

  @Test func `httpclose of a backend closes the connection to the server alone`() throws {
    var driver = try ProxyDriver(
      backend: "  option httpclose\n" + servers(1), frontend: "  option http-server-close\n")
    let client = driver.accept()
    let (connection, _) = try driver.reach(client)
    driver.respond(connection)
    driver.finish(connection)
    #expect(driver.effects.contains(.closeServer(connection, .fin)))
    #expect(!driver.effects.contains(.closeClient(client, .fin)))
  }

  @Test func `a server that ends without an answer costs a first request 502`() throws {
    var driver = try ProxyDriver(backend: servers(1))
    let client = driver.accept()
    let (connection, _) = try driver.reach(client)
    driver.proxy.serverClosed(connection, .fin, now: driver.now, into: &driver.effects)
    let record = try #require(driver.record())
    #expect(driver.page() == .badGateway)
    #expect(record.logged && record.status == 502 && record.termination.text == "SH")
    #expect(driver.proxy.servers[0].traffic.responseErrors == 1)
  }

  @Test func `a server that ends without an answer closes a kept connection without a word`() throws
  {
    var driver = try ProxyDriver(backend: servers(1), frontend: "  option http-server-close\n")
    let client = driver.accept()
    _ = try driver.exchange(client)
    let (connection, _) = try driver.reach(client)
    driver.effects.removeAll()
    driver.proxy.serverClosed(connection, .fin, now: driver.now, into: &driver.effects)
    let record = try #require(driver.record())
    #expect(driver.page() == nil)
    #expect(driver.effects.contains(.closeClient(client, .fin)))
    #expect(!record.logged && record.status == 0)
    #expect(driver.proxy.servers[0].traffic.responseErrors == 0)
    #expect(driver.proxy.connectionCount == 0)
  }

  @Test func `a response that is cut ends the client's connection`() throws {
    var driver = try ProxyDriver(backend: servers(1))
    let client = driver.accept()
    let (connection, _) = try driver.reach(client)
    driver.respond(connection)
    driver.proxy.serverClosed(connection, .reset, now: driver.now, into: &driver.effects)
    #expect(driver.record()?.termination.text == "SD")
    #expect(driver.effects.last == .closeClient(client, .fin))
  }

  @Test func `a server that is too slow costs 504`() throws {
    var driver = try ProxyDriver(backend: "  timeout server 2s\n" + servers(1))
    let client = driver.accept()
    _ = try driver.reach(client)
    driver.pass(.milliseconds(1_999))
    #expect(driver.record() == nil)
    driver.pass(.milliseconds(1))
    #expect(driver.page() == .gatewayTimeout)
    #expect(driver.record()?.termination.text == "sH")
  }

  @Test func `a client that never asks is told 408 when its time is over`() throws {
    var driver = try ProxyDriver(backend: servers(1), defaults: "  timeout http-request 5s\n")
    _ = driver.accept()
    driver.pass(.milliseconds(4_999))
    #expect(driver.page() == nil)
    driver.pass(.milliseconds(1))
    #expect(driver.page() == .requestTimeout)
    #expect(driver.record()?.termination.text == "cR")
    #expect(driver.proxy.connectionCount == 0)
  }

  @Test(arguments: [(false, false), (false, true), (true, false), (true, true)])
  func `option dontlognull hides the time-out of a connection on which nothing came`(
    isSet: Bool, hasBytes: Bool
  ) throws {
    var driver = try ProxyDriver(
      backend: servers(1),
      defaults: "  timeout http-request 5s\n" + (isSet ? "  option dontlognull\n" : ""))
    let client = driver.accept()
    if hasBytes { driver.proxy.requestStarted(client, now: driver.now) }
    driver.pass(.seconds(5))
    #expect(driver.page() == .requestTimeout)
    #expect(driver.record()?.logged == (hasBytes || !isSet))
  }

  @Test func `an idle kept connection ends without a word`() throws {
    var driver = try ProxyDriver(
      backend: servers(1), defaults: "  timeout http-keep-alive 3s\n")
    let client = driver.accept()
    _ = try driver.exchange(client)
    driver.effects.removeAll()
    driver.pass(.milliseconds(2_999))
    #expect(driver.effects.isEmpty)
    driver.pass(.milliseconds(1))
    #expect(driver.effects == [.closeClient(client, .fin)])
  }

  @Test func `what is no HTTP costs 400 and the connection`() throws {
    var driver = try ProxyDriver(backend: servers(1))
    let client = driver.accept()
    driver.effects.removeAll()
    driver.proxy.malformed(client, now: driver.now, into: &driver.effects)
    #expect(driver.page() == .badRequest)
    #expect(driver.record()?.termination.text == "PR" && driver.record()?.bytes == 0)
    #expect(driver.proxy.frontends[0].current == 0)
  }

  @Test func `more requests than maxconn wait and are served in order`() throws {
    var driver = try ProxyDriver(backend: servers(1, "maxconn 1"))
    let (first, _) = try driver.reach(driver.accept(port: 1))
    driver.effects.removeAll()
    driver.request(driver.accept(port: 2))
    driver.request(driver.accept(port: 3))
    #expect(driver.connecting() == nil)
    #expect(driver.proxy.backends[0].traffic.queued == 2)
    driver.pass(.milliseconds(30))
    driver.respond(first)
    driver.finish(first)
    let second = try #require(driver.connecting())
    driver.connected(second.connection)
    driver.respond(second.connection)
    driver.effects.removeAll()
    driver.finish(second.connection)
    let record = try #require(driver.records.first)
    #expect(record.client.port == 2)
    #expect(record.queueTime == .milliseconds(30))
    #expect(driver.proxy.backends[0].traffic.queued == 0)
    #expect(driver.proxy.servers[0].traffic.peak == 1)
  }

  @Test func `a request that waits longer than timeout queue costs 503 sQ`() throws {
    var driver = try ProxyDriver(backend: "  timeout queue 1s\n" + servers(1, "maxconn 1"))
    _ = try driver.reach(driver.accept(port: 1))
    driver.effects.removeAll()
    driver.request(driver.accept(port: 2))
    driver.pass(.seconds(1))
    let record = try #require(driver.record())
    #expect(record.termination.text == "sQ" && record.status == 503 && record.server == nil)
    #expect(record.queueTime == .seconds(1))
    #expect(driver.proxy.backends[0].traffic.queued == 0)
  }

  @Test func `a full frontend stops taking connections until one leaves`() throws {
    var driver = try ProxyDriver(backend: servers(1), frontend: "  maxconn 2\n")
    let a = driver.accept()
    #expect(!driver.effects.contains(.pause(FrontendID(0))))
    _ = driver.accept()
    #expect(driver.effects.contains(.pause(FrontendID(0))))
    driver.proxy.clientClosed(a, .fin, now: driver.now, into: &driver.effects)
    #expect(driver.effects.last == .resume(FrontendID(0)))
  }

  @Test func `a client that leaves while it waits is not noticed before its answer`() throws {
    var driver = try ProxyDriver(backend: servers(1))
    let polite = driver.accept()
    let (connection, _) = try driver.reach(polite)
    driver.proxy.clientClosed(polite, .fin, now: driver.now, into: &driver.effects)
    #expect(driver.record() == nil)
    driver.respond(connection)
    driver.finish(connection)
    #expect(driver.record()?.status == 200)
    #expect(driver.effects.last == .closeClient(polite, .fin))
    let rude = driver.accept()
    let (other, _) = try driver.reach(rude)
    driver.proxy.clientClosed(rude, .reset, now: driver.now, into: &driver.effects)
    #expect(driver.record() == nil)
    #expect(driver.proxy.servers[0].served == 1)
    driver.respond(other)
    driver.finish(other)
    #expect(driver.record()?.termination.text == "CD")
    #expect(driver.proxy.servers[0].served == 0)
  }

  @Test func `idle connections are purged by halves when they are not needed`() throws {
    var driver = try ProxyDriver(backend: servers(1, "pool-purge-delay 5s"))
    let clients = (0..<8).map { _ in driver.accept() }
    var connections: [ServerConnectionID] = []
    for client in clients { connections.append(try driver.reach(client).0) }
    for connection in connections {
      driver.respond(connection)
      driver.finish(connection)
    }
    #expect(driver.proxy.servers[0].idle.count == 8)
    var counts: [Int] = []
    for _ in 0..<6 {
      driver.pass(.seconds(5))
      counts.append(driver.proxy.servers[0].idle.count)
    }
    // The first period had a use for all eight of them, and that is forgotten by halves.
    #expect(counts == [8, 8, 6, 4, 2, 1])
  }

  @Test func `a stale name changes nothing`() throws {
    var driver = try ProxyDriver(backend: servers(1), frontend: "  option httpclose\n")
    let client = driver.accept()
    let (connection, _) = try driver.reach(client)
    driver.respond(connection)
    driver.finish(connection)
    driver.effects.removeAll()
    let before = driver.proxy.servers
    driver.connected(connection)
    driver.respond(connection)
    driver.finish(connection)
    driver.request(client)
    driver.proxy.clientClosed(client, .reset, now: driver.now, into: &driver.effects)
    #expect(driver.effects.isEmpty)
    #expect(driver.proxy.servers == before)
  }
}
