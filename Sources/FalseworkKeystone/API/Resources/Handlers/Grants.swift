// SPDX-License-Identifier: Apache-2.0

/// Roles of users and groups on projects, domains and the system, inherited or not: one set of
/// handlers for the twelve shapes of path.
enum Grants {
  /// What a path says.
  private struct Place {
    var actor: IdentityStore.Actor
    var target: IdentityStore.Target
    var roleID: String?
    var inherited: Bool
  }

  /// `[/OS-INHERIT]/{projects|domains}/X/{users|groups}/Y/roles[/Z][/inherited_to_projects]` or
  /// `/system/{users|groups}/Y/roles[/Z]`.
  private static func place(_ c: ResourceContext) -> Place {
    guard case .api(let route) = c.request.place else { preconditionFailure("\(c.request)") }
    var parts = route.template.split(separator: "/").map(String.init)
    let inherited = parts[0] == "OS-INHERIT"
    if inherited { parts.removeFirst() }
    let parameters = c.request.parameters.map(\.value)
    let ofSystem = parts[0] == "system"
    let actorID = parameters[ofSystem ? 0 : 1]
    let actors = ofSystem ? parts[1] : parts[2]
    let target: IdentityStore.Target =
      switch parts[0] {
      case "projects": .project(parameters[0])
      case "domains": .domain(parameters[0])
      default: .system
      }
    let rest = parameters.dropFirst(ofSystem ? 1 : 2)
    return Place(
      actor: actors == "users" ? .user(actorID) : .group(actorID), target: target,
      roleID: rest.first, inherited: inherited)
  }

  /// Loads what the path names, in Keystone's order, and asks the policy. A missing row is 404
  /// before anybody is refused.
  ///
  /// - Parameter lenient: who is gone can still lose a role.
  private static func require(
    _ c: inout ResourceContext, _ place: Place, _ store: IdentityStore, lenient: Bool = false
  ) throws(KeystoneError) {
    guard c.caller != nil else { throw .unauthorized }
    var target = PolicyTarget()
    let ofSystem = place.target == .system
    if let id = place.roleID, !ofSystem {
      let role = try Roles.found(id, store)
      target.set("target.role.domain_id", role.domainID)
      target.set("target.role.name", role.name)
    }
    switch place.actor {
    case .user(let id):
      if let user = store.user(id) {
        target.set("target.user.domain_id", user.domainID)
      } else if !lenient, !ofSystem {
        throw .missingRow("user", id)
      }
    case .group(let id):
      if let group = store.group(id) {
        target.set("target.group.domain_id", group.domainID)
      } else if !lenient, !ofSystem {
        throw .missingRow("group", id)
      }
    }
    switch place.target {
    case .project(let id):
      target.set("target.project.domain_id", try Projects.found(id, store).domainID)
    case .domain(let id):
      target.set("target.domain.id", try Domains.found(id, store).id)
    case .system: break
    }
    try c.require(target)
    if ofSystem, !lenient { try checkActor(place.actor, store) }
  }

  private static func checkActor(
    _ actor: IdentityStore.Actor, _ store: IdentityStore
  ) throws(KeystoneError) {
    switch actor {
    case .user(let id): _ = try Users.found(id, store)
    case .group(let id): _ = try Groups.found(id, store)
    }
  }

  private static func grant(_ place: Place) -> IdentityStore.Grant {
    IdentityStore.Grant(
      actor: place.actor, roleID: place.roleID ?? "", target: place.target,
      inherited: place.inherited)
  }

  private static func missing(_ place: Place) -> KeystoneError {
    let target =
      switch place.target {
      case .project(let id), .domain(let id): id
      case .system: "system"
      }
    let actor =
      switch place.actor {
      case .user(let id), .group(let id): id
      }
    return .notFound(
      "Could not find role assignment with role: \(place.roleID ?? "None"), user or group: "
        + "\(actor), project, domain, or system: \(target).")
  }

  static func list(
    _ c: inout ResourceContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    let place = place(c)
    try require(&c, place, store)
    let column: Reference
    switch place.actor {
    case .user(let id): column = Reference(.grant, .user, id)
    case .group(let id): column = Reference(.grant, .group, id)
    }
    let grants = store.rows(IdentityStore.Grant.self, column.column, column.id)
    let roles = grants.filter { $0.target == place.target && $0.inherited == place.inherited }
      .compactMap { store.role($0.roleID) }
    return try c.list("roles", roles.map { c.linked(c.json($0), "roles") })
  }

  static func check(
    _ c: inout ResourceContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    let place = place(c)
    try require(&c, place, store)
    _ = try Roles.found(place.roleID ?? "", store)
    guard store.grants.contains(key: grant(place).key) else { throw missing(place) }
    return c.done
  }

  static func add(
    _ c: inout ResourceContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    let place = place(c)
    try require(&c, place, store)
    let role = try Roles.found(place.roleID ?? "", store)
    if let domain = role.domainID {
      switch place.target {
      case .project(let id) where store.project(id)?.domainID != domain:
        throw .refused(
          "Project \(id) must be in the same domain as the role \(role.id) being assigned.")
      case .system:
        throw .badRequest(
          "Role \(role.id) is a domain-specific role. Unable to use a domain-specific role in a "
            + "system assignment.")
      case .project, .domain: break
      }
    }
    store.put(grant(place))
    return c.done
  }

  static func remove(
    _ c: inout ResourceContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    let place = place(c)
    try require(&c, place, store, lenient: true)
    guard store.remove(IdentityStore.Grant.self, grant(place).key) != nil else {
      throw missing(place)
    }
    if c.release.revokesGrants {
      switch place.actor {
      case .user(let id): store.revoke(.user(id), now: c.now)
      case .group(let id):
        for user in store.userIDs(in: id) { store.revoke(.user(user), now: c.now) }
      }
    }
    return c.done
  }
}
