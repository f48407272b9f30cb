// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkCrypto
import Testing

@testable import FalseworkKeystone

@Suite struct TokenInspectionTests {
  private static let key = FernetKey(bytes: Array(0..<32))
  private static let keys = TokenInspection.Keys(
    fernet: FernetKeyRepository([0: FernetKey(bytes: Array(1...32)), 3: key]))

  /// The same project token in each of the spellings that releases wrote; by pyca/cryptography.
  private static let bin =
    "gAAAAABZaC8AoKGio6SlpqeoqaqrrK2urwywxRRvdMUOFEtpEK5ZC354Tx_GBO2Y3fUs-9S0YwcG5xotZ0it4NydjiQi"
    + "ey89yOx-Lh5JEeqWhBm9KwvFxL4pAxCIxvPI1d0ErWzy2e-iMB7ozl9brRgaxY-KWYL-GjvD898Ygk45yAZwKZgdddM"
  private static let raw =
    "gAAAAABZaC8AoKGio6SlpqeoqaqrrK2ur-eM1VQOUUmGnOb5j-9N5bI8UvBN22mbf-114BKOd_Gcmv8QxNQkwJ8w8xGs"
    + "QOXh_buDGKr3oILlXcApyYkm_AVfeWA8NAeogHotAL4CrtDFo9RICHCF7JTSs-YfApJ_uNiSLqL1fgA-gZaVK3Sqy3g"
  private static let bare =
    "gAAAAABZaC8AoKGio6SlpqeoqaqrrK2urzs-_m0Qy7SAal2aPka9424RqbGU06f3jDhZTGrbccmf26FUyDUHa2FLNn_K"
    + "TAuoNoX8g3qJSqBbIuyoSb2Fr7Uc_WMy7qghtac1w6qzO8_wG3KDH5yl_MUljzIN-yHvsj58VBByFURl7CtG0GPCSD0"

  @Test(arguments: [
    (bin, MessagePack.Dialect.bin, ["15.0.0", "30.0.0"], ["8.0.0", "2015.1.0"]),
    (raw, .raw, ["8.0.1", "17.0.0"], ["8.0.0", "18.0.0"]),
    (bare, .raw, ["8.0.0"], ["2015.1.0", "8.0.1", "9.0.0"]),
    (bare + "%3D", .raw, ["2015.1.0", "2015.1.2"], ["8.0.0", "2015.1.3"]),
  ]) func `a Fernet token tells who could have made it`(
    text: String, dialect: MessagePack.Dialect, makers: [String], others: [String]
  ) {
    let inspection = TokenInspection(of: text, with: Self.keys)
    #expect(inspection.format == .fernet(payloadVersion: 2))
    #expect(inspection.keyNumber == 3 && inspection.dialect == dialect)
    #expect(inspection.payload?.userID == "8e8068beaa2748938b55b195905fbc8f")
    #expect(inspection.payload?.projectID == "26d4205fcfab4bcaba46e32a742e5d46")
    #expect(inspection.payload?.methods == ["password"])
    let versions = inspection.makers.map(\.version)
    for maker in makers { #expect(versions.contains(maker), "\(maker): \(versions)") }
    for other in others { #expect(!versions.contains(other), "\(other): \(versions)") }
  }

  @Test func `and who reads it, and what the others say`() throws {
    let inspection = TokenInspection(of: Self.raw, with: Self.keys)
    func outcome(
      _ version: String, _ library: MessagePack.Library
    ) throws -> TokenInspection.Reading.Outcome {
      try #require(
        inspection.readings.first {
          $0.release == Release(named: version)! && $0.library == library
        }?.outcome)
    }
    #expect(try outcome("30.0.0", .from1) == .same)
    #expect(try outcome("9.0.0", .before1) == .same)
    #expect(try outcome("17.0.0", .before1) == .same)
    #expect(try outcome("17.0.0", .from1) == .refused(.malformedPayload))
    guard case .otherwise(let token) = try outcome("8.0.0", .before1) else {
      Issue.record("\(try outcome("8.0.0", .before1))")
      return
    }
    #expect(token.userID.hasPrefix("[True, '"))
    #expect(try outcome("2015.1.0", .before1) == .refused(.unrecognized))
  }

  @Test func `a token of another repository, and what is none, say little`() {
    var keys = Self.keys
    keys.fernet = FernetKeyRepository([0: FernetKey(bytes: Array(1...32))])
    let closed = TokenInspection(of: Self.bin, with: keys)
    #expect(closed.format == .sealed(.fernet) && closed.defect == .unrecognized)
    #expect(closed.payload == nil && closed.makers.isEmpty)
    #expect(TokenInspection(of: "hello", with: keys).format == .unknown)
    let uuid = TokenInspection(of: "8e8068beaa2748938b55b195905fbc8f", with: keys)
    #expect(uuid.format == .uuid && uuid.makers.map(\.version).contains("13.0.0"))
    #expect(!uuid.makers.map(\.version).contains("14.0.0"))
  }

  @Test func `a receipt is told from a token`() throws {
    let receipt = Receipt(
      userID: "8e8068beaa2748938b55b195905fbc8f", methods: ["password"],
      expiresAt: UTCTime(seconds: 1_500_000_300), issuedAt: UTCTime(seconds: 1_500_000_000))
    let text = try receipt.sealed(
      FernetPayload(.newest), key: Self.key, iv: Array(0xA0...0xAF))
    // The published vector.
    #expect(
      text == "gAAAAABZaC8AoKGio6SlpqeoqaqrrK2ur0vxirpaL-oBc4nPtozNVA8SDsSd8XfYxdwgapQt8AexDq75_6"
        + "VXRkl-0nydvgEmNcMXzIFY7MKXGlacqh3Z9cE")
    let inspection = TokenInspection(of: text, with: Self.keys)
    #expect(inspection.format == .receipt && inspection.receipt == receipt)
    #expect(inspection.makers.first?.version == "15.0.0")
  }

  @Test func `JWS and PKI tokens are told`() throws {
    var generator = SeededGenerator(seed: 6, stream: "jws")
    var keys = Self.keys
    keys.jws = JWSKeys.setup(nodes: 1, using: &generator)[0]
    keys.signer = .standard
    let token = try #require(TokenInspection(of: Self.bin, with: Self.keys).payload)
    let jws = TokenInspection(
      of: try JWSToken(.newest).seal(token, keys: keys.jws!), with: keys)
    #expect(jws.format == .jws(.es256) && jws.payload == token)
    #expect(jws.makers.map(\.version).first == "15.0.0")
    #expect(jws.readings.first { $0.release.number == 14 }?.outcome == .noProvider)
    #expect(jws.readings.first { $0.release.number == 29 }?.outcome == .same)

    for packed in [false, true] {
      let pki = TokenInspection(
        of: PKIToken.seal(Array("{}".utf8), packed: packed, signer: .standard), with: keys)
      #expect(pki.format == (packed ? .pkiz : .pki))
      #expect(pki.plaintext == Array("{}".utf8) && pki.isSignatureGood == true)
      #expect(pki.makers.map(\.version).last == "10.0.0")
    }
  }
}
