// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import Testing

@Suite struct IntervalTests {
  @Test(arguments: [
    ("500ms", Interval.milliseconds(500)), ("12s", .seconds(12)), ("5m", .seconds(300)),
    ("2h", .seconds(7200)), ("1d", .seconds(86400)), ("250us", .microseconds(250)),
    ("0s", .zero),
  ]) func `a duration is read as HAProxy writes it, and printed back`(
    text: String, value: Interval
  ) throws {
    #expect(try Interval(parsing: text) == value)
    #expect(value.description == text)
  }

  @Test(arguments: [
    ("", Interval.SyntaxError.empty), ("ms", .notANumber), ("-1s", .notANumber),
    ("1.5s", .unknownUnit(".5s")), ("5", .missingUnit), ("3fortnights", .unknownUnit("fortnights")),
    ("1m30s", .compound), ("99999999999999999999s", .overflow), ("9999999999999d", .overflow),
  ]) func `what is no duration says why`(text: String, error: Interval.SyntaxError) {
    #expect(throws: error) { try Interval(parsing: text) }
  }

  @Test func `a bare number takes the unit that the place gives it`() throws {
    #expect(try Interval(parsing: "12000", bareUnit: .milliseconds(1)) == .seconds(12))
  }

  @Test func `fixed decimals round half away from zero`() {
    #expect(Interval.microseconds(1_234_500).secondsText(decimals: 3) == "1.235")
    #expect(Interval.nanoseconds(-1_500_000).millisecondsText(decimals: 0) == "-2")
    #expect(Interval.milliseconds(7).secondsText(decimals: 2) == "0.01")
  }

  @Test func `never stays never`() {
    #expect(Instant.never + .seconds(1) == .never)
    #expect(Instant.start + .forever == .never)
  }
}
