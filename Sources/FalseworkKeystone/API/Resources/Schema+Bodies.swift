// SPDX-License-Identifier: Apache-2.0

/// The bodies of the requests that make or change a resource.
extension Schema {
  private static let federated = Schema(checks: [
    .type(["array"]),
    .items(
      object(
        [
          ("idp_id", text),
          (
            "protocols",
            Schema(checks: [
              .type(["array"]),
              .items(
                object(
                  [("protocol_id", text), ("unique_id", text)],
                  required: ["protocol_id", "unique_id"])),
              .leastItems(1),
            ])
          ),
        ], required: ["idp_id", "protocols"])),
  ])

  static let userCreate = body(
    "user",
    object(
      [
        ("domain_id", id), ("default_project_id", textOrNull), ("description", textOrNull),
        ("enabled", flag), ("federated", federated), ("name", name), ("password", textOrNull),
        ("options", userOptions),
      ], required: ["name"]))
  static let userUpdate = body(
    "user",
    object(
      [
        ("default_project_id", textOrNull), ("description", textOrNull), ("domain_id", id),
        ("enabled", flag), ("federated", federated), ("name", name), ("password", textOrNull),
        ("options", userOptions),
      ], filled: true))
  static let passwordChange = object(
    [("original_password", text), ("password", text)],
    required: ["original_password", "password"], closed: true)
  static let groupCreate = body(
    "group",
    object(
      [("domain_id", id), ("description", textOrNull), ("name", name)], required: ["name"]))
  static let groupUpdate = body(
    "group", object([("description", textOrNull), ("name", name)], filled: true))

  private static let projectMembers: [(String, Schema)] = [
    ("description", textOrNull), ("domain_id", idOrNull), ("enabled", flag), ("is_domain", flag),
    ("parent_id", idOrNull), ("name", shortName), ("tags", tags), ("options", resourceOptions),
  ]
  static let projectCreate = body(
    "project", object(projectMembers, required: ["name"]), optional: true)
  static let projectUpdate = body(
    "project",
    object([
      ("description", textOrNull), ("enabled", flag), ("name", shortName),
      ("options", resourceOptions), ("tags", tags),
    ]), optional: true)
  static let tagsUpdate = body("tags", looseTags, optional: true)

  private static let domainMembers: [(String, Schema)] = [
    ("description", textOrNull(most: 255)), ("enabled", flag), ("name", shortName),
    ("options", resourceOptions), ("tags", tags),
  ]
  static let domainCreate = body(
    "domain",
    object([("explicit_domain_id", id)] + domainMembers, required: ["name"]))
  static let domainUpdate = body("domain", object(domainMembers, filled: true))

  private static let roleMembers: [(String, Schema)] = [
    ("name", name), ("description", textOrNull), ("domain_id", idOrNull),
    ("options", resourceOptions),
  ]
  static let roleCreate = body("role", object(roleMembers, required: ["name"]))
  static let roleUpdate = body("role", object(roleMembers, filled: true))

  static let regionCreate = body(
    "region",
    object([
      ("description", textOrNull(most: 255)),
      ("id", textOrNull(most: 255)), ("parent_region_id", regionID),
    ]), closed: false)
  static let regionUpdate = body(
    "region",
    object(
      [
        ("description", textOrNull(most: 255)), ("id", regionID), ("parent_region_id", regionID),
      ], filled: true))
  private static let serviceMembers: [(String, Schema)] = [
    ("enabled", boolean), ("type", text(1, 255)), ("name", text(1, 255)),
  ]
  static let serviceCreate = object([("service", object(serviceMembers, required: ["type"]))])
  static let serviceUpdate = body("service", object(serviceMembers, filled: true), closed: false)
  private static let endpointMembers: [(String, Schema)] = [
    ("enabled", boolean), ("interface", interface), ("region_id", textOrNull),
    ("region", textOrNull), ("service_id", text), ("url", url), ("name", text),
    ("description", textOrNull),
  ]
  static let endpointCreate = body(
    "endpoint",
    object(
      [("id", text)] + endpointMembers, required: ["interface", "service_id", "url"]),
    optional: true)
  static let endpointUpdate = body("endpoint", object(endpointMembers, filled: true))
  private static let endpointGroupMembers: [(String, Schema)] = [
    ("description", textOrNull),
    (
      "filters",
      object([
        ("interface", interface), ("service_id", text), ("region_id", textOrNull),
        ("enabled", boolean),
      ])
    ), ("name", name),
  ]
  static let endpointGroupCreate = body(
    "endpoint_group",
    object(endpointGroupMembers, required: ["name", "filters"], closed: true), optional: true)
  static let endpointGroupUpdate = body(
    "endpoint_group", object(endpointGroupMembers, filled: true, closed: true))
}
