// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import FalseworkCrypto

@Suite struct TLSContextTests {
  private static let root = CertificateAuthority(.lasting("Root"))
  private static let identities = [
    root.issue(.lasting("first", "a.example")), root.issue(.lasting("second", "b.example")),
    root.issue(.lasting("stars", "*.example", "A.example")), root.issue(.lasting("c.other")),
  ]

  private static func server() -> TLSOptions {
    var options = TLSOptions(.server)
    options.identities = identities.map { TLSOptions.Named($0) }
    return options
  }

  @Test(
    arguments: [
      ("a.example", "first"), ("B.EXAMPLE", "second"), ("x.example", "stars"),
      ("x.y.example", "first"), ("example", "first"), ("c.other", "c.other"), (nil, "first"),
    ] as [(String?, String)])
  func `the certificate is the one for the name, or the first`(
    name: String?, shown: String
  ) throws {
    var client = TLSOptions.client(trusting: nil)
    client.verification = .none
    let pair = try TLSPair(client, Self.server(), name: name)
    #expect(pair.shakeHands().client == .done)
    #expect(pair.client.peerCertificate?.commonName == shown)
  }

  @Test(
    arguments: [("a.example", true), ("nobody.other", false), (nil, false)] as [(String?, Bool)])
  func `a strict server refuses a name that it does not have`(name: String?, good: Bool) throws {
    var (client, server) = (TLSOptions.client(trusting: nil), Self.server())
    client.verification = .none
    server.isStrictAboutNames = true
    let result = try TLSPair(client, server, name: name).shakeHands()
    #expect(result.client.failure?.reason == (good ? nil : .alert("unrecognized name")))
  }

  @Test func `names that are given stand in the place of the certificate's`() throws {
    var (client, server) = (TLSOptions.client(trusting: nil), Self.server())
    client.verification = .none
    server.identities[1].names = ["z.example"]
    for (name, shown) in [("z.example", "second"), ("b.example", "stars")] {
      let pair = try TLSPair(client, server, name: name)
      #expect(pair.shakeHands().client == .done)
      #expect(pair.client.peerCertificate?.commonName == shown)
    }
  }

  @Test func `a cipher that does not exist is refused by its name`() throws {
    var options = TLSOptions.client(trusting: nil)
    options.ciphers = "NO-SUCH"
    #expect(throws: TLSSetupError.noSuchCipher("NO-SUCH")) { try TLSContext(options) }
    options.ciphers = nil
    options.cipherSuites = "TLS_NO_SUCH"
    #expect(throws: TLSSetupError.noSuchCipher("TLS_NO_SUCH")) { try TLSContext(options) }
  }
}
