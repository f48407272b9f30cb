// SPDX-License-Identifier: Apache-2.0

/// `/regions`, whose ids a client may choose.
enum Regions {
  private static let columns = ["id", "description", "parent_region_id", "links"]

  static func found(
    _ id: String, _ store: IdentityStore
  ) throws(KeystoneError) -> IdentityStore.Region {
    guard let region = store.regions[id] else { throw .missingRow("region", id) }
    return region
  }

  static func list(
    _ c: inout ResourceContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    try c.require()
    return try c.list(
      "regions", store.regions.map { c.linked(c.json($0), "regions") },
      filters: ["parent_region_id"])
  }

  static func show(
    _ c: inout ResourceContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    try c.require()
    return c.member("region", c.json(try found(c.parameter(0), store)), in: "regions")
  }

  static func create(
    _ c: inout ResourceContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    try c.require()
    let member = c.member("region")
    let chosen = member["id"]?.string ?? ""
    return try make(chosen.isEmpty ? c.newID() : chosen, member, c, &store)
  }

  static func createWithID(
    _ c: inout ResourceContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    try c.require("create_region", .none)
    let member = c.member("region")
    let id = c.parameter(0)
    if let given = member["id"]?.string, given != id {
      throw .badRequest("Conflicting region IDs specified: \"\(id)\" != \"\(given)\"")
    }
    return try make(id, member, c, &store)
  }

  private static func make(
    _ id: String, _ member: JSONObject, _ c: ResourceContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    if store.regions.contains(key: id) { throw .conflict("region", "Duplicate ID, \(id).") }
    var region = IdentityStore.Region(id: id)
    try apply(member, to: &region, store)
    store.put(region)
    return c.member("region", c.json(region), in: "regions", status: 201)
  }

  private static func apply(
    _ member: JSONObject, to region: inout IdentityStore.Region, _ store: IdentityStore
  ) throws(KeystoneError) {
    if let description = member["description"] { region.description = description.string ?? "" }
    if let parent = member["parent_region_id"] {
      region.parentID = parent.string
      var next = parent.string
      while let id = next {
        if id == region.id {
          throw .badRequest(
            "The specified parent region \(parent.string ?? "") would create a circular region "
              + "hierarchy.")
        }
        next = try found(id, store).parentID
      }
    }
    region.extra.merge(member.filter { !columns.contains($0) })
  }

  static func update(
    _ c: inout ResourceContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    try c.require()
    var region = try found(c.parameter(0), store)
    let member = c.member("region")
    try c.requireSameID(region.id, member)
    try apply(member, to: &region, store)
    store.put(region)
    return c.member("region", c.json(region), in: "regions")
  }

  static func delete(
    _ c: inout ResourceContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    try c.require()
    let region = try found(c.parameter(0), store)
    guard !isUsed(region.id, store) else {
      throw .refused(
        "Unable to delete region \(region.id) because it or its child regions have associated "
          + "endpoints.")
    }
    store.deleteRegion(region.id)
    return c.done
  }

  private static func isUsed(_ id: String, _ store: IdentityStore) -> Bool {
    !store.keys(.endpoint, .region, id).isEmpty
      || store.keys(.region, .parent, id).contains { isUsed($0, store) }
  }
}
