// SPDX-License-Identifier: Apache-2.0
package import FalseworkCore

/// The database that the nodes of a cluster share.
///
/// A value: the world owns it and lends it to one node at a time. Look-ups are by id or by name;
/// everything that is listed is kept in the order in which it was made.
package struct IdentityStore: Equatable, Sendable {
  package struct Domain: Equatable, Sendable {
    package var id, name: String
  }
  package struct Project: Equatable, Sendable {
    package var id, name, domainID: String
  }
  package struct User: Equatable, Sendable {
    package var id, name, domainID, password: String
    package var enabled: Bool
  }
  package struct Role: Equatable, Sendable {
    package var id, name: String
  }
  package struct Service: Equatable, Sendable {
    package var id, name, type: String
  }
  package struct Endpoint: Equatable, Sendable {
    package var id, serviceID, interface, regionID: String
    /// Nil: this Keystone itself, wherever the client found it.
    package var url: String?
  }
  package enum Target: Hashable, Sendable {
    case project(String)
    case domain(String)
    case system
  }
  package struct Grant: Equatable, Sendable {
    package var userID, roleID: String
    package var target: Target
  }
  package struct StoredToken: Equatable, Sendable {
    package var payload: TokenPayload
    package var valid: Bool
  }

  package private(set) var domains: [Domain] = []
  package private(set) var projects: [Project] = []
  package private(set) var users: [User] = []
  package private(set) var roles: [Role] = []
  package private(set) var grants: [Grant] = []
  package private(set) var services: [Service] = []
  package private(set) var endpoints: [Endpoint] = []
  package private(set) var regions: [String] = []

  private var tokens: [String: StoredToken] = [:]
  private var revokedAuditIDs = RevocationList()
  private var revokedChains = RevocationList()
  private var rolesByHolder: [Holder: [Role]] = [:]
  private struct Holder: Hashable {
    var userID: String
    var target: Target
  }

  private var userIndex: [String: Int] = [:]
  private var projectIndex: [String: Int] = [:]
  private var domainIndex: [String: Int] = [:]

  /// UUID tokens that are kept at most. When it is reached the table is flushed whole, so that a
  /// fixture that runs for weeks stays bounded; its tokens then read as unknown.
  private static let tokenLimit = 4_000_000

  package init(_ seed: IdentitySeed) {
    for name in seed.domains {
      let id = IdentitySeed.domainID(name)
      domainIndex[id] = domains.count
      domains.append(Domain(id: id, name: name))
    }
    for project in seed.projects {
      let id = IdentitySeed.id("project", project.domain, project.name)
      projectIndex[id] = projects.count
      projects.append(
        Project(id: id, name: project.name, domainID: IdentitySeed.domainID(project.domain)))
    }
    for user in seed.users {
      let id = IdentitySeed.id("user", user.domain, user.name)
      userIndex[id] = users.count
      users.append(
        User(
          id: id, name: user.name, domainID: IdentitySeed.domainID(user.domain),
          password: user.password, enabled: user.enabled))
    }
    roles = seed.roles.map { Role(id: IdentitySeed.id("role", $0), name: $0) }
    regions = [seed.region]
    for service in seed.services {
      let id = IdentitySeed.id("service", service.type, service.name)
      services.append(Service(id: id, name: service.name, type: service.type))
      for interface in ["public", "internal", "admin"] {
        endpoints.append(
          Endpoint(
            id: IdentitySeed.id("endpoint", service.type, interface), serviceID: id,
            interface: interface, regionID: seed.region, url: service.url))
      }
    }
    for grant in seed.grants { apply(grant) }
    for grant in grants {
      let holder = Holder(userID: grant.userID, target: grant.target)
      rolesByHolder[holder] = effectiveRoles(of: holder)
    }
  }

  /// A grant that names what does not exist is refused by the scenario's reader; here it is a bug.
  private mutating func apply(_ grant: IdentitySeed.Grant) {
    guard let user = users.first(where: { $0.name == grant.user }),
      let role = roles.first(where: { $0.name == grant.role })
    else { preconditionFailure("a grant to nobody: \(grant)") }
    let target: Target
    switch grant.target {
    case .system: target = .system
    case .domain(let name): target = .domain(IdentitySeed.domainID(name))
    case .project(let name):
      guard let project = projects.first(where: { $0.name == name }) else {
        preconditionFailure("a grant on nothing: \(grant)")
      }
      target = .project(project.id)
    }
    grants.append(Grant(userID: user.id, roleID: role.id, target: target))
  }

  // MARK: Look-ups

  package func user(_ id: String) -> User? { userIndex[id].map { users[$0] } }
  package func project(_ id: String) -> Project? { projectIndex[id].map { projects[$0] } }
  package func domain(_ id: String) -> Domain? { domainIndex[id].map { domains[$0] } }

  package func domain(named name: String) -> Domain? { domains.first { $0.name == name } }

  package func user(named name: String, domainID: String) -> User? {
    users.first { $0.name == name && $0.domainID == domainID }
  }

  package func project(named name: String, domainID: String) -> Project? {
    projects.first { $0.name == name && $0.domainID == domainID }
  }

  /// The roles of a user on a target, those that others imply among them
  /// (admin ⇒ manager ⇒ member ⇒ reader).
  package func roles(of userID: String, on target: Target) -> [Role] {
    rolesByHolder[Holder(userID: userID, target: target)] ?? []
  }

  private func effectiveRoles(of holder: Holder) -> [Role] {
    var names: [String] = []
    for grant in grants where grant.userID == holder.userID && grant.target == holder.target {
      guard let role = roles.first(where: { $0.id == grant.roleID }) else { continue }
      if !names.contains(role.name) { names.append(role.name) }
    }
    let chain = ["admin", "manager", "member", "reader"].filter { name in
      roles.contains { $0.name == name }
    }
    if let first = chain.firstIndex(where: names.contains) {
      for name in chain[first...] where !names.contains(name) { names.append(name) }
    }
    return names.compactMap { name in roles.first { $0.name == name } }
  }

  // MARK: Tokens

  package mutating func keep(_ payload: TokenPayload, as id: String) {
    if tokens.count >= Self.tokenLimit { tokens.removeAll(keepingCapacity: true) }
    tokens[id] = StoredToken(payload: payload, valid: true)
  }

  package func token(_ id: String) -> StoredToken? { tokens[id] }

  /// Records the revocation of one token by its audit id (`keystone/revoke/core.py`), or of all
  /// that were made from the first of its chain. It is remembered until `end`, after which the
  /// token is good for nothing anyway.
  package mutating func revoke(
    _ payload: TokenPayload, storedAs id: String, chain: Bool, until end: UTCTime, now: UTCTime
  ) {
    if chain {
      revokedChains.insert(payload.auditIDs.last ?? "", until: end, now: now)
    } else {
      revokedAuditIDs.insert(payload.auditIDs.first ?? "", until: end, now: now)
    }
    if tokens[id] != nil { tokens[id]!.valid = false }
  }

  package func isRevoked(_ payload: TokenPayload) -> Bool {
    revokedAuditIDs.contains(payload.auditIDs.first)
      || revokedChains.contains(payload.auditIDs.last)
  }
}

/// Audit ids that are no longer good, each for as long as a token could carry it.
private struct RevocationList: Equatable, Sendable {
  private var ends: [String: UTCTime] = [:]
  /// So many are kept before the ones that are over are dropped.
  private var dropAt = RevocationList.least

  private static let least = 10_000

  mutating func insert(_ id: String, until end: UTCTime, now: UTCTime) {
    ends[id] = end
    guard ends.count >= dropAt else { return }
    ends = ends.filter { $0.value > now }
    dropAt = max(Self.least, 2 * ends.count)
  }

  func contains(_ id: String?) -> Bool {
    guard !ends.isEmpty, let id else { return false }
    return ends[id] != nil
  }
}
