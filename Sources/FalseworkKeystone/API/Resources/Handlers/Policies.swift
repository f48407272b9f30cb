// SPDX-License-Identifier: Apache-2.0

/// `/policies` and OS-ENDPOINT-POLICY, which says what they are for.
enum Policies {
  private static let columns = ["id", "type", "blob", "links"]

  static func found(
    _ id: String, _ store: IdentityStore
  ) throws(KeystoneError) -> IdentityStore.Policy {
    guard let policy = store.policies[id] else { throw .missingRow("policy", id) }
    return policy
  }

  static func list(
    _ c: inout ResourceContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    try c.require()
    return try c.list(
      "policies", store.policies.map { c.linked(c.json($0), "policies") }, filters: ["type"])
  }

  static func show(
    _ c: inout ResourceContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    try c.require()
    return c.member("policy", c.json(try found(c.parameter(0), store)), in: "policies")
  }

  private static func checked(
    _ c: ResourceContext, _ schema: Schema
  ) throws(KeystoneError) -> JSONObject {
    let member = c.member("policy")
    if let complaint = schema.firstComplaint(.object(member)) {
      throw KeystoneError(complaint, c.release)
    }
    return member
  }

  static func create(
    _ c: inout ResourceContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    try c.require()
    let member = try checked(c, .policyCreate)
    var policy = IdentityStore.Policy(
      id: c.newID(), type: member["type"]?.string ?? "", blob: member["blob"]?.string ?? "")
    policy.extra = member.filter { !columns.contains($0) }
    store.put(policy)
    return c.member("policy", c.json(policy), in: "policies")
  }

  static func update(
    _ c: inout ResourceContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    try c.require()
    let member = try checked(c, .policyUpdate)
    var policy = try found(c.parameter(0), store)
    try c.requireSameID(policy.id, member)
    if let type = member["type"]?.string { policy.type = type }
    if let blob = member["blob"]?.string { policy.blob = blob }
    policy.extra.merge(member.filter { !columns.contains($0) })
    store.put(policy)
    return c.member("policy", c.json(policy), in: "policies")
  }

  static func delete(
    _ c: inout ResourceContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    try c.require()
    store.deletePolicy(try found(c.parameter(0), store).id)
    return c.done
  }

  // MARK: What for

  /// The association that the path names; all rows in it must be there.
  private static func association(
    _ c: inout ResourceContext, _ store: IdentityStore
  ) throws(KeystoneError) -> IdentityStore.PolicyAssociation {
    let names = c.request.parameters.map(\.name)
    try c.require()
    let policy = try found(c.parameter(0), store)
    if names[1] == "endpoint_id" {
      return .init(
        policyID: policy.id, endpointID: try Endpoints.found(c.parameter(1), store).id,
        serviceID: nil, regionID: nil)
    }
    let service = try Services.found(c.parameter(1), store).id
    let region = names.count > 2 ? try Regions.found(c.parameter(2), store).id : nil
    return .init(policyID: policy.id, endpointID: nil, serviceID: service, regionID: region)
  }

  static func associate(
    _ c: inout ResourceContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    store.put(try association(&c, store))
    return c.done
  }

  private static func known(
    _ c: inout ResourceContext, _ store: IdentityStore
  ) throws(KeystoneError) -> IdentityStore.PolicyAssociation {
    let wanted = try association(&c, store)
    guard store.policyAssociations[wanted.key] == wanted else {
      throw .notFound("Could not find policy association.")
    }
    return wanted
  }

  static func isAssociated(
    _ c: inout ResourceContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    _ = try known(&c, store)
    return c.done
  }

  static func dissociate(
    _ c: inout ResourceContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    store.remove(IdentityStore.PolicyAssociation.self, try known(&c, store).key)
    return c.done
  }

  static func endpoints(
    _ c: inout ResourceContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    try c.require()
    let policy = try found(c.parameter(0), store)
    let current = store
    let rows = store.endpoints.filter { Self.policy(of: $0, current)?.id == policy.id }
    return try c.list(
      "endpoints",
      rows.map {
        var row = c.json($0)
        row["region"] = nil
        return c.linked(row, "endpoints")
      })
  }

  /// The endpoint's own policy, else that of its service in its region or the regions above, else
  /// its service's.
  private static func policy(
    of endpoint: IdentityStore.Endpoint, _ store: IdentityStore
  ) -> IdentityStore.Policy? {
    var keys = [joinedKey(endpoint.id, "", "")]
    var region = endpoint.regionID
    while let id = region {
      keys.append(joinedKey("", endpoint.serviceID, id))
      region = store.regions[id]?.parentID
    }
    keys.append(joinedKey("", endpoint.serviceID, ""))
    for key in keys {
      if let row = store.policyAssociations[key] { return store.policies[row.policyID] }
    }
    return nil
  }

  static func ofEndpoint(
    _ c: inout ResourceContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    try c.require()
    let endpoint = try Endpoints.found(c.parameter(0), store)
    guard let policy = policy(of: endpoint, store) else {
      throw .notFound("No policy is associated with endpoint \(endpoint.id).")
    }
    // Linked as if it were an endpoint: Keystone's own mistake.
    return c.member("policy", c.json(policy), in: "endpoints")
  }
}
