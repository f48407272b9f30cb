// SPDX-License-Identifier: Apache-2.0
package import FalseworkCore

/// What an administrator does to servers over the runtime API, and what follows from any change of a
/// server's state, whoever made it.
extension Proxy {
  package enum AdminOrder: String, CaseIterable, Equatable, Sendable {
    case ready, drain, maint
  }

  /// `set server … state`. READY ends both MAINT and DRAIN.
  package mutating func setState(
    _ server: ServerID, _ order: AdminOrder, now: Instant, into effects: inout [Effect]
  ) {
    let (rise, fall) = (
      configuration.servers[server.index].rise, configuration.servers[server.index].fall
    )
    let initial = configuration.servers[server.index].initialState
    let before = servers[server.index].admin
    change(server, because: nil, now: now, into: &effects) {
      switch order {
      case .ready: $0.admin.subtract([.forcedMaint, .forcedDrain])
      case .drain:
        $0.admin.remove(.forcedMaint)
        $0.admin.insert(.forcedDrain)
      case .maint:
        // HAProxy forgets the health, and counts a server that was up as gone down.
        $0.admin.remove(.forcedDrain)
        $0.admin.insert(.forcedMaint)
        $0.health = 0
        $0.operational = .stopped
      }
      // Nobody looked at it meanwhile: it counts as up until the next check says otherwise.
      if before.isMaint, !$0.admin.isMaint {
        $0.health = $0.checking ? rise : 0
        $0.operational = .running
        if let initial, $0.checking {
          $0.health = initial.health(rise: rise, fall: fall)
          $0.operational = initial.isUp ? .running : .stopped
        }
      }
    }
    guard order == .maint, !before.isMaint else { return }
    cancelCheck(server, now: now, into: &effects)
    closeIdle(server, servers[server.index].idle.count, into: &effects)
  }

  /// `set server … weight`, already resolved to 0 … 256.
  package mutating func setWeight(
    _ server: ServerID, _ weight: Int, now: Instant, into effects: inout [Effect]
  ) {
    precondition((0...256).contains(weight), "a weight out of range: \(weight)")
    change(server, because: nil, now: now, into: &effects) { $0.weight = weight }
  }

  package enum HealthOrder: String, CaseIterable, Equatable, Sendable {
    case up, stopping, down
  }

  /// `set server … health`: the next real checks override it.
  package mutating func setHealth(
    _ server: ServerID, _ order: HealthOrder, now: Instant, into effects: inout [Effect]
  ) {
    let configured = configuration.servers[server.index]
    change(server, because: nil, now: now, into: &effects) {
      switch order {
      case .up:
        $0.health = configured.rise + configured.fall - 1
        if !$0.admin.isMaint { $0.operational = .running }
      case .stopping:
        $0.health = configured.rise + configured.fall - 1
        if !$0.admin.isMaint { $0.operational = .stopping }
      case .down:
        $0.health = 0
        $0.operational = .stopped
      }
    }
  }

  /// `enable health`, `disable health`.
  package mutating func setChecking(
    _ server: ServerID, _ checking: Bool, now: Instant, into effects: inout [Effect]
  ) {
    guard servers[server.index].checking != checking else { return }
    let rise = configuration.servers[server.index].rise
    change(server, because: nil, now: now, into: &effects) {
      $0.checking = checking
      // What was told to be up meanwhile is one failure from down at the least.
      if checking, !$0.admin.isMaint, $0.operational != .stopped {
        $0.health = max($0.health, rise)
      }
    }
    if !checking { cancelCheck(server, now: now, into: &effects) }
  }

  /// `set server … addr`: connections that are open stay where they are.
  package mutating func setAddress(_ server: ServerID, host: String, port: Int) {
    servers[server.index].host = host
    servers[server.index].port = port
  }

  package mutating func setMaxconn(
    _ server: ServerID, _ maxconn: Int, now: Instant, into effects: inout [Effect]
  ) {
    servers[server.index].maxconn = maxconn
    feed(server, now: now, into: &effects)
  }

  package mutating func setMaxconn(
    _ frontend: FrontendID, _ maxconn: Int, into effects: inout [Effect]
  ) {
    frontendMaxconn[frontend.index] = maxconn
    if paused[frontend.index], frontends[frontend.index].current < maxconn {
      paused[frontend.index] = false
      effects.append(.resume(frontend))
    }
  }

