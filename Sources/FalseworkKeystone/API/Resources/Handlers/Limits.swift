// SPDX-License-Identifier: Apache-2.0

/// `/registered_limits` and `/limits`, by the flat model.
enum Limits {
  static func model(
    _ c: inout ResourceContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    try c.require()
    return c.answer([
      "model": .object([
        "name": .string("flat"),
        "description": .string(
          "Limit enforcement and validation does not take project hierarchy into consideration."),
      ])
    ])
  }

  // MARK: Registered

  private static func registered(
    _ id: String, _ store: IdentityStore
  ) throws(KeystoneError) -> IdentityStore.RegisteredLimit {
    guard let limit = store.registeredLimits[id] else {
      throw .notFound("Could not find registered limit for \(id).")
    }
    return limit
  }

  static func listRegistered(
    _ c: inout ResourceContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    try c.require()
    return try c.list(
      "registered_limits",
      store.registeredLimits.map { c.linked(c.json($0), "registered_limits") },
      filters: ["service_id", "region_id", "resource_name"])
  }

  static func showRegistered(
    _ c: inout ResourceContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    try c.require()
    return c.member(
      "registered_limit", c.json(try registered(c.parameter(0), store)), in: "registered_limits")
  }

  private static func checkPlace(
    _ serviceID: String, _ regionID: String?, _ store: IdentityStore
  ) throws(KeystoneError) {
    guard store.services.contains(key: serviceID) else {
      throw .badRequest("Could not find service: \(serviceID).")
    }
    if let regionID, !store.regions.contains(key: regionID) {
      throw .badRequest("Could not find region: \(regionID).")
    }
  }

  /// All or none of the list.
  static func createRegistered(
    _ c: inout ResourceContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    try c.require()
    var rows: [IdentityStore.RegisteredLimit] = []
    for element in c.body["registered_limits"]?.array ?? [] {
      let row = IdentityStore.RegisteredLimit(
        id: c.newID(), serviceID: element["service_id"]?.string ?? "",
        regionID: element["region_id"]?.string,
        resourceName: element["resource_name"]?.string ?? "",
        defaultLimit: element["default_limit"]?.integer ?? 0,
        description: element["description"]?.string)
      try checkPlace(row.serviceID, row.regionID, store)
      try checkRegisteredName(row, rows, store)
      rows.append(row)
    }
    for row in rows { store.put(row) }
    return c.answer([
      "registered_limits": .array(
        rows.map { .object(c.linked(c.json($0), "registered_limits")) })
    ])
  }

  private static func checkRegisteredName(
    _ row: IdentityStore.RegisteredLimit, _ others: [IdentityStore.RegisteredLimit],
    _ store: IdentityStore
  ) throws(KeystoneError) {
    guard let name = row.uniqueName else { return }
    let stored: IdentityStore.RegisteredLimit? = store.row(named: name)
    if stored.map({ $0.id != row.id }) ?? others.contains(where: { $0.uniqueName == name }) {
      throw .conflict("registered_limit", "Duplicate entry")
    }
  }

  private static func isUsed(
    _ row: IdentityStore.RegisteredLimit, _ store: IdentityStore
  ) -> Bool {
    store.limits.contains {
      $0.serviceID == row.serviceID && $0.regionID == row.regionID
        && $0.resourceName == row.resourceName
    }
  }

  private static func used(_ row: IdentityStore.RegisteredLimit) -> KeystoneError {
    .refused(
      "Unable to update or delete registered limit \(row.id) because there are project limits "
        + "associated with it.")
  }

  static func updateRegistered(
    _ c: inout ResourceContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    try c.require()
    var row = try registered(c.parameter(0), store)
    if isUsed(row, store) { throw used(row) }
    let member = c.member("registered_limit")
    if let service = member["service_id"]?.string { row.serviceID = service }
    if let region = member["region_id"] { row.regionID = region.string }
    if let name = member["resource_name"]?.string { row.resourceName = name }
    if let limit = member["default_limit"]?.integer { row.defaultLimit = limit }
    if let description = member["description"] { row.description = description.string }
    try checkPlace(row.serviceID, row.regionID, store)
    try checkRegisteredName(row, [], store)
    store.put(row)
    return c.member("registered_limit", c.json(row), in: "registered_limits")
  }

