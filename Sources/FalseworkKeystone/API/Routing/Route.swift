// SPDX-License-Identifier: Apache-2.0

/// A path of the API with what may be done there.
package struct Route: Equatable, Sendable {
  package let endpoint: Endpoint
  /// After `/v3`, with parameters in braces.
  package let template: String
  /// Of GET, POST, PUT, PATCH and DELETE; HEAD goes where GET goes.
  package let methods: [APIRequest.Method]
  /// The first release that has it.
  package let since: Int
  /// A second path to the same, which the json-home document does not show.
  let isAlias: Bool
  let segments: [Segment]

  enum Segment: Equatable, Sendable {
    case literal(String)
    case parameter(String)
  }

  private init(
    _ endpoint: Endpoint, _ template: String, _ methods: String, since: Int = 0,
    isAlias: Bool = false
  ) {
    self.endpoint = endpoint
    self.template = template
    self.methods = methods.split(separator: " ").map { APIRequest.Method(rawValue: String($0))! }
    self.since = since
    self.isAlias = isAlias
    segments = template.split(separator: "/").map { part in
      part.first == "{"
        ? .parameter(String(part.dropFirst().dropLast())) : .literal(String(part))
    }
  }

  /// What a path names, with its parameters in the order of the template. Of two that fit the one
  /// with the earlier literal counts.
  package static func find(
    _ path: ArraySlice<String>, _ release: Release
  ) -> (route: Route, parameters: [APIRequest.Parameter])? {
    var best: (route: Route, parameters: [APIRequest.Parameter])?
    for route in byLength[path.count] ?? [] where release.number >= route.since {
      guard let parameters = route.match(path) else { continue }
      if let found = best, !route.isMoreLiteral(than: found.route) { continue }
      best = (route, parameters)
    }
    return best
  }

  private func match(_ path: ArraySlice<String>) -> [APIRequest.Parameter]? {
    var parameters: [APIRequest.Parameter] = []
    for (segment, text) in zip(segments, path) {
      switch segment {
      case .literal(let literal): if literal != text { return nil }
      case .parameter(let name): parameters.append(.init(name: name, value: text))
      }
    }
    return parameters
  }

  private func isMoreLiteral(than other: Route) -> Bool {
    for (mine, theirs) in zip(segments, other.segments) {
      switch (mine, theirs) {
      case (.literal, .parameter): return true
      case (.parameter, .literal): return false
      case (.literal, .literal), (.parameter, .parameter): continue
      }
    }
    return false
  }

  private static let byLength: [Int: [Route]] = Dictionary(grouping: all, by: \.segments.count)

  /// In the order of the json-home document.
  package static let all: [Route] = [
    Route(.authProjects, "/auth/projects", "GET"),
    Route(.authDomains, "/auth/domains", "GET"),
    Route(.authSystem, "/auth/system", "GET", since: 13),
    Route(.authCatalog, "/auth/catalog", "GET"),
    Route(.revokedTokens, "/auth/tokens/OS-PKI/revoked", "GET"),
    Route(.authTokens, "/auth/tokens", "DELETE GET POST"),
    Route(.saml2, "/auth/OS-FEDERATION/saml2", "GET POST"),
    Route(.saml2ECP, "/auth/OS-FEDERATION/saml2/ecp", "GET POST"),
    Route(.websso, "/auth/OS-FEDERATION/websso/{protocol_id}", "GET POST"),
    Route(
      .identityProvidersWebsso,
      "/auth/OS-FEDERATION/identity_providers/{idp_id}/protocols/{protocol_id}/websso", "GET POST"),
    Route(.credentials, "/credentials", "GET POST"),
    Route(.credential, "/credentials/{credential_id}", "DELETE GET PATCH"),
    Route(.domains, "/domains", "GET POST"),
    Route(.domain, "/domains/{domain_id}", "DELETE GET PATCH"),
    Route(.domainConfig, "/domains/{domain_id}/config", "DELETE GET PATCH PUT"),
    Route(.domainConfigGroup, "/domains/{domain_id}/config/{group}", "DELETE GET PATCH"),
    Route(.domainConfigOption, "/domains/{domain_id}/config/{group}/{option}", "DELETE GET PATCH"),
    Route(.domainConfigDefault, "/domains/config/default", "GET", since: 9),
    Route(.domainConfigDefaultGroup, "/domains/config/{group}/default", "GET", since: 9),
    Route(.domainConfigDefaultOption, "/domains/config/{group}/{option}/default", "GET", since: 9),
    Route(.domainUserRoles, "/domains/{domain_id}/users/{user_id}/roles", "GET"),
    Route(
      .domainUserRole, "/domains/{domain_id}/users/{user_id}/roles/{role_id}", "DELETE GET PUT"),
    Route(.domainGroupRoles, "/domains/{domain_id}/groups/{group_id}/roles", "GET"),
    Route(
      .domainGroupRole, "/domains/{domain_id}/groups/{group_id}/roles/{role_id}", "DELETE GET PUT"),
    Route(.ec2tokens, "/ec2tokens", "POST"),
    Route(.endpoints, "/endpoints", "GET POST"),
    Route(.endpoint, "/endpoints/{endpoint_id}", "DELETE GET PATCH"),
    Route(.endpointPolicy, "/endpoints/{endpoint_id}/OS-ENDPOINT-POLICY/policy", "GET"),
    Route(.groups, "/groups", "GET POST"),
    Route(.group, "/groups/{group_id}", "DELETE GET PATCH"),
    Route(.groupUsers, "/groups/{group_id}/users", "GET"),
    Route(.groupUser, "/groups/{group_id}/users/{user_id}", "DELETE GET PUT"),
    Route(.limits, "/limits", "GET POST", since: 13),
    Route(.limit, "/limits/{limit_id}", "DELETE GET PATCH", since: 13),
    Route(.limitModel, "/limits/model", "GET", since: 14),
    Route(.endpointGroups, "/OS-EP-FILTER/endpoint_groups", "GET POST"),
    Route(.endpointGroup, "/OS-EP-FILTER/endpoint_groups/{endpoint_group_id}", "DELETE GET PATCH"),
    Route(.endpointProjects, "/OS-EP-FILTER/endpoints/{endpoint_id}/projects", "GET"),
    Route(
      .projectEndpoint, "/OS-EP-FILTER/projects/{project_id}/endpoints/{endpoint_id}",
      "DELETE GET PUT"),
    Route(.projectEndpoints, "/OS-EP-FILTER/projects/{project_id}/endpoints", "GET"),
    Route(.projectEndpointGroups, "/OS-EP-FILTER/projects/{project_id}/endpoint_groups", "GET"),
    Route(
      .endpointsInEndpointGroup, "/OS-EP-FILTER/endpoint_groups/{endpoint_group_id}/endpoints",
      "GET"),
    Route(
      .projectsAssociatedWithEndpointGroup,
      "/OS-EP-FILTER/endpoint_groups/{endpoint_group_id}/projects", "GET"),
    Route(
      .endpointGroupToProjectAssociation,
      "/OS-EP-FILTER/endpoint_groups/{endpoint_group_id}/projects/{project_id}", "DELETE GET PUT"),
    Route(.saml2Metadata, "/OS-FEDERATION/saml2/metadata", "GET"),
    Route(
      .identityProviderProtocolAuth,
      "/OS-FEDERATION/identity_providers/{idp_id}/protocols/{protocol_id}/auth", "GET POST"),
    Route(.identityProviders, "/OS-FEDERATION/identity_providers", "GET"),
    Route(.identityProvider, "/OS-FEDERATION/identity_providers/{idp_id}", "DELETE GET PATCH PUT"),
    Route(
      .identityProviderProtocol,
      "/OS-FEDERATION/identity_providers/{idp_id}/protocols/{protocol_id}", "DELETE GET PATCH PUT"),
    Route(
      .identityProviderProtocols, "/OS-FEDERATION/identity_providers/{idp_id}/protocols", "GET"),
    Route(.mappings, "/OS-FEDERATION/mappings", "GET"),
    Route(.mapping, "/OS-FEDERATION/mappings/{mapping_id}", "DELETE GET PATCH PUT"),
    Route(.serviceProviders, "/OS-FEDERATION/service_providers", "GET"),
    Route(
      .serviceProvider, "/OS-FEDERATION/service_providers/{service_provider_id}",
      "DELETE GET PATCH PUT"),
    Route(
      .domainGroupRoleInheritedToProjects,
      "/OS-INHERIT/domains/{domain_id}/groups/{group_id}/roles/{role_id}/inherited_to_projects",
      "DELETE GET PUT"),
    Route(
      .domainGroupRolesInheritedToProjects,
      "/OS-INHERIT/domains/{domain_id}/groups/{group_id}/roles/inherited_to_projects", "GET"),
    Route(
      .domainUserRoleInheritedToProjects,
      "/OS-INHERIT/domains/{domain_id}/users/{user_id}/roles/{role_id}/inherited_to_projects",
      "DELETE GET PUT"),
    Route(
      .domainUserRolesInheritedToProjects,
      "/OS-INHERIT/domains/{domain_id}/users/{user_id}/roles/inherited_to_projects", "GET"),
    Route(
      .projectUserRoleInheritedToProjects,
      "/OS-INHERIT/projects/{project_id}/users/{user_id}/roles/{role_id}/inherited_to_projects",
      "DELETE GET PUT"),
    Route(
      .projectGroupRoleInheritedToProjects,
      "/OS-INHERIT/projects/{project_id}/groups/{group_id}/roles/{role_id}/inherited_to_projects",
      "DELETE GET PUT"),
    Route(.consumers, "/OS-OAUTH1/consumers", "GET POST"),
    Route(.consumer, "/OS-OAUTH1/consumers/{consumer_id}", "DELETE GET PATCH"),
    Route(.oauth1RequestTokens, "/OS-OAUTH1/request_token", "POST"),
    Route(.oauth1AccessTokens, "/OS-OAUTH1/access_token", "POST"),
    Route(.authorizeRequestToken, "/OS-OAUTH1/authorize/{request_token_id}", "PUT"),
    Route(.oauth2Token, "/OS-OAUTH2/token", "POST", since: 22),
    Route(.revocationEvents, "/OS-REVOKE/events", "GET"),
    Route(.caCertificate, "/OS-SIMPLE-CERT/ca", "GET"),
    Route(.certificates, "/OS-SIMPLE-CERT/certificates", "GET"),
    Route(.policies, "/policies", "GET POST"),
    Route(.policy, "/policies/{policy_id}", "DELETE GET PATCH"),
    Route(.policyEndpoints, "/policies/{policy_id}/OS-ENDPOINT-POLICY/endpoints", "GET"),
    Route(
      .endpointPolicyAssociation,
      "/policies/{policy_id}/OS-ENDPOINT-POLICY/endpoints/{endpoint_id}", "DELETE GET PUT"),
    Route(
      .servicePolicyAssociation, "/policies/{policy_id}/OS-ENDPOINT-POLICY/services/{service_id}",
      "DELETE GET PUT"),
    Route(
      .regionAndServicePolicyAssociation,
      "/policies/{policy_id}/OS-ENDPOINT-POLICY/services/{service_id}/regions/{region_id}",
      "DELETE GET PUT"),
    Route(.projects, "/projects", "GET POST"),
    Route(.project, "/projects/{project_id}", "DELETE GET PATCH"),
    Route(.projectTag, "/projects/{project_id}/tags/{value}", "DELETE GET PUT", since: 13),
    Route(
      .projectUserRole, "/projects/{project_id}/users/{user_id}/roles/{role_id}", "DELETE GET PUT"),
    Route(.projectUserRoles, "/projects/{project_id}/users/{user_id}/roles", "GET"),
    Route(
      .projectGroupRole, "/projects/{project_id}/groups/{group_id}/roles/{role_id}",
      "DELETE GET PUT"),
    Route(.projectGroupRoles, "/projects/{project_id}/groups/{group_id}/roles", "GET"),
    Route(.regions, "/regions", "GET POST"),
    Route(.region, "/regions/{region_id}", "DELETE GET PATCH PUT"),
    Route(.registeredLimits, "/registered_limits", "GET POST", since: 13),
    Route(
      .registeredLimit, "/registered_limits/{registered_limit_id}", "DELETE GET PATCH", since: 13),
    Route(.roleAssignments, "/role_assignments", "GET"),
    Route(.roleInferences, "/role_inferences", "GET", since: 9),
    Route(.roles, "/roles", "GET POST"),
    Route(.role, "/roles/{role_id}", "DELETE GET PATCH"),
    Route(.impliedRoles, "/roles/{prior_role_id}/implies", "GET", since: 9),
    Route(
      .impliedRole, "/roles/{prior_role_id}/implies/{implied_role_id}", "DELETE GET PUT", since: 9),
    Route(.s3tokens, "/s3tokens", "POST"),
    Route(.services, "/services", "GET POST"),
    Route(.service, "/services/{service_id}", "DELETE GET PATCH"),
    Route(.systemUserRoles, "/system/users/{user_id}/roles", "GET", since: 13),
    Route(.systemUserRole, "/system/users/{user_id}/roles/{role_id}", "DELETE GET PUT", since: 13),
    Route(.systemGroupRoles, "/system/groups/{group_id}/roles", "GET", since: 13),
    Route(
      .systemGroupRole, "/system/groups/{group_id}/roles/{role_id}", "DELETE GET PUT", since: 13),
    Route(.trusts, "/OS-TRUST/trusts", "GET POST"),
    Route(.trust, "/OS-TRUST/trusts/{trust_id}", "DELETE GET"),
    Route(.trustRoles, "/OS-TRUST/trusts/{trust_id}/roles", "GET"),
    Route(.trustRole, "/OS-TRUST/trusts/{trust_id}/roles/{role_id}", "GET"),
    Route(.users, "/users", "GET POST"),
    Route(.user, "/users/{user_id}", "DELETE GET PATCH"),
    Route(.userChangePassword, "/users/{user_id}/password", "POST"),
    Route(.userGroups, "/users/{user_id}/groups", "GET"),
    Route(.userProjects, "/users/{user_id}/projects", "GET"),
    Route(.userCredentials, "/users/{user_id}/credentials/OS-EC2", "GET POST"),
    Route(.userCredential, "/users/{user_id}/credentials/OS-EC2/{credential_id}", "DELETE GET"),
    Route(.userAccessTokens, "/users/{user_id}/OS-OAUTH1/access_tokens", "GET"),
    Route(
      .userAccessToken, "/users/{user_id}/OS-OAUTH1/access_tokens/{access_token_id}", "DELETE GET"),
    Route(
      .userAccessTokenRoles, "/users/{user_id}/OS-OAUTH1/access_tokens/{access_token_id}/roles",
      "GET"),
    Route(
      .userAccessTokenRole,
      "/users/{user_id}/OS-OAUTH1/access_tokens/{access_token_id}/roles/{role_id}", "GET"),
    Route(
      .applicationCredentials, "/users/{user_id}/application_credentials", "GET POST", since: 13),
    Route(
      .applicationCredential,
      "/users/{user_id}/application_credentials/{application_credential_id}", "DELETE GET",
      since: 13),
    Route(.accessRules, "/users/{user_id}/access_rules", "GET", since: 16),
    Route(.accessRule, "/users/{user_id}/access_rules/{access_rule_id}", "DELETE GET", since: 16),
    Route(.projectTags, "/projects/{project_id}/tags", "DELETE GET PUT", since: 13, isAlias: true),
    Route(.authProjects, "/OS-FEDERATION/projects", "GET", isAlias: true),
    Route(.authDomains, "/OS-FEDERATION/domains", "GET", isAlias: true),
    Route(.userTokens, "/users/{user_id}/tokens", "DELETE", since: 30, isAlias: true),
  ]
}
