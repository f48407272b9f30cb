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
