// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import Testing

@testable import FalseworkProxy

struct TrackingTests {
  private static let backend = """
      option httpchk
      server n1 127.0.0.1:8001 check
      server n2 127.0.0.1:8002 track n1
      server n3 127.0.0.1:8003 track be/n2
    """

  @Test func `a tracker inherits MAINT and DRAIN, and is free again with its server`() throws {
    var driver = try ProxyDriver(backend: Self.backend)
    driver.order(0, .maint)
    #expect(driver.proxy.servers[1].admin == .inheritedMaint)
    #expect(driver.proxy.servers[2].admin == .inheritedMaint)
    driver.order(0, .drain)
    #expect(driver.proxy.servers[2].admin == .inheritedDrain)
    #expect(!driver.proxy.servers[2].isUsable)
    driver.order(0, .ready)
    #expect(driver.proxy.servers[1].admin == [])
    #expect(driver.proxy.servers[2].isUsable)
  }

  @Test func `a tracker goes down and comes up with its server`() throws {
    var driver = try ProxyDriver(backend: Self.backend)
    driver.pass(.milliseconds(10))
    driver.answerCheck(0, passed: false)
    #expect(driver.proxy.servers.map(\.operational) == [.stopped, .stopped, .stopped])
    for _ in 0..<2 {
      driver.pass(.seconds(2))
      driver.answerCheck(0, passed: true)
    }
    #expect(driver.proxy.servers.map(\.operational) == [.running, .running, .running])
  }

  @Test func `an order of its own stays when the tracked server is ready`() throws {
    var driver = try ProxyDriver(backend: Self.backend)
    driver.order(1, .maint)
    driver.order(0, .maint)
    driver.order(0, .ready)
    #expect(driver.proxy.servers[1].admin == .forcedMaint)
  }

  @Test func `a server that is disabled from the start takes its trackers with it`() throws {
    let driver = try ProxyDriver(
      backend: """
          server n1 127.0.0.1:8001 check disabled
          server n2 127.0.0.1:8002 track n1
        """)
    #expect(driver.proxy.servers[1].admin.isMaint)
  }
}
