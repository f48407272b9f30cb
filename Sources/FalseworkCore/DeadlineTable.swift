// SPDX-License-Identifier: Apache-2.0

/// Deadlines by dense number, earliest first; ties go to the deadline that was set first.
///
/// An indexed binary heap: setting, moving and removing one is logarithmic, reading the
/// earliest is free, and after warm-up nothing is allocated. Timers are data: there is nothing to
/// cancel and nothing that can fire late into a state that no longer waits for it.
package struct DeadlineTable: Sendable {
  private struct Entry {
    var instant: Instant
    var sequence: UInt64
    var key: Int32
  }

  private var heap: [Entry] = []
  /// Place in the heap by key, −1 for none.
  private var places: [Int32] = []
  private var sequence: UInt64 = 0

  package init() {}

  package var next: Instant { heap.first?.instant ?? .never }
  package var count: Int { heap.count }

  package func deadline(of key: Int) -> Instant {
    guard key < places.count, places[key] >= 0 else { return .never }
    return heap[Int(places[key])].instant
  }

  /// Sets or moves a deadline; `.never` removes it.
  package mutating func set(_ key: Int, to instant: Instant) {
    guard instant != .never else { return remove(key) }
    while places.count <= key { places.append(-1) }
    sequence += 1
    let entry = Entry(instant: instant, sequence: sequence, key: Int32(key))
    let place = Int(places[key])
    if place < 0 {
      heap.append(entry)
      places[key] = Int32(heap.count - 1)
      rise(from: heap.count - 1)
    } else {
      heap[place] = entry
      rise(from: place)
      sink(from: Int(places[key]))
    }
  }

  package mutating func remove(_ key: Int) {
    guard key < places.count, places[key] >= 0 else { return }
    let place = Int(places[key])
    places[key] = -1
    let last = heap.removeLast()
    guard place < heap.count else { return }
    heap[place] = last
    places[Int(last.key)] = Int32(place)
    rise(from: place)
    sink(from: Int(places[Int(last.key)]))
  }

  /// Takes out the earliest key that is due, or nil.
  package mutating func popDue(now: Instant) -> Int? {
    guard let first = heap.first, first.instant <= now else { return nil }
    remove(Int(first.key))
    return Int(first.key)
  }

  private func before(_ a: Int, _ b: Int) -> Bool {
    let x = heap[a]
    let y = heap[b]
    return x.instant != y.instant ? x.instant < y.instant : x.sequence < y.sequence
  }

  private mutating func exchange(_ a: Int, _ b: Int) {
    heap.swapAt(a, b)
    places[Int(heap[a].key)] = Int32(a)
    places[Int(heap[b].key)] = Int32(b)
  }

  private mutating func rise(from start: Int) {
    var place = start
    while place > 0, before(place, (place - 1) / 2) {
      exchange(place, (place - 1) / 2)
      place = (place - 1) / 2
    }
  }

  private mutating func sink(from start: Int) {
    var place = start
    while true {
      let left = 2 * place + 1
      var least = place
      if left < heap.count, before(left, least) { least = left }
      if left + 1 < heap.count, before(left + 1, least) { least = left + 1 }
      guard least != place else { return }
      exchange(place, least)
      place = least
    }
  }
}
