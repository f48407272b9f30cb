// SPDX-License-Identifier: Apache-2.0

/// `/projects`: the hierarchy and its tags.
enum Projects {
  private static let columns = [
    "id", "name", "domain_id", "description", "enabled", "parent_id", "is_domain", "tags",
    "options", "links", "extra", "parents", "subtree",
  ]

  static func target(_ id: String, _ store: IdentityStore) -> PolicyTarget {
    guard let project = store.project(id) else { return .none }
    return ["target.project.id": project.id, "target.project.domain_id": project.domainID]
  }

  static func found(
    _ id: String, _ store: IdentityStore
  ) throws(KeystoneError) -> IdentityStore.Project {
    guard let project = store.project(id) else { throw .missingRow("project", id) }
    return project
  }

  static func list(
    _ c: inout ResourceContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    try c.require(c.caller?.domainID.map { ["target.domain_id": $0] } ?? .none)
    let name = c.filter("name")
    let domain = c.filter("domain_id")
    var rows: [IdentityStore.Project]
    if let name, let domain {
      rows = [store.project(named: name, domainID: domain)].compactMap { $0 }
    } else {
      rows = store.projects.filter {
        (name == nil || $0.name == name!) && (domain == nil || $0.domainID == domain!)
      }
    }
    if c.filter("is_domain") == nil { rows = rows.filter { !$0.isDomain } }
    if let mine = c.caller?.domainID { rows = rows.filter { $0.domainID == mine } }
    rows = rows.filter { hasTags($0, c) }
    return try c.list(
      "projects", rows.map { c.linked(c.json($0), "projects") },
      filters: ["domain_id", "enabled", "name", "parent_id", "is_domain"])
  }

  /// `tags`, `tags-any`, `not-tags` and `not-tags-any`: lists with commas.
  private static func hasTags(_ project: IdentityStore.Project, _ c: ResourceContext) -> Bool {
    func asked(_ name: String) -> [String]? {
      c.filter(name)?.split(separator: ",").map(String.init)
    }
    if let all = asked("tags"), !all.allSatisfy(project.tags.contains) { return false }
    if let any = asked("tags-any"), !any.contains(where: project.tags.contains) { return false }
    if let all = asked("not-tags"), all.allSatisfy(project.tags.contains) { return false }
    if let any = asked("not-tags-any"), any.contains(where: project.tags.contains) { return false }
    return true
  }

  static func show(
    _ c: inout ResourceContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    try c.require(target(c.parameter(0), store))
    let project = try found(c.parameter(0), store)
    var row = c.json(project)
    try expand(&row, project, c, store)
    return c.member("project", row, in: "projects")
  }

  private static func expand(
    _ row: inout JSONObject, _ project: IdentityStore.Project, _ c: ResourceContext,
    _ store: IdentityStore
  ) throws(KeystoneError) {
    for side in ["parents", "subtree"]
    where c.isAsked("\(side)_as_list") && c.isAsked("\(side)_as_ids") {
      throw .badRequest(
        "Cannot use \(side)_as_list and \(side)_as_ids query params at the same time.")
    }
    // Only what the caller has a role on is listed; ids are told to anybody.
    let mine = c.caller.map { caller in
      Set(Assignments.projects(of: caller.userID, store).map(\.id))
    }
    func listed(_ projects: [IdentityStore.Project]) -> JSONValue {
      .array(
        projects.filter { mine?.contains($0.id) ?? false }.map {
          .object(["project": .object(c.linked(c.json($0), "projects"))])
        })
    }
    if c.isAsked("parents_as_list") {
      row["parents"] = listed(store.ancestors(of: project.id))
    } else if c.isAsked("parents_as_ids") {
      row["parents"] = store.ancestors(of: project.id).reversed().reduce(.null) {
        .object([$1.id: $0])
      }
    }
    if c.isAsked("subtree_as_list") {
      row["subtree"] = listed(store.subtree(of: project.id))
    } else if c.isAsked("subtree_as_ids") {
      row["subtree"] = ids(below: project.id, store)
    }
  }

  private static func ids(below id: String, _ store: IdentityStore) -> JSONValue {
    let children = store.rows(IdentityStore.Project.self, .parent, id)
    guard !children.isEmpty else { return .null }
    var members = JSONObject()
    for child in children { members[child.id] = ids(below: child.id, store) }
    return .object(members)
  }

  static func create(
    _ c: inout ResourceContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    let member = c.member("project")
    try c.require(["target.project.domain_id": member["domain_id"]?.string])
    let isDomain = flag(member["is_domain"]) ?? false
    let parentID = member["parent_id"]?.string
    var domainID = member["domain_id"]?.string
    if !isDomain, domainID == nil {
      // A parent that is no domain tells the domain, from the caller's view it is its own.
      domainID = c.domainID(member)
    }
    var project = IdentityStore.Project(
      id: c.newID(), name: Text.stripped(member["name"]?.string ?? ""),
      domainID: isDomain ? nil : domainID, parentID: parentID)
    if isDomain {
      if parentID ?? member["domain_id"]?.string != nil {
        throw .badRequest("only root projects are allowed to act as domains.")
      }
    } else {
      try checkPlace(of: project, c, store)
    }
    project.enabled = try Users.enabled(member, otherwise: true)
    if let description = member["description"] { project.description = description.string }
    project.tags = texts(member["tags"])
    Options.merge(member["options"], into: &project.options)
    project.extra = member.filter { !columns.contains($0) }
    try checkName(project, store)
    store.put(project)
    return c.member("project", c.json(project), in: "projects")
  }

