// SPDX-License-Identifier: Apache-2.0

extension IdentityStore {
  package struct Service: StoredRow {
    package var id: String
    package var type: String
    package var name: String?
    package var enabled = true
    /// The description among them.
    package var extra = JSONObject()

    package init(id: String, name: String?, type: String) {
      self.id = id
      self.name = name
      self.type = type
    }

    package static let kind = Kind.service
    package static var table: WritableKeyPath<IdentityStore, Table<Service>> { \.services }
    package var key: String { id }
  }

  package struct Endpoint: StoredRow {
    package var id, serviceID, interface: String
    package var regionID: String?
    /// Nil: this Keystone itself, wherever the client found it.
    package var url: String?
    package var enabled = true
    package var extra = JSONObject()

    package init(id: String, serviceID: String, interface: String, regionID: String?, url: String?)
    {
      self.id = id
      self.serviceID = serviceID
      self.interface = interface
      self.regionID = regionID
      self.url = url
    }

    package static let kind = Kind.endpoint
    package static var table: WritableKeyPath<IdentityStore, Table<Endpoint>> { \.endpoints }
    package var key: String { id }
    package var references: [Reference] {
      var all = [Reference(.endpoint, .service, serviceID)]
      if let regionID { all.append(Reference(.endpoint, .region, regionID)) }
      return all
    }
  }

  package struct Region: StoredRow {
    package var id: String
    package var description = ""
    package var parentID: String?
    package var extra = JSONObject()

    package init(id: String) { self.id = id }

    package static let kind = Kind.region
    package static var table: WritableKeyPath<IdentityStore, Table<Region>> { \.regions }
    package var key: String { id }
    package var references: [Reference] {
      parentID.map { [Reference(.region, .parent, $0)] } ?? []
    }
  }

  /// OS-EP-FILTER: endpoints by a filter on service, interface, region.
  package struct EndpointGroup: StoredRow {
    package var id, name: String
    package var description: String?
    package var filters: JSONObject

    package init(id: String, name: String, description: String?, filters: JSONObject) {
      self.id = id
      self.name = name
      self.description = description
      self.filters = filters
    }

    package static let kind = Kind.endpointGroup
    package static var table: WritableKeyPath<IdentityStore, Table<EndpointGroup>> {
      \.endpointGroups
    }
    package var key: String { id }
  }

  /// A project sees an endpoint, or a group of them, in its catalog.
  package struct ProjectEndpoint: StoredRow {
    package var projectID: String
    package var endpointID: String
    /// `endpointID` is an endpoint group's.
    package var isGroup: Bool

    package init(projectID: String, endpointID: String, isGroup: Bool = false) {
      self.projectID = projectID
      self.endpointID = endpointID
      self.isGroup = isGroup
    }

    package static let kind = Kind.projectEndpoint
    package static var table: WritableKeyPath<IdentityStore, Table<ProjectEndpoint>> {
      \.projectEndpoints
    }
    package var key: String { joinedKey(projectID, endpointID, isGroup ? "group" : "") }
    package var references: [Reference] {
      [
        Reference(.projectEndpoint, .project, projectID),
        Reference(.projectEndpoint, isGroup ? .other : .endpoint, endpointID),
      ]
    }
  }

  package struct Policy: StoredRow {
    package var id, type, blob: String
    package var extra = JSONObject()

    package init(id: String, type: String, blob: String) {
      self.id = id
      self.type = type
      self.blob = blob
    }

    package static let kind = Kind.policy
    package static var table: WritableKeyPath<IdentityStore, Table<Policy>> { \.policies }
    package var key: String { id }
  }

  /// OS-ENDPOINT-POLICY: a policy for an endpoint, or for a service, perhaps in one region.
  package struct PolicyAssociation: StoredRow {
    package var policyID: String
    package var endpointID, serviceID, regionID: String?

    package init(policyID: String, endpointID: String?, serviceID: String?, regionID: String?) {
      self.policyID = policyID
      self.endpointID = endpointID
      self.serviceID = serviceID
      self.regionID = regionID
    }

    package static let kind = Kind.policyAssociation
    package static var table: WritableKeyPath<IdentityStore, Table<PolicyAssociation>> {
      \.policyAssociations
    }
    /// An endpoint, or a service in a region, has one policy at most.
    package var key: String { joinedKey(endpointID ?? "", serviceID ?? "", regionID ?? "") }
    package var references: [Reference] {
      var all = [Reference(.policyAssociation, .other, policyID)]
      if let endpointID { all.append(Reference(.policyAssociation, .endpoint, endpointID)) }
      if let serviceID { all.append(Reference(.policyAssociation, .service, serviceID)) }
      if let regionID { all.append(Reference(.policyAssociation, .region, regionID)) }
      return all
    }
  }

  package struct RegisteredLimit: StoredRow {
    package var id, serviceID: String
    package var regionID: String?
    package var resourceName: String
    package var defaultLimit: Int
    package var description: String?

    package init(
      id: String, serviceID: String, regionID: String?, resourceName: String, defaultLimit: Int,
      description: String?
    ) {
      self.id = id
      self.serviceID = serviceID
      self.regionID = regionID
      self.resourceName = resourceName
      self.defaultLimit = defaultLimit
      self.description = description
    }

    package static let kind = Kind.registeredLimit
    package static var table: WritableKeyPath<IdentityStore, Table<RegisteredLimit>> {
      \.registeredLimits
    }
    package var key: String { id }
    package var uniqueName: UniqueName? {
      UniqueName(resourceName, in: joinedKey(serviceID, regionID ?? ""))
    }
  }

  package struct Limit: StoredRow {
    package var id, serviceID: String
    package var regionID: String?
    package var resourceName: String
    package var resourceLimit: Int
    package var description: String?
    /// Of one of the two.
    package var projectID, domainID: String?

    package init(
      id: String, serviceID: String, regionID: String?, resourceName: String, resourceLimit: Int,
      description: String?, projectID: String?, domainID: String?
    ) {
      self.id = id
      self.serviceID = serviceID
      self.regionID = regionID
      self.resourceName = resourceName
      self.resourceLimit = resourceLimit
      self.description = description
      self.projectID = projectID
      self.domainID = domainID
    }

    package static let kind = Kind.limit
    package static var table: WritableKeyPath<IdentityStore, Table<Limit>> { \.limits }
    package var key: String { id }
    package var uniqueName: UniqueName? {
      UniqueName(
        resourceName,
        in: joinedKey(serviceID, regionID ?? "", projectID ?? "", domainID ?? ""))
    }
    package var references: [Reference] {
      [
        projectID.map { Reference(.limit, .project, $0) },
        domainID.map { Reference(.limit, .domain, $0) },
      ].compactMap { $0 }
    }
  }
}
