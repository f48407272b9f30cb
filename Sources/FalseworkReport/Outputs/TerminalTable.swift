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

  /// What the figures need beside a short name.
  static let leastWidth = 72
  /// Nodes that get lines of their own; the others are in `result.json`.
  static let nodeLimit = 16
  /// Causes that get lines of their own.
  static let causeLimit = 24

  /// - Parameters:
  ///   - width: characters in a line; less than `leastWidth` is taken as that.
  ///   - colours: writes ANSI escape sequences.
  package init(_ result: RunResult, width: Int, colours: Bool) {
    self.result = result
    self.width = max(Self.leastWidth, width)
    ink = Ink(colours: colours)
  }

  package var text: String {
    var lines = header
    lines += [""] + tasks + [gap]
    lines += [""] + failures
    lines += [""] + disruption
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
    if let load = about.loadText { facts.append(load) }
    if about.timeScale != 1 { facts.append("all times divided by \(about.timeScale)") }
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
    return "rotation\(about.strategy.map { " by \($0)" } ?? ""), \(releases): \(took)"
  }

  private var tasks: [String] {
    var cells = [["Name", "# reqs", "# fails", "Med ms", "95%", "99%", "Max", "req/s"]]
    for row in result.rows { cells.append(Self.cells(row, duration: result.duration)) }
    let total = Self.cells(result.total, duration: result.duration)
    let longest = cells[0].indices.map { column in
      (cells + [total]).map { $0[column].count }.max() ?? 0
    }
    let usual = [0, 8, 14, 8, 7, 7, 7, 8]
    var widths = zip(usual, longest).map { max($0, $1 + 2) }
    // Where figures are so long that names would suffer, columns stand closer.
    if width - widths.dropFirst().reduce(0, +) < min(20, longest[0]) {
      widths = longest.map { $0 + 1 }
    }
    let name = max(4, width - widths.dropFirst().reduce(0, +))
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

  private var gap: String {
    let length = Figures.length(result.longestGap.length)
    return
      "Longest time without a success: \(length), from \(Figures.moment(result.longestGap.from))"
  }

  private static func cells(_ row: RunResult.Row, duration: Interval) -> [String] {
    let percent = Figures.percent(row.failures, of: row.requests, decimals: 2)
    func time(_ interval: Interval?) -> String { interval.map(Figures.milliseconds) ?? "–" }
    return [
      row.name.printable, Figures.count(row.requests),
      "\(Figures.count(row.failures))(\(percent)%)", time(row.response?.median),
      time(row.response?.p95), time(row.response?.p99), time(row.response?.longest),
      Figures.rate(row.requests, in: duration),
    ]
  }

  private var failures: [String] {
    guard result.total.failures > 0 else { return [ink("Failures", .bold) + ": none"] }
    let lost = result.lostJourneys
    let journeys = lost == 1 ? "1 journey" : "\(Figures.count(lost)) journeys"
    let count =
      "\(Figures.count(result.total.failures)) of \(Figures.count(result.total.requests)) requests"
    var lines = [ink("Failures", .bold) + ": \(count), in \(journeys)"]
    let shown = result.causes.prefix(Self.causeLimit)
    let countWidth = max(5, shown.map { Figures.count($0.count).count }.max() ?? 0)
    lines.append(
      ink("  " + "count".flushRight(countWidth) + "  first at  cause, and what clients saw", .dim))
    for group in shown { lines += causeLines(group, countWidth: countWidth) }
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

  private func causeLines(_ group: RunResult.CauseGroup, countWidth: Int) -> [String] {
    let count = "  " + Figures.count(group.count).flushRight(countWidth)
    let first = (group.first.map { Figures.moment($0) } ?? "–").flushRight(10)
    let indent = count.count + first.count + 2
    let cause = wrapped(group.cause.text(result.description).printable, width: width - indent)
    let seen = wrapped(Self.pieces(group.seen), width: width - indent)
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
      case .held: "\(count) of \(count) thresholds held."
      case .missed where result.how != .completed: "Ended early\(reason)."
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
      "\(sentence) Exit code \(result.exitStatus.rawValue).", width: width)
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

  /// `authenticate: 502 ×2, closed without response ×1; validate: 502 ×1`.
  private static func pieces(_ seen: [RunResult.CauseGroup.Seen]) -> [String] {
    var steps: [String] = []
    for seen in seen where !steps.contains(seen.step) { steps.append(seen.step) }
    var pieces: [String] = []
    for step in steps {
      let ofStep = seen.filter { $0.step == step }
      for (place, seen) in ofStep.enumerated() {
        let head = place == 0 ? step.printable + ": " : ""
        let isLast = place == ofStep.count - 1
        let tail = !isLast ? "," : step == steps.last ? "" : ";"
        pieces.append("\(head)\(seen.verdict) ×\(Figures.count(seen.count))\(tail)")
      }
    }
    return pieces
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
    case .share(let whole, let part):
      // Two decimals as in the table, more only where they would hide a failure.
      Figures.percent(part, of: whole, decimals: part * 10_000 < whole ? 6 : 2) + "%"
    case .duration(let interval): Figures.length(interval)
    case .nothing: "nothing to measure"
    }
  }
}
