// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import Testing

@testable import FalseworkProxy

private let process = RuntimeProcess(pid: 42, node: "vm", wall: UTCTime(seconds: 1_800_000_000))

extension ProxyDriver {
  fileprivate mutating func tell(_ line: String) -> String {
    RuntimeSession.answer(
      to: line, of: &proxy, process: process, now: now, into: &effects)
  }

  /// Rows of `show stat` by `proxy/name`, their cells by column.
  fileprivate mutating func stat(_ arguments: String = "") -> [String: [String: String]] {
    let lines = tell("show stat \(arguments)").split(separator: "\n")
    func cells(_ line: Substring) -> [String] {
      line.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }
    let names = cells(lines[0].dropFirst(2))
    var rows: [String: [String: String]] = [:]
    for line in lines.dropFirst() {
      let row = Dictionary(zip(names, cells(line)), uniquingKeysWith: { first, _ in first })
      rows["\(row["pxname"]!)/\(row["svname"]!)"] = row
    }
    return rows
  }

  /// A whole request and its answer.
  fileprivate mutating func serve(_ client: ClientID, status: Int = 200) {
    effects.removeAll()
    request(client)
    if let (connection, _) = connecting() { connected(connection) }
    let connection = forwarded()!
    respond(connection, status: status)
    finish(connection)
  }
}

@Suite struct ShowStatTests {
  /// HAProxy 2.6 was given the same four requests over two connections.
  @Test func `figures of traffic are those that HAProxy gives`() throws {
    var driver = try ProxyDriver(backend: "server n1 127.0.0.1:1\nserver n2 127.0.0.1:2 backup")
    let first = driver.accept()
    driver.serve(first)
    driver.serve(first, status: 404)
    driver.serve(first)
    driver.serve(driver.accept(port: 40_001))
    driver.pass(.milliseconds(1_500))
    let rows = driver.stat()
    func expect(_ row: String, _ cells: [String: String]) {
      for (column, value) in cells.sorted(by: { $0.key < $1.key }) {
        #expect(rows[row]?[column] == value, "\(row) \(column)")
      }
    }
    expect(
      "fe/FRONTEND",
      [
        "scur": "2", "smax": "2", "slim": "4096", "stot": "2", "ereq": "0", "status": "OPEN",
        "iid": "2", "type": "0", "rate_max": "2", "hrsp_2xx": "3", "hrsp_4xx": "1",
        "hrsp_5xx": "0", "req_rate_max": "4", "req_tot": "4", "conn_rate_max": "2",
        "conn_tot": "2", "h1_open_connections": "2", "h1_total_connections": "2",
        "h1_total_streams": "4", "qcur": "", "weight": "", "lastchg": "",
      ])
    expect(
      "be/n1",
      [
        "scur": "0", "smax": "1", "slim": "", "stot": "4", "econ": "0", "eresp": "0",
        "status": "no check", "weight": "1", "act": "1", "bck": "0", "lbtot": "4",
        "hrsp_2xx": "3", "hrsp_4xx": "1", "req_tot": "4", "lastsess": "1", "connect": "2",
        "reuse": "2", "srv_icur": "2", "idle_conn_cur": "1", "safe_conn_cur": "1",
        "used_conn_cur": "0", "addr": "127.0.0.1:1", "type": "2", "iid": "3", "sid": "1",
      ])
    expect(
      "be/BACKEND",
      [
        "scur": "0", "smax": "1", "slim": "410", "stot": "4", "status": "UP", "weight": "1",
        "act": "1", "bck": "1", "lbtot": "4", "hrsp_2xx": "3", "hrsp_4xx": "1", "req_tot": "4",
        "connect": "2", "reuse": "2", "algo": "roundrobin", "type": "1", "sid": "0",
      ])
    #expect(
      driver.tell("show servers conn")
        .contains("\nbe/n1 3/1 127.0.0.1 1 - 5000 0 1 1 1 1 -1 2 2\n"))
  }

  @Test func `a request in flight and one that waits are seen where they are`() throws {
    var driver = try ProxyDriver(backend: "server n1 127.0.0.1:1 maxconn 1")
    driver.request(driver.accept())
    driver.request(driver.accept(port: 40_001))
    let rows = driver.stat()
    #expect(rows["be/n1"]?["scur"] == "1")
    #expect(rows["be/n1"]?["slim"] == "1")
    #expect(rows["be/BACKEND"]?["qcur"] == "1")
    #expect(rows["be/BACKEND"]?["scur"] == "2")
  }

  @Test func `a check is shown while it runs, and how it ended`() throws {
    var driver = try ProxyDriver(
      backend: "option httpchk GET /x\nserver n1 127.0.0.1:1 check inter 2s")
    driver.pass(.zero)
    #expect(driver.stat()["be/n1"]?["check_status"] == "* INI")
    let check = try #require(driver.proxy.servers[0].check)
    driver.proxy.checkConnected(check, now: driver.now, into: &driver.effects)
    driver.pass(.milliseconds(7))
    driver.proxy.checkAnswered(check, status: 503, now: driver.now, into: &driver.effects)
    let row = try #require(driver.stat()["be/n1"])
    #expect(row["check_status"] == "L7STS")
    #expect(row["check_code"] == "503")
    #expect(row["check_duration"] == "7")
    #expect(row["check_desc"] == "Layer7 wrong status")
    #expect(row["status"] == "DOWN")
    #expect(row["chkfail"] == "1")
    #expect(row["chkdown"] == "1")
    driver.pass(.milliseconds(1_999))
    #expect(driver.stat()["be/n1"]?["downtime"] == "1")
    #expect(driver.stat()["be/BACKEND"]?["downtime"] == "1")
  }

  @Test func `text with a comma or a quote is quoted`() {
    var row = StatRow(.server, proxy: "be", name: "n1", iid: 3, sid: 1)
    row["last_chk"] = .text("a \"b\", c")
    #expect(row.csv.contains(",\"a \"\"b\"\", c\","))
    #expect(row.typed.contains("S.3.1.56.last_chk.1:MOP:str:a \"b\", c\n"))
    #expect(row.json.contains(#""value":"a \"b\", c""#))
    row["last_chk"] = .text("a, b")
    #expect(row.csv.contains(",\"a, b\","))
  }

  @Test func `a header has as many columns as each row, and HAProxy's number of them`() throws {
    var driver = try ProxyDriver(backend: "server n1 127.0.0.1:1")
    let lines = driver.tell("show stat").split(separator: "\n")
    #expect(lines.count == 4)
    for line in lines { #expect(line.count { $0 == "," } == 128) }
    #expect(StatColumn.all.count == 127)
    #expect(StatColumn.all[StatColumn.fixedCount].name == "ssl_sess")
  }
}

