// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import FalseworkLoad

@Suite struct LocustValueTests {
  /// What msgpack-python 1.1 writes.
  @Test(arguments: [
    (
      LocustValue.list([.text("client_ready"), .integer(-1), .text("a")]),
      "93ac636c69656e745f7265616479ffa161"
    ),
    (.list([.text("quit"), .nil, .text("a")]), "93a471756974c0a161"),
    (
      .list([.text("ack"), .object(["index": .integer(0)]), .text("a")]),
      "93a361636b81a5696e64657800a161"
    ),
    (.double(0.5), "cb3fe0000000000000"), (.bool(true), "c3"), (.integer(-32), "e0"),
  ]) func `what Locust writes is read, and written the same`(value: LocustValue, hex: String) {
    let bytes = Self.bytes(hex)
    #expect(LocustValue(bytes) == value)
    #expect(value.bytes == bytes)
  }

  @Test(arguments: [0, 15, 16, 31, 32, 255, 256, 65_535, 65_536])
  func `texts, lists and maps of any length come back`(count: Int) {
    let values = [
      LocustValue.text(String(repeating: "x", count: count)),
      .list(Array(repeating: .nil, count: count)),
      .map((0..<count).map { .init(.integer(Int64($0)), .bool(false)) }),
    ]
    for value in values { #expect(LocustValue(value.bytes) == value) }
  }

  @Test(arguments: [0, -1, 127, 128, -33, 255, 65_536, Int64.max, Int64.min])
  func `numbers of any size come back`(number: Int64) {
    #expect(LocustValue(LocustValue.integer(number).bytes) == .integer(number))
  }

  @Test(arguments: ["", "93", "a361", "c1", "cb00", "93c0c0", "dfffffffff", "ddffffffff", "c0c0"])
  func `what is cut, lies about its length or goes on is no value`(hex: String) {
    #expect(LocustValue(Self.bytes(hex)) == nil)
  }

  @Test func `nesting has an end`() {
    #expect(LocustValue([UInt8](repeating: 0x91, count: 10_000) + [0xC0]) == nil)
  }

  private static func bytes(_ hex: String) -> [UInt8] {
    let digits = Array(hex)
    return stride(from: 0, to: digits.count, by: 2).map {
      UInt8(String(digits[$0...($0 + 1)]), radix: 16)!
    }
  }
}
