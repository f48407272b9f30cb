// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkLoad

/// Joins what the load saw of a request with what the proxy saw, whichever comes first.
///
/// The key is the client's port and the ordinal on the connection. Ports are used again, so a match
/// counts only if the times agree as well.
struct SightJoin: Sendable {
  /// A request of the load whose record has not come yet, by where its figures are kept.
  struct Waiting: Sendable {
    var outcome: Outcome
    var failure: Int?
    var row: Int?
  }

  private var sights: RecentTable<ProxySight>
  private var waiting: RecentTable<Waiting>

  /// - Parameter limit: how many of each side are remembered at least. Requests of other clients
  ///   never match and must not pile up.
  init(limit: Int) {
    sights = RecentTable(limit: limit)
    waiting = RecentTable(limit: limit)
  }

  /// The record of the request, if it came before. If not, it is waited for, where it is of use.
  mutating func ended(
    _ outcome: Outcome, failure: Int?, row: Int?, waits: Bool
  ) -> ProxySight? {
    guard outcome.ordinal > 0 else { return nil }
    let key = Self.key(outcome.localPort, outcome.ordinal)
    if let sight = sights.take(key), sight.isOf(outcome) { return sight }
    if waits || failure != nil || row != nil {
      waiting.put(key, Waiting(outcome: outcome, failure: failure, row: row))
    }
    return nil
  }

  /// The request that waited for this record, if it ended before.
  mutating func proxied(_ sight: ProxySight, port: UInt16) -> Waiting? {
    let key = Self.key(port, Int(sight.ordinal))
    if let waiting = waiting.take(key), sight.isOf(waiting.outcome) { return waiting }
    sights.put(key, sight)
    return nil
  }

  private static func key(_ port: UInt16, _ ordinal: Int) -> UInt64 {
    UInt64(port) << 48 | UInt64(ordinal)
  }
}

/// A table that forgets what is old: at least `limit` of the newest entries are kept, at most twice
/// as many. Once it is warm, putting and taking allocates nothing.
struct RecentTable<Value: Sendable>: Sendable {
  private let limit: Int
  private var young: [UInt64: Value] = [:]
  private var old: [UInt64: Value] = [:]

  init(limit: Int) {
    precondition(limit > 0, "a table of nothing")
    self.limit = limit
  }

  mutating func put(_ key: UInt64, _ value: Value) {
    if young.count >= limit {
      swap(&young, &old)
      young.removeAll(keepingCapacity: true)
    }
    young[key] = value
  }

  mutating func take(_ key: UInt64) -> Value? {
    let before = old.isEmpty ? nil : old.removeValue(forKey: key)
    return young.removeValue(forKey: key) ?? before
  }
}
