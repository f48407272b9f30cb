// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkHTTP

/// The body of a token answer.
///
/// What depends on the token alone (methods, audit ids, times) is written for each answer; the
/// rest (scope, roles, catalog: kilobytes) is written once for each scope and kept until a row
/// changes. A node that validates is mostly this.
struct TokenRenderer: Sendable {
  private struct Key: Hashable {
    var userID: String
    var target: IdentityStore.Target?
    var catalog: Bool
    var base: String
    var release: Int
  }

  private struct Parts {
    /// From `"user"` on.
    var user: [UInt8]
    /// After `issued_at`, with the comma in front and the braces at the end.
    var rest: [UInt8]
  }

  /// Scopes that are kept; when it is reached, all are forgotten and written anew.
  private static let limit = 1_024

  private var parts: [Key: Parts] = [:]
  /// The database of which the kept parts were made.
  private var revision: UInt64 = 0

  mutating func body(
    _ token: TokenPayload, _ catalog: Bool, _ base: String, release: Release, store: IdentityStore
  ) -> [UInt8] {
    let target = IdentityStore.Target(of: token)
    let key = Key(
      userID: token.userID, target: target, catalog: catalog && target != nil, base: base,
      release: release.number)
    if store.revision != revision {
      parts.removeAll(keepingCapacity: true)
      revision = store.revision
    }
    let found: Parts
    if let kept = parts[key] {
      found = kept
    } else {
      found = Self.render(key, release, store)
      if parts.count >= Self.limit { parts.removeAll(keepingCapacity: true) }
      parts[key] = found
    }

    var json: [UInt8] = []
    json.reserveCapacity(found.user.count + found.rest.count + 320)
    json.append("{\"token\": {\"methods\": ")
    Self.append(token.methods, to: &json)
    json.append(", \"user\": ")
    json.append(contentsOf: found.user)
    json.append(", \"audit_ids\": ")
    Self.append(token.auditIDs, to: &json)
    json.append(", \"expires_at\": \"")
    token.expiresAt.append(iso8601To: &json)
    json.append("\", \"issued_at\": \"")
    token.issuedAt.append(iso8601To: &json)
    json.append("\"")
    json.append(contentsOf: found.rest)
    return json
  }

  /// A list of names that need no escape: methods are Keystone's own, audit ids are base64.
  private static func append(_ names: [String], to json: inout [UInt8]) {
    json.append("[")
    for (index, name) in names.enumerated() {
      json.append(index == 0 ? "\"" : ", \"")
      json.append(text: name)
      json.append("\"")
    }
    json.append("]")
  }

  private static func render(_ key: Key, _ release: Release, _ store: IdentityStore) -> Parts {
    var user = JSONWriter(.spaced)
    user.object { json in
      let row = store.user(key.userID)
      domain(&json, row?.domainID ?? "default", store)
      json.member("id", key.userID)
      json.member("name", row?.name ?? "")
      if release.hasPasswordExpiry { json.member("password_expires_at", nil) }
    }
    var rest = JSONWriter(.spaced)
    rest.object { json in
      let roles = key.target.map { store.roles(of: key.userID, on: $0) } ?? []
      switch key.target {
      case nil: break
      case .project(let id):
        json.member("project") { project in
          let row = store.project(id)
          domain(&project, row?.domainID ?? "default", store)
          project.member("id", id)
          project.member("name", row?.name ?? "")
        }
        if release.number >= 9 { json.member("is_domain", false) }
        Self.roles(&json, roles)
      case .domain(let id):
        json.member("domain") { domain in
          domain.member("id", id)
          domain.member("name", store.domain(id)?.name ?? "")
        }
        Self.roles(&json, roles)
      case .system:
        Self.roles(&json, roles)
        json.member("system") { $0.member("all", true) }
      }
      if key.catalog { json.list("catalog", { catalog(&$0, key, store) }) }
    }
    var bytes = Array(rest.bytes.dropFirst())
    if bytes.count > 1 { bytes.insert(contentsOf: ", ".utf8, at: 0) }
    return Parts(user: user.bytes, rest: bytes + [0x7D])
  }

  private static func domain(_ json: inout JSONWriter, _ id: String, _ store: IdentityStore) {
    json.member("domain") { domain in
      domain.member("id", id)
      domain.member("name", store.domain(id)?.name ?? "")
    }
  }

  private static func roles(_ json: inout JSONWriter, _ roles: [IdentityStore.Role]) {
    json.list(
      "roles",
      { list in
        for role in roles {
          list.object {
            $0.member("id", role.id)
            $0.member("name", role.name)
          }
        }
      })
  }

  private static func catalog(_ json: inout JSONWriter, _ key: Key, _ store: IdentityStore) {
    catalog(
      &json, userID: key.userID,
      projectID: { if case .project(let id)? = key.target { id } else { nil } }(),
      base: key.base, store)
  }

  static func catalog(
    _ json: inout JSONWriter, userID: String, projectID: String?, base: String,
    _ store: IdentityStore
  ) {
    for service in store.services {
      json.object { entry in
        entry.list(
          "endpoints",
          { list in
            for endpoint in store.endpoints where endpoint.serviceID == service.id {
              guard
                let url = url(endpoint.url, userID: userID, projectID: projectID, base: base)
              else { continue }
              list.object {
                $0.member("id", endpoint.id)
                $0.member("interface", endpoint.interface)
                $0.member("region_id", endpoint.regionID)
                $0.member("url", url)
                $0.member("region", endpoint.regionID)
              }
            }
          })
        entry.member("id", service.id)
        entry.member("type", service.type)
        entry.member("name", service.name)
      }
    }
  }

  /// Substitutes what Keystone's catalog templates may name; nil if the token has no project to
  /// put in, for then Keystone leaves the endpoint out.
  private static func url(
    _ template: String?, userID: String, projectID: String?, base: String
  ) -> String? {
    guard let template else { return base + "/v3/" }
    var url = template
    for (name, value) in [
      ("%(project_id)s", projectID), ("%(tenant_id)s", projectID), ("%(user_id)s", userID),
    ] {
      while let range = url.firstRange(of: name) {
        guard let value else { return nil }
        url.replaceSubrange(range, with: value)
      }
    }
    return url
  }
}
