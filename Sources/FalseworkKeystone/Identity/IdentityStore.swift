// SPDX-License-Identifier: Apache-2.0
import FalseworkCore

/// The database that the nodes of a cluster share.
///
/// A value: the world owns it and lends it to one node at a time. Rows are kept in the order in
/// which they were made; they are found by key, by their unique name, or by a row that they refer
/// to, each at the cost of a look-up. It keeps what it is given: what may be stored, and who may
/// store it, is decided by the API before.
///
/// Each change of a row counts in `revision`, and is noted in the journal if somebody wants it.
package struct IdentityStore: Equatable, Sendable {
  package enum Kind: String, CaseIterable, Codable, Hashable, Sendable {
    case project, user, group, membership
    case role, impliedRole, grant
    case region, service, endpoint, endpointGroup, projectEndpoint
    case policy, policyAssociation, registeredLimit, limit
    case credential, applicationCredential, accessRule, trust
    case consumer, requestToken, accessToken
    case identityProvider, mapping, federationProtocol, serviceProvider, domainOption
    /// UUID tokens, which are no rows: see `token(_:)`.
    case token
  }

  /// That a row was made, changed or removed; its new state is in its table.
  package struct Change: Hashable, Sendable {
    package var kind: Kind
    package var key: String
  }

  package struct StoredToken: Equatable, Sendable {
    package var payload: TokenPayload
    package var valid: Bool
  }

  package internal(set) var projects = Table<Project>()
  package internal(set) var users = Table<User>()
  package internal(set) var groups = Table<Group>()
  package internal(set) var memberships = Table<Membership>()
  package internal(set) var roles = Table<Role>()
  package internal(set) var impliedRoles = Table<ImpliedRole>()
  package internal(set) var grants = Table<Grant>()
  package internal(set) var regions = Table<Region>()
  package internal(set) var services = Table<Service>()
  package internal(set) var endpoints = Table<Endpoint>()
  package internal(set) var endpointGroups = Table<EndpointGroup>()
  package internal(set) var projectEndpoints = Table<ProjectEndpoint>()
  package internal(set) var policies = Table<Policy>()
  package internal(set) var policyAssociations = Table<PolicyAssociation>()
  package internal(set) var registeredLimits = Table<RegisteredLimit>()
  package internal(set) var limits = Table<Limit>()
  package internal(set) var credentials = Table<Credential>()
  package internal(set) var applicationCredentials = Table<ApplicationCredential>()
  package internal(set) var accessRules = Table<AccessRule>()
  package internal(set) var trusts = Table<Trust>()
  package internal(set) var consumers = Table<Consumer>()
  package internal(set) var requestTokens = Table<RequestToken>()
  package internal(set) var accessTokens = Table<AccessToken>()
  package internal(set) var identityProviders = Table<IdentityProvider>()
  package internal(set) var mappings = Table<Mapping>()
  package internal(set) var federationProtocols = Table<FederationProtocol>()
  package internal(set) var serviceProviders = Table<ServiceProvider>()
  package internal(set) var domainOptions = Table<DomainOption>()

  /// How far the migrations were run; nil gives every release what it reads.
  package var schema: SchemaState?
  /// The memcached that nodes may share; it is no part of the database, but as much at hand.
  package var cache = TokenCache()
  /// Ids by unique name, one dictionary a kind.
  private var names: [Kind: [UniqueName: String]] = [:]
  /// Keys of the rows that refer to another, in the order in which they were made.
  private var referring: [Reference: [String]] = [:]

  /// Grows with each change of a row; tokens and revocations do not count. Who keeps something that
  /// was made from rows compares it.
  package internal(set) var revision: UInt64 = 0
  /// Changes since they were last taken; nil where nobody wants them.
  private var journal: [Change]?

  var tokens: [String: StoredToken] = [:]
  var revokedAuditIDs = RevocationList()
  var revokedChains = RevocationList()
  var revokedRows: [RevokedRow: UTCTime] = [:]
  var roleCache = RoleCache()

  /// UUID tokens that are kept at most. When it is reached the table is flushed whole, so that a
  /// fixture that runs for weeks stays bounded; its tokens then read as unknown.
  static let tokenLimit = 4_000_000

  /// An empty database.
  package init() {}

  // MARK: Changes

  /// From here on changes are noted, for `takeChanges`.
  package mutating func keepJournal() {
    if journal == nil { journal = [] }
  }

  /// What was changed since the last time, in order. A row that changed twice stands twice.
  package mutating func takeChanges() -> [Change] {
    guard let changes = journal else { return [] }
    journal = []
    return changes
  }

  mutating func noted(_ kind: Kind, _ key: String) {
    journal?.append(Change(kind: kind, key: key))
  }

  /// Makes a row, or changes the one with its key.
  package mutating func put<Row: StoredRow>(_ row: Row) {
    let old = self[keyPath: Row.table].put(row)
    if let old, old.uniqueName != row.uniqueName, let name = old.uniqueName {
      names[Row.kind]?[name] = nil
    }
    if let name = row.uniqueName { names[Row.kind, default: [:]][name] = row.key }
    let before = old?.references ?? []
    let after = row.references
    if before != after {
      for reference in before { forget(row.key, in: reference) }
      for reference in after { referring[reference, default: []].append(row.key) }
    }
    changed(Row.kind, row.key)
  }

  /// The row that was removed, alone: what refers to it is the caller's concern
  /// (`IdentityStore+Deletion.swift`).
  @discardableResult
  package mutating func remove<Row: StoredRow>(_ type: Row.Type, _ key: String) -> Row? {
    guard let old = self[keyPath: Row.table].remove(key) else { return nil }
    if let name = old.uniqueName { names[Row.kind]?[name] = nil }
    for reference in old.references { forget(key, in: reference) }
    changed(Row.kind, key)
    return old
  }

  /// Removes the rows that refer to one that goes.
  mutating func removeAll<Row: StoredRow>(
    _ type: Row.Type, _ column: Reference.Column, _ id: String
  ) {
    // Taken out first: else each removal would look for itself in the list.
    for key in referring.removeValue(forKey: Reference(Row.kind, column, id)) ?? [] {
      remove(type, key)
    }
  }

  private mutating func forget(_ key: String, in reference: Reference) {
    guard let position = referring[reference]?.firstIndex(of: key) else { return }
    referring[reference]!.remove(at: position)
    if referring[reference]!.isEmpty { referring[reference] = nil }
  }

  private mutating func changed(_ kind: Kind, _ key: String) {
    revision += 1
    switch kind {
    case .role, .impliedRole, .grant, .membership, .project: roleCache.removeAll()
    default: break
    }
    noted(kind, key)
  }

  // MARK: Look-ups

  package func user(_ id: String) -> User? { users[id] }
  /// A domain is found too, for it is a project in Keystone.
  package func project(_ id: String) -> Project? { projects[id] }
  package func group(_ id: String) -> Group? { groups[id] }
  package func role(_ id: String) -> Role? { roles[id] }

  package func domain(_ id: String) -> Domain? {
    guard let row = projects[id], row.isDomain else { return nil }
    return row
  }

  package var domains: [Domain] { projects.filter(\.isDomain) }

  package func domain(named name: String) -> Domain? { row(named: UniqueName(name, in: nil)) }

  package func user(named name: String, domainID: String) -> User? {
    row(named: UniqueName(name, in: domainID))
  }

  package func project(named name: String, domainID: String) -> Project? {
    row(named: UniqueName(name, in: domainID))
  }

  /// The row with a unique name.
  package func row<Row: StoredRow>(_ type: Row.Type = Row.self, named name: UniqueName) -> Row? {
    names[Row.kind]?[name].flatMap { self[keyPath: Row.table][$0] }
  }

  /// Rows that refer to another in a column, in the order in which they were made.
  package func rows<Row: StoredRow>(
    _ type: Row.Type = Row.self, _ column: Reference.Column, _ id: String
  ) -> [Row] {
    keys(Row.kind, column, id).compactMap { self[keyPath: Row.table][$0] }
  }

  package func keys(_ kind: Kind, _ column: Reference.Column, _ id: String) -> [String] {
    referring[Reference(kind, column, id)] ?? []
  }
}
