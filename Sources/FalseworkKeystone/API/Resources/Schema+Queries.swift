// SPDX-License-Identifier: Apache-2.0

/// The queries of lists, which are looked at since 2025.2. Members that are not named are let
/// through, but where `closed` says otherwise.
extension Schema {
  static let usersQuery = object([("domain_id", id), ("enabled", flag), ("name", name)])
  static let groupsQuery = object([("domain_id", id), ("name", name)])
  static let projectsQuery = object([
    ("domain_id", id), ("enabled", flag), ("name", shortName), ("parent_id", uuid),
    ("is_domain", flag),
  ])
  static let domainsQuery = object([("enabled", flag), ("name", shortName)])
  static let rolesQuery = object([("name", name), ("domain_id", id)])
  static let assignmentsQuery = object([
    ("group.id", id), ("role.id", id), ("scope.domain.id", id), ("scope.project.id", id),
  ])
  static let regionsQuery = object([("parent_region_id", regionID)], closed: true)
  static let endpointsQuery = object([("interface", interface)])
  static let endpointGroupsQuery = object([("name", name)], closed: true)
  static let limitsQuery = object([
    ("service_id", uuid), ("region_id", regionID), ("resource_name", name), ("project_id", id),
    ("domain_id", id),
  ])
}
