// SPDX-License-Identifier: Apache-2.0
import FalseworkCrypto

/// The Fernet envelope (fernet/spec): version 0x80, 64-bit seconds, IV, AES-128-CBC, HMAC-SHA256.
///
/// As Keystone uses it nothing of the time is checked on opening; a token's end is in its payload.
/// Since Liberty the text is without `=`.
package enum FernetEnvelope {
  /// Longest text that is looked at; Keystone's own tokens have at most some 300 characters.
  static let longestText = 8_192

  package static func seal(
    _ payload: [UInt8], key: FernetKey, seconds: Int64, iv: [UInt8],
    padding: FernetPadding = .stripped
  ) -> String {
    precondition(iv.count == 16, "an IV has 16 bytes, not \(iv.count)")
    var bytes: [UInt8] = [0x80]
    bytes.reserveCapacity(payload.count + 80)
    let stamp = UInt64(bitPattern: seconds)
    for shift in stride(from: 56, through: 0, by: -8) {
      bytes.append(UInt8(truncatingIfNeeded: stamp >> UInt64(shift)))
    }
    bytes.append(contentsOf: iv)
    bytes.append(
      contentsOf: AES128CBC.encrypt(payload.span, key: key.encryption, iv: iv.span))
    bytes.append(contentsOf: HMACSHA256.code(bytes.span, key: key.signing))
    guard padding == .percent else { return Base64URL.encode(bytes) }
    return Base64URL.encode(bytes, padded: true).replacing("=", with: "%3D")
  }

  /// The payload and the time of sealing, by the first key that fits.
  ///
  /// - Parameter padding: what the release does about `=` at the end.
  package static func open(
    _ token: String, repository: FernetKeyRepository, padding: FernetPadding = .stripped
  ) throws(TokenDefect) -> (payload: [UInt8], seconds: Int64) {
    guard token.utf8.count <= longestText, let bytes = decode(token, padding),
      bytes.count >= 73, bytes[0] == 0x80
    else { throw .unrecognized }
    let signedCount = bytes.count - 32
    let signed = bytes.span.extracting(0..<signedCount)
    let code = bytes.span.extracting(signedCount..<bytes.count)
    for entry in repository.readingOrder
    where equalInConstantTime(HMACSHA256.code(signed, key: entry.key.signing).span, code) {
      var stamp: UInt64 = 0
      for index in 1..<9 { stamp = stamp << 8 | UInt64(bytes[index]) }
      guard
        let payload = AES128CBC.decrypt(
          bytes.span.extracting(25..<signedCount), key: entry.key.encryption,
          iv: bytes.span.extracting(9..<25))
      else { throw .unrecognized }
      return (payload, Int64(bitPattern: stamp))
    }
    throw .unrecognized
  }
  private static func decode(_ token: String, _ padding: FernetPadding) -> [UInt8]? {
    switch padding {
    case .stripped: return Base64URL.decode(token.utf8)
    case .percent:
      return Base64URL.decode(PercentText.decode(token).utf8, restoringPadding: false)
    case .strippedUnquoted:
      guard token.hasSuffix("%3D") else { return Base64URL.decode(token.utf8) }
      return Base64URL.decode(PercentText.decode(token).utf8, restoringPadding: false)
    }
  }

  /// Whether the release can read the time of sealing from the text as it was sent: those that
  /// decode `%3D` for the cipher forget to do so here, and Python's base64 stumbles.
  static func hasReadableTime(_ token: String, padding: FernetPadding) -> Bool {
    padding != .strippedUnquoted || !token.hasSuffix("%3D") || Base64URL.decode(token.utf8) != nil
  }
}

/// `urllib.parse.unquote`, for ASCII.
enum PercentText {
  static func decode(_ text: String) -> String {
    guard text.utf8.contains(0x25) else { return text }
    let bytes = Array(text.utf8)
    var output: [UInt8] = []
    var at = 0
    while at < bytes.count {
      if bytes[at] == 0x25, at + 2 < bytes.count, let high = UUIDText.value(bytes[at + 1]),
        let low = UUIDText.value(bytes[at + 2])
      {
        output.append(high << 4 | low)
        at += 3
      } else {
        output.append(bytes[at])
        at += 1
      }
    }
    return String(decoding: output, as: UTF8.self)
  }
}
