// SPDX-License-Identifier: Apache-2.0
import FalseworkCore

/// The choice of a server (configuration manual, 4.2 "balance").
extension Proxy {
  /// The next server of a backend, or nil if none may take a request now.
  ///
  /// - Parameter avoided: a server that just failed; taken only if there is no other.
  mutating func choose(_ id: BackendID, avoiding avoided: ServerID?) -> ServerID? {
    // Backups only when no active server is usable, and then only the first of them.
    let range = backend(id).servers
    var hasActive = false
    for index in range where isUsable(index) && !isBackup(index) { hasActive = true }
    guard hasActive else {
      let backup = range.first { servers[$0].isUsable }
      return backup.flatMap { servers[$0].isFull ? nil : ServerID($0) }
    }
    let found =
      switch backend(id).balance {
      case .roundrobin: nextInTurn(id, range, avoided)
      case .leastconn: leastLoaded(range, avoided)
      }
    if let found { return ServerID(found) }
    guard let avoided, isCandidate(avoided.index, nil) else { return nil }
    return avoided
  }

  private func isCandidate(_ index: Int, _ avoided: ServerID?) -> Bool {
    isUsable(index) && hasRoom(index) && index != avoided?.index && !isBackup(index)
  }

  // Each of these reads what it needs where it stands: to ask the server's state copies it.

  func isUsable(_ index: Int) -> Bool {
    ServerState.isUsable(
      weight: servers[index].weight, admin: servers[index].admin,
      operational: servers[index].operational)
  }

  func hasRoom(_ index: Int) -> Bool {
    servers[index].maxconn <= 0 || servers[index].served < servers[index].maxconn
  }

  private func isBackup(_ index: Int) -> Bool { configuration.servers[index].backup }

  /// Weighted turns: each server has the number of its next turn; after it was taken that moves on by
  /// the sum of all weights over its own. A server whose turn has come is taken before one that never
  /// had a turn, and that one before the one whose turn comes next.
  private mutating func nextInTurn(
    _ id: BackendID, _ range: Range<Int>, _ avoided: ServerID?
  ) -> Int? {
    let now = backends[id.index].turn
    var due: Int?
    var fresh: Int?
    var later: Int?
    func before(_ a: Int, _ b: Int?) -> Bool {
      guard let b else { return true }
      let (x, y) = (servers[a].turn ?? 0, servers[b].turn ?? 0)
      return x != y ? x < y : servers[a].weight > servers[b].weight
    }
    var sum: Int64 = 0
    for index in range where isUsable(index) && !isBackup(index) {
      sum += Int64(servers[index].weight)
      guard isCandidate(index, avoided) else { continue }
      guard let turn = servers[index].turn else {
        if before(index, fresh) { fresh = index }
        continue
      }
      if turn <= now {
        if before(index, due) { due = index }
      } else if before(index, later) {
        later = index
      }
    }
    guard let chosen = due ?? fresh ?? later else { return nil }
    let weight = Int64(servers[chosen].weight)
    var turn = (servers[chosen].turn ?? now) + sum / weight
    servers[chosen].turnRemainder += sum % weight
    if servers[chosen].turnRemainder >= weight {
      servers[chosen].turnRemainder -= weight
      turn += 1
    }
    servers[chosen].turn = turn
    backends[id.index].turn = now + 1
    return chosen
  }

  /// The smallest load for its weight; equals in the order in which their load last changed, so that
  /// idle servers are taken in rotation.
  private func leastLoaded(_ range: Range<Int>, _ avoided: ServerID?) -> Int? {
    var best: Int?
    var bestKey = Int64.max
    for index in range where isCandidate(index, avoided) {
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

  private func loadKey(_ index: Int) -> Int64 {
    let served = Int64(servers[index].served)
    return served == 0 ? 0 : (served + 1) * 4_096 / Int64(servers[index].weight * 16)
  }

  /// A server that comes back takes its turns from now on, and does not make up for those it missed.
  mutating func rejoin(_ server: ServerID) {
    servers[server.index].turn = nil
    servers[server.index].turnRemainder = 0
    stampCounter += 1
    servers[server.index].stamp = stampCounter
  }

  mutating func take(_ server: ServerID, now: Instant) {
    servers[server.index].served += 1
    servers[server.index].recentPeak = max(
      servers[server.index].recentPeak, servers[server.index].served)
    servers[server.index].traffic.enter(now: now)
    servers[server.index].traffic.chosen += 1
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
