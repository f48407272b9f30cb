// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import Testing

@testable import FalseworkProxy

struct ObservationTests {
  private func driver(_ action: String, layer: String = "layer7") throws -> ProxyDriver {
    var driver = try ProxyDriver(
      backend: "option httpchk\nretries 0\n"
        + servers(1, "check observe \(layer) error-limit 3 on-error \(action)"))
    driver.pass(.milliseconds(10))
    driver.answerCheck(0, passed: true)
    return driver
  }

  private func answer(_ driver: inout ProxyDriver, _ status: Int) throws {
    let (connection, _) = try driver.reach(driver.accept())
    driver.respond(connection, status: status)
    driver.finish(connection)
  }

  @Test(arguments: [
    ("mark-down", 0), ("fail-check", 3), ("sudden-death", 2), ("fastinter", 4),
  ])
  func `the third error in a row has its effect on the health`(
    action: String, health: Int
  ) throws {
    var driver = try driver(action)
    #expect(driver.proxy.servers[0].health == 4)
    for _ in 0..<3 { try answer(&driver, 500) }
    #expect(driver.proxy.servers[0].health == health)
    #expect(driver.proxy.servers[0].failedObservations == 1)
    #expect((driver.proxy.servers[0].operational == .stopped) == (health == 0))
  }

  @Test func `a good answer in between starts the count anew`() throws {
    var driver = try driver("mark-down")
    for status in [500, 502, 404, 500, 503] { try answer(&driver, status) }
    #expect(driver.proxy.servers[0].health == 4)
  }

  @Test(arguments: [(499, true), (501, true), (505, true), (500, false), (504, false)])
  func `an answer is good by its status`(status: Int, good: Bool) {
    #expect((Proxy.Sign(status: status) == .answered) == good)
  }

  @Test func `silence until timeout server is an error`() throws {
    var driver = try ProxyDriver(
      backend: "option httpchk\ntimeout server 1s\n"
        + servers(1, "check inter 60s observe layer7 error-limit 3 on-error mark-down"))
    driver.pass(.milliseconds(10))
    driver.answerCheck(0, passed: true)
    for _ in 0..<3 { _ = try driver.reach(driver.accept()) }
    driver.pass(.milliseconds(1_001))
    #expect(driver.proxy.servers[0].failedObservations == 1)
    #expect(driver.proxy.servers[0].operational == .stopped)
  }

  @Test func `layer4 only looks at connections`() throws {
    var driver = try driver("mark-down", layer: "layer4")
    for _ in 0..<3 { try answer(&driver, 500) }
    #expect(driver.proxy.servers[0].health == 4)
    for _ in 0..<3 {
      driver.effects.removeAll()
      driver.request(driver.accept())
      driver.refuse(try #require(driver.connecting()).connection)
    }
    #expect(driver.proxy.servers[0].operational == .stopped)
  }
}
