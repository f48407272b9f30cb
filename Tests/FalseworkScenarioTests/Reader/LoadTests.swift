// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkLoad
import FalseworkScenario
import Testing

@Suite struct LoadTests {
  private func load(_ text: String) throws -> LoadPlan {
    let load = try #require(try Sample.read("proxy: two.cfg\nload: {\(text)}").load)
    // A plan that the reader lets through makes an engine and its bytes, with preconditions of
    // their own.
    _ = LoadEngine(plan: load, seed: 1, now: .start)
    _ = CallWriter(plan: load, host: "h", prefix: "")
    return load
  }

  private func problems(_ text: String) -> [String] {
    Sample.problems("proxy: two.cfg\nload: {\(text)}").map {
      "\($0.path): found \($0.found), expected \($0.expected)"
        + ($0.nearest.map { " (\($0))" } ?? "")
    }
  }

  private func steps(_ text: String) throws -> [LoadStep] {
    try load("users: 1, tasks: [{name: t, steps: [\(text)]}]").tasks[0].steps
  }

  @Test func `what is left out has a value`() throws {
    let load = try load("users: 3, journey: authenticate")
    #expect(load.model == .closed(users: 3, spawnEvery: .zero, wait: .constant(.zero)))
    #expect(load.connections == .kept)
    #expect(load.connectTimeout == .seconds(10) && load.timeout == .seconds(60))
    #expect(
      load.credentials == [
        Credentials(
          user: "admin", userDomain: "Default", password: "secret", project: "admin",
          projectDomain: "Default")
      ])
  }

  @Test func `the open model has arrivals and a limit`() throws {
    #expect(
      try load("rate: 10/s, arrivals: poisson, limit: 5, journey: validate").model
        == .open(every: .milliseconds(100), arrivals: .poisson, limit: 5))
  }

  @Test(
    arguments: [
      ("authenticate", [.authenticate]), ("validate", [.validatePooled]),
      ("authenticate-then-validate", [.authenticate, .validateOwn]),
      ("authenticate-then-catalog", [.authenticate, .catalog]),
      ("authenticate-then-revoke", [.authenticate, .revoke]),
    ] as [(String, [LoadStep.Kind])])
  func `a journey is its steps`(name: String, kinds: [LoadStep.Kind]) throws {
    let task = try load("users: 1, journey: \(name)").tasks[0]
    #expect(task.name == name && task.weight == 1)
    #expect(task.steps.map(\.kind) == kinds)
  }

  @Test func `shares and weights are weights`() throws {
    let shares = try load("users: 1, tasks: {authenticate: 30%, validate: 70%}").tasks
    #expect(shares.map(\.name) == ["authenticate", "validate"])
    #expect(shares.map(\.weight) == [30, 70])
    let weights = try load(
      "users: 1, tasks: [authenticate, {journey: validate, name: v, weight: 3}]"
    ).tasks
    #expect(weights.map(\.name) == ["authenticate", "v"])
    #expect(weights.map(\.weight) == [1, 3])
    let list = try load(
      "users: 1, tasks: [{journey: authenticate, weight: 10%}, {journey: validate, weight: 90%}]"
    ).tasks
    #expect(list.map(\.weight) == [10, 90])
  }

  @Test func `a step validates its journey's token, or some user's`() throws {
    #expect(try steps("authenticate, validate").map(\.kind) == [.authenticate, .validateOwn])
    #expect(
      try steps("validate, authenticate, validate, catalog, revoke").map(\.kind) == [
        .validatePooled, .authenticate, .validateOwn, .catalog, .revoke,
      ])
  }

  @Test func `a request is sent as it is written`() throws {
    let step = try steps(
      """
      {request: "POST /x?a=b", name: n, headers: {X-Y: z, B: 2}, body: "é", expect: [201, 409]}
      """)[0]
    #expect(step.name == "n")
    #expect(
      step.kind
        == .http(
          HTTPStep(
            method: "POST", path: "/x?a=b",
            headers: [.init(name: "X-Y", value: "z"), .init(name: "B", value: "2")],
            body: [0xC3, 0xA9], expected: [201, 409])))
    let plain = try steps("{request: GET /v3}")[0]
    #expect(plain.name == "GET /v3")
    #expect(
      plain.kind
        == .http(HTTPStep(method: "GET", path: "/v3", headers: [], body: [], expected: [])))
  }

  @Test func `what happens after a failure is said for all steps or for one`() throws {
    let tasks = try load(
      """
      users: 1, on-failure: abort, tasks: [authenticate-then-validate,
        {name: t, steps: [{step: authenticate, on-failure: continue}, validate]}]
      """
    ).tasks
    #expect(tasks[0].steps.map(\.onFailure) == [.abort, .abort])
    #expect(tasks[1].steps.map(\.onFailure) == [.goOn, .abort])
    let standard = try load("users: 1, journey: authenticate").tasks
    #expect(standard[0].steps.map(\.onFailure) == [.goOn])
  }

  @Test func `credentials are filled in from the data`() throws {
    let credentials = try load(
      "users: 1, journey: authenticate, credentials: [demo, {user: admin, password: x, project: demo}]"
    ).credentials
    #expect(
      credentials == [
        Credentials(
          user: "demo", userDomain: "Default", password: "secret", project: "demo",
          projectDomain: "Default"),
        Credentials(
          user: "admin", userDomain: "Default", password: "x", project: "demo",
          projectDomain: "Default"),
      ])
  }

  @Test func `a user without a project asks for an unscoped token`() throws {
    let scenario = try Sample.read(
      """
      proxy: two.cfg
      cluster: {data: {users: [{name: off, enabled: false}, lone], assignments: []}}
      load: {users: 1, journey: authenticate}
      """)
    #expect(scenario.load?.credentials.map(\.user) == ["lone"])
    #expect(scenario.load?.credentials.map(\.project) == [nil])
  }

  @Test(arguments: [
    (
      "journey: authenticate",
      "load: found none of users, rate, stages and replay, expected one of them"
    ),
    ("users: 1", "load: found none of journey and tasks, expected one of them"),
    (
      "users: 1, rate: 1/s, journey: validate",
      "load.rate: found 'rate' beside 'users', expected one of the two"
    ),
    (
      "rate: 1/s, wait: 1s, journey: validate",
      "load.wait: found 'wait' beside 'rate', expected one of the two"
    ),
    (
      "users: 1, limit: 4, journey: validate",
      "load.limit: found 'limit' beside 'users', expected one of the two"
    ),
    (
      "users: 0, journey: validate",
      "load.users: found '0', expected a whole number from 1 to 100000"
    ),
    (
      "users: 1.5, journey: validate",
      "load.users: found '1.5', expected a whole number from 1 to 100000"
    ),
    ("users: 1, tasks: {}", "load.tasks: found no task, expected one at least"),
    ("users: 1, tasks: []", "load.tasks: found no task, expected one at least"),
    (
      "users: 1, tasks: validate",
      "load.tasks: found 'validate', expected a mapping of journeys to weights, or a list of tasks"
    ),
    (
      "users: 1, tasks: {authenticate: 30%, validate: 60%}",
      "load.tasks: found a sum of 90%, expected 100%"
    ),
    (
      "users: 1, tasks: {authenticate: 30%, validate: 7}",
      "load.tasks: found percentages beside others, expected all or none in percent"
    ),
    (
      "users: 1, tasks: {authenticate: 0}",
      "load.tasks.authenticate: found '0', expected a weight: a whole number from 1 to 1000000, or a "
        + "percentage such as 30%"
    ),
    (
      "users: 1, tasks: {authentcate: 1}",
      "load.tasks.authentcate: found 'authentcate', expected authenticate, validate, "
        + "authenticate-then-validate, validate-old, authenticate-then-catalog, "
        + "authenticate-then-projects or authenticate-then-revoke "
        + "(authenticate)"
    ),
    (
      "users: 1, tasks: [validate, validate]",
      "load.tasks[1].name: found 'validate' again, expected each name once"
    ),
    (
      "users: 1, tasks: [{steps: [authenticate]}]",
      "load.tasks[0].name: found nothing, expected a name"
    ),
    (
      "users: 1, tasks: [{name: t}]",
      "load.tasks[0]: found none of journey and steps, expected one of them"
    ),
    (
      "users: 1, tasks: [{name: t, steps: []}]",
      "load.tasks[0].steps: found an empty list, expected one step at least"
    ),
    (
      "users: 1, tasks: [{name: t, steps: [catalog]}]",
      "load.tasks[0].steps[0].step: found 'catalog' without a token, expected 'authenticate' before "
        + "it in the journey"
    ),
    (
      "users: 1, tasks: [{name: t, steps: [valdiate]}]",
      "load.tasks[0].steps[0].step: found 'valdiate', expected authenticate, validate, validate-old, "
        + "catalog, projects or revoke (validate)"
    ),
    (
      "users: 1, tasks: [{name: t, steps: [{request: get /v3}]}]",
      "load.tasks[0].steps[0].request: found 'get /v3', expected GET, HEAD, POST, PUT, PATCH, "
        + "DELETE or OPTIONS and a path, such as GET /v3 (GET)"
    ),
    (
      "users: 1, tasks: [{name: t, steps: [{request: GET v3}]}]",
      "load.tasks[0].steps[0].request: found 'GET v3', expected GET, HEAD, POST, PUT, PATCH, "
        + "DELETE or OPTIONS and a path, such as GET /v3"
    ),
    (
      "users: 1, tasks: [{name: t, steps: [{request: GET /, headers: {Connection: x}}]}]",
      "load.tasks[0].steps[0].headers.Connection: found the field 'Connection', expected a name of "
        + "HTTP that is none of content-length, transfer-encoding or connection"
    ),
    (
      "users: 1, tasks: [{name: t, steps: [{request: GET /, headers: {X: \"a\\nb\"}}]}]",
      "load.tasks[0].steps[0].headers.X: found 'a…', expected the value of a field: one line of "
        + "printable text"
    ),
    (
      "users: 1, tasks: [{name: t, steps: [{step: authenticate, expect: 200}]}]",
      "load.tasks[0].steps[0].expect: found 'expect' beside 'step', expected one of the two"
    ),
    (
      "users: 1, tasks: [{name: t, steps: [{request: GET /, expect: [200, 600]}]}]",
      "load.tasks[0].steps[0].expect[1]: found '600', expected a whole number from 100 to 599"
    ),
    (
      "users: 1, journey: validate, credentials: []",
      "load.credentials: found an empty list, expected one user at least"
    ),
    (
      "users: 1, journey: validate, credentials: [dmeo]",
      "load.credentials[0].user: found the user 'dmeo', expected admin or demo (demo)"
    ),
    (
      "users: 1, journey: validate, credentials: [{user: demo, project: x}]",
      "load.credentials[0].project: found the project 'x', expected admin or demo"
    ),
    (
      "users: 1, journey: validate, timeout: 0s",
      "load.timeout: found '0s', expected a duration of at least 1ms"
    ),
    (
      "users: 1, journey: validate, connections: keep",
      "load.connections: found 'keep', expected kept, journey or new"
    ),
  ])
  func `a load that cannot be is refused`(text: String, message: String) {
    #expect(problems(text) == [message])
  }

  @Test func `a cluster without users has no load`() {
    let problems = Sample.problems(
      "proxy: two.cfg\ncluster: {data: {users: []}}\nload: {users: 1, journey: validate}")
    #expect(problems.map(\.found) == ["nobody who can log in"])
  }
}
