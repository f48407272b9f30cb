// SPDX-License-Identifier: Apache-2.0
import FalseworkCore

/// A token whose signature, age, revocation and rows were checked.
struct KnownToken: Equatable, Sendable {
  var payload: TokenPayload
  var roles: [IdentityStore.Role]
}

/// Tokens in and out.
extension IdentityService {
  /// - Parameter base: for the links of the answer that a PKI token is made of.
  mutating func seal(
    _ token: TokenPayload, base: String, store: inout IdentityStore
  ) throws(KeystoneError) -> String {
    switch options.provider {
    case .uuid:
      let id = UUIDText.drawn(from: &generator)
      store.keep(token, as: id)
      return id
    case .pki, .pkiz:
      let body = renderer.body(token, true, base, release: release, store: store)
      let packed = options.provider == .pkiz
      let id = PKIToken.seal(body, packed: packed, signer: options.signer)
      store.keep(token, as: PKIToken.rowKey(id))
      return id
    case .fernet:
      try checkKeys()
      do throws(TokenDefect) {
        return FernetEnvelope.seal(
          try payloadFormat.encode(token), key: options.keys.primary,
          seconds: token.issuedAt.seconds, iv: generator.bytes(16),
          padding: release.fernetPadding)
      } catch {
        throw .unexpected
      }
    case .jws:
      do throws(TokenDefect) {
        return try jwsFormat.seal(token, keys: options.jws)
      } catch {
        throw .unexpected
      }
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

  /// What the text says, before anything is looked up.
  func read(
    _ text: String, now: UTCTime, store: IdentityStore
  ) throws(KeystoneError) -> TokenPayload {
    switch options.provider {
    case .uuid, .pki, .pkiz:
      guard let stored = store.token(PKIToken.rowKey(text)), stored.valid else {
        throw .notFound("Could not find token: \(text).")
      }
      return stored.payload
    case .fernet:
      try checkKeys()
      do throws(TokenDefect) {
        return try readFernet(text)
      } catch {
        throw refusal(of: text, error)
      }
    case .jws:
      do throws(TokenDefect) {
        return try jwsFormat.open(text, keys: options.jws, now: now)
      } catch .unrecognized {
        throw .notFound("Could not find token: \(text).")
      } catch {
        throw .unexpected
      }
    }
  }

  /// The keys are read before anything is done with them, so that a repository of no use fails even
  /// what is no token at all.
  private func checkKeys() throws(KeystoneError) {
    switch options.keys.defect {
    case nil: return
    case .noKeys: throw .foreseen
    case .notAKey: throw .unexpected
    }
  }

  private func readFernet(_ text: String) throws(TokenDefect) -> TokenPayload {
    let padding = release.fernetPadding
    let opened = try FernetEnvelope.open(text, repository: options.keys, padding: padding)
    let token = try payloadFormat.decode(opened.payload, seconds: opened.seconds)
    guard FernetEnvelope.hasReadableTime(text, padding: padding) else {
      throw .typeError("Incorrect padding")
    }
    return token
  }

  private func refusal(of text: String, _ defect: TokenDefect) -> KeystoneError {
    switch defect {
    case .unrecognized:
      if release.errors.badSubjectStatus == 401 { return .unauthorized }
      switch release.errors.unrecognizedToken {
      case .new: return .notFound("Could not recognize Fernet token")
      case .plain: return .notFound("This is not a recognized Fernet token")
      case .quoting:
        // As it was before it was tried: with its padding.
        let padding = String(repeating: "=", count: -text.utf8.count & 3)
        return .notFound("This is not a recognized Fernet token \(text)\(padding)")
      }
    case .unknownVersion(let version):
      if release.errors.badSubjectStatus == 401 { return .unauthorized }
      return .notFound("This is not a recognized Fernet payload version: \(version)")
    case .typeError(let text): return .badRequest(text)
    case .malformedPayload: return .unexpected
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
