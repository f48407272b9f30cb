// SPDX-License-Identifier: Apache-2.0

/// What can be done with the resources. `specs/keystone-api.md` is made from it.
extension ResourceAction {
  static let all: [ResourceAction] = people + roles + catalog + delegation + rest

  private static let people: [ResourceAction] = [
    .init(.get, .users, "list_users", query: .usersQuery, Users.list),
    .init(.post, .users, "create_user", 201, body: .userCreate, Users.create),
    .init(.get, .user, "get_user", Users.show),
    .init(.patch, .user, "update_user", body: .userUpdate, Users.update),
    .init(.delete, .user, "delete_user", 204, Users.delete),
    .init(.post, .userChangePassword, nil, 204, Users.changePassword),
    .init(.get, .userGroups, "list_groups_for_user", Users.groups),
    .init(.get, .userProjects, "list_user_projects", Users.projects),
    .init(.get, .groups, "list_groups", query: .groupsQuery, Groups.list),
    .init(.post, .groups, "create_group", 201, body: .groupCreate, Groups.create),
    .init(.get, .group, "get_group", Groups.show),
    .init(.patch, .group, "update_group", body: .groupUpdate, Groups.update),
    .init(.delete, .group, "delete_group", 204, Groups.delete),
    .init(.get, .groupUsers, "list_users_in_group", Groups.users),
    .init(.get, .groupUser, "check_user_in_group", 204, Groups.hasUser),
    .init(.put, .groupUser, "add_user_to_group", 204, Groups.addUser),
    .init(.delete, .groupUser, "remove_user_from_group", 204, Groups.removeUser),
    .init(.get, .projects, "list_projects", query: .projectsQuery, Projects.list),
    .init(.post, .projects, "create_project", 201, body: .projectCreate, Projects.create),
    .init(.get, .project, "get_project", Projects.show),
    .init(.patch, .project, "update_project", body: .projectUpdate, Projects.update),
    .init(.delete, .project, "delete_project", 204, Projects.delete),
    .init(.get, .projectTags, "list_project_tags", ProjectTags.list),
    .init(.put, .projectTags, "update_project_tags", body: .tagsUpdate, ProjectTags.replace),
    .init(.delete, .projectTags, "delete_project_tags", 204, ProjectTags.clear),
    .init(.get, .projectTag, "get_project_tag", 204, ProjectTags.has),
    .init(.put, .projectTag, "create_project_tag", 201, ProjectTags.add),
    .init(.delete, .projectTag, "delete_project_tag", 204, ProjectTags.remove),
    .init(.get, .domains, "list_domains", query: .domainsQuery, Domains.list),
    .init(.post, .domains, "create_domain", 201, body: .domainCreate, Domains.create),
    .init(.get, .domain, "get_domain", Domains.show),
    .init(.patch, .domain, "update_domain", body: .domainUpdate, Domains.update),
    .init(.delete, .domain, "delete_domain", 204, Domains.delete),
    .init(.get, .domainConfig, "get_domain_config", DomainConfig.show),
    .init(.put, .domainConfig, "create_domain_config", 201, DomainConfig.replace),
    .init(.patch, .domainConfig, "update_domain_config", DomainConfig.update),
    .init(.delete, .domainConfig, "delete_domain_config", 204, DomainConfig.delete),
    .init(.get, .domainConfigGroup, "get_domain_config", DomainConfig.show),
    .init(.patch, .domainConfigGroup, "update_domain_config", DomainConfig.update),
    .init(.delete, .domainConfigGroup, "delete_domain_config", 204, DomainConfig.delete),
    .init(.get, .domainConfigOption, "get_domain_config", DomainConfig.show),
    .init(.patch, .domainConfigOption, "update_domain_config", DomainConfig.update),
    .init(.delete, .domainConfigOption, "delete_domain_config", 204, DomainConfig.delete),
    .init(
      .get, .domainConfigDefault, "get_domain_config_default", DomainConfig.showDefaults),
    .init(
      .get, .domainConfigDefaultGroup, "get_domain_config_default", DomainConfig.showDefaults),
    .init(
      .get, .domainConfigDefaultOption, "get_domain_config_default", DomainConfig.showDefaults),
  ]

