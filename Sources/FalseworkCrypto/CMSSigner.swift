// SPDX-License-Identifier: Apache-2.0
import CLibSSL

/// Signed data of the Cryptographic Message Syntax (RFC 5652), as `openssl cms -sign -nodetach
/// -nocerts -noattr -md sha256` makes it: the content is inside, the certificate is not.
///
/// A class, for it owns what libcrypto allocated; it never changes.
package final class CMSSigner: @unchecked Sendable {
  private let certificate: OpaquePointer
  private let key: OpaquePointer

  /// Nil if one of the two texts is not what it should be, or they do not belong together.
  package init?(certificatePEM: String, keyPEM: String) {
    let certificate = ScopedBIO.reading(Array(certificatePEM.utf8)) {
      PEM_read_bio_X509($0, nil, nil, nil)
    }
    let key = ScopedBIO.reading(Array(keyPEM.utf8)) {
      PEM_read_bio_PrivateKey($0, nil, noPassword, nil)
    }
    defer { ERR_clear_error() }
    guard let certificate, let key, X509_check_private_key(certificate, key) == 1 else {
      X509_free(certificate)
      EVP_PKEY_free(key)
      return nil
    }
    self.certificate = certificate
    self.key = key
  }

  deinit {
    X509_free(certificate)
    EVP_PKEY_free(key)
  }

  /// In PEM, with the delimiters `-----BEGIN CMS-----`.
  package func sign(_ content: [UInt8]) -> String {
    let flags = UInt32(CMS_NOCERTS | CMS_NOATTR | CMS_NOSMIMECAP | CMS_BINARY)
    let text = ScopedBIO.reading(content) { input -> [UInt8]? in
      guard let message = CMS_sign(certificate, key, nil, input, flags) else { return nil }
      defer { CMS_ContentInfo_free(message) }
      return ScopedBIO.written { PEM_write_bio_CMS($0, message) == 1 }
    }
    guard let text else { preconditionFailure("libcrypto does not sign") }
    return String(decoding: text, as: UTF8.self)
  }

  /// The content, if this certificate's key signed it.
  package func content(ofPEM text: String) -> [UInt8]? {
    CMSMessage(pem: text)?.verified(certificate)
  }
}

extension CMSSigner: Equatable {
  package static func == (a: CMSSigner, b: CMSSigner) -> Bool {
    a === b || X509_cmp(a.certificate, b.certificate) == 0
  }
}

/// A message as it was read, before anything is believed of it.
package final class CMSMessage {
  private let message: OpaquePointer

  /// Nil if the text is no CMS message.
  package init?(pem: String) {
    let message = ScopedBIO.reading(Array(pem.utf8)) { PEM_read_bio_CMS($0, nil, nil, nil) }
    guard let message else {
      ERR_clear_error()
      return nil
    }
    self.message = message
  }

  deinit {
    CMS_ContentInfo_free(message)
  }

  /// What it carries, whoever signed it; nil if the content is not inside or it is of another kind.
  package var content: [UInt8]? {
    guard OBJ_obj2nid(CMS_get0_type(message)) == NID_pkcs7_signed else { return nil }
    defer { ERR_clear_error() }
    guard let place = CMS_get0_content(message), let octets = place.pointee else { return nil }
    let count = Int(ASN1_STRING_length(octets))
    guard count > 0, let start = ASN1_STRING_get0_data(octets) else { return [] }
    return Array(UnsafeBufferPointer(start: start, count: count))
  }

  fileprivate func verified(_ certificate: OpaquePointer) -> [UInt8]? {
    guard let certificates = OPENSSL_sk_new_null() else { preconditionFailure("out of memory") }
    defer { OPENSSL_sk_free(certificates) }
    OPENSSL_sk_push(certificates, UnsafeRawPointer(certificate))
    defer { ERR_clear_error() }
    let flags = UInt32(CMS_NO_SIGNER_CERT_VERIFY | CMS_BINARY)
    return ScopedBIO.written {
      CMS_verify(message, certificates, nil, nil, $0, flags) == 1
    }
  }
}
