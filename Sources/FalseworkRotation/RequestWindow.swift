// SPDX-License-Identifier: Apache-2.0
package import FalseworkCore

/// Requests that ended since a moment: how many, how many of them failed, and how long they took.
package struct RequestWindow: Equatable, Sendable {
  package private(set) var requests = 0
  package private(set) var failures = 0
  /// By microseconds: exact below 64, then 32 buckets for each doubling.
  private var buckets: [Int] = []

  package init() {}

  package mutating func add(failed: Bool, took: Interval) {
    requests += 1
    if failed { failures += 1 }
    let place = Self.place(max(0, took.nanoseconds / 1_000))
    if place >= buckets.count {
      buckets += repeatElement(0, count: place + 1 - buckets.count)
    }
    buckets[place] += 1
  }

  /// No more than this was taken by 99 in a hundred; at most 3.2 % above the true value. Nil without
  /// requests.
  package var p99: Interval? {
    guard requests > 0 else { return nil }
    var left = (requests * 99 + 99) / 100
    for (place, count) in buckets.enumerated() {
      left -= count
      if left <= 0 { return .microseconds(Self.most(place)) }
    }
    preconditionFailure("fewer in the buckets than were counted: \(self)")
  }

  private static func place(_ value: Int64) -> Int {
    guard value >= 64 else { return Int(value) }
    let shift = 58 - value.leadingZeroBitCount
    return shift * 32 + Int(value >> shift)
  }

  /// The largest value of a bucket.
  private static func most(_ place: Int) -> Int64 {
    guard place >= 64 else { return Int64(place) }
    let shift = place / 32 - 1
    return (Int64(place - shift * 32 + 1) << shift) - 1
  }
}
