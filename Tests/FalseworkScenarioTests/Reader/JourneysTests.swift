// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkLoad
import Testing

@testable import FalseworkScenario

/// Steps that pass values on and check their answers.
@Suite struct JourneysTests {
  private static func steps(_ yaml: String) throws -> [LoadStep] {
    let load = try Sample.read(
      "proxy: two.cfg\nload:\n  users: 1\n  tasks:\n  - name: t\n    steps:\n\(yaml)"
    ).load
    return try #require(load).tasks[0].steps
  }

  private static func problems(_ yaml: String) -> [String] {
    Sample.problems(
      "proxy: two.cfg\nload:\n  users: 1\n  tasks:\n  - name: t\n    steps:\n\(yaml)"
    ).map(\.description)
  }

  @Test func `captures, checks and values are read as they are written`() throws {
    let steps = try Self.steps(
      """
          - request: POST /login
            body: "${user}"
            check:
              - {json: "a[0].b", equals: 1}
              - {header: X-Kind, contains: k, matches: "^k"}
              - {present: true}
            capture:
              - {name: token, header: X-Token}
              - {name: id, json: user.id, regex: "(\\\\d+)", default: none}
              - name: whole
          - {request: "GET /${id}", headers: {a: "${token}"}, think: 2s}
      """)
    guard case .http(let first) = steps[0].kind else { return #expect(Bool(false)) }
    let path = try JSONPath(parsing: "a[0].b")
    #expect(
      first.checks == [
        AnswerCheck(part: .json(path), condition: .equals(TextTemplate(verbatim: "1"))),
        AnswerCheck(part: .field("x-kind"), condition: .contains(TextTemplate(verbatim: "k"))),
        AnswerCheck(part: .field("x-kind"), condition: .matches(try Pattern(parsing: "^k"))),
        AnswerCheck(part: .body, condition: .present(true)),
      ])
    #expect(
      first.captures == [
        Capture(name: "token", part: .field("x-token"), pattern: nil, otherwise: nil),
        Capture(
          name: "id", part: .json(try JSONPath(parsing: "user.id")),
          pattern: try Pattern(parsing: "(\\d+)"), otherwise: "none"),
        Capture(name: "whole", part: .body, pattern: nil, otherwise: nil),
      ])
    #expect(steps[1].think == Distribution(.constant(.seconds(2))))
  }

  @Test func `what no step before captures is an error where it is used`() {
    #expect(
      Self.problems(
        """
            - request: GET /a
              capture: [{name: id}]
            - request: GET /b
              headers:
                x-id: ${di}
        """) == [
          "s.yaml:11:15: load.tasks[0].steps[1].headers.x-id: found '${di}', which no step before "
            + "captures, expected token, any-token, user, user-domain, password, project, "
            + "project-domain, user-number, journey-number, request-number or id; did you mean 'id'?"
        ])
  }

  @Test(arguments: [
    ("- {request: 'GET /${id}', capture: [{name: id}]}", "'${id}', which no step before captures"),
    ("- {request: GET /, body: '${token}'}", "'${token}' without a token"),
    ("- {request: GET /, body: '${a b}'}", "expected a name of letters"),
    ("- {request: GET /, body: '${a'}", "without its end"),
    ("- {request: GET /, check: [{equals: '${x}'}]}", "'${x}', which no step before captures"),
    ("- {request: GET /, check: [{header: a}]}", "none of equals, contains, matches and present"),
    ("- {request: GET /, check: [{header: a b, equals: c}]}", "expected the name of a field"),
    ("- {request: GET /, check: [{json: a..b, equals: c}]}", "a key after '.'"),
    ("- {request: GET /, check: [{matches: '('}]}", "')' after a group"),
    ("- {request: GET /, capture: [{name: user}]}", "'user', which is there without"),
    ("- {request: GET /, capture: [{name: 1a}]}", "a name of letters, digits"),
    ("- {request: GET /, capture: [{name: a, header: b, json: c}]}", "'json' beside 'header'"),
    ("- {step: validate, older-than: 1m}", "the step 'validate-old' beside it"),
    ("- projects", "'projects' without a token"),
  ]) func `a mistake in a step is told`(step: String, message: String) {
    let problems = Self.problems("    " + step)
    #expect(problems.count == 1 && problems[0].contains(message), "\(problems)")
  }

  @Test func `the token that a step captures serves the steps that need one`() throws {
    let steps = try Self.steps(
      """
          - {request: POST /login, capture: [{name: token, header: x}]}
          - validate
          - catalog
          - {step: validate-old, older-than: 5m}
      """)
    #expect(
      steps.dropFirst().map(\.kind) == [.validateOwn, .catalog, .validateOld(.seconds(300))])
  }
}
