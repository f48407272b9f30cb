// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkHTTP

/// Keeping clients at their servers: cookies and stick tables.
extension Proxy {
  /// Looks for the server that the request belongs to.
  mutating func persist(_ index: Int, _ backend: BackendID, now: Instant) {
    let rules = configuration.backendRules[backend.index]
    if let cookie = rules.cookie {
      if cookie.mode != .passive || cookie.isIndirect || cookie.preserves {
        let none = UInt8(ascii: "N")
        exchanges[index]!.letters = CookieLetters(client: none, server: none)
      }
      readCookie(index, backend, cookie, now: now)
    }
    for rule in rules.sticks where !rule.ofResponse { stick(index, rule, now: now) }
    clients[index].isDirect = exchanges[index]!.direct != nil
  }

  // MARK: Cookies of requests

  private mutating func readCookie(
    _ index: Int, _ backend: BackendID, _ cookie: CookiePersistence, now: Instant
  ) {
    let name = Array("cookie".utf8)
    for place in exchanges[index]!.request.fields.indices {
      let field = exchanges[index]!.request.fields[place]
      guard field.name == name, let pair = CookieLine.pair(cookie.name, in: field.value) else {
        continue
      }
      let value = field.value[pair.value]
      let end = look(index, backend, cookie, value, now: now)
      if cookie.mode == .prefix, let end {
        exchanges[index]!.request.fields[place].value.removeSubrange(
          pair.value.lowerBound..<end + 1)
        exchanges[index]!.requestChanged = true
      } else if cookie.mode == .insert, cookie.isIndirect {
        if let rest = CookieLine.removing(pair, from: field.value) {
          exchanges[index]!.request.fields[place].value = rest
        } else {
          exchanges[index]!.request.fields.remove(at: place)
        }
        exchanges[index]!.requestChanged = true
      }
      return
    }
  }

  /// Judges a cookie's value; returns where a prefix ends.
  private mutating func look(
    _ index: Int, _ backend: BackendID, _ cookie: CookiePersistence, _ value: ArraySlice<UInt8>,
    now: Instant
  ) -> Int? {
    let mark = UInt8(ascii: cookie.mode == .prefix ? "~" : "|")
    let end = value.firstIndex(of: mark)
    var name = value[..<(end ?? value.endIndex)]
    var letter = Character("I")
    if cookie.mode != .prefix, let end {
      let dates = value[(end + 1)...]
      exchanges[index]!.lastSeen = CookieDates.seconds(dates)
      if let second = dates.firstIndex(of: mark) {
        exchanges[index]!.firstSeen = CookieDates.seconds(dates[(second + 1)...])
      }
      let seconds = seconds(now)
      if let life = cookie.maxLife, let first = exchanges[index]!.firstSeen, seconds - first > life
      {
        letter = "O"
        name = []
      } else if let idle = cookie.maxIdle, let last = exchanges[index]!.lastSeen,
        seconds - last > idle
      {
        letter = "E"
        name = []
      }
    }
    if !name.isEmpty {
      for server in self.backend(backend).servers
      where configuration.servers[server].cookie.map({ name.elementsEqual($0) }) == true {
        let isUp = servers[server].operational != .stopped && !servers[server].admin.isMaint
        letter = isUp ? "V" : "D"
        if isUp || configuration.backendRules[backend.index].persistsWhenDown {
          exchanges[index]!.direct = ServerID(server)
          break
        }
      }
    }
    if exchanges[index]!.letters != .absent {
      exchanges[index]!.letters.client = letter.asciiValue!
    }
    return cookie.mode == .prefix ? end : nil
  }

  /// Seconds of the epoch.
  private func seconds(_ now: Instant) -> Int {
    Int((wall + (now - .start)).nanoseconds / 1_000_000_000)
  }

  // MARK: Stick tables

  private mutating func stick(_ index: Int, _ rule: StickRule, now: Instant) {
    guard holds(rule.condition, index, now: now),
      let value = value(rule.sample, index, now: now),
      let key = backends[rule.table.index].stickTable?.key(value)
    else { return }
    if rule.matches, exchanges[index]!.direct == nil,
      let server = backends[rule.table.index].stickTable?.entry(key, now: now)?.server
    {
      let isUp =
        servers[server.index].operational != .stopped && !servers[server.index].admin.isMaint
      let own = clients[index].backend.map { backend($0).servers.contains(server.index) } ?? false
      if own, isUp || configuration.backendRules[rule.table.index].persistsWhenDown {
        exchanges[index]!.direct = server
      }
    }
    if rule.stores { exchanges[index]!.toStore.append((rule.table, key)) }
  }

