// SPDX-License-Identifier: Apache-2.0

/// Who calls, as far as rules and handlers ask: the facts of the caller's token.
package struct Caller: Equatable, Sendable {
  package var token: TokenPayload
  /// Whose rights they are: with an impersonating trust the trustor's.
  package var userID: String
  package var userDomainID: String
  /// Names, the implied roles among them.
  package var roles: [String]
  /// The domain of the project that the token is scoped to.
  package var projectDomainID: String?

  package init(
    token: TokenPayload, userID: String? = nil, userDomainID: String, roles: [String],
    projectDomainID: String?
  ) {
    self.token = token
    self.userID = userID ?? token.userID
    self.userDomainID = userDomainID
    self.roles = roles
    self.projectDomainID = projectDomainID
  }

  package var projectID: String? { token.projectID }
  package var domainID: String? { token.domainID }
  package var isSystemScoped: Bool { token.system != nil }

  package func has(role name: String) -> Bool { roles.contains { $0.lowercased() == name } }
}

extension IdentityService {
  /// Who calls, with a token that was resolved.
  func caller(_ token: KnownToken, _ store: IdentityStore) -> Caller {
    let userID = store.actingUserID(of: token.payload)
    return Caller(
      token: token.payload, userID: userID, userDomainID: store.user(userID)?.domainID ?? "",
      roles: token.roles.map(\.name),
      projectDomainID: token.payload.projectID.flatMap { store.project($0)?.domainID })
  }
}
