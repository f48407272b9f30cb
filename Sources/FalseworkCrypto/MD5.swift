// SPDX-License-Identifier: Apache-2.0
import CLibSSL

/// For the short form of a PKI token's id, which Keystone fixed as MD5; it protects nothing.
package enum MD5 {
  package static func digest(_ bytes: [UInt8]) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: 16) { buffer, count in
      var length: UInt32 = 0
      let done = EVP_Digest(bytes, bytes.count, buffer.baseAddress, &length, EVP_md5(), nil)
      precondition(done == 1 && length == 16, "libcrypto cannot digest")
      count = 16
    }
  }
}
