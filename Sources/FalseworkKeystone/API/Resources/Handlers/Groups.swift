// SPDX-License-Identifier: Apache-2.0

/// `/groups` and their members.
enum Groups {
  private static let columns = ["id", "name", "domain_id", "description", "links"]

  static func target(_ id: String, _ store: IdentityStore) -> PolicyTarget {
    guard let group = store.group(id) else { return .none }
    return ["target.group.id": group.id, "target.group.domain_id": group.domainID]
  }

  static func found(
    _ id: String, _ store: IdentityStore
  ) throws(KeystoneError) -> IdentityStore.Group {
    guard let group = store.group(id) else { throw .missingRow("group", id) }
    return group
  }

  static func list(
    _ c: inout ResourceContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    try c.require(c.caller?.domainID.map { ["target.group.domain_id": $0] } ?? .none)
    let domain = c.caller?.domainID
    let rows = store.groups.filter { domain == nil || $0.domainID == domain }
    return try c.list(
      "groups", rows.map { c.linked(c.json($0), "groups") }, filters: ["domain_id", "name"])
  }

  static func show(
    _ c: inout ResourceContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    try c.require(target(c.parameter(0), store))
    return c.member("group", c.json(try found(c.parameter(0), store)), in: "groups")
  }

  static func create(
    _ c: inout ResourceContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    let member = c.member("group")
    try c.require(["target.group.domain_id": member["domain_id"]?.string])
    let domainID = c.domainID(member)
    guard store.domain(domainID) != nil else { throw .missingRow("domain", domainID) }
    var group = IdentityStore.Group(
      id: c.newID(), name: Text.stripped(member["name"]?.string ?? ""), domainID: domainID)
    group.description = member["description"]?.string ?? ""
    group.extra = member.filter { !columns.contains($0) }
    try checkName(group, store)
    store.put(group)
    return c.member("group", c.json(group), in: "groups")
  }

  private static func checkName(
    _ group: IdentityStore.Group, _ store: IdentityStore
  ) throws(KeystoneError) {
    let other: IdentityStore.Group? = store.row(named: UniqueName(group.name, in: group.domainID))
    if let other, other.id != group.id {
      throw .conflict(
        "group",
        "Duplicate entry found with name \(group.name) at domain ID \(group.domainID)")
    }
  }

  static func update(
    _ c: inout ResourceContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    let id = c.parameter(0)
    try c.require(target(id, store))
    var group = try found(id, store)
    let member = c.member("group")
    try c.requireSameID(id, member)
    if let domain = member["domain_id"]?.string, domain != group.domainID {
      throw .badRequest("Cannot change Domain ID")
    }
    if let name = member["name"]?.string { group.name = Text.stripped(name) }
    if let description = member["description"] { group.description = description.string }
    group.extra.merge(member.filter { !columns.contains($0) })
    try checkName(group, store)
    store.put(group)
    return c.member("group", c.json(group), in: "groups")
  }

  /// Its members lose what the group was granted: their tokens go.
  static func delete(
    _ c: inout ResourceContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    let id = c.parameter(0)
    try c.require(target(id, store))
    _ = try found(id, store)
    // Who had nothing by the group loses nothing.
    if !store.keys(.grant, .group, id).isEmpty {
      for user in store.userIDs(in: id) { store.revoke(.user(user), now: c.now) }
    }
    store.deleteGroup(id)
    return c.done
  }

  static func users(
    _ c: inout ResourceContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    let id = c.parameter(0)
    try c.require(target(id, store))
    _ = try found(id, store)
    var rows = store.userIDs(in: id).compactMap { store.user($0) }
    if let domain = c.caller?.domainID { rows = rows.filter { $0.domainID == domain } }
    return try c.list(
      "users", rows.map { c.linked(c.json($0), "users") },
      filters: ["domain_id", "enabled", "name"])
  }

  private static func memberTarget(
    _ c: ResourceContext, _ store: IdentityStore
  ) -> PolicyTarget {
    guard let group = store.group(c.parameter(0)), let user = store.user(c.parameter(1)) else {
      return .none
    }
    return [
      "target.group.domain_id": group.domainID, "target.user.domain_id": user.domainID,
      "target.user.id": user.id,
    ]
  }

  static func addUser(
    _ c: inout ResourceContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    try c.require(memberTarget(c, store))
    let group = try found(c.parameter(0), store)
    let user = try Users.found(c.parameter(1), store)
    store.put(IdentityStore.Membership(userID: user.id, groupID: group.id))
    return c.done
  }

  static func hasUser(
    _ c: inout ResourceContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    try c.require(memberTarget(c, store))
    _ = try membership(c, store)
    return c.done
  }

  /// Whose tokens end with it, on every release.
  static func removeUser(
    _ c: inout ResourceContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    try c.require(memberTarget(c, store))
    let membership = try membership(c, store)
    store.remove(IdentityStore.Membership.self, membership.key)
    store.revoke(.user(membership.userID), now: c.now)
    return c.done
  }

  private static func membership(
    _ c: ResourceContext, _ store: IdentityStore
  ) throws(KeystoneError) -> IdentityStore.Membership {
    let group = try found(c.parameter(0), store)
    let user = try Users.found(c.parameter(1), store)
    guard let row = store.memberships[joinedKey(user.id, group.id)] else {
      throw .notFound("User '\(user.id)' not found in group '\(group.id)'")
    }
    return row
  }
}
