// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkHTTP

/// What rules do with a request.
///
///     monitor-uri ─▶ http-request ─▶ redirect ─▶ use_backend ─▶ the backend's http-request ─▶ redirect
extension Proxy {
  /// What a list of rules came to.
  enum Verdict {
    /// The request goes on.
    case passes
    /// It is over.
    case ended
    /// It waits, and will be over.
    case waits
  }

  /// Whether the request goes on to a server.
  mutating func rule(
    _ index: Int, _ message: RequestMessage, now: Instant, into effects: inout [Effect]
  ) -> Bool {
    while exchanges.count <= index { exchanges.append(nil) }
    exchanges[index] = Exchange(message)
    let id = clients[index].frontend
    capture(index, configuration.frontendRules[id.index].requestCaptures)
    if monitor(index, configuration.frontendRules[id.index].monitor, now: now, into: &effects) {
      return false
    }
    clients[index].backend = nil
    guard follow(configuration.frontendRules[id.index], index, now: now, into: &effects) else {
      return false
    }
    clients[index].backend = chosenBackend(index, now: now)
    guard let backend = clients[index].backend else { return true }
    enterBackend(index, backend, now: now)
    clients[index].mode = max(frontend(id).connectionMode, self.backend(backend).connectionMode)
    // A `listen` section's rules were all the frontend's.
    if self.backend(backend).iid != frontend(id).iid {
      guard follow(configuration.backendRules[backend.index], index, now: now, into: &effects)
      else { return false }
    }
    persist(index, backend, now: now)
    markClient(index, backend)
    if exchanges[index]!.requestChanged {
      effects.append(.rewrite(clients[index].id, exchanges[index]!.request.bytes))
    }
    return true
  }

  /// `http-request` rules, the stats page, `redirect` lines.
  private mutating func follow(
    _ rules: RuleSet, _ index: Int, now: Instant, into effects: inout [Effect]
  ) -> Bool {
    guard case .passes = carryOut(rules.request, index, now: now, into: &effects) else {
      return false
    }
    if stats(index, rules.stats, now: now, into: &effects) { return false }
    guard case .passes = carryOut(rules.redirects, index, now: now, into: &effects) else {
      return false
    }
    return true
  }

  /// `option forwardfor` where the plain way does not do: the frontend's mark, or the backend's.
  private mutating func markClient(_ index: Int, _ backend: BackendID) {
    let front = configuration.frontendRules[clients[index].frontend.index].marksClients
    let back = configuration.backendRules[backend.index].marksClients
    let address = clients[index].address
    guard let mark = back ?? front else { return }
    for other in [front, back] {
      if let network = other?.except, network.contains(address.ip) { return }
    }
    let absent = !exchanges[index]!.request.fields.contains { $0.name == mark.field }
    guard absent || !(front ?? mark).onlyIfAbsent || !(back ?? mark).onlyIfAbsent else { return }
    exchanges[index]!.request.fields.append(
      .init(name: mark.field, value: Array(address.host.utf8)))
    exchanges[index]!.requestChanged = true
  }

  private func chosenBackend(_ index: Int, now: Instant) -> BackendID? {
    let id = clients[index].frontend
    let chosen = configuration.frontendRules[id.index].switches.first {
      holds($0.condition, index, now: now)
    }
    return chosen?.backend ?? frontend(id).defaultBackend
  }

  private mutating func capture(_ index: Int, _ captures: [RuleSet.Capture]) {
    for (slot, capture) in captures.enumerated() {
      guard let field = capture.field,
        let value = exchanges[index]!.request.fields.last(where: { $0.name == field })?.value
      else { continue }
      CapturedValues.set(
        &exchanges[index]!.captured.request, slot, value, length: capture.length)
    }
  }

  /// `monitor-uri`: answered here, whatever the rules are; it is no request for any count or log.
  private mutating func monitor(
    _ index: Int, _ monitor: RuleSet.Monitor?, now: Instant, into effects: inout [Effect]
  ) -> Bool {
    guard let monitor, exchanges[index]!.request.target == monitor.uri else { return false }
    let fails = monitor.fails.contains { holds($0, index, now: now) }
    clients[index].backend = nil
    fail(
      index, fails ? .unavailable : .ready, Termination("PR"), logged: false, now: now,
      into: &effects)
    return true
  }

  // MARK: Lists of rules

  private mutating func carryOut(
    _ rules: [RuleSet.Rule], _ index: Int, now: Instant, into effects: inout [Effect]
  ) -> Verdict {
    for rule in rules where holds(rule.condition, index, now: now) {
      switch rule.action {
      case .allow: return .passes
      case .deny(let reply):
        countDenied(index, now: now)
        self.reply(reply, index, Termination("PR"), now: now, into: &effects)
        return .ended
      case .tarpit(let reply):
        countDenied(index, now: now)
        exchanges[index]!.tarpit = reply
        clients[index].stage = .tarpit
        setDeadline(index, to: now + tarpitTimeout(index))
        return .waits
      case .reply(let reply):
        self.reply(reply, index, Termination("LR"), now: now, into: &effects)
        return .ended
      case .redirect(let redirect):
        let answer = answer(redirect, index, now: now)
        self.answer(index, answer, Termination("LR"), now: now, into: &effects)
        return .ended
      case .exportFigures:
        export(index, now: now, into: &effects)
        return .ended
      case .reject:
        countDenied(index, now: now)
        clients[index].headAt = .never
        abort(index, Termination("PR"), now: now, into: &effects)
        return .ended
      default: change(rule.action, index, now: now)
      }
    }
    return .passes
  }

