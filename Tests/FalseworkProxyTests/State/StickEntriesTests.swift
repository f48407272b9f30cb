// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import Testing

@testable import FalseworkProxy

@Suite struct StickEntriesTests {
  private static func entries(size: Int = 2, keepsAll: Bool = false) -> StickEntries {
    StickEntries(
      .init(
        kind: .address(isIPv6: false), size: size, expire: .seconds(10),
        figures: [
          .init(figure: .httpRequestCount), .init(figure: .httpRequestRate, period: .seconds(10)),
        ], keepsAll: keepsAll))
  }

  @Test func `a full table gives up the entry that would end first`() {
    var entries = Self.entries()
    for key in 1...3 {
      entries.store(
        .address(UInt32(key)), server: ServerID(key), now: .start + .seconds(Int64(key)))
    }
    #expect(entries.sorted(now: .start + .seconds(3)).map(\.key) == [.address(2), .address(3)])
  }

  @Test func `unless it is not to forget any`() {
    var entries = Self.entries(keepsAll: true)
    for key in 1...3 {
      entries.store(.address(UInt32(key)), server: ServerID(key), now: .start)
    }
    #expect(entries.sorted(now: .start).map(\.key) == [.address(1), .address(2)])
    entries.store(.address(9), server: ServerID(9), now: .start + .seconds(10))
    #expect(entries.sorted(now: .start + .seconds(10)).map(\.key) == [.address(9)])
  }

  @Test(arguments: [(0, 4), (9_999, 4), (10_000, 4), (15_000, 2), (19_999, 0), (20_000, 0)])
  func `a rate forgets the period before bit by bit`(milliseconds: Int64, expected: Int) {
    var entries = Self.entries()
    let key = StickKey.address(1)
    for _ in 0..<4 { entries.count(key, [.httpRequestRate, .httpRequestCount], now: .start) }
    // The entry itself lives on for the look.
    let now = Instant.start + .milliseconds(milliseconds)
    entries.change(key, now: .start + .seconds(9)) { _ in }
    #expect(
      entries.value(.httpRequestRate, of: key, now: min(now, .start + .seconds(18))) ?? -1
        == (milliseconds > 18_000 ? 0 : expected))
    #expect(entries.value(.httpErrorRate, of: key, now: now) == nil)
  }

  @Test(
    arguments: [
      (Sample.Value.text(Array("1.2.3.4".utf8)), StickKey.address(0x0102_0304)),
      (.address(5), .address(5)), (.text(Array("x".utf8)), nil), (.number(1), nil),
    ] as [(Sample.Value, StickKey?)])
  func `a key is of the table's kind`(value: Sample.Value, key: StickKey?) {
    #expect(Self.entries().key(value) == key)
  }
}
