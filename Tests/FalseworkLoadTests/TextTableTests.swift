// SPDX-License-Identifier: Apache-2.0
import FalseworkHTTP
import Testing

@testable import FalseworkLoad

struct TextTableTests {
  @Test func `the text of a range is what it says, however often it is asked for`() {
    var table = TextTable()
    let bytes = Array("keystone1,keystone2".utf8)
    for _ in 0..<3 {
      #expect(table.text(bytes.span, 0..<9) == "keystone1")
      #expect(table.text(bytes.span, 10..<19) == "keystone2")
    }
  }

  @Test func `beyond its limit it still tells, and keeps no more`() {
    var table = TextTable()
    for index in 0..<1_000 {
      let bytes = Array("server \(index)".utf8)
      #expect(table.text(bytes.span, 0..<bytes.count) == "server \(index)")
    }
  }
}
