// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import FalseworkLoad

@Suite struct ValueTableTests {
  @Test func `a value is what was last set, and lacking before and after`() {
    var table = ValueTable()
    var bytes: [UInt8] = []
    #expect(!table.append(1, to: &bytes))
    table.set(1) { $0.append(contentsOf: "old".utf8) }
    table.set(1) { $0.append(contentsOf: "new".utf8) }
    #expect(table.range(0) == nil)
    #expect(table.append(1, to: &bytes) && bytes == Array("new".utf8))
    table.clear(1)
    #expect(table.range(1) == nil)
  }

  @Test func `appended values have the numbers of their order, lacking ones included`() {
    var table = ValueTable()
    table.append { bytes in
      bytes.append(1)
      return true
    }
    table.append { _ in false }
    table.append { _ in true }
    #expect(table.count == 3)
    #expect([0, 1, 2].map(table.range) == [0..<1, nil, 1..<1])
  }
}
