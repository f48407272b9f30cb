// SPDX-License-Identifier: Apache-2.0
import FalseworkCore

/// Rows as the API shows them, without links; attributes in Keystone's order, those that have no
/// column first.
extension ResourceContext {
  /// - Parameter echoed: a change of a user or project tells the extra attributes twice.
  func json(_ user: IdentityStore.User, echoed: Bool = false) -> JSONObject {
    var row = user.extra
    row["id"] = .string(user.id)
    row["name"] = .string(user.name)
    row["domain_id"] = .string(user.domainID)
    row["enabled"] = .bool(user.enabled)
    if let project = user.defaultProjectID { row["default_project_id"] = .string(project) }
    if release.number >= 10 { row["password_expires_at"] = JSONValue(user.passwordExpiresAt) }
    if echoed, !user.extra.isEmpty { row["extra"] = .object(user.extra) }
    if release.number >= 11 { row["options"] = .object(user.options) }
    return row
  }

  func json(_ group: IdentityStore.Group) -> JSONObject {
    var row = group.extra
    row["id"] = .string(group.id)
    row["name"] = .string(group.name)
    row["domain_id"] = .string(group.domainID)
    row["description"] = .string(group.description ?? "")
    return row
  }

  func json(_ project: IdentityStore.Project, echoed: Bool = false) -> JSONObject {
    var row = project.extra
    row["id"] = .string(project.id)
    row["name"] = .string(project.name)
    row["domain_id"] = JSONValue(project.domainID)
    row["description"] = JSONValue(project.description)
    row["enabled"] = .bool(project.enabled)
    row["parent_id"] = JSONValue(project.parentID)
    if release.number >= 9 { row["is_domain"] = .bool(project.isDomain) }
    if release.number >= 13 { row["tags"] = .array(project.tags.map(JSONValue.string)) }
    if echoed, !project.extra.isEmpty { row["extra"] = .object(project.extra) }
    if release.number >= 17 { row["options"] = .object(project.options) }
    return row
  }

  func json(domain: IdentityStore.Domain) -> JSONObject {
    var row = domain.extra
    row["id"] = .string(domain.id)
    row["name"] = .string(domain.name)
    row["description"] = JSONValue(domain.description)
    row["enabled"] = .bool(domain.enabled)
    if release.number >= 13 { row["tags"] = .array(domain.tags.map(JSONValue.string)) }
    if release.number >= 17 { row["options"] = .object(domain.options) }
    return row
  }

  func json(_ role: IdentityStore.Role) -> JSONObject {
    var row = role.extra
    row["id"] = .string(role.id)
    row["name"] = .string(role.name)
    if release.number >= 9 { row["domain_id"] = JSONValue(role.domainID) }
    if release.number >= 15 { row["description"] = JSONValue(role.description) }
    if release.number >= 17 { row["options"] = .object(role.options) }
    return row
  }

  func json(_ service: IdentityStore.Service) -> JSONObject {
    var row: JSONObject = [:]
    if let name = service.name { row["name"] = .string(name) }
    row.merge(service.extra)
    row["id"] = .string(service.id)
    row["type"] = .string(service.type)
    row["enabled"] = .bool(service.enabled)
    return row
  }

  func json(_ endpoint: IdentityStore.Endpoint) -> JSONObject {
    var row = endpoint.extra
    row["id"] = .string(endpoint.id)
    row["interface"] = .string(endpoint.interface)
    row["region_id"] = JSONValue(endpoint.regionID)
    row["service_id"] = .string(endpoint.serviceID)
    row["url"] = .string(endpoint.url ?? base + "/v3/")
    row["enabled"] = .bool(endpoint.enabled)
    row["region"] = JSONValue(endpoint.regionID)
    return row
  }

  func json(_ region: IdentityStore.Region) -> JSONObject {
    var row = region.extra
    row["id"] = .string(region.id)
    row["description"] = .string(region.description)
    row["parent_region_id"] = JSONValue(region.parentID)
    return row
  }

  func json(_ group: IdentityStore.EndpointGroup) -> JSONObject {
    [
      "id": .string(group.id), "name": .string(group.name),
      "description": JSONValue(group.description), "filters": .object(group.filters),
    ]
  }

  func json(_ policy: IdentityStore.Policy) -> JSONObject {
    var row = policy.extra
    row["id"] = .string(policy.id)
    row["blob"] = .string(policy.blob)
    row["type"] = .string(policy.type)
    return row
  }