@Suite struct ShowInfoTests {
  @Test func `figures of the process are there, in HAProxy's order`() throws {
    var driver = try ProxyDriver(backend: "server n1 127.0.0.1:1")
    driver.serve(driver.accept())
    driver.pass(.seconds(90_061))
    let lines = driver.tell("show info").split(separator: "\n")
    #expect(lines.count == 69)
    #expect(lines[0] == "Name: Falsework")
    #expect(
      Set(
        [
          "Pid: 42", "Uptime: 1d 1h01m01s", "Uptime_sec: 90061", "Maxconn: 4096", "CurrConns: 0",
          "CumConns: 1", "CumReq: 1", "node: vm", "Listeners: 1",
          "Start_time_sec: 1800000000", "MaxConnRate: 1",
        ].map { Substring($0) }
      ).subtracting(lines) == [])
    let typed = driver.tell("show info typed")
    #expect(typed.hasPrefix("0.Name.1:POS:str:Falsework\n1.Version.1:POS:str:2.6"))
    #expect(typed.contains("\n47.Tasks.1:MGP:u32:0\n"))
    #expect(typed.contains("\n52.Stopping.1:MGP:u32:0\n"))
    #expect(typed.hasSuffix("\n71.Tainted.1:SGP:str:0\n\n"))
  }
}

@Suite struct ShowTableTests {
  @Test func `a stick table shows who went where, and forgets one key or all`() throws {
    var driver = try ProxyDriver(
      backend: """
        stick-table type ip size 10 expire 1m
        stick store-request src
        server n1 127.0.0.1:1
        """)
    driver.serve(driver.accept())
    driver.pass(.seconds(1))
    let head = "# table: be, type: ip, size:10, used:1\n"
    let entry = "0x7f000001: key=127.0.0.1 use=0 exp=59000 server_id=1 server_key=n1\n"
    #expect(driver.tell("show table") == head + "\n")
    #expect(driver.tell("show table be") == head + entry + "\n")
    #expect(driver.tell("show table be key 127.0.0.1") == head + entry + "\n")
    #expect(driver.tell("show table be key 127.0.0.2") == "\n")
    #expect(driver.tell("clear table be key 127.0.0.2") == "\n")
    #expect(driver.tell("show table be") == head + entry + "\n")
    #expect(driver.tell("clear table be key 127.0.0.1") == "\n")
    #expect(driver.tell("show table") == "# table: be, type: ip, size:10, used:0\n\n")
  }
}
