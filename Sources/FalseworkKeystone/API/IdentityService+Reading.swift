// SPDX-License-Identifier: Apache-2.0
import FalseworkCore

/// What a token's user can have tokens for: catalog, projects, domains, the system.
extension IdentityService {
  /// - Parameter path: what a list calls its own address, after the base.
  func read(
    _ call: KeystoneCall, path: String, now: UTCTime, base: String, store: IdentityStore
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
        $0.member("links") { $0.member("self", base + path) }
      }
    case .authProjects(let caller):
      let token = try authorized(caller, now: now, store: store)
      list(&json, "projects", base + path) { array in
        for row in store.projects where !row.isDomain {
          guard !roles(of: token, on: .project(row.id), store).isEmpty else { continue }
          entity(&array, row, base)
        }
      }
    case .authDomains(let caller):
      let token = try authorized(caller, now: now, store: store)
      list(&json, "domains", base + path) { array in
        for row in store.domains where !roles(of: token, on: .domain(row.id), store).isEmpty {
          entity(&array, row, base)
        }
      }
    case .authSystem(let caller):
      let token = try authorized(caller, now: now, store: store)
      let all = !roles(of: token, on: .system, store).isEmpty
      json.object {
        $0.list("system") { list in
          if all { list.object { $0.member("all", true) } }
        }
        $0.member("links") { $0.member("self", base + path) }
      }
    default:
      preconditionFailure("not a reading call: \(call)")
    }
    return KeystoneAnswer(
      status: 200, operation: .other, body: json.bytes + (release.usesFlask ? [0x0A] : []))
  }

  /// Of a user of an identity provider, who is in no table, the groups count.
  private func roles(
    of token: KnownToken, on target: IdentityStore.Target, _ store: IdentityStore
  ) -> [IdentityStore.Role] {
    guard let federation = token.payload.federation else {
      return store.roles(of: store.actingUserID(of: token.payload), on: target)
    }
    return store.roles(
      of: token.payload.userID, groups: federation.groupIDs, on: target)
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

  private func entity(_ json: inout JSONWriter, _ row: IdentityStore.Project, _ base: String) {
    json.object { json in
      json.member("id", row.id)
      json.member("name", row.name)
      if !row.isDomain { json.member("domain_id", row.domainID) }
      json.member("description", row.description)
      json.member("enabled", row.enabled)
      if !row.isDomain {
        json.member("parent_id", row.parentID)
        if release.body.hasIsDomain { json.member("is_domain", false) }
      }
      if release.identity.hasProjectTags {
        json.list("tags") { list in
          for tag in row.tags { list.value(tag) }
        }
      }
      if release.number >= 17 {
        json.member("options") { options in
          for (name, value) in row.options.members { options.member(name, value == .bool(true)) }
        }
      }
      let collection = row.isDomain ? "domains" : "projects"
      json.member("links") { $0.member("self", "\(base)/v3/\(collection)/\(row.id)") }
    }
  }
}
