// SPDX-License-Identifier: Apache-2.0

/// The rest of the table: credentials and delegation, policies, limits, federation.
extension ResourceAction {
  static let delegation: [ResourceAction] = [
    .init(.get, .credentials, "list_credentials", Credentials.list),
    .init(
      .post, .credentials, "create_credential", 201, body: .credentialCreate, Credentials.create),
    .init(.get, .credential, "get_credential", Credentials.show),
    .init(
      .patch, .credential, "update_credential", body: .credentialUpdate, Credentials.update),
    .init(.delete, .credential, "delete_credential", 204, Credentials.delete),
    .init(.get, .userCredentials, "ec2_list_credentials", Credentials.listEC2),
    .init(.post, .userCredentials, "ec2_create_credential", 201, Credentials.createEC2),
    .init(.get, .userCredential, "ec2_get_credential", Credentials.showEC2),
    .init(.delete, .userCredential, "ec2_delete_credential", 204, Credentials.deleteEC2),
    .init(
      .get, .applicationCredentials, "list_application_credentials", ApplicationCredentials.list),
    .init(
      .post, .applicationCredentials, "create_application_credential", 201,
      body: .applicationCredentialCreate, ApplicationCredentials.create),
    .init(
      .get, .applicationCredential, "get_application_credential", ApplicationCredentials.show),
    .init(
      .delete, .applicationCredential, "delete_application_credential", 204,
      ApplicationCredentials.delete),
    .init(.get, .accessRules, "list_access_rules", ApplicationCredentials.listRules),
    .init(.get, .accessRule, "get_access_rule", ApplicationCredentials.showRule),
    .init(.delete, .accessRule, "delete_access_rule", 204, ApplicationCredentials.deleteRule),
    .init(.get, .trusts, "list_trusts", Trusts.list),
    .init(.post, .trusts, "create_trust", 201, body: .trustCreate, Trusts.create),
    .init(.get, .trust, "get_trust", Trusts.show),
    .init(.delete, .trust, "delete_trust", 204, Trusts.delete),
    .init(.get, .trustRoles, "list_roles_for_trust", Trusts.listRoles),
    .init(.get, .trustRole, "get_role_for_trust", Trusts.showRole),
    .init(.get, .consumers, "list_consumers", Consumers.list),
    .init(.post, .consumers, "create_consumer", 201, Consumers.create),
    .init(.get, .consumer, "get_consumer", Consumers.show),
    .init(.patch, .consumer, "update_consumer", Consumers.update),
    .init(.delete, .consumer, "delete_consumer", 204, Consumers.delete),
    .init(.get, .userAccessTokens, "list_access_tokens", Consumers.accessTokens),
    .init(.get, .userAccessToken, "get_access_token", Consumers.accessToken),
    .init(.delete, .userAccessToken, "delete_access_token", 204, Consumers.deleteAccessToken),
    .init(
      .get, .userAccessTokenRoles, "list_access_token_roles", Consumers.accessTokenRoles),
    .init(.get, .userAccessTokenRole, "get_access_token_role", Consumers.accessTokenRole),
  ]

