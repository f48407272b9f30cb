// SPDX-License-Identifier: Apache-2.0

/// What goes when a row goes. Events that make tokens invalid are the API's to record.
extension IdentityStore {
  package mutating func deleteUser(_ id: String) {
    removeAll(Membership.self, .user, id)
    removeAll(Grant.self, .user, id)
    removeAll(Credential.self, .user, id)
    removeAll(ApplicationCredential.self, .user, id)
    removeAll(AccessRule.self, .user, id)
    removeAll(AccessToken.self, .user, id)
    removeAll(Trust.self, .trustor, id)
    removeAll(Trust.self, .trustee, id)
    remove(User.self, id)
  }

  package mutating func deleteGroup(_ id: String) {
    removeAll(Membership.self, .group, id)
    removeAll(Grant.self, .group, id)
    remove(Group.self, id)
  }

  /// One project; those below it are the caller's concern.
  package mutating func deleteProject(_ id: String) {
    removeAll(Grant.self, .project, id)
    removeAll(Credential.self, .project, id)
    removeAll(ApplicationCredential.self, .project, id)
    removeAll(Trust.self, .project, id)
    removeAll(AccessToken.self, .project, id)
    removeAll(ProjectEndpoint.self, .project, id)
    removeAll(Limit.self, .project, id)
    for user in users where user.defaultProjectID == id {
      var user = user
      user.defaultProjectID = nil
      put(user)
    }
    remove(Project.self, id)
  }

  /// A domain with all that is in it.
  package mutating func deleteDomain(_ id: String) {
    for user in users where user.domainID == id { deleteUser(user.id) }
    for group in groups where group.domainID == id { deleteGroup(group.id) }
    for role in roles where role.domainID == id { deleteRole(role.id) }
    for project in rows(Project.self, .domain, id) { deleteProject(project.id) }
    for provider in rows(IdentityProvider.self, .domain, id) { deleteIdentityProvider(provider.id) }
    removeAll(DomainOption.self, .domain, id)
    removeAll(Grant.self, .domain, id)
    removeAll(Limit.self, .domain, id)
    deleteProject(id)
  }

  package mutating func deleteRole(_ id: String) {
    for grant in grants where grant.roleID == id { remove(Grant.self, grant.key) }
    removeAll(ImpliedRole.self, .role, id)
    removeAll(ImpliedRole.self, .other, id)
    for credential in applicationCredentials where credential.roleIDs.contains(id) {
      remove(ApplicationCredential.self, credential.id)
    }
    for trust in trusts where trust.roleIDs.contains(id) {
      var trust = trust
      trust.roleIDs.removeAll { $0 == id }
      put(trust)
    }
    remove(Role.self, id)
  }

  package mutating func deleteService(_ id: String) {
    for endpoint in rows(Endpoint.self, .service, id) { deleteEndpoint(endpoint.id) }
    removeAll(PolicyAssociation.self, .service, id)
    remove(Service.self, id)
  }

  package mutating func deleteEndpoint(_ id: String) {
    removeAll(ProjectEndpoint.self, .endpoint, id)
    removeAll(PolicyAssociation.self, .endpoint, id)
    remove(Endpoint.self, id)
  }

  /// A region with those below it.
  package mutating func deleteRegion(_ id: String) {
    for child in rows(Region.self, .parent, id) { deleteRegion(child.id) }
    removeAll(PolicyAssociation.self, .region, id)
    remove(Region.self, id)
  }

  package mutating func deleteEndpointGroup(_ id: String) {
    removeAll(ProjectEndpoint.self, .other, id)
    remove(EndpointGroup.self, id)
  }

  package mutating func deletePolicy(_ id: String) {
    removeAll(PolicyAssociation.self, .other, id)
    remove(Policy.self, id)
  }

  package mutating func deleteConsumer(_ id: String) {
    removeAll(RequestToken.self, .consumer, id)
    removeAll(AccessToken.self, .consumer, id)
    remove(Consumer.self, id)
  }

  package mutating func deleteIdentityProvider(_ id: String) {
    removeAll(FederationProtocol.self, .provider, id)
    remove(IdentityProvider.self, id)
  }
}
