// SPDX-License-Identifier: Apache-2.0
import FalseworkKeystone
import Testing

@Suite struct ReleaseTests {
  @Test(arguments: [
    ("newton", "10.0.0"), ("Newton", "10.0.0"), ("2016.2", "10.0.0"), ("10", "10.0.0"),
    ("10.0.3", "10.0.0"), ("ocata", "11.0.0"), ("2023.1", "23.0.1"), ("23", "23.0.1"),
    ("23.0.0", "23.0.0"), ("23.0.2", "23.0.1"), ("22.0.0", "22.0.0"), ("zed", "22.0.1"),
    ("8.0.0", "8.0.0"), ("8.1.2", "8.0.1"), ("liberty", "8.0.1"), ("2026.2", "30.0.0"),
    ("30", "30.0.0"), ("30.0.0", "30.0.0"), ("kilo", "2015.1.3"), ("2015.1", "2015.1.3"),
    ("2015.1.0", "2015.1.0"), ("2015.1.1", "2015.1.0"), ("2015.1.4", "2015.1.3"),
  ]) func `a release is named by code name, series or version`(name: String, version: String) {
    #expect(Release(named: name)?.version == version)
  }

  @Test(arguments: [
    "", "icehouse", "7", "7.0.0", "31", "2027.1", "0", "x.1", "2015", "23.", "+23", "-23", "23.0.x",
  ]) func `no other name is one`(name: String) {
    #expect(Release(named: name) == nil)
  }

  @Test func `an unknown name is told what there is, and what is near`() throws {
    #expect(try Release.find("queens") == Release(named: "13")!)
    let error = #expect(throws: UnknownRelease.self) { try Release.find("Quens") }
    let text = "\(try #require(error))"
    #expect(text.hasPrefix("there is no release 'Quens'; did you mean 'queens'? There are kilo ("))
    #expect(text.contains("kilo (2015.1: 2015.1.0, 2015.1.2, 2015.1.3), liberty (2015.2: 8.0.0,"))
    #expect(text.hasSuffix("hibiscus (2026.2: 30.0.0)"))
    let far = #expect(throws: UnknownRelease.self) { try Release.find("folsom-7-x") }
    #expect("\(try #require(far))".hasPrefix("there is no release 'folsom-7-x'. There are kilo ("))
  }

  @Test func `they are in order, each after the other`() {
    #expect(Release.all.map(\.number) == Array(7...30))
    #expect(Release.all == Release.all.sorted())
    #expect(Release.newest.number == 30)
    #expect(Release.versions == Release.versions.sorted())
    #expect(Set(Release.all.map(\.codeName)).count == 24)
    #expect(Set(Release.all.map(\.series)).count == 24)
  }

  @Test(arguments: Release.versions) func `what a release is called finds it again`(
    release: Release
  ) {
    #expect(Release(named: release.name) == release)
    #expect(Release(named: release.version) == release)
  }
}
