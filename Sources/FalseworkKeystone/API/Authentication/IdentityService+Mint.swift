// SPDX-License-Identifier: Apache-2.0
import FalseworkCore

/// The last look at a new token before it is handed out (`keystone/models/token_model.py`, `mint`).
extension IdentityService {
  /// A token without a role on its scope is not issued.
  @discardableResult
  func mint(
    _ token: TokenPayload, now: UTCTime, _ store: IdentityStore
  ) throws(KeystoneError) -> [IdentityStore.Role] {
    guard let roles = try checkedRoles(of: token, now: now, store) else { throw .unauthorized }
    return roles
  }
}

extension IdentityStore {
  /// Whose rights a token has: with impersonation the trustor's, of any other its user's.
  func actingUserID(of token: TokenPayload) -> String {
    guard let id = token.trustID, let trust = trusts[id], trust.impersonation else {
      return token.userID
    }
    return trust.trustorUserID
  }

  /// A trust that is over, used up or deleted is not found.
  func usableTrust(_ id: String, now: UTCTime) -> Trust? {
    guard let trust = trusts[id], trust.deletedAt == nil, trust.remainingUses != 0 else {
      return nil
    }
    if let end = trust.expiresAt, end < now { return nil }
    return trust
  }
}

extension TokenPayload {
  /// Not simply a login of its user: its roles are its own.
  var isDelegated: Bool {
    trustID != nil || accessTokenID != nil || applicationCredentialID != nil || federation != nil
      || thumbprint != nil
  }
}
