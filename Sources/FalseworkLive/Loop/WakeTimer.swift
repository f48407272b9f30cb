// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import NIOCore

/// One scheduled call on an event loop that stands for every deadline of a component.
///
/// It is moved only when the component's next deadline is earlier than what is armed; a call that
/// comes too early finds nothing due and arms the next. Confined to its event loop.
final class WakeTimer: NIOScheduledCallbackHandler, @unchecked Sendable {
  private let loop: any EventLoop
  private let clock: LiveClock
  private let wake: () -> Void
  private var armed = Instant.never
  private var callback: NIOScheduledCallback?

  /// - Parameter wake: called when the time has come; it arms the timer again. The clock has ticked.
  init(loop: any EventLoop, clock: LiveClock, wake: @escaping () -> Void) {
    self.loop = loop
    self.clock = clock
    self.wake = wake
  }

  func arm(for instant: Instant) {
    guard instant < armed else { return }
    callback?.cancel()
    armed = instant
    do {
      callback = try loop.scheduleCallback(at: clock.deadline(of: instant), handler: self)
    } catch {
      // The loop is shutting down: nothing is due any more.
      callback = nil
    }
  }

  func disarm() {
    callback?.cancel()
    callback = nil
    armed = .never
  }

  func handleScheduledCallback(eventLoop: some EventLoop) {
    callback = nil
    armed = .never
    clock.tick()
    wake()
  }
}
