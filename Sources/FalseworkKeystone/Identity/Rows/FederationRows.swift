// SPDX-License-Identifier: Apache-2.0

extension IdentityStore {
  package struct IdentityProvider: StoredRow {
    package var id, domainID: String
    package var enabled = false
    package var description: String?
    package var remoteIDs: [String] = []
    /// Minutes.
    package var authorizationTTL: Int?

    package init(id: String, domainID: String) {
      self.id = id
      self.domainID = domainID
    }

    package static let kind = Kind.identityProvider
    package static var table: WritableKeyPath<IdentityStore, Table<IdentityProvider>> {
      \.identityProviders
    }
    package var key: String { id }
    package var references: [Reference] { [Reference(.identityProvider, .domain, domainID)] }
  }

  package struct Mapping: StoredRow {
    package var id: String
    package var rules: JSONValue
    package var schemaVersion: String

    package init(id: String, rules: JSONValue, schemaVersion: String) {
      self.id = id
      self.rules = rules
      self.schemaVersion = schemaVersion
    }

    package static let kind = Kind.mapping
    package static var table: WritableKeyPath<IdentityStore, Table<Mapping>> { \.mappings }
    package var key: String { id }
  }

  package struct FederationProtocol: StoredRow {
    package var id, providerID, mappingID: String
    package var remoteIDAttribute: String?

    package init(id: String, providerID: String, mappingID: String, remoteIDAttribute: String?) {
      self.id = id
      self.providerID = providerID
      self.mappingID = mappingID
      self.remoteIDAttribute = remoteIDAttribute
    }

    package static let kind = Kind.federationProtocol
    package static var table: WritableKeyPath<IdentityStore, Table<FederationProtocol>> {
      \.federationProtocols
    }
    package var key: String { joinedKey(providerID, id) }
    package var references: [Reference] {
      [Reference(.federationProtocol, .provider, providerID)]
    }
  }

  package struct ServiceProvider: StoredRow {
    package var id, authURL, spURL: String
    package var enabled = false
    package var description: String?
    package var relayStatePrefix = "ss:mem:"

    package init(id: String, authURL: String, spURL: String) {
      self.id = id
      self.authURL = authURL
      self.spURL = spURL
    }

    package static let kind = Kind.serviceProvider
    package static var table: WritableKeyPath<IdentityStore, Table<ServiceProvider>> {
      \.serviceProviders
    }
    package var key: String { id }
  }

  /// One option of a domain's own configuration.
  package struct DomainOption: StoredRow {
    package var domainID, group, option: String
    package var value: JSONValue

    package init(domainID: String, group: String, option: String, value: JSONValue) {
      self.domainID = domainID
      self.group = group
      self.option = option
      self.value = value
    }

    package static let kind = Kind.domainOption
    package static var table: WritableKeyPath<IdentityStore, Table<DomainOption>> {
      \.domainOptions
    }
    package var key: String { joinedKey(domainID, group, option) }
    package var references: [Reference] { [Reference(.domainOption, .domain, domainID)] }
  }
}
