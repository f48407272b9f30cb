// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkKeystone
import Testing

@Suite struct IdentityStoreTests {
  private static let now = UTCTime(seconds: 1_000)

  private static func token(_ auditIDs: [String]) -> TokenPayload {
    TokenPayload(
      userID: "u", methods: [], expiresAt: now + .seconds(10), issuedAt: now, auditIDs: auditIDs)
  }

  @Test func `rows are found by id and by name in a domain`() throws {
    var seed = IdentitySeed.standard
    seed.domains.append("other")
    seed.users.append(.init(name: "admin", domain: "other", password: "p"))
    seed.projects.append(.init(name: "demo", domain: "other"))
    let store = IdentityStore(seed)
    let other = try #require(store.domain(named: "other"))
    #expect(store.domain(other.id) == other)
    #expect(store.domain("default")?.name == "Default")
    let user = try #require(store.user(named: "admin", domainID: other.id))
    #expect(store.user(user.id) == user && user.password == "p")
    #expect(store.user(named: "admin", domainID: "default") != user)
    let project = try #require(store.project(named: "demo", domainID: other.id))
    #expect(store.project(project.id) == project)
    #expect(store.user("x") == nil && store.project("x") == nil && store.domain("x") == nil)
    #expect(store.user(named: "demo", domainID: other.id) == nil)
  }

  @Test(arguments: [
    (["admin"], ["admin", "manager", "member", "reader"]), (["member"], ["member", "reader"]),
    (["reader"], ["reader"]), (["service"], ["service"]),
    (
      ["reader", "admin"],
      ["reader", "admin", "manager", "member"]
    ),
    (["service", "manager"], ["service", "manager", "member", "reader"]), ([], []),
  ]) func `roles imply the ones below them`(granted: [String], effective: [String]) {
    var seed = IdentitySeed.standard
    seed.grants = granted.map { .init(user: "demo", role: $0, target: .project("demo")) }
    let store = IdentityStore(seed)
    let user = IdentitySeed.id("user", "Default", "demo")
    let project = IdentitySeed.id("project", "Default", "demo")
    #expect(store.roles(of: user, on: .project(project)).map(\.name) == effective)
    #expect(store.roles(of: user, on: .system) == [])
    #expect(store.roles(of: "x", on: .project(project)) == [])
  }

  @Test func `a role that the database has not got is not implied`() {
    var seed = IdentitySeed.standard
    seed.roles = ["admin", "member"]
    seed.grants = [.init(user: "demo", role: "admin", target: .system)]
    let roles = IdentityStore(seed).roles(
      of: IdentitySeed.id("user", "Default", "demo"), on: .system)
    #expect(roles.map(\.name) == ["admin", "member"])
  }

  @Test func `a kept token is found, and invalid once it is revoked`() {
    var store = IdentityStore(.standard)
    store.keep(Self.token(["a"]), as: "id")
    #expect(store.token("id")?.valid == true && store.token("other") == nil)
    store.revoke(
      Self.token(["a"]), storedAs: "id", chain: false, until: Self.now + .seconds(10), now: Self.now
    )
    #expect(store.token("id")?.valid == false)
  }

  @Test func `revocation is of one audit id, or of a chain by its root`() {
    var one = IdentityStore(.standard)
    let until = Self.now + .seconds(10)
    one.revoke(Self.token(["b", "root"]), storedAs: "", chain: false, until: until, now: Self.now)
    #expect(one.isRevoked(Self.token(["b", "root"])))
    #expect(!one.isRevoked(Self.token(["c", "root"])) && !one.isRevoked(Self.token(["root"])))
    var chain = IdentityStore(.standard)
    chain.revoke(Self.token(["b", "root"]), storedAs: "", chain: true, until: until, now: Self.now)
    #expect(chain.isRevoked(Self.token(["c", "root"])) && chain.isRevoked(Self.token(["root"])))
    #expect(!chain.isRevoked(Self.token(["b"])) && !chain.isRevoked(Self.token([])))
  }

  @Test func `what was revoked is forgotten when it is over, and not before`() {
    var store = IdentityStore(.standard)
    for number in 0..<30_000 {
      let now = Self.now + .seconds(Int64(number))
      store.revoke(
        Self.token(["\(number)"]), storedAs: "", chain: false, until: now + .seconds(100), now: now)
    }
    #expect(!store.isRevoked(Self.token(["0"])))
    for number in 29_901..<30_000 { #expect(store.isRevoked(Self.token(["\(number)"]))) }
  }

  @Test func `a grant to nobody, or on nothing, is a bug`() async {
    await #expect(processExitsWith: .failure) {
      var seed = IdentitySeed.standard
      seed.grants = [.init(user: "x", role: "admin", target: .system)]
      _ = IdentityStore(seed)
    }
    await #expect(processExitsWith: .failure) {
      var seed = IdentitySeed.standard
      seed.grants = [.init(user: "demo", role: "admin", target: .project("x"))]
      _ = IdentityStore(seed)
    }
  }
}