  /// The request has its server: what was to be kept of it is.
  mutating func storeSticks(_ index: Int, _ server: ServerID, now: Instant) {
    guard index < exchanges.count, let exchange = exchanges[index] else { return }
    for (table, key) in exchange.toStore {
      backends[table.index].stickTable?.store(key, server: server, now: now)
    }
  }

  /// It went to another server than the one that it belonged to.
  mutating func strayed(_ index: Int) {
    clients[index].isDirect = false
    guard index < exchanges.count, exchanges[index] != nil else { return }
    if exchanges[index]!.letters.client == UInt8(ascii: "V") {
      exchanges[index]!.letters.client = UInt8(ascii: "D")
    }
  }

  // MARK: Counts

  mutating func track(_ index: Int, _ slot: Int, _ sample: Sample, _ table: String?, now: Instant) {
    let id =
      table.flatMap { name in configuration.backends.firstIndex { $0.name == name } }
      .map { BackendID($0) } ?? clients[index].backend
    guard let id, let value = value(sample, index, now: now),
      let key = backends[id.index].stickTable?.key(value),
      exchanges[index]!.tracked[slot] == nil
    else { return }
    exchanges[index]!.tracked[slot] = .init(table: id, key: key)
    backends[id.index].stickTable?.count(
      key,
      [.httpRequestCount, .httpRequestRate, .connectionCount, .connectionRate, .current], now: now)
  }

  mutating func countTracked(_ index: Int, _ figures: [StickFigure], by: Int = 1, now: Instant) {
    guard index < exchanges.count, let exchange = exchanges[index] else { return }
    for slot in exchange.tracked.indices {
      guard let tracked = exchange.tracked[slot] else { continue }
      backends[tracked.table.index].stickTable?.count(tracked.key, figures, by: by, now: now)
    }
  }

  /// The request is over.
  mutating func endTracking(_ index: Int, now: Instant) {
    let (sent, received) = (
      clients[index].bytes + clients[index].bodyBytes, clients[index].head.bytes
    )
    countTracked(index, [.current], by: -1, now: now)
    countTracked(index, [.bytesIn, .bytesInRate], by: received, now: now)
    countTracked(index, [.bytesOut, .bytesOutRate], by: sent, now: now)
  }

  func figures(_ fetch: Sample.Fetch, _ index: Int, now: Instant) -> [Sample.Value] {
    switch fetch {
    case .tracked(let figure, let slot):
      guard let tracked = exchanges[index]?.tracked[slot],
        let value = backends[tracked.table.index].stickTable?.value(
          figure, of: tracked.key, now: now)
      else { return [] }
      return [.number(value)]
    case .ofSource(let figure, let name):
      let id =
        name.flatMap { name in configuration.backends.firstIndex { $0.name == name } }
        .map { BackendID($0) } ?? clients[index].backend
      guard let id,
        let key = backends[id.index].stickTable?.key(.address(clients[index].address.ip)),
        let value = backends[id.index].stickTable?.value(figure, of: key, now: now)
      else { return [] }
      return [.number(value)]
    default: return []
    }
  }

  // MARK: Answers

