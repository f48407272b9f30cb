// SPDX-License-Identifier: Apache-2.0
package import FalseworkCore

/// What a worker tells the master of its requests: everything since the last report, and then it begins
/// anew.
package struct LocustReport: Sendable {
  /// A row of Locust's table.
  package struct Key: Hashable, Sendable {
    package var method: String
    package var name: String

    package init(method: String, name: String) {
      self.method = method
      self.name = name
    }
  }

  private struct Entry: Sendable {
    var key: Key
    var requests: Int64 = 0
    var failures: Int64 = 0
    /// In milliseconds, like everything of Locust's.
    var sum = 0.0
    var longest = 0.0
    var shortest: Double?
    var bytes: Int64 = 0
    var last: Double?
    var times: [Int64: Int64] = [:]
    var perSecond: [Int64: Int64] = [:]
    var failuresPerSecond: [Int64: Int64] = [:]

    mutating func record(_ milliseconds: Double, failed: Bool, bytes: Int, at wall: UTCTime) {
      requests += 1
      sum += milliseconds
      longest = max(longest, milliseconds)
      shortest = min(shortest ?? milliseconds, milliseconds)
      self.bytes += Int64(bytes)
      last = wall.unix
      times[LocustReport.bucket(milliseconds), default: 0] += 1
      perSecond[wall.seconds, default: 0] += 1
      guard failed else { return }
      failures += 1
      failuresPerSecond[wall.seconds, default: 0] += 1
    }

    /// The fourteen members that a master reads.
    func value(began: Double) -> LocustValue {
      .object([
        "name": .text(key.name), "method": .text(key.method),
        "last_request_timestamp": last.map { .double($0) } ?? .nil,
        "start_time": .double(began), "num_requests": .integer(requests),
        "num_none_requests": .integer(0), "num_failures": .integer(failures),
        "total_response_time": .double(sum), "max_response_time": .double(longest),
        // Zero would be the master's minimum for the rest of the run.
        "min_response_time": shortest.map { .double($0) } ?? .nil,
        "total_content_length": .integer(bytes),
        "response_times": Self.map(times) { key in
          key % 10 == 0 ? .integer(key / 10) : .double(Double(key) / 10)
        },
        "num_reqs_per_sec": Self.map(perSecond) { .integer($0) },
        "num_fail_per_sec": Self.map(failuresPerSecond) { .integer($0) },
      ])
    }

    /// In the order of its keys: what is sent depends on nothing but what happened.
    private static func map(
      _ counts: [Int64: Int64], _ key: (Int64) -> LocustValue
    ) -> LocustValue {
      .map(
        counts.sorted { $0.key < $1.key }.map {
          LocustValue.Member(key($0.key), .integer($0.value))
        })
    }
  }

  private var entries: [Entry] = []
  private var places: [Key: Int] = [:]
  private var total = Entry(key: Key(method: "", name: "Aggregated"))
  private var errors: [(key: Key, text: String, count: Int64)] = []
  private var errorPlaces: [String: Int] = [:]
  /// When the present test began.
  private var began: Double

  package init(began wall: UTCTime) {
    began = wall.unix
  }

  /// A request has ended.
  ///
  /// - Parameter failure: what went wrong, in words of which there are not many.
  package mutating func record(
    _ key: Key, time: Interval, bytes: Int, failure: String?, at wall: UTCTime
  ) {
    let place = places[key] ?? entries.count
    if place == entries.count {
      places[key] = place
      entries.append(Entry(key: key))
    }
    let milliseconds = Double(time.nanoseconds) / 1e6
    let failed = failure != nil
    entries[place].record(milliseconds, failed: failed, bytes: bytes, at: wall)
    total.record(milliseconds, failed: failed, bytes: bytes, at: wall)
    guard let failure else { return }
    let id = "\(key.method).\(key.name).\(failure)"
    let errorPlace = errorPlaces[id] ?? errors.count
    if errorPlace == errors.count {
      errorPlaces[id] = errorPlace
      errors.append((key, failure, 0))
    }
    errors[errorPlace].count += 1
  }

  /// The report's members, which leaves nothing to report.
  package mutating func take(
    users: [(name: String, count: Int)]
  ) -> LocustValue {
    defer { clear() }
    return .object([
      "stats": .list(entries.map { $0.value(began: began) }),
      "stats_total": total.value(began: began),
      "errors": .map(
        errors.map { error in
          LocustValue.Member(
            .text("\(error.key.method).\(error.key.name).\(error.text)"),
            .object([
              "name": .text(error.key.name), "method": .text(error.key.method),
              "error": .text(error.text), "occurrences": .integer(error.count),
            ]))
        }),
      "user_classes_count": .map(
        users.map { LocustValue.Member(.text($0.name), .integer(Int64($0.count))) }),
      "user_count": .integer(Int64(users.reduce(0) { $0 + $1.count })),
    ])
  }

  /// A new test begins.
  package mutating func restart(_ wall: UTCTime) {
    clear()
    began = wall.unix
  }

  private mutating func clear() {
    entries.removeAll(keepingCapacity: true)
    places.removeAll(keepingCapacity: true)
    total = Entry(key: total.key)
    errors.removeAll(keepingCapacity: true)
    errorPlaces.removeAll(keepingCapacity: true)
  }

  /// In tenths of a millisecond. From 10 ms on the resolution is Locust's own (two significant digits
  /// above 100 ms, whole milliseconds below); beneath that it is finer, since a quick service would
  /// show as 0 ms.
  static func bucket(_ milliseconds: Double) -> Int64 {
    switch milliseconds {
    case ..<10: Int64((milliseconds * 10).rounded())
    case ..<100: Int64(milliseconds.rounded()) * 10
    case ..<1_000: Int64((milliseconds / 10).rounded()) * 100
    case ..<10_000: Int64((milliseconds / 100).rounded()) * 1_000
    default: Int64((milliseconds / 1_000).rounded()) * 10_000
    }
  }
}

extension UTCTime {
  /// Seconds since 1970 with their fraction, as Python has them.
  var unix: Double { Double(nanoseconds) / 1e9 }
}
