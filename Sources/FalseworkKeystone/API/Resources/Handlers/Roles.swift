// SPDX-License-Identifier: Apache-2.0

/// `/roles` and what they imply.
enum Roles {
  private static let columns = ["id", "name", "domain_id", "description", "options", "links"]

  static func found(
    _ id: String, _ store: IdentityStore
  ) throws(KeystoneError) -> IdentityStore.Role {
    guard let role = store.role(id) else { throw .missingRow("role", id) }
    return role
  }

  /// A role of a domain has rules of its own: `get_role` becomes `get_domain_role`.
  private static func require(
    _ c: inout ResourceContext, _ verb: String, ofDomain: Bool, _ target: PolicyTarget = .none
  ) throws(KeystoneError) {
    let plural = verb == "list" ? "s" : ""
    try c.require(ofDomain ? "\(verb)_domain_role\(plural)" : "\(verb)_role\(plural)", target)
  }

  static func list(
    _ c: inout ResourceContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    let domain = c.filter("domain_id")
    try require(&c, "list", ofDomain: domain != nil)
    let rows = store.roles.filter { $0.domainID == domain }
    return try c.list(
      "roles", rows.map { c.linked(c.json($0), "roles") }, filters: ["name", "domain_id"])
  }

  private static func known(
    _ c: inout ResourceContext, _ verb: String, _ store: IdentityStore
  ) throws(KeystoneError) -> IdentityStore.Role {
    guard c.caller != nil else { throw .unauthorized }
    let role = store.role(c.parameter(0))
    try require(
      &c, verb, ofDomain: role?.domainID != nil,
      role.map { ["target.role.domain_id": $0.domainID, "target.role.name": $0.name] } ?? .none)
    return try found(c.parameter(0), store)
  }

  static func show(
    _ c: inout ResourceContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    let role = try known(&c, "get", store)
    return c.member("role", c.json(role), in: "roles")
  }

  static func create(
    _ c: inout ResourceContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    let member = c.member("role")
    let domainID = member["domain_id"]?.string
    try require(&c, "create", ofDomain: domainID != nil)
    var role = IdentityStore.Role(
      id: c.newID(), name: Text.stripped(member["name"]?.string ?? ""), domainID: domainID)
    role.description = member["description"]?.string
    Options.merge(member["options"], into: &role.options)
    role.extra = member.filter { !columns.contains($0) }
    try checkName(role, store)
    store.put(role)
    return c.member("role", c.json(role), in: "roles")
  }

  private static func checkName(
    _ role: IdentityStore.Role, _ store: IdentityStore
  ) throws(KeystoneError) {
    let other: IdentityStore.Role? = store.row(named: UniqueName(role.name, in: role.domainID))
    guard let other, other.id != role.id else { return }
    throw .conflict(
      "role",
      role.domainID.map {
        "Duplicate entry found with name \(role.name) at domain ID \($0)"
      } ?? "Duplicate entry found with name \(role.name)")
  }

  static func update(
    _ c: inout ResourceContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    var role = try known(&c, "update", store)
    let member = c.member("role")
    try c.requireSameID(role.id, member)
    try Options.checkUpdate(role.options, member, "role", role.id)
    if let domain = member["domain_id"], domain != JSONValue(role.domainID) {
      throw .badRequest("Update of `domain_id` is not allowed.")
    }
    if let name = member["name"]?.string { role.name = Text.stripped(name) }
    if let description = member["description"] { role.description = description.string }
    Options.merge(member["options"], into: &role.options)
    role.extra.merge(member.filter { !columns.contains($0) })
    try checkName(role, store)
    store.put(role)
    return c.member("role", c.json(role), in: "roles")
  }

  static func delete(
    _ c: inout ResourceContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    let role = try known(&c, "delete", store)
    try Options.checkDelete(role.options, "role", role.id)
    store.deleteRole(role.id)
    return c.done
  }

  // MARK: Inferences

  private static func reference(_ c: ResourceContext, _ role: IdentityStore.Role) -> JSONValue {
    .object([
      "id": .string(role.id),
      "links": .object(["self": .string("\(c.url)/roles/\(role.id)")]),
      "name": .string(role.name),
    ])
  }

  static func implied(
    _ c: inout ResourceContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    try c.require()
    let prior = try found(c.parameter(0), store)
    let implied = store.rows(IdentityStore.ImpliedRole.self, .role, prior.id)
      .compactMap { store.role($0.impliedRoleID) }
    return c.answer([
      "role_inference": .object([
        "prior_role": reference(c, prior), "implies": .array(implied.map { reference(c, $0) }),
      ]), "links": .object(["self": .string("\(c.url)/roles/\(prior.id)/implies")]),
    ])
  }

  private static func inference(
    _ c: ResourceContext, _ prior: IdentityStore.Role, _ implied: IdentityStore.Role
  ) -> KeystoneAnswer {
    c.answer([
      "role_inference": .object([
        "prior_role": reference(c, prior), "implies": reference(c, implied),
      ]),
      "links": .object([
        "self": .string("\(c.url)/roles/\(prior.id)/implies/\(implied.id)")
      ]),
    ])
  }

  private static func rule(
    _ c: ResourceContext, _ store: IdentityStore
  ) throws(KeystoneError) -> (IdentityStore.Role, IdentityStore.Role) {
    let prior = c.parameter(0)
    let implied = c.parameter(1)
    guard store.impliedRoles.contains(key: joinedKey(prior, implied)) else {
      throw .notFound("\(prior) does not imply \(implied).")
    }
    return (try found(prior, store), try found(implied, store))
  }

  static func showInference(
    _ c: inout ResourceContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    try c.require(c.isHead ? "check_implied_role" : "get_implied_role", .none)
    let (prior, implied) = try rule(c, store)
    return c.isHead ? c.done : inference(c, prior, implied)
  }

  static func addInference(
    _ c: inout ResourceContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    try c.require()
    let prior = try found(c.parameter(0), store)
    let implied = try found(c.parameter(1), store)
    // `[assignment] prohibited_implied_role`.
    if implied.name == "admin" {
      throw .refused("\(implied.id) cannot be an implied roles.")
    }
    if prior.domainID == nil, implied.domainID != nil {
      throw .refused("\(implied.id) cannot be an implied roles.")
    }
    let rule = IdentityStore.ImpliedRole(priorRoleID: prior.id, impliedRoleID: implied.id)
    if store.impliedRoles.contains(key: rule.key) {
      throw .conflict("implied_role", "Duplicate entry")
    }
    store.put(rule)
    return inference(c, prior, implied)
  }

  static func removeInference(
    _ c: inout ResourceContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    try c.require()
    _ = try rule(c, store)
    store.remove(
      IdentityStore.ImpliedRole.self, joinedKey(c.parameter(0), c.parameter(1)))
    return c.done
  }

  static func inferences(
    _ c: inout ResourceContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    try c.require()
    var rows: [JSONValue] = []
    for prior in store.roles {
      let implied = store.rows(IdentityStore.ImpliedRole.self, .role, prior.id)
        .compactMap { store.role($0.impliedRoleID) }
      if implied.isEmpty { continue }
      rows.append(
        .object([
          "prior_role": reference(c, prior),
          "implies": .array(implied.map { reference(c, $0) }),
        ]))
    }
    return c.answer([
      "role_inferences": .array(rows),
      "links": .object([
        "next": .null, "self": .string("\(c.url)/role_inferences"), "previous": .null,
      ]),
    ])
  }
}
