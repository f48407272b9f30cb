// SPDX-License-Identifier: Apache-2.0
import CLibSSL

/// A memory BIO for the time of a call.
enum ScopedBIO {
  static func reading<Result>(_ bytes: [UInt8], _ body: (OpaquePointer) -> Result) -> Result {
    let bio = OpaquePointer(reading: bytes)
    defer { BIO_free(bio) }
    return body(bio)
  }

  /// All that the body writes; nil if it says that it failed.
  static func written(_ body: (OpaquePointer) -> Bool) -> [UInt8]? {
    let bio = OpaquePointer(reading: [])
    defer { BIO_free(bio) }
    return body(bio) ? bio.takeAll() : nil
  }
}

/// For a key that is encrypted: it is refused, where libcrypto would ask at the terminal.
func noPassword(
  _: UnsafeMutablePointer<CChar>?, _: Int32, _: Int32, _: UnsafeMutableRawPointer?
) -> Int32 {
  -1
}
