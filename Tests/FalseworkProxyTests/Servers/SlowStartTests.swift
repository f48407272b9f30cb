// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import Testing

@testable import FalseworkProxy

struct SlowStartTests {
  private func weights(_ driver: inout ProxyDriver, _ seconds: Int) -> [Int] {
    (0..<seconds).map { _ in
      defer { driver.pass(.seconds(1)) }
      return (driver.proxy.servers[0].effectiveWeight + 15) / 16
    }
  }

  private func restarted(_ backend: String) throws -> ProxyDriver {
    var driver = try ProxyDriver(backend: backend)
    driver.order(0, .maint)
    driver.order(0, .ready)
    return driver
  }

  @Test func `the weight grows second by second as HAProxy's does`() throws {
    var driver = try restarted(servers(2, "weight 16 slowstart 10s"))
    #expect(driver.proxy.servers[0].operational == .starting)
    #expect(weights(&driver, 11) == [1, 2, 4, 5, 7, 9, 10, 12, 13, 15, 16])
    #expect(driver.proxy.servers[0].operational == .running)
  }

  @Test func `it takes its share of maxconn`() throws {
    var driver = try restarted("timeout queue 5s\n" + servers(1, "maxconn 4 slowstart 10s"))
    for _ in 0..<3 { driver.request(driver.accept()) }
    #expect(driver.proxy.servers[0].served == 1)
    driver.pass(.seconds(5))
    #expect(driver.proxy.servers[0].served == 2)
  }

  @Test func `it is not after a drain, not at the start, and not with a static algorithm`() throws {
    var driver = try ProxyDriver(backend: servers(2, "slowstart 10s"))
    #expect(driver.proxy.servers[0].ramp == 16)
    driver.order(0, .drain)
    driver.order(0, .ready)
    #expect(driver.proxy.servers[0].ramp == 16)
    let fixed = try restarted("balance source\n" + servers(2, "slowstart 10s"))
    #expect(fixed.proxy.servers[0].operational == .running)
  }

  @Test func `a server that goes down on its way starts from the beginning`() throws {
    var driver = try restarted(servers(2, "weight 16 slowstart 10s"))
    driver.pass(.seconds(5))
    driver.order(0, .maint)
    driver.order(0, .ready)
    #expect(weights(&driver, 2) == [1, 2])
  }
}
