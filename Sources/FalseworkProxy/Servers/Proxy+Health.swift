// SPDX-License-Identifier: Apache-2.0
package import FalseworkCore

/// Health checks: when a server is looked at, and what the answer makes of it.
///
/// The counter runs from 0 to rise + fall − 1, and a server is up from `rise` on. A pass adds one, and
/// from `rise` on jumps to the top; a failure takes one, and below `rise` drops to 0. A server that starts,
/// or leaves MAINT, stands at `rise`: up, and one failure from down. The next check comes one
/// interval after the end of the last (configuration manual, 5.2 "inter").
extension Proxy {
  /// First checks are spread: the k-th of all n checked servers, whatever its backend, is looked at
  /// after k/n of its interval.
  mutating func spreadChecks(now: Instant) {
    let checked = servers.indices.filter { configuration.servers[$0].checked }
    for (place, index) in checked.enumerated() {
      let inter = configuration.servers[index].inter.nanoseconds
      serverTimers.set(
        ServerTimer.check.key(index),
        to: now + Interval(nanoseconds: inter / Int64(checked.count) * Int64(place)))
    }
  }

  /// A check is due, or the one under way has taken too long.
  mutating func checkDue(_ server: ServerID, now: Instant, into effects: inout [Effect]) {
    let index = server.index
    if servers[index].check != nil {
      let status: CheckStatus =
        servers[index].checkConnected ? .answerTimeout : .connectTimeout
      return endCheck(server, status, code: 0, detail: "", now: now, into: &effects)
    }
    // In MAINT the clock goes on and nobody looks: after it the next tick is anywhere in an interval.
    guard servers[index].checking, !servers[index].admin.isMaint else {
      return serverTimers.set(
        ServerTimer.check.key(index), to: now + configuration.servers[index].inter)
    }
    servers[index].checkNumber += 1
    let check = CheckID(server: server, number: servers[index].checkNumber)
    servers[index].check = check
    servers[index].checkConnected = false
    servers[index].checkBegan = now
    serverTimers.set(ServerTimer.check.key(index), to: now + connectBound(index))
    effects.append(.check(check))
  }

  /// Without `timeout check`, `inter` bounds connection and answer together.
  private func connectBound(_ index: Int) -> Interval {
    let server = configuration.servers[index]
    let backend = backend(server.backend)
    return backend.checkTimeout == nil ? server.inter : min(server.inter, backend.connectTimeout)
  }

  /// A check's connection is up. Without `option httpchk` that is all that was asked.
  package mutating func checkConnected(
    _ check: CheckID, now: Instant, into effects: inout [Effect]
  ) {
    guard servers[check.server.index].check == check else { return }
    let server = configuration.servers[check.server.index]
    let backend = backend(server.backend)
    guard backend.check != nil else {
      let status = server.checksOverTLS ? CheckStatus.secured : .connected
      return endCheck(check.server, status, code: 0, detail: "", now: now, into: &effects)
    }
    servers[check.server.index].checkConnected = true
    guard let timeout = backend.checkTimeout else { return }
    // HAProxy 2.6 does not keep a `timeout check` that is shorter than `inter`.
    let inter = configuration.servers[check.server.index].inter
    serverTimers.set(ServerTimer.check.key(check.server.index), to: now + max(timeout, inter))
  }

  /// - Parameter reason: the words of the status line.
  package mutating func checkAnswered(
    _ check: CheckID, status: Int, reason: String = "", now: Instant,
    into effects: inout [Effect]
  ) {
    guard servers[check.server.index].check == check else { return }
    let index = check.server.index
    let backend = backend(configuration.servers[index].backend)
    let good = backend.expect?.accepts(status) ?? (200..<400).contains(status)
    let verdict: CheckStatus =
      if backend.stopsOn404, status == 404, servers[index].operational != .stopped {
        .conditionallyPassed
      } else {
        good ? .passed : .wrongStatus
      }
    endCheck(
      check.server, verdict, code: status, detail: verdict == .wrongStatus ? reason : "",
      now: now, into: &effects)
  }

