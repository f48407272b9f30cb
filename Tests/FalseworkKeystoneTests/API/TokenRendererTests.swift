// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import Testing

@testable import FalseworkKeystone

@Suite struct TokenRendererTests {
  private static let seed = IdentitySeed(
    domains: ["Default", "other"], projects: [.init(name: "p", domain: "other")],
    users: [.init(name: "u", domain: "Default", password: "x")], roles: ["member", "reader"],
    grants: [
      .init(user: "u", role: "member", target: .project("p")),
      .init(user: "u", role: "reader", target: .domain("other")),
      .init(user: "u", role: "reader", target: .system),
    ],
    services: [
      .init(name: "keystone", type: "identity", url: nil),
      .init(
        name: "swift", type: "object", url: "http://s/%(tenant_id)s/%(project_id)s/%(user_id)s"),
      .init(name: "me", type: "me", url: "http://m/%(user_id)s"),
    ],
    region: "R")
  private static let userID = IdentitySeed.id("user", "Default", "u")
  private static let projectID = IdentitySeed.id("project", "other", "p")
  private static let domainID = IdentitySeed.id("domain", "other")

  private static func token(_ change: (inout TokenPayload) -> Void = { _ in }) -> TokenPayload {
    var token = TokenPayload(
      userID: userID, methods: ["token", "password"], expiresAt: UTCTime(seconds: 1_500_003_600),
      issuedAt: UTCTime(nanoseconds: 1_500_000_000_123_456_000), auditIDs: ["a1", "a2"])
    change(&token)
    return token
  }

  private func body(
    _ token: TokenPayload, catalog: Bool = false, release: String = "2026.2",
    base: String = "http://k"
  ) -> String {
    var renderer = TokenRenderer()
    let bytes = renderer.body(
      token, catalog, base, release: Release(named: release)!, store: IdentityStore(Self.seed))
    return String(decoding: bytes, as: UTF8.self)
  }

  private static let head =
    #"{"token": {"methods": ["token", "password"], "user": {"domain": {"id": "default", "name": "#
    + #""Default"}, "id": "\#(userID)", "name": "u", "password_expires_at": null}, "audit_ids": "#
    + #"["a1", "a2"], "expires_at": "2017-07-14T03:40:00.000000Z", "issued_at": "#
    + #""2017-07-14T02:40:00.123456Z""#

  private static func role(_ name: String) -> String {
    #"{"id": "\#(IdentitySeed.id("role", name))", "name": "\#(name)"}"#
  }

  @Test func `an unscoped token has neither roles nor a catalog`() {
    #expect(body(Self.token(), catalog: true) == Self.head + "}}")
  }

  @Test func `a project's token has the project, its domain and the roles there`() {
    #expect(
      body(Self.token { $0.projectID = Self.projectID })
        == Self.head
        + #", "project": {"domain": {"id": "\#(Self.domainID)", "name": "other"}, "id": "#
        + #""\#(Self.projectID)", "name": "p"}, "is_domain": false, "roles": "#
        + "[\(Self.role("member")), \(Self.role("reader"))]}}")
  }

  @Test func `a domain's token has the domain, then the roles`() {
    #expect(
      body(Self.token { $0.domainID = Self.domainID })
        == Self.head
        + #", "domain": {"id": "\#(Self.domainID)", "name": "other"}, "roles": "#
        + "[\(Self.role("reader"))]}}")
  }

  @Test func `a system token has the roles, then the system`() {
    #expect(
      body(Self.token { $0.system = "all" })
        == Self.head + #", "roles": [\#(Self.role("reader"))], "system": {"all": true}}}"#)
  }

  @Test func `older releases knew fewer members`() {
    let ocata = body(Self.token { $0.projectID = Self.projectID }, release: "ocata")
    #expect(ocata.contains("password_expires_at") && ocata.contains("is_domain"))
    let newton = body(Self.token { $0.projectID = Self.projectID }, release: "newton")
    #expect(!newton.contains("password_expires_at") && newton.contains("is_domain"))
    let liberty = body(Self.token { $0.projectID = Self.projectID }, release: "liberty")
    #expect(!liberty.contains("password_expires_at") && !liberty.contains("is_domain"))
  }

  private func endpoint(_ type: String, _ interface: String, _ url: String) -> String {
    #"{"id": "\#(IdentitySeed.id("endpoint", type, interface))", "interface": "\#(interface)", "#
      + #""region_id": "R", "url": "\#(url)", "region": "R"}"#
  }

  private func service(_ name: String, _ type: String, _ url: String?) -> String {
    let endpoints = ["public", "internal", "admin"].map { interface in
      url.map { endpoint(type, interface, $0) }
    }.compactMap(\.self).joined(separator: ", ")
    return #"{"endpoints": [\#(endpoints)], "id": "\#(IdentitySeed.id("service", type, name))", "#
      + #""type": "\#(type)", "name": "\#(name)"}"#
  }

  @Test
  func `the catalog fills in what its addresses name, and Keystone's own is where it was found`() {
    let text = body(
      Self.token { $0.projectID = Self.projectID }, catalog: true, base: "https://x:1")
    let swift = "http://s/\(Self.projectID)/\(Self.projectID)/\(Self.userID)"
    #expect(
      text.hasSuffix(
        #", "catalog": ["# + service("keystone", "identity", "https://x:1/v3/") + ", "
          + service("swift", "object", swift) + ", "
          + service("me", "me", "http://m/\(Self.userID)") + "]}}"))
  }

  @Test func `without a project an endpoint that names it is left out`() {
    for token in [Self.token { $0.system = "all" }, Self.token { $0.domainID = Self.domainID }] {
      #expect(
        body(token, catalog: true).hasSuffix(
          #", "catalog": ["# + service("keystone", "identity", "http://k/v3/") + ", "
            + service("swift", "object", nil) + ", "
            + service("me", "me", "http://m/\(Self.userID)") + "]}}"))
    }
  }

  @Test func `what is kept of one scope is not shown for another`() {
    var renderer = TokenRenderer()
    let store = IdentityStore(Self.seed)
    let newest = Release.newest
    let old = Release(named: "liberty")!
    let tokens = [
      Self.token(), Self.token { $0.projectID = Self.projectID }, Self.token { $0.system = "all" },
      Self.token { $0.domainID = Self.domainID },
    ]
    for _ in 0..<2 {
      for token in tokens {
        for (catalog, base, release) in [
          (true, "http://a", newest), (false, "http://a", newest), (true, "http://b", newest),
          (true, "http://a", old),
        ] {
          let kept = renderer.body(token, catalog, base, release: release, store: store)
          var fresh = TokenRenderer()
          #expect(kept == fresh.body(token, catalog, base, release: release, store: store))
        }
      }
    }
  }

  @Test func `more scopes than are kept are rendered all the same`() {
    var renderer = TokenRenderer()
    let store = IdentityStore(Self.seed)
    for number in 0..<1_100 {
      let bytes = renderer.body(
        Self.token { $0.projectID = Self.projectID }, true, "http://\(number)",
        release: .newest, store: store)
      #expect(String(decoding: bytes, as: UTF8.self).contains("http://\(number)/v3/"))
    }
  }
}
