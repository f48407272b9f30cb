// SPDX-License-Identifier: Apache-2.0
import FalseworkCore

/// `slowstart`: a server that was down or in MAINT gets its share little by little (configuration
/// manual, 5.2). It never happens at the start of the process, nor after a drain, nor with
/// algorithms whose maps are made once.
extension Proxy {
  /// HAProxy looks at it once a second, whatever its length.
  mutating func beginRamp(_ server: ServerID, after before: Belief, now: Instant) {
    let index = server.index
    let length = configuration.servers[index].slowstart
    let wasDown =
      before.operational == .stopped || before.operational == .stopping || before.admin.isMaint
    guard length > .zero, wasDown, servers[index].operational == .running,
      !servers[index].admin.isMaint,
      backend(configuration.servers[index].backend).isDynamic
    else { return }
    servers[index].operational = .starting
    servers[index].ramp = 1
    serverTimers.set(ServerTimer.ramp.key(index), to: now + configuration.second)
  }

  /// How much of the slow start is over, in whole hundredths; time counts in whole seconds.
  func rampPercent(_ index: Int, now: Instant) -> Int {
    100 * wholeSeconds(now - servers[index].changedAt)
      / max(1, wholeSeconds(configuration.servers[index].slowstart))
  }

  private func wholeSeconds(_ interval: Interval) -> Int {
    Int(interval.nanoseconds / configuration.second.nanoseconds)
  }

  mutating func rampDue(_ server: ServerID, now: Instant, into effects: inout [Effect]) {
    let index = server.index
    guard servers[index].operational == .starting, !servers[index].admin.isMaint else { return }
    let length = wholeSeconds(configuration.servers[index].slowstart)
    let passed = wholeSeconds(now - servers[index].changedAt)
    if passed >= length {
      servers[index].ramp = 16
      let since = servers[index].changedAt
      change(server, because: nil, now: now, into: &effects) { $0.operational = .running }
      servers[index].changedAt = since
    } else {
      servers[index].ramp = 1 + 16 * passed / length
      serverTimers.set(ServerTimer.ramp.key(index), to: now + configuration.second)
    }
    backends[configuration.servers[index].backend.index].table.invalidate()
    updateTurns(server)
    feed(server, now: now, into: &effects)
  }
}
