// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import Testing

@testable import FalseworkKeystone

/// What a validator answers by defect, cell by cell of the measured table: as the subject's token,
/// and as the caller's, by release.
@Suite struct TokenDefectTests {
  private static let generic = "401 The request you have made requires authentication."
  private static let json =
    "500 An unexpected error prevented the server from fulfilling your request."
  /// The container's own page: without Keystone's fields.
  private static let container = "500 by the container"

  /// How a token is made wrong.
  enum Defect: String {
    case noBase64, otherKey, changed, otherVersion, expired, revoked
    case cut, wrongType, notUTF8, asciiOldDialect, foreignDomain
    case integer, noBytes
    case noUser, noProject, noDomain, projectDisabled, domainDisabled, userDomainDisabled, noRoles
    case trustLostRoles, notTrustee, trustorDisabled, accessRules
  }

  struct Cell: CustomTestStringConvertible {
    var defect: Defect
    var releases: [String]
    var subject: String
    var caller: String

    init(_ defect: Defect, _ releases: [String], _ subject: String, _ caller: String) {
      self.defect = defect
      self.releases = releases
      self.subject = subject
      self.caller = caller
    }

    var testDescription: String { "\(defect) \(releases)" }
  }

  private static let all = [
    "2015.1.4", "8.1.2", "9.0.0", "12.0.3", "14.2.0", "15.0.1", "17.0.1", "23.0.1", "30.0.0",
  ]
  private static let webob = ["2015.1.4", "8.1.2", "9.0.0", "12.0.3", "14.2.0"]
  private static let flask = ["15.0.1", "17.0.1", "18.1.0", "23.0.1", "29.0.0", "30.0.0"]
  private static let quoting = ["9.0.0", "12.0.3", "14.2.0"]
  private static let plain = ["2015.1.4", "8.1.2"]
  private static let notFound = "404 This is not a recognized Fernet"

  static let cells: [Cell] = [
    Cell(.noBase64, flask, "404 Could not recognize Fernet token", generic),
    Cell(.otherKey, flask, "404 Could not recognize Fernet token", generic),
    Cell(.changed, flask, "404 Could not recognize Fernet token", generic),
    Cell(.noBase64, quoting, "\(notFound) token !!!!", generic),
    Cell(.otherKey, quoting, "\(notFound) token TOKEN", generic),
    Cell(.noBase64, plain, "\(notFound) token", generic),
    Cell(.otherKey, plain, "\(notFound) token", generic),
    Cell(.noBase64, ["2015.1.0"], generic, generic),
    Cell(.otherKey, ["2015.1.0"], generic, generic),
    Cell(
      .otherVersion, Array(all.dropFirst()), "\(notFound) payload version: 42", generic),
    Cell(.otherVersion, ["2015.1.4"], "\(notFound) payload version: 42", generic),
    Cell(.otherVersion, ["2015.1.0"], generic, generic),
    Cell(.expired, all, "404 Failed to validate token", generic),
    Cell(.revoked, all, "404 Failed to validate token", generic),
    Cell(.cut, flask, container, json), Cell(.cut, webob, json, json),
    Cell(.wrongType, flask, container, json), Cell(.wrongType, webob, json, json),
    Cell(.notUTF8, ["18.1.0", "30.0.0"], container, json),
    Cell(.asciiOldDialect, ["18.1.0", "22.0.2", "30.0.0"], container, json),
    Cell(.foreignDomain, flask, container, json), Cell(.foreignDomain, webob, json, json),
    Cell(
      .integer, flask, "400 'int' object is not subscriptable",
      "400 'int' object is not subscriptable"),
    Cell(
      .integer, ["12.0.3", "14.2.0"], "400 'int' object has no attribute '__getitem__'",
      "400 'int' object has no attribute '__getitem__'"),
    Cell(
      .noBytes, ["18.1.0", "30.0.0"], "400 a bytes-like object is required, not 'str'",
      "400 a bytes-like object is required, not 'str'"),
    Cell(.noUser, all, "404 Could not find user: GONE.", "404 Could not find user: GONE."),
    Cell(
      .noProject, all, "404 Could not find project: GONE.", "404 Could not find project: GONE."),
    Cell(.noDomain, all, "404 Could not find domain: GONE.", "404 Could not find domain: GONE."),
    Cell(
      .projectDisabled, all, "404 Unable to validate token because project PROJECT is disabled",
      "404 Unable to validate token because project PROJECT is disabled"),
    Cell(
      .domainDisabled, all, "404 Unable to validate token because domain DOMAIN is disabled",
      "404 Unable to validate token because domain DOMAIN is disabled"),
    Cell(
      .userDomainDisabled, all, "404 Unable to validate token because domain DOMAIN is disabled",
      "404 Unable to validate token because domain DOMAIN is disabled"),
    Cell(.noRoles, all, "404 Could not find token: TOKEN.", generic),
    Cell(.trustLostRoles, all, "403", "403"), Cell(.notTrustee, all, "403", "403"),
    Cell(.trustorDisabled, all, "403", "403"),
    Cell(
      .accessRules, ["16.0.0", "23.0.1", "30.0.0"], "404 Failed to validate token", "200"),
    Cell(.accessRules, ["13.0.4", "15.0.1"], "200", "200"),
  ]

