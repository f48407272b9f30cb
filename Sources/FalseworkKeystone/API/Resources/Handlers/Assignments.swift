// SPDX-License-Identifier: Apache-2.0

/// `/role_assignments`: grants as they are, or as they work out.
enum Assignments {
  /// A grant, or one that follows from another.
  private struct Row {
    var actor: IdentityStore.Actor
    var target: IdentityStore.Target
    var roleID: String
    var inherited = false
    /// What it follows from.
    var group: String?
    var from: IdentityStore.Target?
    var prior: String?
  }

  /// The projects that a user has a role on, in the order of the projects.
  static func projects(of userID: String, _ store: IdentityStore) -> [IdentityStore.Project] {
    store.projects.filter {
      !$0.isDomain && !store.roles(of: userID, on: .project($0.id)).isEmpty
    }
  }

  static func list(
    _ c: inout ResourceContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    let asksTree = c.isAsked("include_subtree")
    if c.release.checksEarly { try checkQuery(c) }
    guard let caller = c.caller else { throw .unauthorized }
    let project = c.filter("scope.project.id")
    if asksTree {
      var target = PolicyTarget()
      if let project {
        let row = try Projects.found(project, store)
        target.set("target.project.domain_id", row.domainID)
        target.set("target.domain_id", row.domainID)
      }
      try c.require("list_role_assignments_for_tree", target)
      guard project != nil else {
        throw .badRequest(
          "scope.project.id must be specified if include_subtree is also specified")
      }
    } else {
      try c.require(caller.domainID.map { ["target.domain_id": $0] } ?? .none)
    }
    try checkFilters(c)
    let granted = store.grants.map {
      Row(actor: $0.actor, target: $0.target, roleID: $0.roleID, inherited: $0.inherited)
    }
    var rows = c.isAsked("effective") ? effective(granted, c, store) : granted
    rows = rows.filter { matches($0, c, store, tree: asksTree) }
    if !asksTree, let domain = caller.domainID {
      rows = rows.filter { isIn(domain, $0.target, store) }
    }
    return try c.list("role_assignments", rows.map { json($0, c, store) })
  }

  private static func isIn(
    _ domain: String, _ target: IdentityStore.Target, _ store: IdentityStore
  ) -> Bool {
    switch target {
    case .domain(let id): id == domain
    case .project(let id): store.project(id)?.domainID == domain
    case .system: false
    }
  }

  private static func checkQuery(_ c: ResourceContext) throws(KeystoneError) {
    if c.filter("include_subtree") != nil, c.filter("scope.project.id") == nil {
      throw .badRequest("'scope.project.id' is a dependency of 'include_subtree'")
    }
    if c.filter("user.id") != nil, c.filter("group.id") != nil {
      let pairs = c.request.query.map {
        "(\(JSONValue.quoted($0.name)), \(JSONValue.quoted($0.value)))"
      }.joined(separator: ", ")
      throw .badRequest(
        "ImmutableMultiDict([\(pairs)]) is valid under each of {'required': ['group.id']}, "
          + "{'required': ['user.id']}")
    }
  }

  private static func checkFilters(_ c: ResourceContext) throws(KeystoneError) {
    func both(_ a: String, _ b: String) -> Bool {
      !(c.filter(a) ?? "").isEmpty && !(c.filter(b) ?? "").isEmpty
    }
    if both("scope.domain.id", "scope.project.id") {
      throw .badRequest("Specify a domain or project, not both")
    }
    if both("scope.domain.id", "scope.system") {
      throw .badRequest("Specify system or domain, not both")
    }
    if both("scope.project.id", "scope.system") {
      throw .badRequest("Specify system or project, not both")
    }
    if both("user.id", "group.id") { throw .badRequest("Specify a user or group, not both") }
    guard c.isAsked("effective") else { return }
    if c.filter("group.id") != nil {
      throw .badRequest(
        "Combining effective and group filter will always result in an empty list.")
    }
    if c.filter("scope.OS-INHERIT:inherited_to") == "projects", c.filter("scope.domain.id") != nil {
      throw .badRequest(
        "Combining effective, domain and inherited filters will always result in an empty list.")
    }
  }

  private static func matches(
    _ row: Row, _ c: ResourceContext, _ store: IdentityStore, tree: Bool
  ) -> Bool {
    if let role = c.filter("role.id"), role != row.roleID { return false }
    if let user = c.filter("user.id"), row.actor != .user(user) { return false }
    if let group = c.filter("group.id"), row.actor != .group(group) { return false }
    if let domain = c.filter("scope.domain.id"), row.target != .domain(domain) { return false }
    if c.filter("scope.system") != nil, row.target != .system { return false }
    if let project = c.filter("scope.project.id") {
      guard case .project(let id) = row.target else { return false }
      let below = tree && store.ancestors(of: id).contains { $0.id == project }
      if id != project, !below { return false }
    }
    // What is on the system is told whatever is asked of inheritance, unless it was worked out.
    if let inherited = c.filter("scope.OS-INHERIT:inherited_to"),
      row.target != .system || c.isAsked("effective")
    {
      let isInherited = row.inherited || row.from != nil
      if (inherited == "projects") != isInherited { return false }
    }
    return true
  }

