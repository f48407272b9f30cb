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
