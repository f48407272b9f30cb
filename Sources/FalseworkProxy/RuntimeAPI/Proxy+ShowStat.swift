// SPDX-License-Identifier: Apache-2.0
import FalseworkCore

/// `show stat`: a row for each frontend, server and backend, in the order of the configuration.
extension Proxy {
  private struct Filter {
    var iid = -1
    /// Bits: 1 frontends, 2 backends, 4 servers.
    var types = -1
    var sid = -1
    var hidesMaint = false
    var hidesDown = false
    var format = Format.csv

    enum Format: Equatable { case csv, typed, json }

    func takes(_ kind: StatRow.Kind) -> Bool { types & 1 << kind.rawValue != 0 }
  }

  func showStat(_ call: RuntimeCall) throws(RuntimeReply) -> RuntimeReply {
    let filter = try filter(call.arguments)
    let rows = statRows(filter, now: call.now)
    switch filter.format {
    case .csv: return .table(StatRow.header + rows.map(\.csv).joined())
    case .typed: return .table(rows.map(\.typed).joined())
    case .json: return .table("[" + rows.map(\.json).joined(separator: ",") + "]\n")
    }
  }

  /// `[domain proxy] [<proxy> <types> <server>] [no-maint] [up] [typed] [json]`; like HAProxy this
  /// passes over other words.
  private func filter(_ arguments: [String]) throws(RuntimeReply) -> Filter {
    var filter = Filter()
    var rest = arguments[...]
    if rest.first == "domain" {
      guard rest.dropFirst().first == "proxy" else { throw .error("Invalid statistics domain.") }
      rest = rest.dropFirst(2)
    }
    if rest.count >= 3 {
      let name = rest.removeFirst()
      filter.iid = proxyNumber(name) ?? Self.leadingInteger(name)
      guard filter.iid != 0 else { throw .error("No such proxy.") }
      filter.types = Self.leadingInteger(rest.removeFirst())
      filter.sid = Self.leadingInteger(rest.removeFirst())
    }
    for word in rest {
      switch word {
      case "typed": filter.format = .typed
      case "json": filter.format = .json
      case "no-maint": filter.hidesMaint = true
      case "up": filter.hidesDown = true
      default: continue
      }
    }
    return filter
  }

  func rows(up: Bool, noMaint: Bool, now: Instant) -> [StatRow] {
    var filter = Filter()
    filter.hidesDown = up
    filter.hidesMaint = noMaint
    return statRows(filter, now: now)
  }

  private func statRows(_ filter: Filter, now: Instant) -> [StatRow] {
    var rows: [StatRow] = []
    func takes(_ iid: Int) -> Bool { filter.iid < 0 || filter.iid == iid }
    // A listen section is a frontend and a backend with one number.
    let fronts = configuration.frontends.indices.map { (configuration.frontends[$0].iid, $0) }
    var nextFront = fronts.startIndex
    func addFronts(upTo iid: Int) {
      while nextFront < fronts.count, fronts[nextFront].0 <= iid {
        if takes(fronts[nextFront].0), filter.takes(.frontend) {
          rows.append(frontendRow(FrontendID(fronts[nextFront].1), now: now))
        }
        nextFront += 1
      }
    }
    for (index, backend) in configuration.backends.enumerated() {
      addFronts(upTo: backend.iid)
      guard takes(backend.iid) else { continue }
      if filter.takes(.server) {
        for server in backend.servers where isShown(server, filter) {
          rows.append(serverRow(ServerID(server), now: now))
        }
      }
      if filter.takes(.backend) {
        let counts = filter.hidesMaint || filter.hidesDown
        rows.append(backendRow(BackendID(index), countsServers: counts, now: now))
      }
    }
    addFronts(upTo: .max)
    return rows
  }

  private func isShown(_ server: Int, _ filter: Filter) -> Bool {
    if filter.sid >= 0, filter.sid != configuration.servers[server].sid { return false }
    let isMaint = servers[server].admin.isMaint
    if isMaint, filter.hidesMaint || filter.hidesDown { return false }
    return !filter.hidesDown || servers[server].operational != .stopped
  }

  // MARK: Rows