  static func deleteRegistered(
    _ c: inout ResourceContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    try c.require()
    let row = try registered(c.parameter(0), store)
    if isUsed(row, store) { throw used(row) }
    store.remove(IdentityStore.RegisteredLimit.self, row.id)
    return c.done
  }

  // MARK: Of a project or a domain

  private static func found(
    _ id: String, _ store: IdentityStore
  ) throws(KeystoneError) -> IdentityStore.Limit {
    guard let limit = store.limits[id] else {
      throw .notFound("Could not find limit for \(id).")
    }
    return limit
  }

  /// A caller that is not of the system, nor admin, sees its own project's or domain's.
  static func list(
    _ c: inout ResourceContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    try c.require()
    let caller = c.caller
    let current = store
    let rows = store.limits.filter { row in
      guard let caller, !caller.isSystemScoped else { return true }
      if let domain = caller.domainID {
        return row.domainID == domain
          || row.projectID.flatMap { current.project($0)?.domainID } == domain
      }
      guard let project = caller.projectID else { return true }
      return row.projectID == project
    }
    return try c.list(
      "limits", rows.map { c.linked(c.json($0), "limits") },
      filters: ["service_id", "region_id", "resource_name", "project_id", "domain_id"])
  }

  static func show(
    _ c: inout ResourceContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    var target = PolicyTarget()
    if let row = store.limits[c.parameter(0)] {
      if let domain = row.domainID { target.set("target.limit.domain.id", domain) }
      if let project = row.projectID {
        target.set("target.limit.project_id", project)
        target.set("target.limit.project.domain_id", store.project(project)?.domainID)
      }
    }
    try c.require(target)
    return c.member("limit", c.json(try found(c.parameter(0), store)), in: "limits")
  }

  static func create(
    _ c: inout ResourceContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    try c.require()
    var rows: [IdentityStore.Limit] = []
    for element in c.body["limits"]?.array ?? [] {
      let row = IdentityStore.Limit(
        id: c.newID(), serviceID: element["service_id"]?.string ?? "",
        regionID: element["region_id"]?.string,
        resourceName: element["resource_name"]?.string ?? "",
        resourceLimit: element["resource_limit"]?.integer ?? 0,
        description: element["description"]?.string,
        projectID: element["project_id"]?.string, domainID: element["domain_id"]?.string)
      try check(row, rows, store)
      rows.append(row)
    }
    for row in rows { store.put(row) }
    return c.answer(["limits": .array(rows.map { .object(c.linked(c.json($0), "limits")) })])
  }

  private static func check(
    _ row: IdentityStore.Limit, _ others: [IdentityStore.Limit], _ store: IdentityStore
  ) throws(KeystoneError) {
    try checkPlace(row.serviceID, row.regionID, store)
    if let project = row.projectID, store.project(project) == nil {
      throw .badRequest("Could not find project: \(project).")
    }
    if let domain = row.domainID, store.domain(domain) == nil {
      throw .badRequest("Could not find domain: \(domain).")
    }
    let registered: IdentityStore.RegisteredLimit? = store.row(
      named: UniqueName(row.resourceName, in: joinedKey(row.serviceID, row.regionID ?? "")))
    guard registered != nil else {
      throw .refused("Unable to create a limit that has no corresponding registered limit.")
    }
    if let name = row.uniqueName {
      let stored: IdentityStore.Limit? = store.row(named: name)
      if stored != nil || others.contains(where: { $0.uniqueName == name }) {
        throw .conflict("limit", "Duplicate entry")
      }
    }
  }

  static func update(
    _ c: inout ResourceContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    try c.require()
    var row = try found(c.parameter(0), store)
    let member = c.member("limit")
    if let limit = member["resource_limit"]?.integer { row.resourceLimit = limit }
    if let description = member["description"] { row.description = description.string }
    store.put(row)
    return c.member("limit", c.json(row), in: "limits")
  }

  static func delete(
    _ c: inout ResourceContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    try c.require()
    store.remove(IdentityStore.Limit.self, try found(c.parameter(0), store).id)
    return c.done
  }
}
