// SPDX-License-Identifier: Apache-2.0

/// `/OS-TRUST/trusts`.
enum Trusts {
  private static let columns = [
    "id", "trustor_user_id", "trustee_user_id", "project_id", "impersonation", "expires_at",
    "remaining_uses", "deleted_at", "redelegated_trust_id", "redelegation_count", "roles",
    "roles_links", "links", "allow_redelegation",
  ]
  /// `[trust] max_redelegation_count`.
  private static let deepest = 3

  private static func target(_ trust: IdentityStore.Trust?) -> PolicyTarget {
    guard let trust else { return .none }
    return [
      "target.trust.trustor_user_id": trust.trustorUserID,
      "target.trust.trustee_user_id": trust.trusteeUserID,
    ]
  }

  /// One that was deleted, is over or is used up is not found.
  static func found(
    _ id: String, _ c: ResourceContext, _ store: IdentityStore
  ) throws(KeystoneError) -> IdentityStore.Trust {
    guard let trust = store.trusts[id], isAlive(trust, c), trust.remainingUses != 0 else {
      throw .missingRow("trust", id)
    }
    return trust
  }

  private static func isAlive(_ trust: IdentityStore.Trust, _ c: ResourceContext) -> Bool {
    trust.deletedAt == nil && (trust.expiresAt.map { $0 > c.now } ?? true)
  }

  static func list(
    _ c: inout ResourceContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    let trustor = c.filter("trustor_user_id").flatMap { $0.isEmpty ? nil : $0 }
    let trustee = c.filter("trustee_user_id").flatMap { $0.isEmpty ? nil : $0 }
    var rows: [IdentityStore.Trust] = []
    if let trustor {
      try c.require("list_trusts_for_trustor", ["target.trust.trustor_user_id": trustor])
      rows = store.rows(IdentityStore.Trust.self, .trustor, trustor)
    } else if let trustee {
      try c.require("list_trusts_for_trustee", ["target.trust.trustee_user_id": trustee])
      rows = store.rows(IdentityStore.Trust.self, .trustee, trustee)
    } else {
      try c.require()
      if c.request.query.isEmpty { rows = Array(store.trusts) }
    }
    let context = c
    return try c.list(
      "trusts", rows.filter { isAlive($0, context) }.map { c.linked(c.json($0), "OS-TRUST/trusts") }
    )
  }

  private static func json(
    _ trust: IdentityStore.Trust, _ c: ResourceContext, _ store: IdentityStore
  ) -> JSONObject {
    var row: JSONObject = ["roles": .array(roles(trust, c, store))]
    row.merge(c.json(trust))
    row["roles_links"] = .object(rolesLinks(trust, c))
    return row
  }

  private static func roles(
    _ trust: IdentityStore.Trust, _ c: ResourceContext, _ store: IdentityStore
  ) -> [JSONValue] {
    trust.roleIDs.compactMap { store.role($0) }.map { .object(c.linked(c.json($0), "roles")) }
  }

  /// The path lacks what it should begin with: Keystone's own mistake.
  private static func rolesLinks(
    _ trust: IdentityStore.Trust, _ c: ResourceContext
  ) -> JSONObject {
    ["self": .string("\(c.url)/\(trust.id)/roles"), "next": .null, "previous": .null]
  }

  static func show(
    _ c: inout ResourceContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    let id = c.parameter(0)
    try c.require(target(store.trusts[id]))
    let trust = try found(id, c, store)
    return c.member("trust", json(trust, c, store), in: "OS-TRUST/trusts")
  }

