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

  @Test(arguments: [
    ("GET /", KeystoneCall.versions), ("HEAD /", .versions), ("GET /?a", .versions),
    ("GET /v3", .version), ("GET /v3/", .version), ("GET http://k/v3", .version),
    ("GET http://k", .versions), ("GET /healthcheck", .healthcheck()),
    ("HEAD /healthcheck", .healthcheck(head: true)),
    (
      "GET /v3/auth/tokens",
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
  ]) func `a path and a method are a call`(line: String, expected: KeystoneCall) {
    let fields = line.contains("/tokens") ? "X-Auth-Token: C\r\nX-Subject-Token: S\r\n" : ""
    #expect(call(line, fields) == expected)
  }

  @Test func `a client that knows access rules says so`() {
    #expect(
      call("GET /v3/auth/tokens", "OpenStack-Identity-Access-Rules: 1.0\r\n")
        == .validate(
          caller: nil, subject: nil, catalog: true, allowExpired: false, accessRules: true))
  }

  private func request(_ call: KeystoneCall) throws -> APIRequest {
    guard case .api(let request) = call else {
      Issue.record("\(call) is of the API")
      throw Missing()
    }
    return request
  }

  private struct Missing: Error {}

  @Test(arguments: [
    ("GET /v3/users", Endpoint.users, [String]()), ("GET /v3/users/", .users, []),
    ("GET /v3//users", .users, []), ("POST /v3/auth/tokens", .authTokens, []),
    ("GET /v3/auth/tokens/", .authTokens, []), ("GET /v3/auth/%74okens", .authTokens, []),
    ("GET /v3/domains/config/default", .domainConfigDefault, []),
    ("GET /v3/domains/d/config", .domainConfig, ["d"]),
    ("PATCH /v3/domains/d/config/ldap/url", .domainConfigOption, ["d", "ldap", "url"]),
    ("GET /v3/domains/config/ldap/default", .domainConfigDefaultGroup, ["ldap"]),
    ("GET /v3/limits/model", .limitModel, []), ("GET /v3/limits/x", .limit, ["x"]),
    ("GET /v3/projects/a+b", .project, ["a+b"]),
    ("PUT /v3/projects/p/tags/t", .projectTag, ["p", "t"]),
    ("GET /v3/projects/p%2Ftags", .projectTags, ["p"]),
    ("DELETE /v3/users/u/tokens", .userTokens, ["u"]),
  ]) func `a path of the API is found`(line: String, endpoint: Endpoint, values: [String]) throws {
    let request = try request(call(line))
    #expect(request.endpoint == endpoint)
    #expect(request.parameters.map(\.value) == values)
  }

  @Test(arguments: [
    "GET /v2.0", "GET /v4", "GET /v3/nothing", "GET /v3/auth", "GET /v3/auth/nothing",
    "GET /v3/users/a/b", "GET /auth/tokens", "GET /V3", "POST /nothing", "GET /%",
  ]) func `nothing else is there`(line: String) throws {
    #expect(try request(call(line)).place == .nowhere)
  }

  @Test func `what a release has not got is not there`() throws {
    #expect(try request(call("GET /v3/auth/system", release: "pike")).place == .nowhere)
    #expect(try request(call("DELETE /v3/users/u/tokens", release: "2026.1")).place == .nowhere)
    #expect(
      call("GET /v3/auth/tokens?allow_expired=1", release: "newton")
        == .validate(caller: nil, subject: nil, catalog: true, allowExpired: false))
  }

  @Test func `a query is decoded, and read up to a limit`() throws {
    let named = try request(call("GET /v3/users?name=a%20b+c&x=%2&y"))
    #expect(
      named.query == [
        .init(name: "name", value: "a b c"), .init(name: "x", value: "%2"),
        .init(name: "y", value: ""),
      ])
    let query = (0..<100).map { "a\($0)=1" }.joined(separator: "&")
    #expect(try request(call("GET /v3/users?" + query)).query.count == 64)
  }

  @Test func `the fields that Keystone looks at are taken along`() throws {
    let fields = """
      X-Auth-Token: C\r\nX-Subject-Token: S\r\nContent-Type: a/b\r\nAccept: c/d\r\n\
      authorization: OAuth x\r\nOpenstack-Auth-Receipt: r\r\n\
      OPENSTACK-IDENTITY-ACCESS-RULES: 1.0\r\nOther: o\r\n
      """
    let found = try request(call("POST /v3/auth/tokens", fields)).fields
    #expect(found.caller == "C" && found.subject == "S" && found.contentType == "a/b")
    #expect(found.accept == "c/d" && found.authorization == "OAuth x" && found.receipt == "r")
    #expect(found.accessRules == "1.0" && found.environment.isEmpty)
  }
}
