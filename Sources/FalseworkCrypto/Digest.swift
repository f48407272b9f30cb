// SPDX-License-Identifier: Apache-2.0
import CLibSSL

package enum SHA256 {
  package static func digest(_ bytes: [UInt8]) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: 32) { buffer, count in
      var length: UInt32 = 0
      let done = EVP_Digest(
        bytes, bytes.count, buffer.baseAddress, &length, EVP_sha256(), nil)
      precondition(done == 1 && length == 32, "libcrypto has no SHA-256")
      count = 32
    }
  }
}

/// HMAC-SHA256 (RFC 2104).
package enum HMACSHA256 {
  package static func code(_ bytes: [UInt8], key: [UInt8]) -> [UInt8] {
    code(bytes[...], key: key)
  }

  package static func code(_ bytes: ArraySlice<UInt8>, key: [UInt8]) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: 32) { buffer, count in
      var length: UInt32 = 0
      let done = bytes.withUnsafeBufferPointer { message in
        unsafe HMAC(
          EVP_sha256(), key, Int32(key.count), message.baseAddress, message.count,
          buffer.baseAddress, &length)
      }
      precondition(done != nil && length == 32, "libcrypto has no HMAC-SHA256")
      count = 32
    }
  }
}

/// Whether two byte strings are equal, in a time that depends on their length only.
package func equalInConstantTime(_ a: [UInt8], _ b: ArraySlice<UInt8>) -> Bool {
  guard a.count == b.count else { return false }
  var difference: UInt8 = 0
  for index in 0..<a.count { difference |= a[index] ^ b[b.startIndex + index] }
  return difference == 0
}
