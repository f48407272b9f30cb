// SPDX-License-Identifier: Apache-2.0

/// OS-EP-FILTER: which endpoints a project sees in its catalog.
enum EndpointFilter {
  private static let collection = "OS-EP-FILTER/endpoint_groups"

  static func found(
    _ id: String, _ store: IdentityStore
  ) throws(KeystoneError) -> IdentityStore.EndpointGroup {
    guard let group = store.endpointGroups[id] else { throw .missingRow("Endpoint Group", id) }
    return group
  }

  static func listGroups(
    _ c: inout ResourceContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    try c.require()
    return try c.list(
      "endpoint_groups", store.endpointGroups.map { c.linked(c.json($0), collection) },
      filters: ["name"])
  }

  static func showGroup(
    _ c: inout ResourceContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    try c.require()
    return c.member("endpoint_group", c.json(try found(c.parameter(0), store)), in: collection)
  }

  static func createGroup(
    _ c: inout ResourceContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    try c.require()
    let member = c.member("endpoint_group")
    guard let filters = member["filters"]?.object, !filters.isEmpty else {
      throw .missing("filters", in: "endpoint group")
    }
    let group = IdentityStore.EndpointGroup(
      id: c.newID(), name: member["name"]?.string ?? "",
      description: member["description"]?.string, filters: filters)
    store.put(group)
    return c.member("endpoint_group", c.json(group), in: collection)
  }

  static func updateGroup(
    _ c: inout ResourceContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    try c.require()
    var group = try found(c.parameter(0), store)
    let member = c.member("endpoint_group")
    try c.requireSameID(group.id, member)
    if let name = member["name"]?.string { group.name = name }
    if let description = member["description"] { group.description = description.string }
    if let filters = member["filters"]?.object { group.filters = filters }
    store.put(group)
    return c.member("endpoint_group", c.json(group), in: collection)
  }

  static func deleteGroup(
    _ c: inout ResourceContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    try c.require()
    store.deleteEndpointGroup(try found(c.parameter(0), store).id)
    return c.done
  }

  // MARK: Projects of a group

  static func endpoints(
    in group: IdentityStore.EndpointGroup, _ store: IdentityStore
  ) -> [IdentityStore.Endpoint] {
    store.endpoints.filter { endpoint in
      group.filters.members.allSatisfy { name, value in
        switch name {
        case "interface": .string(endpoint.interface) == value
        case "service_id": .string(endpoint.serviceID) == value
        case "region_id": JSONValue(endpoint.regionID) == value
        case "enabled": .bool(endpoint.enabled) == value
        default: true
        }
      }
    }
  }

  static func groupEndpoints(
    _ c: inout ResourceContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    try c.require()
    let rows = endpoints(in: try found(c.parameter(0), store), store)
    return try c.list("endpoints", rows.map { c.linked(c.json($0), "endpoints") })
  }

  static func groupProjects(
    _ c: inout ResourceContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    try c.require()
    let group = try found(c.parameter(0), store)
    let rows = store.rows(IdentityStore.ProjectEndpoint.self, .other, group.id)
      .compactMap { store.project($0.projectID) }
    return try c.list("projects", rows.map { c.linked(c.json($0), "projects") })
  }

  private static func association(
    _ c: ResourceContext, _ store: IdentityStore
  ) throws(KeystoneError) -> IdentityStore.ProjectEndpoint {
    let project = try Projects.found(c.parameter(1), store)
    let group = try found(c.parameter(0), store)
    return .init(projectID: project.id, endpointID: group.id, isGroup: true)
  }

  static func addGroup(
    _ c: inout ResourceContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    try c.require()
    let row = try association(c, store)
    if store.projectEndpoints.contains(key: row.key) {
      throw .conflict("project_endpoint_group", "Duplicate entry")
    }
    store.put(row)
    return c.done
  }

