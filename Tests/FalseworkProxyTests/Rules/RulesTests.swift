// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import Testing

@testable import FalseworkProxy

@Suite struct RulesTests {
  private static func message(
    _ target: String = "/", _ fields: [(String, String)] = [], method: String = "GET"
  ) -> RequestMessage {
    var message = RequestMessage(
      target: Array(target.utf8),
      fields: fields.map { .init(name: Array($0.0.utf8), value: Array($0.1.utf8)) })
    message.method = Array(method.utf8)
    return message
  }

  /// What becomes of a request: a status of the proxy's own, or 0 if it goes to a server.
  private static func fate(of message: RequestMessage, _ rules: String) throws -> Int {
    var driver = try ProxyDriver(backend: "server s 127.0.0.1:1", frontend: rules)
    let client = driver.accept()
    driver.request(client, message)
    return driver.connecting() == nil ? Int(try #require(driver.record()).status) : 0
  }

  @Test(arguments: [
    ("{ path /a }", 403), ("{ path /b }", 0), ("!{ path /a }", 0),
    ("{ path_beg /a } { method POST }", 0),
    ("{ path /b } or { path /a }", 403), ("{ hdr(x-a) two }", 403), ("{ hdr(x-a,1) two }", 0),
    ("{ hdr_cnt(x-a) 2 }", 403), ("{ src 127.0.0.0/8 }", 403), ("{ ssl_fc }", 0),
    ("{ url_param(q) 1 }", 403), ("{ path,upper /A }", 403), ("{ nbsrv(be) lt 1 }", 0),
    ("{ cook(c) 7 }", 403), ("TRUE", 403), ("METH_GET", 403), ("{ path_reg ^/[a-c]$ }", 403),
    ("{ path -m len gt 1 }", 403), ("{ hdr(host) -i -m dom EXAMPLE }", 403),
    ("{ dst_port 5000 }", 403), ("{ int(5),add(2) 7 }", 403), ("{ str(x) -m found }", 403),
  ])
  func `a condition holds as HAProxy's does`(condition: String, status: Int) throws {
    var message = Self.message(
      "/a?q=1",
      [("host", "keystone.example.org"), ("x-a", "one, two"), ("cookie", "a=1; c=7")])
    message.destination = ClientAddress(ip: ClientAddress.loopback, port: 5_000)
    #expect(try Self.fate(of: message, "  http-request deny if \(condition)") == status)
    let other = status == 0 ? 403 : 0
    #expect(try Self.fate(of: message, "  http-request deny unless \(condition)") == other)
  }

  @Test func `an ACL of several lines is one of them`() throws {
    let rules = """
        acl auth path_beg /v3/auth
        acl auth path /v2.0/tokens
        acl safe method GET HEAD
        http-request deny deny_status 429 if auth !safe
      """
    for (target, method, status) in [
      ("/v3/auth/tokens", "POST", 429), ("/v2.0/tokens", "POST", 429), ("/v3/auth", "GET", 0),
      ("/v3", "POST", 0),
    ] {
      #expect(try Self.fate(of: Self.message(target, method: method), rules) == status)
    }
  }

  @Test func `the first rule that ends the request is the last`() throws {
    let rules = """
        http-request allow if { path /free }
        http-request return status 204 if { path_beg /f }
        http-request deny
      """
    #expect(try Self.fate(of: Self.message("/free"), rules) == 0)
    #expect(try Self.fate(of: Self.message("/f"), rules) == 204)
    #expect(try Self.fate(of: Self.message("/x"), rules) == 403)
  }

  @Test(arguments: [
    ("set-header X-Forwarded-Proto https", "x-forwarded-proto: https"),
    ("add-header X-A \"%[src] %[method] 100%%\"", "x-a: 127.0.0.1 GET 100%"),
    ("replace-header X-B a(.) <\\1>", "x-b: <b> ab"),
    ("replace-value X-C a(.) <\\1>", "x-c: <1>,<2>"),
    ("set-path /new", "GET /new?q=1 HTTP/1.1"), ("set-query a=b", "GET /old/path?a=b HTTP/1.1"),
    ("replace-path /old(/.*) /v3\\1", "GET /v3/path?q=1 HTTP/1.1"),
    ("replace-pathq (.*)\\?(.*) \\1/\\2", "GET /old/path/q=1 HTTP/1.1"),
    ("set-uri http://h/x", "GET http://h/x HTTP/1.1"),
    ("set-method POST", "POST /old/path?q=1 HTTP/1.1"),
    ("set-header X-A a%[url_param(q)]b", "x-a: a1b"),
  ])
  func `a rule changes what the server is sent`(rule: String, expected: String) throws {
    var driver = try ProxyDriver(
      backend: "server s 127.0.0.1:1", frontend: "  http-request \(rule)")
    let client = driver.accept()
    driver.request(
      client, Self.message("/old/path?q=1", [("host", "h"), ("x-b", "ab ab"), ("x-c", "a1, a2")]))
    let head = try #require(driver.rewritten())
    #expect(head.split(separator: "\r\n").contains { $0 == expected }, "\(head)")
  }

  @Test func `a value cannot break its line`() throws {
    var driver = try ProxyDriver(
      backend: "server s 127.0.0.1:1",
      frontend: "  http-request set-header X-A %[url_param(q)]\n"
        + "  http-request set-path %[url_param(q)]")
    let client = driver.accept()
    driver.request(client, Self.message("/?q=a\r\nx: y z"))
    let head = try #require(driver.rewritten())
    #expect(head.components("\r\n").count == 4, "\(head)")
  }

  @Test func `fields are removed by name and by match`() throws {
    var driver = try ProxyDriver(
      backend: "server s 127.0.0.1:1",
      frontend: "  http-request del-header X-A\n  http-request del-header x-b -m beg")
    let client = driver.accept()
    driver.request(client, Self.message("/", [("x-a", "1"), ("x-b-c", "2"), ("x-c", "3")]))
    #expect(driver.rewritten() == "GET / HTTP/1.1\r\nx-c: 3\r\n\r\n")
  }

  @Test func `the backend is the first whose condition holds, and its rules follow`() throws {
    var driver = try ProxyDriver(
      backend: "server s 127.0.0.1:1",
      frontend: "  use_backend second if { path_beg /a }\n  use_backend third if { path_beg /ab }",
      more: """
        backend second
          http-request deny deny_status 404 if { path /a/no }
          server t 127.0.0.1:2
        backend third
        """)
    var client = driver.accept()
    driver.request(client, Self.message("/ab"))
    #expect(driver.connecting()?.server == 1)
    client = driver.accept()
    driver.request(client, Self.message("/"))
    #expect(driver.connecting()?.server == 0)
    client = driver.accept()
    driver.request(client, Self.message("/a/no"))
    let record = try #require(driver.record())
    #expect(
      record.status == 404 && record.backend == BackendID(1) && record.termination.text == "PR")
    #expect(driver.proxy.backends[1].traffic.deniedRequests == 1)
    #expect(driver.proxy.backends[1].traffic.current == 1)
    #expect(driver.proxy.frontends[0].deniedRequests == 1)
  }