  /// What becomes of the server's cookie, and whether the proxy sets its own. True if the answer
  /// changed.
  mutating func setCookie(_ index: Int, now: Instant) -> Bool {
    guard let backend = clients[index].backend, let server = clients[index].server,
      let cookie = configuration.backendRules[backend.index].cookie, cookie.changesResponses
    else { return false }
    let name = configuration.servers[server.index].cookie
    var changed = false
    var found = false
    var fields = exchanges[index]!.response!.fields
    let line = Array("set-cookie".utf8)
    for place in fields.indices.reversed() where fields[place].name == line {
      guard let pair = CookieLine.pair(cookie.name, in: fields[place].value),
        pair.range.lowerBound == HeaderValues.trimmed(fields[place].value[...]).startIndex
      else { continue }
      found = true
      exchanges[index]!.letters.server = UInt8(ascii: "P")
      if cookie.preserves { continue }
      if cookie.mode == .insert || cookie.isIndirect && clients[index].isDirect {
        fields.remove(at: place)
        exchanges[index]!.letters.server = UInt8(ascii: "D")
        changed = true
      } else if let name, cookie.mode == .rewrite {
        fields[place].value.replaceSubrange(pair.value, with: name)
        exchanges[index]!.letters.server = UInt8(ascii: "R")
        changed = true
      } else if let name, cookie.mode == .prefix {
        fields[place].value.insert(
          contentsOf: name + [UInt8(ascii: "~")], at: pair.value.lowerBound)
        exchanges[index]!.letters.server = UInt8(ascii: "R")
        changed = true
      }
    }
    if cookie.mode == .insert, !(found && cookie.preserves), isDue(index, cookie, now: now),
      !cookie.onlyPosts || clients[index].head.method == .post
    {
      fields.append(.init(name: line, value: value(of: cookie, name, index, now: now)))
      let isUpdate = name != nil && clients[index].isDirect
      exchanges[index]!.letters.server = UInt8(ascii: isUpdate ? "U" : "I")
      if cookie.forbidsCaches, isCacheable(exchanges[index]!.response!) {
        fields.append(
          .init(name: Array("cache-control".utf8), value: Array("private".utf8)))
      }
      changed = true
    }
    exchanges[index]!.response!.fields = fields
    return changed
  }

  /// The client has no cookie of this server, or one whose date is old.
  private func isDue(_ index: Int, _ cookie: CookiePersistence, now: Instant) -> Bool {
    guard clients[index].isDirect, let exchange = exchanges[index] else { return true }
    let dates = cookie.maxIdle != nil || exchange.lastSeen != nil
    if dates, exchange.lastSeen.map({ $0 < seconds(now) }) ?? true { return true }
    return (cookie.maxLife != nil) != (exchange.firstSeen != nil)
  }

  private func value(
    of cookie: CookiePersistence, _ server: [UInt8]?, _ index: Int, now: Instant
  ) -> [UInt8] {
    var value = cookie.name + [UInt8(ascii: "=")]
    if let server {
      value += server
      if cookie.maxIdle != nil || cookie.maxLife != nil {
        value += [UInt8(ascii: "|")] + CookieDates.text(seconds(now))
        if cookie.maxLife != nil {
          value.append(UInt8(ascii: "|"))
          value +=
            exchanges[index]!.firstSeen.map { CookieDates.encoded($0 >> 2) }
            ?? CookieDates.text(seconds(now))
        }
      }
      value += Array("; path=/".utf8)
    } else {
      // A server without a name for its cookie takes the cookie away.
      value += Array("; Expires=Thu, 01-Jan-1970 00:00:01 GMT; path=/".utf8)
    }
    return value + cookie.attributes
  }

  /// Whether a cache on the way might keep the answer.
  private func isCacheable(_ response: ResponseMessage) -> Bool {
    guard [200, 203, 204, 206, 300, 301, 404, 405, 410, 414, 501].contains(response.status) else {
      return false
    }
    func has(_ name: StaticString) -> Bool {
      response.fields.contains { $0.name.elementsEqual(Array("\(name)".utf8)) }
    }
    let control = HeaderValues.values(of: Array("cache-control".utf8), in: response.fields)
    func says(_ words: [String]) -> Bool {
      control.contains { value in words.contains { value.starts(with: $0.utf8) } }
    }
    if says(["private", "no-cache", "no-store", "max-age=0", "s-maxage=0"]) { return false }
    return says(["public", "max-age", "s-maxage"]) || has("expires") || has("etag")
      || has("last-modified")
  }

  /// `stick store-response`.
  mutating func stickResponse(_ index: Int, now: Instant) {
    guard let backend = clients[index].backend, let server = clients[index].server else { return }
    for rule in configuration.backendRules[backend.index].sticks
    where rule.ofResponse && holds(rule.condition, index, now: now) {
      guard let value = value(rule.sample, index, now: now),
        let key = backends[rule.table.index].stickTable?.key(value)
      else { continue }
      backends[rule.table.index].stickTable?.store(key, server: server, now: now)
    }
  }
}
