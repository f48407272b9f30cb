// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import Testing

@testable import FalseworkProxy

/// The orders that HAProxy 2.6 was seen to take.
struct BalancerTests {
  private func order(_ balance: String, _ weights: [Int], _ count: Int) throws -> [Int] {
    let lines = weights.enumerated().map {
      "  server n\($0.offset + 1) 127.0.0.1:\(8_001 + $0.offset) weight \($0.element)\n"
    }
    var driver = try ProxyDriver(backend: "  balance \(balance)\n" + lines.joined())
    return try (0..<count).map { _ in
      let client = driver.accept()
      return try driver.exchange(client) + 1
    }
  }

  @Test func `roundrobin with equal weights takes each in turn`() throws {
    #expect(try order("roundrobin", [1, 1, 1], 7) == [1, 2, 3, 1, 2, 3, 1])
  }

  @Test func `roundrobin with weights 3 2 1 interleaves as HAProxy does`() throws {
    #expect(try order("roundrobin", [3, 2, 1], 12) == [1, 2, 1, 3, 1, 2, 1, 2, 1, 3, 1, 2])
  }

  @Test func `roundrobin gives each its share to the request`() throws {
    let taken = try order("roundrobin", [5, 3, 2], 100)
    #expect((1...3).map { number in taken.count { $0 == number } } == [50, 30, 20])
  }

  @Test func `leastconn takes idle servers in rotation whatever their weights`() throws {
    #expect(try order("leastconn", [1, 1, 1], 6) == [1, 2, 3, 1, 2, 3])
    #expect(try order("leastconn", [3, 2, 1], 6) == [1, 2, 3, 1, 2, 3])
  }

  @Test func `leastconn takes the server with the fewest requests for its weight`() throws {
    var driver = try ProxyDriver(backend: "  balance leastconn\n" + servers(3))
    var taken: [Int] = []
    var connections: [ServerConnectionID] = []
    for _ in 0..<5 {
      let (connection, server) = try driver.reach(driver.accept())
      taken.append(server)
      connections.append(connection)
    }
    #expect(taken == [0, 1, 2, 0, 1])
    // Both requests of the second server end: it is empty, the third has one, the first two.
    for place in [1, 4] {
      driver.respond(connections[place])
      driver.finish(connections[place])
    }
    #expect(try driver.reach(driver.accept()).1 == 1)
  }

  @Test func `a server of weight 0 gets nothing`() throws {
    #expect(try order("roundrobin", [1, 0, 1], 4) == [1, 3, 1, 3])
    #expect(try order("leastconn", [1, 0, 1], 4) == [1, 3, 1, 3])
  }

  @Test(arguments: ["roundrobin", "leastconn"])
  func `backups are used only when no active server is usable, and only the first`(
    balance: String
  ) throws {
    var driver = try ProxyDriver(
      backend: """
          balance \(balance)
          server n1 127.0.0.1:8001
          server b1 127.0.0.1:8002 backup
          server b2 127.0.0.1:8003 backup
        """)
    let client = driver.accept()
    #expect(try driver.exchange(client) == 0)
    driver.order(0, .drain)
    #expect(try driver.exchange(driver.accept()) == 1)
    #expect(try driver.exchange(driver.accept()) == 1)
    driver.order(0, .ready)
    #expect(try driver.exchange(driver.accept()) == 0)
  }

  @Test func `a server that comes back does not make up for the turns it missed`() throws {
    var driver = try ProxyDriver(backend: "  balance roundrobin\n" + servers(3))
    driver.order(1, .maint)
    for _ in 0..<30 { _ = try driver.exchange(driver.accept()) }
    driver.order(1, .ready)
    let taken = try (0..<9).map { _ in try driver.exchange(driver.accept()) }
    #expect(taken.count { $0 == 1 } == 3)
  }
}