  static func create(
    _ c: inout ResourceContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    let member = c.member("trust")
    // The rule reads the body: `trust.trustor_user_id`.
    try c.require(["trust.trustor_user_id": member["trustor_user_id"]?.string])
    try ApplicationCredentials.checkUnrestricted(c, store)
    let asked = member["roles"]?.array ?? []
    if member["project_id"]?.isTruthy == true, asked.isEmpty {
      throw .forbidden("At least one role should be specified")
    }
    let trustor = member["trustor_user_id"]?.string ?? ""
    guard c.caller?.userID == trustor else {
      throw .forbidden("The authenticated user should match the trustor")
    }
    let trustee = try Users.found(member["trustee_user_id"]?.string ?? "", store)
    var trust = IdentityStore.Trust(
      id: c.newID(), trustorUserID: trustor, trusteeUserID: trustee.id,
      projectID: member["project_id"]?.string,
      impersonation: member["impersonation"]?.bool ?? false)
    trust.roleIDs = try ApplicationCredentials.references(asked, store)
    try checkRoles(trust, c, store)
    if let text = member["expires_at"]?.string {
      trust.expiresAt = try ApplicationCredentials.expiry(text, now: c.now)
    }
    trust.remainingUses = member["remaining_uses"]?.integer
    trust.extra = member.filter { !columns.contains($0) }
    try setRedelegation(&trust, member, c, store)
    store.put(trust)
    return c.member("trust", json(trust, c, store), in: "OS-TRUST/trusts")
  }

  /// The trustor can pass on what they have; of a redelegated trust, what its first trustor has.
  private static func checkRoles(
    _ trust: IdentityStore.Trust, _ c: ResourceContext, _ store: IdentityStore
  ) throws(KeystoneError) {
    var owner = trust.trustorUserID
    var next = c.caller?.token.trustID
    while let id = next, let above = store.trusts[id] {
      owner = above.trustorUserID
      next = above.redelegatedTrustID
    }
    var own: [String] = []
    if let project = trust.projectID {
      _ = try Projects.found(project, store)
      own = store.implied(
        by: store.grantedRoleIDs(
          to: owner, groups: store.groupIDs(of: owner), on: .project(project)))
    }
    for id in trust.roleIDs where !own.contains(id) { throw .missingRow("role", id) }
  }

  /// Why one may not be passed on is told to nobody.
  private static func setRedelegation(
    _ trust: inout IdentityStore.Trust, _ member: JSONObject, _ c: ResourceContext,
    _ store: IdentityStore
  ) throws(KeystoneError) {
    let count = member["redelegation_count"]?.integer
    let allowed = member["allow_redelegation"]?.bool == true && count != 0
    if allowed {
      if let count, count > deepest {
        throw .forbidden
      }
      if trust.remainingUses != nil {
        throw .badRequest("remaining_uses must not be set if redelegation is allowed")
      }
    }
    trust.redelegationCount = allowed ? count ?? deepest : 0
    guard let source = c.caller?.token.trustID else { return }
    let above = try found(source, c, store)
    trust.redelegatedTrustID = above.id
    let left = above.redelegationCount - 1
    if allowed, let count, count != left {
      throw .forbidden
    }
    if allowed { trust.redelegationCount = count ?? left }
    guard above.redelegationCount > 0 else {
      throw .forbidden
    }
    guard trust.roleIDs.allSatisfy(above.roleIDs.contains) else {
      throw .forbidden
    }
  }

  static func delete(
    _ c: inout ResourceContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    let id = c.parameter(0)
    try c.require(target(store.trusts[id]))
    try ApplicationCredentials.checkUnrestricted(c, store)
    remove(try found(id, c, store), c, &store)
    return c.done
  }

  /// With all that were made from it.
  private static func remove(
    _ trust: IdentityStore.Trust, _ c: ResourceContext, _ store: inout IdentityStore
  ) {
    for child in store.rows(IdentityStore.Trust.self, .parent, trust.id)
    where child.deletedAt == nil {
      remove(child, c, &store)
    }
    var trust = trust
    trust.deletedAt = c.now
    store.put(trust)
    store.revoke(.trust(trust.id), now: c.now)
  }

  static func listRoles(
    _ c: inout ResourceContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    let id = c.parameter(0)
    try c.require(target(store.trusts[id]))
    let trust = try found(id, c, store)
    return c.answer([
      "roles": .array(roles(trust, c, store)), "links": .object(rolesLinks(trust, c)),
    ])
  }

  static func showRole(
    _ c: inout ResourceContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    let id = c.parameter(0)
    try c.require(target(store.trusts[id]))
    let trust = try found(id, c, store)
    let roleID = c.parameter(1)
    guard trust.roleIDs.contains(roleID) else { throw .missingRow("role", roleID) }
    return c.member("role", c.json(try Roles.found(roleID, store)), in: "roles")
  }
}
