// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import FalseworkKeystone

@Suite struct AuthRequestTests {
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

  @Test(arguments: [
    (#"{"id": "i"}"#, AuthRequest.UserReference.id("i")),
    (#"{"name": "n", "domain": {"id": "d"}}"#, .name("n", .id("d"))),
    (#"{"name": "n", "domain": {"name": "D"}}"#, .name("n", .name("D"))),
    (#"{"id": "i", "name": "n", "domain": {"id": "d", "name": "D"}}"#, .name("n", .name("D"))),
    (#"{"id": "i", "name": ""}"#, .id("i")),
  ]) func `a user is named by id, or by name and domain`(
    user: String, reference: AuthRequest.UserReference
  ) throws {
    let text = Self.body(data: #""password": {"user": \#(user)}"#)
    let request = try AuthRequest(text: text)
    #expect(request.user == reference && request.password == nil)
    #expect(request.methods == ["password"] && request.scope == .unstated)
  }

  @Test(arguments: [
    (#""unscoped""#, AuthRequest.Scope.unscoped), (#"{"unscoped": {}}"#, .unscoped),
    (#"{"project": {"id": "p"}}"#, .projectID("p")),
    (#"{"project": {"name": "n", "domain": {"id": "d"}}}"#, .projectName("n", .id("d"))),
    (#"{"project": {"name": "n", "domain": {"name": "D"}}}"#, .projectName("n", .name("D"))),
    (#"{"domain": {"id": "d"}}"#, .domain(.id("d"))),
    (#"{"domain": {"name": "D"}}"#, .domain(.name("D"))),
    (#"{"system": {"all": true}}"#, .system),
  ]) func `every scope is read`(scope: String, value: AuthRequest.Scope) throws {
    #expect(try AuthRequest(text: Self.body(scope: scope)).scope == value)
  }

  @Test func `a token is read beside a password`() throws {
    let text = Self.body(
      methods: #"["token", "password"]"#,
      data: #""token": {"id": "t"}, "password": {"user": \#(Self.user)}"#)
    let request = try AuthRequest(text: text)
    #expect(request.methods == ["token", "password"])
    #expect(request.token == "t" && request.password == "p")
  }

  private static let refused: [(String, String)] = [
    ("{}", "Expecting to find auth in request body."),
    (#"{"auth": {}}"#, "'identity' is a required property"),
    (
      #"{"auth": {"identity": {}}}"#,
      "Invalid input for field 'identity': 'methods' is a required property"
    ),
    (
      #"{"auth": {"identity": {"methods": "password"}}}"#,
      "Invalid input for field 'identity/methods': the value is not of type 'array'"
    ),
    (
      #"{"auth": {"identity": {"methods": [1]}}}"#,
      "Invalid input for field 'identity/methods': the value is not of type 'string'"
    ),
    (
      #"{"auth": {"identity": {"methods": ["password"]}}}"#,
      "Expecting to find password in identity."
    ),
    (
      #"{"auth": {"identity": {"methods": ["totp"]}}}"#,
      "Expecting to find totp in identity."
    ),
    (body(data: #""password": {}"#), "Expecting to find user in password."),
    (body(data: #""password": {"user": {}}"#), "Expecting to find id or name in user."),
    (
      body(data: #""password": {"user": {"name": "n"}}"#),
      "Expecting to find domain in user."
    ),
    (
      body(data: #""password": {"user": {"name": "n", "domain": {}}}"#),
      "Expecting to find id or name in domain."
    ),
    (
      body(data: #""password": {"user": {"id": "n", "password": 1}}"#),
      "Invalid input for field 'identity/password/user/password': the value is not of type 'string'"
    ),
    (
      body(methods: #"["token"]"#, data: #""token": {}"#),
      "Invalid input for field 'identity/token': 'id' is a required property"
    ),
    (
      body(methods: #"["token"]"#, data: #""token": {"id": 1}"#),
      "Invalid input for field 'identity/token/id': the value is not of type 'string'"
    ),
    (body(scope: "5"), "Invalid input for field 'scope': the value is not of type 'object'"),
    (
      body(scope: "{}"),
      "Expecting to find system, project, domain, OS-TRUST:trust or unscoped in scope."
    ),
    (
      body(scope: #"{"project": {"id": "p"}, "domain": {"id": "d"}}"#),
      "Expecting to find system, project, domain, OS-TRUST:trust or unscoped in scope."
    ),
    (body(scope: #"{"project": {}}"#), "Expecting to find id or name in project."),
    (
      body(scope: #"{"project": {"name": "p"}}"#),
      "Expecting to find domain in project."
    ),
    (body(scope: #"{"domain": {}}"#), "Expecting to find id or name in domain."),
  ]

  @Test(arguments: refused) func `a body that lacks something is told what`(
    text: String, message: String
  ) {
    let error = #expect(throws: KeystoneError.self) { try AuthRequest(text: text) }
    let whole = message.hasPrefix("Expecting") ? message + Self.expecting : message
    #expect(error == .badRequest(whole))
  }

  @Test func `there are no trusts to find`() {
    let text = Self.body(scope: #"{"OS-TRUST:trust": {"id": "x"}}"#)
    let error = #expect(throws: KeystoneError.self) { try AuthRequest(text: text) }
    #expect(error?.status == 404 && error?.message == "Could not find trust: x.")
  }

  @Test func `what the load engine sends is what its JSON means`() throws {
    let built = AuthRequest.password(
      user: "admin", userDomain: "Default", password: "secret", project: "admin",
      projectDomain: "Default")
    #expect(try AuthRequest(text: Desk.login()) == built)
    #expect(
      AuthRequest.password(
        user: "a", userDomain: "D", password: "p", project: nil, projectDomain: "D"
      ).scope == .unscoped)
  }
}

extension AuthRequest {
  init(text: String) throws {
    let bytes = Array(text.utf8)
    let value = JSONValue(bytes.span)
    try self.init(json: #require(value))
  }
}
