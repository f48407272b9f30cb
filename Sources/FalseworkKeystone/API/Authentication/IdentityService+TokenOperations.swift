// SPDX-License-Identifier: Apache-2.0
import FalseworkCore

/// What is asked about tokens besides `/v3/auth/tokens` itself.
extension IdentityService {
  /// Nil: not one of these.
  mutating func tokenOperation(
    _ request: APIRequest, _ endpoint: Endpoint, _ context: APIContext, rendered: Bool,
    _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer? {
    switch endpoint {
    case .authTokens:
      return try tokens(request, context, rendered: rendered, &store)
    case .authCatalog, .authProjects, .authDomains, .authSystem:
      return try ownScopes(request, endpoint, context, store)
    case .revokedTokens:
      return try revokedTokens(context, store)
    case .revocationEvents:
      return try events(request, context, store)
    case .caCertificate, .certificates:
      guard release.number >= 16 else { throw .unexpected }
      throw .gone("This API is no longer available due to the removal of support for PKI tokens.")
    case .userTokens:
      let id = request.parameter("user_id")
      try context.require("revoke_token", on: ["target.token.user_id": id])
      guard store.user(id) != nil else { throw .missingRow("user", id) }
      store.revoke(.user(id), now: context.now)
      forget(&store)
      return KeystoneAnswer(status: 204, operation: .other, contentType: .none)
    case .oauth1RequestTokens, .oauth1AccessTokens, .authorizeRequestToken:
      return try oauth1(request, endpoint, context, &store)
    case .ec2tokens, .s3tokens:
      return try ec2(request, endpoint, context, rendered: rendered, &store)
    case .identityProviderProtocolAuth:
      return try federated(request, context, rendered: rendered, &store)
    case .oauth2Token:
      return try oauth2(request, context, &store)
    default:
      return nil
    }
  }

  /// `/v3/auth/tokens`, where it is more than the plain case.
  private mutating func tokens(
    _ request: APIRequest, _ context: APIContext, rendered: Bool, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    let catalog = request.query("nocatalog") == nil
    let call: KeystoneCall
    switch request.method {
    case .post:
      let login = try AuthRequest(
        json: context.body, fields: request.fields, target: request.target)
      call = .authenticate(login, catalog: catalog)
    case .delete:
      call = .revoke(
        caller: request.fields.caller, subject: request.fields.subject,
        cascade: KeystoneRouter.flag("cascade", request.query, otherwise: true))
    case .get, .head, .put, .patch, .options, .other:
      call = .validate(
        caller: request.fields.caller, subject: request.fields.subject, catalog: catalog,
        allowExpired: release.hasAllowExpired
          && KeystoneRouter.flag("allow_expired", request.query, otherwise: false),
        head: request.method == .head, accessRules: request.fields.accessRules != nil)
    }
    return try perform(
      call, now: context.now, base: context.base, rendered: rendered, store: &store)
  }

  private func ownScopes(
    _ request: APIRequest, _ endpoint: Endpoint, _ context: APIContext, _ store: IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    _ = try context.caller()
    let caller = request.fields.caller
    let call: KeystoneCall =
      switch endpoint {
      case .authCatalog: .catalog(caller: caller)
      case .authProjects: .authProjects(caller: caller)
      case .authDomains: .authDomains(caller: caller)
      default: .authSystem(caller: caller)
      }
    var path = String(request.target.prefix { $0 != "?" })
    while path.hasSuffix("/") { path.removeLast() }
    return try read(call, path: path, now: context.now, base: context.base, store: store)
  }

  /// Tokens are not kept, so there is no list; Newton still had one, of audit ids.
  private func revokedTokens(
    _ context: APIContext, _ store: IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    switch release.number {
    case 13...:
      throw .forbidden
    case 11...12:
      throw .unexpected
    default:
      try context.require("revocation_list")
      var json = JSONWriter(.spaced)
      json.object {
        $0.list("revoked") { list in
          for event in store.revocationEvents(since: nil) where event.member == "audit_id" {
            list.object { $0.member("audit_id", event.id) }
          }
        }
      }
      return KeystoneAnswer(status: 200, operation: .other, body: json.bytes)
    }
  }

  private func events(
    _ request: APIRequest, _ context: APIContext, _ store: IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    try context.require("list_revoke_events")
    var since: UTCTime?
    if let text = request.query("since") {
      since = UTCTime(iso8601: text)
      guard since != nil else { throw .badRequest("invalidate date format \(text)") }
    }
    var json = JSONWriter(.spaced)
    json.object {
      $0.list("events") { list in
        for event in store.revocationEvents(since: since) {
          var time: [UInt8] = []
          event.at.append(iso8601To: &time)
          let text = String(decoding: time, as: UTF8.self)
          list.object {
            $0.member(event.member, event.id)
            $0.member("issued_before", text)
            $0.member("revoked_at", text)
          }
        }
      }
      $0.member("links") {
        $0.member("next", nil)
        $0.member("self", context.base + "/v3/OS-REVOKE/events")
        $0.member("previous", nil)
      }
    }
    return KeystoneAnswer(
      status: 200, operation: .other, body: json.bytes + (release.usesFlask ? [0x0A] : []))
  }
}
