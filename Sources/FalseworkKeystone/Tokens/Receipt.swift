// SPDX-License-Identifier: Apache-2.0
package import FalseworkCore

/// What somebody has proved who still lacks a method (Stein and later): sealed as a Fernet token is,
/// under its own keys, but with a payload that has no version
/// (`keystone/receipt/receipt_formatters.py`).
package struct Receipt: Equatable, Sendable {
  package var userID: String
  package var methods: [String]
  package var expiresAt: UTCTime
  package var issuedAt: UTCTime

  package init(userID: String, methods: [String], expiresAt: UTCTime, issuedAt: UTCTime) {
    self.userID = userID
    self.methods = methods
    self.expiresAt = expiresAt
    self.issuedAt = issuedAt
  }

  package func sealed(
    _ format: FernetPayload, key: FernetKey, iv: [UInt8]
  ) throws(TokenDefect) -> String {
    FernetEnvelope.seal(
      try format.encode(receipt: self), key: key, seconds: issuedAt.seconds, iv: iv)
  }

  /// - Throws: whatever the defect, Keystone answers with 401 or 500 as for a token; there is no
  ///   404, for a receipt that is not found is a failed authentication.
  package static func open(
    _ text: String, repository: FernetKeyRepository, _ format: FernetPayload
  ) throws(TokenDefect) -> Receipt {
    let opened = try FernetEnvelope.open(text, repository: repository)
    return try format.decode(receipt: opened.payload, seconds: opened.seconds)
  }
}