  /// What is missing above it is the request's fault here: 400.
  private static func checkPlace(
    of project: IdentityStore.Project, _ c: ResourceContext, _ store: IdentityStore
  ) throws(KeystoneError) {
    let domainID = project.domainID ?? ""
    guard store.domain(domainID) != nil else {
      throw .badRequest("Could not find domain: \(domainID).")
    }
    let parentID = project.parentID ?? ""
    guard let parent = store.project(parentID) else {
      throw .badRequest("Could not find project: \(parentID).")
    }
    if parent.isDomain {
      guard parent.id == domainID else {
        throw .badRequest(
          "Cannot create project, the parent (\(parent.id)) is acting as a domain, but this "
            + "project's domain id (\(domainID)) does not match the parent's id.")
      }
    } else if parent.domainID != domainID {
      throw .badRequest(
        "Cannot create project, since it specifies its domain_id \(domainID), but specifies a "
          + "parent in a different domain (\(parent.domainID ?? "None")).")
    }
    let above = [parent] + store.ancestors(of: parent.id)
    if let disabled = above.reversed().first(where: { !$0.enabled }) {
      throw .badRequest(
        "cannot create a project in a branch containing a disabled project: \(disabled.id)")
    }
    // The domain counts as a level, and is not counted in the limit.
    if above.count > deepest {
      throw .refused("Max hierarchy depth reached for \(parentID) branch.")
    }
  }

  /// `[DEFAULT] max_project_tree_depth`.
  private static let deepest = 5

  static func checkName(
    _ project: IdentityStore.Project, _ store: IdentityStore
  ) throws(KeystoneError) {
    let other: IdentityStore.Project? = store.row(
      named: UniqueName(project.name, in: project.domainID))
    guard let other, other.id != project.id else { return }
    throw .conflict(
      "project",
      project.isDomain
        ? "it is not permitted to have two projects acting as domains with the same name: "
          + project.name
        : "it is not permitted to have two projects with either the same name or same id in the "
          + "same domain: name is \(project.name), project id \(project.id)")
  }

  static func flag(_ value: JSONValue?) -> Bool? {
    switch value {
    case .bool(let flag): flag
    case .string(let text): JSONValue.queryBool(text)
    default: nil
    }
  }

  static func texts(_ value: JSONValue?) -> [String] {
    (value?.array ?? []).compactMap(\.string)
  }

  static func update(
    _ c: inout ResourceContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    let id = c.parameter(0)
    try c.require(target(id, store))
    let old = try found(id, store)
    let member = c.member("project")
    try c.requireSameID(id, member)
    let project = try changed(old, member, "project", c, store)
    store.put(project)
    if old.enabled, !project.enabled { c.projectDisabled(project, &store) }
    return c.member("project", c.json(project, echoed: true), in: "projects")
  }

  /// The rules are the same for a project and a domain.
  static func changed(
    _ old: IdentityStore.Project, _ member: JSONObject, _ type: String, _ c: ResourceContext,
    _ store: IdentityStore
  ) throws(KeystoneError) -> IdentityStore.Project {
    if let domain = member["domain_id"], domain != JSONValue(old.domainID), type == "project" {
      throw .badRequest("Cannot change Domain ID")
    }
    try Options.checkUpdate(old.options, member, type, old.id)
    if let parent = member["parent_id"], parent != JSONValue(old.parentID) {
      throw .refused("Update of `parent_id` is not allowed.")
    }
    if let isDomain = flag(member["is_domain"]), isDomain != old.isDomain {
      throw .badRequest("Update of `is_domain` is not allowed.")
    }
    var project = old
    if let name = member["name"]?.string { project.name = Text.stripped(name) }
    project.enabled = try Users.enabled(member, otherwise: old.enabled)
    if let description = member["description"] { project.description = description.string }
    if member["tags"] != nil { project.tags = texts(member["tags"]) }
    Options.merge(member["options"], into: &project.options)
    project.extra.merge(member.filter { !columns.contains($0) })
    if !old.enabled, project.enabled, store.ancestors(of: old.id).contains(where: { !$0.enabled }) {
      throw .refused("Cannot enable project \(old.id) since it has disabled parents")
    }
    if old.enabled, !project.enabled, !old.isDomain,
      store.subtree(of: old.id).contains(where: \.enabled)
    {
      throw .refused(
        "Cannot disable project \(old.id) since its subtree contains enabled projects.")
    }
    try checkName(project, store)
    return project
  }

  static func delete(
    _ c: inout ResourceContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    let id = c.parameter(0)
    try c.require(target(id, store))
    let project = try found(id, store)
    if project.isDomain {
      try Domains.remove(project, c, &store)
      return c.done
    }
    try Options.checkDelete(project.options, "project", id)
    guard store.keys(.project, .parent, id).isEmpty else {
      throw .refused(
        "Cannot delete the project \(id) since it is not a leaf in the hierarchy. Use the cascade "
          + "option if you want to delete a whole subtree.")
    }
    store.deleteProject(id)
    store.revoke(.project(id), now: c.now)
    return c.done
  }
}

extension ResourceContext {
  /// Since Pike a token of a disabled project fails because the project is looked at.
  func projectDisabled(_ project: IdentityStore.Project, _ store: inout IdentityStore) {
    guard release.revokesGrants else { return }
    store.revoke(project.isDomain ? .domain(project.id) : .project(project.id), now: now)
  }
}

extension Release {
  /// Up to Ocata a change of what somebody may do was recorded as an event against their tokens;
  /// since then roles are looked up anew at each validation.
  var revokesGrants: Bool { profile.revocation.onLostRole }
}
