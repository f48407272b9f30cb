// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import Testing

@testable import FalseworkProxy

/// READY, DRAIN and MAINT, and what each means for requests that are here and for those that come.
struct AdministrationTests {
  @Test(arguments: [Proxy.AdminOrder.drain, .maint])
  func `new requests go elsewhere at once and those in flight finish`(
    order: Proxy.AdminOrder
  ) throws {
    var driver = try ProxyDriver(backend: servers(2))
    let (connection, server) = try driver.reach(driver.accept())
    #expect(server == 0)
    driver.order(0, order)
    for _ in 0..<3 { #expect(try driver.exchange(driver.accept()) == 1) }
    driver.effects.removeAll()
    driver.respond(connection)
    driver.finish(connection)
    #expect(driver.record()?.status == 200)
  }

  @Test func `maint closes idle connections at once and drain keeps them`() throws {
    for (order, closes) in [(Proxy.AdminOrder.maint, true), (.drain, false)] {
      var driver = try ProxyDriver(backend: servers(1))
      _ = try driver.exchange(driver.accept())
      let idle = try #require(driver.proxy.servers[0].idle.first)
      driver.effects.removeAll()
      driver.order(0, order)
      #expect(driver.effects.contains(.closeServer(idle, .fin)) == closes)
      #expect(driver.proxy.servers[0].idle.isEmpty == closes)
    }
  }

  @Test func `leaving maint counts as up before anybody looked, one failure from down`() throws {
    var driver = try ProxyDriver(
      backend: "  option httpchk\n" + servers(2, "check inter 4s rise 2 fall 3"))
    driver.pass(.zero)
    driver.answerCheck(0, passed: false)
    #expect(driver.status(0) == "DOWN")
    driver.order(0, .maint)
    #expect(driver.status(0) == "MAINT")
    #expect(driver.proxy.servers[0].check == nil)
    driver.order(0, .ready)
    #expect(driver.status(0) == "UP 1/3")
    #expect(driver.proxy.servers[0].isUsable)
  }

  @Test func `no check runs in maint and the first one after it comes within inter`() throws {
    var driver = try ProxyDriver(
      backend: "  option httpchk\n" + servers(1, "check inter 4s rise 2 fall 3"))
    driver.pass(.zero)
    driver.answerCheck(0, passed: true)
    driver.order(0, .maint)
    driver.effects.removeAll()
    driver.pass(.seconds(30))
    #expect(driver.effects.isEmpty)
    driver.order(0, .ready)
    driver.effects.removeAll()
    driver.pass(.seconds(4))
    #expect(driver.proxy.servers[0].check != nil)
  }

  @Test func `ready ends both drain and maint`() throws {
    var driver = try ProxyDriver(backend: servers(1))
    driver.order(0, .drain)
    #expect(driver.status(0) == "DRAIN")
    driver.order(0, .maint)
    #expect(driver.status(0) == "MAINT")
    driver.order(0, .ready)
    #expect(driver.status(0) == "no check")
    driver.order(0, .maint)
    driver.order(0, .drain)
    #expect(driver.status(0) == "DRAIN")
  }

  @Test func `a draining server can still go down`() throws {
    var driver = try ProxyDriver(backend: "  option httpchk\n" + servers(1, "check fall 1"))
    driver.pass(.zero)
    driver.order(0, .drain)
    driver.answerCheck(0, passed: false)
    #expect(driver.status(0) == "DOWN")
  }

  @Test func `requests that wait are served when a server becomes ready`() throws {
    var driver = try ProxyDriver(backend: servers(2, "maxconn 1"))
    driver.order(1, .maint)
    _ = try driver.reach(driver.accept())
    driver.effects.removeAll()
    driver.request(driver.accept())
    #expect(driver.connecting() == nil)
    driver.order(1, .ready)
    #expect(driver.connecting()?.server == 1)
  }

  @Test func `shutdown sessions ends what is in flight there with 502 KH`() throws {
    var driver = try ProxyDriver(backend: servers(2))
    let (_, server) = try driver.reach(driver.accept())
    let (other, _) = try driver.reach(driver.accept())
    driver.effects.removeAll()
    driver.proxy.shutdownSessions(ServerID(server), now: driver.now, into: &driver.effects)
    #expect(driver.records.map(\.termination.text) == ["KH"])
    driver.respond(other)
    driver.finish(other)
    #expect(driver.record()?.status == 200)
  }

  @Test func `weight 0 takes no new request and keeps its status`() throws {
    var driver = try ProxyDriver(backend: "  option httpchk\n" + servers(2, "check"))
    driver.proxy.setWeight(ServerID(0), 0, now: driver.now, into: &driver.effects)
    for _ in 0..<3 { #expect(try driver.exchange(driver.accept()) == 1) }
    #expect(driver.status(0) == "UP 1/3")
  }

  @Test func `the lines that HAProxy logs are logged`() throws {
    var driver = try ProxyDriver(backend: "  option httpchk\n" + servers(2, "check"))
    driver.pass(.zero)
    driver.answerCheck(0, passed: false)
    driver.order(0, .maint)
    driver.order(1, .drain)
    driver.order(1, .ready)
    driver.order(0, .ready)
    let lines = driver.effects.compactMap { effect in
      if case .noticed(let notice) = effect { return notice.text }
      return nil
    }
    #expect(
      lines == [
        "Server be/n1 is DOWN, reason: Layer4 connection problem, info: \"Connection refused\", "
          + "check duration: 0ms. 1 active and 0 backup servers left. 0 sessions active, 0 requeued, "
          + "0 remaining in queue.",
        "Server be/n1 was DOWN and now enters maintenance.",
        "Server be/n2 enters drain state. 0 active and 0 backup servers online. 0 sessions requeued, "
          + "0 total in queue.",
        "backend be has no server available!",
        "Server be/n2 is UP (leaving forced drain).",
        "Server be/n1 is UP/READY (leaving forced maintenance).",
      ])
  }
}
