// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import Testing

@testable import FalseworkLoad

/// What goes from one request of a journey into the next.
@Suite struct LoadEngineStepsTests {
  private static func capture(
    _ name: String, _ part: AnswerPart, regex: String? = nil, otherwise: String? = nil
  ) throws -> Capture {
    Capture(
      name: name, part: part, pattern: try regex.map { try Pattern(parsing: $0) },
      otherwise: otherwise)
  }

  private static func json(_ path: String) throws -> AnswerPart {
    .json(try JSONPath(parsing: path))
  }

  private static func world(_ steps: HTTPStep...) -> LoadWorld {
    var world = LoadWorld(
      .closed(tasks: [
        LoadTask(name: "journey", weight: 1, steps: steps.map { .of(.http($0)) })
      ]))
    world.wake()
    world.connected(world.open[0])
    return world
  }

  @Test func `values of the JSON, of a field and of the text go into later requests`() throws {
    let first = HTTPStep.get(
      "/first",
      captures: [
        try Self.capture("id", Self.json("user.id")), try Self.capture("place", .field("location")),
        try Self.capture("form", .body, regex: "form=(\\w+)"),
        try Self.capture("none", Self.json("nowhere"), otherwise: "usual"),
      ])
    var world = Self.world(
      first, .get("/users/${id}?f=${form}&n=${none}", headers: [("x-place", "${place}")]))
    world.answered(
      world.open[0], 200, fields: [("Location", "/there")],
      body: #"{"user": {"id": "a\u0062c"}, "text": "form=xyz"}"#)
    #expect(
      world.lastRequest.hasPrefix("GET /users/abc?f=xyz&n=usual HTTP/1.1\r\n"))
    #expect(world.lastRequest.contains("x-place: /there\r\n"))
    #expect(world.verdicts == [.ok])
  }

