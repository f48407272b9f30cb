// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkHTTP
import Testing

@testable import FalseworkLoad

/// What is written must be read again by our own strict parser.
@Suite struct CallTests {
  private struct Message {
    var method: String
    var target: String
    var fields: [String: String]
    var body: String
  }

  private static func read(_ bytes: [UInt8]) throws -> Message {
    var parser = HTTPParser(kind: .request, limits: .haproxy)
    var head = HTTPHead()
    let span = bytes.span
    try #require(parser.parse(span, into: &head) == .head)
    var fields: [String: String] = [:]
    for field in head.fields {
      // No field twice: some servers take the first, some the last.
      #expect(fields.updateValue(span.text(field.value), forKey: span.text(field.name)) == nil)
    }
    var length = 0
    if case .length(let count) = head.framing { length = count }
    #expect(bytes.count == head.length + length)
    return Message(
      method: span.text(head.methodRange), target: span.text(head.target), fields: fields,
      body: span.text(head.length..<bytes.count))
  }

  private static func written(
    _ call: Call, plan: LoadPlan = .closed(tasks: [.get]), prefix: String = ""
  ) throws -> Message {
    let writer = CallWriter(plan: plan, host: "127.0.0.1:5000", prefix: prefix)
    var bytes: [UInt8] = []
    writer.append(call, to: &bytes)
    return try read(bytes)
  }

  private static let common = [
    "host": "127.0.0.1:5000", "user-agent": "falsework", "accept": "application/json",
  ]

  private static func fields(_ more: [String: String]) -> [String: String] {
    common.merging(more) { $1 }
  }

  @Test func `an authentication is a POST of JSON`() throws {
    let message = try Self.written(.authenticate(credentials: 0))
    #expect(message.method == "POST" && message.target == "/v3/auth/tokens")
    #expect(
      message.body == """
        {"auth":{"identity":{"methods":["password"],"password":{"user":{"name":"admin",\
        "domain":{"name":"Default"},"password":"secret"}}},"scope":{"project":{"name":"admin",\
        "domain":{"name":"Default"}}}}}
        """)
    #expect(
      message.fields
        == Self.fields([
          "content-type": "application/json", "content-length": "\(message.body.utf8.count)",
        ]))
  }

  @Test func `without a project it has no scope`() throws {
    var plan = LoadPlan.closed(tasks: [.get])
    plan.credentials[0].project = nil
    let message = try Self.written(.authenticate(credentials: 0), plan: plan)
    #expect(!message.body.contains("scope"))
    #expect(message.body.hasSuffix("\"password\":\"secret\"}}}}}"))
  }

  @Test func `what a password holds stays inside its string`() throws {
    var plan = LoadPlan.closed(tasks: [.get])
    plan.credentials[0].password = "a\"b\\c\r\nGET / HTTP/1.1\r\n\u{1}é"
    let message = try Self.written(.authenticate(credentials: 0), plan: plan)
    #expect(message.body.contains(#""password":"a\"b\\c\r\nGET / HTTP/1.1\r\n\u0001é"}"#))
  }

  static let calls: [(Call, String, String, [String: String])] = [
    (
      .validate(token: "T"), "GET", "/v3/auth/tokens",
      ["x-auth-token": "T", "x-subject-token": "T"]
    ),
    (.validate(token: nil), "GET", "/v3/auth/tokens", [:]),
    (.catalog(token: "T"), "GET", "/v3/auth/catalog", ["x-auth-token": "T"]),
    (.catalog(token: nil), "GET", "/v3/auth/catalog", [:]),
    (
      .revoke(token: "T"), "DELETE", "/v3/auth/tokens",
      ["x-auth-token": "T", "x-subject-token": "T"]
    ),
    (.revoke(token: nil), "DELETE", "/v3/auth/tokens", [:]),
  ]

  @Test(arguments: calls) func `the other calls carry their token in the head`(
    call: Call, method: String, target: String, more: [String: String]
  ) throws {
    let message = try Self.written(call)
    #expect(message.method == method && message.target == target)
    #expect(message.fields == Self.fields(more))
    #expect(message.body == "")
  }

  @Test func `a prefix stands before every path of the API`() throws {
    let calls: [Call] = [
      .authenticate(credentials: 0), .validate(token: nil), .catalog(token: nil),
      .revoke(token: nil),
    ]
    for call in calls {
      #expect(try Self.written(call, prefix: "/identity").target.hasPrefix("/identity/v3/auth/"))
    }
  }

  private static func http(_ step: HTTPStep) throws -> Message {
    let plan = LoadPlan.closed(tasks: [.get, .of(.authenticate, .http(step))])
    return try written(.http(task: 1, step: 1, values: nil), plan: plan)
  }

  @Test func `any request is written as it was given`() throws {
    let message = try Self.http(
      HTTPStep(
        method: "PATCH", path: "/v3/users/1?a=b", headers: [.init(name: "X-Trace", value: "a b")],
        body: Array("{}".utf8), expected: []))
    #expect(message.method == "PATCH" && message.target == "/v3/users/1?a=b")
    #expect(message.fields == Self.fields(["X-Trace": "a b", "content-length": "2"]))
    #expect(message.body == "{}")
  }

  @Test func `a field that the step gives stands in the place of ours`() throws {
    let message = try Self.http(
      HTTPStep(
        method: "GET", path: "/",
        headers: [
          .init(name: "Host", value: "keystone"), .init(name: "ACCEPT", value: "text/html"),
          .init(name: "Content-Length", value: "99"),
        ], body: [], expected: []))
    #expect(
      message.fields == ["Host": "keystone", "user-agent": "falsework", "ACCEPT": "text/html"])
  }

  @Test(arguments: [("POST", "0"), ("PUT", "0"), ("GET", nil), ("DELETE", nil)])
  func `an empty body has a length where a server would wait for one`(
    method: String, length: String?
  ) throws {
    let step = HTTPStep(method: method, path: "/", headers: [], body: [], expected: [])
    #expect(try Self.http(step).fields["content-length"] == length)
  }

  @Test func `the method of a call is known, since it frames the answer`() {
    let head = HTTPStep(method: "HEAD", path: "/", headers: [], body: [], expected: [])
    let plan = LoadPlan.closed(tasks: [.of(.http(head), .http(.get("/")))])
    let writer = CallWriter(plan: plan, host: "h", prefix: "")
    let calls: [Call] = [
      .http(task: 0, step: 0, values: nil), .http(task: 0, step: 1, values: nil),
      .authenticate(credentials: 0),
      .validate(token: nil), .catalog(token: nil), .revoke(token: nil),
    ]
    #expect(calls.map(writer.method) == [.head, .get, .post, .get, .get, .delete])
  }

  @Test func `what would split a head is refused`() async {
    await #expect(processExitsWith: .failure) {
      _ = CallWriter(plan: .closed(tasks: [.get]), host: "a\r\nb: c", prefix: "")
    }
    await #expect(processExitsWith: .failure) {
      let plan = LoadPlan.closed(tasks: [.of(.http(.get("/ HTTP/1.1\r\na: b")))])
      _ = CallWriter(plan: plan, host: "a", prefix: "")
    }
    await #expect(processExitsWith: .failure) {
      let header = HTTPStep.Header(name: "a", value: "b\r\nc: d")
      let step = HTTPStep(method: "GET", path: "/", headers: [header], body: [], expected: [])
      _ = CallWriter(plan: .closed(tasks: [.of(.http(step))]), host: "a", prefix: "")
    }
  }
}
