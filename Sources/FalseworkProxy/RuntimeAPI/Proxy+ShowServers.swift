// SPDX-License-Identifier: Apache-2.0
import FalseworkCore

/// `show servers state` and `show servers conn`.
extension Proxy {
  private func backends(named name: String?) throws(RuntimeReply) -> [BackendID] {
    guard let name else { return configuration.backends.indices.map(BackendID.init) }
    guard let index = configuration.backends.firstIndex(where: { $0.name == name }) else {
      throw .error("Can't find backend.")
    }
    return [BackendID(index)]
  }

  func showServersState(_ call: RuntimeCall) throws(RuntimeReply) -> RuntimeReply {
    let head = """
      1
      # be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_uweight \
      srv_iweight srv_time_since_last_change srv_check_status srv_check_result srv_check_health \
      srv_check_state srv_agent_state bk_f_forced_id srv_f_forced_id srv_fqdn srv_port srvrecord \
      srv_use_ssl srv_check_port srv_check_addr srv_agent_addr srv_agent_port

      """
    let lines = try backends(named: call.arguments.first).flatMap { id in
      backend(id).servers.map { stateLine(ServerID($0), now: call.now) }
    }
    return .table(head + lines.joined())
  }

  private func stateLine(_ id: ServerID, now: Instant) -> String {
    let server = configuration.servers[id.index]
    let state = servers[id.index]
    let back = backend(server.backend)
    let result = state.report.map { $0.status.hasPassed ? 3 : 2 } ?? 0
    let fields: [String] = [
      "\(back.iid)", back.name, "\(server.sid)", server.name, state.host,
      "\(state.operational.rawValue)", "\(state.admin.rawValue)", "\(state.weight)",
      "\(state.initialWeight)", "\((now - state.changedAt).milliseconds / 1_000)",
      "\((state.report?.status ?? .initializing).number)", "\(result)", "\(state.health)",
      "\(checkBits(server, state))", "0", "0", "0", "-", "\(state.port)", "-", "0",
      "\(state.checkPort ?? 0)", state.checkHost ?? "-", "-", "\(server.checkPort ?? 0)",
    ]
    return fields.joined(separator: " ") + "\n"
  }

  /// 1 a check is under way, 2 checks are configured, 4 they are on, 8 MAINT holds them up.
  private func checkBits(_ server: ProxyConfiguration.Server, _ state: ServerState) -> Int {
    // HAProxy never takes the 8 back from a server that began disabled and without checks.
    let isPaused =
      state.checking ? state.admin.isMaint : server.disabled && !server.checked
    return (state.check != nil ? 1 : 0) + (server.checked ? 2 : 0) + (state.checking ? 4 : 0)
      + (isPaused ? 8 : 0)
  }

  func showServersConnections(_ call: RuntimeCall) throws(RuntimeReply) -> RuntimeReply {
    let head = """
      # bkname/svname bkid/svid addr port - purge_delay used_cur used_max need_est unsafe_nb \
      safe_nb idle_lim idle_cur idle_per_thr[1]

      """
    let lines = try backends(named: call.arguments.first).flatMap { id in
      backend(id).servers.map { connectionLine(ServerID($0)) }
    }
    return .table(head + lines.joined())
  }

  private func connectionLine(_ id: ServerID) -> String {
    let server = configuration.servers[id.index]
    let state = servers[id.index]
    let back = backend(server.backend)
    let safe = state.idle.count { (connections[$0]?.requests ?? 0) > 1 }
    let peak = max(state.recentPeak, state.served)
    let fields: [String] = [
      configuration.fullName(id), "\(back.iid)/\(server.sid)", state.host, "\(state.port)", "-",
      "\(server.poolPurgeDelay.milliseconds)", "\(state.served)", "\(peak)", "\(peak)",
      "\(state.idle.count - safe)", "\(safe)", "\(server.poolMaxConn)", "\(state.idle.count)",
      "\(state.idle.count)",
    ]
    return fields.joined(separator: " ") + "\n"
  }
}

extension CheckStatus {
  /// `srv_check_status`.
  fileprivate var number: Int {
    switch self {
    case .initializing: 1
    case .connected: 6
    case .connectTimeout: 7
    case .connectFailed: 8
    case .secured: 9
    case .handshakeFailed: 11
    case .answerTimeout: 12
    case .invalidAnswer: 13
    case .passed: 15
    case .conditionallyPassed: 16
    case .observed: 4
    case .wrongStatus: 17
    }
  }
}
