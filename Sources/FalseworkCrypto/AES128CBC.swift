// SPDX-License-Identifier: Apache-2.0
import CLibSSL

/// AES-128 in CBC mode with PKCS#7 padding, as a Fernet token uses it (fernet/spec).
///
/// The key schedule is made anew for each call: a token is a few blocks, and keys rotate.
package enum AES128CBC {
  /// Fetched once: looking the algorithm up costs more than deciphering a token.
  nonisolated(unsafe) private static let algorithm: OpaquePointer = {
    guard let algorithm = EVP_CIPHER_fetch(nil, "AES-128-CBC", nil) else {
      preconditionFailure("libcrypto has no AES-128-CBC")
    }
    return algorithm
  }()

  package static func encrypt(
    _ plaintext: Span<UInt8>, key: [UInt8], iv: Span<UInt8>
  ) -> [UInt8] {
    guard let result = run(plaintext, key: key, iv: iv, encrypting: true) else {
      preconditionFailure("encryption cannot fail on good input")
    }
    return result
  }

  /// The plaintext, or nil if the padding is wrong or the length is no multiple of 16.
  package static func decrypt(
    _ ciphertext: Span<UInt8>, key: [UInt8], iv: Span<UInt8>
  ) -> [UInt8]? {
    guard !ciphertext.isEmpty, ciphertext.count % 16 == 0 else { return nil }
    return run(ciphertext, key: key, iv: iv, encrypting: false)
  }

  private static func run(
    _ input: Span<UInt8>, key: [UInt8], iv: Span<UInt8>, encrypting: Bool
  ) -> [UInt8]? {
    precondition(key.count == 16 && iv.count == 16, "AES-128-CBC needs 16 and 16 bytes")
    guard let context = EVP_CIPHER_CTX_new() else { preconditionFailure("out of memory") }
    defer { EVP_CIPHER_CTX_free(context) }
    let ready = iv.withUnsafeBufferPointer { iv in
      EVP_CipherInit_ex2(context, algorithm, key, iv.baseAddress, encrypting ? 1 : 0, nil)
    }
    precondition(ready == 1, "libcrypto refuses a key of 16 bytes")
    var succeeded = false
    let output = [UInt8](unsafeUninitializedCapacity: input.count + 16) { buffer, count in
      var first: Int32 = 0
      var last: Int32 = 0
      let start = buffer.baseAddress!
      let updated = input.withUnsafeBufferPointer { input in
        EVP_CipherUpdate(context, start, &first, input.baseAddress, Int32(input.count))
      }
      succeeded =
        updated == 1 && EVP_CipherFinal_ex(context, start + Int(first), &last) == 1
      count = succeeded ? Int(first + last) : 0
    }
    return succeeded ? output : nil
  }
}
