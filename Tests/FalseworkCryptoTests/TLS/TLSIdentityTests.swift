// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import FalseworkCrypto

@Suite struct TLSIdentityTests {
  private static let root = CertificateAuthority(.lasting("Root"))

  @Test func `a bundle has the certificate, its chain and the key in any order`() throws {
    let made = Self.root.authority(.lasting("Middle")).issue(.lasting("a", "a.example"))
    for pem in [made.pem, made.key.pem + made.certificate.pem + made.chain[0].pem] {
      let read = try TLSIdentity(pem: pem)
      #expect(read.certificate.subject == "CN=a" && read.certificate.issuer == "CN=Middle")
      #expect(read.chain.map(\.subject) == ["CN=Middle"])
      #expect(read.key.pem == made.key.pem)
    }
  }

  @Test func `the key may be elsewhere`() throws {
    let made = Self.root.issue(.lasting("a"))
    let read = try TLSIdentity(pem: made.certificate.pem, key: made.key.pem)
    #expect(read.certificate.pem == made.certificate.pem)
  }

  @Test func `what is missing, broken or not a pair is told`() throws {
    let made = Self.root.issue(.lasting("a"))
    let other = Self.root.issue(.lasting("b"))
    #expect(throws: TLSSetupError.missing(what: "certificate")) {
      try TLSIdentity(pem: made.key.pem)
    }
    #expect(throws: TLSSetupError.missing(what: "private key")) {
      try TLSIdentity(pem: made.certificate.pem)
    }
    #expect(throws: TLSSetupError.keyMismatch(subject: "CN=a")) {
      try TLSIdentity(pem: made.certificate.pem, key: other.key.pem)
    }
    var broken = made.certificate.pem
    broken[60] = UInt8(ascii: "!")
    let error = #expect(throws: TLSSetupError.self) { try Certificate.all(inPEM: broken) }
    #expect(error?.description.hasPrefix("a certificate in it cannot be read: ") == true)
  }

  @Test func `an encrypted key is refused without a question`() throws {
    let text = """
      -----BEGIN ENCRYPTED PRIVATE KEY-----
      MIGjMF8GCSqGSIb3DQEFDTBSMDEGCSqGSIb3DQEFDDAkBBBKbKpJp1mTgPkxeJYk
      -----END ENCRYPTED PRIVATE KEY-----

      """
    #expect(throws: TLSSetupError.self) { try PrivateKey(inPEM: Array(text.utf8)) }
  }

  @Test func `a certificate tells its times and names`() {
    let made = Self.root.issue(.lasting("a", "a.example", "*.b.example", "127.0.0.1", "::1"))
    let certificate = made.certificate
    #expect(certificate.notBefore == Day.in2020 && certificate.notAfter == Day.in2100)
    #expect(certificate.hostNames == ["a.example", "*.b.example"])
    #expect(certificate.addresses == [[127, 0, 0, 1], [UInt8](repeating: 0, count: 15) + [1]])
    #expect(certificate.commonName == "a")
    #expect(Self.root.certificate.hostNames.isEmpty)
  }
}
