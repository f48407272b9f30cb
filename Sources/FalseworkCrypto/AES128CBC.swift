// SPDX-License-Identifier: Apache-2.0
import CLibSSL

/// AES-128 in CBC mode with PKCS#7 padding, as a Fernet token uses it (fernet/spec).
///
/// The key schedule is made anew for each call: a token is a few blocks, and keys rotate.
package enum AES128CBC {
  package static func encrypt(_ plaintext: [UInt8], key: [UInt8], iv: [UInt8]) -> [UInt8] {
    precondition(key.count == 16 && iv.count == 16, "AES-128-CBC needs 16 and 16 bytes")
    guard let result = run(plaintext, key: key, iv: iv, encrypting: true) else {
      preconditionFailure("encryption cannot fail on good input")
    }
    return result
  }

  /// The plaintext, or nil if the padding is wrong or the length is no multiple of 16.
  package static func decrypt(_ ciphertext: [UInt8], key: [UInt8], iv: [UInt8]) -> [UInt8]? {
    precondition(key.count == 16 && iv.count == 16, "AES-128-CBC needs 16 and 16 bytes")
    guard !ciphertext.isEmpty, ciphertext.count % 16 == 0 else { return nil }
    return run(ciphertext, key: key, iv: iv, encrypting: false)
  }

  private static func run(
    _ input: [UInt8], key: [UInt8], iv: [UInt8], encrypting: Bool
  ) -> [UInt8]? {
    guard let context = EVP_CIPHER_CTX_new() else { preconditionFailure("out of memory") }
    defer { EVP_CIPHER_CTX_free(context) }
    guard
      EVP_CipherInit_ex(
        context, EVP_aes_128_cbc(), nil, key, iv, encrypting ? 1 : 0) == 1
    else { preconditionFailure("libcrypto has no AES-128-CBC") }
    var succeeded = false
    let output = [UInt8](unsafeUninitializedCapacity: input.count + 16) { buffer, count in
      var first: Int32 = 0
      var last: Int32 = 0
      let start = buffer.baseAddress!
      succeeded =
        EVP_CipherUpdate(context, start, &first, input, Int32(input.count)) == 1
        && EVP_CipherFinal_ex(context, start + Int(first), &last) == 1
      count = succeeded ? Int(first + last) : 0
    }
    return succeeded ? output : nil
  }
}
