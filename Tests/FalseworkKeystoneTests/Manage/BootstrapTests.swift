// SPDX-License-Identifier: Apache-2.0
import FalseworkKeystone
import Testing

@Suite struct BootstrapTests {
  private static func run(
    _ release: String, on store: inout IdentityStore,
    _ change: (inout Bootstrap) -> Void = { _ in }
  ) throws -> [String] {
    var bootstrap = Bootstrap(release: try #require(Release(named: release)), password: "one")
    change(&bootstrap)
    var last = store.revision
    return bootstrap.run(on: &store) {
      last += 1
      return "id\(last)"
    }.map(\.text)
  }

  private static func implied(_ store: IdentityStore) -> [String] {
    store.impliedRoles.map {
      "\(store.roles[$0.priorRoleID]?.name ?? "?") > \(store.roles[$0.impliedRoleID]?.name ?? "?")"
    }
  }

  /// The roles that the releases' own bootstrap was seen or read to make.
  @Test(arguments: [
    ("pike", ["admin"], [], 1), ("queens", ["admin"], [], 2),
    ("rocky", ["reader", "member", "admin"], ["member > reader", "admin > member"], 2),
    ("2023.1", ["reader", "member", "admin"], ["member > reader", "admin > member"], 2),
    (
      "2026.1", ["reader", "member", "manager", "admin", "service"],
      ["member > reader", "manager > member", "admin > manager"], 2
    ),
  ]) func `roles and grants are those of the release`(
    release: String, roles: [String], implied: [String], grants: Int
  ) throws {
    var store = IdentityStore()
    _ = try Self.run(release, on: &store)
    #expect(store.roles.map(\.name) == roles)
    #expect(Self.implied(store) == implied)
    #expect(store.grants.count == grants)
  }

  @Test func `roles are immutable from Ussuri on, unless that is not wanted`() throws {
    for (release, wanted, expected) in [
      ("stein", true, false), ("ussuri", true, true), ("ussuri", false, false),
    ] {
      var store = IdentityStore()
      let lines = try Self.run(release, on: &store) { $0.makesImmutableRoles = wanted }
      #expect(store.roles.allSatisfy { ($0.options["immutable"] != nil) == expected })
      let warned = lines.contains { $0.contains("was created as a mutable role") }
      #expect(warned == !wanted)
    }
  }

  @Test func `a second run makes nothing, and mends the user and the URLs`() throws {
    var store = IdentityStore()
    func all(_ bootstrap: inout Bootstrap) {
      bootstrap.regionID = "R"
      bootstrap.publicURL = "http://a"
      bootstrap.adminURL = "http://b"
    }
    _ = try Self.run("2026.1", on: &store, all)
    let count = (store.users.count, store.roles.count, store.grants.count, store.endpoints.count)
    var user = try #require(store.user(named: "admin", domainID: "default"))
    user.enabled = false
    store.put(user)
    let lines = try Self.run("2026.1", on: &store) {
      all(&$0)
      $0.password = "two"
      $0.publicURL = "http://c"
    }
    #expect(
      (store.users.count, store.roles.count, store.grants.count, store.endpoints.count) == count)
    #expect(lines.contains("Reset password for user admin."))
    #expect(lines.contains("Enabled user admin."))
    #expect(store.user(named: "admin", domainID: "default")?.password == "two")
    #expect(store.endpoints.map(\.url) == ["http://c", "http://b"])
  }

  @Test func `an old admin who implies member comes to imply manager instead`() throws {
    var store = IdentityStore()
    _ = try Self.run("2023.1", on: &store)
    _ = try Self.run("2023.2", on: &store)
    #expect(Self.implied(store) == ["member > reader", "manager > member", "admin > manager"])
  }
}