  private func frontendRow(_ id: FrontendID, now: Instant) -> StatRow {
    let front = frontend(id)
    let traffic = frontends[id.index]
    var row = StatRow(.frontend, proxy: front.name, name: "FRONTEND", iid: front.iid, sid: 0)
    row["status"] = .text("OPEN")
    row.set("scur", traffic.current)
    row.set("smax", traffic.peak)
    row.set("slim", frontendMaxconn[id.index])
    row.set("stot", traffic.total)
    row.set("bin", traffic.bytesIn)
    row.set("bout", traffic.bytesOut)
    row.set("ereq", traffic.requestErrors)
    row.set("dreq", traffic.deniedRequests)
    row.set("dresp", traffic.deniedResponses)
    row.set("rate", traffic.sessionRate.value(now: now))
    row.set("rate_lim", 0)
    row.set("rate_max", traffic.sessionRate.max)
    setStatuses(&row, traffic)
    row.set("req_rate", traffic.requestRate.value(now: now))
    row.set("req_rate_max", traffic.requestRate.max)
    row.set("req_tot", traffic.requests)
    row.set("conn_rate", traffic.sessionRate.value(now: now))
    row.set("conn_rate_max", traffic.sessionRate.max)
    row.set("conn_tot", traffic.total)
    // What this program cannot do, so that it never happened.
    for column in ["intercepted", "dcon", "dses"] { row.set(column, 0) }
    setAbsent(&row)
    row.set("h1_open_connections", traffic.current)
    row.set("h1_open_streams", 0)
    row.set("h1_total_connections", traffic.total)
    row.set("h1_total_streams", traffic.requests)
    return row
  }

  private func serverRow(_ id: ServerID, now: Instant) -> StatRow {
    let server = configuration.servers[id.index]
    let state = servers[id.index]
    let back = backend(server.backend)
    var row = StatRow(
      .server, proxy: back.name, name: server.name, iid: back.iid, sid: server.sid)
    setTraffic(&row, state.traffic, now: now)
    setTimes(&row, state.traffic)
    row.set("scur", state.served)
    if state.maxconn > 0 { row.set("slim", state.maxconn) }
    if server.maxqueue > 0 { row.set("qlimit", server.maxqueue) }
    row["status"] = .text(status(id, state.belief(server)))
    if let track = server.track { row["tracked"] = .text(configuration.fullName(track)) }
    row.set("weight", (state.effectiveWeight + 15) / 16)
    row.set("uweight", state.weight)
    if state.operational == .starting, !state.admin.isDrain, state.weight > 0 {
      row.set("throttle", (100 * state.effectiveWeight + 15) / (16 * state.weight))
    }
    row.set("act", server.backup ? 0 : 1)
    row.set("bck", server.backup ? 1 : 0)
    row.set("lastchg", Int((now - state.changedAt).milliseconds / 1_000))
    row["addr"] = .text("\(state.host):\(state.port)")
    setCheck(&row, server, state, now: now)
    row.set("lastsess", secondsSince(state.traffic.lastSession, now))
    let safe = state.idle.count { (connections[$0]?.requests ?? 0) > 1 }
    row.set("srv_icur", state.idle.count)
    row.set("idle_conn_cur", state.idle.count - safe)
    row.set("safe_conn_cur", safe)
    row.set("used_conn_cur", state.served)
    row.set("need_conn_est", state.neededPeak)
    for column in ["ssl_sess", "ssl_reused_sess", "ssl_failed_handshake"] { row.set(column, 0) }
    return row
  }

  /// One that only follows another is in MAINT through it.
  private func status(_ id: ServerID, _ belief: Belief) -> String {
    guard let track = configuration.servers[id.index].track, belief.admin.isMaint,
      !belief.admin.contains(.forcedMaint)
    else { return "\(belief)" }
    return "MAINT (via \(configuration.fullName(track)))"
  }

  /// Only for a server whose checks are on; the last check itself is not shown in MAINT.
  private func setCheck(
    _ row: inout StatRow, _ server: ProxyConfiguration.Server, _ state: ServerState, now: Instant
  ) {
    guard state.checking else { return }
    row.set("chkfail", state.failedChecks)
    if server.observe != nil { row.set("hanafail", state.failedObservations) }
    row.set("chkdown", state.timesDown)
    let isDown = state.operational == .stopped || state.admin.isMaint
    let down = isDown ? state.downtime + (now - state.changedAt) : state.downtime
    row.set("downtime", Int(down.milliseconds / 1_000))
    guard !state.admin.isMaint else { return }
    let status = state.report?.status ?? .initializing
    row["check_status"] = .text((state.check == nil ? "" : "* ") + status.rawValue)
    row["check_desc"] = .text(status.wording)
    row.set("check_rise", server.rise)
    row.set("check_fall", server.fall)
    row.set("check_health", state.health)
    row["last_chk"] = .text(state.report?.detail ?? "")
    guard let report = state.report else { return }
    if report.code > 0 { row.set("check_code", report.code) }
    row.set("check_duration", Int(report.duration.milliseconds))
  }

