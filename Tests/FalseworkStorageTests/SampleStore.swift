// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkKeystone

/// A database with a row of every kind, and every optional part of it in use.
enum SampleStore {
  static func make() -> IdentityStore {
    var store = IdentityStore(.standard)
    let user = store.users.first { $0.name == "demo" }!.id
    let project = store.projects.first { $0.name == "demo" }!.id
    let role = store.roles.first { _ in true }!.id
    let service = store.services.first { _ in true }!.id
    let endpoint = store.endpoints.first { _ in true }!.id
    let end = UTCTime(nanoseconds: 1_900_000_000_123_456_000)
    var changed = store.users[user]!
    changed.passwordExpiresAt = end
    changed.passwordCreatedAt = UTCTime(seconds: -1)
    changed.defaultProjectID = project
    changed.extra["email"] = .string("d@example.org")
    changed.options["ignore_lockout"] = .bool(true)
    store.put(changed)
    addPeople(&store, user: user, project: project, role: role)
    addCatalog(&store, project: project, service: service, endpoint: endpoint)
    addDelegations(&store, user: user, project: project, role: role, end: end)
    addFederation(&store)
    return store
  }

  private static func addPeople(
    _ store: inout IdentityStore, user: String, project: String, role: String
  ) {
    var nested = IdentityStore.Project(
      id: "p2", name: "naïve 'quoted\"", domainID: "default", parentID: project)
    nested.tags = ["a", "b,c"]
    nested.extra["more"] = .object(["list": .string("[1]")])
    store.put(nested)
    store.put(IdentityStore.Group(id: "g", name: "group", domainID: "default"))
    store.put(IdentityStore.Membership(userID: user, groupID: "g"))
    for target in [
      IdentityStore.Target.project(project), .domain("default"), .system,
    ] {
      store.put(IdentityStore.Grant(actor: .group("g"), roleID: role, target: target))
      store.put(
        IdentityStore.Grant(actor: .user(user), roleID: role, target: target, inherited: true))
    }
  }

  private static func addCatalog(
    _ store: inout IdentityStore, project: String, service: String, endpoint: String
  ) {
    store.put(
      IdentityStore.EndpointGroup(
        id: "eg", name: "n", description: nil, filters: ["interface": .string("admin")]))
    store.put(IdentityStore.ProjectEndpoint(projectID: project, endpointID: endpoint))
    store.put(
      IdentityStore.ProjectEndpoint(projectID: project, endpointID: "eg", isGroup: true))
    store.put(IdentityStore.Policy(id: "po", type: "application/json", blob: "{}"))
    store.put(
      IdentityStore.PolicyAssociation(
        policyID: "po", endpointID: endpoint, serviceID: nil, regionID: nil))
    store.put(
      IdentityStore.RegisteredLimit(
        id: "rl", serviceID: service, regionID: nil, resourceName: "cores", defaultLimit: -1,
        description: "x"))
    store.put(
      IdentityStore.Limit(
        id: "l", serviceID: service, regionID: "RegionOne", resourceName: "cores",
        resourceLimit: 20, description: nil, projectID: project, domainID: nil))
  }

  private static func addDelegations(
    _ store: inout IdentityStore, user: String, project: String, role: String, end: UTCTime
  ) {
    store.put(
      IdentityStore.Credential(
        id: "c", userID: user, projectID: nil, type: "totp", blob: "GEZDGNBVGY3TQOJQ"))
    store.put(
      IdentityStore.AccessRule(
        id: "ar", userID: user, service: "identity", path: "/v3/*", method: "GET"))
    var delegated = IdentityStore.ApplicationCredential(
      id: "ac", name: "n", userID: user, projectID: project, secret: "s")
    delegated.roleIDs = [role]
    delegated.accessRuleIDs = ["ar"]
    delegated.expiresAt = end
    store.put(delegated)
    var trust = IdentityStore.Trust(
      id: "t", trustorUserID: user, trusteeUserID: user, projectID: project, impersonation: true)
    trust.roleIDs = [role]
    trust.remainingUses = 3
    store.put(trust)
    store.put(IdentityStore.Consumer(id: "co", secret: "s", description: "d"))
    store.put(
      IdentityStore.RequestToken(
        id: "rt", secret: "s", consumerID: "co", requestedProjectID: project))
    store.put(
      IdentityStore.AccessToken(
        id: "at", secret: "s", consumerID: "co", projectID: project, authorizingUserID: user))
  }

  private static func addFederation(_ store: inout IdentityStore) {
    var provider = IdentityStore.IdentityProvider(id: "idp", domainID: "default")
    provider.remoteIDs = ["https://idp"]
    provider.authorizationTTL = 60
    store.put(provider)
    store.put(
      IdentityStore.Mapping(id: "m", rules: .string("not a list"), schemaVersion: "1.0"))
    store.put(
      IdentityStore.FederationProtocol(
        id: "saml2", providerID: "idp", mappingID: "m", remoteIDAttribute: "Shib"))
    store.put(IdentityStore.ServiceProvider(id: "sp", authURL: "https://a", spURL: "https://s"))
    store.put(
      IdentityStore.DomainOption(
        domainID: "default", group: "ldap", option: "url", value: .string("ldap://x")))
  }
}
