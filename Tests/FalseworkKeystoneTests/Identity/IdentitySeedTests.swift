// SPDX-License-Identifier: Apache-2.0
import FalseworkKeystone
import Testing

@Suite struct IdentitySeedTests {
  @Test func `ids depend on names alone, and look like UUIDs`() {
    let id = IdentitySeed.id("user", "Default", "admin")
    #expect(id == IdentitySeed.id("user", "Default", "admin"))
    #expect(UUIDText.bytes(of: id) != nil && id.utf8.count == 32)
    #expect(id != IdentitySeed.id("project", "Default", "admin"))
    #expect(id != IdentitySeed.id("user", "Other", "admin"))
  }

  @Test func `only the default domain has a name for an id`() {
    #expect(IdentitySeed.domainID("Default") == "default")
    #expect(UUIDText.bytes(of: IdentitySeed.domainID("other")) != nil)
  }

  @Test func `the standard one is what bootstrap leaves, a demo and a catalog`() {
    let store = IdentityStore(.standard)
    let admin = IdentitySeed.id("user", "Default", "admin")
    #expect(store.roles(of: admin, on: .system).map(\.name).first == "admin")
    #expect(store.roles(of: admin, on: .domain("default")) == [])
    #expect(store.services.map(\.type) == ["identity", "compute", "image", "network"])
    #expect(store.endpoints.count == 12)
    #expect(Set(store.endpoints.map(\.interface)) == ["public", "internal", "admin"])
    #expect(Set(store.endpoints.map(\.id)).count == 12)
  }
}
