// SPDX-License-Identifier: Apache-2.0
import CLibSSL

/// Makes certificates, for tests and for a fixture that is to speak TLS: a root of its own, authorities
/// below it, and certificates for hosts and clients.
package struct CertificateAuthority: Sendable {
  /// What is asked of a certificate.
  package struct Request: Sendable {
    package var commonName: String
    /// Names and addresses: the subject's alternative names.
    package var hosts: [String]
    /// In seconds since 1970.
    package var notBefore: Int64
    package var notAfter: Int64
    package var algorithm = PrivateKey.Algorithm.p256

    package init(commonName: String, hosts: [String], notBefore: Int64, notAfter: Int64) {
      self.commonName = commonName
      self.hosts = hosts
      self.notBefore = notBefore
      self.notAfter = notAfter
    }
  }

  /// Its chain leads to, and leaves out, the root.
  package let identity: TLSIdentity
  private let isRoot: Bool

  /// A root.
  package init(_ request: Request) {
    let key = PrivateKey(request.algorithm)
    let certificate = Self.certificate(request, key: key, signedBy: nil, isAuthority: true)
    identity = TLSIdentity(certificate: certificate, chain: [], key: key)
    isRoot = true
  }

  private init(_ identity: TLSIdentity) {
    self.identity = identity
    isRoot = false
  }

  package var certificate: Certificate { identity.certificate }

  /// An authority below this one.
  package func authority(_ request: Request) -> CertificateAuthority {
    CertificateAuthority(issue(request, isAuthority: true))
  }

  /// A certificate for a host or a client.
  package func issue(_ request: Request) -> TLSIdentity {
    issue(request, isAuthority: false)
  }

  private func issue(_ request: Request, isAuthority: Bool) -> TLSIdentity {
    let key = PrivateKey(request.algorithm)
    let certificate = Self.certificate(
      request, key: key, signedBy: identity, isAuthority: isAuthority)
    return TLSIdentity(
      certificate: certificate, chain: isRoot ? [] : [identity.certificate] + identity.chain,
      key: key)
  }

  /// A certificate that its own key signed, and that is no authority.
  package static func selfSigned(_ request: Request) -> TLSIdentity {
    let key = PrivateKey(request.algorithm)
    let certificate = certificate(request, key: key, signedBy: nil, isAuthority: false)
    return TLSIdentity(certificate: certificate, chain: [], key: key)
  }

  // MARK: X.509

  private static func certificate(
    _ request: Request, key: PrivateKey, signedBy issuer: TLSIdentity?, isAuthority: Bool
  ) -> Certificate {
    guard let made = X509_new() else { preconditionFailure("out of memory") }
    let certificate = Certificate(owning: made)
    X509_set_version(made, Int(X509_VERSION_3))
    setSerial(made)
    ASN1_TIME_set(X509_getm_notBefore(made), Int(request.notBefore))
    ASN1_TIME_set(X509_getm_notAfter(made), Int(request.notAfter))
    X509_set_pubkey(made, key.pointer)
    let subject = X509_get_subject_name(made)
    let name = Array(request.commonName.utf8)
    X509_NAME_add_entry_by_NID(
      subject, NID_commonName, MBSTRING_UTF8, name, Int32(name.count), -1, 0)
    X509_set_issuer_name(
      made, issuer.map { X509_get_subject_name($0.certificate.pointer) } ?? subject)
    addExtensions(request, to: made, issuer: issuer?.certificate.pointer ?? made, isAuthority)
    let signed = X509_sign(made, (issuer?.key ?? key).pointer, EVP_sha256())
    precondition(signed > 0, "a certificate cannot be signed: \(LibraryError.take())")
    return certificate
  }

  /// 16 octets of chance, the first of them small: a serial number is positive (RFC 5280, 4.1.2.2).
  private static func setSerial(_ certificate: OpaquePointer) {
    var octets = [UInt8](repeating: 0, count: 16)
    RAND_bytes(&octets, 16)
    octets[0] = octets[0] & 0x3F | 0x40
    let number = BN_bin2bn(octets, 16, nil)
    defer { BN_free(number) }
    BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate))
  }

  private static func addExtensions(
    _ request: Request, to certificate: OpaquePointer, issuer: OpaquePointer, _ isAuthority: Bool
  ) {
    var context = X509V3_CTX()
    X509V3_set_ctx(&context, issuer, certificate, nil, nil, 0)
    var extensions = [
      (NID_basic_constraints, isAuthority ? "critical,CA:TRUE" : "critical,CA:FALSE"),
      (NID_key_usage, isAuthority ? "critical,keyCertSign,cRLSign" : "critical,digitalSignature"),
      (NID_subject_key_identifier, "hash"),
    ]
    if !isAuthority { extensions.append((NID_ext_key_usage, "serverAuth,clientAuth")) }
    if !request.hosts.isEmpty {
      let names = request.hosts.map { ($0.isIPAddress ? "IP:" : "DNS:") + $0 }
      extensions.append((NID_subject_alt_name, names.joined(separator: ",")))
    }
    for (kind, text) in extensions {
      guard let made = X509V3_EXT_conf_nid(nil, &context, kind, text) else {
        preconditionFailure("no such extension: \(text): \(LibraryError.take())")
      }
      X509_add_ext(certificate, made, -1)
      X509_EXTENSION_free(made)
    }
  }
}
