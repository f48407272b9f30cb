// SPDX-License-Identifier: Apache-2.0

/// Which roles somebody has where.
extension IdentityStore {
  /// The roles of a user on a target as a token shows them: granted to the user or to a group,
  /// on the target or inherited from above, and those that others imply; without those of one
  /// domain.
  package func roles(of userID: String, on target: Target) -> [Role] {
    if let kept = roleCache.roles[.init(userID: userID, target: target)] { return kept }
    return roles(of: userID, groups: groupIDs(of: userID), on: target)
  }

  /// The same for a user whose groups are told from elsewhere, as by an identity provider.
  package func roles(of userID: String, groups: [String], on target: Target) -> [Role] {
    implied(by: grantedRoleIDs(to: userID, groups: groups, on: target))
      .compactMap { roles[$0] }
      .filter { $0.domainID == nil }
  }

  /// Keeps the roles of a user for the next who asks, for the time in which no grant changes.
  /// Whoever issues a token calls it: the token will be validated.
  package mutating func rememberRoles(of userID: String, on target: Target) {
    let holder = RoleCache.Holder(userID: userID, target: target)
    if roleCache.roles[holder] != nil { return }
    roleCache.keep(roles(of: userID, on: target), of: holder)
  }

  package func groupIDs(of userID: String) -> [String] {
    rows(Membership.self, .user, userID).map(\.groupID)
  }

  package func userIDs(in groupID: String) -> [String] {
    rows(Membership.self, .group, groupID).map(\.userID)
  }

  /// A project's parent, the parent's, and so on up to the domain.
  package func ancestors(of projectID: String) -> [Project] {
    var above: [Project] = []
    var next = projects[projectID]?.parentID
    // A loop cannot be made over the API, but rows may come from elsewhere.
    while let id = next, let parent = projects[id], above.count < 1_000 {
      above.append(parent)
      next = parent.parentID
    }
    return above
  }

  /// Projects below another, parents before children.
  package func subtree(of projectID: String) -> [Project] {
    var below: [Project] = []
    var next = [projectID]
    while let id = next.popLast() {
      let children = rows(Project.self, .parent, id)
      below.append(contentsOf: children)
      next.append(contentsOf: children.reversed().map(\.id))
    }
    return below
  }

  /// Without those that are implied; each once, in the order of the grants.
  package func grantedRoleIDs(
    to userID: String, groups: [String], on target: Target
  ) -> [String] {
    var found: [String] = []
    let keys =
      self.keys(.grant, .user, userID) + groups.flatMap { self.keys(.grant, .group, $0) }
    for key in keys {
      guard let grant = grants[key], applies(grant, to: target), !found.contains(grant.roleID)
      else { continue }
      found.append(grant.roleID)
    }
    return found
  }

  private func applies(_ grant: Grant, to target: Target) -> Bool {
    guard grant.inherited else { return grant.target == target }
    guard case .project(let id) = target, let project = projects[id] else { return false }
    switch grant.target {
    case .system: return false
    case .domain(let domain): return project.domainID == domain
    case .project(let above): return ancestors(of: id).contains { $0.id == above }
    }
  }

  /// Roles and all that they imply, nearest first.
  package func implied(by roleIDs: [String]) -> [String] {
    var found = roleIDs
    var next = 0
    while next < found.count {
      for rule in rows(ImpliedRole.self, .role, found[next])
      where !found.contains(rule.impliedRoleID) {
        found.append(rule.impliedRoleID)
      }
      next += 1
    }
    return found
  }
}

/// Roles that were worked out before. It says nothing that the rows do not say, so that stores are
/// equal whatever they remember.
struct RoleCache: Equatable, Sendable {
  struct Holder: Hashable, Sendable {
    var userID: String
    var target: IdentityStore.Target
  }

  private(set) var roles: [Holder: [IdentityStore.Role]] = [:]
  private static let limit = 200_000

  mutating func keep(_ found: [IdentityStore.Role], of holder: Holder) {
    if roles.count >= Self.limit { roles.removeAll() }
    roles[holder] = found
  }

  mutating func removeAll() {
    if !roles.isEmpty { roles.removeAll() }
  }

  static func == (a: RoleCache, b: RoleCache) -> Bool { true }
}
