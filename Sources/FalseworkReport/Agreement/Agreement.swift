// SPDX-License-Identifier: Apache-2.0
package import FalseworkCore

/// Runs that were measured, on sockets or elsewhere, beside many simulated ones of the same scenario:
/// figure by figure, whether what was measured is what the simulation says can happen.
///
/// The simulation's band of a figure holds 99 of 100 of its seeds. A measured run outside of it is
/// still what one in a hundred is; so several runs are judged together: they differ when so many
/// outside of the band would come by chance in less than one case in a hundred.
package struct Agreement: Equatable, Sendable {
  package enum Verdict: Equatable, Sendable {
    case agrees
    /// Measured minus the nearest end of the band, of the run that is farthest away.
    case differs(by: String)
    case unknown(String)

    package var word: String {
      switch self {
      case .agrees: "agrees"
      case .differs(let by): "differs by \(by)"
      case .unknown(let reason): "unknown: \(reason)"
      }
    }
  }

  package struct Row: Equatable, Sendable {
    package var figure: ComparedFigure
    /// Of each measured run that has the figure.
    package var measured: [Int64]
    /// Of all seeds that have it, in ascending order.
    package var simulated: [Int64]
    package var verdict: Verdict

    /// The value that this share of the seeds does not exceed.
    package func quantile(_ share: Double) -> Int64? {
      guard !simulated.isEmpty else { return nil }
      let rank = Int((share * Double(simulated.count)).rounded(.up))
      return simulated[min(max(rank, 1), simulated.count) - 1]
    }
  }

  package struct Options: Equatable, Sendable {
    /// Times on sockets are compared with this much room, as a share of the band's end and at least
    /// so long: an event loop and a kernel take time that no scenario gives.
    package var roomShare: Double
    package var room: Interval

    package init(roomShare: Double, room: Interval) {
      self.roomShare = roomShare
      self.room = room
    }

    package static let live = Options(roomShare: 0.1, room: .milliseconds(2))
    package static let measured = Options(roomShare: 0, room: .zero)
  }

  package var name: String
  package var seeds: Int
  package var runs: Int
  package var order: Verdict?
  package var rows: [Row]

  /// Fewer seeds have no band of 99 %.
  package static let fewestSeeds = 100

  package init(
    name: String, measured: [ComparedFigures], simulated: [ComparedFigures], options: Options
  ) {
    self.name = name
    seeds = simulated.count
    runs = measured.count
    order = Self.order(measured, simulated)
    rows = []
    // A figure that was not measured at all, of a kind of which none was, is not compared.
    let groups = Set(measured.flatMap { $0.order.map(\.group) })
    let sequence = Self.figures(measured + simulated)
    for figure in sequence where groups.contains(figure.group) {
      let seen = measured.contains { $0.values[figure] != nil }
      if figure.unit == .time || figure.group == .outcome, !seen, figure.group != .control {
        continue
      }
      rows.append(
        Self.row(figure, measured, simulated, options: options))
    }
  }

  package var differing: Int { rows.count { $0.isDiffering } + (orderDiffers ? 1 : 0) }
  package var unknown: Int {
    rows.count { if case .unknown = $0.verdict { true } else { false } }
      + (order.map { if case .unknown = $0 { 1 } else { 0 } } ?? 0)
  }
  package var total: Int { rows.count + (order == nil ? 0 : 1) }

  private var orderDiffers: Bool {
    if case .differs = order { true } else { false }
  }

  /// By group, and within one as the first run that has them.
  private static func figures(_ runs: [ComparedFigures]) -> [ComparedFigure] {
    var seen: Set<ComparedFigure> = []
    var all: [ComparedFigure] = []
    for run in runs {
      for figure in run.order where seen.insert(figure).inserted { all.append(figure) }
    }
    return all.enumerated().sorted {
      ($0.element.group.rawValue, $0.offset) < ($1.element.group.rawValue, $1.offset)
    }.map(\.element)
  }

  // MARK: A figure

  private static func row(
    _ figure: ComparedFigure, _ measured: [ComparedFigures], _ simulated: [ComparedFigures],
    options: Options
  ) -> Row {
    func values(_ runs: [ComparedFigures]) -> [Int64] {
      runs.compactMap { $0.values[figure] ?? (figure.unit == .count ? 0 : nil) }
    }
    var row = Row(
      figure: figure, measured: values(measured), simulated: values(simulated).sorted(),
      verdict: .agrees)
    row.verdict = verdict(row, measured, simulated, options)
    return row
  }

  private static func verdict(
    _ row: Row, _ measured: [ComparedFigures], _ simulated: [ComparedFigures], _ options: Options
  ) -> Verdict {
    if measured.isEmpty { return .unknown("nothing was measured") }
    if row.figure.unit == .time, measured.contains(where: \.isVoid) {
      return .unknown("the load was late")
    }
    let often = row.simulated.count
    guard often > 0, let low = row.quantile(0.005), let high = row.quantile(0.995) else {
      return simulated.count < fewestSeeds
        ? .unknown("no seed has it") : .differs(by: "being there at all")
    }
    guard !row.measured.isEmpty else {
      // What only some seeds have may as well be missing.
      return isRare(often, of: simulated.count, runs: measured.count)
        ? .agrees : .differs(by: "not being there")
    }
    let room =
      row.figure.unit == .time
      ? max(options.room.nanoseconds, Int64(options.roomShare * Double(high))) : 0
    // A moment of the run is late by the room of a poll, not by a share of the whole run.
    let allowed = row.figure.group == .control ? min(room, eventRoom(options)) : room
    let distances = row.measured.map { max(low - allowed - $0, $0 - high - allowed, 0) }
    let outside = distances.count { $0 > 0 }
    if outside == 0 { return .agrees }
    if simulated.count < fewestSeeds { return .unknown("fewer than \(fewestSeeds) seeds") }
    if !isSignificant(outside, of: row.measured.count) {
      return .unknown("\(outside) of \(row.measured.count) outside, which chance can do")
    }
    let place = distances.indices.max { distances[$0] < distances[$1] } ?? 0
    let value = row.measured[place]
    let sign = value > high ? "+" : "−"
    return .differs(by: sign + row.figure.text(distances[place] + allowed))
  }

  /// What events of control on sockets may be late or early.
  private static func eventRoom(_ options: Options) -> Int64 {
    options.roomShare == 0 ? 0 : Interval.milliseconds(50).nanoseconds
  }

  /// Whether so many of the runs are outside of the band by chance in less than a hundredth of all
  /// cases: the tail of a binomial distribution with p = 0.01.
  static func isSignificant(_ outside: Int, of runs: Int) -> Bool {
    tail(atLeast: outside, of: runs, p: 0.01) <= 0.0101
  }

  static func tail(atLeast count: Int, of runs: Int, p: Double) -> Double {
    var term = 1.0
    for _ in 0..<runs { term *= 1 - p }
    var below = 0.0
    for k in 0..<count {
      below += term
      term *= Double(runs - k) / Double(k + 1) * p / (1 - p)
    }
    return max(0, 1 - below)
  }

  private static func isRare(_ often: Int, of seeds: Int, runs: Int) -> Bool {
    var missing = 1.0
    for _ in 0..<runs { missing *= 1 - Double(often) / Double(seeds) }
    return missing > 0.01
  }

  // MARK: The order of events

  private static func order(_ measured: [ComparedFigures], _ simulated: [ComparedFigures])
    -> Verdict?
  {
    let known = measured.map(\.sequence).filter { !$0.isEmpty }
    guard !known.isEmpty else { return nil }
    let all = Set(simulated.map(\.sequence))
    let steps = Set(simulated.map { $0.sequence.filter(isStep) })
    for sequence in known where !all.contains(sequence) {
      guard steps.contains(sequence.filter(isStep)) else {
        return .differs(by: "steps that come in an order of which no seed is")
      }
      return .unknown("no seed has this order of the proxy's checks among the steps")
    }
    return .agrees
  }

  private static func isStep(_ event: String) -> Bool { !event.hasPrefix("proxy: ") }
}

extension Agreement.Row {
  package var isDiffering: Bool {
    if case .differs = verdict { true } else { false }
  }
}
