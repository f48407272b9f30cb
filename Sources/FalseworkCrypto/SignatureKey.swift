// SPDX-License-Identifier: Apache-2.0
import CLibSSL

/// The kinds of keys that sign a JWS.
package enum SignatureCurve: CaseIterable, Equatable, Sendable {
  case p256
  case p384
  case p521
  case ed25519
  case ed448

  /// Bytes of each of the two numbers of an ECDSA signature; of EdDSA, of the whole.
  var width: Int {
    switch self {
    case .p256: 32
    case .p384: 48
    case .p521: 66
    case .ed25519: 64
    case .ed448: 114
    }
  }

  var isEdwards: Bool { self == .ed25519 || self == .ed448 }
}

/// A key of an elliptic curve: the private half signs, each half verifies.
///
/// A class, for it owns what libcrypto allocated; it never changes.
package final class SignatureKey: @unchecked Sendable {
  package let curve: SignatureCurve
  package let isPrivate: Bool
  private let key: OpaquePointer

  private init?(_ key: OpaquePointer?, isPrivate: Bool) {
    guard let key else { return nil }
    guard let curve = Self.curve(of: key) else {
      EVP_PKEY_free(key)
      return nil
    }
    self.key = key
    self.curve = curve
    self.isPrivate = isPrivate
  }

  deinit {
    EVP_PKEY_free(key)
  }

  /// From PKCS#8 or the older form of its kind, in PEM. Nil if it is none, or is encrypted.
  package convenience init?(privatePEM: String) {
    self.init(
      ScopedBIO.reading(Array(privatePEM.utf8)) {
        PEM_read_bio_PrivateKey($0, nil, noPassword, nil)
      }, isPrivate: true)
  }

  /// From a SubjectPublicKeyInfo in PEM.
  package convenience init?(publicPEM: String) {
    self.init(
      ScopedBIO.reading(Array(publicPEM.utf8)) { PEM_read_bio_PUBKEY($0, nil, nil, nil) },
      isPrivate: false)
  }

  /// Whether the text is a public key at all, of whatever kind.
  package static func isKey(publicPEM: String) -> Bool {
    ScopedBIO.reading(Array(publicPEM.utf8)) {
      let key = PEM_read_bio_PUBKEY($0, nil, nil, nil)
      defer { EVP_PKEY_free(key) }
      ERR_clear_error()
      return key != nil
    }
  }

  /// The P-256 key of a secret number; the same number makes the same key.
  ///
  /// Nil for a number that libcrypto refuses, which 32 drawn bytes are not.
  package convenience init?(p256Secret: [UInt8]) {
    precondition(p256Secret.count == 32, "a secret of P-256 has 32 bytes, not \(p256Secret.count)")
    // ECPrivateKey (RFC 5915) without its public part, which libcrypto then works out.
    let curve: [UInt8] = [0xA0, 0x0A, 0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07]
    let body: [UInt8] = [0x02, 0x01, 0x01, 0x04, 0x20] + p256Secret + curve
    let der = [0x30, UInt8(body.count)] + body
    let key = der.withUnsafeBufferPointer { buffer in
      var start = buffer.baseAddress
      return d2i_PrivateKey(EVP_PKEY_EC, nil, &start, buffer.count)
    }
    self.init(key, isPrivate: true)
  }

  package static func generate(_ curve: SignatureCurve) -> SignatureKey {
    let pair: OpaquePointer?
    switch curve {
    case .p256: pair = make("EC", "P-256")
    case .p384: pair = make("EC", "P-384")
    case .p521: pair = make("EC", "P-521")
    case .ed25519: pair = make("ED25519", nil)
    case .ed448: pair = make("ED448", nil)
    }
    guard let key = SignatureKey(pair, isPrivate: true) else {
      preconditionFailure("libcrypto makes no key of \(curve)")
    }
    return key
  }

  private static func make(_ type: String, _ group: String?) -> OpaquePointer? {
    guard let context = EVP_PKEY_CTX_new_from_name(nil, type, nil) else { return nil }
    defer { EVP_PKEY_CTX_free(context) }
    guard EVP_PKEY_keygen_init(context) == 1 else { return nil }
    if let group, EVP_PKEY_CTX_set_group_name(context, group) != 1 { return nil }
    var key: OpaquePointer?
    return EVP_PKEY_generate(context, &key) == 1 ? key : nil
  }

  private static func curve(of key: OpaquePointer) -> SignatureCurve? {
    if EVP_PKEY_is_a(key, "ED25519") == 1 { return .ed25519 }
    if EVP_PKEY_is_a(key, "ED448") == 1 { return .ed448 }
    guard EVP_PKEY_is_a(key, "EC") == 1 else { return nil }
    var name = [CChar](repeating: 0, count: 64)
    var length = 0
    guard EVP_PKEY_get_group_name(key, &name, name.count, &length) == 1 else { return nil }
    switch String(decoding: name[..<length].map(UInt8.init(bitPattern:)), as: UTF8.self) {
    case "prime256v1", "P-256": return .p256
    case "secp384r1", "P-384": return .p384
    case "secp521r1", "P-521": return .p521
    default: return nil
    }
  }

  /// PKCS#8.
  package var privatePEM: String {
    precondition(isPrivate, "a public key has no private half")
    let text = ScopedBIO.written {
      PEM_write_bio_PKCS8PrivateKey($0, key, nil, nil, 0, nil, nil) == 1
    }
    return String(decoding: text ?? [], as: UTF8.self)
  }

  /// SubjectPublicKeyInfo.
  package var publicPEM: String {
    String(
      decoding: ScopedBIO.written { PEM_write_bio_PUBKEY($0, key) == 1 } ?? [], as: UTF8.self)
  }

  // MARK: Signatures

  private var digest: OpaquePointer? {
    switch curve {
    case .p256: EVP_sha256()
    case .p384: EVP_sha384()
    case .p521: EVP_sha512()
    case .ed25519, .ed448: nil
    }
  }

  /// As a JWS has it: for ECDSA both numbers, one after the other (RFC 7518, 3.4).
  package func sign(_ bytes: [UInt8]) -> [UInt8] {
    precondition(isPrivate, "a public key does not sign")
    guard let context = EVP_MD_CTX_new() else { preconditionFailure("out of memory") }
    defer { EVP_MD_CTX_free(context) }
    var count = 0
    let ready =
      EVP_DigestSignInit(context, nil, digest, nil, key) == 1
      && EVP_DigestSign(context, nil, &count, bytes, bytes.count) == 1
    precondition(ready, "libcrypto does not sign")
    let signature = [UInt8](unsafeUninitializedCapacity: count) { buffer, size in
      let done = EVP_DigestSign(context, buffer.baseAddress, &count, bytes, bytes.count)
      precondition(done == 1, "libcrypto does not sign")
      size = count
    }
    guard !curve.isEdwards else { return signature }
    guard let plain = ECDSASignature.plain(der: signature, width: curve.width) else {
      preconditionFailure("libcrypto made no ECDSA signature: \(signature)")
    }
    return plain
  }

  package func verifies(_ signature: [UInt8], of bytes: [UInt8]) -> Bool {
    let encoded: [UInt8]
    if curve.isEdwards {
      encoded = signature
    } else {
      guard signature.count == 2 * curve.width else { return false }
      encoded = ECDSASignature.der(plain: signature)
    }
    guard let context = EVP_MD_CTX_new() else { preconditionFailure("out of memory") }
    defer { EVP_MD_CTX_free(context) }
    defer { ERR_clear_error() }
    return EVP_DigestVerifyInit(context, nil, digest, nil, key) == 1
      && EVP_DigestVerify(context, encoded, encoded.count, bytes, bytes.count) == 1
  }
}