  @Test(arguments: [
    ("location /x", 302, "/x"),
    ("prefix https://k.example code 301", 301, "https://k.example/v3?q=1"),
    ("prefix https://k.example drop-query append-slash", 302, "https://k.example/v3/"),
    ("scheme https code 308", 308, "https://h:5000/v3?q=1"), ("prefix /", 302, "/v3?q=1"),
    ("location /%[url_param(q)]", 302, "/1"),
  ])
  func `a redirect says where to`(words: String, status: Int, location: String) throws {
    for line in ["  http-request redirect \(words)", "  redirect \(words)"] {
      var driver = try ProxyDriver(backend: "server s 127.0.0.1:1", frontend: line)
      let client = driver.accept()
      driver.request(client, Self.message("/v3?q=1", [("host", "h:5000")]))
      let answer = try #require(driver.answer())
      #expect(answer.status == status)
      #expect(
        answer.fields.first { $0.name == Array("location".utf8) }?.value == Array(location.utf8))
      #expect(driver.record()?.termination.text == "LR")
    }
  }

  @Test func `a monitor is answered without a trace`() throws {
    var driver = try ProxyDriver(
      backend: "server s 127.0.0.1:1",
      frontend: "  monitor-uri /mon\n  monitor fail if { nbsrv(be) lt 1 }\n  http-request deny")
    let client = driver.accept()
    driver.request(client, Self.message("/mon"))
    #expect(driver.page() == .ready && driver.record()?.logged == false)
    driver.proxy.setState(ServerID(0), .maint, now: driver.now, into: &driver.effects)
    driver.request(client, Self.message("/mon"))
    #expect(driver.page() == .unavailable)
  }

  @Test func `a request in the tarpit waits, and is refused`() throws {
    var driver = try ProxyDriver(
      backend: "server s 127.0.0.1:1", frontend: "  timeout tarpit 2s\n  http-request tarpit")
    let client = driver.accept()
    driver.request(client, Self.message())
    driver.pass(.milliseconds(1_999))
    #expect(driver.record() == nil)
    driver.pass(.milliseconds(1))
    let record = try #require(driver.record())
    #expect(record.status == 500 && record.termination.text == "PT")
    #expect(record.queueTime == .seconds(2) && record.requestTime == nil)
  }

  @Test func `a client may leave the tarpit`() throws {
    var driver = try ProxyDriver(
      backend: "server s 127.0.0.1:1", frontend: "  http-request tarpit")
    let client = driver.accept()
    driver.request(client, Self.message())
    driver.proxy.clientClosed(client, .fin, now: driver.now, into: &driver.effects)
    #expect(driver.record()?.termination.text == "CT")
    driver.pass(.seconds(60))
    #expect(driver.records.count == 1)
  }

  @Test func `what is captured stands in the line, cut and escaped`() throws {
    var driver = try ProxyDriver(
      backend: "server s 127.0.0.1:1",
      frontend: """
          capture request header X-A len 4
          capture response header Server len 10
          http-request capture src len 20
          http-request deny
        """)
    let client = driver.accept()
    driver.request(client, Self.message("/", [("x-a", "a|b\"cdef")]))
    let line = try #require(driver.record()).line(
      request: "GET / HTTP/1.1", configuration: driver.proxy.configuration, secure: false,
      wall: UTCTime(seconds: 0))
    #expect(line.hasSuffix("0/0 {a#7Cb#22|127.0.0.1} {} \"GET / HTTP/1.1\""), "\(line)")
  }

  @Test func `a file takes the place of a page`() throws {
    let file = "HTTP/1.0 503 Not now\r\nCache-Control: no-cache\r\nConnection: close\r\n\r\nsorry"
    var driver = try ProxyDriver(
      backend: "errorfile 503 /e/503.http\nserver s 127.0.0.1:1 disabled",
      files: ["/e/503.http": file])
    let client = driver.accept()
    driver.request(client)
    let answer = try #require(driver.answer())
    var bytes: [UInt8] = []
    answer.append(to: &bytes, head: false, close: true)
    #expect(
      String(decoding: bytes, as: UTF8.self)
        == "HTTP/1.0 503 Not now\r\ncache-control: no-cache\r\n\r\nsorry")
    #expect(driver.effects.contains { if case .closeClient = $0 { false } else { true } })
  }

  // MARK: Answers

  private static func response(
    _ rules: String, frontend: String = "", status: Int = 200
  ) throws -> ProxyDriver {
    var driver = try ProxyDriver(
      backend: rules + "\n  server s 127.0.0.1:1", frontend: frontend)
    let client = driver.accept()
    driver.request(client, message())
    let connection = try #require(driver.connecting()).connection
    driver.connected(connection)
    driver.proxy.responded(
      connection,
      .init(status: status, keepAlive: true, tunnel: false, untilClose: false, bytes: 60),
      ResponseMessage(
        status: status, reason: Array("OK".utf8),
        fields: [.init(name: Array("x-secret".utf8), value: Array("1".utf8))]),
      now: driver.now, into: &driver.effects)
    return driver
  }

  @Test func `rules change what the client is sent, the backend's first`() throws {
    let driver = try Self.response(
      "  http-response set-header X-A back\n  http-response del-header X-Secret\n"
        + "  http-response set-status 404 reason \"Not here\"",
      frontend:
        "  http-response add-header X-A front\n  http-after-response set-header X-B %[status]")
    #expect(
      driver.rewrittenResponse()
        == "HTTP/1.1 404 Not here\r\nx-a: back\r\nx-a: front\r\nx-b: 404\r\n\r\n")
  }

  @Test func `an answer may be denied`() throws {
    let driver = try Self.response("  http-response deny if { status 500:599 }", status: 500)
    let record = try #require(driver.record())
    #expect(record.status == 502 && record.termination.text == "PH" && record.responseTime == nil)
    #expect(driver.proxy.servers[0].traffic.deniedResponses == 1)
    #expect(driver.proxy.servers[0].traffic.statuses.classes[4] == 1)
  }

  @Test func `a proxy without rules looks at no message`() throws {
    let driver = try ProxyDriver(backend: "server s 127.0.0.1:1")
    #expect(!driver.proxy.configuration.readsRequests)
    #expect(!driver.proxy.configuration.readsResponses)
  }

  // MARK: Mistakes

  @Test(arguments: [
    ("http-request frob", "unknown action 'frob'"),
    ("http-request deny if", "missing condition behind 'if'."),
    ("http-request deny if nope", "no such ACL : 'nope'."),
    ("http-request deny if { path /a", "missing closing '}' in condition."),
    ("http-request deny when x", "unknown keyword 'when'"),
    ("http-request deny deny_status 418", "status code '418' not handled by default"),
    ("http-request set-header", "expects at least a header name"),
    ("http-request set-header a", "expects a header name and a value"),
    ("http-request set-header a %[nope]", "unknown fetch method 'nope'"),
    ("http-request set-header content-length 5", "frames the message"),
    ("http-request set-var(x) path", "invalid variable name 'x'"),
    ("http-request auth", "'auth' is known to HAProxy but not supported yet"),
    (
      "http-request disable-l7-retry",
      "'disable-l7-retry' is known to HAProxy but not supported yet"
    ),
    ("http-request set-nice 5", "'set-nice' is known to HAProxy but not supported yet"),
    ("http-request strict-mode on", "'strict-mode' is known to HAProxy but not supported yet"),
    ("http-request redirect code 302", "redirection type expected"),
    ("http-request redirect location /a code 200", "unsupported HTTP code '200'"),
    ("acl x path_nope a", "unknown fetch method 'path_nope'"),
    ("acl x hdr", "expects a name as argument"), ("acl x src 1.2.3", "not a valid IPv4"),
    ("acl x path_reg (", "is invalid"), ("acl x path -f file", "'-f' is known to HAProxy"),
    ("use_backend nope if TRUE", "unable to find required use_backend: 'nope'."),
    ("capture request header a", "'capture' expects"),
    ("errorfile 503 /none", "error opening file </none>."),
    ("monitor fail", "requires either 'if' or 'unless'"),
  ])
  func `a mistake in a rule is told with its line`(line: String, words: String) {
    let text = "defaults\nmode http\nfrontend f\nbind 127.0.0.1:1\n\(line)\n"
    let reading = ProxyConfiguration.read(text, file: "h.cfg", environment: { _ in nil })
    #expect(
      reading.problems.contains {
        $0.severity == .alert && $0.line == 5 && $0.message.contains(words)
      }, "\(reading.problems)")
  }
}

extension String {
  fileprivate func components(_ separator: String) -> [String] {
    var parts: [String] = [""]
    var rest = utf8[...]
    while let first = rest.first {
      if rest.starts(with: separator.utf8) {
        parts.append("")
        rest = rest.dropFirst(separator.utf8.count)
      } else {
        parts[parts.count - 1].append(Character(Unicode.Scalar(first)))
        rest = rest.dropFirst()
      }
    }
    return parts
  }
}
