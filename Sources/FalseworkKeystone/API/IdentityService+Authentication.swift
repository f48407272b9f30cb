// SPDX-License-Identifier: Apache-2.0
import FalseworkCore

/// `POST /v3/auth/tokens`: who somebody is, and for what.
extension IdentityService {
  mutating func authenticate(
    _ request: AuthRequest, now: UTCTime, store: IdentityStore
  ) throws(KeystoneError) -> TokenPayload {
    for method in request.methods where !authMethods.contains(method) {
      throw .unsupportedMethod(supported: authMethods)
    }
    try requireSchema(of: request, store)
    let target = try target(request.scope, store)
    var userID: String?
    var parent: TokenPayload?
    for method in request.methods {
      let proven: String
      switch method {
      case "password":
        proven = try checkPassword(request, store).id
      case "token":
        let token = try checkToken(request, scope: target, now: now, store: store)
        proven = token.userID
        parent = token
      default:
        // Nobody here has the credentials of the other methods.
        throw .unauthorized
      }
      guard userID == nil || userID == proven else { throw .unauthorized }
      userID = proven
    }
    guard let userID else { throw .unauthorized }
    if let target, store.roles(of: userID, on: target).isEmpty { throw .unauthorized }
    var methods = request.methods
    for method in parent?.methods ?? [] where !methods.contains(method) { methods.append(method) }
    var token = TokenPayload(
      userID: userID, methods: methods,
      // `default_expire_time` cuts the microseconds.
      expiresAt: parent?.expiresAt ?? UTCTime(seconds: (now + options.lifetime).seconds),
      issuedAt: UTCTime(seconds: now.seconds), auditIDs: [Base64URL.encode(generator.bytes(16))])
    if let chain = parent?.auditIDs.last { token.auditIDs.append(chain) }
    switch target {
    case .project(let id): token.projectID = id
    case .domain(let id): token.domainID = id
    case .system: token.system = "all"
    case nil: break
    }
    return token
  }

  private func checkPassword(
    _ request: AuthRequest, _ store: IdentityStore
  ) throws(KeystoneError) -> IdentityStore.User {
    guard let reference = request.user else { throw .missing("user", in: "password") }
    let user: IdentityStore.User?
    switch reference {
    case .id(let id): user = store.user(id)
    case .name(let name, let domain):
      user = row(domain, store).flatMap { store.user(named: name, domainID: $0.id) }
    }
    guard let user, user.enabled, let password = request.password, user.password == password
    else { throw .unauthorized }
    return user
  }

  /// A bad token is a failed authentication here, and no concern of the middleware.
  private func checkToken(
    _ request: AuthRequest, scope: IdentityStore.Target?, now: UTCTime, store: IdentityStore
  ) throws(KeystoneError) -> TokenPayload {
    guard let text = request.token else { throw .missing("token", in: "identity") }
    let known: KnownToken
    do throws(KeystoneError) {
      known = try resolve(text, allowExpired: false, now: now, store: store)
    } catch {
      throw error.status == 404 && !error.isMissingRow ? .unauthorized : error
    }
    if known.target == .system, let scope, scope != .system {
      throw .forbidden(
        "Using a system-scoped token to create a project-scoped or domain-scoped token is not "
          + "allowed.")
    }
    return known.payload
  }

  private func row(
    _ reference: AuthRequest.DomainReference, _ store: IdentityStore
  ) -> IdentityStore.Domain? {
    switch reference {
    case .id(let id): store.domain(id)
    case .name(let name): store.domain(named: name)
    }
  }

  /// What is asked for; a row that does not exist is told as little as a wrong password.
  private func target(
    _ scope: AuthRequest.Scope, _ store: IdentityStore
  ) throws(KeystoneError) -> IdentityStore.Target? {
    switch scope {
    case .unstated, .unscoped:
      return nil
    case .projectID(let id):
      if let project = store.project(id) { return .project(project.id) }
    case .projectName(let name, let reference):
      if let domain = row(reference, store),
        let project = store.project(named: name, domainID: domain.id)
      {
        return .project(project.id)
      }
    case .domain(let reference):
      if let domain = row(reference, store) { return .domain(domain.id) }
    case .system:
      guard release.hasSystemScope else {
        throw .missing("project, domain, OS-TRUST:trust or unscoped", in: "scope")
      }
      return .system
    }
    throw .unauthorized
  }
}
