// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import Testing

@testable import FalseworkProxy

/// Which connections requests share, as seen with HAProxy 2.6.
struct PoolTests {
  /// Two clients with three requests each, then two with one: connections opened and used again.
  @Test(arguments: [
    ("never", 4, 4), ("safe", 4, 4), ("aggressive", 1, 7), ("always", 1, 7),
  ])
  func `http-reuse says whose connections a request may use`(
    mode: String, opened: Int, again: Int
  ) throws {
    var driver = try ProxyDriver(backend: "http-reuse \(mode)\n" + servers(1))
    for count in [3, 3, 1, 1] {
      let client = driver.accept()
      for _ in 0..<count { _ = try driver.exchange(client) }
      driver.proxy.clientClosed(client, .fin, now: driver.now, into: &driver.effects)
    }
    let traffic = driver.proxy.servers[0].traffic
    #expect((traffic.newConnections, traffic.reusedConnections) == (opened, again))
  }

  @Test func `a connection of one client's own is closed with the client's`() throws {
    var driver = try ProxyDriver(backend: "http-reuse never\n" + servers(1))
    let client = driver.accept()
    _ = try driver.exchange(client)
    driver.effects.removeAll()
    driver.proxy.clientClosed(client, .fin, now: driver.now, into: &driver.effects)
    #expect(driver.effects.contains { if case .closeServer = $0 { true } else { false } })
    #expect(driver.proxy.privateConnections.isEmpty)
  }

  @Test func `a second unused connection is not kept beside a first`() throws {
    var driver = try ProxyDriver(backend: servers(1))
    for _ in 0..<3 { _ = try driver.exchange(driver.accept()) }
    #expect(driver.proxy.servers[0].idle.count == 2)
  }

  @Test func `pool-max-conn bounds what is kept`() throws {
    var driver = try ProxyDriver(backend: servers(1, "pool-max-conn 0"))
    let client = driver.accept()
    for _ in 0..<3 { _ = try driver.exchange(client) }
    #expect(driver.proxy.servers[0].traffic.newConnections == 3)
  }
}
