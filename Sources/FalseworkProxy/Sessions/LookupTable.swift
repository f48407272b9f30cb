// SPDX-License-Identifier: Apache-2.0

/// Where a hash finds its server: a map with as many places as the weights add up to, or a ring
/// (HAProxy's `lb_map.c`, `lb_chash.c`). It is made anew at the first look after a change.
struct LookupTable: Sendable {
  struct Member {
    var server: Int
    /// From 1 in its backend: what gives a server its places on the ring.
    var sid: Int
    var weight: Int
    /// Weight times its slow start, at most 16 times the weight.
    var effectiveWeight: Int
  }

  private struct Place: Sendable {
    var key: UInt32
    var server: Int32
  }

  private(set) var isStale = true
  private var map: [Int32] = []
  private var ring: [Place] = []
  /// The next place in turn.
  private var turn = 0

  mutating func invalidate() { isStale = true }

  // MARK: The map

  mutating func makeMap(_ members: [Member]) {
    isStale = false
    ring = []
    let divisor = max(1, members.reduce(0) { Self.commonDivisor($0, $1.weight) })
    let total = members.reduce(0) { $0 + $1.weight / divisor }
    var scores = [Int](repeating: 0, count: members.count)
    map = []
    for _ in 0..<total {
      var best = 0
      var most = -1
      for (index, member) in members.enumerated() {
        scores[index] += member.weight / divisor
        let value = (scores[index] + total) / total
        if value > most { (best, most) = (index, value) }
      }
      scores[best] -= total
      map.append(Int32(members[best].server))
    }
  }

  private static func commonDivisor(_ a: Int, _ b: Int) -> Int {
    b == 0 ? a : commonDivisor(b, a % b)
  }

  func inMap(_ hash: UInt32) -> Int? {
    map.isEmpty ? nil : Int(map[Int(hash) % map.count])
  }

  /// The next in turn that `isFree`; one to be avoided only if there is no other.
  mutating func nextInMap(avoiding avoided: Int?, _ isFree: (Int) -> Bool) -> Int? {
    guard !map.isEmpty else { return nil }
    if turn >= map.count { turn = 0 }
    var last: (server: Int, turn: Int)?
    for step in 0..<map.count {
      let place = (turn + step) % map.count
      let server = Int(map[place])
      guard isFree(server) else { continue }
      if server != avoided {
        turn = place + 1
        return server
      }
      last = (server, place + 1)
    }
    if let last { turn = last.turn }
    return last?.server
  }

  // MARK: The ring

  /// Sixteen places for each point of a weight.
  mutating func makeRing(_ members: [Member]) {
    isStale = false
    map = []
    ring = members.flatMap { member in
      (0..<member.effectiveWeight).map { node in
        Place(
          key: HashType.full(UInt32(truncatingIfNeeded: member.sid * 4_096 + node)),
          server: Int32(member.server))
      }
    }
    ring.sort { $0.key < $1.key }
  }

  /// The server whose place is nearest; past those that `isRefused`, unless all are.
  func onRing(_ hash: UInt32, _ isRefused: (Int) -> Bool) -> Int? {
    guard !ring.isEmpty else { return nil }
    var place = firstPlace(from: hash) % ring.count
    let before = (place + ring.count - 1) % ring.count
    if hash &- ring[before].key <= ring[place].key &- hash { place = before }
    for step in 0..<ring.count {
      let server = Int(ring[(place + step) % ring.count].server)
      if !isRefused(server) { return server }
    }
    return Int(ring[place].server)
  }

  private func firstPlace(from hash: UInt32) -> Int {
    var (low, high) = (0, ring.count)
    while low < high {
      let middle = (low + high) / 2
      if ring[middle].key < hash { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// The next place of the ring in turn, for requests that have no key.
  mutating func nextOnRing(avoiding avoided: Int?, _ isFree: (Int) -> Bool) -> Int? {
    guard !ring.isEmpty else { return nil }
    var spare: Int?
    for step in 0..<ring.count {
      let place = (turn + step) % ring.count
      let server = Int(ring[place].server)
      guard isFree(server) else { continue }
      if server != avoided {
        turn = place + 1
        return server
      }
      spare = server
    }
    return spare
  }
}
