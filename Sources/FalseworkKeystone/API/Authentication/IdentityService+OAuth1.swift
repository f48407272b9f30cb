// SPDX-License-Identifier: Apache-2.0
import FalseworkCore

/// OAuth 1.0: a consumer gets a request token, a user lets it have some roles, and with the access
/// token that comes of it the consumer logs in (`keystone/api/os_oauth1.py`).
extension IdentityService {
  /// The method `oauth1`: the access token that signed a login.
  func checkSignature(
    _ request: AuthRequest, now: UTCTime, base: String, _ store: IdentityStore
  ) throws(KeystoneError) -> IdentityStore.AccessToken {
    guard let sent = request.sent, let oauth = OAuth1(authorization: sent.fields.authorization)
    else { throw .foreseen }
    guard let id = AuthRequest.filled(oauth["oauth_token"].map(JSONValue.string)) else {
      throw .missing("oauth_token", in: "request")
    }
    guard let access = store.accessTokens[id] else { throw .notFound("Access token not found") }
    if let end = access.expiresAt, end < now { throw .unauthorized }
    guard let consumer = store.consumers[oauth["oauth_consumer_key"] ?? ""] else {
      throw .unauthorized
    }
    do throws(OAuth1.Defect) {
      try oauth.verify(
        base + "/v3/auth/tokens", query: KeystoneRouter.query(of: sent.target),
        consumer: consumer.secret, secret: access.secret, now: now)
    } catch {
      throw .unauthorized
    }
    return access
  }

  mutating func oauth1(
    _ request: APIRequest, _ endpoint: Endpoint, _ context: APIContext,
    _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    switch endpoint {
    case .oauth1RequestTokens: try requestToken(request, context, &store)
    case .oauth1AccessTokens: try accessToken(request, context, &store)
    default: try authorize(request, context, &store)
    }
  }

  private func oauth(_ request: APIRequest, _ wanted: [String]) throws(KeystoneError) -> OAuth1 {
    guard let oauth = OAuth1(authorization: request.fields.authorization) else { throw .foreseen }
    for name in wanted where oauth[name]?.isEmpty != false {
      throw .missing(name, in: "request")
    }
    return oauth
  }

  private func verify(
    _ oauth: OAuth1, _ request: APIRequest, _ context: APIContext, consumer: String, secret: String
  ) throws(KeystoneError) {
    let path = request.target.prefix { $0 != "?" }
    do throws(OAuth1.Defect) {
      try oauth.verify(
        context.base + path, query: request.query, consumer: consumer, secret: secret,
        now: context.now)
    } catch {
      switch error {
      case .signature: throw .unauthorized
      case .invalid(let text):
        throw .badRequest(
          "Validation failed with errors: invalid_request, detail message is: \(text).")
      }
    }
  }

  private mutating func newID() -> String {
    UUIDText.drawn(from: &generator)
  }

  private func answer(_ id: String, _ secret: String, _ end: UTCTime?) -> KeystoneAnswer {
    var text = Array("oauth_token=\(id)&oauth_token_secret=\(secret)".utf8)
    if let end {
      text += Array("&oauth_expires_at=".utf8)
      end.append(iso8601To: &text)
    }
    return KeystoneAnswer(status: 201, operation: .other, contentType: .form, body: text)
  }

  private mutating func requestToken(
    _ request: APIRequest, _ context: APIContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    let oauth = try oauth(request, ["oauth_consumer_key"])
    guard let project = request.fields.requestedProject, !project.isEmpty else {
      throw .missing("Requested-Project-Id", in: "request")
    }
    guard store.project(project) != nil else { throw .missingRow("project", project) }
    guard let consumer = store.consumers[oauth["oauth_consumer_key"] ?? ""] else {
      throw .notFound("Consumer not found")
    }
    try verify(oauth, request, context, consumer: consumer.secret, secret: "")
    var row = IdentityStore.RequestToken(
      id: newID(), secret: newID(), consumerID: consumer.id, requestedProjectID: project)
    row.expiresAt = context.now + options.requestTokenLifetime
    store.put(row)
    return answer(row.id, row.secret, row.expiresAt)
  }

  private mutating func accessToken(
    _ request: APIRequest, _ context: APIContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    let oauth = try oauth(request, ["oauth_consumer_key", "oauth_token", "oauth_verifier"])
    guard let asked = store.requestTokens[oauth["oauth_token"] ?? ""] else {
      throw .notFound("Request token not found")
    }
    if let end = asked.expiresAt, end < context.now { throw .unauthorized }
    guard let consumer = store.consumers[oauth["oauth_consumer_key"] ?? ""],
      asked.consumerID == consumer.id, asked.verifier == oauth["oauth_verifier"]
    else { throw .unauthorized }
    try verify(oauth, request, context, consumer: consumer.secret, secret: asked.secret)
    guard let user = asked.authorizingUserID else { throw .unauthorized }
    var row = IdentityStore.AccessToken(
      id: newID(), secret: newID(), consumerID: consumer.id, projectID: asked.requestedProjectID,
      authorizingUserID: user)
    row.roleIDs = asked.roleIDs
    row.expiresAt = context.now + options.accessTokenLifetime
    store.put(row)
    _ = store.remove(IdentityStore.RequestToken.self, asked.id)
    return answer(row.id, row.secret, row.expiresAt)
  }

  private static let verifierLetters = Array(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")

  private mutating func authorize(
    _ request: APIRequest, _ context: APIContext, _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    let caller = try context.require("authorize_request_token")
    guard caller.token.trustID == nil, caller.token.accessTokenID == nil else { throw .forbidden }
    guard var asked = store.requestTokens[request.parameter("request_token_id")] else {
      throw .notFound("Request token not found")
    }
    if let end = asked.expiresAt, end < context.now { throw .unauthorized }
    let held = store.roles(of: caller.userID, on: .project(asked.requestedProjectID))
    var wanted: [String] = []
    for reference in context.body["roles"]?.array ?? [] {
      let role = held.first {
        $0.id == reference["id"]?.string || $0.name == reference["name"]?.string
      }
      guard let role else { throw .unauthorized }
      wanted.append(role.id)
    }
    asked.authorizingUserID = caller.userID
    asked.roleIDs = wanted
    asked.verifier = String(
      generator.bytes(8).map { Self.verifierLetters[Int($0) % Self.verifierLetters.count] })
    store.put(asked)
    var json = JSONWriter(.spaced)
    json.object { $0.member("token") { $0.member("oauth_verifier", asked.verifier) } }
    return KeystoneAnswer(status: 200, operation: .other, body: json.bytes + [0x0A])
  }
}