  package mutating func checkFailed(
    _ check: CheckID, _ why: ConnectFailure, now: Instant, into effects: inout [Effect]
  ) {
    guard servers[check.server.index].check == check else { return }
    let detail =
      switch why {
      case .refused: "Connection refused"
      case .unreachable: "No route to host"
      case .handshake: "SSL handshake failure"
      case .resources: "Cannot assign requested address"
      }
    let status = why == .handshake ? CheckStatus.handshakeFailed : .connectFailed
    endCheck(check.server, status, code: 0, detail: detail, now: now, into: &effects)
  }

  /// The server ended the check's connection without an answer, or answered what is no HTTP.
  package mutating func checkBroken(
    _ check: CheckID, now: Instant, into effects: inout [Effect]
  ) {
    guard servers[check.server.index].check == check else { return }
    endCheck(check.server, .invalidAnswer, code: 0, detail: "", now: now, into: &effects)
  }

  private mutating func endCheck(
    _ server: ServerID, _ status: CheckStatus, code: Int, detail: String, now: Instant,
    into effects: inout [Effect]
  ) {
    let index = server.index
    guard let check = servers[index].check.take() else { return }
    effects.append(.endCheck(check))
    let report = CheckReport(
      status: status, code: code, duration: now - servers[index].checkBegan, detail: detail)
    let last = servers[index].report?.status
    let health = servers[index].health
    servers[index].report = report
    let place = effects.count
    count(server, because: report, now: now, into: &effects)
    // Said before what follows from it.
    if last != status || health != servers[index].health,
      let notice = checkNotice(server, report)
    {
      effects.insert(.noticed(notice), at: place)
    }
    serverTimers.set(ServerTimer.check.key(index), to: now + nextInterval(index))
  }

  private func nextInterval(_ index: Int) -> Interval {
    let server = configuration.servers[index]
    let health = servers[index].health
    if health == server.rise + server.fall - 1 { return server.inter }
    if health == 0 { return server.downinter ?? server.inter }
    return server.fastinter ?? server.inter
  }

  mutating func count(
    _ server: ServerID, because report: CheckReport, now: Instant, into effects: inout [Effect]
  ) {
    let configured = configuration.servers[server.index]
    let top = configured.rise + configured.fall - 1
    let health = servers[server.index].health
    guard report.status.hasPassed else {
      if health >= configured.rise { servers[server.index].failedChecks += 1 }
      guard health > 0 else { return }
      return change(server, because: report, now: now, into: &effects) {
        $0.health = health > configured.rise ? health - 1 : 0
        if $0.health == 0 { $0.operational = .stopped }
      }
    }
    servers[server.index].errorsInRow = 0
    change(server, because: report, now: now, into: &effects) {
      $0.health = health + 1 < configured.rise ? health + 1 : top
      if $0.health == top {
        if health < configured.rise { $0.operational = .running }
        // A 404 takes it out of the balance, and the next good answer brings it back.
        if report.status == .conditionallyPassed {
          $0.operational = .stopping
        } else if $0.operational == .stopping {
          $0.operational = .running
        }
      }
    }
  }

  /// `option log-health-checks`: a line for each check that changed something.
  private func checkNotice(_ server: ServerID, _ report: CheckReport) -> Notice? {
    let configured = configuration.servers[server.index]
    guard backend(configured.backend).logsChecks else { return nil }
    let (health, weight) = (servers[server.index].health, servers[server.index].weight)
    let isUp = health >= configured.rise
    let verdict =
      (report.status == .conditionallyPassed ? "conditionally " : "")
      + (report.status.hasPassed ? "succeeded" : "failed")
    let standing =
      isUp
      ? "\(health - configured.rise + 1)/\(configured.fall) \(weight > 0 ? "UP" : "DRAIN")"
      : "\(health)/\(configured.rise) DOWN"
    let name =
      "\(configured.backup ? "backup " : "")server \(configuration.fullName(server))"
    return Notice(
      level: .notice,
      text: "Health check for \(name) \(verdict)\(Self.wording(report)), status: \(standing).")
  }

  /// Stops the check under way; its answer will not count.
  mutating func cancelCheck(_ server: ServerID, now: Instant, into effects: inout [Effect]) {
    guard let check = servers[server.index].check.take() else { return }
    effects.append(.endCheck(check))
    serverTimers.set(
      ServerTimer.check.key(server.index), to: now + configuration.servers[server.index].inter)
  }
}
