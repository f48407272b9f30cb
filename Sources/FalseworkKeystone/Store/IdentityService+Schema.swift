// SPDX-License-Identifier: Apache-2.0
import FalseworkCore

/// A node whose release does not find in the database what its queries name.
///
/// Measured on 29.0.0 with one table or column at a time taken away: logins and validations that are
/// not in a cache read the whole of users with their passwords and options, of projects (a domain
/// is one) with theirs, of roles and of groups; the assignments on the system are read for tokens of
/// the system alone. The exception is nobody's: in the API it becomes the container's 500, in the
/// middleware that looks at the caller's token a 500 with Keystone's JSON.
extension IdentityService {
  /// Why the release does not start with its keys; nil if it does.
  var refusalToStart: String? {
    guard options.provider == .fernet, options.keys.defect == .noKeys else { return nil }
    let rules = KeyRepositoryRules(
      group: .tokens, release: release, maxActiveKeys: KeyRepositoryRules.defaultMaxActiveKeys)
    return rules.refusalToStart(
      KeyDirectory(path: "/etc/keystone/fernet-keys/", keys: options.keys))
  }

  func require(_ areas: [SchemaPart.Area], _ store: IdentityStore) throws(KeystoneError) {
    guard let schema = store.schema else { return }
    for area in areas where schema.missing(in: area, for: release) != nil {
      throw .unexpected
    }
  }

  /// What the look-up of a token reads.
  func requireSchema(of token: TokenPayload, _ store: IdentityStore) throws(KeystoneError) {
    guard store.schema != nil else { return }
    try require([.users, .projects], store)
    if IdentityStore.Target(of: token) != nil { try require([.roles, .groups], store) }
    if token.system != nil { try require([.systemAssignments], store) }
    if token.trustID != nil { try require([.trusts], store) }
    if token.applicationCredentialID != nil { try require([.applicationCredentials], store) }
  }

  /// What a request for a resource reads, and whether it may write there.
  func requireSchema(of request: APIRequest, _ store: IdentityStore) throws(KeystoneError) {
    guard let schema = store.schema else { return }
    let areas = Self.areas(of: request.target)
    try require(areas, store)
    guard !request.reads else { return }
    for area in areas where schema.isReadOnly(area) { throw .unexpected }
  }

  /// By the parts of the path: `/v3/OS-FEDERATION/identity_providers/x`.
  private static func areas(of target: String) -> [SchemaPart.Area] {
    let parts = target.prefix { $0 != "?" }.split(separator: "/").dropFirst()
    return parts.flatMap { part -> [SchemaPart.Area] in
      switch part {
      case "users": [.users]
      case "projects", "domains": [.projects]
      case "groups": [.groups]
      case "roles", "role_assignments", "role_inferences", "inherited_to_projects": [.roles]
      case "system": [.systemAssignments]
      case "credentials": [.credentials]
      case "trusts": [.trusts]
      case "limits", "registered_limits": [.limits]
      case "application_credentials": [.applicationCredentials]
      case "access_rules": [.accessRules]
      case "identity_providers": [.identityProviders]
      case "protocols": [.protocols]
      case "mappings": [.mappings]
      default: []
      }
    }
  }

  /// What a login reads before it knows whether it succeeds.
  func requireSchema(of request: AuthRequest, _ store: IdentityStore) throws(KeystoneError) {
    guard store.schema != nil else { return }
    try require([.users, .projects], store)
    if request.methods.contains("application_credential") {
      try require([.applicationCredentials], store)
    }
    switch request.scope {
    case .unstated, .unscoped: return
    case .system: try require([.roles, .groups, .systemAssignments], store)
    default: try require([.roles, .groups], store)
    }
  }
}
