// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

@testable import FalseworkKeystone

/// Changes of rows: indexes, journal, what goes along, and rows kept elsewhere.
@Suite struct IdentityStoreChangesTests {
  private static let demo = IdentitySeed.id("user", "Default", "demo")
  private static let project = IdentitySeed.id("project", "Default", "demo")
  private static let member = IdentitySeed.id("role", "member")

  @Test func `a new name is found and the old one is not`() throws {
    var store = IdentityStore(.standard)
    var user = try #require(store.user(Self.demo))
    user.name = "other"
    store.put(user)
    #expect(store.user(named: "demo", domainID: "default") == nil)
    #expect(store.user(named: "other", domainID: "default")?.id == Self.demo)
    store.remove(IdentityStore.User.self, Self.demo)
    #expect(store.user(named: "other", domainID: "default") == nil)
  }

  @Test func `each change counts, and is noted if somebody wants it`() {
    var store = IdentityStore(.standard)
    #expect(store.revision == 0 && store.takeChanges() == [])
    store.put(IdentityStore.Region(id: "a"))
    store.keepJournal()
    store.put(IdentityStore.Region(id: "b"))
    store.remove(IdentityStore.Region.self, "a")
    store.remove(IdentityStore.Region.self, "a")
    #expect(store.revision == 3)
    #expect(
      store.takeChanges() == [.init(kind: .region, key: "b"), .init(kind: .region, key: "a")])
    #expect(store.takeChanges() == [])
  }

  @Test func `roles follow grants, groups, inheritance and implication at once`() {
    var store = IdentityStore(.standard)
    func names(_ target: IdentityStore.Target) -> [String] {
      store.roles(of: Self.demo, on: target).map(\.name)
    }
    store.rememberRoles(of: Self.demo, on: .project(Self.project))
    #expect(names(.project(Self.project)) == ["member", "reader"])
    store.put(IdentityStore.Group(id: "g", name: "g", domainID: "default"))
    store.put(IdentityStore.Membership(userID: Self.demo, groupID: "g"))
    let service = IdentitySeed.id("role", "service")
    store.put(IdentityStore.Grant(actor: .group("g"), roleID: service, target: .system))
    #expect(names(.system) == ["service"])
    store.put(
      IdentityStore.Grant(
        actor: .group("g"), roleID: service, target: .domain("default"), inherited: true))
    #expect(names(.project(Self.project)) == ["member", "service", "reader"])
    #expect(names(.domain("default")) == [])
    store.put(
      IdentityStore.Project(
        id: "child", name: "c", domainID: "default", parentID: Self.project))
    store.put(
      IdentityStore.Grant(
        actor: .user(Self.demo), roleID: Self.member, target: .project(Self.project),
        inherited: true))
    #expect(names(.project("child")) == ["member", "service", "reader"])
    store.put(IdentityStore.Role(id: "own", name: "own", domainID: "default"))
    store.put(
      IdentityStore.Grant(actor: .user(Self.demo), roleID: "own", target: .domain("default")))
    store.put(IdentityStore.ImpliedRole(priorRoleID: "own", impliedRoleID: service))
    #expect(names(.domain("default")) == ["service"])
    store.deleteGroup("g")
    #expect(names(.system) == [] && names(.project("child")) == ["member", "reader"])
  }

  @Test func `what belongs to a user goes with the user`() {
    var store = IdentityStore(.standard)
    store.put(
      IdentityStore.Credential(id: "c", userID: Self.demo, projectID: nil, type: "t", blob: ""))
    store.put(
      IdentityStore.ApplicationCredential(
        id: "a", name: "a", userID: Self.demo, projectID: Self.project, secret: ""))
    store.put(
      IdentityStore.Trust(
        id: "t", trustorUserID: "x", trusteeUserID: Self.demo, projectID: nil,
        impersonation: false))
    store.deleteUser(Self.demo)
    #expect(store.credentials.isEmpty && store.applicationCredentials.isEmpty)
    #expect(store.trusts.isEmpty && store.keys(.grant, .user, Self.demo).isEmpty)
    #expect(store.grants.count == 2)
  }

  @Test func `rows of every kind can be kept elsewhere and put back`() throws {
    var store = IdentityStore(.standard)
    try Self.fill(&store)
    var restored = IdentityStore()
    func copy<Row: StoredRow>(_ row: Row) throws {
      let bytes = try JSONEncoder().encode(row)
      restored.restore(try JSONDecoder().decode(Row.self, from: bytes))
    }
    for type in IdentityStore.rowTypes {
      let rows = store.rows(type.kind)
      #expect(!rows.isEmpty, "no \(type.kind) was made")
      for row in rows {
        try copy(row)
        #expect(restored.row(type.kind, row.key) != nil)
      }
    }
    restored.revision = store.revision
    #expect(restored == store)
    #expect(
      Set(IdentityStore.rowTypes.map { $0.kind }).count == IdentityStore.Kind.allCases.count - 1)
    #expect(store.row(.token, "x") == nil && store.rows(.token).isEmpty)
  }

  private static func fill(_ store: inout IdentityStore) throws {
    store.put(IdentityStore.Group(id: "g", name: "g", domainID: "default"))
    store.put(IdentityStore.Membership(userID: demo, groupID: "g"))
    store.put(
      IdentityStore.EndpointGroup(id: "e", name: "e", description: nil, filters: ["a": .null]))
    store.put(IdentityStore.ProjectEndpoint(projectID: project, endpointID: "e", isGroup: true))
    store.put(IdentityStore.Policy(id: "p", type: "t", blob: "b"))
    store.put(
      IdentityStore.PolicyAssociation(
        policyID: "p", endpointID: nil, serviceID: "s", regionID: "r"))
    store.put(
      IdentityStore.RegisteredLimit(
        id: "r", serviceID: "s", regionID: nil, resourceName: "v", defaultLimit: 1,
        description: nil))
    store.put(
      IdentityStore.Limit(
        id: "l", serviceID: "s", regionID: nil, resourceName: "v", resourceLimit: 1,
        description: nil, projectID: project, domainID: nil))
    store.put(
      IdentityStore.Credential(id: "c", userID: demo, projectID: project, type: "t", blob: "b"))
    store.put(
      IdentityStore.ApplicationCredential(
        id: "a", name: "a", userID: demo, projectID: project, secret: "s"))
    store.put(
      IdentityStore.AccessRule(id: "x", userID: demo, service: "s", path: "/", method: "GET"))
    store.put(
      IdentityStore.Trust(
        id: "t", trustorUserID: demo, trusteeUserID: demo, projectID: project,
        impersonation: true))
    store.put(IdentityStore.Consumer(id: "c", secret: "s", description: "d"))
    store.put(
      IdentityStore.RequestToken(
        id: "q", secret: "s", consumerID: "c", requestedProjectID: project))
    store.put(
      IdentityStore.AccessToken(
        id: "k", secret: "s", consumerID: "c", projectID: project, authorizingUserID: demo))
    store.put(IdentityStore.IdentityProvider(id: "i", domainID: "default"))
    store.put(IdentityStore.Mapping(id: "m", rules: .array([]), schemaVersion: "1.0"))
    store.put(
      IdentityStore.FederationProtocol(
        id: "f", providerID: "i", mappingID: "m", remoteIDAttribute: nil))
    store.put(IdentityStore.ServiceProvider(id: "s", authURL: "a", spURL: "b"))
    store.put(
      IdentityStore.DomainOption(
        domainID: "default", group: "ldap", option: "url", value: .number("1.50")))
  }
}
