// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import FalseworkKeystone

@Suite struct StoredRowTests {
  private func region(_ id: String) -> IdentityStore.Region { .init(id: id) }

  @Test func `rows keep their order through changes and gaps`() {
    var table = Table<IdentityStore.Region>()
    for number in 0..<200 { table.put(region("r\(number)")) }
    for number in 0..<150 { #expect(table.remove("r\(number)")?.id == "r\(number)") }
    #expect(table.remove("r0") == nil)
    table.put(region("new"))
    var changed = region("r160")
    changed.description = "x"
    #expect(table.put(changed)?.description == "")
    #expect(table.map(\.id) == (150..<200).map { "r\($0)" } + ["new"])
    #expect(table["r160"]?.description == "x" && table["r10"] == nil && table.count == 51)
  }

  @Test func `tables are equal by their rows, whatever was in between`() {
    var one = Table<IdentityStore.Region>()
    var other = one
    one.put(region("a"))
    other.put(region("x"))
    other.put(region("a"))
    #expect(one != other)
    _ = other.remove("x")
    #expect(one == other)
  }
}
