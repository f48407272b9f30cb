// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import Foundation
import Testing

@testable import FalseworkKeystone

@Suite struct AuthenticationTests {
  private static let unauthorized = "401 The request you have made requires authentication."
  private static let system = #"{"system": {"all": true}}"#

  private func user(_ fields: String, password: String = #", "password": "secret""#) -> String {
    let user = "{\(fields)\(password)}"
    return #"{"auth": {"identity": {"methods": ["password"], "password": {"user": \#(user)}}}}"#
  }

  @Test func `a password and a project give a token that says so`() throws {
    var desk = Desk()
    let answer = desk.authenticate(Desk.login())
    #expect(answer.status == 201)
    let id = try #require(answer.subjectToken)
    #expect(id.hasPrefix("gAAAAA") && id.utf8.count == 183)
    let token = try answer.tokenBody()
    #expect(token["methods"] as? [String] == ["password"])
    #expect(token["expires_at"] as? String == "2027-01-15T09:00:00.000000Z")
    #expect(token["issued_at"] as? String == "2027-01-15T08:00:00.000000Z")
    #expect((token["project"] as? [String: Any])?["name"] as? String == "admin")
    #expect((token["audit_ids"] as? [String])?.count == 1)
    // What is read back from the token is what was told, but for the order of the methods.
    let read = try desk.validate(id, by: id).tokenBody()
    #expect(read as NSDictionary == token as NSDictionary)
  }

  @Test(arguments: [
    #""name": "admin", "domain": {"name": "Default"}"#,
    #""name": "admin", "domain": {"id": "default"}"#,
    #""id": "\#(IdentitySeed.id("user", "Default", "admin"))""#,
  ]) func `a user is found by name in a domain, or by id`(fields: String) throws {
    var desk = Desk()
    let token = try desk.authenticate(user(fields)).tokenBody()
    #expect((token["user"] as? [String: Any])?["name"] as? String == "admin")
  }