  func json(_ limit: IdentityStore.RegisteredLimit) -> JSONObject {
    [
      "id": .string(limit.id), "service_id": .string(limit.serviceID),
      "region_id": JSONValue(limit.regionID), "resource_name": .string(limit.resourceName),
      "default_limit": JSONValue(limit.defaultLimit),
      "description": JSONValue(limit.description),
    ]
  }

  func json(_ limit: IdentityStore.Limit) -> JSONObject {
    var row: JSONObject = ["id": .string(limit.id), "project_id": JSONValue(limit.projectID)]
    if release.number >= 15 { row["domain_id"] = JSONValue(limit.domainID) }
    row["resource_limit"] = JSONValue(limit.resourceLimit)
    row["description"] = JSONValue(limit.description)
    row["service_id"] = .string(limit.serviceID)
    row["region_id"] = JSONValue(limit.regionID)
    row["resource_name"] = .string(limit.resourceName)
    return row
  }

  func json(_ credential: IdentityStore.Credential) -> JSONObject {
    var row = credential.extra
    row["id"] = .string(credential.id)
    row["user_id"] = .string(credential.userID)
    row["project_id"] = JSONValue(credential.projectID)
    row["type"] = .string(credential.type)
    row["blob"] = .string(credential.blob)
    return row
  }

  func json(_ rule: IdentityStore.AccessRule) -> JSONObject {
    [
      "id": .string(rule.id), "service": .string(rule.service), "path": .string(rule.path),
      "method": .string(rule.method),
    ]
  }

  func json(
    _ credential: IdentityStore.ApplicationCredential, _ store: IdentityStore
  ) -> JSONObject {
    var row: JSONObject = [
      "id": .string(credential.id), "name": .string(credential.name),
      "description": JSONValue(credential.description), "user_id": .string(credential.userID),
      "project_id": JSONValue(credential.projectID), "system": JSONValue(credential.system),
      // Without the Z that other times end in.
      "expires_at": credential.expiresAt.map {
        .string(String($0.iso8601(microseconds: true).dropLast()))
      } ?? .null,
      "unrestricted": credential.unrestricted.map(JSONValue.bool) ?? .null,
      "roles": .array(credential.roleIDs.compactMap { store.role($0) }.map { .object(json($0)) }),
    ]
    if release.number >= 16, !credential.accessRuleIDs.isEmpty {
      row["access_rules"] = .array(
        credential.accessRuleIDs.compactMap { store.accessRules[$0] }.map { .object(json($0)) })
    }
    return row
  }

  func json(_ trust: IdentityStore.Trust) -> JSONObject {
    var row = trust.extra
    row["id"] = .string(trust.id)
    row["trustor_user_id"] = .string(trust.trustorUserID)
    row["trustee_user_id"] = .string(trust.trusteeUserID)
    row["project_id"] = JSONValue(trust.projectID)
    row["impersonation"] = .bool(trust.impersonation)
    row["expires_at"] = JSONValue(trust.expiresAt)
    row["remaining_uses"] = JSONValue(trust.remainingUses)
    row["deleted_at"] = JSONValue(trust.deletedAt)
    row["redelegated_trust_id"] = JSONValue(trust.redelegatedTrustID)
    row["redelegation_count"] = JSONValue(trust.redelegationCount)
    return row
  }

  func json(_ consumer: IdentityStore.Consumer) -> JSONObject {
    var row = consumer.extra
    row["id"] = .string(consumer.id)
    row["description"] = JSONValue(consumer.description)
    return row
  }

  func json(_ provider: IdentityStore.IdentityProvider) -> JSONObject {
    var row: JSONObject = ["id": .string(provider.id)]
    if release.number >= 12 { row["domain_id"] = .string(provider.domainID) }
    row["enabled"] = .bool(provider.enabled)
    row["description"] = JSONValue(provider.description)
    row["remote_ids"] = .array(provider.remoteIDs.map(JSONValue.string))
    if release.number >= 18 { row["authorization_ttl"] = JSONValue(provider.authorizationTTL) }
    return row
  }

  func json(_ mapping: IdentityStore.Mapping) -> JSONObject {
    var row: JSONObject = ["id": .string(mapping.id), "rules": mapping.rules]
    if release.number >= 26 { row["schema_version"] = .string(mapping.schemaVersion) }
    return row
  }

  func json(_ provider: IdentityStore.ServiceProvider) -> JSONObject {
    [
      "auth_url": .string(provider.authURL), "id": .string(provider.id),
      "enabled": .bool(provider.enabled), "description": JSONValue(provider.description),
      "relay_state_prefix": .string(provider.relayStatePrefix), "sp_url": .string(provider.spURL),
    ]
  }
}
