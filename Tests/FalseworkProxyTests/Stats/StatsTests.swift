// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkHTTP
import Testing

@testable import FalseworkProxy

@Suite struct StatsTests {
  private static func driver(_ frontend: String) throws -> ProxyDriver {
    try ProxyDriver(
      backend: "  server n1 127.0.0.1:1\n  server n2 127.0.0.1:2", frontend: frontend)
  }

  private static func ask(
    _ driver: inout ProxyDriver, _ target: String, method: HTTPMethod = .get,
    fields: [(String, String)] = []
  ) -> ClientID {
    driver.effects.removeAll()
    let client = driver.accept()
    let message = RequestMessage(
      target: Array(target.utf8),
      fields: fields.map { .init(name: Array($0.0.utf8), value: Array($0.1.utf8)) })
    driver.proxy.requested(
      client,
      Proxy.RequestHead(
        method: method, keepAlive: true, complete: method != .post, began: driver.now, bytes: 100),
      message, now: driver.now, into: &driver.effects)
    return client
  }

  private static func field(_ name: String, _ answer: ProxyAnswer?) -> String? {
    answer?.fields.first { $0.name == Array(name.utf8) }.map {
      String(decoding: $0.value, as: UTF8.self)
    }
  }

  @Test func `the page has a row for all that show stat has`() throws {
    var driver = try Self.driver("  stats uri /st\n  stats refresh 5s\n  stats hide-version")
    _ = Self.ask(&driver, "/st")
    let answer = try #require(driver.answer())
    let html = String(decoding: answer.body, as: UTF8.self)
    for name in ["FRONTEND", "BACKEND", "n1", "n2"] {
      #expect(html.contains("<td class=\"name\">\(name)</td>"))
    }
    #expect(!html.contains("<form") && !html.contains(Proxy.runtimeVersion))
    #expect(Self.field("refresh", answer) == "5")
    #expect(driver.record()?.service == .stats && driver.record()?.termination.text == "LR")
  }

  @Test(arguments: [
    ("/st;csv", "text/plain", "# pxname,"), ("/st;json", "application/json", "[["),
    ("/st;typed", "text/plain", "F.2.0.0.pxname.1:KNS"),
  ])
  func `it has other forms`(target: String, type: String, start: String) throws {
    var driver = try Self.driver("  stats uri /st")
    _ = Self.ask(&driver, target)
    let answer = try #require(driver.answer())
    #expect(Self.field("content-type", answer) == type)
    #expect(String(decoding: answer.body, as: UTF8.self).hasPrefix(start))
  }

  @Test func `who has no password sees nothing`() throws {
    var driver = try Self.driver("  stats uri /st\n  stats auth joe:secret\n  stats realm Here")
    _ = Self.ask(&driver, "/st")
    #expect(driver.answer()?.status == 401)
    #expect(Self.field("www-authenticate", driver.answer()) == "Basic realm=\"Here\"")
    _ = Self.ask(&driver, "/st", fields: [("authorization", "Basic am9lOnNlY3JldA==")])
    #expect(driver.answer()?.status == 200)
  }

  @Test(arguments: ["", "a", "ab", "abc", "abcd", "user:p\u{E4}ss"])
  func `credentials are written as Basic authentication wants them`(text: String) {
    let known = [
      "": "", "a": "YQ==", "ab": "YWI=", "abc": "YWJj", "abcd": "YWJjZA==",
      "user:p\u{E4}ss": "dXNlcjpww6Rzcw==",
    ]
    #expect(String(decoding: StatsPage.encoded(text), as: UTF8.self) == known[text])
  }

  @Test(arguments: [
    ("s=n1&s=n2&action=drain&b=be", "DONE", "DRAIN"), ("s=n1&action=maint&b=%233", "DONE", "MAINT"),
    ("s=n9&action=drain&b=be", "ERRP", "no check"),
    ("s=n1&s=n9&action=drain&b=be", "PART", "DRAIN"),
    ("action=drain&b=be", "NONE", "no check"), ("s=n1&action=zap&b=be", "ERRP", "no check"),
    ("s=n1&action=drain", "ERRP", "no check"),
  ])
  func `a form changes servers and says what came of it`(
    form: String, result: String, status: String
  ) throws {
    var driver = try Self.driver("  stats uri /st\n  stats admin if TRUE")
    let client = Self.ask(&driver, "/st", method: .post)
    #expect(driver.effects.contains(.collect(client)))
    driver.proxy.collected(client, Array(form.utf8), now: driver.now, into: &driver.effects)
    #expect(driver.answer()?.status == 303)
    #expect(Self.field("location", driver.answer()) == "/st;st=\(result)")
    #expect(
      driver.proxy.rows(up: false, noMaint: false, now: driver.now)[1]["status"] == .text(status))
  }

  @Test func `who may not change anything is told so`() throws {
    var driver = try Self.driver("  stats uri /st\n  stats admin if { hdr(x) yes }")
    _ = Self.ask(&driver, "/st", method: .post)
    #expect(Self.field("location", driver.answer()) == "/st;st=DENY")
  }

  @Test func `a form that does not come whole is not waited for`() throws {
    var driver = try Self.driver(
      "  stats uri /st\n  stats admin if TRUE\n  timeout http-request 3s")
    _ = Self.ask(&driver, "/st", method: .post)
    driver.pass(.seconds(3))
    #expect(driver.record()?.status == 408)
  }

  @Test func `names in the page cannot be markup`() {
    #expect(StatsHTML.escaped("<b a=\"1\">&") == "&lt;b a=&quot;1&quot;&gt;&amp;")
  }

  @Test func `the exporter has HAProxy's families`() throws {
    var driver = try Self.driver(
      "  http-request use-service prometheus-exporter if { path /metrics }")
    _ = Self.ask(&driver, "/metrics")
    let answer = try #require(driver.answer())
    let lines = String(decoding: answer.body, as: UTF8.self).split(separator: "\n")
    for line in [
      "haproxy_server_status{proxy=\"be\",server=\"n1\",state=\"UP\"} 1",
      "haproxy_server_queue_limit{proxy=\"be\",server=\"n1\"} NaN",
      "# TYPE haproxy_server_http_responses_total counter",
      "haproxy_backend_active_servers{proxy=\"be\"} 2",
      "haproxy_frontend_status{proxy=\"fe\",state=\"UP\"} 1",
      "haproxy_process_max_connections 4096",
    ] {
      #expect(lines.contains { $0 == line }, "\(line)")
    }
    // Each name has one head.
    let heads = lines.filter { $0.hasPrefix("# TYPE ") }
    #expect(heads.count == Set(heads).count)
    _ = Self.ask(&driver, "/metrics?scope=server")
    let scoped = String(decoding: try #require(driver.answer()).body, as: UTF8.self)
    #expect(!scoped.contains("haproxy_backend_") && scoped.contains("haproxy_server_"))
    #expect(driver.record()?.service == .prometheus)
  }
}
