// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import FalseworkKeystone

struct FrameworkAnswersTests {
  @Test func `Flask shows a page for a path that is not there, webob an error of Keystone's`() {
    var flask = Desk("stein")
    let page = flask.ask("GET /v3/nothing")
    #expect(page.status == 404 && page.contentType == .html)
    #expect(page.text == IdentityService.notFoundPage)
    var webob = Desk("rocky")
    let error = webob.ask("GET /v3/nothing?a=b")
    #expect(error.status == 404 && error.contentType == .json)
    #expect(
      error.text == """
        {"error": {"message": "(http://k:5000/v3/nothing?a=b): The resource could not be found.", \
        "code": 404, "title": "Not Found"}}
        """)
  }

  @Test(arguments: [
    ("POST /", "GET, HEAD, OPTIONS"), ("PUT /v3", "GET, HEAD, OPTIONS"),
    ("PATCH /v3/auth/tokens", "DELETE, GET, HEAD, OPTIONS, POST"),
    ("POST /v3/auth/catalog", "GET, HEAD, OPTIONS"), ("LEND /v3/users", "GET, HEAD, OPTIONS, POST"),
    ("GET /v3/users/x/password", "POST"),
  ]) func `another method is told which there are, and was no path before Stein`(
    line: String, allow: String
  ) {
    var flask = Desk("2026.1")
    let answer = flask.ask(line)
    #expect(answer.status == 405 && answer.field("Allow") == allow)
    if line.contains("/v3/") {
      #expect(
        answer.text == "{\"message\": \"The method is not allowed for the requested URL.\"}\n")
    } else {
      #expect(answer.text == IdentityService.notAllowedPage && answer.contentType == .html)
    }
    var webob = Desk("queens")
    #expect(webob.ask(line).status == 404)
  }

  @Test func `Flask answers OPTIONS`() {
    var desk = Desk()
    let answer = desk.ask("OPTIONS /v3/users")
    #expect(answer.status == 200 && answer.body.isEmpty && answer.contentType == .html)
    #expect(answer.field("Allow") == "GET, HEAD, OPTIONS, POST")
  }

  @Test(
    arguments: [
      ("application/json", 201), ("application/json; charset=utf-8", 201),
      ("Application/JSON", 201), ("application/problem+json", 201), ("", 201), (nil, 201),
      ("text/plain", 400), ("application/jsonx", 400), ("application/x-www-form-urlencoded", 400),
    ] as [(String?, Int)]) func `a body must be called JSON, or nothing`(
      type: String?, status: Int
    )
  {
    var desk = Desk()
    let answer = desk.ask("POST /v3/auth/tokens", ["Content-Type": type], body: Desk.login())
    #expect(answer.status == status)
    if status == 400 {
      #expect(
        answer.error.hasPrefix("400 Expecting to find application/json in Content-Type header."))
    }
  }

  @Test func `an empty body of any type is looked at`() {
    var desk = Desk()
    let answer = desk.ask("POST /v3/auth/tokens", ["Content-Type": "text/plain"])
    #expect(answer.error.hasPrefix("400 Expecting to find auth in request body."))
  }

  @Test(arguments: ["{", "[]", "\u{FEFF}{}", "{\"auth\": \"\u{1}\"}", "7"])
  func `bad JSON is Keystone's 400, even where nothing is`(body: String) {
    var desk = Desk()
    for line in ["POST /v3/auth/tokens", "POST /v3/nothing", "PATCH /v3"] {
      let answer = desk.ask(line, body: body)
      #expect(answer.status == 400 && answer.contentType == .json)
      #expect(answer.error.hasPrefix("400 Expecting to find valid JSON in request body."))
    }
  }

  @Test func `a token that is no good is as none, but what it names must be there`() {
    var desk = Desk()
    #expect(desk.ask("GET /", ["X-Auth-Token": "bad"]).status == 300)
    #expect(desk.ask("GET /v3/users", ["X-Auth-Token": "bad"]).status == 401)
    var lost = desk.payload()
    lost.userID = "11111111111111111111111111111111"
    let answer = desk.ask("GET /", ["X-Auth-Token": desk.forged(lost)])
    #expect(answer.error == "404 Could not find user: \(lost.userID).")
    #expect(answer.text.hasPrefix(#"{"error": {"code""#), "the middleware writes spaces")
  }
}
