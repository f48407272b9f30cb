// SPDX-License-Identifier: Apache-2.0

/// `keystone-manage bootstrap`: the first user, project and roles, and the endpoints of the identity
/// service. What is there already is left, except for a password and URLs that differ
/// (`keystone/cmd/bootstrap.py`; before Rocky in `keystone/cmd/cli.py`).
package struct Bootstrap: Equatable, Sendable {
  package var release: Release
  package var username = "admin"
  package var password: String
  package var projectName = "admin"
  package var roleName = "admin"
  package var serviceName = "keystone"
  package var regionID: String?
  package var publicURL: String?
  package var internalURL: String?
  package var adminURL: String?
  package var defaultDomainID = "default"
  /// Ussuri and later; without it each role is told of with a warning.
  package var makesImmutableRoles = true

  package init(release: Release, password: String) {
    self.release = release
    self.password = password
  }

  /// Does it, and tells what was done.
  ///
  /// - Parameter newID: 32 random hexadecimal digits.
  package func run(
    on store: inout IdentityStore, newID: () -> String
  ) -> [KeystoneLogLine] {
    var lines: [KeystoneLogLine] = []
    makeDomain(&store, &lines)
    let projectID = makeProject(&store, newID, &lines)
    let userID = makeUser(&store, newID, &lines)
    let roleID = makeRoles(&store, newID, &lines)
    grant(roleID, to: userID, on: .project(projectID), &store, &lines)
    if release.number >= 13 { grant(roleID, to: userID, on: .system, &store, &lines) }
    makeRegion(&store, &lines)
    makeCatalog(&store, newID, &lines)
    return lines
  }

  private func say(_ text: String, _ lines: inout [KeystoneLogLine]) {
    let module = release.number >= 14 ? "keystone.cmd.bootstrap" : "keystone.cmd.cli"
    lines.append(KeystoneLogLine(.info, module, text))
  }

  private func makeDomain(_ store: inout IdentityStore, _ lines: inout [KeystoneLogLine]) {
    guard store.domain(defaultDomainID) == nil, store.domain(named: "Default") == nil else {
      return say("Domain \(defaultDomainID) already exists, skipping creation.", &lines)
    }
    var domain = IdentityStore.Domain(id: defaultDomainID, name: "Default", domainID: nil)
    domain.description = "The default domain"
    store.put(domain)
    say("Created domain \(defaultDomainID)", &lines)
  }

  private func makeProject(
    _ store: inout IdentityStore, _ newID: () -> String, _ lines: inout [KeystoneLogLine]
  ) -> String {
    if let project = store.project(named: projectName, domainID: defaultDomainID) {
      say("Project \(projectName) already exists, skipping creation.", &lines)
      return project.id
    }
    var project = IdentityStore.Project(
      id: newID(), name: projectName, domainID: defaultDomainID)
    project.description = "Bootstrap project for initializing the cloud."
    store.put(project)
    say("Created project \(projectName)", &lines)
    return project.id
  }

  private func makeUser(
    _ store: inout IdentityStore, _ newID: () -> String, _ lines: inout [KeystoneLogLine]
  ) -> String {
    guard var user = store.user(named: username, domainID: defaultDomainID) else {
      let user = IdentityStore.User(
        id: newID(), name: username, domainID: defaultDomainID, password: password, enabled: true)
      store.put(user)
      say("Created user \(username)", &lines)
      return user.id
    }
    say("User \(username) already exists, skipping creation.", &lines)
    let wasEnabled = user.enabled
    guard !wasEnabled || user.password != password else { return user.id }
    user.enabled = true
    user.password = password
    store.put(user)
    say("Reset password for user \(username).", &lines)
    if !wasEnabled { say("Enabled user \(username).", &lines) }
    return user.id
  }

  /// The id of the role that the user gets.
  private func makeRoles(
    _ store: inout IdentityStore, _ newID: () -> String, _ lines: inout [KeystoneLogLine]
  ) -> String {
    guard release.number >= 14 else { return makeRole(roleName, &store, newID, &lines) }
    var weaker = makeRole("reader", &store, newID, &lines)
    let names = ["member"] + (release.number >= 24 ? ["manager"] : []) + [roleName]
    for name in names {
      let id = makeRole(name, &store, newID, &lines)
      imply(weaker, by: id, &store, &lines)
      weaker = id
    }
    if release.number >= 24 {
      // Before, the role implied member itself.
      if let member: IdentityStore.Role = store.row(named: UniqueName("member", in: nil)) {
        let old = IdentityStore.ImpliedRole(priorRoleID: weaker, impliedRoleID: member.id)
        store.remove(IdentityStore.ImpliedRole.self, old.key)
      }
      _ = makeRole("service", &store, newID, &lines)
    }
    return weaker
  }

  private func makeRole(
    _ name: String, _ store: inout IdentityStore, _ newID: () -> String,
    _ lines: inout [KeystoneLogLine]
  ) -> String {
    if let role: IdentityStore.Role = store.row(named: UniqueName(name, in: nil)) {
      say("Role \(name) exists, skipping creation.", &lines)
      return role.id
    }
    var role = IdentityStore.Role(id: newID(), name: name)
    if release.number >= 17, makesImmutableRoles { role.options["immutable"] = .bool(true) }
    store.put(role)
    say("Created role \(name)", &lines)
    if release.number >= 17, !makesImmutableRoles {
      lines.append(
        KeystoneLogLine(
          .warning, "keystone.cmd.bootstrap",
          "Role \(name) was created as a mutable role. It is recommended to make this role "
            + "immutable by adding the 'immutable' resource option to this role, or re-running "
            + "this command without --no-immutable-role."))
    }
    return role.id
  }

  private func imply(
    _ implied: String, by prior: String, _ store: inout IdentityStore,
    _ lines: inout [KeystoneLogLine]
  ) {
    let row = IdentityStore.ImpliedRole(priorRoleID: prior, impliedRoleID: implied)
    let text = "mplied role where \(prior) implies \(implied)"
    if store.impliedRoles.contains(key: row.key) {
      return say("I\(text) exists, skipping creation.", &lines)
    }
    store.put(row)
    say("Created i\(text)", &lines)
  }

  private func grant(
    _ roleID: String, to userID: String, on target: IdentityStore.Target,
    _ store: inout IdentityStore, _ lines: inout [KeystoneLogLine]
  ) {
    let row = IdentityStore.Grant(actor: .user(userID), roleID: roleID, target: target)
    let isOnSystem = target == .system
    let place = isOnSystem ? "the system" : "project \(projectName)"
    // Keystone takes the one on the system without asking whether it is there.
    if store.grants.contains(key: row.key), !isOnSystem {
      return say("User \(username) already has role \(roleName) on \(place).", &lines)
    }
    store.put(row)
    say("Granted role \(roleName) on \(place) to user \(username).", &lines)
  }

  private func makeRegion(_ store: inout IdentityStore, _ lines: inout [KeystoneLogLine]) {
    guard let regionID else { return }
    if store.regions.contains(key: regionID) {
      return say("Region \(regionID) exists, skipping creation.", &lines)
    }
    store.put(IdentityStore.Region(id: regionID))
    say("Created region \(regionID)", &lines)
  }

  private func makeCatalog(
    _ store: inout IdentityStore, _ newID: () -> String, _ lines: inout [KeystoneLogLine]
  ) {
    let wanted = [("public", publicURL), ("internal", internalURL), ("admin", adminURL)]
    guard wanted.contains(where: { $0.1 != nil }) else { return }
    let serviceID: String
    if let service = store.services.first(where: { $0.type == "identity" }) {
      serviceID = service.id
    } else {
      serviceID = newID()
      store.put(IdentityStore.Service(id: serviceID, name: serviceName, type: "identity"))
    }
    let there = store.endpoints.filter {
      $0.serviceID == serviceID && (regionID == nil || $0.regionID == regionID)
    }
    for (interface, url) in wanted {
      guard let url else { continue }
      if var endpoint = there.last(where: { $0.interface == interface }) {
        endpoint.url = url
        store.put(endpoint)
        say("\(interface) endpoint updated", &lines)
      } else {
        store.put(
          IdentityStore.Endpoint(
            id: newID(), serviceID: serviceID, interface: interface, regionID: regionID, url: url))
        say("Created \(interface) endpoint \(url)", &lines)
      }
    }
  }
}
