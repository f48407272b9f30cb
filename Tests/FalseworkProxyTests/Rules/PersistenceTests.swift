// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import Testing

@testable import FalseworkProxy

@Suite struct PersistenceTests {
  private static func message(
    cookie: String? = nil, _ target: String = "/"
  ) -> RequestMessage {
    RequestMessage(
      target: Array(target.utf8),
      fields: cookie.map { [.init(name: Array("cookie".utf8), value: Array($0.utf8))] } ?? [])
  }

  private static let servers = """
      server n1 127.0.0.1:1 cookie a1
      server n2 127.0.0.1:2 cookie a2
      server n3 127.0.0.1:3
    """

  private struct Seen: Equatable {
    var server: Int
    /// What the server was sent, and what the client was told to keep.
    var cookie: String?
    var kept: [String]
    var letters: String
  }

  /// A whole exchange on a connection of its own.
  private static func exchange(
    _ driver: inout ProxyDriver, cookie: String? = nil, setCookie: String? = nil,
    target: String = "/"
  ) throws -> Seen {
    driver.effects.removeAll()
    let client = driver.accept()
    driver.request(client, keepAlive: false, message(cookie: cookie, target))
    let (connection, server) = try #require(driver.connecting())
    driver.connected(connection)
    let fields = setCookie.map {
      [RequestMessage.Field(name: Array("set-cookie".utf8), value: Array($0.utf8))]
    }
    driver.proxy.responded(
      connection, .init(status: 200, keepAlive: false, tunnel: false, untilClose: false, bytes: 60),
      ResponseMessage(status: 200, reason: Array("OK".utf8), fields: fields ?? []),
      now: driver.now, into: &driver.effects)
    driver.finish(connection)
    func values(_ head: String?, _ name: String) -> [String]? {
      head.map { head in
        head.split(separator: "\r\n").filter { $0.hasPrefix(name + ": ") }
          .map { String($0.dropFirst(name.count + 2)) }
      }
    }
    let sent = values(driver.rewritten(), "cookie")
    return Seen(
      server: server, cookie: sent == nil ? cookie : sent!.first,
      kept: values(driver.rewrittenResponse(), "set-cookie") ?? (setCookie.map { [$0] } ?? []),
      letters: try #require(driver.record()).cookies.text)
  }

  @Test(
    arguments: [
      // How, the client's cookie, the server's; then where it goes and what both see.
      ("insert", nil, nil, 0, nil, ["S=a1; path=/"], "NI"),
      ("insert", "S=a2", nil, 1, "S=a2", [], "VN"),
      ("insert", "S=zz", nil, 0, "S=zz", ["S=a1; path=/"], "II"),
      ("insert indirect", "x=1;S=a2;y=2", nil, 1, "x=1; y=2", [], "VN"),
      ("insert indirect", "S=a2", nil, 1, nil, [], "VN"),
      ("insert", nil, "S=own", 0, nil, ["S=a1; path=/"], "NI"),
      ("insert preserve", nil, "S=own", 0, nil, ["S=own"], "NP"),
      (
        "insert httponly secure domain .x attr A=b", nil, nil, 0, nil,
        ["S=a1; path=/; domain=.x; HttpOnly; Secure; A=b"], "NI"
      ),
      ("prefix", "S=a2~v", "S=w; path=/", 1, "S=v", ["S=a2~w; path=/"], "VR"),
      ("rewrite", nil, "S=own; path=/", 0, nil, ["S=a1; path=/"], "NR"),
      ("rewrite", "S=a2", nil, 1, "S=a2", [], "VN"),
      ("", "S=a2", "S=own", 1, "S=a2", ["S=own"], "--"),
    ] as [(String, String?, String?, Int, String?, [String], String)])
  func `a cookie keeps its client, and each mode treats it its own way`(
    mode: String, client: String?, own: String?, server: Int, sent: String?, kept: [String],
    letters: String
  ) throws {
    var driver = try ProxyDriver(backend: "  cookie S \(mode)\n" + Self.servers)
    let seen = try Self.exchange(&driver, cookie: client, setCookie: own)
    #expect(seen == Seen(server: server, cookie: sent, kept: kept, letters: letters))
  }

  @Test func `DRAIN keeps who has the cookie, MAINT does not`() throws {
    var driver = try ProxyDriver(backend: "  cookie S insert\n" + Self.servers)
    driver.proxy.setState(ServerID(0), .drain, now: driver.now, into: &driver.effects)
    #expect(try Self.exchange(&driver, cookie: "S=a1").server == 0)
    #expect(try Self.exchange(&driver).server == 1)
    driver.proxy.setState(ServerID(0), .maint, now: driver.now, into: &driver.effects)
    let seen = try Self.exchange(&driver, cookie: "S=a1")
    #expect(seen.server == 2 && seen.letters == "DI")
    #expect(seen.kept == ["S=; Expires=Thu, 01-Jan-1970 00:00:01 GMT; path=/"])
  }

  @Test func `what belongs to a server is not counted as balanced`() throws {
    var driver = try ProxyDriver(backend: "  cookie S insert\n" + Self.servers)
    _ = try Self.exchange(&driver, cookie: "S=a2")
    _ = try Self.exchange(&driver, cookie: "S=a2")
    #expect(driver.proxy.servers[1].traffic.chosen == 0)
    #expect(driver.proxy.servers[1].traffic.total == 2)
    #expect(driver.proxy.backends[0].traffic.chosen == 0)
  }

  @Test func `a cookie's dates are looked at and set anew`() throws {
    var driver = try ProxyDriver(
      backend: "  cookie S insert maxidle 60 maxlife 1h\n" + Self.servers)
    driver.proxy.wall = UTCTime(seconds: 1_000_000)
    func date(_ seconds: Int) -> String {
      String(decoding: CookieDates.encoded(seconds >> 2), as: UTF8.self)
    }
    let today = date(1_000_000)
    #expect(try Self.exchange(&driver).kept == ["S=a1|\(today)|\(today); path=/"])
    var seen = try Self.exchange(&driver, cookie: "S=a2|\(date(999_960))|\(date(998_000))")
    #expect(seen.server == 1 && seen.letters == "VU")
    #expect(seen.kept == ["S=a2|\(today)|\(date(998_000)); path=/"])
    seen = try Self.exchange(&driver, cookie: "S=a2|\(date(999_900))|\(date(998_000))")
    #expect(seen.letters == "EI")
    seen = try Self.exchange(&driver, cookie: "S=a2|\(date(999_990))|\(date(990_000))")
    #expect(seen.letters == "OI")
  }

  @Test func `a table keeps its clients, moves them, and does not move them back`() throws {
    var driver = try ProxyDriver(
      backend: "  stick-table type ip size 10 expire 1m\n  stick on src\n" + Self.servers)
    #expect(try Self.exchange(&driver).server == 0)
    #expect(try Self.exchange(&driver).server == 0)
    driver.proxy.setState(ServerID(0), .drain, now: driver.now, into: &driver.effects)
    #expect(try Self.exchange(&driver).server == 0)
    driver.proxy.setState(ServerID(0), .maint, now: driver.now, into: &driver.effects)
    #expect(try Self.exchange(&driver).server == 1)
    driver.proxy.setState(ServerID(0), .ready, now: driver.now, into: &driver.effects)
    #expect(try Self.exchange(&driver).server == 1)
    driver.pass(.seconds(61))
    #expect(try Self.exchange(&driver).server != 1)
  }

  @Test func `a table may be of texts, numbers and another backend's`() throws {
    var driver = try ProxyDriver(
      backend: "  stick on url_param(q) table t\n" + Self.servers,
      more: "backend t\n  stick-table type string len 2 size 10 expire 1m")
    #expect(try Self.exchange(&driver, target: "/?q=abc").server == 0)
    #expect(try Self.exchange(&driver, target: "/?q=abd").server == 0)
    #expect(try Self.exchange(&driver, target: "/?q=b").server == 1)
    #expect(
      driver.proxy.backends[1].stickTable?.sorted(now: driver.now).map(\.key)
        == [.text(Array("ab".utf8)), .text(Array("b".utf8))])
  }

  @Test func `who makes too many errors is refused for a while`() throws {
    var driver = try ProxyDriver(
      backend: """
          stick-table type ipv6 size 256k expire 10s store http_err_rate(10s)
          http-request track-sc0 src
          http-request deny deny_status 429 if { sc_http_err_rate(0) gt 2 }
        """ + "\n" + Self.servers)
    for status in [404, 401, 500, 403] {
      let client = driver.accept()
      driver.request(client, Self.message())
      let connection = try #require(driver.connecting()).connection
      driver.connected(connection)
      driver.respond(connection, status: status, keepAlive: false)
      driver.finish(connection)
    }
    var client = driver.accept()
    driver.request(client, Self.message())
    #expect(driver.page() == .tooManyRequests)
    driver.pass(.seconds(20))
    driver.effects.removeAll()
    client = driver.accept()
    driver.request(client, Self.message())
    #expect(driver.page() == nil && driver.connecting() != nil)
  }
}
