// SPDX-License-Identifier: Apache-2.0
package import FalseworkCore
package import FalseworkCrypto

/// The keys with which a node signs and verifies JWS tokens, as they were read from its
/// repositories.
package struct JWSKeys: Equatable, Sendable {
  /// A text of the repository, and the key in it if it is one.
  package struct Key: Equatable, Sendable {
    package let pem: String
    package let key: SignatureKey?
    /// It is a key, if of a kind that no algorithm here uses.
    let isKey: Bool

    package static func == (a: Key, b: Key) -> Bool { a.pem == b.pem }

    init(publicPEM: String) {
      pem = publicPEM
      key = SignatureKey(publicPEM: publicPEM)
      isKey = key != nil || SignatureKey.isKey(publicPEM: publicPEM)
    }

    init(privatePEM: String) {
      pem = privatePEM
      key = SignatureKey(privatePEM: privatePEM)
      isKey = key != nil
    }
  }

  /// `private.pem`.
  package let signing: Key?
  /// Every file of the public directory; all are tried.
  package let verifying: [Key]

  package init(privatePEM: String?, publicPEMs: [String]) {
    signing = privatePEM.map(Key.init(privatePEM:))
    verifying = publicPEMs.map(Key.init(publicPEM:))
  }

  /// A pair of its own for each node, and everyone's public keys with all of them, as an operator
  /// leaves them; the same seed makes the same keys.
  package static func setup(nodes: Int, using generator: inout SeededGenerator) -> [JWSKeys] {
    let pairs = (0..<nodes).map { _ in
      guard let pair = SignatureKey(p256Secret: generator.bytes(32)) else {
        preconditionFailure("32 drawn bytes are a secret of P-256 but for one time in 2^32")
      }
      return pair
    }
    let publicPEMs = pairs.map(\.publicPEM)
    return pairs.map { JWSKeys(privatePEM: $0.privatePEM, publicPEMs: publicPEMs) }
  }
}

extension JWSAlgorithm {
  fileprivate func fits(_ key: SignatureKey) -> Bool {
    switch self {
    case .es256: key.curve == .p256
    case .es384: key.curve == .p384
    case .es512: key.curve == .p521
    case .edDSA: key.curve == .ed25519 || key.curve == .ed448
    }
  }
}