  static func showAssociation(
    _ c: inout ResourceContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    try c.require()
    let row = try known(c, store)
    let link = "/\(collection)/\(row.endpointID)/projects/\(row.projectID)"
    return c.answer([
      "project_endpoint_group": .object([
        "endpoint_group_id": .string(row.endpointID), "project_id": .string(row.projectID),
        "links": .object(["self": .string(link)]),
      ])
    ])
  }

  private static func known(
    _ c: ResourceContext, _ store: IdentityStore
  ) throws(KeystoneError) -> IdentityStore.ProjectEndpoint {
    let row = try association(c, store)
    guard store.projectEndpoints.contains(key: row.key) else {
      throw .notFound("Endpoint Group Project Association not found")
    }
    return row
  }

  static func removeGroup(
    _ c: inout ResourceContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    try c.require()
    store.remove(IdentityStore.ProjectEndpoint.self, try known(c, store).key)
    return c.done
  }

  // MARK: Endpoints of a project

  static func projectGroups(
    _ c: inout ResourceContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    try c.require()
    let rows = groups(of: c.parameter(0), store)
    return try c.list("endpoint_groups", rows.map { c.linked(c.json($0), collection) })
  }

  private static func groups(
    of projectID: String, _ store: IdentityStore
  ) -> [IdentityStore.EndpointGroup] {
    store.rows(IdentityStore.ProjectEndpoint.self, .project, projectID)
      .filter(\.isGroup).compactMap { store.endpointGroups[$0.endpointID] }
  }

  /// What the project sees: its own endpoints and those of its groups, each once.
  static func endpoints(
    of projectID: String, _ store: IdentityStore
  ) -> [IdentityStore.Endpoint] {
    var rows = store.rows(IdentityStore.ProjectEndpoint.self, .project, projectID)
      .filter { !$0.isGroup }.compactMap { store.endpoints[$0.endpointID] }
    for group in groups(of: projectID, store) {
      for endpoint in endpoints(in: group, store)
      where !rows.contains(where: { $0.id == endpoint.id }) {
        rows.append(endpoint)
      }
    }
    return rows
  }

  static func projectEndpoints(
    _ c: inout ResourceContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    try c.require()
    let project = try Projects.found(c.parameter(0), store)
    let rows = endpoints(of: project.id, store)
    return try c.list("endpoints", rows.map { c.linked(c.json($0), "endpoints") })
  }

  static func endpointProjects(
    _ c: inout ResourceContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    try c.require()
    let endpoint = try Endpoints.found(c.parameter(0), store)
    let rows = store.rows(IdentityStore.ProjectEndpoint.self, .endpoint, endpoint.id)
      .compactMap { store.project($0.projectID) }
    return try c.list("projects", rows.map { c.linked(c.json($0), "projects") })
  }

  static func addEndpoint(
    _ c: inout ResourceContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    try c.require()
    let endpoint = try Endpoints.found(c.parameter(1), store)
    let project = try Projects.found(c.parameter(0), store)
    let row = IdentityStore.ProjectEndpoint(projectID: project.id, endpointID: endpoint.id)
    if store.projectEndpoints.contains(key: row.key) {
      throw .conflict("project_endpoint", "Duplicate entry")
    }
    store.put(row)
    return c.done
  }

  private static func knownEndpoint(
    _ c: ResourceContext, _ store: IdentityStore
  ) throws(KeystoneError) -> IdentityStore.ProjectEndpoint {
    let endpoint = try Endpoints.found(c.parameter(1), store)
    let project = try Projects.found(c.parameter(0), store)
    let row = IdentityStore.ProjectEndpoint(projectID: project.id, endpointID: endpoint.id)
    guard store.projectEndpoints.contains(key: row.key) else {
      throw .notFound("Endpoint \(endpoint.id) not found in project \(project.id)")
    }
    return row
  }

  static func hasEndpoint(
    _ c: inout ResourceContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    try c.require()
    _ = try knownEndpoint(c, store)
    return c.done
  }

  static func removeEndpoint(
    _ c: inout ResourceContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    try c.require()
    store.remove(IdentityStore.ProjectEndpoint.self, try knownEndpoint(c, store).key)
    return c.done
  }
}
