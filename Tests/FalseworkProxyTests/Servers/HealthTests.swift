// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import Testing

@testable import FalseworkProxy

/// The health counter, and when checks come.
struct HealthTests {
  private static let check = "  option httpchk HEAD /\n"

  @Test(arguments: [(2, 3), (1, 1), (3, 3), (2, 2)])
  func `a server that starts is one failure from down, and up again after rise passes`(
    rise: Int, fall: Int
  ) throws {
    var driver = try ProxyDriver(
      backend: Self.check + servers(1, "check inter 1s rise \(rise) fall \(fall)"))
    driver.pass(.zero)
    #expect(driver.status(0) == (fall == 1 ? "UP" : "UP 1/\(fall)"))
    driver.answerCheck(0, passed: false)
    #expect(driver.status(0) == "DOWN")
    for pass in 1...rise {
      driver.pass(.seconds(1))
      #expect(driver.status(0) == (pass == 1 ? "DOWN" : "DOWN \(pass - 1)/\(rise)"))
      driver.answerCheck(0, passed: true)
    }
    #expect(driver.status(0) == "UP")
    for failure in 1..<fall {
      driver.pass(.seconds(1))
      driver.answerCheck(0, passed: false)
      #expect(driver.status(0) == "UP \(fall - failure)/\(fall)")
    }
    driver.pass(.seconds(1))
    driver.answerCheck(0, passed: false)
    #expect(driver.status(0) == "DOWN")
    #expect(driver.proxy.servers[0].timesDown == 2)
  }

  @Test func `a failure takes one back, and a pass gives all of them again`() throws {
    var driver = try ProxyDriver(backend: Self.check + servers(1, "check inter 1s rise 2 fall 4"))
    var statuses: [String] = []
    for passed in [true, true, true, false, false, true, false] {
      driver.pass(statuses.isEmpty ? .zero : .seconds(1))
      driver.answerCheck(0, passed: passed)
      statuses.append(driver.status(0))
    }
    #expect(statuses == ["UP", "UP", "UP", "UP 3/4", "UP 2/4", "UP", "UP 3/4"])
  }

  @Test func `checks come faster in between and slower when down`() throws {
    var driver = try ProxyDriver(
      backend: Self.check + servers(1, "check inter 10s fastinter 1s downinter 20s rise 2 fall 2"))
    var times: [Int64] = []
    func checkTime(_ driver: inout ProxyDriver, passed: Bool) {
      driver.now = driver.proxy.nextWake
      driver.proxy.wake(now: driver.now, into: &driver.effects)
      times.append((driver.now - .start).milliseconds)
      driver.answerCheck(0, passed: passed)
    }
    // Up 1/2 → full → 1 left → down → halfway up → full.
    for passed in [true, false, false, true, true, true] {
      checkTime(&driver, passed: passed)
    }
    #expect(times == [0, 10_000, 11_000, 31_000, 32_000, 42_000])
  }

  @Test func `first checks are spread over the interval`() throws {
    var driver = try ProxyDriver(backend: Self.check + servers(3, "check inter 3s"))
    var times: [Int: Int64] = [:]
    driver.pass(.zero)
    for server in 0..<3 where driver.proxy.servers[server].check != nil { times[server] = 0 }
    driver.pass(.seconds(1))
    for server in 0..<3 where driver.proxy.servers[server].check != nil && times[server] == nil {
      times[server] = 1
    }
    driver.pass(.seconds(1))
    for server in 0..<3 where driver.proxy.servers[server].check != nil && times[server] == nil {
      times[server] = 2
    }
    #expect(times == [0: 0, 1: 1, 2: 2])
  }

  @Test func `first checks are spread over the servers of all backends`() throws {
    var driver = try ProxyDriver(
      backend: Self.check + servers(2, "check inter 4s") + "backend other\n" + Self.check
        + "  server m1 127.0.0.1:9001 check inter 8s\n  server m2 127.0.0.1:9002 check inter 4s\n")
    var firsts: [Int64] = []
    for server in 0..<4 {
      while driver.proxy.servers[server].checkNumber == 0 {
        driver.now = driver.proxy.nextWake
        driver.proxy.wake(now: driver.now, into: &driver.effects)
        for other in 0..<4 { driver.answerCheck(other, passed: true) }
      }
    }
    for state in driver.proxy.servers { firsts.append((state.checkBegan - .start).milliseconds) }
    #expect(driver.proxy.servers[1].checkNumber == 1 && firsts[1] == 1_000)
    #expect(driver.proxy.servers[2].checkNumber == 1 && firsts[2] == 4_000)
    #expect(driver.proxy.servers[3].checkNumber == 1 && firsts[3] == 3_000)
  }

  @Test func `a check without an answer fails when inter is over, and says in which part`() throws {
    var driver = try ProxyDriver(backend: Self.check + servers(1, "check inter 1s rise 2 fall 1"))
    driver.pass(.zero)
    let first = try #require(driver.proxy.servers[0].check)
    driver.pass(.milliseconds(999))
    #expect(driver.proxy.servers[0].check == first)
    driver.pass(.milliseconds(1))
    #expect(driver.proxy.servers[0].report?.status == .connectTimeout)
    #expect(driver.effects.contains(.endCheck(first)))
    driver.pass(.seconds(1))
    let second = try #require(driver.proxy.servers[0].check)
    driver.proxy.checkConnected(second, now: driver.now, into: &driver.effects)
    driver.pass(.seconds(1))
    #expect(driver.proxy.servers[0].report?.status == .answerTimeout)
  }

