// SPDX-License-Identifier: Apache-2.0
import FalseworkKeystone
import Testing

@Suite struct ReleaseHistoryTests {
  /// Number, highest payload version, methods, providers with the default first.
  @Test(arguments: [
    (7, 4, 4, "uuid pki pkiz fernet"), (8, 6, 4, "uuid pki pkiz fernet"),
    (9, 7, 4, "uuid pki pkiz fernet"), (10, 7, 4, "uuid pki pkiz fernet"),
    (11, 7, 5, "fernet uuid"), (12, 7, 5, "fernet uuid"), (13, 9, 6, "fernet uuid"),
    (14, 9, 6, "fernet"), (15, 9, 6, "fernet jws"), (22, 9, 6, "fernet jws"),
    (23, 10, 6, "fernet jws"), (29, 10, 6, "fernet jws"), (30, 10, 7, "fernet jws"),
  ]) func `a release reads, offers and provides what it did`(
    number: Int, highest: Int, methods: Int, providers: String
  ) throws {
    let release = try #require(Release.all.first { $0.number == number })
    #expect(release.fernetVersions == 0...highest)
    #expect(release.authMethods.count == methods)
    #expect(release.authMethods.prefix(4) == ["external", "password", "token", "oauth1"])
    #expect(release.defaultProvider == release.providers[0])
    #expect(release.providers.map(\.rawValue).joined(separator: " ") == providers)
  }

  @Test func `each ability came or went with one version`() {
    func first(_ has: (Release) -> Bool) -> String? { Release.versions.first(where: has)?.version }
    #expect(first { $0.tokens.packsForeignUserIDs } == "2015.1.2")
    #expect(first { $0.errors.badSubjectStatus == 404 } == "2015.1.2")
    #expect(first { $0.tokens.padding == .strippedUnquoted } == "8.0.0")
    #expect(first { $0.tokens.padding == .stripped } == "12.0.0")
    #expect(first { $0.tokens.checksKeysAtStart } == "10.0.0")
    #expect(first(\.hasHealthcheck) == "11.0.0")
    #expect(first(\.hasPasswordExpiry) == "11.0.0")
    #expect(first(\.hasAllowExpired) == "11.0.0")
    #expect(first { !$0.revocation.onLostRole } == "12.0.0")
    #expect(first(\.hasSystemScope) == "13.0.0")
    #expect(first { !$0.discovery.listsVersion2 } == "14.0.0")
    #expect(first(\.usesFlask) == "15.0.0")
    #expect(first { $0.tokens.messagePack == .from1 } == "18.0.0")
    #expect(first { $0.tokens.retriesRaw } == "18.0.0")
    #expect(first { $0.schema.tool == .alembic } == "22.0.0")
    #expect(first { $0.caching.fillsMissingAttributes } == "24.0.0")
    #expect(first { !$0.passwords.verified.contains(.sha512Crypt) } == "27.0.0")
    #expect(first(\.revokesChains) == "30.0.0")
  }

  @Test func `ids were bare, then in pairs, and bare once more in 8_0_0`() {
    #expect(
      Release.versions.filter { !$0.tokens.pairsIDs }.map(\.version)
        == ["2015.1.0", "2015.1.2", "8.0.0"])
  }

  @Test func `only 23_0_0 cuts passwords at 54 bytes`() {
    for release in Release.versions {
      let cut = release.number < 12 ? nil : release.version == "23.0.0" ? 54 : 72
      #expect(release.passwords.bcryptCut == cut, "\(release.version)")
    }
  }

  @Test func `a release verifies what it writes, and provides what is its default`() {
    for release in Release.versions {
      #expect(release.passwords.verified.contains(release.passwords.written))
      #expect(release.providers.contains(release.defaultProvider))
      #expect(release.tokens.messagePackLibraries.contains(release.tokens.messagePack))
      #expect(release.providers.contains(.jws) != release.tokens.jwsAlgorithms.isEmpty)
    }
  }
}
