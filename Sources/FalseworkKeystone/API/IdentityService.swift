// SPDX-License-Identifier: Apache-2.0
package import FalseworkCore
package import FalseworkCrypto

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
    /// `[fernet_receipts] key_repository`; nil is that of the tokens, as it is by default.
    package var receiptKeys: FernetKeyRepository?
    /// The keys of JWS tokens; nil if the node has none.
    package var jwsKeys: JWSKeyRepository? {
      didSet {
        guard jwsKeys != oldValue else { return }
        jws = JWSKeys(privatePEM: jwsKeys?.privateKey, publicPEMs: jwsKeys?.publicKeys ?? [])
      }
    }
    /// `[credential] key_repository`; by default there is none, and the null key serves.
    package var credentialKeys = CredentialKeyRepository.null
    /// `[token] expiration`.
    package var lifetime: Interval
    /// `[token] allow_expired_window`.
    package var allowExpiredWindow: Interval
    /// `[DEFAULT] public_endpoint`; nil answers with the address that the client used.
    package var publicEndpoint: String?
    /// `[DEFAULT] list_limit`: lists are cut here; nil, Keystone's default, cuts none.
    package var listLimit: Int?
    /// The keys of the provider `jws`, ready to use.
    package var jws = JWSKeys(privatePEM: nil, publicPEMs: [])
    /// `[jwt_tokens] jws_algorithm` and `jws_accepted_algorithms`, which 2026.2 brought; nil is
    /// ES256, which all others know alone.
    package var jwsAlgorithm: JWSAlgorithm?
    package var jwsAccepted: [JWSAlgorithm]?
    /// `[signing] certfile` and `keyfile` of the providers `pki` and `pkiz`.
    package var signer = CMSSigner.standard
    /// An operator's policy file: rules in the place of the release's own, by full name. A text
    /// that is no rule never holds.
    package var policyFile: [String: String]
    /// The provider is the default of whatever release the node runs.
    package var shipsProvider = false
    /// `[auth] methods` in its order, which tokens carry as bits; nil for what the release ships.
    package var authMethods: [String]?
    /// `[identity] default_domain_id`.
    package var defaultDomainID = "default"
    /// How tokens are packed; nil for what the release's own msgpack does.
    package var dialect: MessagePack.Dialect?
    /// How far the node's clock is ahead; behind is negative.
    package var clockOffset = Interval.zero
    package var passwords = PasswordSettings()
    /// `[cache] backend`.
    package var cachePlace = TokenCache.Place.none
    /// `[cache] expiration_time`, which is also `[token] cache_time`.
    package var cacheTime = Interval.seconds(600)
    /// A login in front of the node is believed: fields `X-Environment-REMOTE_USER` and the like
    /// stand for the variables that it would set. For tests; anybody could send them.
    package var believesEnvironment = false
    /// The file of `[healthcheck] disable_by_file_path` is there: `/healthcheck` answers 503, and all
    /// else is answered as ever (`oslo_middleware.healthcheck.disable_by_file`).
    package var isDisabledByFile = false
    /// `[oslo_middleware] enable_proxy_headers_parsing`: what a proxy says of the client's address
    /// goes into links.
    package var parsesProxyFields = false
    /// `[totp] included_previous_windows`.
    package var previousPasscodes = 1
    /// `[oauth1] request_token_duration`.
    package var requestTokenLifetime = Interval.seconds(28_800)
    /// `[oauth1] access_token_duration`.
    package var accessTokenLifetime = Interval.seconds(86_400)
    /// `[receipt] expiration`.
    package var receiptLifetime = Interval.seconds(300)

    package init(provider: TokenProvider, keys: FernetKeyRepository, lifetime: Interval) {
      self.provider = provider
      self.keys = keys
      self.lifetime = lifetime
      self.allowExpiredWindow = .seconds(172_800)
      self.publicEndpoint = nil
      self.listLimit = nil
      self.policyFile = [:]
    }
  }

  package var release: Release {
    didSet {
      if options.shipsProvider { options.provider = release.defaultProvider }
      payloadFormat = Self.payloadFormat(of: release, options)
      jwsFormat = Self.jwsFormat(of: release, options)
      policy = Self.policy(of: release, options)
    }
  }
  package var options: Options {
    didSet {
      payloadFormat = Self.payloadFormat(of: release, options)
      jwsFormat = Self.jwsFormat(of: release, options)
    }
  }
  var generator: SeededGenerator
  /// Kept, because to make it for each token costs as much as to read one.
  private(set) var payloadFormat: FernetPayload
  private(set) var jwsFormat: JWSToken
  /// Who may do what.
  private(set) var policy: Policy
  var renderer = TokenRenderer()
  /// Where `cachePlace` is the node itself.
  package var cache = TokenCache()

  package init(release: Release, options: Options, seed: UInt64, stream: String) {
    self.release = release
    self.options = options
    generator = SeededGenerator(seed: seed, stream: stream)
    payloadFormat = Self.payloadFormat(of: release, options)
    jwsFormat = Self.jwsFormat(of: release, options)
    policy = Self.policy(of: release, options)
  }

  private static func policy(of release: Release, _ options: Options) -> Policy {
    var policy = Policy.shipped(with: release)
    for (name, text) in options.policyFile where !policy.override(name, text) {
      _ = policy.override(name, "!")
    }
    return policy
  }

  private static func payloadFormat(of release: Release, _ options: Options) -> FernetPayload {
    FernetPayload(
      release, library: options.dialect.map { $0 == .raw ? .before1 : .from1 },
      methods: options.authMethods, defaultDomainID: options.defaultDomainID)
  }

  private static func jwsFormat(of release: Release, _ options: Options) -> JWSToken {
    var format = JWSToken(release)
    format.algorithm = options.jwsAlgorithm ?? format.algorithm
    format.accepted = options.jwsAccepted ?? format.accepted
    return format
  }

  /// `[auth] methods`.
  package var authMethods: [String] { options.authMethods ?? release.authMethods }

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
    let now = now + options.clockOffset
    var answer: KeystoneAnswer
    let revision = store.revision
    do throws(KeystoneError) {
      answer = try perform(call, now: now, base: base, rendered: rendered, store: &store)
      answer.shouts = release.usesFlask && !call.isHealthcheck && !answer.speaksPlainly
      remember(call, answer, changed: store.revision != revision, now: now, store: &store)
    } catch {
      if error.status == 500, error.origin == .api, !error.isForeseen, release.usesFlask {
        // The exception is left to the container, which knows nothing of Keystone's fields.
        return KeystoneAnswer(
          status: 500, operation: call.operation, contentType: .text,
          body: Array("Internal Server Error".utf8))
      }
      answer = refusal(error, call.operation, base: base)
      answer.shouts = release.usesFlask && error.origin == .api
    }
    guard rendered, !answer.isBare else { return answer }
    if call.isHealthcheck, release.hasHealthcheck {
      // Answered by a middleware outside of the one that adds `Vary`.
    } else {
      answer.fields.append(.init(name: "Vary", value: "X-Auth-Token"))
    }
    answer.fields.append(.init(name: "x-openstack-request-id", value: requestID()))
    return answer
  }

  private func refusal(
    _ error: KeystoneError, _ operation: KeystoneOperation, base: String
  ) -> KeystoneAnswer {
    var answer = KeystoneAnswer(
      status: error.status, operation: operation, body: error.body(release))
    // Before Stein a plugin's refusal came without it.
    if error.status == 401, error.identityMethods == nil && !error.isPlugin || release.usesFlask {
      answer.fields.append(.init(name: "WWW-Authenticate", value: "Keystone uri=\"\(base)/v3\""))
    }
    return answer
  }

  private mutating func requestID() -> String {
    UUIDText.hyphenated(UUIDText.version4(generator.bytes(16)), prefix: "req-")
  }

  mutating func perform(
    _ call: KeystoneCall, now: UTCTime, base: String, rendered: Bool, store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    switch call {
    case .answered(let answer):
      return answer
    case .authenticate(let request, let catalog):
      let token: TokenPayload
      do throws(KeystoneError) {
        token = try authenticate(request, now: now, base: base, store: &store)
      } catch {
        guard let shown = error.insufficient else { throw error }
        return try receipt(shown, now: now, store)
      }
      return try answer(
        with: token, status: 201, catalog: catalog, base: base, rendered: rendered, &store)
    case .validate(
      let caller, let subject, let catalog, let allowExpired, let head, let accessRules):
      let token = try validate(
        caller, subject, allowExpired: allowExpired, head: head, accessRules: accessRules,
        now: now, store)
      var answer = KeystoneAnswer(status: 200, operation: .validate)
      answer.subjectToken = subject
      if rendered {
        answer.body = renderer.body(
          token.payload, catalog, base, release: release, store: store, roles: token.roles)
      }
      return answer
    case .revoke(let caller, let subject, let cascade):
      try revoke(caller, subject, cascade: cascade, now: now, &store)
      forget(&store)
      return KeystoneAnswer(status: 204, operation: .other, contentType: .none)
    case .healthcheck(let head):
      guard release.hasHealthcheck else {
        return noSuchPath("/healthcheck", base)
      }
      return KeystoneAnswer.healthcheck(
        head ? .head : .get, isDisabled: options.isDisabledByFile)
    case .versions:
      return Discovery.versionsAnswer(release, base: base)
    case .version:
      return Discovery.versionAnswer(release, base: base)
    case .api(let request):
      return try perform(request, now: now, base: base, rendered: rendered, store: &store)
    case .catalog:
      return try read(call, path: "/v3/auth/catalog", now: now, base: base, store: store)
    case .authProjects:
      return try read(call, path: "/v3/auth/projects", now: now, base: base, store: store)
    case .authDomains:
      return try read(call, path: "/v3/auth/domains", now: now, base: base, store: store)
    case .authSystem:
      return try read(call, path: "/v3/auth/system", now: now, base: base, store: store)
    }
  }

  private func validate(
    _ caller: String?, _ subject: String?, allowExpired: Bool, head: Bool, accessRules: Bool,
    now: UTCTime, _ store: IdentityStore
  ) throws(KeystoneError) -> KnownToken {
    let callerToken = try authorized(caller, now: now, store: store)
    let rule = head ? "check_token" : "validate_token"
    guard let subject else {
      // Without a token there is none that could be the caller's own.
      try policy.require(rule, self.caller(callerToken, store), on: .none)
      throw .notFound("No token in the request")
    }
    let token =
      subject == caller
      ? callerToken
      : try self.subject(subject, allowExpired: allowExpired, now: now, store: store)
    if let id = token.payload.applicationCredentialID, !accessRules, release.body.hasAccessRules,
      store.applicationCredentials[id]?.accessRuleIDs.isEmpty == false
    {
      throw .notFound("Failed to validate token")
    }
    try requireOwner(of: token, callerToken, rule, store)
    return token
  }

  /// Every release lets the token's own user have its way; that is not asked of the policy unless
  /// an operator changed it.
  private func requireOwner(
    of token: KnownToken, _ caller: KnownToken, _ rule: String, _ store: IdentityStore
  ) throws(KeystoneError) {
    if token.payload.userID == caller.payload.userID, caller.payload.trustID == nil,
      options.policyFile.isEmpty
    {
      return
    }
    try policy.require(
      rule, self.caller(caller, store), on: ["target.token.user_id": token.payload.userID])
  }

  /// A new token and what it says.
  mutating func answer(
    with token: TokenPayload, status: Int, catalog: Bool, base: String, rendered: Bool,
    _ store: inout IdentityStore
  ) throws(KeystoneError) -> KeystoneAnswer {
    if !token.isDelegated, let target = IdentityStore.Target(of: token) {
      store.rememberRoles(of: token.userID, on: target)
    }
    var answer = KeystoneAnswer(status: status, operation: .authenticate)
    answer.subjectToken = try seal(token, base: base, store: &store)
    if rendered {
      var lent: [IdentityStore.Role] = []
      if token.isDelegated, let target = IdentityStore.Target(of: token) {
        lent = try roles(of: token, on: target, store)
      }
      answer.body = renderer.body(
        token, catalog, base, release: release, store: store, roles: lent)
    }
    return answer
  }

  private func revoke(
    _ caller: String?, _ subject: String?, cascade: Bool, now: UTCTime,
    _ store: inout IdentityStore
  ) throws(KeystoneError) {
    let callerToken = try authorized(caller, now: now, store: store)
    guard subject != nil else {
      try policy.require("revoke_token", self.caller(callerToken, store), on: .none)
      throw .notFound("No token in the request")
    }
    let token = try self.subject(subject, allowExpired: false, now: now, store: store)
    try requireOwner(of: token, callerToken, "revoke_token", store)
    store.revoke(
      token.payload, storedAs: PKIToken.rowKey(subject ?? ""),
      chain: cascade && release.revokesChains,
      until: token.payload.expiresAt + options.allowExpiredWindow, now: now)
  }
}
