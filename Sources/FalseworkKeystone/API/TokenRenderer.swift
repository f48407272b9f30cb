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

  /// - Parameter roles: what the token has, if it was made by delegation; of any other the roles of
  ///   its user are shown.
  mutating func body(
    _ token: TokenPayload, _ catalog: Bool, _ base: String, release: Release, store: IdentityStore,
    roles: [IdentityStore.Role] = []
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
    if token.isDelegated {
      found = Self.render(key, release, store, token, roles)
    } else if let kept = parts[key] {
      found = kept
    } else {
      let roles = target.map { store.roles(of: token.userID, on: $0) } ?? []
      found = Self.render(key, release, store, token, roles)
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

  private static func render(
    _ key: Key, _ release: Release, _ store: IdentityStore, _ token: TokenPayload,
    _ roles: [IdentityStore.Role]
  ) -> Parts {
    let trust = token.trustID.flatMap { store.trusts[$0] }
    let shown = trust.map { $0.impersonation ? $0.trustorUserID : key.userID } ?? key.userID
    var rest = JSONWriter(.spaced)
    rest.object { json in
      switch key.target {
      case nil: break
      case .project(let id):
        if let trust { delegation(&json, trust) }
        project(&json, id, store)
        if trust == nil, release.body.hasIsDomain {
          json.member("is_domain", store.project(id)?.isDomain ?? false)
        }
        if trust == nil { Self.roles(&json, roles) } else { wholeRoles(&json, roles, release) }
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
      if key.catalog {
        var key = key
        key.userID = trust?.trustorUserID ?? key.userID
        json.list("catalog", { catalog(&$0, key, store) })
      }
      serviceProviders(&json, store)
      origin(&json, token, release, store)
    }
    var bytes = Array(rest.bytes.dropFirst())
    if bytes.count > 1 { bytes.insert(contentsOf: ", ".utf8, at: 0) }
    return Parts(user: user(shown, token, release, store), rest: bytes + [0x7D])
  }

  private static func user(
    _ id: String, _ token: TokenPayload, _ release: Release, _ store: IdentityStore
  ) -> [UInt8] {
    var user = JSONWriter(.spaced)
    user.object { json in
      let row = store.user(id)
      domain(&json, row?.domainID ?? "default", store)
      json.member("id", id)
      json.member("name", row?.name ?? "")
      if let federation = token.federation {
        json.member("OS-FEDERATION") { json in
          json.list("groups") { list in
            for id in federation.groupIDs { list.object { $0.member("id", id) } }
          }
          json.member("identity_provider") { $0.member("id", federation.identityProviderID) }
          json.member("protocol") { $0.member("id", federation.protocolID) }
        }
      } else if release.hasPasswordExpiry {
        json.member("password_expires_at", row?.passwordExpiresAt?.iso8601(microseconds: true))
      }
    }
    return user.bytes
  }

  private static func project(_ json: inout JSONWriter, _ id: String, _ store: IdentityStore) {
    json.member("project") { project in
      let row = store.project(id)
      domain(&project, row?.domainID ?? "default", store)
      project.member("id", id)
      project.member("name", row?.name ?? "")
    }
  }

  private static func delegation(_ json: inout JSONWriter, _ trust: IdentityStore.Trust) {
    json.member("OS-TRUST:trust") { json in
      json.member("id", trust.id)
      json.member("trustor_user") { $0.member("id", trust.trustorUserID) }
      json.member("trustee_user") { $0.member("id", trust.trusteeUserID) }
      json.member("impersonation", trust.impersonation)
    }
  }

  private static func serviceProviders(_ json: inout JSONWriter, _ store: IdentityStore) {
    let enabled = store.serviceProviders.filter(\.enabled)
    guard !enabled.isEmpty else { return }
    json.list("service_providers") { list in
      for row in enabled {
        list.object {
          $0.member("id", row.id)
          $0.member("auth_url", row.authURL)
          $0.member("sp_url", row.spURL)
        }
      }
    }
  }

  /// What the token was made with, if it was not a login of the user.
  private static func origin(
    _ json: inout JSONWriter, _ token: TokenPayload, _ release: Release, _ store: IdentityStore
  ) {
    if let id = token.accessTokenID {
      json.member("OS-OAUTH1") { json in
        json.member("access_token_id", id)
        json.member("consumer_id", store.accessTokens[id]?.consumerID)
      }
    }
    if let id = token.applicationCredentialID, release.body.hasApplicationCredential,
      let row = store.applicationCredentials[id]
    {
      json.member("application_credential") { json in
        json.member("id", id)
        json.member("name", row.name)
        json.member("restricted", row.unrestricted != true)
        let rules = row.accessRuleIDs.compactMap { store.accessRules[$0] }
        guard release.body.hasAccessRules, !rules.isEmpty else { return }
        json.list("access_rules") { list in
          for rule in rules {
            list.object {
              $0.member("id", rule.id)
              $0.member("service", rule.service)
              $0.member("path", rule.path)
              $0.member("method", rule.method)
            }
          }
        }
      }
    }
    if let thumbprint = token.thumbprint, release.body.hasOAuth2Credential {
      json.member("oauth2_credential") { $0.member("x5t#S256", thumbprint) }
    }
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

  /// Of a trust Keystone shows the rows as they are.
  private static func wholeRoles(
    _ json: inout JSONWriter, _ roles: [IdentityStore.Role], _ release: Release
  ) {
    guard release.usesFlask else { return Self.roles(&json, roles) }
    json.list("roles") { list in
      for role in roles {
        list.object { json in
          json.member("id", role.id)
          json.member("name", role.name)
          json.member("domain_id", role.domainID)
          json.member("description", role.description)
          guard release.number >= 17 else { return }
          json.member("options") { options in
            for (name, value) in role.options.members { options.member(name, value == .bool(true)) }
          }
        }
      }
    }
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
