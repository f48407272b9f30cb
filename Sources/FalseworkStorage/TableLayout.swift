// SPDX-License-Identifier: Apache-2.0
import FalseworkKeystone

/// One table: what it is called, and what is in it in which order.
struct TableLayout: Equatable, Sendable {
  var kind: IdentityStore.Kind
  var name: String
  /// The columns that a row of this version has. One that a later version adds is added to the file
  /// when it is first written.
  var columns: [String]

  /// Where the key of a row stands. Rows whose key is made of several ids have a column for it.
  var keyColumn: String { columns.contains(Self.composedKey) ? Self.composedKey : "id" }

  static let composedKey = "row_key"

  private init(_ kind: IdentityStore.Kind, _ name: String, _ columns: String) {
    self.kind = kind
    self.name = name
    self.columns = columns.split(separator: " ").map(String.init)
  }

  var creation: String {
    let list = columns.map { column in
      let constraint = column == keyColumn ? " NOT NULL PRIMARY KEY" : ""
      return "  \"\(column)\" \(Self.type(of: column))\(constraint)"
    }
    return "CREATE TABLE IF NOT EXISTS \"\(name)\" (\n\(list.joined(separator: ",\n"))\n)"
  }

  /// SQLite takes it for a hint; people who look at the table take it for an explanation.
  static func type(of column: String) -> String {
    let isTruth = column.hasPrefix("is_") || truths.contains(column)
    if isTruth { return "BOOLEAN" }
    if column.hasSuffix("_at") || column == "expires" { return "DATETIME" }
    return numbers.contains(column) ? "INTEGER" : "TEXT"
  }

  private static let truths: Set<String> = [
    "enabled", "inherited", "impersonation", "unrestricted", "valid",
  ]
  private static let numbers: Set<String> = [
    "default_limit", "resource_limit", "remaining_uses", "redelegation_count", "authorization_ttl",
  ]

  static func of(_ kind: IdentityStore.Kind) -> TableLayout {
    guard let layout = all.first(where: { $0.kind == kind }) else {
      preconditionFailure("every kind has a table: \(kind)")
    }
    return layout
  }

  /// In the order in which they are read back: what a row refers to comes before it.
  static let all: [TableLayout] = [
    .init(
      .project, "project",
      "id name domain_id parent_id is_domain enabled description tags options extra"),
    .init(
      .user, "user",
      "id name domain_id enabled default_project_id password password_created_at "
        + "password_expires_at options extra"),
    .init(.group, "group", "id name domain_id description extra"),
    .init(.membership, "user_group_membership", "user_id group_id row_key"),
    .init(.role, "role", "id name domain_id description options extra"),
    .init(.impliedRole, "implied_role", "prior_role_id implied_role_id row_key"),
    .init(.grant, "assignment", "type actor_id target_id role_id inherited row_key"),
    .init(.region, "region", "id description parent_id extra"),
    .init(.service, "service", "id type name description enabled extra"),
    .init(.endpoint, "endpoint", "id interface service_id region_id url enabled extra"),
    .init(.endpointGroup, "endpoint_group", "id name description filters"),
    .init(.projectEndpoint, "project_endpoint", "project_id endpoint_id is_group row_key"),
    .init(.policy, "policy", "id type blob extra"),
    .init(
      .policyAssociation, "policy_association",
      "policy_id endpoint_id service_id region_id row_key"),
    .init(
      .registeredLimit, "registered_limit",
      "id service_id region_id resource_name default_limit description"),
    .init(
      .limit, "limit",
      "id project_id domain_id service_id region_id resource_name resource_limit description"),
    .init(.credential, "credential", "id user_id project_id type encrypted_blob key_hash extra"),
    .init(.accessRule, "access_rule", "id user_id service path method"),
    .init(
      .applicationCredential, "application_credential",
      "id name user_id project_id system description expires_at unrestricted role_ids "
        + "access_rule_ids secret"),
    .init(
      .trust, "trust",
      "id trustor_user_id trustee_user_id project_id impersonation deleted_at expires_at "
        + "remaining_uses redelegated_trust_id redelegation_count role_ids extra"),
    .init(.consumer, "consumer", "id description secret extra"),
    .init(
      .requestToken, "request_token",
      "id secret verifier authorizing_user_id requested_project_id role_ids consumer_id expires_at"),
    .init(
      .accessToken, "access_token",
      "id secret authorizing_user_id project_id role_ids consumer_id expires_at"),
    .init(
      .identityProvider, "identity_provider",
      "id domain_id enabled description remote_ids authorization_ttl"),
    .init(.mapping, "mapping", "id rules schema_version"),
    .init(
      .federationProtocol, "federation_protocol",
      "id provider_id mapping_id remote_id_attribute row_key"),
    .init(
      .serviceProvider, "service_provider",
      "id auth_url sp_url enabled description relay_state_prefix"),
    .init(.domainOption, "whitelisted_config", "domain_id group option value row_key"),
    .init(.token, "token", "id expires extra valid user_id trust_id"),
  ]

  /// What Keystone keeps in tables of their own, made from those above.
  static let views: [String] = [
    """
    CREATE VIEW IF NOT EXISTS local_user AS
      SELECT rowid AS id, id AS user_id, domain_id, name FROM user
    """,
    """
    CREATE VIEW IF NOT EXISTS password AS
      SELECT rowid AS id, rowid AS local_user_id, password AS password_hash,
        password_expires_at AS expires_at, password_created_at AS created_at
      FROM user WHERE password IS NOT NULL
    """,
    """
    CREATE VIEW IF NOT EXISTS system_assignment AS
      SELECT type, actor_id, target_id, role_id, inherited FROM assignment
      WHERE target_id = 'system'
    """,
  ]
}
