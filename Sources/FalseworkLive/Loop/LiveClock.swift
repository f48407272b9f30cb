// SPDX-License-Identifier: Apache-2.0
package import FalseworkCore
import Glibc
import NIOCore

/// The clock of one event loop: monotonic time as instants of the run, and the time of day.
///
/// It is read once for each event that the loop brings, by `tick`; everything that follows from
/// the event shares that reading, so that one cause has one time. Confined to its event loop.
package final class LiveClock: @unchecked Sendable {
  /// The moment of the last event.
  package private(set) var now = Instant.start
  /// The time of day at `Instant.start`, for log lines.
  package private(set) var began: UTCTime

  private var origin: NIODeadline
  private var dayRead = Instant.start
  private var dayAtRead: UTCTime

  /// - Parameter origin: what `Instant.start` is; two clocks of one run share it.
  package init(origin: Origin = .now) {
    self.origin = origin.deadline
    began = origin.day
    dayAtRead = origin.day
    tick()
  }

  /// One moment on both time scales.
  package struct Origin: Sendable {
    let deadline: NIODeadline
    let day: UTCTime

    package static var now: Origin { Origin(deadline: .now(), day: LiveClock.readDay()) }
  }

  /// Makes this moment `Instant.start`. Only before anything holds an instant of this clock.
  package func restart() {
    let origin = Origin.now
    self.origin = origin.deadline
    began = origin.day
    dayRead = .start
    dayAtRead = origin.day
    now = .start
  }

  package func tick() {
    now = Instant(nanoseconds: (NIODeadline.now() - origin).nanoseconds)
  }

  /// The time of day now. The system's clock is asked again once a second, so that a machine that
  /// was suspended or set right is followed.
  package var wall: UTCTime {
    if now - dayRead >= .seconds(1) {
      dayRead = now
      dayAtRead = Self.readDay()
    }
    return dayAtRead + (now - dayRead)
  }

  func deadline(of instant: Instant) -> NIODeadline {
    // A century is never: it keeps the sum from overflowing.
    let century: Int64 = 3_155_760_000_000_000_000
    return origin + .nanoseconds(min(instant.nanoseconds, century))
  }

  private static func readDay() -> UTCTime {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return UTCTime(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
  }
}
