// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import FalseworkReport

@Suite struct MarkedSectionTests {
  private static let page = "# A\n<!-- begin x -->\nold\n<!-- end x -->\nrest\n"

  @Test func `what stands between the marks is replaced, and nothing else`() {
    let section = MarkedSection(name: "x")
    let once = section.replaced(in: Self.page, by: "new\n")
    #expect(once == "# A\n<!-- begin x -->\n\nnew\n\n<!-- end x -->\nrest\n")
    #expect(once.flatMap { section.replaced(in: $0, by: "new\n") } == once)
  }

  @Test(arguments: ["y", ""]) func `a page without the marks has no such section`(name: String) {
    #expect(MarkedSection(name: name).replaced(in: Self.page, by: "") == nil)
  }
}
