// SPDX-License-Identifier: Apache-2.0

/// A row of `show stat`, and the three ways to print it (HAProxy management guide, 9.1).
struct StatRow: Equatable, Sendable {
  enum Kind: Int, Equatable, Sendable {
    case frontend = 0
    case backend = 1
    case server = 2

    fileprivate var letter: String {
      switch self {
      case .frontend: "F"
      case .backend: "B"
      case .server: "S"
      }
    }

    fileprivate var word: String {
      switch self {
      case .frontend: "Frontend"
      case .backend: "Backend"
      case .server: "Server"
      }
    }
  }

  enum Value: Equatable, Sendable {
    case none
    case number(Int)
    case text(String)
  }

  let kind: Kind
  let iid: Int
  let sid: Int
  private var values: [Value]

  init(_ kind: Kind, proxy: String, name: String, iid: Int, sid: Int) {
    self.kind = kind
    self.iid = iid
    self.sid = sid
    values = Array(repeating: .none, count: StatColumn.all.count)
    self["pxname"] = .text(proxy)
    self["svname"] = .text(name)
    self["pid"] = .number(1)
    self["iid"] = .number(iid)
    self["sid"] = .number(sid)
    self["type"] = .number(kind.rawValue)
    self["mode"] = .text("http")
  }

  subscript(_ column: String) -> Value {
    get { values[StatColumn.place(column)] }
    set { values[StatColumn.place(column)] = newValue }
  }

  mutating func set(_ column: String, _ value: Int) { self[column] = .number(value) }

  /// Names of the columns, with the `-` that HAProxy puts before those of its modules.
  static let header =
    "# " + joined(StatColumn.all.map(\.name)) + "\n"

  var csv: String {
    Self.joined(
      values.map { value in
        switch value {
        case .none: ""
        case .number(let number): "\(number)"
        case .text(let text): Self.quoted(text)
        }
      }) + "\n"
  }

  private static func joined(_ cells: [String]) -> String {
    (cells[..<StatColumn.fixedCount] + ["-"] + cells[StatColumn.fixedCount...])
      .map { $0 + "," }.joined()
  }

  private static func quoted(_ text: String) -> String {
    guard text.contains(where: { ",\"\n\r".contains($0) }) else { return text }
    return "\"" + text.replacing("\"", with: "\"\"") + "\""
  }

  /// A line for each cell that is not empty: `S.3.1.17.status.1:SGP:str:UP`.
  var typed: String {
    cells.map { place, column, value in
      "\(kind.letter).\(iid).\(sid).\(place).\(column.name).1:\(column.tags(kind)):"
        + "\(column.type):\(value)\n"
    }.joined()
  }

  var json: String {
    let objects = cells.map { place, column, value in
      "{\"objType\":\"\(kind.word)\",\"proxyId\":\(iid),\"id\":\(sid),"
        + TypedField(
          place: place, name: column.name, tags: column.tags(kind), type: column.type,
          value: value
        ).json.dropFirst()
    }
    return "[" + objects.joined(separator: ",") + "]"
  }

  private var cells: [(Int, StatColumn, String)] {
    zip(StatColumn.all, values).enumerated().compactMap { place, cell in
      switch cell.1 {
      case .none: nil
      case .number(let number): (place, cell.0, "\(number)")
      case .text(let text): (place, cell.0, text)
      }
    }
  }
}

/// A figure with what it means, as the `typed` and `json` formats show it.
struct TypedField: Equatable, Sendable {
  var place: Int
  var name: String
  /// Origin, nature and scope, a letter each.
  var tags: String
  var type: String
  var value: String

  /// `0.Name.1:POS:str:HAProxy`
  var line: String { "\(place).\(name).1:\(tags):\(type):\(value)\n" }

  var json: String {
    let letters = Array(tags)
    let shown = type == "str" ? "\"\(Self.escaped(value))\"" : value
    return "{\"field\":{\"pos\":\(place),\"name\":\"\(name)\"},\"processNum\":1,"
      + "\"tags\":{\"origin\":\"\(Self.origins[letters[0]] ?? "")\","
      + "\"nature\":\"\(Self.natures[letters[1]] ?? "")\","
      + "\"scope\":\"\(Self.scopes[letters[2]] ?? "")\"},"
      + "\"value\":{\"type\":\"\(type)\",\"value\":\(shown)}}"
  }

  private static func escaped(_ text: String) -> String {
    text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
  }

  private static let origins: [Character: String] = [
    "M": "Metric", "S": "Status", "K": "Key", "C": "Config", "P": "Product",
  ]
  private static let natures: [Character: String] = [
    "A": "Age", "a": "Avg", "C": "Counter", "D": "Duration", "G": "Gauge", "L": "Limit",
    "M": "Max", "m": "Min", "N": "Name", "O": "Output", "R": "Rate", "T": "Time",
  ]
  private static let scopes: [Character: String] = [
    "C": "Cluster", "P": "Process", "S": "Service", "s": "System",
  ]
}