  @Test(arguments: [
    (199, false), (200, true), (300, true), (399, true), (400, false), (503, false),
  ])
  func `statuses 200 to 399 pass`(status: Int, passes: Bool) throws {
    var driver = try ProxyDriver(backend: Self.check + servers(1, "check"))
    driver.pass(.zero)
    let check = try #require(driver.proxy.servers[0].check)
    driver.proxy.checkConnected(check, now: driver.now, into: &driver.effects)
    driver.proxy.checkAnswered(check, status: status, now: driver.now, into: &driver.effects)
    #expect((driver.proxy.servers[0].report?.status == .passed) == passes)
    #expect((driver.status(0) == "DOWN") == !passes)
  }

  @Test func `without httpchk a connection is enough`() throws {
    var driver = try ProxyDriver(backend: servers(1, "check fall 2"))
    driver.pass(.zero)
    let check = try #require(driver.proxy.servers[0].check)
    driver.proxy.checkConnected(check, now: driver.now, into: &driver.effects)
    #expect(driver.proxy.servers[0].report?.status == .connected)
    #expect(driver.status(0) == "UP")
  }

  @Test func `the answer to a check that is over changes nothing`() throws {
    var driver = try ProxyDriver(backend: Self.check + servers(1, "check inter 1s fall 1"))
    driver.pass(.zero)
    let old = try #require(driver.proxy.servers[0].check)
    driver.pass(.seconds(2))
    let before = driver.proxy.servers[0]
    driver.proxy.checkConnected(old, now: driver.now, into: &driver.effects)
    driver.proxy.checkAnswered(old, status: 200, now: driver.now, into: &driver.effects)
    #expect(driver.proxy.servers[0] == before)
  }

  @Test
  func `with disable-on-404 a 404 takes a server out of the balance, and a 200 brings it back`()
    throws
  {
    var driver = try ProxyDriver(
      backend: Self.check + "  http-check disable-on-404\n" + servers(2, "check inter 1s"))
    driver.answerCheck(0, status: 404)
    #expect(driver.status(0) == "NOLB")
    #expect(driver.proxy.servers[0].report?.status == .conditionallyPassed)
    driver.answerCheck(0, status: 200)
    #expect(driver.status(0) == "UP")
    for _ in 0..<3 { driver.answerCheck(0, status: 500) }
    #expect(driver.status(0) == "DOWN")
    // One that is down stays down.
    driver.answerCheck(0, status: 404)
    #expect(driver.status(0) == "DOWN")
  }

  @Test(arguments: [
    ("status 200", 204, false), ("status 200-299,404", 404, true), ("! status 500-599", 404, true),
    ("! status 500-599", 503, false),
  ])
  func `http-check expect says which statuses are good`(
    expectation: String, status: Int, good: Bool
  ) throws {
    var driver = try ProxyDriver(
      backend: Self.check + "  http-check expect \(expectation)\n" + servers(1, "check fall 1"))
    driver.pass(.zero)
    let check = try #require(driver.proxy.servers[0].check)
    driver.proxy.checkConnected(check, now: driver.now, into: &driver.effects)
    driver.proxy.checkAnswered(check, status: status, now: driver.now, into: &driver.effects)
    #expect((driver.status(0) == "UP") == good)
  }

  @Test func `option log-health-checks tells each change`() throws {
    var driver = try ProxyDriver(
      backend: Self.check + "  option log-health-checks\n" + servers(1, "check inter 1s fall 2"))
    driver.pass(.zero)
    driver.answerCheck(0, passed: true)
    for _ in 0..<2 {
      driver.pass(.seconds(1))
      driver.answerCheck(0, passed: false)
    }
    let told = driver.effects.compactMap {
      if case .noticed(let notice) = $0, notice.text.hasPrefix("Health") {
        notice.text
      } else {
        nil
      }
    }
    #expect(told.count == 3)
    #expect(
      told[0].hasSuffix(
        "succeeded, reason: Layer7 check passed, code: 200, check duration: 0ms, status: 2/2 UP."))
    #expect(told[1].contains("failed, reason: Layer4 connection problem"))
    #expect(told[2].hasSuffix("status: 0/2 DOWN."))
  }

  /// The detection delay after a failure at any instant of the interval: from (fall − 1) · inter up to
  /// one interval more.
  @Test(arguments: [0, 250, 500, 999])
  func `a dead server is detected within the bounds of inter and fall`(phase: Int64) throws {
    var driver = try ProxyDriver(backend: Self.check + servers(1, "check inter 1s rise 2 fall 3"))
    var dead = false
    func checks(_ driver: inout ProxyDriver, until end: Instant) {
      while driver.proxy.nextWake <= end {
        driver.now = driver.proxy.nextWake
        driver.proxy.wake(now: driver.now, into: &driver.effects)
        driver.answerCheck(0, passed: !dead)
        if dead, driver.status(0) == "DOWN" { return }
      }
      driver.now = end
    }
    checks(&driver, until: .start + .seconds(10) + .milliseconds(phase))
    #expect(driver.status(0) == "UP")
    let died = driver.now
    dead = true
    checks(&driver, until: died + .seconds(10))
    let delay = driver.now - died
    #expect(delay >= .seconds(2) && delay <= .seconds(3), "\(delay)")
  }
}
