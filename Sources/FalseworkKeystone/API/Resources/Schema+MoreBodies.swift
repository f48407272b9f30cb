// SPDX-License-Identifier: Apache-2.0

/// The rest of the bodies: credentials, delegation, limits, federation.
extension Schema {
  static let credentialCreate = body(
    "credential",
    object(
      [
        ("id", text), ("blob", text), ("project_id", textOrNull), ("type", text),
        ("user_id", text),
      ], required: ["blob", "type", "user_id"]), closed: false)
  static let credentialUpdate = body(
    "credential",
    object(
      [("blob", text), ("project_id", textOrNull), ("type", text), ("user_id", text)],
      filled: true), closed: false)

  static let applicationCredentialCreate = body(
    "application_credential",
    object(
      [
        ("id", text), ("secret", textOrNull), ("name", name), ("description", textOrNull),
        ("expires_at", textOrNull), ("project_id", text), ("access_rules", accessRules),
        ("unrestricted", booleanOrNull), ("system", textOrNull), ("roles", roleReferences),
      ], required: ["name"], closed: true))
  private static let accessRules = Schema(checks: [
    .type(["array"]),
    .items(
      object([
        ("id", id), ("path", text(0, 225, .path)), ("service", id),
        ("method", choice("DELETE", "GET", "HEAD", "PATCH", "POST", "PUT")),
      ])),
  ])

  static let trustCreate = body(
    "trust",
    object(
      [
        ("trustor_user_id", text), ("trustee_user_id", text), ("impersonation", boolean),
        ("project_id", textOrNull), ("remaining_uses", integerOrNull(least: 1)),
        ("expires_at", Schema(checks: [.type(["null", "string"])])),
        ("allow_redelegation", booleanOrNull), ("redelegation_count", integerOrNull(least: 0)),
        ("redelegated_trust_id", textOrNull), ("roles", roleReferences),
      ], required: ["trustor_user_id", "trustee_user_id", "impersonation"]))

  static let consumerCreate = object([("description", textOrNull)])
  static let consumerUpdate = Schema(checks: [
    .type(["object"]), .properties([("description", textOrNull)]), .without("secret"),
    .leastMembers(1),
  ])
  private static let policyMembers: [(String, Schema)] = [
    ("blob", text), ("type", Schema(checks: [.type(["string"]), .most(255)])),
  ]
  static let policyCreate = object(policyMembers, required: ["blob", "type"])
  static let policyUpdate = object(policyMembers, filled: true)

  private static let registeredLimitMembers: [(String, Schema)] = [
    ("service_id", uuid), ("region_id", regionID), ("resource_name", name),
    ("default_limit", number), ("description", textOrNull(most: 255)),
  ]
  static let registeredLimitsCreate = body(
    "registered_limits",
    list(
      object(
        registeredLimitMembers, required: ["service_id", "resource_name", "default_limit"],
        closed: true)))
  static let registeredLimitUpdate = body(
    "registered_limit", object(registeredLimitMembers, closed: true))

  private static let limit: Schema = {
    let needed = ["service_id", "resource_name", "resource_limit"]
    let members: [(String, Schema)] = [
      ("project_id", idOrNull), ("domain_id", idOrNull), ("resource_name", name),
      ("region_id", regionID), ("service_id", uuid), ("resource_limit", number),
      ("description", textOrNull(most: 255)),
    ]
    var schema = object(members, required: needed)
    schema.checks.append(
      .oneOf(
        ["domain_id", "project_id"].map { Schema(checks: [.required(needed + [$0])]) }))
    schema.checks.append(.noOther(members.map(\.0)))
    return schema
  }()
  static let limitsCreate = body("limits", list(limit))
  static let limitUpdate = body(
    "limit",
    object([("resource_limit", number), ("description", textOrNull(most: 255))], closed: true))

  private static func list(_ element: Schema) -> Schema {
    Schema(checks: [.type(["array"]), .items(element), .leastItems(1)])
  }

  private static let serviceProviderMembers: [(String, Schema)] = [
    ("auth_url", url), ("sp_url", url), ("description", textOrNull), ("enabled", flag),
    ("relay_state_prefix", textOrNull),
  ]
  static let serviceProviderCreate = body(
    "service_provider",
    object(serviceProviderMembers, required: ["auth_url", "sp_url"], closed: true))
  static let serviceProviderUpdate = body(
    "service_provider", object(serviceProviderMembers, filled: true, closed: true))
  private static let identityProviderMembers: [(String, Schema)] = [
    ("enabled", flag), ("description", textOrNull), ("authorization_ttl", integerOrNull(least: 0)),
    (
      "remote_ids",
      Schema(checks: [
        .type(["array", "null"]), .items(Schema(checks: [.type(["string"]), .most(64)])), .unique,
      ])
    ),
  ]
  static let identityProviderCreate = body(
    "identity_provider",
    object(identityProviderMembers + [("domain_id", idOrNull)], closed: true), optional: true)
  static let identityProviderUpdate = body(
    "identity_provider", object(identityProviderMembers, filled: true, closed: true),
    closed: false)
  private static let protocolMembers: [(String, Schema)] = [
    ("mapping_id", text(1, 64)), ("remote_id_attribute", textOrNull(most: 64)),
  ]
  static let protocolCreate = body(
    "protocol", object(protocolMembers, required: ["mapping_id"], closed: true))
  static let protocolUpdate = body(
    "protocol", object(protocolMembers, required: ["mapping_id"], filled: true, closed: true))
  static let mapping = body(
    "mapping",
    object(
      [("rules", Schema(checks: [.type(["array"]), .leastItems(1)])), ("schema_version", text)],
      required: ["rules"]), closed: false)
}
