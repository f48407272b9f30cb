// SPDX-License-Identifier: Apache-2.0
package import FalseworkCore
import FalseworkLoad

/// What Locust counts and our own result does not need: for each row the bytes of answers and the
/// requests of each second, and every error with its first and last time.
package struct LoadTally: Equatable, Sendable {
  package struct Second: Equatable, Sendable {
    package var requests: Int32 = 0
    package var failures: Int32 = 0
  }

  package struct Row: Equatable, Sendable {
    package var contentBytes = 0
    /// When its last request ended.
    package var lastEnded: Instant?
    package var seconds: [Second] = []
  }

  package struct ErrorLine: Equatable, Sendable {
    package var row: Int
    package var label: String
    package var count: Int
    package var first: Instant
    package var last: Instant
  }

  /// A day: 690 kB a row.
  static let secondLimit = 86_400
  static let errorLimit = 1_000

  package private(set) var rows: [Row]
  package private(set) var errors: [ErrorLine] = []
  /// The most users that were at work so far.
  package private(set) var users = 0
  private let begin: Instant

  init(rows: Int, begin: Instant) {
    self.rows = Array(repeating: Row(), count: rows)
    self.begin = begin
  }

  mutating func record(_ outcome: Outcome, row: Int) {
    users = max(users, outcome.user + 1)
    rows[row].contentBytes += outcome.bodyBytes
    rows[row].lastEnded = max(rows[row].lastEnded ?? outcome.done, outcome.done)
    let second = Int((outcome.done - begin).nanoseconds / 1_000_000_000)
    if second >= 0, second < Self.secondLimit {
      while rows[row].seconds.count <= second { rows[row].seconds.append(Second()) }
      rows[row].seconds[second].requests += 1
      if outcome.verdict.isFailure { rows[row].seconds[second].failures += 1 }
    }
    if outcome.verdict.isFailure { recordError(outcome, row: row) }
  }

  private mutating func recordError(_ outcome: Outcome, row: Int) {
    let label = outcome.verdict.label
    if let place = errors.firstIndex(where: { $0.row == row && $0.label == label }) {
      errors[place].count += 1
      errors[place].last = max(errors[place].last, outcome.done)
    } else if errors.count < Self.errorLimit {
      errors.append(
        ErrorLine(row: row, label: label, count: 1, first: outcome.done, last: outcome.done))
    }
  }
}
