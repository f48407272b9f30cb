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

extension IdentityStore {
  /// Revocations as `GET /v3/OS-REVOKE/events` lists them, oldest first; of one moment by their ids.
  package struct RevocationEvent: Equatable, Sendable {
    /// The member that names what is revoked, such as `user_id`.
    package var member: String
    package var id: String
    package var at: UTCTime
  }

  package func revocationEvents(since: UTCTime?) -> [RevocationEvent] {
    var events = revokedAuditIDs.all.map { RevocationEvent(member: "audit_id", id: $0, at: $1) }
    events += revokedChains.all.map { RevocationEvent(member: "audit_chain_id", id: $0, at: $1) }
    for (row, at) in revokedRows {
      let (member, id) = row.named
      events.append(RevocationEvent(member: member, id: id, at: at))
    }
    return events.filter { since == nil || $0.at > since! }
      .sorted { ($0.at, $0.member, $0.id) < ($1.at, $1.member, $1.id) }
  }
}

extension IdentityStore.RevokedRow {
  fileprivate var named: (String, String) {
    switch self {
    case .user(let id): ("user_id", id)
    case .project(let id): ("project_id", id)
    case .domain(let id): ("domain_id", id)
    case .trust(let id): ("OS-TRUST:trust_id", id)
    case .consumer(let id): ("OS-OAUTH1:consumer_id", id)
    case .accessToken(let id): ("OS-OAUTH1:access_token_id", id)
    case .applicationCredential(let id): ("application_credential_id", id)
    }
  }
}

/// Audit ids that are no longer good, each for as long as a token could carry it.
struct RevocationList: Equatable, Sendable {
  private struct Entry: Equatable {
    var end, at: UTCTime
  }

  private var entries: [String: Entry] = [:]
  /// So many are kept before the ones that are over are dropped.
  private var dropAt = RevocationList.least

  private static let least = 10_000

  mutating func insert(_ id: String, until end: UTCTime, now: UTCTime) {
    entries[id] = Entry(end: end, at: UTCTime(seconds: now.seconds))
    guard entries.count >= dropAt else { return }
    entries = entries.filter { $0.value.end > now }
    dropAt = max(Self.least, 2 * entries.count)
  }

  func contains(_ id: String?) -> Bool {
    guard !entries.isEmpty, let id else { return false }
    return entries[id] != nil
  }

  /// Ids, and when they were revoked.
  var all: [(String, UTCTime)] { entries.map { ($0.key, $0.value.at) } }
}
