// SPDX-License-Identifier: Apache-2.0
import CLibSSL

/// Why a handshake came to nothing, and which certificate is to blame.
package struct TLSFailure: Error, Equatable, Sendable {
  package enum Reason: Equatable, Sendable {
    // What this side thinks of the peer's certificate.
    case expired
    case notYetValid
    /// It is for other hosts than the one that was asked for.
    case nameMismatch(wanted: String)
    /// Its chain ends at an authority that this side does not trust, or does not end at all.
    case unknownAuthority
    case selfSigned
    case revoked
    case wrongPurpose
    case untrusted(String)
    // What the peer said or did.
    case alert(String)
    /// A client that had to show a certificate showed none.
    case noCertificate
    /// The peer closed the connection.
    case closed
    /// The handshake took too long.
    case timeout
    /// What came is no TLS, such as HTTP.
    case notTLS
    case noCommonVersion
    case noCommonCipher
    case other(String)
  }

  /// What a certificate said of itself.
  package struct Subject: Equatable, Sendable {
    package var name: String
    package var issuer: String
    package var notBefore: Int64
    package var notAfter: Int64
    package var hostNames: [String]
    /// 0 is the peer's own, 1 its issuer's, and so on.
    package var depth: Int
  }

  package var reason: Reason
  package var subject: Subject?

  package init(_ reason: Reason, subject: Subject? = nil) {
    self.reason = reason
    self.subject = subject
  }
}

extension TLSFailure {
  /// - Parameters:
  ///   - error: one of `X509_V_ERR_…`.
  ///   - wanted: the name that the certificate should have had.
  init(verification error: Int32, of certificate: Certificate?, depth: Int32, wanted: String) {
    reason =
      switch error {
      case X509_V_ERR_CERT_HAS_EXPIRED: .expired
      case X509_V_ERR_CERT_NOT_YET_VALID: .notYetValid
      case X509_V_ERR_HOSTNAME_MISMATCH, X509_V_ERR_IP_ADDRESS_MISMATCH:
        .nameMismatch(wanted: wanted)
      case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT: .selfSigned
      case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN, X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT,
        X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY, X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
        .unknownAuthority
      case X509_V_ERR_CERT_REVOKED: .revoked
      case X509_V_ERR_INVALID_PURPOSE: .wrongPurpose
      default: .untrusted(String(cString: X509_verify_cert_error_string(Int(error))))
      }
    subject = certificate.map {
      Subject(
        name: $0.subject, issuer: $0.issuer, notBefore: $0.notBefore, notAfter: $0.notAfter,
        hostNames: $0.hostNames, depth: Int(depth))
    }
  }

  /// - Parameter error: of libssl's queue.
  init(libraryError error: UInt) {
    let code = LibraryError.reason(error)
    // An alert of the peer's is an error of this number (ssl(7), SSL_AD_REASON_OFFSET).
    if (1_000..<1_256).contains(code) {
      reason = .alert(String(cString: SSL_alert_desc_string_long(code - 1_000)))
      return
    }
    reason =
      switch code {
      case SSL_R_WRONG_VERSION_NUMBER, SSL_R_HTTP_REQUEST, SSL_R_HTTPS_PROXY_REQUEST,
        SSL_R_UNEXPECTED_MESSAGE:
        .notTLS
      case SSL_R_UNSUPPORTED_PROTOCOL, SSL_R_NO_PROTOCOLS_AVAILABLE, SSL_R_VERSION_TOO_LOW,
        SSL_R_VERSION_TOO_HIGH:
        .noCommonVersion
      case SSL_R_NO_SHARED_CIPHER, SSL_R_NO_CIPHERS_AVAILABLE: .noCommonCipher
      case SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE: .noCertificate
      default: .other(LibraryError.text(error))
      }
  }
}

extension TLSFailure: CustomStringConvertible {
  package var description: String {
    let certificate = subject.map { "the certificate '\($0.name)'\($0.place)" } ?? "the certificate"
    let issuer = subject.map { ", issued by '\($0.issuer)'," } ?? ""
    switch reason {
    case .expired:
      return "\(certificate) expired on \(subject.map { day($0.notAfter) } ?? "some day")"
    case .notYetValid:
      return "\(certificate) is not valid before \(subject.map { day($0.notBefore) } ?? "later")"
    case .nameMismatch(let wanted):
      let names = subject?.hostNames ?? []
      let own = names.isEmpty ? "no host by name" : names.joined(separator: ", ")
      return "\(certificate) is not for \(wanted): it is for \(own)"
    case .unknownAuthority:
      return "\(certificate)\(issuer) does not lead to an authority that is trusted"
    case .selfSigned: return "\(certificate) is self-signed, and not trusted by itself"
    case .revoked: return "\(certificate)\(issuer) was revoked"
    case .wrongPurpose: return "\(certificate) is not for this use"
    case .untrusted(let why): return "\(certificate) is not trusted: \(why)"
    case .alert(let text): return "the peer refused, with the alert '\(text)'"
    case .noCertificate: return "the peer showed no certificate"
    case .closed: return "the peer closed the connection during the handshake"
    case .timeout: return "the handshake took too long"
    case .notTLS: return "the peer does not speak TLS"
    case .noCommonVersion: return "no version of TLS in common with the peer"
    case .noCommonCipher: return "no cipher in common with the peer"
    case .other(let text): return text
    }
  }

  /// `2026-11-24 22:00:00 UTC`.
  private func day(_ seconds: Int64) -> String {
    guard let time = ASN1_TIME_set(nil, Int(seconds)) else { return "\(seconds)" }
    defer { ASN1_TIME_free(time) }
    guard let memory = BIO_new(BIO_s_mem()) else { return "\(seconds)" }
    defer { BIO_free(memory) }
    ASN1_TIME_print_ex(memory, time, UInt(ASN1_DTFLGS_ISO8601))
    var text = String(decoding: memory.takeAll(), as: UTF8.self)
    if text.last == "Z" { text = text.dropLast() + " UTC" }
    return text
  }
}

extension TLSFailure.Subject {
  fileprivate var place: String {
    switch depth {
    case 0: ""
    case 1: " of its issuer"
    default: " (\(depth) steps up its chain)"
    }
  }
}
