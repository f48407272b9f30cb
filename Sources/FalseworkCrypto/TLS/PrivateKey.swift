// SPDX-License-Identifier: Apache-2.0
import CLibSSL

/// A private key of any algorithm.
package final class PrivateKey: @unchecked Sendable {
  package enum Algorithm: String, CaseIterable, Sendable {
    case rsa2048
    /// ECDSA over NIST's P-256.
    case p256
  }

  /// Never changed after `init`; libcrypto counts the references.
  let pointer: OpaquePointer

  init(owning pointer: OpaquePointer) {
    self.pointer = pointer
  }

  deinit {
    EVP_PKEY_free(pointer)
  }

  /// A new one.
  package convenience init(_ algorithm: Algorithm) {
    let made =
      switch algorithm {
      case .rsa2048: falsework_new_rsa_key(2_048)
      case .p256: falsework_new_ec_key("P-256")
      }
    guard let made else { preconditionFailure("no key: \(LibraryError.take())") }
    self.init(owning: made)
  }

  /// The first private key of a PEM text, which need not be the first thing in it. Nil if there is none.
  package convenience init?(inPEM text: [UInt8]) throws(TLSSetupError) {
    // For a text without one libcrypto has no error of its own.
    guard String(decoding: text, as: UTF8.self).contains("PRIVATE KEY-----") else { return nil }
    let memory = OpaquePointer(reading: text)
    defer { BIO_free(memory) }
    ERR_clear_error()
    // Without a callback libcrypto would ask the terminal for the password of an encrypted key.
    guard let key = PEM_read_bio_PrivateKey(memory, nil, { _, _, _, _ in -1 }, nil) else {
      throw .malformed(what: "a private key", why: LibraryError.take())
    }
    self.init(owning: key)
  }

  package var pem: [UInt8] {
    guard let memory = BIO_new(BIO_s_mem()) else { preconditionFailure("out of memory") }
    defer { BIO_free(memory) }
    PEM_write_bio_PrivateKey(memory, pointer, nil, nil, 0, nil, nil)
    return memory.takeAll()
  }
}
