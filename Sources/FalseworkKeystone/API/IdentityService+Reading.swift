// SPDX-License-Identifier: Apache-2.0
import FalseworkCore

/// The calls that read what is there: catalog, own scopes, and the resources that clients list.
extension IdentityService {
  func read(
    _ call: KeystoneCall, now: UTCTime, base: String, store: IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    var json = JSONWriter(.spaced)
    switch call {
    case .catalog(let caller):
      let token = try authorized(caller, now: now, store: store)
      guard let project = token.payload.projectID else { throw .forbidden }
      json.object {
        $0.list("catalog") {
          TokenRenderer.catalog(
            &$0, userID: token.payload.userID, projectID: project, base: base, store)
        }
        $0.member("links") { $0.member("self", base + "/v3/auth/catalog") }
      }
    case .authProjects(let caller):
      let token = try authorized(caller, now: now, store: store)
      let mine = store.projects.filter { project in
        !store.roles(of: token.payload.userID, on: .project(project.id)).isEmpty
      }
      list(&json, "projects", base + "/v3/auth/projects") { array in
        for row in mine { entity(&array, .projects, row.id, base, store) }
      }
    case .authDomains(let caller):
      let token = try authorized(caller, now: now, store: store)
      let mine = store.domains.filter { domain in
        !store.roles(of: token.payload.userID, on: .domain(domain.id)).isEmpty
      }
      list(&json, "domains", base + "/v3/auth/domains") { array in
        for row in mine { entity(&array, .domains, row.id, base, store) }
      }
    case .authSystem(let caller):
      let token = try authorized(caller, now: now, store: store)
      let all = !store.roles(of: token.payload.userID, on: .system).isEmpty
      json.object {
        $0.list("system") { list in
          if all { list.object { $0.member("all", true) } }
        }
        $0.member("links") { $0.member("self", base + "/v3/auth/system") }
      }
    case .list(let collection, let caller, let filters):
      let token = try authorized(caller, now: now, store: store)
      guard token.has(role: "admin") else {
        throw .forbidden("identity:list_\(collection.rawValue)")
      }
      let wanted = ids(collection, filters, store)
      list(&json, collection.rawValue, base + "/v3/" + collection.rawValue) { array in
        for id in wanted { entity(&array, collection, id, base, store) }
      }
    case .show(let collection, let id, let caller):
      let token = try authorized(caller, now: now, store: store)
      let singular = String(collection.rawValue.dropLast())
      guard token.has(role: "admin") || id == token.payload.userID || id == token.payload.projectID
      else {
        throw .forbidden("identity:get_\(singular)")
      }
      guard ids(collection, [], store).contains(id) else {
        throw .missingRow(singular, id)
      }
      json.object {
        $0.key(singular)
        entity(&$0, collection, id, base, store)
      }
    default:
      preconditionFailure("not a reading call: \(call)")
    }
    return KeystoneAnswer(status: 200, operation: .other, body: json.bytes)
  }

  private func list(
    _ json: inout JSONWriter, _ name: String, _ url: String,
    _ body: (inout JSONWriter) -> Void
  ) {
    json.object {
      $0.list(name, body)
      $0.member("links") {
        $0.member("next", nil)
        $0.member("self", url)
        $0.member("previous", nil)
      }
    }
  }

  /// Unknown filters are ignored, as Keystone ignores them.
  private func ids(
    _ collection: KeystoneCall.Collection, _ filters: [KeystoneCall.Filter],
    _ store: IdentityStore
  ) -> [String] {
    func wanted(_ fields: [String: String]) -> Bool {
      filters.allSatisfy { filter in fields[filter.name].map { $0 == filter.value } ?? true }
    }
    return switch collection {
    case .users:
      store.users.filter { wanted(["name": $0.name, "domain_id": $0.domainID]) }.map(\.id)
    case .projects:
      store.projects.filter {
        !$0.isDomain && wanted(["name": $0.name, "domain_id": $0.domainID ?? ""])
      }.map(\.id)
    case .domains: store.domains.filter { wanted(["name": $0.name]) }.map(\.id)
    case .roles: store.roles.filter { wanted(["name": $0.name]) }.map(\.id)
    case .services:
      store.services.filter { wanted(["name": $0.name ?? "", "type": $0.type]) }.map(\.id)
    case .endpoints:
      store.endpoints.filter {
        wanted([
          "service_id": $0.serviceID, "interface": $0.interface, "region_id": $0.regionID ?? "",
        ])
      }.map(\.id)
    case .regions: store.regions.map(\.id)
    }
  }

  private func entity(
    _ json: inout JSONWriter, _ collection: KeystoneCall.Collection, _ id: String, _ base: String,
    _ store: IdentityStore
  ) {
    json.object { json in
      json.member("id", id)
      switch collection {
      case .users:
        let row = store.user(id)
        json.member("name", row?.name)
        json.member("domain_id", row?.domainID)
        json.member("enabled", row?.enabled ?? false)
        if release.hasPasswordExpiry { json.member("password_expires_at", nil) }
        json.member("options") { _ in }
      case .projects:
        let row = store.project(id)
        json.member("name", row?.name)
        json.member("domain_id", row?.domainID)
        json.member("description", "")
        json.member("enabled", true)
        json.member("parent_id", row?.domainID)
        json.member("is_domain", false)
        json.list("tags", { _ in })
        json.member("options") { _ in }
      case .domains:
        json.member("name", store.domain(id)?.name)
        json.member("description", "")
        json.member("enabled", true)
        json.list("tags", { _ in })
        json.member("options") { _ in }
      case .roles:
        json.member("name", store.roles.first { $0.id == id }?.name)
        json.member("domain_id", nil)
        json.member("description", nil)
        json.member("options") { _ in }
      case .services:
        let row = store.services.first { $0.id == id }
        json.member("name", row?.name)
        json.member("type", row?.type)
        json.member("enabled", true)
      case .endpoints:
        let row = store.endpoints.first { $0.id == id }
        json.member("interface", row?.interface)
        json.member("region_id", row?.regionID)
        json.member("region", row?.regionID)
        json.member("service_id", row?.serviceID)
        json.member("url", row?.url ?? base + "/v3/")
        json.member("enabled", true)
      case .regions:
        json.member("description", "")
        json.member("parent_region_id", nil)
      }
      json.member("links") { $0.member("self", "\(base)/v3/\(collection.rawValue)/\(id)") }
    }
  }
}
