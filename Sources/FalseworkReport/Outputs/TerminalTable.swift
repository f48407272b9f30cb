// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkLoad
import FalseworkRotation
import FalseworkScenario

/// The result as a person reads it at the end of a run: what was asked and how it went, what failed
/// and why, what every node was and what the proxy believed, and what the thresholds say.
package struct TerminalTable: Sendable {
  let result: RunResult
  let width: Int
  let ink: Ink

  /// Nodes that get lines of their own; the others are in `result.json`.
  static let nodeLimit = 16
  /// Causes that get lines of their own.
  static let causeLimit = 24

  /// - Parameters:
  ///   - width: characters in a line; less than 60 is taken as 60.
  ///   - colours: writes ANSI escape sequences.
  package init(_ result: RunResult, width: Int, colours: Bool) {
    self.result = result
    self.width = max(60, width)
    ink = Ink(colours: colours)
  }

  package var text: String {
    var lines = header
    lines += [""] + tasks
    lines += [""] + failures
    if !result.nodes.isEmpty { lines += [""] + nodes }
    if !result.thresholds.isEmpty { lines += [""] + thresholds }
    lines += [""] + conclusion
    return lines.joined(separator: "\n") + "\n"
  }

  // MARK: Parts

  private var header: [String] {
    let about = result.description
    let name = about.scenario.printable
    var facts = [about.world.rawValue, "seed \(about.seed)"]
    if about.timeScale != 1 { facts.append("time scale \(about.timeScale)") }
    if let start = about.wallStart { facts.append(start.iso8601(microseconds: false)) }
    facts.append("\(result.duration.secondsText(decimals: 1)) s")
    facts.append(about.program)
    var lines = [ink(name.shortened(width), .bold)]
    lines += wrapped(Self.separated(facts, by: "·"), width: width).map { ink($0, .dim) }
    if let rotation = rotation { lines += wrapped(rotation, width: width) }
    return lines
  }

  private var rotation: String? {
    let about = result.description
    guard let began = result.marks.first(where: { $0.step == .began })?.at else { return nil }
    let releases =
      about.releaseFrom == about.releaseTo
      ? about.releaseFrom : "\(about.releaseFrom) → \(about.releaseTo)"
    let took =
      result.rotation.map {
        "\(Figures.moment($0.from)) to \(Figures.moment($0.to)) (\(Figures.length($0.length)))"
      } ?? "from \(Figures.moment(began)), not ended"
    return "rotation \(releases): \(took)"
  }

  private var tasks: [String] {
    var cells = [["Name", "# reqs", "# fails", "Med ms", "95%", "99%", "Max", "req/s"]]
    for row in result.rows { cells.append(Self.cells(row, duration: result.duration)) }
    let total = Self.cells(result.total, duration: result.duration)
    let least = [0, 8, 14, 8, 7, 7, 7, 8]
    let widths = least.indices.map { column in
      max(least[column], 2 + ((cells + [total]).map { $0[column].count }.max() ?? 0))
    }
    let name = max(10, width - widths.dropFirst().reduce(0, +))
    func line(_ cells: [String]) -> String {
      zip(cells, widths).dropFirst().reduce(cells[0].shortened(name).padded(name)) {
        $0 + $1.0.flushRight($1.1)
      }
    }
    let rule = ink(String(repeating: "─", count: width), .dim)
    var lines = [ink(line(cells[0]), .bold), rule]
    for (row, cells) in zip(result.rows, cells.dropFirst()) {
      lines.append(row.failures > 0 ? ink(line(cells), .red) : line(cells))
    }
    return lines + [rule, ink(line(total), .bold)]
  }

  private static func cells(_ row: RunResult.Row, duration: Interval) -> [String] {
    let percent = Figures.percent(row.failures, of: row.requests, decimals: 2)
    func time(_ interval: Interval?) -> String { interval.map(Figures.milliseconds) ?? "–" }
    return [
      row.name.printable, Figures.count(row.requests),
      "\(Figures.count(row.failures))(\(percent)%)", time(row.response?.median),
      time(row.response?.p95), time(row.response?.p99), time(row.response?.longest),
      Figures.rate(row.requests, in: duration, decimals: 2),
    ]
  }

  private var failures: [String] {
    let gap =
      "longest time without a success \(Figures.length(result.longestGap.length)), "
      + "from \(Figures.moment(result.longestGap.from))"
    let journeys = result.lostJourneys == 1 ? "1 journey" : "\(result.lostJourneys) journeys"
    let count =
      result.total.failures == 0
      ? "none"
      : "\(Figures.count(result.total.failures)) of \(Figures.count(result.total.requests)) "
        + "requests in \(journeys)"
    var lines = wrapped("Failures: \(count); \(gap)", width: width)
    lines[0] = ink("Failures", .bold) + lines[0].dropFirst("Failures".count)
    guard result.total.failures > 0 else { return lines }
    lines.append(ink("  count  first at  cause, and what the client saw of it", .dim))
    for group in result.causes.prefix(Self.causeLimit) { lines += causeLines(group) }
    if result.causes.count > Self.causeLimit {
      lines.append("  and \(result.causes.count - Self.causeLimit) more causes: see result.json")
    }
    if let silent = result.silent, silent > 0 {
      lines += wrapped(
        "\(Figures.count(silent)) of them left no line in the proxy's log.", width: width - 2
      ).map { "  " + $0 }
    }
    return lines
  }

  private func causeLines(_ group: RunResult.CauseGroup) -> [String] {
    let indent = 19
    let count = Figures.count(group.count).flushRight(7)
    let first = (group.first.map { Figures.moment($0) } ?? "–").flushRight(10)
    let cause = wrapped(group.cause.text(result.description).printable, width: width - indent)
    let pieces = group.seen.map { seen in
      "\(seen.step.printable): \(seen.verdict) ×\(Figures.count(seen.count))"
    }
    let seen = wrapped(Self.listed(pieces), width: width - indent)
    let space = String(repeating: " ", count: indent)
    var lines: [String] = []
    for (place, line) in cause.enumerated() {
      lines.append((place == 0 ? ink(count, .red) + first + "  " : space) + line)
    }
    return lines + seen.map { space + ink($0, .dim) }
  }

  private var thresholds: [String] {
    let figures = result.thresholds.map(\.threshold.figure.rawValue)
    let conditions = result.thresholds.map(\.threshold.text)
    let figure = figures.map(\.count).max() ?? 0
    let condition = conditions.map(\.count).max() ?? 0
    var lines = [ink("Thresholds", .bold)]
    for (place, threshold) in result.thresholds.enumerated() {
      let mark = threshold.held ? ink("held  ", .green) : ink("MISSED", .red)
      lines.append(
        "  \(mark)  \(figures[place].padded(figure))  \(conditions[place].padded(condition))  "
          + "measured \(threshold.measuredText)")
    }
    return lines
  }

  private var conclusion: [String] {
    let missed = result.thresholds.count { !$0.held }
    let count = result.thresholds.count
    let reason = result.how.reason.map { ": \($0.printable)" } ?? ""
    let sentence =
      switch result.verdict {
      case .held where count == 0: "No thresholds were set."
      case .held: count == 1 ? "The threshold was held." : "All \(count) thresholds were held."
      case .missed: "\(missed) of \(count) thresholds missed."
      case .void:
        "VOID: \(result.voidReasons.map(\.rawValue).joined(separator: "; ")). "
          + "This run says nothing about the servers."
      case .aborted: "The rotation was given up\(reason)."
      case .interrupted: "Interrupted: this is the result so far."
      case .broken:
        "An invariant of falsework itself was broken\(reason). Do not trust this result."
      }
    var lines = wrapped(
      "\(sentence) Exit code \(result.verdict.exitStatus.rawValue).", width: width)
    lines = lines.map { ink($0, result.verdict == .held ? .green : .red) }
    if result.inFlight > 0 {
      lines.append("\(Figures.count(result.inFlight)) requests were still in flight at the end.")
    }
    if let late = result.lateness, late.p99 >= .milliseconds(1) {
      lines.append(
        "The load itself was late: 99% \(Figures.length(late.p99)), "
          + "max \(Figures.length(late.longest)).")
    }
    return lines
  }

  private static func listed(_ pieces: [String]) -> [String] {
    pieces.enumerated().map { $0 == pieces.count - 1 ? $1 : $1 + "," }
  }

  /// Pieces with a separator that stays with the piece before it.
  static func separated(_ pieces: [String], by separator: String) -> [String] {
    pieces.enumerated().map { place, piece in
      place == pieces.count - 1 ? piece : piece + " " + separator
    }
  }
}

extension ThresholdResult {
  /// With its unit, for a person.
  var measuredText: String {
    switch measured {
    case .count(let count): Figures.count(count)
    case .share(let whole, let part): Figures.percent(part, of: whole, decimals: 4) + "%"
    case .duration(let interval): Figures.length(interval)
    case .nothing: "nothing to measure"
    }
  }
}
