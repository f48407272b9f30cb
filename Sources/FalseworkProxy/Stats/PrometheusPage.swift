// SPDX-License-Identifier: Apache-2.0

/// What `use-service prometheus-exporter` answers: HAProxy's families, of which each is a column of
/// `show stat`.
struct PrometheusPage {
  let rows: [StatRow]
  let process: [(name: String, type: String, value: Int)]
  let scopes: Set<String>

  /// What a column's cells become.
  private enum Shape {
    case number
    /// Milliseconds.
    case seconds
    /// A sample for each state.
    case states([String])
    /// Columns of classes of answers.
    case classes
  }

  private struct Family {
    var name: String
    var type: String
    var column: String
    var shape: Shape
    var kinds: [StatRow.Kind]
  }

  var text: String {
    var text = ""
    if scopes.contains("global") {
      for entry in process {
        text += Self.head("process_" + entry.name, entry.type, "of the process")
        text += "haproxy_process_\(entry.name) \(entry.value)\n"
      }
    }
    for (kind, word) in [
      (StatRow.Kind.frontend, "frontend"), (.backend, "backend"), (.server, "server"),
    ]
    where scopes.contains(word) {
      let own = rows.filter { $0.kind == kind }
      for family in Self.families where family.kinds.contains(kind) {
        let name = "\(word)_\(family.name)"
        text += Self.head(name, family.type, "\(family.column) of show stat")
        for row in own { text += Self.samples(name, family, row) }
      }
    }
    return text
  }

  private static func head(_ name: String, _ type: String, _ help: String) -> String {
    "# HELP haproxy_\(name) \(help)\n# TYPE haproxy_\(name) \(type)\n"
  }

  private static func samples(_ name: String, _ family: Family, _ row: StatRow) -> String {
    func text(_ column: String) -> String {
      switch row[column] {
      case .none: ""
      case .number(let number): "\(number)"
      case .text(let text): text
      }
    }
    let server = row.kind == .server ? ",server=\"\(text("svname"))\"" : ""
    let labels = "proxy=\"\(text("pxname"))\"\(server)"
    func line(_ more: String, _ value: String) -> String {
      "haproxy_\(name){\(labels)\(more)} \(value)\n"
    }
    switch family.shape {
    case .number: return line("", text(family.column).isEmpty ? "NaN" : text(family.column))
    case .seconds:
      guard case .number(let number) = row[family.column] else { return line("", "0.000000") }
      let part = String(number % 1_000)
      let zeros = String(repeating: "0", count: 3 - part.count)
      return line("", "\(number / 1_000).\(zeros)\(part)000")
    case .states(let states):
      let now = state(text(family.column), states)
      return states.map { line(",state=\"\($0)\"", $0 == now ? "1" : "0") }.joined()
    case .classes:
      return ["1xx", "2xx", "3xx", "4xx", "5xx", "other"].map {
        line(",code=\"\($0)\"", text("hrsp_\($0)"))
      }.joined()
    }
  }

  /// `UP 1/3` is UP; `no check` is so too; a check under way counts as the last one.
  private static func state(_ text: String, _ states: [String]) -> String {
    if text == "no check" { return "UP" }
    let bare = text.hasPrefix("* ") ? text.dropFirst(2) : text[...]
    let word = String(bare.prefix { $0 != " " })
    return word == "OPEN" ? "UP" : states.contains(word) ? word : ""
  }

  private static let checkStates = [
    "HANA", "SOCKERR", "L4OK", "L4TOUT", "L4CON", "L6OK", "L6TOUT", "L6RSP", "L7TOUT", "L7RSP",
    "L7OK", "L7OKC", "L7STS", "PROCERR", "PROCTOUT", "PROCOK",
  ]

  private static let families: [Family] =
    table([.frontend, .backend, .server], both)
    + table([.backend, .server], servers)
    + table([.frontend], frontends) + table([.backend], backends) + table([.server], serversOnly)
    + [
      Family(
        name: "status", type: "gauge", column: "status", shape: .states(["DOWN", "UP"]),
        kinds: [.frontend, .backend]),
      Family(
        name: "status", type: "gauge", column: "status",
        shape: .states(["DOWN", "UP", "MAINT", "DRAIN", "NOLB"]), kinds: [.server]),
      Family(
        name: "check_status", type: "gauge", column: "check_status",
        shape: .states(checkStates), kinds: [.server]),
      Family(
        name: "http_responses_total", type: "counter", column: "hrsp_…", shape: .classes,
        kinds: [.frontend, .backend, .server]),
    ]

  /// `family column`, with `*` in front of a counter and `/` in front of milliseconds.
  private static func table(_ kinds: [StatRow.Kind], _ list: String) -> [Family] {
    list.split { $0 == "," || $0 == "\n" }.compactMap { entry in
      let words = entry.split(separator: " ").map(String.init)
      guard words.count == 2 else { return nil }
      let isCounter = words[0].hasSuffix("_total")
      let isTime = words[1].hasPrefix("/")
      return Family(
        name: words[0], type: isCounter ? "counter" : "gauge",
        column: isTime ? String(words[1].dropFirst()) : words[1],
        shape: isTime ? .seconds : .number, kinds: kinds)
    }
  }

  private static let both = """
    current_sessions scur, max_sessions smax, limit_sessions slim, sessions_total stot,
    bytes_in_total bin, bytes_out_total bout, responses_denied_total dresp,
    max_session_rate rate_max
    """

  private static let frontends = """
    requests_denied_total dreq, request_errors_total ereq, limit_session_rate rate_lim,
    http_requests_rate_max req_rate_max, http_requests_total req_tot,
    connections_rate_max conn_rate_max, connections_total conn_tot,
    intercepted_requests_total intercepted, denied_connections_total dcon,
    denied_sessions_total dses
    """

  private static let servers = """
    current_queue qcur, max_queue qmax, connection_errors_total econ,
    response_errors_total eresp, retry_warnings_total wretr, redispatch_warnings_total wredis,
    weight weight, uweight uweight, check_up_down_total chkdown,
    check_last_change_seconds lastchg, downtime_seconds_total downtime,
    loadbalanced_total lbtot, client_aborts_total cli_abrt, server_aborts_total srv_abrt,
    last_session_seconds lastsess, queue_time_average_seconds /qtime,
    connect_time_average_seconds /ctime, response_time_average_seconds /rtime,
    total_time_average_seconds /ttime, max_queue_time_seconds /qtime_max,
    max_connect_time_seconds /ctime_max, max_response_time_seconds /rtime_max,
    max_total_time_seconds /ttime_max, connection_attempts_total connect,
    connection_reuses_total reuse
    """

  private static let backends = """
    requests_denied_total dreq, active_servers act, backup_servers bck,
    http_requests_total req_tot
    """

  private static let serversOnly = """
    queue_limit qlimit, current_throttle throttle, check_failures_total chkfail,
    check_code check_code, check_duration_seconds /check_duration,
    idle_connections_current srv_icur, idle_connections_limit src_ilim,
    unsafe_idle_connections_current idle_conn_cur, safe_idle_connections_current safe_conn_cur,
    used_connections_current used_conn_cur, need_connections_current need_conn_est
    """
}