  // MARK: Effective

  /// Groups become their members, inherited grants the projects below, and roles what they imply.
  private static func effective(
    _ granted: [Row], _ c: ResourceContext, _ store: IdentityStore
  ) -> [Row] {
    var found: [Row] = []
    for row in granted {
      // Other users need not be worked out.
      if let user = c.filter("user.id"), case .user(let id) = row.actor, id != user { continue }
      for placed in places(row, store) {
        for person in people(placed, store) { found += implied(person, store) }
      }
    }
    return found
  }

  private static func places(_ row: Row, _ store: IdentityStore) -> [Row] {
    guard row.inherited else { return [row] }
    let projects: [IdentityStore.Project]
    switch row.target {
    case .domain(let id): projects = store.rows(IdentityStore.Project.self, .domain, id)
    case .project(let id): projects = store.subtree(of: id)
    case .system: projects = []
    }
    return projects.map {
      var placed = row
      placed.target = .project($0.id)
      placed.from = row.target
      placed.inherited = false
      return placed
    }
  }

  private static func people(_ row: Row, _ store: IdentityStore) -> [Row] {
    guard case .group(let id) = row.actor else { return [row] }
    return store.userIDs(in: id).map {
      var person = row
      person.actor = .user($0)
      person.group = id
      return person
    }
  }

  /// Roles of one domain work through what they imply, and are not shown themselves.
  private static func implied(_ row: Row, _ store: IdentityStore) -> [Row] {
    var rows: [Row] = []
    var priors: [String: String] = [:]
    var order = [row.roleID]
    var next = 0
    while next < order.count {
      let prior = order[next]
      for rule in store.rows(IdentityStore.ImpliedRole.self, .role, prior)
      where rule.impliedRoleID != row.roleID && priors[rule.impliedRoleID] == nil {
        priors[rule.impliedRoleID] = prior
        order.append(rule.impliedRoleID)
      }
      next += 1
    }
    for id in order where store.role(id)?.domainID == nil {
      var one = row
      one.roleID = id
      one.prior = priors[id]
      rows.append(one)
    }
    return rows
  }

  // MARK: Shown

  private static func json(
    _ row: Row, _ c: ResourceContext, _ store: IdentityStore
  ) -> JSONObject {
    let named = c.isAsked("include_names")
    var links = JSONObject()
    var link = ""
    var scope = JSONObject()
    switch row.target {
    case .project(let id):
      scope["project"] = project(id, named, store)
      switch row.from {
      case .domain(let from): link = "/domains/\(from)"
      case .project(let from): link = "/projects/\(from)"
      case .system, nil: link = "/projects/\(id)"
      }
    case .domain(let id):
      scope["domain"] = domain(id, named, store)
      link = "/domains/\(id)"
    case .system:
      scope["system"] = .object(["all": .bool(true)])
      link = "/system"
    }
    var body: JSONObject = ["links": .null, "scope": .null]
    switch row.actor {
    case .user(let id):
      let user = store.user(id)
      body["user"] = entity(id, user?.name, user?.domainID, named, store)
      if let group = row.group {
        links["membership"] = .string("\(c.url)/groups/\(group)/users/\(id)")
        link += "/groups/\(group)"
      } else {
        link += "/users/\(id)"
      }
    case .group(let id):
      let group = store.group(id)
      body["group"] = entity(id, group?.name, group?.domainID, named, store)
      link += "/groups/\(id)"
    }
    let role = store.role(row.roleID)
    var roleBody: JSONObject = ["id": .string(row.roleID)]
    if named {
      roleBody["name"] = .string(role?.name ?? "")
      if let id = role?.domainID { roleBody["domain"] = domain(id, true, store) }
    }
    body["role"] = .object(roleBody)
    link += "/roles/\(row.prior ?? row.roleID)"
    if row.inherited || row.from != nil {
      scope["OS-INHERIT:inherited_to"] = .string("projects")
      link = "/OS-INHERIT\(link)/inherited_to_projects"
    }
    links["assignment"] = .string(c.url + link)
    if let prior = row.prior {
      links["prior_role"] = .string("\(c.url)/prior_role/\(row.roleID)/implies/\(prior)")
    }
    body["links"] = .object(links)
    body["scope"] = .object(scope)
    return body
  }

  private static func project(_ id: String, _ named: Bool, _ store: IdentityStore) -> JSONValue {
    let row = store.project(id)
    return entity(id, row?.name, row?.domainID ?? row?.id, named, store)
  }

  private static func domain(_ id: String, _ named: Bool, _ store: IdentityStore) -> JSONValue {
    var body: JSONObject = ["id": .string(id)]
    if named { body["name"] = .string(store.domain(id)?.name ?? "") }
    return .object(body)
  }

  private static func entity(
    _ id: String, _ name: String?, _ domainID: String?, _ named: Bool, _ store: IdentityStore
  ) -> JSONValue {
    guard named else { return .object(["id": .string(id)]) }
    return .object([
      "id": .string(id), "name": .string(name ?? ""),
      "domain": domain(domainID ?? "", true, store),
    ])
  }
}
