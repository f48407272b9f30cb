// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkLoad
import FalseworkRotation
import Histogram

/// The phases of a rotation as it goes on: before it, each batch, between two, after it.
///
/// A request belongs to the phase in which it was due, a token to that in which it was issued. Marks
/// come when they happen, requests when they end: so a request finds its phase by its time.
struct PhaseRecord: Sendable {
  /// Beyond it the last phase goes on: 13 KB each.
  static let limit = 1_024
  /// Lost tokens that are told apart.
  private static let lostLimit = 10_000

  struct Phase: Sendable {
    var from: Instant
    /// Nil outside of a batch.
    var batch: Int?
    var requests = 0
    var failures = 0
    var longest: Interval?
    var times = Histogram<UInt32>(
      highestTrackableValue: 3_600_000_000, numberOfSignificantValueDigits: .two)
    var tokens = Disruption.Tokens()
  }

  private(set) var phases: [Phase]
  private var lost: Set<Int> = []

  init(begin: Instant) {
    phases = [Phase(from: begin, batch: nil)]
  }

  mutating func record(_ mark: Mark) {
    switch mark.step {
    case .batchBegan(let batch): enter(batch, at: mark.at)
    case .batchEnded: enter(nil, at: mark.at)
    case .began, .told, .stopping, .exited, .started, .answering, .ready, .up, .operated, .paused,
      .failing, .weighed, .passed, .held, .rollingBack, .noted, .ended, .aborted:
      break
    }
  }

  mutating func record(_ outcome: Outcome, isAuthentication: Bool) {
    let place = self.place(outcome.due)
    phases[place].requests += 1
    if outcome.verdict.isFailure {
      phases[place].failures += 1
    } else {
      let time = outcome.responseTime
      phases[place].longest = max(phases[place].longest ?? .zero, time)
      phases[place].times.record(
        UInt64(min(max(0, time.nanoseconds / 1_000), 3_600_000_000)))
      if isAuthentication { phases[self.place(outcome.done)].tokens.issued += 1 }
    }
    if outcome.tokenNumber > 0 { used(outcome, in: place) }
  }

  private mutating func used(_ outcome: Outcome, in place: Int) {
    let home = self.place(outcome.tokenIssued)
    let isLater = home < place
    if outcome.verdict == .ok {
      phases[home].tokens.accepted += 1
      if isLater { phases[home].tokens.acceptedLater += 1 }
    } else if outcome.status == 401 || outcome.status == 404 {
      phases[home].tokens.refused += 1
      if isLater { phases[home].tokens.refusedLater += 1 }
      if phases[home].tokens.firstRefusal == nil {
        phases[home].tokens.firstRefusal = outcome.done
      }
      if lost.count < Self.lostLimit, lost.insert(outcome.tokenNumber).inserted {
        phases[home].tokens.lost += 1
      }
    }
  }

  private mutating func enter(_ batch: Int?, at instant: Instant) {
    guard phases.count < Self.limit else { return }
    phases.append(Phase(from: instant, batch: batch))
  }

  /// Nearly always the last one, or the one before.
  private func place(_ instant: Instant) -> Int {
    var place = phases.count - 1
    while place > 0, phases[place].from > instant { place -= 1 }
    return place
  }
}
