// SPDX-License-Identifier: Apache-2.0
package import FalseworkCore
import FalseworkHTTP

/// The stats page and the exporter for Prometheus: answers of the proxy's own about itself.
extension Proxy {
  /// True if the request is for the page; it is answered, or its form is waited for.
  mutating func stats(
    _ index: Int, _ page: StatsPage?, now: Instant, into effects: inout [Effect]
  ) -> Bool {
    guard let page else { return false }
    let target = exchanges[index]!.request.target
    guard target.starts(with: page.uri),
      [.get, .head, .post].contains(clients[index].head.method)
    else { return false }
    exchanges[index]!.service = .stats
    let options = String(decoding: target.dropFirst(page.uri.count), as: UTF8.self)
    guard isAllowed(index, page) else {
      refuseStats(index, page, now: now, into: &effects)
      return true
    }
    if clients[index].head.method == .post {
      guard page.administrators.contains(where: { holds($0, index, now: now) }) else {
        redirect(index, page, "DENY", now: now, into: &effects)
        return true
      }
      exchanges[index]!.form = page
      clients[index].stage = .tarpit
      setDeadline(index, to: now + frontend(clients[index].frontend).requestTimeout)
      effects.append(.collect(clients[index].id))
      return true
    }
    let isAdmin = page.administrators.contains { holds($0, index, now: now) }
    serve(index, page, options, isAdmin: isAdmin, now: now, into: &effects)
    return true
  }

  private func isAllowed(_ index: Int, _ page: StatsPage) -> Bool {
    if page.credentials.isEmpty { return true }
    let basic = Array("Basic ".utf8)
    guard
      let told = exchanges[index]!.request.firstValue(of: Array("authorization".utf8)),
      told.starts(with: basic)
    else { return false }
    let shown = told.dropFirst(basic.count)
    return page.credentials.contains { shown.elementsEqual($0) }
  }

  private mutating func refuseStats(
    _ index: Int, _ page: StatsPage, now: Instant, into effects: inout [Effect]
  ) {
    var answer = ProxyPage.unauthorized.answer
    answer.fields.append(
      Self.field("www-authenticate", "Basic realm=\"\(page.realm)\""))
    self.answer(index, answer, Termination("LR"), now: now, into: &effects)
  }

  private static func field(_ name: String, _ value: String) -> RequestMessage.Field {
    .init(name: Array(name.utf8), value: Array(value.utf8))
  }

  private mutating func serve(
    _ index: Int, _ page: StatsPage, _ options: String, isAdmin: Bool, now: Instant,
    into effects: inout [Effect]
  ) {
    let words = options.split(separator: ";").map(String.init)
    let rows = self.rows(up: words.contains("up"), noMaint: words.contains("no-maint"), now: now)
    let body: String
    var type = "text/plain"
    if words.contains("csv") {
      body = StatRow.header + rows.map(\.csv).joined()
    } else if words.contains("typed") {
      body = rows.map(\.typed).joined()
    } else if words.contains("json") {
      body = "[" + rows.map(\.json).joined(separator: ",") + "]\n"
      type = "application/json"
    } else {
      let result = words.first { $0.hasPrefix("st=") }.map { String($0.dropFirst(3)) }
      body =
        StatsHTML(
          rows: rows, page: page, isAdmin: isAdmin, result: result, figures: figures(now: now)
        ).text
      type = "text/html"
    }
    var fields = [Self.field("cache-control", "no-cache"), Self.field("content-type", type)]
    if let refresh = page.refresh, !words.contains("norefresh") {
      fields.append(Self.field("refresh", "\(refresh)"))
    }
    give(index, fields, body, now: now, into: &effects)
  }

  private mutating func give(
    _ index: Int, _ fields: [RequestMessage.Field], _ body: String, now: Instant,
    into effects: inout [Effect]
  ) {
    let bytes = Array(body.utf8)
    answer(
      index,
      ProxyAnswer(
        status: 200, fields: fields + [Self.field("content-length", "\(bytes.count)")],
        body: bytes),
      Termination("LR"), now: now, into: &effects)
  }

  private func figures(now: Instant) -> [(String, String)] {
    let up = (now - startedAt).milliseconds / 1_000
    let rate = frontends.reduce(0) { $0 + $1.sessionRate.value(now: now) }
    return [
      ("up for", "\(up / 86_400)d \(up / 3_600 % 24)h \(up / 60 % 60)m \(up % 60)s"),
      ("connections", "\(connectionCount) of \(maxconn)"), ("connections a second", "\(rate)"),
      ("requests", "\(frontends.reduce(0) { $0 + $1.requests })"),
    ]
  }

  // MARK: The form

  /// The whole body of a request that `collect` asked for.
  package mutating func collected(
    _ client: ClientID, _ body: [UInt8], now: Instant, into effects: inout [Effect]
  ) {
    guard isLive(client) else { return }
    let index = Int(client.index)
    guard clients[index].stage == .tarpit, let page = exchanges[index]?.form else { return }
    clients[index].head.complete = true
    frontends[clients[index].frontend.index].bytesIn += body.count
    let result = carryOut(form: Self.form(body), now: now, into: &effects)
    redirect(index, page, result, now: now, into: &effects)
  }