  @Test func `a pattern looks at what a string of JSON says, however it is written`() throws {
    let first = HTTPStep.get(
      "/first", captures: [try Self.capture("id", Self.json("link"), regex: "^http://h/(.+)$")])
    var world = Self.world(first, .get("/next/${id:url}"))
    world.answered(
      world.open[0], 200, fields: [], body: #"{"link": "http:\/\/h\/a\u0062c"}"#)
    #expect(world.lastRequest.hasPrefix("GET /next/abc HTTP/1.1\r\n"))
    #expect(world.verdicts == [.ok])
  }

  @Test func `what is not there fails its request, and later ones go without it`() throws {
    let first = HTTPStep.get("/first", captures: [try Self.capture("id", Self.json("id"))])
    var world = Self.world(first, .get("/", headers: [("x-id", "${id}")]))
    world.answered(world.open[0], 200, fields: [], body: "{}")
    #expect(!world.lastRequest.contains("x-id"))
    world.answered(world.open[0], 400)
    #expect(world.verdicts == [.captureMissing, .status(400)])
    #expect(world.outcomes.map(\.lackedToken) == [false, true])
  }

  @Test func `a value is gone when the journey ends, or its step fails the next time`() throws {
    let first = HTTPStep.get("/first", captures: [try Self.capture("id", .body)])
    var world = Self.world(first, .get("/${id}"))
    world.answered(world.open[0], 200, fields: [], body: "one")
    #expect(world.lastRequest.hasPrefix("GET /one "))
    world.answered(world.open[0], 200)
    world.wakeNext()
    world.answered(world.open[0], 503)
    #expect(world.lastRequest.hasPrefix("GET / "))
  }

  @Test func `a captured token is the journey's token and everybody's`() throws {
    let login = HTTPStep.get("/login", captures: [try Self.capture("token", .field("x-token"))])
    var world = LoadWorld(
      .closed(tasks: [
        LoadTask(name: "t", weight: 1, steps: [.of(.http(login)), .of(.validateOwn)]),
        .of(.validatePooled),
      ]))
    world.wake()
    world.connected(world.open[0])
    world.answered(world.open[0], 200, fields: [("x-token", "T")])
    #expect(world.calls.last == .validate(token: "T"))
    world.answered(world.open[0], 200)
    world.wakeNext()
    #expect(world.calls.last == .validate(token: "T"))
    world.answered(world.open[0], 200)
    #expect(world.outcomes.map(\.tokenNumber) == [0, 1, 1])
  }

  struct Checked: Sendable, CustomTestStringConvertible {
    var condition: AnswerCheck.Condition
    var value: String
    var holds: Bool
    var testDescription: String { "\(condition) of \(value)" }
  }

  static let checked: [Checked] = {
    let text = { TextTemplate(verbatim: $0) }
    let pattern = { (text: String) in try! Pattern(parsing: text) }
    return [
      Checked(condition: .equals(text("abc")), value: "abc", holds: true),
      Checked(condition: .equals(text("abc")), value: "abcd", holds: false),
      Checked(condition: .equals(text("")), value: "", holds: true),
      Checked(condition: .contains(text("bc")), value: "abcd", holds: true),
      Checked(condition: .contains(text("bd")), value: "abcd", holds: false),
      Checked(condition: .contains(text("abcde")), value: "abcd", holds: false),
      Checked(condition: .matches(pattern("^a+$")), value: "aaa", holds: true),
      Checked(condition: .matches(pattern("^a+$")), value: "aab", holds: false),
      Checked(condition: .present(true), value: "x", holds: true),
      Checked(condition: .present(false), value: "x", holds: false),
    ]
  }()

  @Test(arguments: checked) func `a check looks at its part of the answer`(checked: Checked) throws
  {
    let cases: [(AnswerPart, Outcome.Verdict.Part)] = [
      (.field("x-a"), .header), (.body, .body), (try Self.json("a"), .json),
    ]
    for (part, name) in cases {
      let check = AnswerCheck(part: part, condition: checked.condition)
      var world = Self.world(.get("/", checks: [check]))
      let body = name == .json ? "{\"a\": \"\(checked.value)\"}" : checked.value
      world.answered(world.open[0], 200, fields: [("x-a", checked.value)], body: body)
      #expect(world.verdicts == [checked.holds ? .ok : .unexpected(name)])
    }
  }

  @Test func `what is absent fails every check but that it is absent`() throws {
    let absent = try Self.json("nowhere")
    let conditions: [(AnswerCheck.Condition, Bool)] = [
      (.equals(TextTemplate(verbatim: "")), false), (.present(true), false),
      (.present(false), true),
    ]
    for (condition, holds) in conditions {
      var world = Self.world(.get("/", checks: [AnswerCheck(part: absent, condition: condition)]))
      world.answered(world.open[0], 200, fields: [], body: "{}")
      #expect(world.verdicts == [holds ? .ok : .unexpected(.json)])
    }
  }

  @Test func `a check can compare with what was captured`() throws {
    let first = HTTPStep.get("/", captures: [try Self.capture("id", .body)])
    let same = AnswerCheck(
      part: .body, condition: .equals(try TextTemplate(parsing: "<${id}>")))
    for (answer, verdict) in [("<7>", Outcome.Verdict.ok), ("<8>", .unexpected(.body))] {
      var world = Self.world(first, .get("/", checks: [same]))
      world.answered(world.open[0], 200, fields: [], body: "7")
      world.answered(world.open[0], 200, fields: [], body: answer)
      #expect(world.verdicts == [.ok, verdict])
    }
  }

  @Test func `of an answer that is wrong nothing is kept`() throws {
    let first = HTTPStep.get(
      "/", checks: [AnswerCheck(part: .field("x"), condition: .present(true))],
      captures: [try Self.capture("id", .body)])
    var world = Self.world(first, .get("/${id}"))
    world.answered(world.open[0], 200, fields: [], body: "7")
    #expect(world.verdicts == [.unexpected(.header)])
    #expect(world.lastRequest.hasPrefix("GET / "))
  }

  @Test func `a request can say who sends it, and which it is`() throws {
    var world = Self.world(
      .get("/${user}/${password}/${project}/${user-domain}/${project-domain}"),
      .get("/${user-number}/${journey-number}/${request-number}"))
    #expect(world.lastRequest.hasPrefix("GET /admin/secret/admin/Default/Default "))
    world.answered(world.open[0], 200, fields: [])
    #expect(world.lastRequest.hasPrefix("GET /1/1/2 "))
  }

  @Test func `a request that needs some user's token has one asked for first`() throws {
    var world = Self.world(.get("/", headers: [("x-auth-token", "${any-token}")]))
    #expect(world.calls == [.authenticate(credentials: 0)])
    world.answered(world.open[0], 201, token: "T")
    #expect(world.lastRequest.contains("x-auth-token: T\r\n"))
    #expect(world.outcomes.map(\.preliminary) == [true])
  }

  @Test func `a user thinks before a step, with its connection open and its time not counted`()
    throws
  {
    var second = LoadStep.of(.http(.get("/two")))
    second.think = Distribution(.constant(.seconds(3)))
    var world = LoadWorld(
      .closed(tasks: [LoadTask(name: "t", weight: 1, steps: [.of(.http(.get("/one"))), second])]))
    world.wake()
    world.connected(world.open[0])
    world.answered(world.open[0], 200)
    #expect(world.sent.count == 1 && world.engine.counts.inFlight == 0)
    world.wakeNext()
    world.answered(world.open[0], 200)
    #expect(world.connects == 1)
    #expect(world.outcomes.map(\.due) == [.start, .start + .seconds(3)])
    #expect(world.outcomes[1].responseTime == .zero)
  }

  @Test func `a user that thinks when the load stops sends no more`() throws {
    var second = LoadStep.of(.http(.get("/two")))
    second.think = Distribution(.constant(.seconds(3)))
    var world = LoadWorld(
      .closed(tasks: [LoadTask(name: "t", weight: 1, steps: [.of(.http(.get("/one"))), second])]))
    world.wake()
    world.connected(world.open[0])
    world.answered(world.open[0], 200)
    world.stop()
    #expect(world.finishes == 1 && world.engine.nextWake == .never)
  }

  @Test func `a connection can be the journey's`() {
    var world = LoadWorld(
      .closed(tasks: [.of(.http(.get("/")), .http(.get("/")))], connections: .journey))
    world.wake()
    for _ in 0..<2 {
      world.connected(world.open[0])
      world.answered(world.open[0], 200)
      world.answered(world.open[0], 200)
      #expect(world.open.isEmpty)
      world.wakeNext()
    }
    #expect(world.connects == 3 && world.closes.count == 2)
  }

  @Test func `with a pacing a journey begins so often, or when the last has ended`() {
    var plan = LoadPlan.closed(tasks: [.get])
    plan.model = .closed(users: 1, spawnEvery: .zero, wait: .pacing(.seconds(2)))
    var world = LoadWorld(plan)
    for time in [500, 3_000, 100] {
      world.wakeNext()
      if !world.open.isEmpty, world.connects == 1, world.sent.isEmpty {
        world.connected(world.open[0])
      }
      world.pass(.milliseconds(Int64(time)))
      world.answered(world.open[0], 200)
    }
    let due = world.outcomes.map { ($0.due - .start).nanoseconds / 1_000_000 }
    #expect(due == [0, 2_000, 5_000])
  }
}
