// SPDX-License-Identifier: Apache-2.0
package import FalseworkCore

/// What a token says, whatever its format.
package struct TokenPayload: Equatable, Sendable {
  package var userID: String
  /// Authentication methods; read from a Fernet token they come highest bit first.
  package var methods: [String]
  package var expiresAt: UTCTime
  package var issuedAt: UTCTime
  /// The token's own audit id and, if it was made from another token, that of the first of the
  /// chain; each is 16 bytes in URL-safe base64 without padding.
  package var auditIDs: [String]

  package var projectID: String?
  package var domainID: String?
  /// `all`, for a token of the system scope.
  package var system: String?
  package var trustID: String?
  package var federation: Federation?
  package var accessTokenID: String?
  package var applicationCredentialID: String?
  package var thumbprint: String?

  package struct Federation: Equatable, Sendable {
    package var groupIDs: [String]
    package var identityProviderID: String
    package var protocolID: String

    package init(groupIDs: [String], identityProviderID: String, protocolID: String) {
      self.groupIDs = groupIDs
      self.identityProviderID = identityProviderID
      self.protocolID = protocolID
    }
  }

  package init(
    userID: String, methods: [String], expiresAt: UTCTime, issuedAt: UTCTime, auditIDs: [String]
  ) {
    self.userID = userID
    self.methods = methods
    self.expiresAt = expiresAt
    self.issuedAt = issuedAt
    self.auditIDs = auditIDs
  }
}

/// Why a token cannot be read. What a client sees of each is the validator's business.
package enum TokenDefect: Error, Equatable, Sendable {
  /// No Fernet token, or made with a key that is not in the repository: Keystone's
  /// `ValidationError`.
  case unrecognized
  /// Sealed rightly, but the payload's version is none that this node knows.
  case unknownVersion(String)
  /// Sealed rightly, but the payload is cut, of wrong types or followed by more: an uncaught
  /// Python exception in Keystone.
  case malformedPayload
  /// Sealed rightly, but a value is of a type that Python stumbles over: Keystone answers a
  /// TypeError with its text.
  case typeError(String)
}
