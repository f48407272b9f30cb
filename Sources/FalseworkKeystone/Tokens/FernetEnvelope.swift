// SPDX-License-Identifier: Apache-2.0
import FalseworkCrypto

/// The Fernet envelope (fernet/spec): version 0x80, 64-bit seconds, IV, AES-128-CBC, HMAC-SHA256.
///
/// As Keystone from Liberty on uses it: the text is without `=`, and nothing of the time is
/// checked on opening; a token's end is in its payload.
package enum FernetEnvelope {
  /// Longest text that is looked at; Keystone's own tokens have at most some 300 characters.
  static let longestText = 8_192

  package static func seal(
    _ payload: [UInt8], key: FernetKey, seconds: Int64, iv: [UInt8]
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
    return Base64URL.encode(bytes)
  }

  /// The payload and the time of sealing, by the first key that fits.
  package static func open(
    _ token: String, repository: FernetKeyRepository
  ) throws(TokenDefect) -> (payload: [UInt8], seconds: Int64) {
    guard token.utf8.count <= longestText, let bytes = Base64URL.decode(token.utf8),
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
}