  package mutating func setMaxconn(_ maxconn: Int) {
    self.maxconn = maxconn
  }

  /// `shutdown sessions server`: what is in flight there ends now.
  package mutating func shutdownSessions(
    _ server: ServerID, now: Instant, into effects: inout [Effect]
  ) {
    endSessions(server, UInt8(ascii: "K"), now: now, into: &effects)
  }

  /// What is in flight at a server ends: 502 where nothing was answered yet.
  ///
  /// - Parameter cause: who ends it: `D` the server that went down, `U` the active one that came
  ///   back, `K` an administrator.
  private mutating func endSessions(
    _ server: ServerID, _ cause: UInt8, now: Instant, into effects: inout [Effect]
  ) {
    func ended(_ stage: Character) -> Termination {
      Termination(cause: cause, stage: stage.asciiValue!)
    }
    let concerned = clients.indices.filter { clients[$0].server == server }
    // The youngest first, as HAProxy's list has them.
    for index in concerned.sorted(by: { clients[$0].chosenAt > clients[$1].chosenAt }) {
      switch clients[index].stage {
      case .responding, .tunnel: abort(index, ended("D"), now: now, into: &effects)
      case .awaiting:
        countResponseError(index)
        fail(index, .badGateway, ended("H"), now: now, into: &effects)
      case .connecting, .pausing: fail(index, .unavailable, ended("C"), now: now, into: &effects)
      case .tarpit: break
      case .idle, .reading, .queued: continue
      }
    }
  }

  package mutating func clearCounters(all: Bool) {
    func clear(_ counters: inout TrafficCounters) {
      if all { counters.clearAll() } else { counters.clearMaxima() }
    }
    for index in frontends.indices { clear(&frontends[index]) }
    for index in backends.indices { clear(&backends[index].traffic) }
    for index in servers.indices {
      clear(&servers[index].traffic)
      if all {
        servers[index].failedChecks = 0
        servers[index].timesDown = 0
      }
    }
  }

  package mutating func clearStickTable(_ backend: BackendID) {
    backends[backend.index].stickTable?.clear()
  }

  // MARK: What follows from a change

  /// The one way in which a server's state changes: what it is believed to be, the counts of its backend,
  /// log lines, waiting requests.
  mutating func change(
    _ server: ServerID, because report: CheckReport?, now: Instant,
    into effects: inout [Effect], _ body: (inout ServerState) -> Void
  ) {
    let index = server.index
    let configured = configuration.servers[index]
    let before = servers[index].belief(configured)
    body(&servers[index])
    beginRamp(server, after: before, now: now)
    let after = servers[index].belief(configured)
    guard before != after else { return }
    effects.append(.believed(server, after))
    let wasDown = before.operational == .stopped || before.admin.isMaint
    let isDown = after.operational == .stopped || after.admin.isMaint
    if before.operational != after.operational || before.admin != after.admin {
      if wasDown {
        servers[index].downtime = servers[index].downtime + (now - servers[index].changedAt)
      }
      servers[index].changedAt = now
      if !wasDown, isDown, before.operational != after.operational {
        servers[index].timesDown += 1
      }
    }
    recount(configured.backend, now: now)
    updateTurns(server)
    let moved =
      before.isUsable && !after.isUsable ? redistribute(server, now: now, into: &effects) : 0
    notice(server, before, after, because: report, moved: moved, into: &effects)
    if !wasDown, isDown, configured.endsSessionsWhenDown {
      endSessions(server, UInt8(ascii: "D"), now: now, into: &effects)
    }
    followTracked(server, now: now, into: &effects)
    guard !before.isUsable, after.isUsable else { return }
    rejoin(server)
    if wasDown, configured.endsBackupSessionsWhenUp, !configured.backup {
      for other in backend(configured.backend).servers where configuration.servers[other].backup {
        endSessions(ServerID(other), UInt8(ascii: "U"), now: now, into: &effects)
      }
    }
    feed(server, now: now, into: &effects)
  }

  private mutating func recount(_ id: BackendID, now: Instant) {
    backends[id.index].table.invalidate()
    let usable = usableCount(id)
    let before = backends[id.index].usable
    backends[id.index].usable = usable
    guard (usable > 0) != (before > 0) else { return }
    if usable > 0 {
      backends[id.index].downtime =
        backends[id.index].downtime + (now - backends[id.index].changedAt)
    } else {
      backends[id.index].timesDown += 1
    }
    backends[id.index].changedAt = now
  }