  static let rest: [ResourceAction] = [
    .init(.get, .policies, "list_policies", Policies.list),
    .init(.post, .policies, "create_policy", 201, Policies.create),
    .init(.get, .policy, "get_policy", Policies.show),
    .init(.patch, .policy, "update_policy", Policies.update),
    .init(.delete, .policy, "delete_policy", 204, Policies.delete),
    .init(.get, .policyEndpoints, "list_endpoints_for_policy", Policies.endpoints),
    .init(
      .get, .endpointPolicyAssociation, "check_policy_association_for_endpoint", 204,
      Policies.isAssociated),
    .init(
      .put, .endpointPolicyAssociation, "create_policy_association_for_endpoint", 204,
      Policies.associate),
    .init(
      .delete, .endpointPolicyAssociation, "delete_policy_association_for_endpoint", 204,
      Policies.dissociate),
    .init(
      .get, .servicePolicyAssociation, "check_policy_association_for_service", 204,
      Policies.isAssociated),
    .init(
      .put, .servicePolicyAssociation, "create_policy_association_for_service", 204,
      Policies.associate),
    .init(
      .delete, .servicePolicyAssociation, "delete_policy_association_for_service", 204,
      Policies.dissociate),
    .init(
      .get, .regionAndServicePolicyAssociation,
      "check_policy_association_for_region_and_service", 204, Policies.isAssociated),
    .init(
      .put, .regionAndServicePolicyAssociation,
      "create_policy_association_for_region_and_service", 204, Policies.associate),
    .init(
      .delete, .regionAndServicePolicyAssociation,
      "delete_policy_association_for_region_and_service", 204, Policies.dissociate),
    .init(
      .get, .registeredLimits, "list_registered_limits", query: .limitsQuery,
      Limits.listRegistered),
    .init(
      .post, .registeredLimits, "create_registered_limits", 201, body: .registeredLimitsCreate,
      Limits.createRegistered),
    .init(.get, .registeredLimit, "get_registered_limit", Limits.showRegistered),
    .init(
      .patch, .registeredLimit, "update_registered_limit", body: .registeredLimitUpdate,
      Limits.updateRegistered),
    .init(.delete, .registeredLimit, "delete_registered_limit", 204, Limits.deleteRegistered),
    .init(.get, .limits, "list_limits", query: .limitsQuery, Limits.list),
    .init(.post, .limits, "create_limits", 201, body: .limitsCreate, Limits.create),
    .init(.get, .limit, "get_limit", Limits.show),
    .init(.patch, .limit, "update_limit", body: .limitUpdate, Limits.update),
    .init(.delete, .limit, "delete_limit", 204, Limits.delete),
    .init(.get, .limitModel, "get_limit_model", Limits.model),
    .init(.get, .identityProviders, "list_identity_providers", Federation.listProviders),
    .init(.get, .identityProvider, "get_identity_provider", Federation.showProvider),
    .init(
      .put, .identityProvider, "create_identity_provider", 201, body: .identityProviderCreate,
      Federation.createProvider),
    .init(
      .patch, .identityProvider, "update_identity_provider", body: .identityProviderUpdate,
      Federation.updateProvider),
    .init(
      .delete, .identityProvider, "delete_identity_provider", 204, Federation.deleteProvider),
    .init(.get, .identityProviderProtocols, "list_protocols", Federation.listProtocols),
    .init(.get, .identityProviderProtocol, "get_protocol", Federation.showProtocol),
    .init(
      .put, .identityProviderProtocol, "create_protocol", 201, body: .protocolCreate,
      Federation.createProtocol),
    .init(
      .patch, .identityProviderProtocol, "update_protocol", body: .protocolUpdate,
      Federation.updateProtocol),
    .init(
      .delete, .identityProviderProtocol, "delete_protocol", 204, Federation.deleteProtocol),
    .init(.get, .mappings, "list_mappings", Federation.listMappings),
    .init(.get, .mapping, "get_mapping", Federation.showMapping),
    .init(.put, .mapping, "create_mapping", 201, Federation.createMapping),
    .init(.patch, .mapping, "update_mapping", Federation.updateMapping),
    .init(.delete, .mapping, "delete_mapping", 204, Federation.deleteMapping),
    .init(.get, .serviceProviders, "list_service_providers", Federation.listServiceProviders),
    .init(.get, .serviceProvider, "get_service_provider", Federation.showServiceProvider),
    .init(
      .put, .serviceProvider, "create_service_provider", 201, body: .serviceProviderCreate,
      Federation.createServiceProvider),
    .init(
      .patch, .serviceProvider, "update_service_provider", body: .serviceProviderUpdate,
      Federation.updateServiceProvider),
    .init(
      .delete, .serviceProvider, "delete_service_provider", 204,
      Federation.deleteServiceProvider),
  ]
}
