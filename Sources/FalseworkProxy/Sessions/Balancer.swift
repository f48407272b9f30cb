// SPDX-License-Identifier: Apache-2.0
import FalseworkCore

/// The choice of a server (configuration manual, 4.2 "balance").
extension Proxy {
  /// Servers that share the work: the usable active ones, or without any of those the usable backups,
  /// of which the first works alone unless `option allbackups` is given.
  struct Pool {
    var range: Range<Int>
    var areBackups: Bool
  }

  func pool(_ id: BackendID) -> Pool {
    let range = backend(id).servers
    for index in range where isUsable(index) && !isBackup(index) {
      return Pool(range: range, areBackups: false)
    }
    guard !backend(id).allBackups, let first = range.first(where: { isUsable($0) }) else {
      return Pool(range: range, areBackups: true)
    }
    return Pool(range: first..<first + 1, areBackups: true)
  }

  /// The next server of a backend, or nil if none has room for a request now. What a key decides
  /// does not ask for room: the request then waits for its server.
  ///
  /// - Parameters:
  ///   - hash: of the request's key, where the algorithm has one.
  ///   - avoided: a server that just failed; taken only if there is no other.
  mutating func choose(
    _ id: BackendID, hash: UInt32?, avoiding avoided: ServerID?, now: Instant
  ) -> ServerID? {
    let pool = pool(id)
    let found: Int?
    switch backend(id).balance {
    case .roundrobin: found = nextInTurn(id, pool, avoided, now: now)
    case .leastconn: found = leastLoaded(pool, avoided, now: now)
    case .first:
      found = pool.range.first { isCandidate($0, pool, avoided) && hasRoom($0, now: now) }
    case .drawn(let draws): return drawn(id, pool, draws, avoided, now: now)
    case .staticRoundrobin, .source, .uri, .urlParam, .header:
      return lookedUp(id, pool, hash, avoided, now: now)
    }
    if let found { return ServerID(found) }
    guard let avoided, isCandidate(avoided.index, pool, nil), hasRoom(avoided.index, now: now)
    else { return nil }
    return avoided
  }

  private func isCandidate(_ index: Int, _ pool: Pool, _ avoided: ServerID?) -> Bool {
    isUsable(index) && index != avoided?.index && isBackup(index) == pool.areBackups
  }

  // Each of these reads what it needs where it stands: to ask the server's state copies it.

  func isUsable(_ index: Int) -> Bool {
    ServerState.isUsable(
      weight: servers[index].weight, admin: servers[index].admin,
      operational: servers[index].operational)
  }

  /// Whether a request may go there at once.
  func hasRoom(_ index: Int, now: Instant) -> Bool {
    servers[index].maxconn <= 0
      || servers[index].waiting == 0 && servers[index].served < limit(index, now: now)
  }

  /// How many requests it may have now (HAProxy's `srv_dynamic_maxconn`): `minconn` rises to `maxconn`
  /// with the load of the backend, and a slow start takes its share.
  func limit(_ index: Int, now: Instant) -> Int {
    let most = servers[index].maxconn
    let least = configuration.servers[index].minconn
    var limit = most
    if least > 0, least < most {
      let id = configuration.servers[index].backend
      let (full, current) = (backend(id).fullconn, backends[id.index].traffic.current)
      if current < full { limit = max(least, current * most / full) }
    }
    guard servers[index].operational == .starting else { return limit }
    return max(1, limit * rampPercent(index, now: now) / 100)
  }

  func isBackup(_ index: Int) -> Bool { configuration.servers[index].backup }

  // MARK: Turns and loads

  private mutating func nextInTurn(
    _ id: BackendID, _ pool: Pool, _ avoided: ServerID?, now: Instant
  ) -> Int? {
    if pool.areBackups, !backend(id).allBackups {
      return pool.range.first { isCandidate($0, pool, avoided) && hasRoom($0, now: now) }
    }
    // Out of its place while it works, so that nothing is copied.
    var turns = FairTurns([])
    swap(&turns, &backends[id.index].turns[pool.areBackups ? 1 : 0])
    defer { swap(&turns, &backends[id.index].turns[pool.areBackups ? 1 : 0]) }
    let first = pool.range.lowerBound
    let taken = turns.take(avoiding: avoided.map { $0.index - first }) {
      hasRoom(first + $0, now: now)
    }
    return taken.map { first + $0 }
  }

  func turns(_ id: BackendID, areBackups: Bool) -> FairTurns {
    guard backend(id).balance == .roundrobin else { return FairTurns([]) }
    return FairTurns(
      backend(id).servers.map { isBackup($0) == areBackups ? turnWeight($0) : 0 })
  }

  private func turnWeight(_ index: Int) -> Int {
    isUsable(index) ? servers[index].effectiveWeight : 0
  }

