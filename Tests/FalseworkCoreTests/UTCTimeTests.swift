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
}
