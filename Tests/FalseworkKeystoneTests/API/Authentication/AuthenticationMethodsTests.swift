// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkCrypto
import Testing

@testable import FalseworkKeystone

struct AuthenticationMethodsTests {
  private static let unauthorized =
    "401 The request you have made requires authentication."
  private static let admin = IdentitySeed.id("user", "Default", "admin")
  private static let demo = IdentitySeed.id("user", "Default", "demo")
  private static let demoProject = IdentitySeed.id("project", "Default", "demo")
  private static let member = IdentitySeed.id("role", "member")

  private static func body(_ method: String, _ data: String, scope: String? = nil) -> String {
    let scope = scope.map { #", "scope": \#($0)"# } ?? ""
    return #"{"auth": {"identity": {"methods": ["\#(method)"], "\#(method)": \#(data)}\#(scope)}}"#
  }

  // MARK: One-time passwords

  /// RFC 6238, appendix B, whose eight digits end in Keystone's six.
  @Test(arguments: [
    (Int64(59), "287082"), (1_111_111_109, "081804"), (1_234_567_890, "005924"),
    (2_000_000_000, "279037"),
  ]) func `a passcode is that of the moment`(seconds: Int64, passcode: String) {
    let secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    #expect(TOTP.passcode(secret, now: UTCTime(seconds: seconds), back: 0) == passcode)
    #expect(TOTP.passcode(secret, now: UTCTime(seconds: seconds + 30), back: 1) == passcode)
    #expect(TOTP.passcode("1!", now: UTCTime(seconds: seconds), back: 0) == nil)
  }

  @Test func `a passcode of this window and of the one before are good`() throws {
    var desk = Desk()
    desk.service.options.authMethods = ["password", "token", "totp"]
    let secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    desk.store.put(
      IdentityStore.Credential(
        id: "c", userID: Self.demo, projectID: nil, type: "totp", blob: secret))
    for (age, status) in [(0, 201), (30, 201), (60, 401), (-30, 401)] as [(Int64, Int)] {
      let time = UTCTime(seconds: desk.now.seconds - age)
      let code = try #require(TOTP.passcode(secret, now: time, back: 0))
      let answer = desk.authenticate(
        Self.body("totp", #"{"user": {"id": "\#(Self.demo)", "passcode": "\#(code)"}}"#))
      #expect(answer.status == status, "\(age)")
    }
  }

  // MARK: Application credentials

  private func withCredential(_ release: String = "2026.1") -> Desk {
    var desk = Desk(release)
    var row = IdentityStore.ApplicationCredential(
      id: "e00a6ae5eda841ada5d1f576ef6ab328", name: "app", userID: Self.demo,
      projectID: Self.demoProject, secret: "s3cret")
    row.roleIDs = [Self.member]
    desk.store.put(row)
    return desk
  }

  @Test func `an application credential logs in to its project, by id or by name`() throws {
    var desk = withCredential()
    for named in [
      #""id": "e00a6ae5eda841ada5d1f576ef6ab328""#,
      #""name": "app", "user": {"id": "\#(Self.demo)"}"#,
      #""name": "app", "user": {"name": "demo", "domain": {"id": "default"}}"#,
    ] {
      let answer = desk.authenticate(
        Self.body("application_credential", #"{\#(named), "secret": "s3cret"}"#))
      let token = try answer.tokenBody()
      #expect(token["methods"] as? [String] == ["application_credential"])
      let project = try #require(token["project"] as? [String: Any])
      #expect(project["id"] as? String == Self.demoProject)
      let roles = try #require(token["roles"] as? [[String: Any]])
      #expect(roles.compactMap { $0["name"] as? String } == ["member"], "implied ones do not come")
      let shown = try #require(token["application_credential"] as? [String: Any])
      #expect(shown["name"] as? String == "app" && shown["restricted"] as? Bool == true)
    }
  }

  @Test func `an application credential that is wrong, over or unknown is refused`() {
    var desk = withCredential()
    let id = "e00a6ae5eda841ada5d1f576ef6ab328"
    func ask(_ data: String, scope: String? = nil) -> String {
      desk.authenticate(Self.body("application_credential", data, scope: scope)).error
    }
    #expect(ask(#"{"id": "\#(id)", "secret": "x"}"#) == Self.unauthorized)
    #expect(ask(#"{"id": "x", "secret": "x"}"#) == "404 Could not find Application Credential: x.")
    #expect(
      ask(#"{"id": "\#(id)", "secret": "s3cret"}"#, scope: #""unscoped""#)
        == "401 Error authenticating with application credential: Application credentials cannot "
        + "request a scope.")
    var row = desk.store.applicationCredentials[id]!
    row.expiresAt = desk.now
    desk.store.put(row)
    #expect(ask(#"{"id": "\#(id)", "secret": "s3cret"}"#) == Self.unauthorized)
  }

  @Test func `a service that does not know access rules is not told of a token with some`() throws {
    var desk = withCredential()
    var row = desk.store.applicationCredentials["e00a6ae5eda841ada5d1f576ef6ab328"]!
    desk.store.put(
      IdentityStore.AccessRule(
        id: "r", userID: Self.demo, service: "compute", path: "/v2.1", method: "GET"))
    row.accessRuleIDs = ["r"]
    desk.store.put(row)
    let token = try desk.token(
      Self.body("application_credential", #"{"id": "\#(row.id)", "secret": "s3cret"}"#))
    #expect(desk.validate(token, by: token).error == "404 Failed to validate token")
    let answer = desk.ask(
      "GET /v3/auth/tokens",
      [
        "X-Auth-Token": token, "X-Subject-Token": token, "OpenStack-Identity-Access-Rules": "1.0",
      ])
    let shown = try #require(try answer.tokenBody()["application_credential"] as? [String: Any])
    let rules = try #require(shown["access_rules"] as? [[String: Any]])
    #expect(rules.first?["service"] as? String == "compute")
  }

  // MARK: Trusts

  private func withTrust(impersonation: Bool, _ release: String = "2026.1") -> Desk {
    var desk = Desk(release)
    var trust = IdentityStore.Trust(
      id: "f87ca3b1341e4d289420643d811c965a", trustorUserID: Self.demo, trusteeUserID: Self.admin,
      projectID: Self.demoProject, impersonation: impersonation)
    trust.roleIDs = [Self.member]
    desk.store.put(trust)
    return desk
  }

  private static let trusted = Desk.login(
    scope: #"{"OS-TRUST:trust": {"id": "f87ca3b1341e4d289420643d811c965a"}}"#)

  @Test(arguments: [true, false]) func `a trust lends what was entrusted`(impersonation: Bool)
    throws
  {
    var desk = withTrust(impersonation: impersonation)
    let answer = desk.authenticate(Self.trusted)
    let token = try answer.tokenBody()
    let user = try #require(token["user"] as? [String: Any])
    #expect(user["name"] as? String == (impersonation ? "demo" : "admin"))
    let trust = try #require(token["OS-TRUST:trust"] as? [String: Any])
    #expect(trust["impersonation"] as? Bool == impersonation)
    #expect((trust["trustor_user"] as? [String: String])?["id"] == Self.demo)
    let roles = try #require(token["roles"] as? [[String: Any]])
    #expect(roles.compactMap { $0["name"] as? String }.sorted() == ["member", "reader"])
    let second = desk.authenticate(Desk.rescope(answer.subjectToken!, nil))
    #expect(
      second.error.hasPrefix("403 You are not authorized to perform the requested action: Usi"))
  }

  @Test func `a trust is used up, and is for the trustee alone`() {
    var desk = withTrust(impersonation: false)
    var trust = desk.store.trusts["f87ca3b1341e4d289420643d811c965a"]!
    trust.remainingUses = 1
    desk.store.put(trust)
    #expect(
      desk.authenticate(
        Desk.login("demo", scope: #"{"OS-TRUST:trust": {"id": "\#(trust.id)"}}"#)
      ).status == 403)
    #expect(desk.authenticate(Self.trusted).status == 201)
    #expect(desk.authenticate(Self.trusted).error == Self.unauthorized)
  }

  @Test func `since 2026_2 a token ends with its trust`() throws {
    for (release, capped) in [("2026.1", false), ("2026.2", true)] {
      var desk = withTrust(impersonation: false, release)
      var trust = desk.store.trusts["f87ca3b1341e4d289420643d811c965a"]!
      trust.expiresAt = desk.now + .seconds(60)
      desk.store.put(trust)
      let end = try desk.authenticate(Self.trusted).tokenBody()["expires_at"] as? String
      #expect((end == trust.expiresAt?.iso8601(microseconds: true)) == capped)
    }
  }

  // MARK: A login in front

  @Test func `a login in front of the node is believed only where it is told to`() throws {
    var desk = Desk()
    let body = Self.body("external", "{}")
    let fields = ["Content-Type": "application/json", "X-Environment-REMOTE_USER": "demo"]
    #expect(desk.ask("POST /v3/auth/tokens", fields, body: body).error == Self.unauthorized)
    desk.service.options.believesEnvironment = true
    let answer = desk.ask("POST /v3/auth/tokens", fields, body: body)
    #expect(try answer.tokenBody()["methods"] as? [String] == ["external"])
    #expect(
      desk.ask(
        "POST /v3/auth/tokens", fields.merging(["X-Environment-Remote-User": "x"]) { $1 },
        body: body
      ).error == Self.unauthorized)
  }

  // MARK: Users

  @Test func `an expired password is told, after it was right`() {
    var desk = Desk()
    var user = desk.store.user(Self.demo)!
    user.passwordExpiresAt = desk.now
    desk.store.put(user)
    #expect(
      desk.authenticate(Desk.login("demo", scope: nil)).error
        == "401 The password is expired and needs to be changed for user: \(Self.demo).")
    #expect(
      desk.authenticate(Desk.login("demo", password: "x", scope: nil)).error == Self.unauthorized)
    user.options["ignore_password_expiry"] = .bool(true)
    desk.store.put(user)
    #expect(desk.authenticate(Desk.login("demo", scope: nil)).status == 201)
  }

  @Test func `a login without a scope lands in the default project, if the user has a role there`()
    throws
  {
    var desk = Desk()
    var user = desk.store.user(Self.demo)!
    for (project, lands) in [
      (Self.demoProject, true), (IdentitySeed.id("project", "Default", "admin"), false),
      ("gone", false),
    ] {
      user.defaultProjectID = project
      desk.store.put(user)
      let token = try desk.authenticate(Desk.login("demo", scope: nil)).tokenBody()
      #expect((token["project"] != nil) == lands, "\(project)")
    }
    let unscoped = try desk.authenticate(Desk.login("demo", scope: #""unscoped""#)).tokenBody()
    #expect(unscoped["project"] == nil)
  }
}
