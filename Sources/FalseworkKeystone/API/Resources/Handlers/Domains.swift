// SPDX-License-Identifier: Apache-2.0

/// `/domains`.
enum Domains {
  private static let columns = [
    "id", "name", "description", "enabled", "tags", "options", "links", "domain_id", "parent_id",
    "is_domain", "explicit_domain_id",
  ]

  static func target(_ id: String, _ store: IdentityStore) -> PolicyTarget {
    store.domain(id) == nil ? .none : ["target.domain.id": id]
  }

  static func found(
    _ id: String, _ store: IdentityStore
  ) throws(KeystoneError) -> IdentityStore.Domain {
    guard let domain = store.domain(id) else { throw .missingRow("domain", id) }
    return domain
  }

  static func list(
    _ c: inout ResourceContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    let own = c.caller?.domainID
    try c.require(own.map { ["target.domain.id": $0] } ?? .none)
    let rows =
      if let name = c.filter("name") { [store.domain(named: name)].compactMap { $0 } } else {
        store.domains
      }
    return try c.list(
      "domains",
      rows.filter { own == nil || $0.id == own }.map { c.linked(c.json(domain: $0), "domains") },
      filters: ["name", "enabled"])
  }

  static func show(
    _ c: inout ResourceContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    try c.require(target(c.parameter(0), store))
    return c.member("domain", c.json(domain: try found(c.parameter(0), store)), in: "domains")
  }

  static func create(
    _ c: inout ResourceContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    try c.require()
    let member = c.member("domain")
    var id = c.newID()
    if let explicit = member["explicit_domain_id"]?.string {
      guard UUIDText.bytes(of: explicit) != nil, explicit.utf8.count == 32 else {
        throw .badRequest("Domain ID does not conform to required UUID format.")
      }
      id = explicit
    }
    var domain = IdentityStore.Domain(
      id: id, name: Text.stripped(member["name"]?.string ?? ""), domainID: nil)
    domain.enabled = try Users.enabled(member, otherwise: true)
    if let description = member["description"] { domain.description = description.string }
    domain.tags = Projects.texts(member["tags"])
    Options.merge(member["options"], into: &domain.options)
    domain.extra = member.filter { !columns.contains($0) }
    try Projects.checkName(domain, store)
    if store.project(id) != nil {
      throw .conflict("domain", "Duplicate ID, \(id).")
    }
    store.put(domain)
    return c.member("domain", c.json(domain: domain), in: "domains")
  }

  static func update(
    _ c: inout ResourceContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    let id = c.parameter(0)
    try c.require(target(id, store))
    let old = try found(id, store)
    let member = c.member("domain")
    try c.requireSameID(id, member)
    let domain = try Projects.changed(old, member, "domain", c, store)
    store.put(domain)
    if old.enabled, !domain.enabled { c.projectDisabled(domain, &store) }
    return c.member("domain", c.json(domain: domain), in: "domains")
  }

  static func delete(
    _ c: inout ResourceContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    let id = c.parameter(0)
    try c.require(target(id, store))
    try remove(try found(id, store), c, &store)
    return c.done
  }

  static func remove(
    _ domain: IdentityStore.Domain, _ c: ResourceContext, _ store: inout IdentityStore
  ) throws(KeystoneError) {
    try Options.checkDelete(domain.options, "domain", domain.id)
    if domain.enabled {
      throw .refused("Cannot delete a domain that is enabled, please disable it first.")
    }
    for user in store.users where user.domainID == domain.id {
      store.revoke(.user(user.id), now: c.now)
    }
    for project in store.rows(IdentityStore.Project.self, .domain, domain.id) {
      store.revoke(.project(project.id), now: c.now)
    }
    store.deleteDomain(domain.id)
    store.revoke(.project(domain.id), now: c.now)
  }
}
