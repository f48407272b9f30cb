// SPDX-License-Identifier: Apache-2.0
package import FalseworkCore

/// Tokens that are kept, and what was revoked.
extension IdentityStore {
  package mutating func keep(_ payload: TokenPayload, as id: String) {
    if tokens.count >= Self.tokenLimit { tokens.removeAll(keepingCapacity: true) }
    tokens[id] = StoredToken(payload: payload, valid: true)
    noted(.token, id)
  }

  package func token(_ id: String) -> StoredToken? { tokens[id] }

  /// Records the revocation of one token by its audit id (`keystone/revoke/core.py`), or of all
  /// that were made from the first of its chain. It is remembered until `end`, after which the
  /// token is good for nothing anyway.
  package mutating func revoke(
    _ payload: TokenPayload, storedAs id: String, chain: Bool, until end: UTCTime, now: UTCTime
  ) {
    if chain {
      revokedChains.insert(payload.auditIDs.last ?? "", until: end, now: now)
    } else {
      revokedAuditIDs.insert(payload.auditIDs.first ?? "", until: end, now: now)
    }
    if tokens[id] != nil {
      tokens[id]!.valid = false
      noted(.token, id)
    }
  }

  /// A row whose tokens are no good any more.
  package enum RevokedRow: Hashable, Sendable {
    case user(String)
    case project(String)
    case domain(String)
    case trust(String)
    case consumer(String)
    case accessToken(String)
    case applicationCredential(String)
  }

  /// All tokens of a row that were issued until `now`, in whole seconds, are revoked.
  package mutating func revoke(_ row: RevokedRow, now: UTCTime) {
    revokedRows[row] = UTCTime(seconds: now.seconds)
  }

  package func isRevoked(_ payload: TokenPayload) -> Bool {
    if revokedAuditIDs.contains(payload.auditIDs.first)
      || revokedChains.contains(payload.auditIDs.last)
    {
      return true
    }
    return !revokedRows.isEmpty && isRevokedByRow(payload)
  }

  private func isRevokedByRow(_ payload: TokenPayload) -> Bool {
    let issued = UTCTime(seconds: payload.issuedAt.seconds)
    func covers(_ row: RevokedRow?) -> Bool {
      guard let row, let before = revokedRows[row] else { return false }
      return issued <= before
    }
    return covers(.user(payload.userID)) || covers(payload.projectID.map(RevokedRow.project))
      || covers(payload.domainID.map(RevokedRow.domain))
      || covers(payload.trustID.map(RevokedRow.trust))
      || covers(payload.accessTokenID.map(RevokedRow.accessToken))
      || covers(payload.applicationCredentialID.map(RevokedRow.applicationCredential))
  }
}

/// Audit ids that are no longer good, each for as long as a token could carry it.
struct RevocationList: Equatable, Sendable {
  private var ends: [String: UTCTime] = [:]
  /// So many are kept before the ones that are over are dropped.
  private var dropAt = RevocationList.least

  private static let least = 10_000

  mutating func insert(_ id: String, until end: UTCTime, now: UTCTime) {
    ends[id] = end
    guard ends.count >= dropAt else { return }
    ends = ends.filter { $0.value > now }
    dropAt = max(Self.least, 2 * ends.count)
  }

  func contains(_ id: String?) -> Bool {
    guard !ends.isEmpty, let id else { return false }
    return ends[id] != nil
  }
}
