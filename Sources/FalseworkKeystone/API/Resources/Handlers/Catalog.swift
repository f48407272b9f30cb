// SPDX-License-Identifier: Apache-2.0

/// `/services`, `/endpoints`.
enum Services {
  private static let columns = ["id", "type", "name", "enabled", "links"]

  static func found(
    _ id: String, _ store: IdentityStore
  ) throws(KeystoneError) -> IdentityStore.Service {
    guard let service = store.services[id] else { throw .missingRow("service", id) }
    return service
  }

  static func list(
    _ c: inout ResourceContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    try c.require()
    return try c.list(
      "services", store.services.map { c.linked(c.json($0), "services") },
      filters: ["type", "name"])
  }

  static func show(
    _ c: inout ResourceContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    try c.require()
    return c.member("service", c.json(try found(c.parameter(0), store)), in: "services")
  }

  static func create(
    _ c: inout ResourceContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    try c.require()
    let member = c.member("service")
    var service = IdentityStore.Service(
      id: c.newID(), name: member["name"]?.string ?? "", type: member["type"]?.string ?? "")
    apply(member, to: &service)
    store.put(service)
    return c.member("service", c.json(service), in: "services")
  }

  private static func apply(_ member: JSONObject, to service: inout IdentityStore.Service) {
    if let type = member["type"]?.string { service.type = type }
    if let name = member["name"] { service.name = name.string }
    service.enabled = member["enabled"]?.bool ?? service.enabled
    service.extra.merge(member.filter { !columns.contains($0) })
  }

  static func update(
    _ c: inout ResourceContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    try c.require()
    var service = try found(c.parameter(0), store)
    let member = c.member("service")
    try c.requireSameID(service.id, member)
    apply(member, to: &service)
    store.put(service)
    return c.member("service", c.json(service), in: "services")
  }

  static func delete(
    _ c: inout ResourceContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    try c.require()
    store.deleteService(try found(c.parameter(0), store).id)
    return c.done
  }
}

enum Endpoints {
  private static let columns = [
    "id", "interface", "region_id", "region", "service_id", "url", "enabled", "links",
  ]

  static func found(
    _ id: String, _ store: IdentityStore
  ) throws(KeystoneError) -> IdentityStore.Endpoint {
    guard let endpoint = store.endpoints[id] else { throw .missingRow("endpoint", id) }
    return endpoint
  }

  static func list(
    _ c: inout ResourceContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    try c.require()
    return try c.list(
      "endpoints", store.endpoints.map { c.linked(c.json($0), "endpoints") },
      filters: ["interface", "service_id", "region_id"])
  }

  static func show(
    _ c: inout ResourceContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    try c.require()
    return c.member("endpoint", c.json(try found(c.parameter(0), store)), in: "endpoints")
  }

  static func create(
    _ c: inout ResourceContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    try c.require()
    let member = c.member("endpoint")
    var endpoint = IdentityStore.Endpoint(
      id: c.newID(), serviceID: "", interface: "", regionID: nil, url: "")
    try apply(member, to: &endpoint, &store)
    store.put(endpoint)
    return c.member("endpoint", c.json(endpoint), in: "endpoints")
  }

  private static func apply(
    _ member: JSONObject, to endpoint: inout IdentityStore.Endpoint, _ store: inout IdentityStore
  ) throws(KeystoneError) {
    if let url = member["url"]?.string {
      guard isTemplate(url) else {
        throw .badRequest("Cannot create an endpoint with an invalid URL: \(url).")
      }
      endpoint.url = url
    }
    if let service = member["service_id"]?.string {
      guard store.services.contains(key: service) else {
        throw .missing("endpoint service_id", in: "service table")
      }
      endpoint.serviceID = service
    }
    if let region = member["region_id"] {
      if let id = region.string, !store.regions.contains(key: id) {
        throw .missing("endpoint region_id", in: "region table")
      }
      endpoint.regionID = region.string
    } else if let region = member["region"]?.string {
      // The older name makes the region if need be.
      if !store.regions.contains(key: region) { store.put(IdentityStore.Region(id: region)) }
      endpoint.regionID = region
    }
    if let interface = member["interface"]?.string { endpoint.interface = interface }
    endpoint.enabled = member["enabled"]?.bool ?? endpoint.enabled
    endpoint.extra.merge(member.filter { !columns.contains($0) })
  }

  /// The places that Keystone fills in are few (`keystone/common/utils.py`).
  private static func isTemplate(_ url: String) -> Bool {
    var rest = Substring(url)
    while let start = rest.firstRange(of: "%(") ?? rest.firstRange(of: "$(") {
      guard let end = rest[start.upperBound...].firstRange(of: ")s") else { return false }
      let name = String(rest[start.upperBound..<end.lowerBound])
      guard
        [
          "tenant_id", "project_id", "user_id", "public_bind_host", "admin_bind_host",
          "compute_host", "admin_port", "public_port", "public_endpoint", "admin_endpoint",
        ].contains(name)
      else { return false }
      rest = rest[end.upperBound...]
    }
    return !rest.contains("%")
  }

  static func update(
    _ c: inout ResourceContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    try c.require()
    var endpoint = try found(c.parameter(0), store)
    let member = c.member("endpoint")
    try c.requireSameID(endpoint.id, member)
    try apply(member, to: &endpoint, &store)
    store.put(endpoint)
    return c.member("endpoint", c.json(endpoint), in: "endpoints")
  }

  static func delete(
    _ c: inout ResourceContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    try c.require()
    store.deleteEndpoint(try found(c.parameter(0), store).id)
    return c.done
  }
}