/// Tokens of the provider `jws`: a compact JWS (RFC 7515) whose claims are the token
/// (`keystone/token/providers/jws/core.py`, with PyJWT).
package struct JWSToken: Equatable, Sendable {
  /// `[jwt_tokens] jws_algorithm`; before 2026.2 there is ES256 alone.
  package var algorithm: JWSAlgorithm
  /// `[jwt_tokens] jws_accepted_algorithms`.
  package var accepted: [JWSAlgorithm]
  /// A key of a kind that does not fit is passed over (2026.2); before, it is an exception.
  package var skipsForeignKeys: Bool
  /// `openstack_thumbprint` is known (2023.1 and later).
  package var knowsThumbprint: Bool

  package init(_ release: Release) {
    algorithm = .es256
    accepted = [.es256]
    skipsForeignKeys = release.tokens.skipsForeignJWSKeys
    knowsThumbprint = release.body.hasOAuth2Credential
  }

  // MARK: Writing

  /// - Throws: `malformedPayload` where Keystone fails: no private key, or one of another kind.
  package func seal(_ token: TokenPayload, keys: JWSKeys) throws(TokenDefect) -> String {
    guard let key = keys.signing?.key, algorithm.fits(key) else { throw .malformedPayload }
    let header = Array("{\"alg\":\"\(algorithm.rawValue)\",\"typ\":\"JWT\"}".utf8)
    let signed = Base64URL.encode(header) + "." + Base64URL.encode(claims(token))
    return signed + "." + Base64URL.encode(key.sign(Array(signed.utf8)))
  }

  private func claims(_ token: TokenPayload) -> [UInt8] {
    var json = JSONWriter(.compact)
    json.object { json in
      json.member("sub", token.userID)
      json.member("iat", Int(token.issuedAt.seconds))
      json.member("exp", Int(token.expiresAt.seconds))
      json.list("openstack_methods") { list in
        for method in token.methods { list.value(method) }
      }
      json.list("openstack_audit_ids") { list in
        for id in token.auditIDs { list.value(id) }
      }
      if let system = token.system { json.member("openstack_system", system) }
      if let domain = token.domainID { json.member("openstack_domain_id", domain) }
      if let project = token.projectID { json.member("openstack_project_id", project) }
      if let trust = token.trustID { json.member("openstack_trust_id", trust) }
      if let federation = token.federation {
        json.list("openstack_group_ids") { list in
          for group in federation.groupIDs { list.object { $0.member("id", group) } }
        }
        json.member("openstack_idp_id", federation.identityProviderID)
        json.member("openstack_protocol_id", federation.protocolID)
      }
      if let access = token.accessTokenID { json.member("openstack_access_token_id", access) }
      if let credential = token.applicationCredentialID {
        json.member("openstack_app_cred_id", credential)
      }
      if knowsThumbprint, let thumbprint = token.thumbprint {
        json.member("openstack_thumbprint", thumbprint)
      }
    }
    return json.bytes
  }

  // MARK: Reading

  /// Longest text that is looked at.
  static let longestText = 65_536

  /// What the token says, if one of the keys made it.
  ///
  /// - Throws: `unrecognized` for what Keystone cannot find, `malformedPayload` for what ends in an
  ///   exception, such as a token from the validator's future.
  package func open(
    _ text: String, keys: JWSKeys, now: UTCTime
  ) throws(TokenDefect) -> TokenPayload {
    let claims = try verified(text, keys: keys, now: now)
    return try Self.payload(claims, knowsThumbprint: knowsThumbprint)
  }

  /// One key after the other, as Keystone goes over them: what only says that it was not this key
  /// leads on to the next, all else out.
  private func verified(
    _ text: String, keys: JWSKeys, now: UTCTime
  ) throws(TokenDefect) -> JSONObject {
    // Without a key nothing is looked at.
    guard !keys.verifying.isEmpty, let parts = JWSParts(text) else { throw .unrecognized }
    if parts.hasForeignHeader { throw .malformedPayload }
    guard let algorithm = parts.algorithm, accepted.contains(algorithm) else {
      throw skipsForeignKeys ? .unrecognized : .malformedPayload
    }
    for candidate in keys.verifying {
      // A file that is no key is an exception of another kind, which no release passes over.
      guard candidate.isKey else { throw .malformedPayload }
      guard let key = candidate.key, algorithm.fits(key) else {
        if skipsForeignKeys { continue }
        throw .malformedPayload
      }
      guard key.verifies(parts.signature, of: parts.signed) else { continue }
      guard let claims = parts.claims else { continue }
      try Self.check(claims, now: now)
      return claims
    }
    throw .unrecognized
  }

  /// PyJWT's own checks of registered claims; the end is not among them, for Keystone turns that
  /// one off.
  private static func check(_ claims: JSONObject, now: UTCTime) throws(TokenDefect) {
    guard claims["aud"] == nil || claims["aud"] == .null else { throw .malformedPayload }
    if let issued = claims["iat"] {
      guard let seconds = seconds(issued) else { throw .malformedPayload }
      // Nothing forgives a clock that goes ahead.
      guard seconds <= now.seconds else { throw .malformedPayload }
    }
    if let start = claims["nbf"] {
      guard let seconds = seconds(start), seconds <= now.seconds else { throw .malformedPayload }
    }
  }

  private static func seconds(_ value: JSONValue) -> Int64? {
    switch value {
    case .number(let text):
      if let whole = Int64(text) { return whole }
      guard let number = Double(text), abs(number) < 9e15 else { return nil }
      return Int64(number)
    case .string(let text): return Int64(text)
    case .bool(let flag): return flag ? 1 : 0
    case .array, .object, .null: return nil
    }
  }

  private static func payload(
    _ claims: JSONObject, knowsThumbprint: Bool
  ) throws(TokenDefect) -> TokenPayload {
    guard let user = claims["sub"]?.string, let end = claims["exp"].flatMap(seconds),
      let issued = claims["iat"].flatMap(seconds),
      (-9_000_000_000...9_000_000_000).contains(end),
      (-9_000_000_000...9_000_000_000).contains(issued),
      let methods = claims["openstack_methods"]?.array,
      let audit = claims["openstack_audit_ids"]?.array
    else { throw .malformedPayload }
    var token = TokenPayload(
      userID: user, methods: methods.compactMap(\.string), expiresAt: UTCTime(seconds: end),
      issuedAt: UTCTime(seconds: issued), auditIDs: audit.compactMap(\.string))
    token.system = claims["openstack_system"]?.string
    token.domainID = claims["openstack_domain_id"]?.string
    token.projectID = claims["openstack_project_id"]?.string
    token.trustID = claims["openstack_trust_id"]?.string
    token.accessTokenID = claims["openstack_access_token_id"]?.string
    token.applicationCredentialID = claims["openstack_app_cred_id"]?.string
    if knowsThumbprint { token.thumbprint = claims["openstack_thumbprint"]?.string }
    if let provider = claims["openstack_idp_id"]?.string {
      token.federation = TokenPayload.Federation(
        groupIDs: (claims["openstack_group_ids"]?.array ?? []).compactMap { $0["id"]?.string },
        identityProviderID: provider, protocolID: claims["openstack_protocol_id"]?.string ?? "")
    }
    return token
  }
}

/// The three parts of a compact JWS, decoded.
struct JWSParts {
  /// `alg`, if it is one that Keystone can be told to accept.
  let algorithm: JWSAlgorithm?
  /// A header that PyJWT refuses with an exception of another kind.
  let hasForeignHeader: Bool
  /// The bytes that the signature is over.
  let signed: [UInt8]
  let signature: [UInt8]
  private let body: [UInt8]

  /// Nil where PyJWT says that the text cannot be decoded.
  init?(_ text: String) {
    guard text.utf8.count <= JWSToken.longestText else { return nil }
    let bytes = Array(text.utf8)
    guard let first = bytes.firstIndex(of: 0x2E), let last = bytes.lastIndex(of: 0x2E),
      first < last,
      let header = Self.decode(bytes[..<first]),
      let body = Self.decode(bytes[(first + 1)..<last]),
      let signature = Self.decode(bytes[(last + 1)...]),
      let fields = JSONValue(header.span)?.object
    else { return nil }
    hasForeignHeader = fields["kid"] != nil && fields["kid"]?.string == nil
    algorithm = fields["alg"]?.string.flatMap(JWSAlgorithm.init(rawValue:))
    signed = Array(bytes[..<last])
    self.signature = signature
    self.body = body
  }

  private static func decode(_ part: ArraySlice<UInt8>) -> [UInt8]? {
    Base64URL.decode(String(decoding: part, as: UTF8.self).utf8)
  }

  var claims: JSONObject? { JSONValue(body.span)?.object }
}
