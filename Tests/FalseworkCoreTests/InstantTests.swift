// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import Testing

@Suite struct InstantTests {
  @Test func `instants and intervals add and subtract`() {
    let start = Instant(nanoseconds: 500)
    #expect(start + .nanoseconds(250) == Instant(nanoseconds: 750))
    #expect(start - .nanoseconds(750) == Instant(nanoseconds: -250))
    #expect(start - Instant(nanoseconds: 750) == .nanoseconds(-250))
    #expect(Interval.seconds(3) - .milliseconds(500) == .milliseconds(2_500))
    #expect(
      Interval.seconds(3) * 4 == .seconds(12) && Interval.seconds(3) / 2 == .milliseconds(1_500))
  }

  @Test func `units are what they say`() {
    #expect(Interval.seconds(1).nanoseconds == 1_000_000_000)
    #expect(Interval.milliseconds(1).nanoseconds == 1_000_000)
    #expect(Interval.microseconds(1).nanoseconds == 1_000)
    #expect(Interval.microseconds(1_999).milliseconds == 1)
    #expect(Interval.milliseconds(1_500).seconds == 1.5)
  }

  @Test func `what is too long is forever, and then is never`() {
    #expect(Interval.seconds(.max) == .forever)
    #expect(Interval.milliseconds(.max) == .forever)
    #expect(Interval.forever + .nanoseconds(1) == .forever)
    #expect(Interval.seconds(1) * .max == .forever)
    #expect(Instant(nanoseconds: 5) + .forever == .never)
    #expect(Instant.never + .seconds(1) == .never)
    #expect(Instant.start + .forever == .never)
  }

  @Test func `they are in the order of time`() {
    let instants = [Instant(nanoseconds: -1), .start, Instant(nanoseconds: 1), .never]
    #expect(instants == instants.reversed().sorted())
    let intervals: [Interval] = [.nanoseconds(-1), .zero, .nanoseconds(1), .forever]
    #expect(intervals == intervals.reversed().sorted())
  }

  @Test(arguments: [
    (Instant.start, "+0.000000s"), (.never, "never"),
    (Instant(nanoseconds: 1_234_567_890), "+1.234568s"),
  ]) func `an instant prints as seconds of the run`(instant: Instant, text: String) {
    #expect(instant.description == text)
  }
}