  @Test(arguments: cells) func `a defect is answered as it was measured, on both paths`(cell: Cell)
    throws
  {
    for release in cell.releases {
      var desk = Desk(release)
      let admin = desk.forged(desk.payload(project: "demo"))
      Self.grantAdmin(&desk.store)
      let token = try Self.spoil(&desk, cell.defect)
      func expected(_ text: String) -> String {
        text.replacing("TOKEN", with: token).replacing("GONE", with: Self.gone)
          .replacing("PROJECT", with: Self.project).replacing("DOMAIN", with: Self.domain)
      }
      let subject = Self.kind(desk.validate(token, by: admin))
      let caller = Self.kind(desk.validate(admin, by: token))
      let place = Comment(rawValue: "\(cell.defect) on \(release)")
      let wanted = expected(cell.subject)
      #expect(wanted.utf8.count == 3 ? subject.hasPrefix(wanted) : subject == wanted, place)
      let other = expected(cell.caller)
      #expect(other.utf8.count == 3 ? caller.hasPrefix(other) : caller == other, place)
    }
  }

  /// Status and message, and for a 500 who wrote it.
  private static func kind(_ answer: KeystoneAnswer) -> String {
    if answer.status < 400 { return "\(answer.status)" }
    guard answer.contentType != .json else {
      #expect(answer.field("x-openstack-request-id") != nil)
      return answer.error
    }
    #expect(answer.fields.isEmpty)
    return "\(answer.status) by the container"
  }

  private static let gone = "d3adbeefd3adbeefd3adbeefd3adbeef"
  private static let project = IdentitySeed.id("project", "Default", "admin")
  private static let domain = "c0ffee00d00d4bad8badf00dfeedface"
  private static let trust = "f87ca3b1341e4d289420643d811c965a"
  private static let credential = "e00a6ae5eda841ada5d1f576ef6ab328"
  private static let trustor = "aaaabbbbccccddddaaaabbbbccccdddd"

  /// The asker is admin on another project than the one that is spoilt.
  private static func grantAdmin(_ store: inout IdentityStore) {
    let user = IdentitySeed.id("user", "Default", "admin")
    let role = store.roles(of: user, on: .project(project))[0].id
    store.put(
      IdentityStore.Grant(
        actor: .user(user), roleID: role,
        target: .project(IdentitySeed.id("project", "Default", "demo"))))
  }

  private static func spoil(_ desk: inout Desk, _ defect: Defect) throws -> String {
    switch defect {
    case .noBase64: return "!!!!"
    case .otherKey:
      var other = desk
      other.service.options.keys = FernetKeyRepository([0: FernetKey(bytes: Array(0..<32))])
      // Of a length without padding, so that no release stumbles over that.
      var token = desk.payload()
      token.trustID = trust
      return other.forged(token)
    case .changed:
      var text = Array(desk.forged(desk.payload()).utf8)
      text[60] = text[60] == 0x41 ? 0x42 : 0x41
      return String(decoding: text, as: UTF8.self)
    case .otherVersion: return desk.forged(packed(.integer(42), pair(gone), .integer(2)))
    case .cut: return desk.forged([0x93, 0x00])
    case .wrongType: return desk.forged(packed(.integer(0), .array([.bool(true), .binary([1])])))
    case .notUTF8: return desk.forged(packed(.integer(0), .array([.bool(false), .binary([0xFF])])))
    case .asciiOldDialect:
      let id = MessagePack.Value.string([UInt8](repeating: 0x11, count: 16))
      return desk.forged(
        packed(.integer(0), .array([.bool(true), id]), .integer(2), .double(2e9), .array([id])))
    case .foreignDomain:
      return desk.forged(
        packed(
          .integer(1), pair(gone), .integer(2), .string(Array("other".utf8)), .double(2e9),
          .array([])))
    case .integer: return desk.forged([0x05])
    case .noBytes:
      return desk.forged(
        packed(
          .integer(0), .array([.bool(false), .string([0x75])]), .integer(2), .double(2e9),
          .array([.string([0x61])])))
    case .expired, .revoked, .noUser, .noProject, .noDomain, .projectDisabled, .domainDisabled,
      .userDomainDisabled, .noRoles, .trustLostRoles, .notTrustee, .trustorDisabled, .accessRules:
      return try spoilRows(&desk, defect)
    }
  }

