// SPDX-License-Identifier: Apache-2.0

/// Rows of any kind, for whoever keeps the database somewhere else.
extension IdentityStore {
  /// Rows may be restored in this order: what a row refers to comes before it.
  package static let rowTypes: [any StoredRow.Type] = [
    Project.self, User.self, Group.self, Membership.self, Role.self, ImpliedRole.self, Grant.self,
    Region.self, Service.self, Endpoint.self, EndpointGroup.self, ProjectEndpoint.self,
    Policy.self, PolicyAssociation.self, RegisteredLimit.self, Limit.self, Credential.self,
    AccessRule.self, ApplicationCredential.self, Trust.self, Consumer.self, RequestToken.self,
    AccessToken.self, IdentityProvider.self, Mapping.self, FederationProtocol.self,
    ServiceProvider.self, DomainOption.self,
  ]

  package static func rowType(of kind: Kind) -> (any StoredRow.Type)? {
    rowTypes.first { $0.kind == kind }
  }

  /// A row as it is now; nil if it is gone, or the kind is one that has no rows.
  package func row(_ kind: Kind, _ key: String) -> (any StoredRow)? {
    func find<Row: StoredRow>(_ type: Row.Type) -> (any StoredRow)? {
      self[keyPath: Row.table][key]
    }
    return Self.rowType(of: kind).flatMap { find($0) }
  }

  /// All rows of a kind, in their order.
  package func rows(_ kind: Kind) -> [any StoredRow] {
    func all<Row: StoredRow>(_ type: Row.Type) -> [any StoredRow] {
      self[keyPath: Row.table].map { $0 }
    }
    return Self.rowType(of: kind).map { all($0) } ?? []
  }

  /// Puts back a row that was kept.
  package mutating func restore(_ row: any StoredRow) {
    func put<Row: StoredRow>(_ row: Row, _ store: inout IdentityStore) { store.put(row) }
    put(row, &self)
  }

  /// The same for a token.
  package mutating func restore(_ payload: TokenPayload, isValid: Bool, as id: String) {
    tokens[id] = StoredToken(payload: payload, valid: isValid)
  }
}