  /// A server's weight or state changed.
  mutating func updateTurns(_ server: ServerID) {
    let id = configuration.servers[server.index].backend
    guard backend(id).balance == .roundrobin else { return }
    backends[id.index].turns[isBackup(server.index) ? 1 : 0].set(
      server.index - backend(id).servers.lowerBound, weight: turnWeight(server.index))
  }

  /// The smallest load for its weight; equals in the order in which their load last changed, so that
  /// idle servers are taken in rotation. A full one may still have room in its queue.
  private func leastLoaded(_ pool: Pool, _ avoided: ServerID?, now: Instant) -> Int? {
    var best: Int?
    var bestKey = Int64.max
    for index in pool.range where isCandidate(index, pool, avoided) {
      guard hasRoomOrQueue(index, now: now) else { continue }
      let key = loadKey(index)
      guard let current = best else {
        best = index
        bestKey = key
        continue
      }
      if key < bestKey || key == bestKey && servers[index].stamp < servers[current].stamp {
        best = index
        bestKey = key
      }
    }
    return best
  }

  private func hasRoomOrQueue(_ index: Int, now: Instant) -> Bool {
    servers[index].maxconn <= 0
      || servers[index].served + servers[index].waiting
        < limit(index, now: now) + configuration.servers[index].maxqueue
  }

  private func loadKey(_ index: Int) -> Int64 {
    let load = Int64(servers[index].served + servers[index].waiting)
    return load == 0 ? 0 : (load + 1) * 4_096 / Int64(servers[index].effectiveWeight)
  }

  // MARK: Maps and rings

  /// `random`: of so many drawn the one with the least to do; a full one is as good as none.
  private mutating func drawn(
    _ id: BackendID, _ pool: Pool, _ draws: Int, _ avoided: ServerID?, now: Instant
  ) -> ServerID? {
    prepare(id, pool, onRing: true)
    var best: Int?
    for _ in 0..<draws {
      let hash = UInt32(truncatingIfNeeded: generator.next() >> 32)
      let next = backends[id.index].table.onRing(hash) { $0 == avoided?.index }
      guard let next else { return nil }
      if let previous = best, previous != next,
        servers[next].served * servers[previous].effectiveWeight
          > servers[previous].served * servers[next].effectiveWeight
      {
        continue
      }
      best = next
    }
    return best.flatMap { hasRoom($0, now: now) ? ServerID($0) : nil }
  }

  /// By the key; a request without one takes the next in turn.
  private mutating func lookedUp(
    _ id: BackendID, _ pool: Pool, _ hash: UInt32?, _ avoided: ServerID?, now: Instant
  ) -> ServerID? {
    let onRing = backend(id).hashType.isConsistent && backend(id).balance.isHash
    prepare(id, pool, onRing: onRing)
    let avoided = avoided?.index
    if let hash {
      let found =
        onRing
        ? backends[id.index].table.onRing(hash) { $0 == avoided }
        : backends[id.index].table.inMap(hash)
      return found.map { ServerID($0) }
    }
    var table = LookupTable()
    swap(&table, &backends[id.index].table)
    defer { swap(&table, &backends[id.index].table) }
    let found =
      onRing
      ? table.nextOnRing(avoiding: avoided) { hasRoom($0, now: now) }
      : table.nextInMap(avoiding: avoided) { hasRoom($0, now: now) }
    return found.map { ServerID($0) }
  }

  private mutating func prepare(_ id: BackendID, _ pool: Pool, onRing: Bool) {
    guard backends[id.index].table.isStale else { return }
    let members = pool.range.filter { isCandidate($0, pool, nil) }.map {
      LookupTable.Member(
        server: $0, sid: configuration.servers[$0].sid, weight: servers[$0].weight,
        effectiveWeight: servers[$0].effectiveWeight)
    }
    onRing
      ? backends[id.index].table.makeRing(members) : backends[id.index].table.makeMap(members)
  }

  // MARK: Loads

  /// A server that comes back stands behind its equals.
  mutating func rejoin(_ server: ServerID) {
    stampCounter += 1
    servers[server.index].stamp = stampCounter
  }

  mutating func take(_ server: ServerID, now: Instant) {
    servers[server.index].served += 1
    let served = servers[server.index].served
    servers[server.index].recentPeak = max(servers[server.index].recentPeak, served)
    servers[server.index].neededPeak = max(servers[server.index].neededPeak, served)
    servers[server.index].traffic.enter(now: now)
    stampCounter += 1
    servers[server.index].stamp = stampCounter
  }

  mutating func release(_ server: ServerID) {
    servers[server.index].served -= 1
    servers[server.index].traffic.current -= 1
    stampCounter += 1
    servers[server.index].stamp = stampCounter
  }
}
