// SPDX-License-Identifier: Apache-2.0

/// The last look at a new token before it is handed out (`keystone/models/token_model.py`, `mint`).
extension IdentityService {
  /// A token without a role on its scope is not issued.
  func mint(_ token: TokenPayload, _ store: IdentityStore) throws(KeystoneError) {
    guard let target = IdentityStore.Target(of: token) else { return }
    if let id = token.trustID, let trust = store.trusts[id] {
      try checkDelegation(trust, by: token.userID, on: target, store)
      return
    }
    let held =
      token.federation.map { store.roles(of: token.userID, groups: $0.groupIDs, on: target) }
      ?? store.roles(of: token.userID, on: target)
    guard !held.isEmpty else { throw .unauthorized }
  }

  private func checkDelegation(
    _ trust: IdentityStore.Trust, by userID: String, on target: IdentityStore.Target,
    _ store: IdentityStore
  ) throws(KeystoneError) {
    guard userID == trust.trusteeUserID, store.user(trust.trustorUserID)?.enabled == true else {
      throw .forbidden
    }
    let held = store.roles(of: trust.trustorUserID, on: target)
    for id in store.implied(by: trust.roleIDs) where !held.contains(where: { $0.id == id }) {
      throw .forbidden
    }
  }

  /// The roles of a token that was made by delegation.
  func delegatedRoles(of token: TokenPayload, _ store: IdentityStore) -> [IdentityStore.Role] {
    guard let target = IdentityStore.Target(of: token) else { return [] }
    let ids: [String]
    if let id = token.trustID {
      ids = store.implied(by: store.trusts[id]?.roleIDs ?? [])
    } else if let id = token.accessTokenID {
      ids = store.implied(by: store.accessTokens[id]?.roleIDs ?? [])
    } else if let federation = token.federation {
      return store.roles(of: token.userID, groups: federation.groupIDs, on: target)
    } else if let id = token.applicationCredentialID {
      let held = store.roles(of: token.userID, on: target)
      let given = store.applicationCredentials[id]?.roleIDs ?? []
      return given.compactMap { id in held.first { $0.id == id } }
    } else {
      return store.roles(of: token.userID, on: target)
    }
    return ids.compactMap { store.role($0) }.filter { $0.domainID == nil }
  }
}

extension TokenPayload {
  /// Not simply a login of its user: its roles are its own.
  var isDelegated: Bool {
    trustID != nil || accessTokenID != nil || applicationCredentialID != nil || federation != nil
      || thumbprint != nil
  }
}
