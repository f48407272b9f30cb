// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import Testing

@testable import FalseworkKeystone

/// What a validator answers, by defect: as the subject's token (`X-Subject-Token`) and as the
/// caller's (`X-Auth-Token`).
@Suite struct TokenValidationTests {
  private static let unauthorized = "401 The request you have made requires authentication."
  private static let unexpected =
    "500 An unexpected error prevented the server from fulfilling your request."

  /// Both paths, with an admin's own token for the other header.
  private func ask(_ desk: inout Desk, _ token: String) throws -> (subject: String, caller: String)
  {
    let admin = try desk.token()
    return (desk.validate(token, by: admin).error, desk.validate(admin, by: token).error)
  }

  @Test func `a good token is told to its owner, to an admin, and to itself`() throws {
    var desk = Desk()
    let admin = try desk.token()
    let demo = try desk.token(Desk.login("demo", scope: Desk.project("demo")))
    for (subject, caller) in [(demo, demo), (demo, admin), (admin, admin)] {
      let answer = desk.validate(subject, by: caller)
      #expect(answer.status == 200 && answer.subjectToken == subject)
      #expect(answer.contentType == .json && answer.field("Vary") == "X-Auth-Token")
      #expect(try answer.tokenBody()["methods"] as? [String] == ["password"])
    }
    let refused = desk.validate(admin, by: demo)
    #expect(
      refused.error
        == "403 You are not authorized to perform the requested action: identity:validate_token.")
    #expect(refused.subjectToken == nil)
  }

  /// Seen on keystone 29.1.0: its own exception is JSON, a `ValueError` is the container's.
  @Test(arguments: [
    (FernetKeyRepository.Defect.noKeys, "2026.1", true), (.notAKey(number: 2), "2026.1", false),
    (.notAKey(number: 2), "rocky", true),
  ]) func `a repository of no use fails every token with 500, old ones and new ones`(
    defect: FernetKeyRepository.Defect, release: String, isJSON: Bool
  ) throws {
    var desk = Desk(release)
    let token = try desk.token()
    let keys = desk.service.options.keys
    desk.service.options.keys = FernetKeyRepository(defect: defect)
    for answer in [desk.validate(token, by: token), desk.validate("none", by: "none")] {
      #expect(answer.error == Self.unexpected)
    }
    let refused = desk.authenticate(Desk.login())
    #expect(refused.status == 500 && refused.subjectToken == nil)
    #expect((refused.contentType == .json) == isJSON)
    desk.service.options.keys = keys
    #expect(desk.validate(token, by: token).status == 200)
  }

  @Test func `HEAD is GET without the role service`() throws {
    var seed = IdentitySeed.standard
    seed.grants.append(.init(user: "demo", role: "service", target: .project("demo")))
    var desk = Desk()
    desk.store = IdentityStore(seed)
    let admin = try desk.token()
    let service = try desk.token(Desk.login("demo", scope: Desk.project("demo")))
    #expect(desk.validate(admin, by: service).status == 200)
    #expect(
      desk.validate(admin, by: service, "HEAD /v3/auth/tokens").error
        == "403 You are not authorized to perform the requested action: identity:check_token.")
    let head = desk.validate(service, by: admin, "HEAD /v3/auth/tokens")
    #expect(head.status == 200 && head.body.count > 100)
  }

  @Test func `a reader of the system may look at any token`() throws {
    var seed = IdentitySeed.standard
    seed.grants.append(.init(user: "demo", role: "reader", target: .system))
    var desk = Desk()
    desk.store = IdentityStore(seed)
    let admin = try desk.token()
    let reader = try desk.token(Desk.login("demo", scope: #"{"system": {"all": true}}"#))
    let member = try desk.token(Desk.login("demo", scope: Desk.project("demo")))
    #expect(desk.validate(admin, by: reader).status == 200)
    #expect(desk.validate(admin, by: reader, "HEAD /v3/auth/tokens").status == 200)
    #expect(desk.validate(admin, by: member).status == 403)
  }

  @Test func `no token is 404 for the subject and 401 for the caller`() throws {
    var desk = Desk()
    let admin = try desk.token()
    for missing in [nil, ""] as [String?] {
      #expect(desk.validate(missing, by: admin).error == "404 No token in the request")
      let answer = desk.validate(admin, by: missing)
      #expect(answer.error == Self.unauthorized)
      #expect(answer.field("WWW-Authenticate") == "Keystone uri=\"http://k:5000/v3\"")
      // The API's own way of writing, not the middleware's.
      #expect(answer.text.hasSuffix("}\n"))
    }
  }

  @Test(arguments: [
    ("2026.2", "Could not recognize Fernet token"), ("stein", "Could not recognize Fernet token"),
    ("rocky", "This is not a recognized Fernet token bad="),
    ("mitaka", "This is not a recognized Fernet token bad="),
    ("liberty", "This is not a recognized Fernet token"),
  ]) func `what is no token of this repository is not recognized`(
    release: String, message: String
  ) throws {
    var desk = Desk(release)
    let answers = try ask(&desk, "bad")
    #expect(answers.subject == "404 " + message)
    #expect(answers.caller == Self.unauthorized)
  }

  @Test func `whose token is no good is nobody, whom the API refuses`() throws {
    var desk = Desk()
    let answer = desk.validate(try desk.token(), by: "bad")
    #expect(answer.text.hasPrefix(#"{"error":{"code":401,"message":"The request you have made "#))
    #expect(answer.field("WWW-Authenticate") != nil && answer.field("Vary") != nil)
  }

  @Test func `a payload of another version is told, and refused`() throws {
    var desk = Desk("queens")
    var newer = Desk().service.payloadFormat
    newer.methods = desk.service.payloadFormat.methods
    var token = desk.payload()
    token.thumbprint = "dGh1bWI"
    let answers = try ask(&desk, desk.forged(try newer.encode(token)))
    #expect(answers.subject == "404 This is not a recognized Fernet payload version: 10")
    #expect(answers.caller == Self.unauthorized)
  }

  @Test func `an expired token has failed, one within the window may be asked for`() throws {
    var desk = Desk()
    let token = try desk.token()
    desk.now = desk.now + .seconds(3_599)
    let admin = try desk.token()
    #expect(desk.validate(token, by: admin).status == 200)
    desk.now = desk.now + .seconds(1)
    #expect(desk.validate(token, by: admin).error == "404 Failed to validate token")
    #expect(desk.validate(admin, by: token).error == Self.unauthorized)
    let allowed = "GET /v3/auth/tokens?allow_expired=1"
    #expect(desk.validate(token, by: admin, allowed).status == 200)
    // Never for the caller.
    #expect(desk.validate(admin, by: token, allowed).error == Self.unauthorized)
    desk.now = desk.now + .seconds(172_800)
    let later = try desk.token()
    #expect(desk.validate(token, by: later, allowed).error == "404 Failed to validate token")
  }

  @Test func `a token from the future is good`() throws {
    var desk = Desk()
    var token = desk.payload()
    token.issuedAt = desk.now + .seconds(3_600)
    #expect(desk.validate(desk.forged(token), by: try desk.token()).status == 200)
  }

  @Test func `a row that is gone is 404 on both paths`() throws {
    var desk = Desk()
    var user = desk.payload(project: nil)
    user.userID = "8e8068beaa2748938b55b195905fbc8f"
    var project = desk.payload()
    project.projectID = "26d4205fcfab4bcaba46e32a742e5d46"
    var domain = desk.payload(project: nil)
    domain.domainID = "c0ffee00d00d4bad8badf00dfeedface"
    for (token, message) in [
      (user, "404 Could not find user: 8e8068beaa2748938b55b195905fbc8f."),
      (project, "404 Could not find project: 26d4205fcfab4bcaba46e32a742e5d46."),
      (domain, "404 Could not find domain: c0ffee00d00d4bad8badf00dfeedface."),
    ] {
      let answers = try ask(&desk, desk.forged(token))
      #expect(answers.subject == message && answers.caller == message)
    }
  }

  @Test func `without roles on its scope a token is not found`() throws {
    var desk = Desk()
    let token = desk.forged(desk.payload(user: "demo", project: "admin"))
    let answers = try ask(&desk, token)
    #expect(answers.subject == "404 Could not find token: \(token).")
    #expect(answers.caller == Self.unauthorized)
  }

  @Test(arguments: ["2025.2", "2026.1"])
  func `a user disabled behind Keystone's back loses the tokens from 2026_1 on`(
    release: String
  ) throws {
    var seed = IdentitySeed.standard
    seed.users[1].enabled = false
    var desk = Desk(release)
    desk.store = IdentityStore(seed)
    let token = desk.forged(desk.payload(user: "demo", project: nil))
    let subject = desk.validate(token, by: try desk.token())
    #expect(
      release == "2025.2"
        ? subject.status == 200 : subject.error == "404 Could not find token: \(token).")
    #expect(desk.validate(token, by: token).status == (release == "2025.2" ? 200 : 401))
  }

  @Test func `a payload that is cut is an exception: the container's, the middleware's, or JSON`()
    throws
  {
    var desk = Desk()
    let cut = desk.forged([0x93, 0x00, 0x01])
    let subject = desk.validate(cut, by: try desk.token())
    #expect(subject.status == 500 && subject.contentType == .text)
    #expect(subject.text == "Internal Server Error" && subject.fields == [])
    let caller = desk.validate(cut, by: cut)
    #expect(caller.error == Self.unexpected)
    #expect(caller.field("x-openstack-request-id") != nil)
    var old = Desk("rocky")
    let answers = try ask(&old, old.forged([0x93, 0x00, 0x01]))
    #expect(answers.subject == Self.unexpected && answers.caller == Self.unexpected)
  }

  @Test func `a payload that is no list is Python's TypeError`() throws {
    var desk = Desk()
    let answers = try ask(&desk, desk.forged([0x05]))
    #expect(answers.subject == "400 'int' object is not subscriptable")
    #expect(answers.caller == answers.subject)
  }

  @Test(arguments: ["2025.1", "2026.2"])
  func `a revoked token has failed, and so have those made from it, from 2026_2 on`(
    release: String
  ) throws {
    var desk = Desk(release)
    let cascades = release == "2026.2"
    let root = try desk.token()
    let child = try desk.token(Desk.rescope(root, nil))
    let grandchild = try desk.token(Desk.rescope(child, Desk.project("admin")))
    let admin = try desk.token()
    let answer = desk.ask(
      "DELETE /v3/auth/tokens", ["X-Auth-Token": admin, "X-Subject-Token": root])
    #expect(answer.status == 204 && answer.body == [] && answer.contentType == .none)
    #expect(desk.validate(root, by: admin).error == "404 Failed to validate token")
    #expect(desk.validate(admin, by: root).error == Self.unauthorized)
    for made in [child, grandchild] {
      #expect(desk.validate(made, by: admin).status == (cascades ? 404 : 200))
    }
    #expect(desk.validate(admin, by: admin).status == 200)
    // Expired tokens are not shown either, where they were revoked.
    #expect(desk.validate(root, by: admin, "GET /v3/auth/tokens?allow_expired=1").status == 404)
  }

  @Test func `one token alone is revoked without the cascade`() throws {
    var desk = Desk()
    let root = try desk.token()
    let child = try desk.token(Desk.rescope(root, nil))
    let answer = desk.ask(
      "DELETE /v3/auth/tokens?cascade=false", ["X-Auth-Token": root, "X-Subject-Token": root])
    #expect(answer.status == 204)
    #expect(desk.validate(child, by: child).status == 200)
    #expect(desk.validate(root, by: child).status == 404)
  }

  @Test func `one may revoke one's own tokens, and only an admin others'`() throws {
    var desk = Desk()
    let admin = try desk.token()
    let demo = try desk.token(Desk.login("demo", scope: Desk.project("demo")))
    let refused = desk.ask(
      "DELETE /v3/auth/tokens", ["X-Auth-Token": demo, "X-Subject-Token": admin])
    #expect(
      refused.error
        == "403 You are not authorized to perform the requested action: identity:revoke_token.")
    let own = desk.ask("DELETE /v3/auth/tokens", ["X-Auth-Token": demo, "X-Subject-Token": demo])
    #expect(own.status == 204)
    #expect(desk.ask("DELETE /v3/auth/tokens", ["X-Auth-Token": admin]).status == 404)
  }

  @Test
  func `UUID tokens are rows: unknown, revoked and expired ones are not found or have failed`()
    throws
  {
    var desk = Desk("newton", .uuid)
    let token = try desk.token()
    #expect(token.utf8.count == 32)
    let admin = try desk.token()
    #expect(desk.validate(token, by: admin).status == 200)
    let unknown = "8e8068beaa2748938b55b195905fbc8f"
    #expect(desk.validate(unknown, by: admin).error == "404 Could not find token: \(unknown).")
    #expect(desk.validate(admin, by: unknown).error == Self.unauthorized)
    _ = desk.ask("DELETE /v3/auth/tokens", ["X-Auth-Token": admin, "X-Subject-Token": token])
    #expect(desk.validate(token, by: admin).error == "404 Could not find token: \(token).")
    desk.now = desk.now + .seconds(3_600)
    #expect(desk.validate(admin, by: admin).error == Self.unauthorized)
  }

  @Test func `a node with other keys knows nothing of this one's tokens`() throws {
    var desk = Desk()
    var other = Desk()
    var generator = SeededGenerator(seed: 8, stream: "keys")
    other.service.options.keys = .setup(using: &generator)
    let answer = other.validate(try desk.token(), by: try other.token())
    #expect(answer.error == "404 Could not recognize Fernet token")
  }

  @Test func `a release that is set anew reads and writes as that one does`() throws {
    var desk = Desk("rocky")
    let old = try desk.token()
    desk.service.release = Release(named: "stein")!
    #expect(desk.validate(old, by: old).status == 200)
    var token = desk.payload(project: nil)
    token.system = "all"
    let system = desk.forged(token)
    #expect(desk.validate(system, by: old).status == 200)
    desk.service.release = Release(named: "pike")!
    #expect(
      desk.validate(system, by: old).error
        == "404 This is not a recognized Fernet payload version: 8")
  }
}
