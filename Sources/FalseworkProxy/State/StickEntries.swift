// SPDX-License-Identifier: Apache-2.0
package import FalseworkCore

/// What an entry of a stick table is found by.
package enum StickKey: Hashable, Comparable, Sendable {
  case address(UInt32)
  case number(UInt32)
  case text([UInt8])

  package static func < (a: Self, b: Self) -> Bool {
    switch (a, b) {
    case (.address(let a), .address(let b)), (.number(let a), .number(let b)): a < b
    case (.text(let a), .text(let b)): a.lexicographicallyPrecedes(b)
    case (.address, _), (.number, .text): true
    case (.number, .address), (.text, _): false
    }
  }
}

/// A stick table (configuration manual, 4.2 "stick-table").
package struct StickEntries: Equatable, Sendable {
  package struct Entry: Equatable, Sendable {
    package var server: ServerID?
    package var expires: Instant
    /// By the places of the table's figures.
    package var figures: [StickCount]
  }

  package let table: ProxyConfiguration.StickTable
  private var entries: [StickKey: Entry] = [:]

  init(_ table: ProxyConfiguration.StickTable) {
    self.table = table
  }

  package func count(now: Instant) -> Int { entries.values.count { $0.expires > now } }

  /// Living entries in the order of their keys.
  package func sorted(now: Instant) -> [(key: StickKey, entry: Entry)] {
    entries.filter { $0.value.expires > now }.sorted { $0.key < $1.key }
      .map { (key: $0.key, entry: $0.value) }
  }

  package func entry(_ key: StickKey, now: Instant) -> Entry? {
    entries[key].flatMap { $0.expires > now ? $0 : nil }
  }

  /// A sample's value as a key of this table; nil for one that cannot be.
  func key(_ value: Sample.Value) -> StickKey? {
    switch table.kind {
    case .address: value.address.map { .address($0) }
    case .number: .number(UInt32(truncatingIfNeeded: value.number ?? 0))
    case .text(let length):
      value.bytes.isEmpty ? nil : .text(Array(value.bytes.prefix(length)))
    }
  }

  /// Changes an entry, which is made if there is none. A full table forgets what is over, and then
  /// the entry that would be over first, unless it is not to.
  mutating func change(_ key: StickKey, now: Instant, _ body: (inout Entry) -> Void) {
    var entry: Entry
    if let old = entries[key], old.expires > now {
      entry = old
    } else {
      guard entries[key] != nil || makeRoom(now: now) else { return }
      entry = Entry(
        server: nil, expires: .never,
        figures: table.figures.map { _ in StickCount() })
    }
    entry.expires = now + table.expire
    body(&entry)
    entries[key] = entry
  }

  private mutating func makeRoom(now: Instant) -> Bool {
    guard entries.count >= table.size else { return true }
    entries = entries.filter { $0.value.expires > now }
    guard entries.count >= table.size else { return true }
    guard !table.keepsAll,
      let first = entries.min(by: { ($0.value.expires, $0.key) < ($1.value.expires, $1.key) })
    else { return false }
    entries[first.key] = nil
    return true
  }

  mutating func store(_ key: StickKey, server: ServerID, now: Instant) {
    change(key, now: now) { $0.server = server }
  }

  mutating func count(_ key: StickKey, _ figures: [StickFigure], by: Int = 1, now: Instant) {
    let table = table
    change(key, now: now) { entry in
      for (place, stored) in table.figures.enumerated() where figures.contains(stored.figure) {
        entry.figures[place].add(by, period: stored.period, now: now)
      }
    }
  }

  func value(_ figure: StickFigure, of key: StickKey, now: Instant) -> Int? {
    guard let place = table.figures.firstIndex(where: { $0.figure == figure }) else { return nil }
    guard let entry = entry(key, now: now) else { return 0 }
    return entry.figures[place].value(period: table.figures[place].period, now: now)
  }

  mutating func set(_ key: StickKey, _ figure: StickFigure, to value: Int, now: Instant) {
    let table = table
    change(key, now: now) { entry in
      guard let place = table.figures.firstIndex(where: { $0.figure == figure }) else { return }
      entry.figures[place] = StickCount(value)
    }
  }

  mutating func remove(_ key: StickKey) { entries[key] = nil }

  package mutating func clear() { entries.removeAll() }
}

/// A count, or how many there were in the last period.
package struct StickCount: Equatable, Sendable {
  private var current: Int
  private var previous = 0
  private var began = Instant.start

  init(_ value: Int = 0) { current = value }

  mutating func add(_ amount: Int, period: Interval?, now: Instant) {
    if let period { move(period, now: now) }
    current = max(0, current + amount)
  }

  /// Of the period before, the part that is less than a period ago counts.
  package func value(period: Interval?, now: Instant) -> Int {
    guard let period else { return current }
    var copy = self
    copy.move(period, now: now)
    let whole = max(1, period.milliseconds)
    let left = max(0, whole - (now - copy.began).milliseconds)
    if copy.current == 0, copy.previous <= 1 { return copy.previous }
    return copy.current + Int(Int64(copy.previous) * left / whole)
  }

  private mutating func move(_ period: Interval, now: Instant) {
    guard now - began >= period else { return }
    let isNext = now - began < period * 2
    previous = isNext ? current : 0
    current = 0
    began = isNext ? began + period : now
  }
}
