// SPDX-License-Identifier: Apache-2.0
import FalseworkCore

/// A token whose signature, age, revocation and rows were checked.
struct KnownToken: Equatable, Sendable {
  var payload: TokenPayload
  var target: IdentityStore.Target?
  var roles: [IdentityStore.Role]

  func has(role name: String) -> Bool {
    for role in roles where role.name == name { return true }
    return false
  }
}

/// Tokens in and out.
extension IdentityService {
  mutating func seal(
    _ token: TokenPayload, store: inout IdentityStore
  ) throws(KeystoneError) -> String {
    switch options.provider {
    case .uuid, .pki, .pkiz:
      let id = UUIDText.text(of: UUIDText.version4(generator.bytes(16)))
      store.keep(token, as: id)
      return id
    case .fernet, .jws:
      try checkKeys()
      return FernetEnvelope.seal(
        payloadFormat.encode(token), key: options.keys.primary, seconds: token.issuedAt.seconds,
        iv: generator.bytes(16))
    }
  }

  /// The caller's token: whatever is wrong with it, the answer is 401. A missing row stays 404,
  /// because in Keystone only the token's own defects are translated.
  func authorized(
    _ text: String?, now: UTCTime, store: IdentityStore
  ) throws(KeystoneError) -> KnownToken {
    guard let text, !text.isEmpty else { throw .unauthorized }
    do throws(KeystoneError) {
      if lacksAttribute(text, now: now, store: store) { throw .unexpected }
      return try resolve(text, allowExpired: false, now: now, store: store)
    } catch {
      // The middleware lets the request pass as nobody's, and the API refuses nobody.
      if error.status == 404, !error.isMissingRow { throw .unauthorized }
      var refusal = error
      refusal.origin = .middleware
      throw refusal
    }
  }

  func subject(
    _ text: String?, allowExpired: Bool, now: UTCTime, store: IdentityStore
  ) throws(KeystoneError) -> KnownToken {
    guard let text, !text.isEmpty else { throw .notFound("No token in the request") }
    return try resolve(text, allowExpired: allowExpired, now: now, store: store)
  }

  /// The token that a text stands for, checked in Keystone's order: what it names, the roles, its
  /// age and revocation.
  func resolve(
    _ text: String, allowExpired: Bool, now: UTCTime, store: IdentityStore
  ) throws(KeystoneError) -> KnownToken {
    let entry = try cached(text, now: now, store: store)
    let known: KnownToken
    if let entry { known = entry.token } else { known = try lookUp(text, store: store) }
    let end = known.payload.expiresAt + (allowExpired ? options.allowExpiredWindow : .zero)
    guard now < end, entry?.passedRevocation == true || !store.isRevoked(known.payload) else {
      throw .notFound("Failed to validate token")
    }
    return known
  }

  /// What a token stands for: the part of its validation that is cached.
  private func lookUp(
    _ text: String, store: IdentityStore
  ) throws(KeystoneError) -> KnownToken {
    let token = try read(text, store: store)
    try requireSchema(of: token, store)
    if let project = token.projectID, store.project(project) == nil {
      throw .missingRow("project", project)
    }
    if let domain = token.domainID, store.domain(domain) == nil {
      throw .missingRow("domain", domain)
    }
    guard let user = store.user(token.userID) else { throw .missingRow("user", token.userID) }
    let target = IdentityStore.Target(of: token)
    let roles =
      token.isDelegated
      ? delegatedRoles(of: token, store)
      : target.map { store.roles(of: token.userID, on: $0) } ?? []
    guard target == nil || !roles.isEmpty else { throw .notFound("Could not find token: \(text).") }
    guard user.enabled else { throw .notFound("Failed to validate token") }
    return KnownToken(payload: token, target: target, roles: roles)
  }

  private func read(_ text: String, store: IdentityStore) throws(KeystoneError) -> TokenPayload {
    switch options.provider {
    case .uuid, .pki, .pkiz:
      guard let stored = store.token(text), stored.valid else {
        throw .notFound("Could not find token: \(text).")
      }
      return stored.payload
    case .fernet, .jws:
      try checkKeys()
      do throws(TokenDefect) {
        let opened = try FernetEnvelope.open(text, repository: options.keys)
        return try payloadFormat.decode(opened.payload, seconds: opened.seconds)
      } catch {
        throw refusal(of: text, error)
      }
    }
  }

  /// The keys are read before anything is done with them, so that a repository of no use fails even
  /// what is no token at all.
  private func checkKeys() throws(KeystoneError) {
    switch options.keys.defect {
    case nil: return
    case .noKeys: throw .keysNotFound
    case .notAKey: throw .unexpected
    }
  }

  private func refusal(of text: String, _ defect: TokenDefect) -> KeystoneError {
    switch defect {
    case .unrecognized:
      switch release.number {
      case 15...: .notFound("Could not recognize Fernet token")
      case 9...: .notFound("This is not a recognized Fernet token \(text)")
      default: .notFound("This is not a recognized Fernet token")
      }
    case .unknownVersion(let version):
      .notFound("This is not a recognized Fernet payload version: \(version)")
    case .notAList: .badRequest("'int' object is not subscriptable")
    case .malformedPayload: .unexpected
    }
  }
}

extension IdentityStore.Target {
  /// What a token is scoped to.
  init?(of token: TokenPayload) {
    if let project = token.projectID {
      self = .project(project)
    } else if let domain = token.domainID {
      self = .domain(domain)
    } else if token.system != nil {
      self = .system
    } else {
      return nil
    }
  }
}
