// SPDX-License-Identifier: Apache-2.0

/// A table or a column that not every release knows.
///
/// A release reads every part that was there when it was made: its queries name all columns of a
/// table, so that one that is missing fails whatever reads the table. Sources: the migrations and
/// the models in the tagged trees of openstack/keystone, 10.0.0 to 29.0.0
/// (`keystone/common/sql/expand_repo`, `contract_repo`, later `migrations/versions`).
package enum SchemaPart: String, CaseIterable, Equatable, Sendable {
  case userName = "user.name"
  case localUser = "local_user"
  case impliedRole = "implied_role"
  case passwordDates = "password.created_at"
  case credentialBlob = "credential.blob"
  case credentialEncryptedBlob = "credential.encrypted_blob"
  case identityProviderDomain = "identity_provider.domain_id"
  case userDomain = "user.domain_id"
  case userOption = "user_option"
  case passwordText = "password.password"
  case passwordHash = "password.password_hash"
  case passwordTimes = "password.created_at_int"
  case projectTag = "project_tag"
  case systemAssignment = "system_assignment"
  case trustExpiry = "trust.expires_at_int"
  case limit = "limit"
  case applicationCredential = "application_credential"
  case limitDescription = "limit.description"
  case limitRegistered = "limit.registered_limit_id"
  case limitKeys = "limit.service_id"
  case roleDescription = "role.description"
  case limitDomain = "limit.domain_id"
  case accessRule = "access_rule"
  case trustRedelegation = "trust.redelegated_trust_id"
  case protocolAttribute = "federation_protocol.remote_id_attribute"
  case accessRuleUser = "access_rule.external_id"
  case roleOption = "role_option"
  case projectOption = "project_option"
  case expiringMembership = "expiring_user_group_membership"
  case mappingVersion = "mapping.schema_version"

  /// What is read together: whoever touches the area needs all its parts.
  package enum Area: String, CaseIterable, Equatable, Sendable {
    case credentials, identityProviders, users, projects, systemAssignments, trusts, limits
    case applicationCredentials, accessRules, roles, protocols, groups, mappings
  }

  /// Major versions: the release whose expansion adds the part (nil: older than the phases), and the
  /// one whose contraction takes it away.
  private typealias Life = (area: Area, added: Int?, removed: Int?)

  private var life: Life {
    switch self {
    case .userName: (.users, nil, 9)
    case .localUser: (.users, 9, nil)
    case .impliedRole: (.roles, 9, nil)
    case .passwordDates: (.users, 10, nil)
    case .credentialBlob: (.credentials, nil, 10)
    case .credentialEncryptedBlob: (.credentials, 10, nil)
    case .identityProviderDomain: (.identityProviders, 11, nil)
    case .userDomain, .userOption: (.users, 11, nil)
    case .passwordText: (.users, nil, 15)
    case .passwordHash, .passwordTimes: (.users, 12, nil)
    case .projectTag: (.projects, 13, nil)
    case .systemAssignment: (.systemAssignments, 13, nil)
    case .trustExpiry: (.trusts, 13, nil)
    case .limit: (.limits, 13, nil)
    case .applicationCredential: (.applicationCredentials, 13, nil)
    case .limitDescription, .limitRegistered: (.limits, 14, nil)
    case .limitKeys: (.limits, 13, 16)
    case .roleDescription: (.roles, 15, nil)
    case .limitDomain: (.limits, 15, nil)
    case .accessRule: (.applicationCredentials, 15, nil)
    case .trustRedelegation: (.trusts, 16, nil)
    case .protocolAttribute: (.protocols, 16, nil)
    case .accessRuleUser: (.accessRules, 16, nil)
    case .roleOption: (.roles, 16, nil)
    case .projectOption: (.projects, 16, nil)
    case .expiringMembership: (.groups, 17, nil)
    case .mappingVersion: (.mappings, 25, nil)
    }
  }

  package var area: Area { life.area }

  /// Whether a database holds it that was expanded and contracted as far as these releases.
  package func exists(expanded: Release, contracted: Release) -> Bool {
    let life = life
    if let added = life.added, expanded.number < added { return false }
    guard let removed = life.removed else { return true }
    // What is older than the phases goes at once: `--expand` runs those migrations first.
    return removed < 10 ? expanded.number < removed : contracted.number < removed
  }

  /// Whether the code of a release reads and writes it.
  package func isUsed(by release: Release) -> Bool {
    let life = life
    if let added = life.added, release.number < added { return false }
    // The release whose contraction removes a part has stopped using it: its own nodes run before
    // and after that.
    if let removed = life.removed, release.number >= removed { return false }
    return true
  }
}
