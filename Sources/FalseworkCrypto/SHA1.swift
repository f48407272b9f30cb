// SPDX-License-Identifier: Apache-2.0
import CLibSSL

/// For what others have fixed it for, such as the hash of a credential's key; it protects nothing.
package enum SHA1 {
  package static func digest(_ bytes: [UInt8]) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: 20) { buffer, count in
      var length: UInt32 = 0
      let done = EVP_Digest(bytes, bytes.count, buffer.baseAddress, &length, EVP_sha1(), nil)
      precondition(done == 1 && length == 20, "libcrypto cannot digest")
      count = 20
    }
  }
}

/// HMAC with SHA-1 (RFC 2104), for one-time passwords and signed requests of OAuth 1.0.
package enum HMACSHA1 {
  package static func code(_ bytes: [UInt8], key: [UInt8]) -> [UInt8] {
    var block = key.count > 64 ? SHA1.digest(key) : key
    block += Array(repeating: 0, count: 64 - block.count)
    let inner = SHA1.digest(block.map { $0 ^ 0x36 } + bytes)
    return SHA1.digest(block.map { $0 ^ 0x5C } + inner)
  }
}