  private func backendRow(_ id: BackendID, countsServers: Bool, now: Instant) -> StatRow {
    let back = backend(id)
    let state = backends[id.index]
    var row = StatRow(.backend, proxy: back.name, name: "BACKEND", iid: back.iid, sid: 0)
    setTraffic(&row, state.traffic, now: now)
    setTimes(&row, state.traffic)
    let usable = back.servers.filter { servers[$0].isUsable }
    let active = usable.filter { !configuration.servers[$0].backup }
    let backups = usable.filter { configuration.servers[$0].backup }
    let isUp = !usable.isEmpty || back.servers.isEmpty
    let counts = countsServers ? " (\(usable.count)/\(back.servers.count))" : ""
    row["status"] = .text((isUp ? "UP" : "DOWN") + counts)
    // Without an active server the backups do the work, mostly the first alone.
    let sharing = active.isEmpty ? back.allBackups ? backups : Array(backups.prefix(1)) : active
    let weight = sharing.reduce(0) { $0 + servers[$1].effectiveWeight }
    row.set("weight", (weight + 15) / 16)
    row.set("uweight", sharing.reduce(0) { $0 + servers[$1].weight })
    row.set("act", active.count)
    row.set("bck", backups.count)
    row.set("slim", back.fullconn)
    row.set("chkdown", state.timesDown)
    row.set("lastchg", Int((now - state.changedAt).milliseconds / 1_000))
    let down = isUp ? state.downtime : state.downtime + (now - state.changedAt)
    row.set("downtime", Int(down.milliseconds / 1_000))
    row.set("lastsess", secondsSince(state.traffic.lastSession, now))
    row["algo"] = .text(back.balance.name)
    row.set("dreq", state.traffic.deniedRequests)
    setAbsent(&row)
    let connects = back.servers.reduce(0) { $0 + servers[$1].traffic.newConnections }
    row.set("connect", connects)
    row.set("reuse", back.servers.reduce(0) { $0 + servers[$1].traffic.reusedConnections })
    for column in ["agg_server_status", "agg_server_check_status", "agg_check_status"] {
      row.set(column, 0)
    }
    row.set("h1_open_connections", 0)
    row.set("h1_open_streams", 0)
    row.set("h1_total_connections", connects)
    row.set("h1_total_streams", state.traffic.chosen)
    return row
  }

  private func secondsSince(_ instant: Instant?, _ now: Instant) -> Int {
    instant.map { Int((now - $0).milliseconds / 1_000) } ?? -1
  }

  // MARK: Columns that several kinds of rows share

  private func setTraffic(_ row: inout StatRow, _ traffic: TrafficCounters, now: Instant) {
    row.set("qcur", traffic.queued)
    row.set("qmax", traffic.queuedPeak)
    row.set("scur", traffic.current)
    row.set("smax", traffic.peak)
    row.set("stot", traffic.total)
    row.set("bin", traffic.bytesIn)
    row.set("bout", traffic.bytesOut)
    row.set("dresp", traffic.deniedResponses)
    row.set("econ", traffic.connectErrors)
    row.set("eresp", traffic.responseErrors)
    row.set("wretr", traffic.retries)
    row.set("wredis", traffic.redispatches)
    row.set("lbtot", traffic.chosen)
    row.set("rate", traffic.sessionRate.value(now: now))
    row.set("rate_max", traffic.sessionRate.max)
    setStatuses(&row, traffic)
    row.set("req_tot", traffic.requests)
    row.set("cli_abrt", traffic.clientAborts)
    row.set("srv_abrt", traffic.serverAborts)
    row.set("connect", traffic.newConnections)
    row.set("reuse", traffic.reusedConnections)
    row.set("wrew", 0)
    row.set("eint", 0)
  }

  private func setStatuses(_ row: inout StatRow, _ traffic: TrafficCounters) {
    for (index, name) in ["1xx", "2xx", "3xx", "4xx", "5xx", "other"].enumerated() {
      row.set("hrsp_\(name)", traffic.statuses.classes[index])
    }
  }

  private func setTimes(_ row: inout StatRow, _ traffic: TrafficCounters) {
    let times = [
      ("qtime", traffic.queueTime), ("ctime", traffic.connectTime),
      ("rtime", traffic.responseTime), ("ttime", traffic.totalTime),
    ]
    for (name, mean) in times {
      row.set(name, Int(mean.milliseconds))
      row.set(name + "_max", Int(mean.max))
    }
  }

  /// Compression, caches, TLS and HTTP/2 are not there: HAProxy prints 0 where they are not used.
  private func setAbsent(_ row: inout StatRow) {
    let columns = [
      "comp_in", "comp_out", "comp_byp", "comp_rsp", "wrew", "cache_lookups", "cache_hits", "eint",
      "h1_bytes_in", "h1_bytes_out", "h1_spliced_bytes_in", "h1_spliced_bytes_out",
    ]
    for column in columns { row.set(column, 0) }
    for column in StatColumn.all
    where column.name.hasPrefix("h2_") || column.name.hasPrefix("ssl_") {
      row.set(column.name, 0)
    }
  }
}
