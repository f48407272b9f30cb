// SPDX-License-Identifier: Apache-2.0

/// OS-FEDERATION's resources, as data: ids are the client's choice, so a PUT makes them.
enum Federation {
  // MARK: Identity providers

  static func provider(
    _ id: String, _ store: IdentityStore
  ) throws(KeystoneError) -> IdentityStore.IdentityProvider {
    guard let row = store.identityProviders[id] else { throw .missingRow("Identity Provider", id) }
    return row
  }

  private static func shown(
    _ row: IdentityStore.IdentityProvider, _ c: ResourceContext
  ) -> JSONObject {
    let url = "\(c.url)/OS-FEDERATION/identity_providers/\(row.id)"
    var json = c.json(row)
    json["links"] = .object(["self": .string(url), "protocols": .string(url + "/protocols")])
    return json
  }

  static func listProviders(
    _ c: inout ResourceContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    try c.require()
    return try c.list(
      "identity_providers", store.identityProviders.map { shown($0, c) },
      filters: ["id", "enabled"])
  }

  static func showProvider(
    _ c: inout ResourceContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    try c.require()
    return one("identity_provider", shown(try provider(c.parameter(0), store), c), c)
  }

  /// A single one lacks the link to its protocols on the newest releases.
  private static func one(
    _ name: String, _ row: JSONObject, _ c: ResourceContext
  ) -> KeystoneAnswer {
    var row = row
    if c.release.checksEarly, let own = row["links"]?["self"] {
      row["links"] = .object(["self": own])
    }
    return c.answer([name: .object(row)])
  }

  static func createProvider(
    _ c: inout ResourceContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    try c.require()
    let member = c.member("identity_provider")
    let id = c.parameter(0)
    if store.identityProviders.contains(key: id) {
      throw .conflict("identity_provider", "Duplicate entry: None")
    }
    var row = IdentityStore.IdentityProvider(id: id, domainID: "")
    try apply(member, to: &row, store)
    if let domain = member["domain_id"]?.string {
      row.domainID = try Domains.found(domain, store).id
    } else {
      // It gets a domain of its own.
      var domain = IdentityStore.Domain(id: c.newID(), name: "", domainID: nil)
      domain.name = domain.id
      domain.description = "Auto generated federated domain for Identity Provider: \(id)"
      store.put(domain)
      row.domainID = domain.id
    }
    store.put(row)
    return one("identity_provider", shown(row, c), c)
  }

  private static func apply(
    _ member: JSONObject, to row: inout IdentityStore.IdentityProvider, _ store: IdentityStore
  ) throws(KeystoneError) {
    row.enabled = try Users.enabled(member, otherwise: row.enabled)
    if let description = member["description"] { row.description = description.string }
    if let ttl = member["authorization_ttl"] { row.authorizationTTL = ttl.integer }
    if let ids = member["remote_ids"] {
      row.remoteIDs = Projects.texts(ids)
      for other in store.identityProviders where other.id != row.id {
        if other.remoteIDs.contains(where: row.remoteIDs.contains) {
          throw .conflict("identity_provider", "Duplicate remote ID: None")
        }
      }
    }
  }

  static func updateProvider(
    _ c: inout ResourceContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    try c.require()
    var row = try provider(c.parameter(0), store)
    try apply(c.member("identity_provider"), to: &row, store)
    store.put(row)
    return one("identity_provider", shown(row, c), c)
  }

  static func deleteProvider(
    _ c: inout ResourceContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    try c.require()
    store.deleteIdentityProvider(try provider(c.parameter(0), store).id)
    return c.done
  }

  // MARK: Protocols

  private static func found(
    _ c: ResourceContext, _ store: IdentityStore
  ) throws(KeystoneError) -> IdentityStore.FederationProtocol {
    let key = joinedKey(c.parameter(0), c.parameter(1))
    guard let row = store.federationProtocols[key] else {
      throw .notFound(
        "Could not find federated protocol \(c.parameter(1)) for Identity Provider: "
          + "\(c.parameter(0)).")
    }
    return row
  }

  /// The links lack the middle of their paths: Keystone's own mistake.
  private static func shown(
    _ row: IdentityStore.FederationProtocol, _ c: ResourceContext, listed: Bool
  ) -> JSONObject {
    var json: JSONObject = ["id": .string(row.id)]
    if listed { json["idp_id"] = .string(row.providerID) }
    json["mapping_id"] = .string(row.mappingID)
    if c.release.number >= 22, listed || row.remoteIDAttribute != nil {
      json["remote_id_attribute"] = JSONValue(row.remoteIDAttribute)
    }
    json["links"] = .object([
      "self": .string("\(c.url)/protocols/\(row.id)"),
      "identity_provider": .string("\(c.url)/\(row.providerID)"),
    ])
    return json
  }

  static func listProtocols(
    _ c: inout ResourceContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    try c.require()
    let rows = store.rows(IdentityStore.FederationProtocol.self, .provider, c.parameter(0))
    return try c.list("protocols", rows.map { shown($0, c, listed: true) })
  }

  static func showProtocol(
    _ c: inout ResourceContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    try c.require()
    return c.answer(["protocol": .object(shown(try found(c, store), c, listed: false))])
  }

  static func createProtocol(
    _ c: inout ResourceContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    try c.require()
    let member = c.member("protocol")
    let mapping = member["mapping_id"]?.string ?? ""
    guard store.mappings.contains(key: mapping) else {
      throw .badRequest("Invalid mapping id: \(mapping)")
    }
    _ = try provider(c.parameter(0), store)
    let row = IdentityStore.FederationProtocol(
      id: c.parameter(1), providerID: c.parameter(0), mappingID: mapping,
      remoteIDAttribute: member["remote_id_attribute"]?.string)
    if store.federationProtocols.contains(key: row.key) {
      throw .conflict("federation_protocol", "Duplicate entry found with ID \(row.id)")
    }
    store.put(row)
    return c.answer(["protocol": .object(shown(row, c, listed: false))])
  }

