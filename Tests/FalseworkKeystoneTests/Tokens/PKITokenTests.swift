// SPDX-License-Identifier: Apache-2.0
import FalseworkCrypto
import Testing

@testable import FalseworkKeystone

@Suite struct PKITokenTests {
  private static let body = Array(#"{"token": {"methods": ["password"]}}"#.utf8)

  @Test(arguments: [false, true]) func `what was signed is read again`(packed: Bool) throws {
    let id = PKIToken.seal(Self.body, packed: packed, signer: .standard)
    #expect(id.hasPrefix(packed ? "PKIZ_" : "MII"))
    #expect(!id.contains("/") && !id.contains("\n"))
    let pem = try #require(PKIToken.pem(of: id))
    #expect(pem.hasPrefix("-----BEGIN CMS-----\n") && pem.hasSuffix("-----END CMS-----\n"))
    #expect(CMSMessage(pem: pem)?.content == Self.body)
    #expect(CMSSigner.standard.content(ofPEM: pem) == Self.body)
    // The same in every run: RSA signatures have nothing random, and no time is signed.
    #expect(PKIToken.seal(Self.body, packed: packed, signer: .standard) == id)
  }

  @Test func `lines are joined, and only the slash is made safe`() throws {
    let id = PKIToken.seal(Self.body, packed: false, signer: .standard)
    let pem = CMSSigner.standard.sign(Self.body)
    let lines = pem.split(separator: "\n").dropFirst().dropLast()
    #expect(lines.joined().replacing("/", with: "-") == id)
    #expect(PKIToken.pem(of: id) == pem)
  }

  @Test func `a row's key is the MD5 of the id, and the id itself for other tokens`() {
    #expect(PKIToken.rowKey("MIIabc") == "7da02632e3093fc3cd2ae2f0d6d68d9f")
    #expect(PKIToken.rowKey("PKIZ_abc") != PKIToken.rowKey("MIIabc"))
    #expect(
      PKIToken.rowKey("8e8068beaa2748938b55b195905fbc8f") == "8e8068beaa2748938b55b195905fbc8f")
    #expect(PKIToken.rowKey("gAAAAABk") == "gAAAAABk")
  }

  @Test(arguments: [
    "", "MII", "MII====", "PKIZ_", "PKIZ_abc", "PKIZ_eJw=", "MIIBogYJKoZIhvcNAQcC",
    "gAAAAABZaC8A",
  ]) func `what is no such token is refused`(id: String) {
    let pem = PKIToken.pem(of: id)
    #expect(pem.map { CMSMessage(pem: $0) == nil } ?? true)
  }

  @Test func `a byte changed is no good signature`() throws {
    let id = PKIToken.seal(Self.body, packed: false, signer: .standard)
    var bytes = Array(id.utf8)
    bytes[bytes.count - 20] = bytes[bytes.count - 20] == 0x41 ? 0x42 : 0x41
    let pem = try #require(PKIToken.pem(of: String(decoding: bytes, as: UTF8.self)))
    #expect(CMSSigner.standard.content(ofPEM: pem) == nil)
    #expect(CMSMessage(pem: pem)?.content == Self.body)
  }
}
