// SPDX-License-Identifier: Apache-2.0
import FalseworkHTTP
import Testing

@testable import FalseworkKeystone

@Suite struct KeystoneRouterTests {
  private func call(
    _ line: String, _ fields: String = "", body: String = "", release: String = "2026.2"
  ) -> KeystoneCall {
    let bytes = Array("\(line) HTTP/1.1\r\nHost: k\r\n\(fields)\r\n".utf8)
    var parser = HTTPParser(kind: .request, limits: .haproxy)
    var head = HTTPHead()
    #expect(parser.parse(bytes.span, into: &head) == .head)
    return KeystoneRouter.call(
      head, bytes.span, body: Array(body.utf8), release: Release(named: release)!)
  }

  private func status(_ call: KeystoneCall) -> Int? {
    if case .answered(let answer) = call { answer.status } else { nil }
  }

  @Test(arguments: [
    ("GET /", KeystoneCall.versions), ("HEAD /", .versions), ("GET /?a", .versions),
    ("GET /v3", .version), ("GET /v3/", .version), ("GET http://k/v3", .version),
    ("GET http://k", .versions), ("GET /healthcheck", .healthcheck()),
    ("HEAD /healthcheck", .healthcheck(head: true)),
    ("GET /v3/auth/catalog", .catalog(caller: "C")),
    ("HEAD /v3/auth/projects", .authProjects(caller: "C")),
    ("GET /v3/auth/domains/", .authDomains(caller: "C")),
    ("GET /v3/auth/system", .authSystem(caller: "C")),
    (
      "GET /v3/auth/tokens",
      .validate(caller: "C", subject: "S", catalog: true, allowExpired: false)
    ),
    (
      "GET /v3/auth/tokens/",
      .validate(caller: "C", subject: "S", catalog: true, allowExpired: false)
    ),
    (
      "GET //v3//auth/tokens",
      .validate(caller: "C", subject: "S", catalog: true, allowExpired: false)
    ),
    (
      "GET /v3/auth/%74okens",
      .validate(caller: "C", subject: "S", catalog: true, allowExpired: false)
    ),
    (
      "HEAD /v3/auth/tokens?nocatalog",
      .validate(caller: "C", subject: "S", catalog: false, allowExpired: false, head: true)
    ),
    (
      "GET /v3/auth/tokens?allow_expired=1&nocatalog=",
      .validate(caller: "C", subject: "S", catalog: false, allowExpired: true)
    ),
    (
      "GET /v3/auth/tokens?allow_expired=True",
      .validate(caller: "C", subject: "S", catalog: true, allowExpired: true)
    ),
    (
      "GET /v3/auth/tokens?allow_expired=maybe",
      .validate(caller: "C", subject: "S", catalog: true, allowExpired: false)
    ),
    (
      "GET /v3/auth/tokens?allow_expired",
      .validate(caller: "C", subject: "S", catalog: true, allowExpired: false)
    ),
    ("DELETE /v3/auth/tokens", .revoke(caller: "C", subject: "S")),
    ("DELETE /v3/auth/tokens?cascade=false", .revoke(caller: "C", subject: "S", cascade: false)),
    ("DELETE /v3/auth/tokens?cascade=what", .revoke(caller: "C", subject: "S", cascade: true)),
    ("GET /v3/users", .list(.users, caller: "C", filters: [])),
    (
      "GET /v3/users?name=a%20b+c&x=%2&y",
      .list(
        .users, caller: "C",
        filters: [
          .init(name: "name", value: "a b c"), .init(name: "x", value: "%2"),
          .init(name: "y", value: ""),
        ])
    ),
    ("GET /v3/projects/a%2Fb+c", .show(.projects, id: "a/b+c", caller: "C")),
    ("GET /v3/regions/RegionOne", .show(.regions, id: "RegionOne", caller: "C")),
  ]) func `a path and a method are a call`(line: String, expected: KeystoneCall) {
    #expect(call(line, "X-Auth-Token: C\r\nX-Subject-Token: S\r\n") == expected)
  }

  @Test(arguments: [
    "GET /v2.0", "GET /v4", "GET /v3/nothing", "GET /v3/auth", "GET /v3/auth/nothing",
    "GET /v3/users/a/b", "GET /auth/tokens", "GET /V3", "POST /nothing", "GET /%",
  ]) func `nothing else is there`(line: String) {
    guard case .answered(let answer) = call(line) else {
      Issue.record("\(line) is answered")
      return
    }
    #expect(answer.status == 404 && answer.contentType == .html)
    #expect(answer.text.contains("<title>404 Not Found</title>"))
  }

  @Test(arguments: [
    ("POST /", "GET, HEAD, OPTIONS"), ("PUT /v3", "GET, HEAD, OPTIONS"),
    ("PATCH /v3/auth/tokens", "DELETE, GET, HEAD, OPTIONS, POST"),
    ("POST /v3/auth/catalog", "GET, HEAD, OPTIONS"), ("DELETE /v3/users/x", "GET, HEAD, OPTIONS"),
    ("LEND /healthcheck", "GET, HEAD, OPTIONS"),
  ]) func `another method is told which there are`(line: String, allow: String) {
    guard case .answered(let answer) = call(line) else {
      Issue.record("\(line) is answered")
      return
    }
    #expect(answer.status == 405 && answer.field("Allow") == allow)
    #expect(answer.text == "{\"message\": \"The method is not allowed for the requested URL.\"}\n")
  }

  @Test(
    arguments: [
      ("application/json", nil), ("application/json; charset=utf-8", nil),
      ("Application/JSON", nil),
      ("application/problem+json", nil), ("", nil), ("text/plain", 400), ("application/jsonx", 400),
      ("application/x-www-form-urlencoded", 400),
    ] as [(String, Int?)]) func `a body must be called JSON, or nothing`(
      type: String, refusal: Int?
    )
  {
    let call = call("POST /v3/auth/tokens", "Content-Type: \(type)\r\n", body: Desk.login())
    #expect(status(call) == refusal)
  }

  @Test func `a body without a type, and no body of any type, are looked at`() {
    #expect(status(call("POST /v3/auth/tokens", body: Desk.login())) == nil)
    guard
      case .answered(let answer) = call("POST /v3/auth/tokens", "Content-Type: text/plain\r\n")
    else {
      Issue.record("an empty body is answered")
      return
    }
    #expect(answer.error.hasPrefix("400 Expecting to find auth in request body."))
  }

  @Test(arguments: ["{", "", "[]", "\u{FEFF}{}", "{\"auth\": \"\u{1}\"}"])
  func `bad JSON is Keystone's 400`(body: String) {
    guard case .answered(let answer) = call("POST /v3/auth/tokens", body: body) else {
      Issue.record("\(body) is answered")
      return
    }
    #expect(answer.status == 400 && answer.contentType == .json)
    #expect(answer.error.hasPrefix("400 Expecting to find "))
  }

  @Test func `what a release has not got is not there`() {
    #expect(status(call("GET /v3/auth/system", release: "pike")) == 404)
    #expect(
      call("GET /v3/auth/tokens?allow_expired=1", release: "newton")
        == .validate(caller: nil, subject: nil, catalog: true, allowExpired: false))
  }

  @Test func `a query is read up to a limit`() {
    let query = (0..<100).map { "a\($0)=1" }.joined(separator: "&")
    guard case .list(_, _, let filters) = call("GET /v3/users?" + query) else {
      Issue.record("users are listed")
      return
    }
    #expect(filters.count == 64)
  }
}