  private mutating func countDenied(_ index: Int, now: Instant) {
    countTracked(index, [.httpErrorCount, .httpErrorRate], now: now)
    frontends[clients[index].frontend.index].deniedRequests += 1
    if let backend = clients[index].backend {
      backends[backend.index].traffic.deniedRequests += 1
    }
  }

  private func tarpitTimeout(_ index: Int) -> Interval {
    let rules =
      clients[index].backend.map { configuration.backendRules[$0.index] }
      ?? configuration.frontendRules[clients[index].frontend.index]
    return rules.tarpit
  }

  /// The time of a request in the tarpit is over.
  mutating func leaveTarpit(_ index: Int, now: Instant, into effects: inout [Effect]) {
    guard let reply = exchanges[index]?.tarpit else {
      // The form did not come.
      return fail(index, .requestTimeout, Termination("cD"), now: now, into: &effects)
    }
    clients[index].chosenAt = now
    self.reply(reply, index, Termination("PT"), now: now, into: &effects)
  }

  // MARK: Answers

  private mutating func reply(
    _ reply: RuleSet.Reply, _ index: Int, _ termination: Termination, now: Instant,
    into effects: inout [Effect]
  ) {
    if let page = reply.page {
      return page.isRaw
        ? answer(
          index, self.page(index, page) ?? page.answer, termination, now: now, into: &effects)
        : fail(index, page, termination, now: now, into: &effects)
    }
    var fields = reply.fields.map {
      RequestMessage.Field(
        name: $0.name, value: text($0.value, index, now: now).filter { $0 >= 0x20 })
    }
    let body = reply.body.map { text($0, index, now: now) } ?? []
    fields.append(
      .init(name: Array("content-length".utf8), value: Array(String(body.count).utf8)))
    if let type = reply.contentType {
      fields.append(.init(name: Array("content-type".utf8), value: type))
    }
    answer(
      index, ProxyAnswer(status: reply.status, fields: fields, body: body), termination, now: now,
      into: &effects)
  }

  private func answer(
    _ redirect: RuleSet.Redirect, _ index: Int, now: Instant
  ) -> ProxyAnswer {
    let request = exchanges[index]!.request
    let slash = UInt8(ascii: "/")
    var location: [UInt8]
    var rest = redirect.dropsQuery ? Array(request.path) : Array(request.pathAndQuery)
    if redirect.appendsSlash, rest.last != slash { rest.append(slash) }
    switch redirect.target {
    case .location(let place): location = text(place, index, now: now)
    case .prefix(let prefix):
      location = text(prefix, index, now: now)
      // "/" alone is no prefix (configuration manual, 4.2 "redirect").
      if location == [slash] { location = [] }
      location += rest
    case .scheme(let scheme):
      location = text(scheme, index, now: now) + Array("://".utf8)
      location += (request.firstValue(of: Self.host) ?? []) + rest
    }
    func field(_ name: StaticString, _ value: [UInt8]) -> RequestMessage.Field {
      .init(name: Array("\(name)".utf8), value: value)
    }
    location.removeAll { $0 < 0x20 || $0 == 0x7F }
    var fields = [field("content-length", [0x30]), field("location", location)]
    if redirect.code != 301, redirect.code != 308 {
      fields.append(field("cache-control", Array("no-cache".utf8)))
    }
    if let cookie = redirect.cookie { fields.append(field("set-cookie", cookie)) }
    return ProxyAnswer(status: redirect.code, fields: fields, body: [])
  }

  /// Ends the request with an answer that a rule made.
  mutating func answer(
    _ index: Int, _ answer: ProxyAnswer, _ termination: Termination, logged: Bool = true,
    now: Instant, into effects: inout [Effect]
  ) {
    var answer = answer
    changeOwn(index, &answer, now: now)
    let client = clients[index]
    let closes =
      !client.head.keepAlive || !client.head.complete || client.isLeaving || closesClient(client)
      || answer.endsConnection
    dropConnection(index, into: &effects)
    clients[index].status = Int32(answer.status)
    clients[index].bytes = answer.loggedBytes(head: client.head.method == .head)
    clients[index].bodyBytes = 0
    effects.append(.answer(client.id, answer, close: closes))
    finish(index, termination, logged: logged, now: now, into: &effects)
    if closes { forget(index, into: &effects) } else { rest(index, now: now) }
  }

  /// The page that a file gives instead of one of the proxy's own, or the own one where rules may
  /// change it.
  func page(_ index: Int, _ page: ProxyPage) -> ProxyAnswer? {
    let client = clients[index]
    let isRuled = index < exchanges.count && exchanges[index] != nil
    func own(_ rules: RuleSet) -> ProxyAnswer? { rules.pages.first { $0.page == page }?.answer }
    return client.backend.flatMap { own(configuration.backendRules[$0.index]) }
      ?? own(configuration.frontendRules[client.frontend.index])
      ?? (isRuled ? page.answer : nil)
  }
}
