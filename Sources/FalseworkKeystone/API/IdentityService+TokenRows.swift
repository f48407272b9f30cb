// SPDX-License-Identifier: Apache-2.0
import FalseworkCore

/// What a token names is looked up each time that it is validated
/// (`keystone/models/token_model.py`, `keystone/token/provider.py`).
extension IdentityService {
  /// The token that a text stands for, checked in Keystone's order: what it names, the roles, its
  /// age and revocation.
  func resolve(
    _ text: String, allowExpired: Bool, now: UTCTime, store: IdentityStore
  ) throws(KeystoneError) -> KnownToken {
    let entry = try cached(text, now: now, store: store)
    let known: KnownToken
    if let entry { known = entry.token } else { known = try lookUp(text, now: now, store: store) }
    let token = known.payload
    let end = token.expiresAt + (allowExpired ? options.allowExpiredWindow : .zero)
    guard now < end, entry?.passedRevocation == true || !store.isRevoked(token) else {
      throw .failedToValidate
    }
    if release.seesReadOnlyBackends, store.user(token.userID)?.enabled == false {
      throw .notFound("Could not find token: \(text).")
    }
    return known
  }

  /// What a token stands for: the part of its validation that is cached.
  private func lookUp(
    _ text: String, now: UTCTime, store: IdentityStore
  ) throws(KeystoneError) -> KnownToken {
    let token = try read(text, now: now, store: store)
    try requireSchema(of: token, store)
    guard let roles = try checkedRoles(of: token, now: now, store) else {
      throw .notFound("Could not find token: \(text).")
    }
    return KnownToken(payload: token, roles: roles)
  }

  /// The roles of a token all of whose rows are as they should be; nil if it has a scope, and no
  /// role there.
  func checkedRoles(
    of token: TokenPayload, now: UTCTime, _ store: IdentityStore
  ) throws(KeystoneError) -> [IdentityStore.Role]? {
    try checkProject(token, store)
    try checkUser(token, now, store)
    guard let target = IdentityStore.Target(of: token) else { return [] }
    let roles = try roles(of: token, on: target, store)
    return roles.isEmpty ? nil : roles
  }

  private func checkProject(_ token: TokenPayload, _ store: IdentityStore) throws(KeystoneError) {
    guard let id = token.projectID else { return }
    guard let project = store.project(id) else { throw .missingRow("project", id) }
    guard project.enabled else { throw .disabled("project", id) }
    guard let domainID = project.isDomain ? nil : project.domainID else { return }
    guard let domain = store.domain(domainID) else { throw .missingRow("domain", domainID) }
    guard domain.enabled else { throw .disabled("domain", domainID) }
  }

  /// The user, and for the token of a trust both sides of it.
  private func checkUser(
    _ token: TokenPayload, _ now: UTCTime, _ store: IdentityStore
  ) throws(KeystoneError) {
    guard let user = store.user(token.userID) else { throw .missingRow("user", token.userID) }
    if let id = token.trustID {
      guard let trust = store.usableTrust(id, now: now) else { throw .missingRow("trust", id) }
      guard token.userID == trust.trusteeUserID else { throw .forbidden }
      guard let trustor = store.user(trust.trustorUserID) else {
        throw .missingRow("user", trust.trustorUserID)
      }
      for (side, user) in [("Trustor", trustor), ("Trustee", user)]
      where store.domain(user.domainID)?.enabled != true {
        throw .notFound("\(side) domain is disabled.")
      }
      guard trustor.enabled else { throw .forbidden }
    }
    guard let domain = store.domain(user.domainID) else {
      throw .missingRow("domain", user.domainID)
    }
    guard domain.enabled else { throw .disabled("domain", domain.id) }
    if let id = token.domainID, token.projectID == nil, store.domain(id) == nil {
      throw .missingRow("domain", id)
    }
  }

  /// The roles that a token has on its target, by the way in which it was made.
  func roles(
    of token: TokenPayload, on target: IdentityStore.Target, _ store: IdentityStore
  ) throws(KeystoneError) -> [IdentityStore.Role] {
    // The system's roles are nobody's to lend.
    if token.system != nil { return store.roles(of: token.userID, on: target) }
    if let id = token.trustID, let trust = store.trusts[id] {
      return try roles(of: trust, on: target, store)
    }
    if let id = token.accessTokenID {
      guard let access = store.accessTokens[id] else { throw .missingRow("access token", id) }
      let held = store.roles(of: token.userID, on: target)
      let delegated = store.implied(by: access.roleIDs)
      return held.filter { delegated.contains($0.id) }
    }
    if let federation = token.federation {
      let groups = federation.groupIDs + store.groupIDs(of: token.userID)
      return store.roles(of: token.userID, groups: groups, on: target)
    }
    if let id = token.applicationCredentialID {
      guard let credential = store.applicationCredentials[id] else {
        throw .missingRow("application credential", id)
      }
      let held = store.roles(of: token.userID, on: target)
      return held.filter { credential.roleIDs.contains($0.id) }
    }
    return store.roles(of: token.userID, on: target)
  }

  /// All that was delegated must still be the first trustor's to give.
  private func roles(
    of trust: IdentityStore.Trust, on target: IdentityStore.Target, _ store: IdentityStore
  ) throws(KeystoneError) -> [IdentityStore.Role] {
    var first = trust
    // A chain longer than this cannot be made.
    for _ in 0..<64 {
      guard let above = first.redelegatedTrustID, let next = store.trusts[above] else { break }
      first = next
    }
    let held = store.roles(of: first.trustorUserID, on: target)
    var roles: [IdentityStore.Role] = []
    for id in store.implied(by: trust.roleIDs) {
      guard let role = held.first(where: { $0.id == id }) else { throw .forbidden }
      roles.append(role)
    }
    return roles
  }
}
