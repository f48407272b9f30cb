// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import Testing

@testable import FalseworkProxy

struct LogRecordTests {
  private static let wall = UTCTime(seconds: 1_790_000_000)

  @Test func `a request is logged as option httplog prints it`() throws {
    var driver = try ProxyDriver(backend: servers(1))
    let client = driver.accept(port: 44_650)
    driver.pass(.milliseconds(1_250))
    driver.request(client)
    driver.pass(.milliseconds(2))
    driver.connected(try #require(driver.connecting()).connection)
    driver.pass(.milliseconds(5))
    let connection = try #require(driver.forwarded())
    driver.respond(connection)
    driver.pass(.milliseconds(1))
    driver.finish(connection)
    let record = try #require(driver.record())
    #expect(
      record.line(
        request: "GET / HTTP/1.1", configuration: driver.proxy.configuration, secure: false,
        wall: Self.wall)
        == "127.0.0.1:44650 [21/Sep/2026:14:13:21.250] fe be/n1 0/0/2/5/8 200 70 - - ---- "
        + "1/1/0/0/0 0/0 \"GET / HTTP/1.1\"")
    let secure = record.line(
      request: "GET / HTTP/1.1", configuration: driver.proxy.configuration, secure: true,
      wall: Self.wall)
    #expect(secure.contains(" fe~ be/n1 "))
  }

  @Test func `a request without a server is logged with NOSRV and −1`() throws {
    var driver = try ProxyDriver(backend: servers(1))
    driver.order(0, .maint)
    driver.request(driver.accept(port: 1_234))
    let record = try #require(driver.record())
    #expect(
      record.line(
        request: "GET / HTTP/1.1", configuration: driver.proxy.configuration, secure: false,
        wall: Self.wall)
        == "127.0.0.1:1234 [21/Sep/2026:14:13:20.000] fe be/<NOSRV> 0/-1/-1/-1/0 503 217 - - SC-- "
        + "1/1/0/0/0 0/0 \"GET / HTTP/1.1\"")
  }
}
