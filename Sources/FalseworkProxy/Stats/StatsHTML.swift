// SPDX-License-Identifier: Apache-2.0

/// The stats page as a browser shows it: a table for each proxy, with the columns of HAProxy's own.
struct StatsHTML {
  let rows: [StatRow]
  let page: StatsPage
  let isAdmin: Bool
  /// What became of the last form.
  let result: String?
  let figures: [(String, String)]

  private var uri: String { Self.escaped(String(decoding: page.uri, as: UTF8.self)) }

  var text: String {
    var proxies: [(name: String, rows: [StatRow])] = []
    for row in rows {
      let name = Self.text(row["pxname"])
      if proxies.last?.name == name {
        proxies[proxies.count - 1].rows.append(row)
      } else {
        proxies.append((name, [row]))
      }
    }
    return head + proxies.map(table).joined() + "</body></html>\n"
  }

  private var head: String {
    var facts = figures.map { "<dt>\($0.0)</dt><dd>\($0.1)</dd>" }.joined()
    if let node = page.node { facts += "<dt>node</dt><dd>\(Self.escaped(node))</dd>" }
    let version = page.hidesVersion ? "" : " \(Proxy.runtimeVersion)"
    let title = "Statistics of \(Proxy.runtimeName)\(version)"
    let about = page.description.map { "<p>\(Self.escaped($0))</p>" } ?? ""
    return """
      <!DOCTYPE html>
      <html lang="en"><head><meta charset="utf-8"><title>\(title)</title>
      <style>\(Self.style)</style></head><body>
      <h1>\(title)</h1>\(about)<dl>\(facts)</dl>
      <p class="legend"><b class="up">UP</b> <b class="going">going down or coming up</b>
      <b class="down">DOWN</b> <b class="drain">DRAIN, NOLB</b> <b class="maint">MAINT</b>
      <b class="none">not checked</b></p>
      <p><a href="\(uri)">refresh now</a> · <a href="\(uri);norefresh">no refresh</a> ·
      <a href="\(uri);up">hide what is down</a> · <a href="\(uri);csv">CSV</a> ·
      <a href="\(uri);json">JSON</a></p>
      \(notice)
      """
  }

  private var notice: String {
    let text: String? =
      switch result {
      case "DONE": "The action was carried out."
      case "NONE": "Nothing was changed: no server was chosen."
      case "PART": "The action was carried out for some of the servers; the others are unknown."
      case "DENY": "Refused: this page may not be used to change anything."
      case "ERRP": "Refused: the form was not understood."
      default: nil
      }
    return text.map { "<p class=\"notice\">\($0) <a href=\"\(uri)\">[close]</a></p>" } ?? ""
  }

  private static let style = """
    body{font:13px sans-serif;margin:1em}h1{font-size:18px}h2{font-size:15px;margin:1em 0 .2em}
    table{border-collapse:collapse}th,td{border:1px solid #bbb;padding:1px 5px;text-align:right}
    th{background:#eee}td.name,td.word{text-align:left;white-space:nowrap}dl{display:flex;gap:.6em}
    dt{color:#666}dd{margin:0 1em 0 0}.up{background:#c0ffc0}.going{background:#ffffa0}
    .down{background:#ff9090}.drain{background:#a0d0ff}.maint{background:#d8b088}
    .none{background:#e8e8e8}.front,.sum{background:#f6f6e8}.notice{border:1px solid;padding:.3em}
    .legend b{padding:0 .5em;font-weight:normal}.backup td.name{font-style:italic}
    """

  /// Groups of columns and theirs: heading, column, and what stands behind it as a tip.
  private static let groups: [(String, [(String, String, [(String, String)])])] = [
    ("Queue", [("Cur", "qcur", []), ("Max", "qmax", []), ("Limit", "qlimit", [])]),
    ("Session rate", [("Cur", "rate", []), ("Max", "rate_max", []), ("Limit", "rate_lim", [])]),
    (
      "Sessions",
      [
        ("Cur", "scur", []), ("Max", "smax", []), ("Limit", "slim", []),
        (
          "Total", "stot",
          [
            ("requests", "req_tot"), ("1xx", "hrsp_1xx"), ("2xx", "hrsp_2xx"),
            ("3xx", "hrsp_3xx"), ("4xx", "hrsp_4xx"), ("5xx", "hrsp_5xx"),
            ("other", "hrsp_other"), ("new connections", "connect"), ("reused", "reuse"),
            ("queue ms", "qtime"), ("connect ms", "ctime"), ("response ms", "rtime"),
            ("total ms", "ttime"),
          ]
        ), ("LbTot", "lbtot", []), ("Last", "lastsess", []),
      ]
    ), ("Bytes", [("In", "bin", []), ("Out", "bout", [])]),
    ("Denied", [("Req", "dreq", []), ("Resp", "dresp", [])]),
    (
      "Errors",
      [
        ("Req", "ereq", []), ("Conn", "econ", []),
        ("Resp", "eresp", [("client aborts", "cli_abrt"), ("server aborts", "srv_abrt")]),
      ]
    ), ("Warnings", [("Retr", "wretr", []), ("Redis", "wredis", [])]),
    (
      "Server",
      [
        ("Status", "status", [("for seconds", "lastchg")]),
        ("LastChk", "check_status", [("", "check_desc"), ("", "last_chk")]),
        ("Wght", "weight", [("configured", "uweight")]), ("Act", "act", []), ("Bck", "bck", []),
        ("Chk", "chkfail", []), ("Dwn", "chkdown", []), ("Dwntme", "downtime", []),
        ("Thrtle", "throttle", []),
      ]
    ),
  ]

