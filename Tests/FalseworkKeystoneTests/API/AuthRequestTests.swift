// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import FalseworkKeystone

struct AuthRequestTests {
  private static let expecting =
    " The server could not comply with the request since it is either malformed or otherwise "
    + "incorrect. The client is assumed to be in error."

  private static let user = #"{"name": "u", "domain": {"id": "d"}, "password": "p"}"#

  private static func body(
    methods: String = #"["password"]"#, data: String = #""password": {"user": \#(user)}"#,
    scope: String? = nil
  ) -> String {
    let scope = scope.map { #", "scope": \#($0)"# } ?? ""
    return #"{"auth": {"identity": {"methods": \#(methods), \#(data)}\#(scope)}}"#
  }

  private func value(_ text: String) throws -> JSONValue {
    let bytes = Array(text.utf8)
    let value = JSONValue(bytes.span)
    return try #require(value)
  }

  private func request(_ text: String) throws -> AuthRequest {
    try AuthRequest(json: value(text), fields: .init(), target: "/v3/auth/tokens")
  }

  @Test(arguments: [
    (#"{"id": "i"}"#, AuthRequest.UserReference.id("i")),
    (#"{"name": "n", "domain": {"id": "d"}}"#, .name("n", .id("d"))),
    (#"{"name": "n", "domain": {"name": "D"}}"#, .name("n", .name("D"))),
    (#"{"id": "i", "name": "n", "domain": {"id": "d", "name": "D"}}"#, .name("n", .name("D"))),
    (#"{"id": "i", "name": ""}"#, .id("i")),
  ]) func `a user is named by id, or by name and domain`(
    user: String, reference: AuthRequest.UserReference
  ) throws {
    let data = try value(#"{"user": \#(user)}"#)
    #expect(try AuthRequest.user(in: data) == reference)
  }

  @Test(arguments: [
    (#""unscoped""#, AuthRequest.Scope.unscoped), (#"{"unscoped": {}}"#, .unscoped),
    (#"{"project": {"id": "p"}}"#, .projectID("p")), (#"{"project": {"id": ""}}"#, .projectID("")),
    (#"{"project": {"name": "n", "domain": {"id": "d"}}}"#, .projectName("n", .id("d"))),
    (#"{"project": {"name": "n", "domain": {"name": "D"}}}"#, .projectName("n", .name("D"))),
    (#"{"domain": {"id": "d"}}"#, .domain(.id("d"))),
    (#"{"domain": {"name": "D"}}"#, .domain(.name("D"))),
    (#"{"system": {"all": true}}"#, .system),
    (#"{"OS-TRUST:trust": {"id": "t"}}"#, .trust("t")),
  ]) func `every scope is read`(scope: String, expected: AuthRequest.Scope) throws {
    #expect(try AuthRequest.scope(value(scope), .newest) == expected)
  }

  @Test func `a method that is named twice counts once`() throws {
    let sent = try request(Self.body(methods: #"["password", "password"]"#))
    #expect(sent.methods == ["password"])
  }

  /// As a real 2026.1 answers.
  static let refused = [
    (#"{"auth": null}"#, "Expecting to find auth in request body."),
    (#"{}"#, "Expecting to find auth in request body."),
    (body(methods: #"["password", "totp"]"#), "Expecting to find totp in identity."),
    (
      body(data: #""password": {"user": {}}"#),
      "Invalid input for field identity/password/user: id or name must be present."
    ),
    (
      body(data: #""password": {"user": {"id": "x", "domain": {}}}"#),
      "Invalid input for field identity/password/user/domain: id or name must be present."
    ),
    (
      body(scope: #"{"project": {}}"#),
      "Invalid input for field scope/project: id or name must be present."
    ),
    (
      body(scope: #"{"project": {"name": "p", "domain": {}}}"#),
      "Invalid input for field scope/project/domain: id or name must be present."
    ),
    (
      body(scope: #"{"domain": {}}"#),
      "Invalid input for field scope/domain: id or name must be present."
    ),
    (
      body(methods: #"["token"]"#, data: #""token": {}"#),
      """
      Invalid input for field 'identity/token': 'id' is a required property

      Failed validating 'required' in schema['properties']['identity']['properties']['token']:
          {'type': 'object',
           'properties': {'id': {'type': 'string'}},
           'required': ['id']}

      On instance['identity']['token']:
          {}
      """
    ),
    (
      body(methods: #"[1]"#),
      """
      Invalid input for field 'identity/methods/0': 1 is not of type 'string'

      Failed validating 'type' in schema['properties']['identity']['properties']['methods']['items']:
          {'type': 'string'}

      On instance['identity']['methods'][0]:
          1
      """
    ),
    (
      body(scope: #"{"system": {"all": "x"}}"#),
      """
      Invalid input for field 'scope/system/all': 'x' is not of type 'boolean'

      Failed validating 'type' in schema['properties']['scope']['properties']['system']\
      ['properties']['all']:
          {'type': 'boolean', 'enum': [True, False, None]}

      On instance['scope']['system']['all']:
          'x'
      """
    ),
  ]

  @Test(arguments: refused) func `a body that is no login is told why`(
    text: String, message: String
  ) {
    let error = #expect(throws: KeystoneError.self) { try request(text) }
    let whole = message.hasPrefix("Expecting") ? message + Self.expecting : message
    #expect(error == .badRequest(whole))
  }

  @Test(arguments: [
    (#"{}"#, "system, project, domain, OS-TRUST:trust or unscoped in scope"),
    (#""x""#, "system, project, domain, OS-TRUST:trust or unscoped in scope"),
    (
      #"{"system": {"all": true}, "domain": {"id": "d"}}"#,
      "system, project, domain, OS-TRUST:trust or unscoped in scope"
    ),
    (#"{"project": {"name": "p"}}"#, "domain in project"),
    (#"{"OS-TRUST:trust": {}}"#, "trust_id in trust"),
  ]) func `a scope that is none is told what is missing`(text: String, what: String) {
    let error = #expect(throws: KeystoneError.self) {
      try AuthRequest.scope(value(text), .newest)
    }
    #expect(error == .badRequest("Expecting to find \(what)." + Self.expecting))
  }

  @Test func `before Queens there is no scope of the system`() throws {
    let pike = try #require(Release(named: "pike"))
    let error = #expect(throws: KeystoneError.self) {
      try AuthRequest.scope(value(#"{"system": {"all": true}}"#), pike)
    }
    #expect(
      error?.message.hasPrefix(
        "Expecting to find project, domain, OS-TRUST:trust or unscoped in scope.") == true)
  }

  @Test func `what the load engine sends is what its JSON means`() throws {
    let built = AuthRequest.password(
      user: "admin", userDomain: "Default", password: "secret", project: "admin",
      projectDomain: "Default")
    let sent = try #require(try request(Desk.login()).sent)
    #expect(try AuthRequest.user(in: #require(sent.identity["password"])) == built.user)
    #expect(try AuthRequest.scope(sent.scope, .newest) == built.scope)
    #expect(
      AuthRequest.password(
        user: "a", userDomain: "D", password: "p", project: nil, projectDomain: "D"
      ).scope == .unscoped)
  }
}
