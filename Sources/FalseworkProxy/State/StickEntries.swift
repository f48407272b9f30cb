// SPDX-License-Identifier: Apache-2.0
package import FalseworkCore

/// A stick table of source addresses (configuration manual, 4.2 "stick-table").
package struct StickEntries: Equatable, Sendable {
  package struct Entry: Equatable, Sendable {
    package var server: ServerID
    package var expires: Instant
  }

  package let size: Int
  private let expire: Interval
  private var entries: [UInt32: Entry] = [:]

  init(size: Int, expire: Interval) {
    self.size = size
    self.expire = expire
  }

  package func count(now: Instant) -> Int { entries.values.count { $0.expires > now } }

  /// Living entries in the order of their keys.
  package func sorted(now: Instant) -> [(key: UInt32, entry: Entry)] {
    entries.filter { $0.value.expires > now }.sorted { $0.key < $1.key }
      .map { (key: $0.key, entry: $0.value) }
  }

  /// A full table forgets what is over, and takes no new key while there is none.
  mutating func store(_ key: UInt32, server: ServerID, now: Instant) {
    if entries[key] == nil, entries.count >= size {
      entries = entries.filter { $0.value.expires > now }
      guard entries.count < size else { return }
    }
    entries[key] = Entry(server: server, expires: now + expire)
  }

  mutating func remove(_ key: UInt32) { entries[key] = nil }

  package mutating func clear() { entries.removeAll() }
}
