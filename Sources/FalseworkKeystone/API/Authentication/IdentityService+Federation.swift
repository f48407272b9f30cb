// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkCrypto

/// The method `mapped`: whom an identity provider vouches for (`keystone/auth/plugins/mapped.py`).
extension IdentityService {
  mutating func checkMapped(
    _ request: AuthRequest, _ data: JSONValue, _ method: String, _ context: inout AuthContext,
    _ store: inout IdentityStore
  ) throws(KeystoneError) {
    guard data.object != nil else {
      throw .badRequest("argument of type '\(AuthRequest.pythonType(data))' is not iterable")
    }
    guard let providerID = AuthRequest.filled(data["identity_provider"]) else {
      throw .missing("identity_provider", in: "mapped")
    }
    guard let protocolID = AuthRequest.filled(data["protocol"]) else {
      throw .missing("protocol", in: "mapped")
    }
    guard let provider = store.identityProviders[providerID] else {
      throw .missingRow("Identity Provider", providerID)
    }
    guard provider.enabled else { throw .forbidden }
    let row = store.federationProtocols.first {
      $0.id == protocolID && $0.providerID == providerID
    }
    guard let row else {
      throw .notFound(
        "Could not find federated protocol \(protocolID) for Identity Provider: \(providerID).")
    }
    guard let mapping = store.mappings[row.mappingID] else {
      throw .missingRow("mapping", row.mappingID)
    }
    let environment = environment(of: request) ?? [:]
    if let attribute = row.remoteIDAttribute {
      guard let remote = environment[attribute], provider.remoteIDs.contains(remote) else {
        throw .forbidden
      }
    }
    guard
      let found = FederationMapping(rules: mapping.rules.array ?? []).apply(environment)
    else {
      throw .badRequest(
        "Could not map any federated user properties to identity values. Check debug logs or the "
          + "mapping used for additional details.")
    }
    if found.user["type"]?.string == "local" {
      let user = try namedUser(
        try AuthRequest.user(in: .object(["user": .object(found.user)])), store)
      try context.proved(user.id, by: method)
      return
    }
    let groups = try groupIDs(found, store)
    guard let name = AuthRequest.filled(found.user["name"]) ?? environment["REMOTE_USER"] else {
      throw .unauthorized
    }
    let id = try shadow(name, unique: found.user["id"]?.string ?? name, provider, &store)
    try context.proved(id, by: method)
    context.federation = .init(
      groupIDs: groups, identityProviderID: providerID, protocolID: protocolID)
  }

  private func groupIDs(
    _ found: FederationMapping.Result, _ store: IdentityStore
  ) throws(KeystoneError) -> [String] {
    var ids: [String] = []
    for id in found.groupIDs {
      // Keystone calls it an error of the operator's.
      guard store.group(id) != nil else { throw .foreseen }
      ids.append(id)
    }
    for (name, domain) in found.groups {
      let domainID =
        domain["id"]?.string ?? domain["name"]?.string.flatMap { store.domain(named: $0)?.id }
      if let group: IdentityStore.Group = store.row(named: .init(name, in: domainID)) {
        ids.append(group.id)
      }
    }
    var each: [String] = []
    for id in ids where !each.contains(id) { each.append(id) }
    return each
  }

  /// The row that stands for somebody else's user, made at the first login. Until Train its id was
  /// a UUID, and another one in each cloud; since then it is a digest of what is the same everywhere.
  private mutating func shadow(
    _ name: String, unique: String, _ provider: IdentityStore.IdentityProvider,
    _ store: inout IdentityStore
  ) throws(KeystoneError) -> String {
    let known: IdentityStore.User? = store.row(named: .init(name, in: provider.domainID))
    if let known {
      guard known.enabled else { throw .unauthorized }
      return known.id
    }
    let id: String
    if release.identity.digestsFederatedIDs {
      let text = provider.domainID + "user" + unique
      id = UUIDText.text(of: SHA256.digest(Array(text.utf8)))
    } else {
      id = UUIDText.drawn(from: &generator)
    }
    store.put(
      IdentityStore.User(id: id, name: name, domainID: provider.domainID, password: nil))
    return id
  }

  /// `/OS-FEDERATION/identity_providers/…/auth`: a login by the protocol that the path names.
  mutating func federated(
    _ request: APIRequest, _ context: APIContext, rendered: Bool, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    let name = request.parameter("protocol_id")
    let data: JSONObject = [
      "identity_provider": .string(request.parameter("idp_id")), "protocol": .string(name),
    ]
    var login = AuthRequest(methods: [name], user: nil, password: nil, token: nil, scope: .unstated)
    login.sent = .init(
      identity: .object([name: .object(data)]), scope: nil, fields: request.fields,
      target: request.target)
    let token = try authenticate(login, now: context.now, base: context.base, store: &store)
    return try answer(
      with: token, status: 201, catalog: true, base: context.base, rendered: rendered, &store)
  }
}