  private static let roles: [ResourceAction] =
    [
      .init(.get, .roles, "list_roles", query: .rolesQuery, Roles.list),
      .init(.post, .roles, "create_role", 201, body: .roleCreate, Roles.create),
      .init(.get, .role, "get_role", Roles.show),
      .init(.patch, .role, "update_role", body: .roleUpdate, Roles.update),
      .init(.delete, .role, "delete_role", 204, Roles.delete),
      .init(.get, .impliedRoles, "list_implied_roles", Roles.implied),
      .init(.get, .impliedRole, "get_implied_role", Roles.showInference),
      .init(.put, .impliedRole, "create_implied_role", 201, Roles.addInference),
      .init(.delete, .impliedRole, "delete_implied_role", 204, Roles.removeInference),
      .init(.get, .roleInferences, "list_role_inference_rules", Roles.inferences),
      .init(
        .get, .roleAssignments, "list_role_assignments", query: .assignmentsQuery,
        Assignments.list),
    ]
    + grants(
      [
        .projectUserRole, .projectGroupRole, .domainUserRole, .domainGroupRole,
        .domainUserRoleInheritedToProjects, .domainGroupRoleInheritedToProjects,
        .projectUserRoleInheritedToProjects, .projectGroupRoleInheritedToProjects,
      ], list: "list_grants", check: "check_grant", add: "create_grant", remove: "revoke_grant",
      lists: [
        .projectUserRoles, .projectGroupRoles, .domainUserRoles, .domainGroupRoles,
        .domainUserRolesInheritedToProjects, .domainGroupRolesInheritedToProjects,
      ])
    + grants(
      [.systemUserRole], list: "list_system_grants_for_user",
      check: "check_system_grant_for_user", add: "create_system_grant_for_user",
      remove: "revoke_system_grant_for_user", lists: [.systemUserRoles])
    + grants(
      [.systemGroupRole], list: "list_system_grants_for_group",
      check: "check_system_grant_for_group", add: "create_system_grant_for_group",
      remove: "revoke_system_grant_for_group", lists: [.systemGroupRoles])

  private static func grants(
    _ endpoints: [Endpoint], list: String, check: String, add: String, remove: String,
    lists: [Endpoint]
  ) -> [ResourceAction] {
    lists.map { .init(.get, $0, list, Grants.list) }
      + endpoints.flatMap { (endpoint: Endpoint) -> [ResourceAction] in
        [
          .init(.get, endpoint, check, 204, Grants.check),
          .init(.put, endpoint, add, 204, Grants.add),
          .init(.delete, endpoint, remove, 204, Grants.remove),
        ]
      }
  }

  private static let catalog: [ResourceAction] = [
    .init(.get, .services, "list_services", Services.list),
    .init(.post, .services, "create_service", 201, body: .serviceCreate, Services.create),
    .init(.get, .service, "get_service", Services.show),
    .init(.patch, .service, "update_service", body: .serviceUpdate, Services.update),
    .init(.delete, .service, "delete_service", 204, Services.delete),
    .init(.get, .endpoints, "list_endpoints", query: .endpointsQuery, Endpoints.list),
    .init(.post, .endpoints, "create_endpoint", 201, body: .endpointCreate, Endpoints.create),
    .init(.get, .endpoint, "get_endpoint", Endpoints.show),
    .init(.patch, .endpoint, "update_endpoint", body: .endpointUpdate, Endpoints.update),
    .init(.delete, .endpoint, "delete_endpoint", 204, Endpoints.delete),
    .init(.get, .endpointPolicy, "get_policy_for_endpoint", Policies.ofEndpoint),
    .init(.get, .regions, "list_regions", query: .regionsQuery, Regions.list),
    .init(.post, .regions, "create_region", 201, body: .regionCreate, Regions.create),
    .init(.get, .region, "get_region", Regions.show),
    .init(.put, .region, "create_region", 201, body: .regionCreate, Regions.createWithID),
    .init(.patch, .region, "update_region", body: .regionUpdate, Regions.update),
    .init(.delete, .region, "delete_region", 204, Regions.delete),
    .init(
      .get, .endpointGroups, "list_endpoint_groups", query: .endpointGroupsQuery,
      EndpointFilter.listGroups),
    .init(
      .post, .endpointGroups, "create_endpoint_group", 201, body: .endpointGroupCreate,
      EndpointFilter.createGroup),
    .init(.get, .endpointGroup, "get_endpoint_group", EndpointFilter.showGroup),
    .init(
      .patch, .endpointGroup, "update_endpoint_group", body: .endpointGroupUpdate,
      EndpointFilter.updateGroup),
    .init(.delete, .endpointGroup, "delete_endpoint_group", 204, EndpointFilter.deleteGroup),
    .init(
      .get, .endpointsInEndpointGroup, "list_endpoints_associated_with_endpoint_group",
      EndpointFilter.groupEndpoints),
    .init(
      .get, .projectsAssociatedWithEndpointGroup,
      "list_projects_associated_with_endpoint_group", EndpointFilter.groupProjects),
    .init(
      .get, .endpointGroupToProjectAssociation, "get_endpoint_group_in_project",
      EndpointFilter.showAssociation),
    .init(
      .put, .endpointGroupToProjectAssociation, "add_endpoint_group_to_project", 204,
      EndpointFilter.addGroup),
    .init(
      .delete, .endpointGroupToProjectAssociation, "remove_endpoint_group_from_project", 204,
      EndpointFilter.removeGroup),
    .init(
      .get, .projectEndpointGroups, "list_endpoint_groups_for_project",
      EndpointFilter.projectGroups),
    .init(
      .get, .projectEndpoints, "list_endpoints_for_project", EndpointFilter.projectEndpoints),
    .init(
      .get, .endpointProjects, "list_projects_for_endpoint", EndpointFilter.endpointProjects),
    .init(
      .get, .projectEndpoint, "check_endpoint_in_project", 204, EndpointFilter.hasEndpoint),
    .init(.put, .projectEndpoint, "add_endpoint_to_project", 204, EndpointFilter.addEndpoint),
    .init(
      .delete, .projectEndpoint, "remove_endpoint_from_project", 204,
      EndpointFilter.removeEndpoint),
  ]
}