  private func table(_ name: String, _ rows: [StatRow]) -> String {
    let hasServers = isAdmin && rows.contains { $0.kind == .server }
    let box = hasServers ? "<th rowspan=\"2\"></th>" : ""
    let first = Self.groups.map { "<th colspan=\"\($0.1.count)\">\($0.0)</th>" }.joined()
    let second = Self.groups.flatMap(\.1).map { "<th>\($0.0)</th>" }.joined()
    let lines = rows.map { line($0, hasServers) }.joined()
    let table = """
      <h2 id="\(Self.escaped(name))">\(Self.escaped(name))</h2>
      <table><tr>\(box)<th rowspan="2"></th>\(first)</tr><tr>\(second)</tr>
      \(lines)</table>

      """
    guard hasServers, let iid = rows.last(where: { $0.kind != .frontend })?.iid else {
      return table
    }
    let options = Self.actions.map { "<option value=\"\($0.0)\">\($0.1)</option>" }.joined()
    return "<form method=\"post\" action=\"\(uri)\">" + table + """
      <p>For the checked servers: <select name="action"><option value=""></option>\(options)</select>
      <input type="hidden" name="b" value="#\(iid)"><input type="submit" value="Apply"></p></form>

      """
  }

  private static let actions = [
    ("ready", "set state to READY"), ("drain", "set state to DRAIN"),
    ("maint", "set state to MAINT"), ("dhlth", "stop health checks"),
    ("ehlth", "take up health checks"), ("hrunn", "health: force UP"),
    ("hnolb", "health: force NOLB"), ("hdown", "health: force DOWN"),
    ("shutdown", "kill sessions"),
  ]

  private func line(_ row: StatRow, _ hasBoxes: Bool) -> String {
    let name = Self.escaped(Self.text(row["svname"]))
    let box =
      !hasBoxes
      ? ""
      : row.kind == .server
        ? "<td><input type=\"checkbox\" name=\"s\" value=\"\(name)\"></td>" : "<td></td>"
    let cells = Self.groups.flatMap(\.1).map { cell($0.1, $0.2, row) }.joined()
    let backup = row.kind == .server && row["bck"] == .number(1) ? " backup" : ""
    return "<tr class=\"\(Self.color(row))\(backup)\">\(box)<td class=\"name\">\(name)</td>"
      + "\(cells)</tr>\n"
  }

  private func cell(
    _ column: String, _ tips: [(String, String)], _ row: StatRow
  ) -> String {
    var text = Self.escaped(Self.text(row[column]))
    if column == "check_status", row["check_code"] != .none {
      text += "/" + Self.text(row["check_code"])
    }
    if column == "check_status", row["check_duration"] != .none {
      text += " in \(Self.text(row["check_duration"]))ms"
    }
    let tip = tips.filter { row[$0.1] != .none }.map {
      ($0.0.isEmpty ? "" : $0.0 + ": ") + Self.escaped(Self.text(row[$0.1]))
    }.joined(separator: "&#10;")
    let isWord = column == "status" || column == "check_status"
    return "<td\(isWord ? " class=\"word\"" : "")\(tip.isEmpty ? "" : " title=\"\(tip)\"")>"
      + "\(text)</td>"
  }

  private static func color(_ row: StatRow) -> String {
    switch row.kind {
    case .frontend: return "front"
    case .backend: return "sum"
    case .server: break
    }
    let status = text(row["status"])
    if status.hasPrefix("MAINT") { return "maint" }
    if status.hasPrefix("DRAIN") || status.hasPrefix("NOLB") { return "drain" }
    if status == "no check" { return "none" }
    if status.contains("/") { return "going" }
    return status.hasPrefix("UP") ? "up" : "down"
  }

  private static func text(_ value: StatRow.Value) -> String {
    switch value {
    case .none: ""
    case .number(let number): "\(number)"
    case .text(let text): text
    }
  }

  static func escaped(_ text: String) -> String {
    var result = ""
    for character in text {
      switch character {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      default: result.append(character)
      }
    }
    return result
  }
}