  /// The lines that HAProxy 2.6 logs.
  private func notice(
    _ server: ServerID, _ before: Belief, _ after: Belief, because report: CheckReport?,
    moved: Int, into effects: inout [Effect]
  ) {
    guard before.admin != after.admin || before.operational != after.operational else { return }
    let configured = configuration.servers[server.index]
    let name =
      "\(configured.backup ? "Backup " : "")Server \(configuration.fullName(server))"
    let backend = configured.backend
    let via = configured.track.map { " via \(configuration.fullName($0))" } ?? ""
    let reason = changeReason(server, report, via)
    let isInherited = after.admin != before.admin && !via.isEmpty && isInherited(before, after)
    let viaAdmin = isInherited ? via : ""
    let active = activeCount(backend, backup: false)
    let backups = activeCount(backend, backup: true)
    let queued = backends[backend.index].traffic.queued
    let running = active == 0 && backups > 0 ? " Running on backup." : ""
    let left =
      "\(active) active and \(backups) backup servers left.\(running) "
      + "\(servers[server.index].served) sessions active, \(moved) requeued, \(queued) remaining in queue."
    let online =
      "\(active) active and \(backups) backup servers online.\(running) "
      + "0 sessions requeued, \(queued) total in queue."
    let loss: Notice.Level = before.admin.isDrain ? .notice : .alert
    func add(_ level: Notice.Level, _ text: String) {
      effects.append(.noticed(Notice(level: level, text: text)))
    }
    if !before.admin.isMaint, after.admin.isMaint {
      before.operational == .stopped
        ? add(.notice, "\(name) was DOWN and now enters maintenance.")
        : add(loss, "\(name) is going DOWN for maintenance\(viaAdmin). \(left)")
    } else if before.admin.isMaint, !after.admin.isMaint {
      let state = after.admin.isDrain ? "DRAIN" : "READY"
      add(.notice, "\(name) is UP/\(state) (leaving \(isInherited ? "" : "forced ")maintenance).")
      if after.admin.isDrain { add(.notice, "\(name) remains in forced drain mode.") }
    } else if !before.admin.isDrain, after.admin.isDrain {
      add(.notice, "\(name) enters drain state\(viaAdmin). \(online)")
    } else if before.admin.isDrain, !after.admin.isDrain {
      add(.notice, "\(name) is UP (leaving forced drain).")
    } else if after.operational == .stopped {
      add(loss, "\(name) is DOWN\(reason). \(left)")
    } else if before.operational == .starting {
      add(.notice, "\(name) is UP. \(online)")
    } else if after.operational == .stopping {
      add(
        .notice, "\(name) is stopping\(reason). \(online)")
    } else {
      add(.notice, "\(name) is UP\(reason). \(online)")
    }
    if before.isUsable, !after.isUsable, backends[backend.index].usable == 0 {
      add(.emergency, "backend \(self.backend(backend).name) has no server available!")
    }
  }

  /// What stands behind "is DOWN" and "is UP".
  private func changeReason(
    _ server: ServerID, _ report: CheckReport?, _ via: String
  ) -> String {
    guard let report else { return via.isEmpty ? ", changed from CLI" : via }
    // With `option log-health-checks` a line of its own has said it.
    return backend(configuration.servers[server.index].backend).logsChecks
      ? "" : Self.wording(report)
  }

  private func isInherited(_ before: Belief, _ after: Belief) -> Bool {
    let inherited: AdminState = [.inheritedMaint, .inheritedDrain]
    return before.admin.subtracting(inherited) == after.admin.subtracting(inherited)
  }

  private func activeCount(_ id: BackendID, backup: Bool) -> Int {
    backend(id).servers.reduce(0) {
      $0 + (servers[$1].isUsable && configuration.servers[$1].backup == backup ? 1 : 0)
    }
  }

  /// `, reason: Layer4 connection problem, info: "Connection refused", check duration: 0ms`
  static func wording(_ report: CheckReport) -> String {
    var text = ", reason: \(report.status.wording)"
    if report.code != 0 { text += ", code: \(report.code)" }
    if !report.detail.isEmpty { text += ", info: \"\(report.detail)\"" }
    if report.status == .observed { return text }
    return text + ", check duration: \(report.duration.milliseconds)ms"
  }
}
