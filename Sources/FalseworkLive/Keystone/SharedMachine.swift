// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
package import FalseworkKeystone
package import NIOCore

/// The cores that the nodes of a cluster share: a `Machine` whose work takes real time, though none
/// of it is computed. Confined to the event loop that all nodes share.
package final class SharedMachine: @unchecked Sendable {
  private var machine: Machine
  private let clock: LiveClock
  private var timer: WakeTimer?
  private var telling = false
  /// Called for each job that is done.
  var done: (Machine.Job) -> Void = { _ in }

  package init(_ machine: Machine, clock: LiveClock, loop: any EventLoop) {
    self.machine = machine
    self.clock = clock
    timer = WakeTimer(loop: loop, clock: clock) { [unowned self] in woke() }
  }

  func begin(_ job: Machine.Job, work: Interval) {
    machine.begin(job, work: work, now: clock.now)
    arm()
  }

  func abandon(_ job: Machine.Job) {
    machine.abandon(job, now: clock.now)
    arm()
  }

  func shutDown() {
    timer?.disarm()
    timer = nil
  }

  private func woke() {
    telling = true
    while let job = machine.popDone(now: clock.now) { done(job) }
    telling = false
    arm()
  }

  private func arm() {
    if !telling { timer?.arm(for: machine.nextWake) }
  }
}
