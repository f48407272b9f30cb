// SPDX-License-Identifier: Apache-2.0

/// Weighted turns in HAProxy's own order (`lb_fwrr.c`).
///
/// A round has as many places as the weights add up to. Each server has the place of its next turn;
/// after a turn that moves on by the sum of all weights over its own. Servers stand in one of three
/// rows: `present` by their next place; `fresh`, which had no turn in this round, by weight; and
/// `later`, whose next place is in the next round. At the round's end `later` becomes `fresh`.
struct FairTurns: Sendable {
  fileprivate enum Row: Sendable { case present, fresh, later }

  fileprivate struct Member: Sendable {
    var row: Row?
    var key = 0
    var weight = 0
    /// Its next place and the one before; 0 before its first.
    var next = 0
    var last = 0
    /// What the division of places left over.
    var remainder = 0
  }

  /// One for each server of the backend: those without a row take no turns.
  private var members: [Member] = []
  private var present: [Int] = []
  private var fresh: [Int] = []
  private var later: [Int] = []
  private var place = 0
  /// The sums of weights that this round began with, and that the next one begins with.
  private var presentWeight = 0
  private var nextWeight = 0

  /// The servers as a process starts with them: their weights, sixteen for each point; 0 for one that
  /// takes no turns. They are numbered from 0, in the backend's order.
  init(_ weights: [Int]) {
    members = weights.map { Member(weight: $0) }
    for (server, weight) in weights.enumerated() where weight > 0 {
      nextWeight += weight
      queueByWeight(server, .fresh)
    }
    presentWeight = nextWeight
    place = presentWeight
  }

  // MARK: Rows

  private mutating func insert(_ server: Int, key: Int, _ row: Row) {
    members[server].row = row
    members[server].key = key
    func put(_ list: inout [Int], _ members: [Member]) {
      let index = list.firstIndex { members[$0].key > key } ?? list.endIndex
      list.insert(server, at: index)
    }
    switch row {
    case .present: put(&present, members)
    case .fresh: put(&fresh, members)
    case .later: put(&later, members)
    }
  }

  private mutating func remove(_ server: Int) {
    switch members[server].row.take() {
    case .present: present.removeAll { $0 == server }
    case .fresh: fresh.removeAll { $0 == server }
    case .later: later.removeAll { $0 == server }
    case nil: break
    }
  }

  private mutating func queueByWeight(_ server: Int, _ row: Row) {
    insert(server, key: 4_096 - members[server].weight, row)
  }

  private mutating func queue(_ server: Int) {
    let member = members[server]
    if member.next >= 2 * presentWeight || member.next >= presentWeight + nextWeight {
      members[server].next -= presentWeight
      queueByWeight(server, .later)
    } else {
      insert(
        server, key: 256 * member.next + (4_096 + member.remainder - member.weight) / 16, .present)
    }
  }

  /// Its place as this round counts.
  private mutating func restore(_ server: Int) {
    switch members[server].row {
    case .fresh:
      members[server].next = 0
      members[server].remainder = 0
    case .later: members[server].next += presentWeight
    case nil: members[server].next = place
    case .present: break
    }
  }

  private mutating func moveOn(_ server: Int) {
    members[server].move(by: nextWeight, from: place)
  }

  private mutating func newRound() {
    swap(&fresh, &later)
    for server in fresh { members[server].row = .fresh }
    for server in later { members[server].row = .later }
    presentWeight = nextWeight
    place = presentWeight
  }

  // MARK: Turns

  /// The next server that `isFree`; one that is to be avoided only if there is no other.
  mutating func take(avoiding avoided: Int?, _ isFree: (Int) -> Bool) -> Int? {
    var passed: [Int] = []
    var spare: Int?
    var chosen: Int?
    var hasSwitched = false
    if presentWeight == 0 {
      presentWeight = nextWeight
      place = nextWeight
    }
    while true {
      guard let server = first() else {
        if hasSwitched { break }
        hasSwitched = true
        newRound()
        continue
      }
      restore(server)
      moveOn(server)
      remove(server)
      place += 1
      if isFree(server) {
        if server != avoided || spare != nil {
          chosen = server
          break
        }
        spare = server
      }
      passed.append(server)
    }
    if let chosen { queue(chosen) }
    for server in passed { queue(server) }
    return chosen ?? spare
  }

  private func first() -> Int? {
    if let due = present.first, members[due].next <= place { return due }
    return fresh.first ?? present.first
  }

  // MARK: Changes

  /// A server's weight is now this, sixteen for each point; 0 for one that takes no turns.
  mutating func set(_ server: Int, weight: Int) {
    let old = members[server].row == nil ? 0 : members[server].weight
    guard weight != old else { return }
    nextWeight += weight - old
    if old == 0 {
      members[server].weight = weight
      members[server].next = place + (nextWeight + presentWeight - place) / weight
      queue(server)
    } else if weight == 0 {
      remove(server)
      members[server].next = 0
    } else {
      change(server, to: weight)
    }
  }

  private mutating func change(_ server: Int, to weight: Int) {
    if members[server].row == .fresh {
      remove(server)
      members[server].weight = weight
      return queueByWeight(server, .fresh)
    }
    restore(server)
    let step = nextWeight / weight
    let before = members[server].next
    var next = min(members[server].last + step, before)
    if next < place + 2 { next = place + step }
    members[server].remainder = 0
    members[server].next = next
    members[server].weight = weight
    remove(server)
    queue(server)
  }
}

extension FairTurns.Member {
  /// The turn after one that is taken.
  fileprivate mutating func move(by sum: Int, from place: Int) {
    if next == 0 { next = place }
    last = next
    next += sum / weight
    remainder += sum % weight
    if remainder >= weight {
      remainder -= weight
      next += 1
    }
  }
}
