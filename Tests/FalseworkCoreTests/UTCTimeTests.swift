// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import Testing

@Suite struct UTCTimeTests {
  @Test(arguments: [
    (1_500_000_000, "2017-07-14T02:40:00.000000Z"), (0, "1970-01-01T00:00:00.000000Z"),
    (951_782_400, "2000-02-29T00:00:00.000000Z"), (4_107_542_399, "2100-02-28T23:59:59.000000Z"),
    (-1, "1969-12-31T23:59:59.000000Z"),
  ]) func `seconds since the epoch print as Keystone prints them`(seconds: Int64, text: String) {
    #expect(UTCTime(seconds: seconds).iso8601(microseconds: true) == text)
  }

  @Test func `the bytes are those of the text, to the microsecond`() {
    var generator = SeededGenerator(seed: 1, stream: "times")
    for _ in 0..<1_000 {
      // Up to the year 2262, where 64 bits of nanoseconds end.
      let time = UTCTime(nanoseconds: Int64(generator.next() >> 1))
      var bytes = Array("x".utf8)
      time.append(iso8601To: &bytes)
      #expect(String(decoding: bytes, as: UTF8.self) == "x" + time.iso8601(microseconds: true))
    }
    #expect(
      UTCTime(nanoseconds: 1_500_000_000_000_001_999).iso8601(microseconds: true)
        == "2017-07-14T02:40:00.000001Z")
  }

  @Test(
    arguments: [
      (0, 0), (999_999_999, 0), (1_000_000_000, 1), (-1, -1), (-1_000_000_000, -1),
      (-1_000_000_001, -2),
    ] as [(Int64, Int64)]) func `seconds are rounded down, before the epoch too`(
      nanoseconds: Int64, seconds: Int64
    )
  {
    #expect(UTCTime(nanoseconds: nanoseconds).seconds == seconds)
  }
}
