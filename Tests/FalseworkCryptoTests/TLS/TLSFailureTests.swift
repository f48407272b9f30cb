// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import FalseworkCrypto

@Suite struct TLSFailureTests {
  private typealias Request = CertificateAuthority.Request
  private static let root = CertificateAuthority(.lasting("Root"))
  private static let other = CertificateAuthority(.lasting("Other Root"))

  private static func failure(
    _ identity: TLSIdentity, name: String = "a.example",
    _ change: (inout TLSOptions) -> Void = { _ in }
  ) throws -> TLSFailure? {
    var options = TLSOptions.client(trusting: root.certificate)
    change(&options)
    return try TLSPair(options, .server(identity), name: name).shakeHands().client.failure
  }

  @Test func `an expired certificate is told by name and day`() throws {
    let identity = Self.root.issue(
      Request(
        commonName: "late", hosts: ["a.example"], notBefore: Day.in2020, notAfter: Day.in2021))
    let failure = try #require(try Self.failure(identity))
    #expect(failure.reason == .expired)
    #expect(failure.description == "the certificate 'CN=late' expired on 2021-01-01 00:00:00 UTC")
  }

  @Test func `one that is not valid yet is told`() throws {
    let identity = Self.root.issue(
      Request(
        commonName: "early", hosts: ["a.example"], notBefore: Day.in2100, notAfter: Day.in2101))
    let failure = try #require(try Self.failure(identity))
    #expect(failure.reason == .notYetValid)
    #expect(
      failure.description
        == "the certificate 'CN=early' is not valid before 2100-01-01 00:00:00 UTC")
  }

  @Test(arguments: [
    ("b.example", ["a.example", "c.example"], "a.example, c.example"),
    ("127.0.0.2", ["127.0.0.1"], "no host by name"),
    ("x.y.b.example", ["*.b.example"], "*.b.example"),
  ]) func `one for another host is told, with the hosts that it is for`(
    name: String, hosts: [String], told: String
  ) throws {
    let identity = Self.root.issue(
      Request(commonName: "a", hosts: hosts, notBefore: Day.in2020, notAfter: Day.in2100))
    let failure = try #require(try Self.failure(identity, name: name))
    #expect(failure.reason == .nameMismatch(wanted: name))
    #expect(failure.description == "the certificate 'CN=a' is not for \(name): it is for \(told)")
  }

  @Test(arguments: [
    ("a.example", ["a.example"]), ("A.Example", ["a.example"]), ("x.b.example", ["*.b.example"]),
    ("127.0.0.1", ["127.0.0.1"]), ("::1", ["::1"]),
  ]) func `a name or an address that it is for is right`(name: String, hosts: [String]) throws {
    let identity = Self.root.issue(
      Request(commonName: "z", hosts: hosts, notBefore: Day.in2020, notAfter: Day.in2100))
    #expect(try Self.failure(identity, name: name) == nil)
  }

  @Test func `an authority that nobody knows is told, with the issuer`() throws {
    let failure = try #require(try Self.failure(Self.other.issue(.lasting("a", "a.example"))))
    #expect(failure.reason == .unknownAuthority)
    #expect(
      failure.description
        == "the certificate 'CN=a', issued by 'CN=Other Root', does not lead to an authority "
        + "that is trusted")
  }

  @Test func `a self-signed certificate is told, and trusted when it is named`() throws {
    let identity = CertificateAuthority.selfSigned(.lasting("lonely", "a.example"))
    let failure = try #require(try Self.failure(identity))
    #expect(failure.reason == .selfSigned)
    #expect(
      failure.description
        == "the certificate 'CN=lonely' is self-signed, and not trusted by itself")
    let trusting = try Self.failure(identity) { $0.trust = .authorities([identity.certificate]) }
    #expect(trusting == nil)
  }

  @Test func `a chain goes over an authority in between, which may have expired`() throws {
    let good = Self.root.authority(.lasting("Middle"))
    #expect(try Self.failure(good.issue(.lasting("a", "a.example"))) == nil)
    let stale = Self.root.authority(
      Request(commonName: "Stale", hosts: [], notBefore: Day.in2020, notAfter: Day.in2021))
    let failure = try #require(try Self.failure(stale.issue(.lasting("a", "a.example"))))
    #expect(failure.reason == .expired && failure.subject?.depth == 1)
    #expect(
      failure.description
        == "the certificate 'CN=Stale' of its issuer expired on 2021-01-01 00:00:00 UTC")
  }

  @Test func `a trusted authority in between is enough where that is asked for`() throws {
    let middle = Self.root.authority(.lasting("Middle"))
    let identity = middle.issue(.lasting("a", "a.example"))
    let strict = try Self.failure(identity) { $0.trust = .authorities([middle.certificate]) }
    #expect(strict?.reason == .unknownAuthority)
    let lenient = try Self.failure(identity) {
      $0.trust = .authorities([middle.certificate])
      $0.trustsPartialChains = true
    }
    #expect(lenient == nil)
  }

  @Test func `who does not look finds no fault`() throws {
    let identity = CertificateAuthority.selfSigned(.lasting("lonely"))
    #expect(try Self.failure(identity) { $0.verification = .none } == nil)
  }

  @Test func `a server hears from its client why it was refused`() throws {
    let pair = try TLSPair(
      .client(trusting: Self.root.certificate), .server(Self.other.issue(.lasting("a"))))
    let result = pair.shakeHands()
    #expect(result.server.failure?.reason == .alert("unknown CA"))
    #expect(
      result.server.failure?.description == "the peer refused, with the alert 'unknown CA'")
  }

  // MARK: Clients' certificates

  @Test(arguments: TLSOptions.Verification.allCases, [0, 1, 2])
  func `a server lets in whom it asked to`(
    verification: TLSOptions.Verification, shown: Int
  ) throws {
    var server = TLSOptions.server(Self.root.issue(.lasting("a", "a.example")))
    server.verification = verification
    server.trust = .authorities([Self.root.certificate])
    var client = TLSOptions.client(trusting: Self.root.certificate)
    let identities = [
      nil, Self.root.issue(.lasting("user")), Self.other.issue(.lasting("stranger")),
    ]
    if let identity = identities[shown] { client.identities = [.init(identity)] }
    let pair = try TLSPair(client, server)
    let result = pair.shakeHands()
    let expected: TLSFailure.Reason? =
      switch (verification, shown) {
      case (.none, _), (_, 1), (.optional, 0): nil
      case (.required, 0): .noCertificate
      // A client that knows the server's authorities shows none of another's; ours does not look.
      default: .unknownAuthority
      }
    #expect(result.server.failure?.reason == expected)
    let seen = pair.server.peerCertificate?.commonName
    if expected == nil { #expect(seen == (verification == .none || shown == 0 ? nil : "user")) }
  }

  // MARK: No TLS in common

  @Test func `no version and no cipher in common are told apart`() throws {
    let identity = Self.root.issue(.lasting("a", "a.example"))
    var server = TLSOptions.server(identity)
    server.minimum = .tls13
    var client = TLSOptions.client(trusting: Self.root.certificate)
    client.maximum = .tls12
    var result = try TLSPair(client, server).shakeHands()
    #expect(result.server.failure?.reason == .noCommonVersion)
    #expect(result.client.failure?.reason == .alert("protocol version"))
    server.minimum = .tls12
    server.ciphers = "ECDHE-ECDSA-AES256-GCM-SHA384"
    client.ciphers = "ECDHE-ECDSA-AES128-GCM-SHA256"
    result = try TLSPair(client, server).shakeHands()
    #expect(result.server.failure?.reason == .noCommonCipher)
    #expect(result.client.failure?.reason == .alert("handshake failure"))
  }

  @Test func `plain HTTP is no TLS, on either side`() throws {
    let pair = try TLSPair(
      .client(trusting: nil), .server(Self.root.issue(.lasting("a", "a.example"))))
    pair.server.receive(Array("GET / HTTP/1.1\r\nhost: a\r\n\r\n".utf8).span)
    #expect(pair.server.handshake().failure?.reason == .notTLS)
    #expect(pair.client.handshake() == .waiting)
    pair.client.receive(Array("HTTP/1.1 400 Bad Request\r\n\r\n".utf8).span)
    #expect(pair.client.handshake().failure?.reason == .notTLS)
    #expect(pair.client.handshake().failure?.reason == .notTLS)
  }
}
