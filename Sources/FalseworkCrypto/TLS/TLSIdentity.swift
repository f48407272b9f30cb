// SPDX-License-Identifier: Apache-2.0
import CLibSSL

/// What one side of a connection shows of itself: a certificate, those between it and a root, and the
/// key.
package struct TLSIdentity: Sendable {
  package var certificate: Certificate
  /// From the certificate's issuer on; the root may be left out.
  package var chain: [Certificate]
  package var key: PrivateKey

  package init(certificate: Certificate, chain: [Certificate], key: PrivateKey) {
    self.certificate = certificate
    self.chain = chain
    self.key = key
  }

  /// From PEM: the first certificate is the one, the others are its chain.
  ///
  /// - Parameter key: where the private key is, if not with the certificates.
  package init(pem: [UInt8], key keyText: [UInt8]? = nil) throws(TLSSetupError) {
    let certificates = try Certificate.all(inPEM: pem)
    guard let first = certificates.first else { throw .missing(what: "certificate") }
    guard let key = try PrivateKey(inPEM: keyText ?? pem) else {
      throw .missing(what: "private key")
    }
    guard X509_check_private_key(first.pointer, key.pointer) == 1 else {
      ERR_clear_error()
      throw .keyMismatch(subject: first.subject)
    }
    self.init(certificate: first, chain: Array(certificates.dropFirst()), key: key)
  }

  /// Certificates and key in one text.
  package var pem: [UInt8] {
    certificate.pem + chain.flatMap(\.pem) + key.pem
  }
}

/// Why TLS cannot even begin: a file or a setting of this side is of no use.
package enum TLSSetupError: Error, Equatable, Sendable {
  /// A PEM text has no such thing.
  case missing(what: String)
  case malformed(what: String, why: String)
  case keyMismatch(subject: String)
  /// A certificate that libssl does not take: too weak a key, for example.
  case refused(what: String, why: String)
  case noSuchCipher(String)
}

extension TLSSetupError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .missing(let what): "no \(what) in PEM form in it"
    case .malformed(let what, let why): "\(what) in it cannot be read: \(why)"
    case .keyMismatch(let subject): "the private key is not that of the certificate '\(subject)'"
    case .refused(let what, let why): "\(what) cannot be used: \(why)"
    case .noSuchCipher(let name): "no cipher of libssl goes by '\(name)'"
    }
  }
}
