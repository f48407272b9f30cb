// SPDX-License-Identifier: Apache-2.0
import FalseworkCore

/// The methods of authentication (`keystone/auth/plugins`).
extension IdentityService {
  mutating func check(
    _ method: String, _ request: AuthRequest, _ context: inout AuthContext, now: UTCTime,
    base: String, _ store: inout IdentityStore
  ) throws(KeystoneError) {
    let data = request.sent?.identity[method] ?? .null
    switch method {
    case "password":
      try context.proved(checkPassword(request, data, now, store), by: method)
    case "token":
      try checkToken(request, data, &context, now: now, store)
    case "totp":
      try context.proved(checkPasscode(data, now, store), by: method)
    case "application_credential":
      let credential = try checkSecret(data, now, store)
      try context.proved(credential.userID, by: method)
      context.applicationCredentialID = credential.id
    case "oauth1":
      let access = try checkSignature(request, now: now, base: base, store)
      try context.proved(access.authorizingUserID, by: method)
      context.accessTokenID = access.id
      context.projectID = access.projectID
    case "external":
      guard let user = externalUser(request, store) else { throw .unauthorized }
      try context.proved(user, by: method)
    case "mapped" where data["id"] != nil:
      try checkToken(request, data, &context, now: now, store)
    case "mapped", "saml2", "openid":
      try checkMapped(request, data, method, &context, &store)
    default:
      // `ec2credential` marks tokens; nobody can log in with it.
      throw .unauthorized
    }
  }

  // MARK: Users

  /// The user that a method's data names, who must be enabled, as must be the domain.
  func namedUser(
    _ reference: AuthRequest.UserReference, _ store: IdentityStore
  ) throws(KeystoneError) -> IdentityStore.User {
    let found: IdentityStore.User?
    switch reference {
    case .id(let id):
      found = store.user(id)
      if let found, store.domain(found.domainID)?.enabled != true { throw .unauthorized }
    case .name(let name, let domain):
      found = store.user(named: name, domainID: try self.domain(domain, store).id)
    }
    guard let found, found.enabled else { throw .unauthorized }
    return found
  }

  private func checkPassword(
    _ request: AuthRequest, _ data: JSONValue, _ now: UTCTime, _ store: IdentityStore
  ) throws(KeystoneError) -> String {
    let reference: AuthRequest.UserReference
    let password: String?
    if request.sent != nil {
      reference = try AuthRequest.user(in: data)
      password = data["user"]?["password"]?.string
    } else {
      guard let user = request.user else { throw .missing("user", in: "password") }
      reference = user
      password = request.password
    }
    let user = try namedUser(reference, store)
    guard let password, try hasher.isRight(password, user.password) else { throw .unauthorized }
    if let end = user.passwordExpiresAt, end <= now,
      user.options["ignore_password_expiry"] != .bool(true)
    {
      throw KeystoneError(
        401, "Unauthorized",
        "The password is expired and needs to be changed for user: \(user.id).")
    }
    return user.id
  }

  // MARK: Tokens

  /// A new token goes on where the old one ends; not every token may be exchanged.
  private func checkToken(
    _ request: AuthRequest, _ data: JSONValue, _ context: inout AuthContext, now: UTCTime,
    _ store: IdentityStore
  ) throws(KeystoneError) {
    let text = request.sent == nil ? request.token : data["id"]?.string
    let known = try subject(text, allowExpired: false, now: now, store: store)
    let token = known.payload
    let inProjectOrDomain: Bool
    if let sent = request.sent {
      inProjectOrDomain = sent.scope?["project"] != nil || sent.scope?["domain"] != nil
    } else {
      switch request.scope {
      case .projectID, .projectName, .domain: inProjectOrDomain = true
      case .unstated, .unscoped, .system, .trust: inProjectOrDomain = false
      }
    }
    if token.accessTokenID != nil {
      throw .forbidden(
        "Using OAuth-scoped token to create another token. Create a new OAuth-scoped token instead")
    }
    if token.trustID != nil {
      throw .forbidden(
        "Using trust-scoped token to create another token. Create a new trust-scoped token instead")
    }
    if token.system != nil, inProjectOrDomain {
      throw .forbidden(
        "Using a system-scoped token to create a project-scoped or domain-scoped token is not "
          + "allowed.")
    }
    if let id = token.applicationCredentialID {
      if inProjectOrDomain || release.policy.guardsDelegation {
        throw .forbidden(
          "Using an application credential token to create a project-scoped or domain-scoped "
            + "token is not allowed.")
      }
      context.applicationCredentialID = id
    }
    try context.proved(token.userID, by: "token")
    context.add(token.methods)
    context.chain = token.auditIDs.last
    context.expiresAt = min(context.expiresAt ?? token.expiresAt, token.expiresAt)
    context.federation = token.federation
  }