  static func updateProtocol(
    _ c: inout ResourceContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    try c.require()
    var row = try found(c, store)
    let member = c.member("protocol")
    if let mapping = member["mapping_id"]?.string {
      guard store.mappings.contains(key: mapping) else {
        throw .badRequest("Invalid mapping id: \(mapping)")
      }
      row.mappingID = mapping
    }
    if let attribute = member["remote_id_attribute"] { row.remoteIDAttribute = attribute.string }
    store.put(row)
    return c.answer(["protocol": .object(shown(row, c, listed: false))])
  }

  static func deleteProtocol(
    _ c: inout ResourceContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    try c.require()
    store.remove(IdentityStore.FederationProtocol.self, try found(c, store).key)
    return c.done
  }

  // MARK: Mappings

  private static let mappings = "OS-FEDERATION/mappings"

  private static func mapping(
    _ id: String, _ store: IdentityStore
  ) throws(KeystoneError) -> IdentityStore.Mapping {
    guard let row = store.mappings[id] else { throw .missingRow("mapping", id) }
    return row
  }

  static func listMappings(
    _ c: inout ResourceContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    try c.require()
    return try c.list("mappings", store.mappings.map { c.linked(c.json($0), mappings) })
  }

  static func showMapping(
    _ c: inout ResourceContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    try c.require()
    return c.member("mapping", c.json(try mapping(c.parameter(0), store)), in: mappings)
  }

  /// The rules are held to a schema of their own, each complaint on a line.
  private static func rules(_ c: ResourceContext) throws(KeystoneError) -> JSONValue {
    let member = c.member("mapping")
    guard let rules = member["rules"] else {
      throw .badRequest("'rules' is a required property\n")
    }
    guard let list = rules.array else {
      throw .badRequest("\(rules.pythonRepr) is not of type 'array'\n")
    }
    if list.isEmpty { throw .badRequest("[] should be non-empty\n") }
    for rule in list {
      for name in ["local", "remote"] where rule[name] == nil {
        throw .badRequest("'\(name)' is a required property\n")
      }
    }
    return rules
  }

  static func createMapping(
    _ c: inout ResourceContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    try c.require()
    let row = IdentityStore.Mapping(
      id: c.parameter(0), rules: try rules(c),
      schemaVersion: c.member("mapping")["schema_version"]?.string ?? "1.0")
    if store.mappings.contains(key: row.id) { throw .conflict("mapping", "Duplicate entry") }
    store.put(row)
    return c.member("mapping", c.json(row), in: mappings)
  }

  static func updateMapping(
    _ c: inout ResourceContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    try c.require()
    let rules = try rules(c)
    var row = try mapping(c.parameter(0), store)
    row.rules = rules
    if let version = c.member("mapping")["schema_version"]?.string { row.schemaVersion = version }
    store.put(row)
    return c.member("mapping", c.json(row), in: mappings)
  }

  static func deleteMapping(
    _ c: inout ResourceContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    try c.require()
    store.remove(IdentityStore.Mapping.self, try mapping(c.parameter(0), store).id)
    return c.done
  }

  // MARK: Service providers

  private static let serviceProviders = "OS-FEDERATION/service_providers"

  private static func serviceProvider(
    _ id: String, _ store: IdentityStore
  ) throws(KeystoneError) -> IdentityStore.ServiceProvider {
    guard let row = store.serviceProviders[id] else { throw .missingRow("Service Provider", id) }
    return row
  }

  static func listServiceProviders(
    _ c: inout ResourceContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    try c.require()
    return try c.list(
      "service_providers",
      store.serviceProviders.map { c.linked(c.json($0), serviceProviders) },
      filters: ["id", "enabled"])
  }

  static func showServiceProvider(
    _ c: inout ResourceContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    try c.require()
    return c.member(
      "service_provider", c.json(try serviceProvider(c.parameter(0), store)), in: serviceProviders)
  }

  private static func apply(
    _ member: JSONObject, to row: inout IdentityStore.ServiceProvider
  ) throws(KeystoneError) {
    if let url = member["auth_url"]?.string { row.authURL = url }
    if let url = member["sp_url"]?.string { row.spURL = url }
    row.enabled = try Users.enabled(member, otherwise: row.enabled)
    if let description = member["description"] { row.description = description.string }
    if let prefix = member["relay_state_prefix"]?.string { row.relayStatePrefix = prefix }
  }

  static func createServiceProvider(
    _ c: inout ResourceContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    try c.require()
    var row = IdentityStore.ServiceProvider(id: c.parameter(0), authURL: "", spURL: "")
    if store.serviceProviders.contains(key: row.id) {
      throw .conflict("service_provider", "Duplicate entry found with ID \(row.id)")
    }
    try apply(c.member("service_provider"), to: &row)
    store.put(row)
    return c.member("service_provider", c.json(row), in: serviceProviders)
  }

  static func updateServiceProvider(
    _ c: inout ResourceContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    try c.require()
    var row = try serviceProvider(c.parameter(0), store)
    try apply(c.member("service_provider"), to: &row)
    store.put(row)
    return c.member("service_provider", c.json(row), in: serviceProviders)
  }

  static func deleteServiceProvider(
    _ c: inout ResourceContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    try c.require()
    store.remove(
      IdentityStore.ServiceProvider.self, try serviceProvider(c.parameter(0), store).id)
    return c.done
  }
}