  /// What is wrong with what a token names.
  private static func spoilRows(_ desk: inout Desk, _ defect: Defect) throws -> String {
    var token = desk.payload()
    switch defect {
    case .expired: token.expiresAt = desk.now
    case .revoked:
      token.auditIDs = ["gIGCg4SFhoeIiYqLjI2Ojw"]
      desk.store.revoke(
        token, storedAs: "", chain: false, until: desk.now + .seconds(60), now: desk.now)
    case .noUser: token.userID = gone
    case .noProject: token.projectID = gone
    case .noDomain:
      token.projectID = nil
      token.domainID = gone
    case .projectDisabled:
      var row = try #require(desk.store.project(project))
      row.enabled = false
      desk.store.put(row)
    case .domainDisabled, .userDomainDisabled:
      var coffee = IdentityStore.Project(id: domain, name: "coffee", domainID: nil)
      coffee.enabled = false
      desk.store.put(coffee)
      if defect == .domainDisabled {
        var row = try #require(desk.store.project(project))
        row.domainID = domain
        desk.store.put(row)
      } else {
        token.userID = trustor
        token.projectID = nil
        desk.store.put(
          IdentityStore.User(id: trustor, name: "t", domainID: domain, password: nil))
      }
    case .noRoles:
      token.userID = IdentitySeed.id("user", "Default", "demo")
    case .trustLostRoles, .notTrustee, .trustorDisabled: try spoilTrust(&desk, &token, defect)
    case .accessRules:
      let role = desk.store.roles(of: token.userID, on: .project(project))[0].id
      var row = IdentityStore.ApplicationCredential(
        id: credential, name: "app", userID: token.userID, projectID: project, secret: "s")
      row.roleIDs = [role]
      row.accessRuleIDs = ["rule"]
      desk.store.put(row)
      token.applicationCredentialID = credential
    default: preconditionFailure("\(defect) is no matter of rows")
    }
    return desk.forged(token)
  }

  private static func spoilTrust(
    _ desk: inout Desk, _ token: inout TokenPayload, _ defect: Defect
  ) throws {
    let role = desk.store.roles(of: token.userID, on: .project(project))[0].id
    let trustee = defect == .notTrustee ? gone : token.userID
    desk.store.put(
      IdentityStore.User(
        id: trustor, name: "t", domainID: "default", password: nil,
        enabled: defect != .trustorDisabled))
    if defect != .trustLostRoles {
      desk.store.put(
        IdentityStore.Grant(actor: .user(trustor), roleID: role, target: .project(project)))
    }
    var row = IdentityStore.Trust(
      id: trust, trustorUserID: trustor, trusteeUserID: trustee, projectID: project,
      impersonation: false)
    row.roleIDs = [role]
    desk.store.put(row)
    token.trustID = trust
  }

  private static func pair(_ id: String) -> MessagePack.Value {
    .array([.bool(true), .binary(UUIDText.bytes(of: id)!)])
  }

  private static func packed(_ values: MessagePack.Value...) -> [UInt8] {
    var bytes: [UInt8] = []
    MessagePack.encode(.array(values), dialect: .bin, into: &bytes)
    return bytes
  }

  @Test func `on a node with JWS all that cannot be decoded is not found`() throws {
    var generator = SeededGenerator(seed: 5, stream: "jws")
    var desk = Desk("2026.1", .jws)
    desk.service.options.jws = JWSKeys.setup(nodes: 1, using: &generator)[0]
    let admin = try desk.token()
    #expect(desk.validate(admin, by: admin).status == 200)
    let fernet = desk.forged(desk.payload())
    for text in ["bad", fernet, "8e8068beaa2748938b55b195905fbc8f", admin + "A"] {
      #expect(desk.validate(text, by: admin).error == "404 Could not find token: \(text).")
      #expect(desk.validate(admin, by: text).error == Self.generic)
    }
    // Made a second ahead: the container's page, or the middleware's.
    var ahead = desk
    ahead.now = desk.now + .seconds(1)
    let future = try ahead.token()
    #expect(Self.kind(desk.validate(future, by: admin)) == Self.container)
    #expect(Self.kind(desk.validate(admin, by: future)) == Self.json)
    desk.now = ahead.now
    #expect(desk.validate(future, by: admin).status == 200)
  }
}
