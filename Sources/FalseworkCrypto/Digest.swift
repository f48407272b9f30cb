// SPDX-License-Identifier: Apache-2.0
import CLibSSL

package enum SHA256 {
  /// Fetched once: looking the algorithm up costs more than digesting a token.
  nonisolated(unsafe) static let algorithm: OpaquePointer = {
    guard let algorithm = EVP_MD_fetch(nil, "SHA2-256", nil) else {
      preconditionFailure("libcrypto has no SHA-256")
    }
    return algorithm
  }()

  package static func digest(_ bytes: [UInt8]) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: 32) { buffer, count in
      var length: UInt32 = 0
      let done = EVP_Digest(
        bytes, bytes.count, buffer.baseAddress, &length, algorithm, nil)
      precondition(done == 1 && length == 32, "libcrypto cannot digest")
      count = 32
    }
  }
}

/// HMAC-SHA256 (RFC 2104). A key beyond one block is digested first; Fernet's have 16 bytes, those of
/// signed requests are the caller's.
///
/// Two digests instead of libcrypto's HMAC, which looks its algorithms up anew for each code and
/// takes four times as long.
package enum HMACSHA256 {
  private static let block = 64

  package static func code(_ bytes: Span<UInt8>, key: [UInt8]) -> [UInt8] {
    let key = key.count > block ? SHA256.digest(key) : key
    guard let context = EVP_MD_CTX_new() else { preconditionFailure("out of memory") }
    defer { EVP_MD_CTX_free(context) }
    let inner = digest(context, key, 0x36, bytes)
    return digest(context, key, 0x5C, inner.span)
  }

  private static func digest(
    _ context: OpaquePointer, _ key: [UInt8], _ pad: UInt8, _ bytes: Span<UInt8>
  ) -> [UInt8] {
    var padded = InlineArray<64, UInt8>(repeating: pad)
    for index in key.indices { padded[index] ^= key[index] }
    return [UInt8](unsafeUninitializedCapacity: 32) { buffer, count in
      var length: UInt32 = 0
      var done = EVP_DigestInit_ex2(context, SHA256.algorithm, nil)
      padded.span.withUnsafeBytes { done &= EVP_DigestUpdate(context, $0.baseAddress, $0.count) }
      bytes.withUnsafeBytes { done &= EVP_DigestUpdate(context, $0.baseAddress, $0.count) }
      done &= EVP_DigestFinal_ex(context, buffer.baseAddress, &length)
      precondition(done == 1 && length == 32, "libcrypto cannot digest")
      count = 32
    }
  }
}

/// Whether two byte strings are equal, in a time that depends on their length only.
package func equalInConstantTime(_ a: Span<UInt8>, _ b: Span<UInt8>) -> Bool {
  guard a.count == b.count else { return false }
  var difference: UInt8 = 0
  for index in 0..<a.count { difference |= a[index] ^ b[index] }
  return difference == 0
}
