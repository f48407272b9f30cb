// SPDX-License-Identifier: Apache-2.0
package import FalseworkCore
import FalseworkLoad
package import FalseworkReport

/// What a sweep keeps of a run: one line of `runs.csv`. Times are whole microseconds, as they are
/// written.
package struct RunFigures: Equatable, Sendable {
  package var run: SweepRun
  /// `completed`, `rotation aborted`, `invariant broken`.
  package var end: String
  package var requests: Int
  package var failures: Int
  package var lostJourneys: Int
  /// Thresholds that the run missed.
  package var missed: Int
  /// The fewest nodes that were ready at one time (`RunResult.fewestReady`).
  package var ready: Int
  /// Of successes. Absent where there were none.
  package var median: Interval?
  package var p95: Interval?
  package var p99: Interval?
  package var longest: Interval?
  /// From the first step of the rotation to the last; absent if it did not end.
  package var rotation: Interval?
  package var longestGap: Interval
  package var badTime: Interval
  /// The whole run.
  package var duration: Interval

  package init(_ run: SweepRun, _ result: RunResult) {
    func cut(_ interval: Interval) -> Interval {
      Interval(nanoseconds: interval.nanoseconds / 1_000 * 1_000)
    }
    self.run = run
    end = result.how.label
    requests = result.total.requests
    failures = result.total.failures
    lostJourneys = result.lostJourneys
    missed = result.thresholds.count { !$0.held }
    ready = result.fewestReady
    median = result.total.response.map { cut($0.median) }
    p95 = result.total.response.map { cut($0.p95) }
    p99 = result.total.response.map { cut($0.p99) }
    longest = result.total.response.map { cut($0.longest) }
    rotation = result.rotation.map { cut($0.length) }
    longestGap = cut(result.longestGap.length)
    badTime = cut(result.disruption.slot * Int64(result.disruption.total.badSlots))
    duration = cut(result.duration)
  }

  /// The result is a bug of ours, or the rotation did not get to its end.
  package var isBroken: Bool { end == RunEnd.invariantBroken("").label }
  package var isComplete: Bool { end == RunEnd.completed.label }

  // MARK: As a line

  /// After the columns of the varied keys.
  package static let columns = [
    "seed", "end", "requests", "failures", "lost_journeys", "missed", "ready", "median_s", "p95_s",
    "p99_s", "max_s", "rotation_s", "longest_gap_s", "bad_time_s", "duration_s",
  ]

  var cells: [String] {
    func seconds(_ interval: Interval?) -> String { interval?.secondsText(decimals: 6) ?? "" }
    return [
      "\(run.seed)", end, "\(requests)", "\(failures)", "\(lostJourneys)", "\(missed)", "\(ready)",
      seconds(median), seconds(p95), seconds(p99), seconds(longest), seconds(rotation),
      seconds(longestGap), seconds(badTime), seconds(duration),
    ]
  }

  /// Nil for cells that are no whole run.
  init?(variant: Int, cells: [String]) {
    guard cells.count == Self.columns.count, let seed = UInt64(cells[0]),
      let requests = Int(cells[2]), let failures = Int(cells[3]), let lost = Int(cells[4]),
      let missed = Int(cells[5]), let ready = Int(cells[6]),
      let gap = Self.interval(cells[12]), let bad = Self.interval(cells[13]),
      let duration = Self.interval(cells[14])
    else { return nil }
    let times = cells[7...11].map { (text: $0, time: Self.interval($0)) }
    guard times.allSatisfy({ $0.text.isEmpty || $0.time != nil }) else { return nil }
    run = SweepRun(variant: variant, seed: seed)
    end = cells[1]
    self.requests = requests
    self.failures = failures
    lostJourneys = lost
    self.missed = missed
    self.ready = ready
    median = times[0].time
    p95 = times[1].time
    p99 = times[2].time
    longest = times[3].time
    rotation = times[4].time
    longestGap = gap
    badTime = bad
    self.duration = duration
  }

  /// Seconds with six decimals.
  private static func interval(_ text: String) -> Interval? {
    let parts = text.split(separator: ".")
    guard parts.count == 2, parts[1].count == 6, let whole = Int64(parts[0]),
      let millionths = Int64(parts[1]), whole >= 0, millionths >= 0
    else { return nil }
    return .seconds(whole) + .microseconds(millionths)
  }
}
