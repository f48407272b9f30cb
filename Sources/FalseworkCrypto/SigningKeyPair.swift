// SPDX-License-Identifier: Apache-2.0
import CLibSSL

/// A new key pair to sign with, as PEM text: PKCS#8 without a password, and SubjectPublicKeyInfo.
package struct SigningKeyPair: Equatable, Sendable {
  /// The algorithms of JSON Web Signatures that Keystone takes (RFC 7518, 3.4; RFC 8037).
  package enum Algorithm: String, CaseIterable, Equatable, Sendable {
    case es256 = "ES256"
    case es384 = "ES384"
    case es512 = "ES512"
    case edDSA = "EdDSA"

    var curve: String? {
      switch self {
      case .es256: "P-256"
      case .es384: "P-384"
      case .es512: "P-521"
      case .edDSA: nil
      }
    }
  }

  package let privateKey: String
  package let publicKey: String

  /// From libcrypto's generator, which the system seeds: no two are alike, and no run repeats it.
  package init(_ algorithm: Algorithm) {
    let type = algorithm.curve == nil ? "ED25519" : "EC"
    guard let context = EVP_PKEY_CTX_new_from_name(nil, type, nil) else {
      preconditionFailure("libcrypto has no \(type)")
    }
    defer { EVP_PKEY_CTX_free(context) }
    var ready = EVP_PKEY_keygen_init(context) == 1
    if let curve = algorithm.curve {
      ready = ready && EVP_PKEY_CTX_set_group_name(context, curve) == 1
    }
    var key: OpaquePointer?
    precondition(ready && EVP_PKEY_generate(context, &key) == 1, "libcrypto makes no \(algorithm)")
    defer { EVP_PKEY_free(key) }
    privateKey = Self.text { PEM_write_bio_PKCS8PrivateKey($0, key, nil, nil, 0, nil, nil) }
    publicKey = Self.text { PEM_write_bio_PUBKEY($0, key) }
  }

  private static func text(_ write: (OpaquePointer) -> Int32) -> String {
    guard let output = BIO_new(BIO_s_mem()) else { preconditionFailure("out of memory") }
    defer { BIO_free(output) }
    precondition(write(output) == 1, "a key that was just made can be written")
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1_024)
    while true {
      let count = BIO_read(output, &chunk, Int32(chunk.count))
      guard count > 0 else { break }
      bytes += chunk[..<Int(count)]
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