/// The two forms of an ECDSA signature: numbers of fixed width, and DER (RFC 3279, 2.2.3).
enum ECDSASignature {
  static func der(plain: [UInt8]) -> [UInt8] {
    let half = plain.count / 2
    let body = integer(plain[..<half]) + integer(plain[half...])
    return [0x30] + length(body.count) + body
  }

  private static func integer(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
    var digits = Array(bytes.drop { $0 == 0 })
    if digits.isEmpty || digits[0] >= 0x80 { digits.insert(0, at: 0) }
    return [0x02] + length(digits.count) + digits
  }

  private static func length(_ count: Int) -> [UInt8] {
    count < 0x80 ? [UInt8(count)] : [0x81, UInt8(count)]
  }

  static func plain(der: [UInt8], width: Int) -> [UInt8]? {
    var at = der.count > 1 && der[1] == 0x81 ? 3 : 2
    var plain: [UInt8] = []
    for _ in 0..<2 {
      guard at + 2 <= der.count, der[at] == 0x02 else { return nil }
      let count = Int(der[at + 1])
      guard at + 2 + count <= der.count else { return nil }
      let digits = der[at + 2..<at + 2 + count].drop { $0 == 0 }
      guard digits.count <= width else { return nil }
      plain += [UInt8](repeating: 0, count: width - digits.count) + digits
      at += 2 + count
    }
    return plain
  }
}
