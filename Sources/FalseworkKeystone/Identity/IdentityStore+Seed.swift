// SPDX-License-Identifier: Apache-2.0

extension IdentityStore {
  /// As `keystone-manage bootstrap` leaves it, with what else the seed names.
  package init(_ seed: IdentitySeed) {
    self.init()
    for name in seed.domains {
      put(Domain(id: IdentitySeed.domainID(name), name: name, domainID: nil))
    }
    for project in seed.projects {
      var row = Project(
        id: IdentitySeed.id("project", project.domain, project.name), name: project.name,
        domainID: IdentitySeed.domainID(project.domain))
      if row.name == "admin" {
        row.description = "Bootstrap project for initializing the cloud."
      }
      put(row)
    }
    for user in seed.users {
      put(
        User(
          id: IdentitySeed.id("user", user.domain, user.name), name: user.name,
          domainID: IdentitySeed.domainID(user.domain), password: user.password,
          enabled: user.enabled))
    }
    seedRoles(seed.roles)
    put(Region(id: seed.region))
    for service in seed.services {
      let id = IdentitySeed.id("service", service.type, service.name)
      put(Service(id: id, name: service.name, type: service.type))
      for interface in ["public", "internal", "admin"] {
        put(
          Endpoint(
            id: IdentitySeed.id("endpoint", service.type, interface), serviceID: id,
            interface: interface, regionID: seed.region, url: service.url))
      }
    }
    seedGrants(seed)
    for grant in grants {
      if case .user(let id) = grant.actor { rememberRoles(of: id, on: grant.target) }
    }
    revision = 0
  }

  /// The roles that bootstrap makes are immutable, and each implies the next weaker one.
  private mutating func seedRoles(_ names: [String]) {
    let own = ["admin", "manager", "member", "reader", "service"]
    for name in names {
      var role = Role(id: IdentitySeed.id("role", name), name: name)
      if own.contains(name) { role.options["immutable"] = .bool(true) }
      put(role)
    }
    let chain = own.dropLast().filter(names.contains)
    for (prior, implied) in zip(chain, chain.dropFirst()) {
      put(
        ImpliedRole(
          priorRoleID: IdentitySeed.id("role", prior),
          impliedRoleID: IdentitySeed.id("role", implied)))
    }
  }

  /// A grant that names what does not exist is refused by the scenario's reader; here it is a bug.
  private mutating func seedGrants(_ seed: IdentitySeed) {
    var userIDs: [String: String] = [:]
    for user in users where userIDs[user.name] == nil { userIDs[user.name] = user.id }
    var projectIDs: [String: String] = [:]
    for project in projects where !project.isDomain && projectIDs[project.name] == nil {
      projectIDs[project.name] = project.id
    }
    for grant in seed.grants {
      guard let user = userIDs[grant.user],
        let role: Role = row(named: UniqueName(grant.role, in: nil))
      else { preconditionFailure("a grant to nobody: \(grant)") }
      let target: Target
      switch grant.target {
      case .system: target = .system
      case .domain(let name): target = .domain(IdentitySeed.domainID(name))
      case .project(let name):
        guard let id = projectIDs[name] else {
          preconditionFailure("a grant on nothing: \(grant)")
        }
        target = .project(id)
      }
      put(Grant(actor: .user(user), roleID: role.id, target: target))
    }
  }
}
