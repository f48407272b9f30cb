// SPDX-License-Identifier: Apache-2.0
import FalseworkKeystone
import Testing

@Suite struct ReleaseTests {
  @Test(arguments: [
    ("newton", 10), ("Newton", 10), ("2016.2", 10), ("10", 10), ("10.0.3", 10), ("ocata", 11),
    ("2023.1", 23), ("23", 23), ("23.0.1", 23), ("2026.2", 30), ("30", 30), ("30.0.0", 30),
    ("kilo", 7),
    ("2015.1", 7),
  ]) func `a release is named by code name, series or version`(name: String, number: Int) {
    #expect(Release(named: name)?.number == number)
  }

  @Test(arguments: ["", "icehouse", "7.0.0", "31", "2027.1", "0", "x.1"])
  func `no other name is one`(name: String) {
    #expect(Release(named: name) == nil)
  }

  @Test func `they are in order, each after the other`() {
    #expect(Release.all.map(\.number) == Array(7...30))
    #expect(Release.all == Release.all.sorted())
    #expect(Release.newest.number == 30)
    #expect(Set(Release.all.map(\.name)).count == 24 && Set(Release.all.map(\.series)).count == 24)
  }

  /// What changed with which release: number, payload versions read, methods, providers.
  @Test(arguments: [
    (7, 4, 4, 2), (8, 6, 4, 2), (9, 7, 4, 2), (10, 7, 4, 2), (11, 7, 5, 2), (12, 7, 5, 2),
    (13, 9, 6, 2),
    (14, 9, 6, 1), (22, 9, 6, 1), (23, 10, 6, 1), (29, 10, 6, 1), (30, 10, 7, 1),
  ]) func `a release reads, offers and provides what it did`(
    number: Int, highest: Int, methods: Int, providers: Int
  ) throws {
    let release = try #require(Release.all.first { $0.number == number })
    #expect(release.fernetVersions == 0...highest)
    #expect(release.authMethods.count == methods)
    #expect(release.authMethods.prefix(4) == ["external", "password", "token", "oauth1"])
    #expect(release.providers.count == providers && release.providers.contains(.fernet))
    #expect(release.defaultProvider == (number < 11 ? .uuid : .fernet))
  }

  @Test func `each ability came or went with one release`() {
    func first(_ has: (Release) -> Bool) -> Int? { Release.all.first(where: has)?.number }
    #expect(first(\.hasHealthcheck) == 11)
    #expect(first(\.hasPasswordExpiry) == 11)
    #expect(first(\.hasAllowExpired) == 11)
    #expect(first(\.hasSystemScope) == 13)
    #expect(first { !$0.listsVersion2 } == 14)
    #expect(first(\.usesFlask) == 15)
    #expect(first { $0.messagePackDialect == .bin } == 15)
    #expect(first(\.revokesChains) == 30)
  }
}
