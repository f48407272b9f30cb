// SPDX-License-Identifier: Apache-2.0
import FalseworkCore

/// What the methods of one login have shown so far (`keystone/auth/core.py`, `AuthContext`).
struct AuthContext {
  private(set) var userID: String?
  /// Methods that succeeded, and those of a token that was one of them.
  var methods: [String] = []
  var expiresAt: UTCTime?
  /// The first of the chain that the new token will belong to.
  var chain: String?
  var projectID: String?
  var accessTokenID: String?
  var applicationCredentialID: String?
  var federation: TokenPayload.Federation?

  /// Two methods must not speak of two users.
  mutating func proved(_ id: String, by method: String) throws(KeystoneError) {
    guard userID == nil || userID == id else { throw .unauthorized }
    userID = id
    add([method])
  }

  mutating func add(_ more: [String]) {
    for method in more where !methods.contains(method) { methods.append(method) }
  }
}

/// `POST /v3/auth/tokens`: who somebody is, and for what.
extension IdentityService {
  mutating func authenticate(
    _ request: AuthRequest, now: UTCTime, base: String, store: inout IdentityStore
  ) throws(KeystoneError) -> TokenPayload {
    for method in request.methods where !authMethods.contains(method) {
      throw .unsupportedMethod(supported: authMethods)
    }
    try requireSchema(of: request, store)
    var scope = try requestedScope(request, now, store)
    var context = AuthContext()
    try checkExternal(request, &context, store)
    for method in request.methods {
      try check(method, request, &context, now: now, base: base, &store)
    }
    guard let userID = context.userID else { throw .unauthorized }
    if let project = context.projectID { scope = .project(project) }
    if case .unstated = scope, context.federation == nil {
      scope = defaultScope(of: userID, store)
    }
    context.add(try receivedMethods(request, userID: userID, now: now))
    try checkFactors(userID, context.methods, store)
    let token = try issue(context, userID: userID, scope, now: now, store)
    if case .trust(let trust) = scope { consumeUse(of: trust.id, &store) }
    return token
  }

  private mutating func issue(
    _ context: AuthContext, userID: String, _ scope: RequestedScope, now: UTCTime,
    _ store: IdentityStore
  ) throws(KeystoneError) -> TokenPayload {
    var token = TokenPayload(
      userID: userID, methods: context.methods,
      // `default_expire_time` cuts the microseconds.
      expiresAt: context.expiresAt ?? UTCTime(seconds: (now + options.lifetime).seconds),
      issuedAt: UTCTime(seconds: now.seconds), auditIDs: [Base64URL.encode(generator.bytes(16))])
    if let chain = context.chain { token.auditIDs.append(chain) }
    token.federation = context.federation
    token.accessTokenID = context.accessTokenID
    token.applicationCredentialID = context.applicationCredentialID
    switch scope {
    case .unstated, .unscoped: break
    case .project(let id): token.projectID = id
    case .domain(let id): token.domainID = id
    case .system: token.system = "all"
    case .trust(let trust):
      token.trustID = trust.id
      token.projectID = trust.projectID
      if release.tokens.endsWithTrust, let end = trust.expiresAt {
        token.expiresAt = min(token.expiresAt, end)
      }
    }
    if release.tokens.endsWithApplicationCredential, let id = token.applicationCredentialID,
      let end = store.applicationCredentials[id]?.expiresAt
    {
      token.expiresAt = min(token.expiresAt, end)
    }
    try mint(token, now: now, store)
    return token
  }

  private func consumeUse(of trustID: String, _ store: inout IdentityStore) {
    guard var trust = store.trusts[trustID], let uses = trust.remainingUses else { return }
    trust.remainingUses = uses - 1
    store.put(trust)
  }

  // MARK: Scope

  enum RequestedScope {
    case unstated, unscoped, system
    case project(String)
    case domain(String)
    case trust(IdentityStore.Trust)
  }

  /// What is asked for; a row that does not exist is told as little as a wrong password.
  private func requestedScope(
    _ request: AuthRequest, _ now: UTCTime, _ store: IdentityStore
  ) throws(KeystoneError) -> RequestedScope {
    guard let sent = request.sent else { return try resolved(request.scope, now, store) }
    if request.methods.contains("application_credential") {
      guard sent.scope == nil else {
        throw .plugin(
          "Error authenticating with application credential: Application credentials cannot "
            + "request a scope.")
      }
      let data = sent.identity["application_credential"] ?? .null
      let project = try applicationCredential(data, store).projectID
      return project.map { .project($0) } ?? .unstated
    }
    return try resolved(try AuthRequest.scope(sent.scope, release), now, store)
  }

  private func resolved(
    _ scope: AuthRequest.Scope, _ now: UTCTime, _ store: IdentityStore
  ) throws(KeystoneError) -> RequestedScope {
    switch scope {
    case .unstated: return .unstated
    case .unscoped: return .unscoped
    case .system:
      guard release.hasSystemScope else {
        throw .missing("project, domain, OS-TRUST:trust or unscoped", in: "scope")
      }
      return .system
    case .projectID(let id):
      return .project(try usable(store.project(id), store).id)
    case .projectName(let name, let reference):
      let domain = try domain(reference, store)
      return .project(try usable(store.project(named: name, domainID: domain.id), store).id)
    case .domain(let reference):
      return .domain(try domain(reference, store).id)
    case .trust(let id):
      guard let trust = store.usableTrust(id, now: now) else { throw .unauthorized }
      if let project = trust.projectID { _ = try usable(store.project(project), store) }
      return .trust(trust)
    }
  }

  private func usable(
    _ project: IdentityStore.Project?, _ store: IdentityStore
  ) throws(KeystoneError) -> IdentityStore.Project {
    guard let project, project.enabled, let domainID = project.domainID,
      store.domain(domainID)?.enabled == true
    else { throw .unauthorized }
    return project
  }

  func domain(
    _ reference: AuthRequest.DomainReference, _ store: IdentityStore
  ) throws(KeystoneError) -> IdentityStore.Domain {
    let found =
      switch reference {
      case .id(let id): store.domain(id)
      case .name(let name): store.domain(named: name)
      }
    guard let found, found.enabled else { throw .unauthorized }
    return found
  }

  /// The user's default project, if nothing is in the way; otherwise no scope.
  private func defaultScope(of userID: String, _ store: IdentityStore) -> RequestedScope {
    guard let id = store.user(userID)?.defaultProjectID, let project = store.project(id),
      project.enabled, store.domain(project.domainID ?? id)?.enabled == true,
      !store.roles(of: userID, on: .project(id)).isEmpty
    else { return .unstated }
    return .project(id)
  }
}