/// The columns of `show stat` in HAProxy 2.6, with the tags and types of its `typed` format.
struct StatColumn: Equatable, Sendable {
  let name: String
  private let tag: String
  let type: String

  /// Columns before those of HAProxy's modules.
  static let fixedCount = 103

  /// What counts for a server is a sum for its backend.
  func tags(_ kind: StatRow.Kind) -> String {
    let sums = ["act", "bck", "rate", "rate_max"]
    return kind == .backend && sums.contains(name) ? "MGP" : tag
  }

  static let all: [StatColumn] = table.split { $0 == "," || $0 == "\n" }.compactMap {
    let words = $0.split(separator: " ").map(String.init)
    return words.count == 3 ? StatColumn(name: words[0], tag: words[1], type: words[2]) : nil
  }

  private static let places = Dictionary(
    uniqueKeysWithValues: all.enumerated().map { ($1.name, $0) })

  static func place(_ name: String) -> Int {
    guard let place = places[name] else { preconditionFailure("no such column: \(name)") }
    return place
  }

  /// Those without tags are never filled: they are of features that this program has not.
  private static let table = """
    pxname KNS str, svname KNS str, qcur MGP u32, qmax MMP u32, scur MGP u32, smax MMP u32,
    slim CLP u32, stot MCP u64, bin MCP u64, bout MCP u64, dreq MCP u64, dresp MCP u64,
    ereq MCP u64, econ MCP u64, eresp MCP u64, wretr MCP u64, wredis MCP u64, status SGP str,
    weight MaP u32, act SGP u32, bck SGP u32, chkfail MCP u64, chkdown MCP u64, lastchg MAP u32,
    downtime MCP u32, qlimit CGS u32, pid KGP u32, iid KGS u32, sid KGS u32, throttle --- ---,
    lbtot MCP u64, tracked --- ---, type CGS u32, rate MRP u32, rate_lim CLP u32, rate_max MMP u32,
    check_status MOP str, check_code MOP u32, check_duration MDP u64, hrsp_1xx MCP u64,
    hrsp_2xx MCP u64, hrsp_3xx MCP u64, hrsp_4xx MCP u64, hrsp_5xx MCP u64, hrsp_other MCP u64,
    hanafail --- ---, req_rate MRP u32, req_rate_max MMP u32, req_tot MCP u64, cli_abrt MCP u64,
    srv_abrt MCP u64, comp_in MCP u64, comp_out MCP u64, comp_byp MCP u64, comp_rsp MCP u64,
    lastsess MAP s32, last_chk MOP str, last_agt --- ---, qtime MaP u32, ctime MaP u32,
    rtime MaP u32, ttime MaP u32, agent_status --- ---, agent_code --- ---, agent_duration --- ---,
    check_desc MOP str, agent_desc --- ---, check_rise CGS u32, check_fall CGS u32,
    check_health CGS u32, agent_rise --- ---, agent_fall --- ---, agent_health --- ---,
    addr CGS str, cookie --- ---, mode CGS str, algo CGS str, conn_rate MRP u32,
    conn_rate_max MMP u32, conn_tot MCP u64, intercepted MCP u64, dcon MCP u64, dses MCP u64,
    wrew MCP u64, connect MCP u64, reuse MCP u64, cache_lookups MCP u64, cache_hits MCP u64,
    srv_icur MGP u32, src_ilim --- ---, qtime_max MMP u32, ctime_max MMP u32, rtime_max MMP u32,
    ttime_max MMP u32, eint MCP u64, idle_conn_cur MGP u32, safe_conn_cur MGP u32,
    used_conn_cur MGP u32, need_conn_est MGP u32, uweight MaP u32, agg_server_status MGP u32,
    agg_server_check_status MGP u32, agg_check_status MGP u32, ssl_sess MCP u64,
    ssl_reused_sess MCP u64, ssl_failed_handshake MCP u64, h2_headers_rcvd MCP u64,
    h2_data_rcvd MCP u64, h2_settings_rcvd MCP u64, h2_rst_stream_rcvd MCP u64,
    h2_goaway_rcvd MCP u64, h2_detected_conn_protocol_errors MCP u64,
    h2_detected_strm_protocol_errors MCP u64, h2_rst_stream_resp MCP u64, h2_goaway_resp MCP u64,
    h2_open_connections MGP u64, h2_backend_open_streams MGP u64, h2_total_connections MCP u64,
    h2_backend_total_streams MCP u64, h1_open_connections MGP u64, h1_open_streams MGP u64,
    h1_total_connections MCP u64, h1_total_streams MCP u64, h1_bytes_in MCP u64,
    h1_bytes_out MCP u64, h1_spliced_bytes_in MCP u64, h1_spliced_bytes_out MCP u64
    """
}
