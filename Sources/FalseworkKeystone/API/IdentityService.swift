// SPDX-License-Identifier: Apache-2.0
package import FalseworkCore

/// One node's identity service: call in, answer out.
///
/// It holds what is a node's own: its release, its keys, its source of ids. The database is lent to
/// it with each call. The two ways in which a token is looked at have different answers in
/// Keystone, and are kept apart: as the caller's (`X-Auth-Token`, a defect is 401) and as the
/// subject (`X-Subject-Token`, a defect is 404).
package struct IdentityService: Sendable {
  package struct Options: Equatable, Sendable {
    package var provider: TokenProvider
    package var keys: FernetKeyRepository
    /// `[token] expiration`.
    package var lifetime: Interval
    /// `[token] allow_expired_window`.
    package var allowExpiredWindow: Interval
    /// `[DEFAULT] public_endpoint`; nil answers with the address that the client used.
    package var publicEndpoint: String?

    package init(provider: TokenProvider, keys: FernetKeyRepository, lifetime: Interval) {
      self.provider = provider
      self.keys = keys
      self.lifetime = lifetime
      self.allowExpiredWindow = .seconds(172_800)
      self.publicEndpoint = nil
    }
  }

  package var release: Release
  package var options: Options
  private var generator: SeededGenerator
  private var renderer = TokenRenderer()

  package init(release: Release, options: Options, seed: UInt64, stream: String) {
    self.release = release
    self.options = options
    generator = SeededGenerator(seed: seed, stream: stream)
  }

  /// Answers a call.
  ///
  /// - Parameters:
  ///   - now: wall-clock time, for the validity of tokens.
  ///   - base: scheme and authority that links begin with, such as `http://127.0.0.1:5000`.
  ///   - rendered: false leaves out the body of a token answer; the simulated world needs only
  ///     the status and the token.
  package mutating func answer(
    _ call: KeystoneCall, now: UTCTime, base: String, rendered: Bool, store: inout IdentityStore
  ) -> KeystoneAnswer {
    let base = options.publicEndpoint ?? base
    let operation = call.operation
    var answer: KeystoneAnswer
    do throws(KeystoneError) {
      answer = try perform(call, now: now, base: base, rendered: rendered, store: &store)
    } catch {
      answer = KeystoneAnswer(status: error.status, operation: operation, body: error.body)
      if error.status == 401 {
        answer.fields.append(.init(name: "WWW-Authenticate", value: "Keystone uri=\"\(base)/v3\""))
      }
    }
    guard rendered, call != .healthcheck else { return answer }
    if answer.status != 500 || release.wrapsEveryException {
      answer.fields.append(.init(name: "Vary", value: "X-Auth-Token"))
      answer.fields.append(.init(name: "x-openstack-request-id", value: requestID()))
    }
    return answer
  }

  private mutating func requestID() -> String {
    let digits = UUIDText.version4(generator.bytes(16))
    var id = "req-"
    for (index, digit) in digits.utf8.enumerated() {
      if [8, 12, 16, 20].contains(index) { id.append("-") }
      id.unicodeScalars.append(Unicode.Scalar(digit))
    }
    return id
  }

  private mutating func perform(
    _ call: KeystoneCall, now: UTCTime, base: String, rendered: Bool, store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    switch call {
    case .answered(let answer):
      return answer
    case .authenticate(let request, let catalog):
      let token = try authenticate(request, now: now, store: store)
      let id = seal(token, store: &store)
      var answer = KeystoneAnswer(status: 201, operation: .authenticate)
      answer.subjectToken = id
      if rendered {
        answer.body = renderer.body(token, catalog, base, release: release, store: store)
      }
      return answer
    case .validate(let caller, let subject, let catalog, let allowExpired):
      return try validate(
        caller, subject, catalog, allowExpired, now: now, base: base, rendered: rendered, store)
    case .revoke(let caller, let subject):
      let callerToken = try authorized(caller, now: now, store: store)
      let token = try self.subject(subject, allowExpired: false, now: now, store: store)
      guard isAdmin(callerToken, store) || callerToken.userID == token.userID else {
        throw .forbidden("identity:revoke_token")
      }
      store.revoke(auditID: token.auditIDs[0], storedAs: subject ?? "")
      return KeystoneAnswer(status: 204, operation: .other, contentType: .none)
    case .healthcheck:
      guard release.hasHealthcheck else { return KeystoneRouter.noSuchPath(.discovery) }
      return KeystoneAnswer(
        status: 200, operation: .discovery, contentType: .text, body: Array("OK".utf8))
    case .versions:
      var answer = KeystoneAnswer(
        status: 300, operation: .discovery, body: Discovery.versions(release, base: base))
      answer.fields.append(.init(name: "Location", value: base + "/v3/"))
      return answer
    case .version:
      return KeystoneAnswer(
        status: 200, operation: .discovery, body: Discovery.version(release, base: base))
    case .catalog, .authProjects, .authDomains, .authSystem, .list, .show:
      return try read(call, now: now, base: base, store: store)
    }
  }

  private mutating func validate(
    _ caller: String?, _ subject: String?, _ catalog: Bool, _ allowExpired: Bool, now: UTCTime,
    base: String, rendered: Bool, _ store: IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    let callerToken = try authorized(caller, now: now, store: store)
    let token =
      subject == caller
      ? callerToken
      : try self.subject(subject, allowExpired: allowExpired, now: now, store: store)
    guard token.userID == callerToken.userID || mayValidate(callerToken, store) else {
      throw .forbidden("identity:validate_token")
    }
    var answer = KeystoneAnswer(status: 200, operation: .validate)
    answer.subjectToken = subject
    if rendered {
      answer.body = renderer.body(token, catalog, base, release: release, store: store)
    }
    return answer
  }

  // MARK: Tokens in and out

  private mutating func seal(_ token: TokenPayload, store: inout IdentityStore) -> String {
    switch options.provider {
    case .uuid:
      let id = UUIDText.version4(generator.bytes(16))
      store.keep(token, as: id)
      return id
    case .fernet:
      return FernetEnvelope.seal(
        payloadFormat.encode(token), key: options.keys.primary, seconds: token.issuedAt.seconds,
        iv: generator.bytes(16))
    }
  }

  private var payloadFormat: FernetPayload {
    FernetPayload(
      methods: release.authMethods, defaultDomainID: "default",
      dialect: release.messagePackDialect, versions: release.fernetVersions)
  }

  /// The token that a text stands for, its signature, age, revocation and rows checked.
  private func resolve(
    _ text: String, allowExpired: Bool, now: UTCTime, store: IdentityStore
  ) throws(KeystoneError) -> TokenPayload {
    let token = try read(text, store: store)
    let end = token.expiresAt + (allowExpired ? options.allowExpiredWindow : .zero)
    guard now < end, !store.isRevoked(token) else { throw .notFound("Failed to validate token") }
    guard let user = store.user(token.userID) else {
      throw .notFound("Could not find user: \(token.userID).")
    }
    guard user.enabled else { throw .notFound("Failed to validate token") }
    if let project = token.projectID, store.project(project) == nil {
      throw .notFound("Could not find project: \(project).")
    }
    if let target = target(of: token), store.roles(of: token.userID, on: target).isEmpty {
      throw .notFound("Could not find token: \(text).")
    }
    return token
  }

  private func read(_ text: String, store: IdentityStore) throws(KeystoneError) -> TokenPayload {
    switch options.provider {
    case .uuid:
      guard let stored = store.token(text), stored.valid else {
        throw .notFound("Could not find token: \(text).")
      }
      return stored.payload
    case .fernet:
      do throws(TokenDefect) {
        let opened = try FernetEnvelope.open(text, repository: options.keys)
        return try payloadFormat.decode(opened.payload, seconds: opened.seconds)
      } catch {
        switch error {
        case .unrecognized:
          throw .notFound(
            release.number >= 15
              ? "Could not recognize Fernet token" : "This is not a recognized Fernet token \(text)"
          )
        case .unknownVersion(let version):
          throw .notFound("This is not a recognized Fernet payload version: \(version)")
        case .notAList:
          throw .badRequest("'int' object is not subscriptable")
        case .malformedPayload:
          throw .unexpected
        }
      }
    }
  }

  /// The caller's token: whatever is wrong with it, the answer is 401 (a missing row stays 404, as
  /// in Keystone, where only the token's own defects are translated).
  func authorized(
    _ text: String?, now: UTCTime, store: IdentityStore
  ) throws(KeystoneError) -> TokenPayload {
    guard let text, !text.isEmpty else { throw .unauthorized }
    do throws(KeystoneError) {
      return try resolve(text, allowExpired: false, now: now, store: store)
    } catch {
      let missingRow =
        error.message.hasPrefix("Could not find user")
        || error.message.hasPrefix("Could not find project")
      throw error.status == 404 && !missingRow ? .unauthorized : error
    }
  }

  private func subject(
    _ text: String?, allowExpired: Bool, now: UTCTime, store: IdentityStore
  ) throws(KeystoneError) -> TokenPayload {
    guard let text, !text.isEmpty else { throw .notFound("No token in the request") }
    return try resolve(text, allowExpired: allowExpired, now: now, store: store)
  }

  // MARK: Who may what

  func target(of token: TokenPayload) -> IdentityStore.Target? {
    if let project = token.projectID { return .project(project) }
    if let domain = token.domainID { return .domain(domain) }
    return token.system == nil ? nil : .system
  }

  func isAdmin(_ token: TokenPayload, _ store: IdentityStore) -> Bool {
    hasRole("admin", token, store)
  }

  private func hasRole(_ name: String, _ token: TokenPayload, _ store: IdentityStore) -> Bool {
    guard let target = target(of: token) else { return false }
    return store.roles(of: token.userID, on: target).contains { $0.name == name }
  }

  /// Admin, the service role, or a reader of the system (default policy of 2023.1 and later).
  private func mayValidate(_ token: TokenPayload, _ store: IdentityStore) -> Bool {
    isAdmin(token, store) || hasRole("service", token, store)
      || token.system != nil && hasRole("reader", token, store)
  }

  // MARK: Authentication

  private mutating func authenticate(
    _ request: AuthRequest, now: UTCTime, store: IdentityStore
  ) throws(KeystoneError) -> TokenPayload {
    var userID: String?
    var parent: TokenPayload?
    for method in request.methods {
      switch method {
      case "password":
        let user = try checkPassword(request, store)
        guard userID == nil || userID == user.id else { throw .unauthorized }
        userID = user.id
      case "token":
        guard let text = request.token else { throw .missing("token", in: "identity") }
        // A bad token here is a failed authentication.
        let token = try authorized(text, now: now, store: store)
        guard userID == nil || userID == token.userID else { throw .unauthorized }
        userID = token.userID
        parent = token
      default:
        guard release.authMethods.contains(method) else {
          throw KeystoneError(
            401, "Unauthorized", "Attempted to authenticate with an unsupported method.",
            identityMethods: ["password", "token"])
        }
        throw .missing(method, in: "identity")
      }
    }
    guard let userID else { throw .unauthorized }
    var methods = request.methods
    for method in parent?.methods ?? [] where !methods.contains(method) { methods.append(method) }
    var token = TokenPayload(
      userID: userID, methods: methods,
      // `default_expire_time` cuts the microseconds.
      expiresAt: parent?.expiresAt ?? UTCTime(seconds: (now + options.lifetime).seconds),
      issuedAt: UTCTime(seconds: now.seconds), auditIDs: [Base64URL.encode(generator.bytes(16))])
    if let chain = parent?.auditIDs.last { token.auditIDs.append(chain) }
    try apply(request.scope, to: &token, store: store)
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
      user = resolve(domain, store).flatMap { store.user(named: name, domainID: $0.id) }
    }
    guard let user, user.enabled, let password = request.password, user.password == password
    else { throw .unauthorized }
    return user
  }

  private func resolve(
    _ reference: AuthRequest.DomainReference, _ store: IdentityStore
  ) -> IdentityStore.Domain? {
    switch reference {
    case .id(let id): store.domain(id)
    case .name(let name): store.domain(named: name)
    }
  }

  private func apply(
    _ scope: AuthRequest.Scope, to token: inout TokenPayload, store: IdentityStore
  ) throws(KeystoneError) {
    switch scope {
    case .unstated, .unscoped:
      return
    case .projectID(let id):
      token.projectID = store.project(id)?.id
    case .projectName(let name, let domain):
      token.projectID =
        resolve(domain, store)
        .flatMap { store.project(named: name, domainID: $0.id) }?.id
    case .domain(let reference):
      token.domainID = resolve(reference, store)?.id
    case .system:
      token.system = release.hasSystemScope ? "all" : nil
    }
    guard let target = target(of: token), !store.roles(of: token.userID, on: target).isEmpty
    else { throw .unauthorized }
  }
}
