// SPDX-License-Identifier: Apache-2.0

/// A moment of a run: nanoseconds since the run began, on the clock of the world that runs it.
///
/// The simulated world jumps it to the next deadline; the live world reads the monotonic clock.
/// Components only compare and add, so they cannot tell which of the two they are in. They do it many
/// times a request: hence inlinable, which in a `package` type takes `@usableFromInline`.
@usableFromInline package struct Instant: Hashable, Comparable, Sendable {
  @usableFromInline package var nanoseconds: Int64

  @inlinable package init(nanoseconds: Int64) {
    self.nanoseconds = nanoseconds
  }

  @usableFromInline package static let start = Instant(nanoseconds: 0)
  /// Later than every moment of every run: the deadline of what waits for nothing.
  @usableFromInline package static let never = Instant(nanoseconds: .max)

  @inlinable package static func < (a: Instant, b: Instant) -> Bool {
    a.nanoseconds < b.nanoseconds
  }

  /// Saturates at `never`, so that "now plus forever" is never.
  @inlinable package static func + (instant: Instant, interval: Interval) -> Instant {
    let (sum, overflow) = instant.nanoseconds.addingReportingOverflow(interval.nanoseconds)
    return Instant(nanoseconds: overflow ? .max : sum)
  }

  @inlinable package static func - (instant: Instant, interval: Interval) -> Instant {
    Instant(nanoseconds: instant.nanoseconds - interval.nanoseconds)
  }

  @inlinable package static func - (end: Instant, start: Instant) -> Interval {
    Interval(nanoseconds: end.nanoseconds - start.nanoseconds)
  }
}

/// A span of time in nanoseconds. It may be negative, as the difference of two instants.
@usableFromInline package struct Interval: Hashable, Comparable, Sendable {
  @usableFromInline package var nanoseconds: Int64

  @inlinable package init(nanoseconds: Int64) {
    self.nanoseconds = nanoseconds
  }

  @usableFromInline package static let zero = Interval(nanoseconds: 0)
  @usableFromInline package static let forever = Interval(nanoseconds: .max)

  @inlinable package static func nanoseconds(_ count: Int64) -> Interval {
    Interval(nanoseconds: count)
  }
  @inlinable package static func microseconds(_ count: Int64) -> Interval { scaled(count, 1_000) }
  @inlinable package static func milliseconds(_ count: Int64) -> Interval {
    scaled(count, 1_000_000)
  }
  @inlinable package static func seconds(_ count: Int64) -> Interval {
    scaled(count, 1_000_000_000)
  }

  @inlinable static func scaled(_ count: Int64, _ unit: Int64) -> Interval {
    let (product, overflow) = count.multipliedReportingOverflow(by: unit)
    return overflow ? .forever : Interval(nanoseconds: product)
  }

  /// Whole milliseconds, cut: what HAProxy logs.
  @inlinable package var milliseconds: Int64 { nanoseconds / 1_000_000 }
  /// For reports only: a decision never rests on it.
  @inlinable package var seconds: Double { Double(nanoseconds) / 1e9 }

  @inlinable package static func < (a: Interval, b: Interval) -> Bool {
    a.nanoseconds < b.nanoseconds
  }
  @inlinable package static func + (a: Interval, b: Interval) -> Interval {
    let (sum, overflow) = a.nanoseconds.addingReportingOverflow(b.nanoseconds)
    return overflow ? .forever : Interval(nanoseconds: sum)
  }
  @inlinable package static func - (a: Interval, b: Interval) -> Interval {
    Interval(nanoseconds: a.nanoseconds - b.nanoseconds)
  }
  @inlinable package static func * (a: Interval, factor: Int64) -> Interval {
    scaled(factor, a.nanoseconds)
  }
  @inlinable package static func / (a: Interval, divisor: Int64) -> Interval {
    Interval(nanoseconds: a.nanoseconds / divisor)
  }
}