  // MARK: One-time passwords

  private func checkPasscode(
    _ data: JSONValue, _ now: UTCTime, _ store: IdentityStore
  ) throws(KeystoneError) -> String {
    let user = try namedUser(try AuthRequest.user(in: data), store)
    let passcode = data["user"]?["passcode"]?.string
    for row in store.rows(IdentityStore.Credential.self, .user, user.id) where row.type == "totp" {
      let good = (0...options.previousPasscodes).map { TOTP.passcode(row.blob, now: now, back: $0) }
      if let passcode, good.contains(passcode) { return user.id }
    }
    throw .unauthorized
  }

  // MARK: Application credentials

  /// The credential that is named, for its scope.
  func applicationCredential(
    _ data: JSONValue, _ store: IdentityStore
  ) throws(KeystoneError) -> IdentityStore.ApplicationCredential {
    // Nobody looks before taking a member of it.
    guard data.object != nil else { throw .unexpected }
    if let id = AuthRequest.filled(data["id"]) {
      guard let found = store.applicationCredentials[id] else {
        throw .missingRow("Application Credential", id)
      }
      return found
    }
    guard let name = AuthRequest.filled(data["name"]) else {
      throw .missing("name or ID", in: "application credential")
    }
    guard let user = data["user"], user.isTruthy else {
      throw .missing("user", in: "application credential")
    }
    let userID: String
    if let id = AuthRequest.filled(user["id"]) {
      userID = id
    } else {
      guard let domain = user["domain"] else { throw .missing("domain", in: "user") }
      let domainID = try self.domain(
        AuthRequest.filled(domain["name"]).map { .name($0) } ?? .id(domain["id"]?.string ?? ""),
        store
      ).id
      guard let found = store.user(named: user["name"]?.string ?? "", domainID: domainID) else {
        throw .missingRow("user", user["name"]?.string ?? "None")
      }
      userID = found.id
    }
    guard let found: IdentityStore.ApplicationCredential = store.row(named: .init(name, in: userID))
    else { throw .unauthorized }
    return found
  }

  private func checkSecret(
    _ data: JSONValue, _ now: UTCTime, _ store: IdentityStore
  ) throws(KeystoneError) -> IdentityStore.ApplicationCredential {
    let credential = try applicationCredential(data, store)
    _ = try namedUser(.id(credential.userID), store)
    guard let secret = data["secret"]?.string, try hasher.isRight(secret, credential.secret) else {
      throw .unauthorized
    }
    if let end = credential.expiresAt, end <= now { throw .unauthorized }
    return credential
  }

  // MARK: A login in front

  /// The container has authenticated somebody: that counts, whatever methods are named. If it
  /// does not help, the other methods are tried.
  func checkExternal(
    _ request: AuthRequest, _ context: inout AuthContext, _ store: IdentityStore
  ) throws(KeystoneError) {
    guard authMethods.contains("external"), let user = externalUser(request, store) else { return }
    try context.proved(user, by: "external")
  }

  private func externalUser(_ request: AuthRequest, _ store: IdentityStore) -> String? {
    guard let environment = environment(of: request), let name = environment["REMOTE_USER"],
      !name.isEmpty
    else { return nil }
    let domainID =
      environment["REMOTE_DOMAIN"].map { store.domain(named: $0)?.id } ?? options.defaultDomainID
    guard let domainID else { return nil }
    return store.user(named: name, domainID: domainID)?.id
  }

  /// What a login in front of Keystone would have put into the environment; nil unless the node
  /// is told to believe it.
  func environment(of request: AuthRequest) -> [String: String]? {
    guard options.believesEnvironment, let fields = request.sent?.fields else { return nil }
    return Dictionary(
      fields.environment.map { ($0.name, $0.value) }, uniquingKeysWith: { _, last in last })
  }
}