  private mutating func redirect(
    _ index: Int, _ page: StatsPage, _ result: String, now: Instant, into effects: inout [Effect]
  ) {
    let place = String(decoding: page.uri, as: UTF8.self) + ";st=" + result
    answer(
      index,
      ProxyAnswer(
        status: 303,
        fields: [
          Self.field("cache-control", "no-cache"), Self.field("content-type", "text/plain"),
          Self.field("content-length", "0"), Self.field("location", place),
        ], body: []),
      Termination("LR"), now: now, into: &effects)
  }

  private static func form(_ body: [UInt8]) -> [(name: String, value: String)] {
    func decoded(_ bytes: ArraySlice<UInt8>) -> String {
      var result: [UInt8] = []
      var rest = bytes
      while let byte = rest.popFirst() {
        if byte == UInt8(ascii: "+") {
          result.append(0x20)
        } else if byte == UInt8(ascii: "%"),
          let code = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
        {
          result.append(code)
          rest = rest.dropFirst(2)
        } else {
          result.append(byte)
        }
      }
      return String(decoding: result, as: UTF8.self)
    }
    return body.split(separator: UInt8(ascii: "&")).map { pair in
      let mark = pair.firstIndex(of: UInt8(ascii: "=")) ?? pair.endIndex
      return (decoded(pair[..<mark]), decoded(pair[mark...].dropFirst()))
    }
  }

  /// What HAProxy says of it: `DONE`, `NONE`, `ERRP` for a wrong word, `PART` if some servers were
  /// unknown.
  private mutating func carryOut(
    form: [(name: String, value: String)], now: Instant, into effects: inout [Effect]
  ) -> String {
    if form.isEmpty { return "NONE" }
    guard let name = form.last(where: { $0.name == "b" })?.value,
      let backend = named(name), let action = form.last(where: { $0.name == "action" })?.value,
      Self.actions.contains(action)
    else { return "ERRP" }
    let wanted = form.filter { $0.name == "s" }.map(\.value)
    var done = 0
    var unknown = 0
    for name in wanted {
      guard
        let server = self.backend(backend).servers.first(where: {
          configuration.servers[$0].name == name
        })
      else {
        unknown += 1
        continue
      }
      carryOut(action, ServerID(server), now: now, into: &effects)
      done += 1
    }
    if unknown > 0 { return done == 0 ? "ERRP" : "PART" }
    return done == 0 ? "NONE" : "DONE"
  }

  private func named(_ name: String) -> BackendID? {
    configuration.backends.firstIndex { $0.name == name || "#\($0.iid)" == name }.map(
      BackendID.init)
  }

  static let actions: Set = [
    "ready", "drain", "maint", "dhlth", "ehlth", "hrunn", "hnolb", "hdown", "shutdown", "enable",
    "disable", "stop", "start",
  ]

  private mutating func carryOut(
    _ action: String, _ server: ServerID, now: Instant, into effects: inout [Effect]
  ) {
    switch action {
    case "ready", "enable", "start": setState(server, .ready, now: now, into: &effects)
    case "drain", "stop": setState(server, .drain, now: now, into: &effects)
    case "maint", "disable": setState(server, .maint, now: now, into: &effects)
    case "dhlth", "ehlth":
      guard configuration.servers[server.index].checked else { return }
      setChecking(server, action == "ehlth", now: now, into: &effects)
    case "hrunn": setHealth(server, .up, now: now, into: &effects)
    case "hnolb": setHealth(server, .stopping, now: now, into: &effects)
    case "hdown": setHealth(server, .down, now: now, into: &effects)
    default: shutdownSessions(server, now: now, into: &effects)
    }
  }

  // MARK: Prometheus

  mutating func export(_ index: Int, now: Instant, into effects: inout [Effect]) {
    exchanges[index]!.service = .prometheus
    guard [.get, .head].contains(clients[index].head.method) else {
      return fail(index, .methodNotAllowed, Termination("LR"), now: now, into: &effects)
    }
    var scopes: Set<String> = []
    var noMaint = false
    for pair in Self.form(Array(exchanges[index]!.request.query)) {
      if pair.name == "scope" { scopes.insert(pair.value) }
      if pair.name == "no-maint" { noMaint = true }
    }
    if scopes.isEmpty || scopes.contains("*") {
      scopes = ["global", "frontend", "backend", "server"]
    }
    let text = PrometheusPage(
      rows: self.rows(up: false, noMaint: noMaint, now: now),
      process: [
        ("nbthread", "gauge", 1), ("uptime_seconds", "gauge", uptime(now)),
        ("max_connections", "gauge", maxconn),
        ("hard_max_connections", "gauge", configuration.global.maxconn),
        ("current_connections", "gauge", connectionCount),
        ("connections_total", "counter", connectionTotal),
        ("requests_total", "counter", frontends.reduce(0) { $0 + $1.requests }),
        ("stopping", "gauge", 0),
        ("listeners", "gauge", configuration.frontends.reduce(0) { $0 + $1.binds.count }),
        ("bytes_out_total", "counter", frontends.reduce(0) { $0 + $1.bytesOut }),
        ("start_time_seconds", "gauge", Int((wall + (startedAt - .start)).seconds)),
      ], scopes: scopes
    ).text
    give(
      index,
      [
        Self.field("cache-control", "no-cache"),
        Self.field("content-type", "text/plain; version=0.0.4"),
      ], text, now: now, into: &effects)
  }

  private func uptime(_ now: Instant) -> Int { Int((now - startedAt).milliseconds / 1_000) }
}