  @Test func `whatever is wrong with user, password or scope is told as the same 401`() {
    var desk = Desk()
    let bodies = [
      Desk.login(password: "wrong"), Desk.login("nobody"),
      Desk.login(scope: Desk.project("nothing")),
      Desk.login(scope: Desk.project("demo")), Desk.login("demo", scope: Desk.project("admin")),
      Desk.login("demo", scope: Self.system), Desk.login(scope: #"{"domain": {"id": "default"}}"#),
      Desk.login(scope: #"{"domain": {"name": "None"}}"#),
      Desk.login(scope: #"{"project": {"id": "x"}}"#),
      Desk.login(scope: #"{"project": {"name": "admin", "domain": {"name": "None"}}}"#),
      user(#""name": "admin", "domain": {"name": "None"}"#), user(#""id": "x""#),
      user(#""name": "admin", "domain": {"id": "default"}"#, password: ""),
      #"{"auth": {"identity": {"methods": []}}}"#,
    ]
    for body in bodies {
      let answer = desk.authenticate(body)
      #expect(answer.error == Self.unauthorized, "\(body)")
      #expect(answer.field("WWW-Authenticate") == "Keystone uri=\"http://k:5000/v3\"")
      #expect(answer.field("Vary") == "X-Auth-Token" && answer.subjectToken == nil)
    }
  }

  @Test func `a disabled user is refused`() {
    var seed = IdentitySeed.standard
    seed.users[0].enabled = false
    var desk = Desk()
    desk.store = IdentityStore(seed)
    #expect(desk.authenticate(Desk.login()).error == Self.unauthorized)
  }

  @Test func `each scope is in the token`() throws {
    var seed = IdentitySeed.standard
    seed.grants.append(.init(user: "admin", role: "reader", target: .domain("Default")))
    var desk = Desk()
    desk.store = IdentityStore(seed)
    for (scope, key, size) in [
      (nil, nil, 162), (#""unscoped""#, nil, 162),
      (#"{"domain": {"name": "Default"}}"#, "domain", 162),
      (Self.system, "system", 162), (Desk.project("admin"), "project", 183),
    ] as [(String?, String?, Int)] {
      let answer = desk.authenticate(Desk.login(scope: scope))
      let token = try answer.tokenBody()
      for name in ["project", "domain", "system"] {
        #expect((token[name] != nil) == (name == key), "\(scope ?? "none") \(name)")
      }
      #expect((token["roles"] != nil) == (key != nil) && (token["catalog"] != nil) == (key != nil))
      #expect(answer.subjectToken?.utf8.count == size)
    }
  }

  @Test func `roles include those that are implied`() throws {
    var desk = Desk()
    func roles(_ body: String) throws -> [String] {
      let roles = try #require(desk.authenticate(body).tokenBody()["roles"] as? [[String: Any]])
      return roles.compactMap { $0["name"] as? String }
    }
    #expect(try roles(Desk.login()) == ["admin", "manager", "member", "reader"])
    #expect(try roles(Desk.login("demo", scope: Desk.project("demo"))) == ["member", "reader"])
  }

  @Test func `a token for a token keeps the end and the root, and adds a method`() throws {
    var desk = Desk()
    let first = desk.authenticate(Desk.login(scope: nil))
    let root = try first.tokenBody()
    desk.now = desk.now + .seconds(600)
    let second = desk.authenticate(Desk.rescope(first.subjectToken!, Desk.project("admin")))
    let child = try second.tokenBody()
    #expect(child["methods"] as? [String] == ["token", "password"])
    #expect(child["expires_at"] as? String == root["expires_at"] as? String)
    #expect(child["issued_at"] as? String == "2027-01-15T08:10:00.000000Z")
    let rootID = try #require((root["audit_ids"] as? [String])?.first)
    let childIDs = try #require(child["audit_ids"] as? [String])
    #expect(childIDs.count == 2 && childIDs[1] == rootID && childIDs[0] != rootID)
    let third = try desk.authenticate(Desk.rescope(second.subjectToken!, nil)).tokenBody()
    let grandchildIDs = try #require(third["audit_ids"] as? [String])
    #expect(grandchildIDs.count == 2 && grandchildIDs[1] == rootID)
    #expect(grandchildIDs[0] != childIDs[0])
    #expect(third["project"] == nil)
  }

  /// As a real 2026.1 answers.
  @Test func `a bad token is told as one that is asked about`() throws {
    var desk = Desk()
    let answer = desk.authenticate(Desk.rescope("bad", nil))
    #expect(answer.error == "404 Could not recognize Fernet token")
    #expect(answer.text.hasSuffix("}\n"))
    #expect(desk.authenticate(Desk.rescope("", nil)).error == "404 No token in the request")
    var gone = desk.payload(project: nil)
    gone.userID = "8e8068beaa2748938b55b195905fbc8f"
    #expect(
      desk.authenticate(Desk.rescope(desk.forged(gone), nil)).error
        == "404 Could not find user: 8e8068beaa2748938b55b195905fbc8f.")
  }

  @Test func `password and token must be one person's`() throws {
    var desk = Desk()
    let demo = try desk.token(Desk.login("demo", scope: nil))
    let admin = try desk.token(Desk.login("admin", scope: nil))
    func both(_ token: String) -> String {
      #"{"auth": {"identity": {"methods": ["token", "password"], "token": {"id": "\#(token)"}, "#
        + #""password": {"user": {"name": "admin", "domain": {"id": "default"}, "#
        + #""password": "secret"}}}}}"#
    }
    #expect(desk.authenticate(both(demo)).error == Self.unauthorized)
    #expect(desk.authenticate(both(admin)).status == 201)
  }

  @Test func `a token of the system becomes none of a project or domain`() throws {
    var desk = Desk()
    let system = try desk.token(Desk.login(scope: Self.system))
    #expect(
      desk.authenticate(Desk.rescope(system, Desk.project("admin"))).error
        == "403 You are not authorized to perform the requested action: Using a system-scoped "
        + "token to create a project-scoped or domain-scoped token is not allowed..")
    #expect(desk.authenticate(Desk.rescope(system, Self.system)).status == 201)
    #expect(desk.authenticate(Desk.rescope(system, nil)).status == 201)
  }

  @Test func `a method that is not configured is told with those that are`() throws {
    for (release, count, challenged) in [("2026.2", 7, true), ("pike", 5, false)] {
      var desk = Desk(release)
      let answer = desk.authenticate(
        #"{"auth": {"identity": {"methods": ["totp"], "totp": {"user": {}}}}}"#)
      #expect(answer.error == "401 Attempted to authenticate with an unsupported method.")
      let error = try #require(try answer.json()["error"] as? [String: Any])
      let identity = try #require(error["identity"] as? [String: Any])
      #expect((identity["methods"] as? [String])?.count == count)
      #expect((answer.field("WWW-Authenticate") != nil) == challenged)
    }
  }

  @Test(arguments: ["external", "ec2credential"])
  func `a method that nobody here can use is a failed authentication`(method: String) {
    var desk = Desk()
    let answer = desk.authenticate(
      #"{"auth": {"identity": {"methods": ["\#(method)"], "\#(method)": {}}}}"#)
    #expect(answer.error == Self.unauthorized)
  }

  @Test func `before Queens there is no system to be scoped to`() {
    var desk = Desk("pike")
    let answer = desk.authenticate(Desk.login(scope: Self.system))
    #expect(
      answer.error.hasPrefix("400 Expecting to find project, domain, OS-TRUST:trust or unscoped"))
  }

  @Test func `the catalog is left out on request`() throws {
    var desk = Desk()
    let answer = desk.authenticate(Desk.login(), query: "?nocatalog")
    #expect(try answer.tokenBody()["catalog"] == nil)
    let token = try #require(answer.subjectToken)
    let read = desk.validate(token, by: token, "GET /v3/auth/tokens?nocatalog")
    #expect(try read.tokenBody()["catalog"] == nil)
    #expect(try desk.validate(token, by: token).tokenBody()["catalog"] != nil)
  }

  @Test func `the same seed gives the same tokens, another seed others`() throws {
    var a = Desk()
    var b = Desk()
    var c = Desk(seed: 2)
    #expect(a.authenticate(Desk.login()) == b.authenticate(Desk.login()))
    #expect(try a.token() == b.token())
    #expect(try a.token() != c.token())
  }

  @Test func `an answer that is not rendered has its status and token, and nothing else`() throws {
    var desk = Desk()
    let request = AuthRequest.password(
      user: "admin", userDomain: "Default", password: "secret", project: "admin",
      projectDomain: "Default")
    let answer = desk.service.answer(
      .authenticate(request, catalog: true), now: desk.now, base: Desk.base, rendered: false,
      store: &desk.store)
    #expect(answer.status == 201 && answer.body == [] && answer.fields == [])
    let token = answer.subjectToken
    let read = desk.service.answer(
      .validate(caller: token, subject: token, catalog: true, allowExpired: false), now: desk.now,
      base: Desk.base, rendered: false, store: &desk.store)
    #expect(read.status == 200 && read.body == [] && read.subjectToken == token)
  }
}
