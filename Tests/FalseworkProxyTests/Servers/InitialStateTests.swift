// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import Testing

@testable import FalseworkProxy

/// `init-state`, as HAProxy 3.1's manual has it (5.2).
@Suite struct InitialStateTests {
  private static func driver(_ state: String) throws -> ProxyDriver {
    try ProxyDriver(
      backend: "  server s 127.0.0.1:1 check inter 1s rise 2 fall 3 init-state \(state)")
  }

  /// The check that is due next ends so.
  private static func check(_ driver: inout ProxyDriver, passes: Bool) throws {
    // In small steps: a check that nobody answers ends by itself.
    var steps = 0
    while driver.proxy.servers[0].check == nil, steps < 1_000 {
      driver.pass(.milliseconds(10))
      steps += 1
    }
    let check = try #require(driver.proxy.servers[0].check)
    if passes {
      driver.proxy.checkConnected(check, now: driver.now, into: &driver.effects)
    } else {
      driver.proxy.checkFailed(check, .refused, now: driver.now, into: &driver.effects)
    }
  }

  @Test(
    arguments: [
      ("none", true, 1, nil), ("up", true, 1, nil), ("fully-up", true, 3, nil),
      ("down", false, nil, 1), ("fully-down", false, nil, 2),
    ] as [(String, Bool, Int?, Int?)])
  func `a server begins as it says, and so many checks turn it`(
    state: String, isUp: Bool, failures: Int?, passes: Int?
  ) throws {
    // At the start, and when it leaves MAINT.
    for leavesMaint in [false, true] {
      var driver = try Self.driver(state)
      if leavesMaint {
        driver.proxy.setState(ServerID(0), .maint, now: driver.now, into: &driver.effects)
        driver.pass(.seconds(5))
        driver.proxy.setState(ServerID(0), .ready, now: driver.now, into: &driver.effects)
      }
      #expect(driver.proxy.servers[0].isUsable == isUp)
      let count = try #require(failures ?? passes)
      for number in 1...count {
        #expect(driver.proxy.servers[0].isUsable == isUp, "before check \(number)")
        try Self.check(&driver, passes: passes != nil)
      }
      #expect(driver.proxy.servers[0].isUsable != isUp)
    }
  }
}
