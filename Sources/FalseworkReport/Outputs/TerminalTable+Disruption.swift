// SPDX-License-Identifier: Apache-2.0
import FalseworkCore

/// What it cost: how long, for whom, in which phase, and the tokens.
extension TerminalTable {
  /// Phases, and parts of the requests, that get lines of their own.
  static let partLimit = 12

  var disruption: [String] {
    let total = result.disruption.total
    guard total.requests > 0 else { return [ink("Disruption", .bold) + ": nothing was asked"] }
    let head = wrapped("Disruption: " + headline, width: width)
    var lines = [ink("Disruption", .bold) + head[0].dropFirst(10)] + head.dropFirst()
    if let longest = total.longest, !total.outages.isEmpty || longest.failures > 0 {
      lines += wrapped("Longest outage: \(text(longest)).", width: width - 2).map { "  " + $0 }
    }
    if total.badSlots > 0 {
      lines += wrapped(budget, width: width - 2).map { "  " + $0 }
      lines += table(
        ["of", "# reqs", "# fails", "outage", "bad time", "available"],
        result.disruption.scopes.dropFirst().map(cells))
    }
    if result.disruption.phases.count > 1 {
      lines += table(
        ["in phase", "from", "# reqs", "# fails", "Med ms", "99%", "Max", "bad time"],
        result.disruption.phases.map(cells))
    }
    return lines + tokens
  }

  private var headline: String {
    let disruption = result.disruption
    if let proven = disruption.provenBelow, disruption.total.badSlots == 0 {
      let percent = Figures.percent(proven.part, of: proven.of, decimals: 3)
      return "none; so many requests prove < \(percent)% failures (3/n, 95%)"
    }
    let share = Figures.percent(
      max(0, disruption.total.slots - disruption.total.badSlots), of: disruption.total.slots,
      decimals: 3)
    return "bad time \(Figures.length(disruption.badTime)) of "
      + "\(Figures.length(result.duration)), \(share)% available"
  }

  private func text(_ outage: Disruption.Outage) -> String {
    var text = "\(Figures.length(outage.length)) from \(Figures.moment(outage.from))"
    guard let first = outage.firstKind, let last = outage.lastKind else {
      return text + ", requests waited and none failed"
    }
    text += outage.failures == 1 ? ", 1 failure" : ", \(Figures.count(outage.failures)) failures"
    return text + (first == last ? ", \(first)" : ", first \(first), last \(last)")
  }

  private var budget: [String] {
    let parts = Disruption.objectives.map { objective in
      let spent = Disruption.budgetSpent(result.disruption.badTime, objective: objective)
      return Figures.percent(spent.part, of: spent.of, decimals: 3)
        + "% at \(Figures.percent(objective, of: 10_000, decimals: 2))%"
    }
    return ["Error budget of thirty days:"] + Self.separated(parts, by: "·")
  }

  private func cells(_ scope: Disruption.Scope) -> [String] {
    let name = scope.kind == .connection ? "\(scope.name) connections" : scope.name.printable
    return [
      name, Figures.count(scope.requests), Figures.count(scope.failures),
      scope.outages.map(\.length).max().map { Figures.length($0) } ?? "–",
      badTime(scope.badSlots),
      Figures.percent(max(0, scope.slots - scope.badSlots), of: scope.slots, decimals: 2) + "%",
    ]
  }

  private func cells(_ phase: Disruption.Phase) -> [String] {
    func time(_ interval: Interval?) -> String { interval.map(Figures.milliseconds) ?? "–" }
    return [
      phase.name.printable, Figures.moment(phase.from), Figures.count(phase.requests),
      Figures.count(phase.failures), time(phase.median), time(phase.p99), time(phase.longest),
      badTime(phase.badSlots),
    ]
  }

  private func badTime(_ slots: Int) -> String {
    slots == 0 ? "–" : Figures.length(result.disruption.slot * Int64(slots))
  }

  private func table(_ head: [String], _ rows: [[String]]) -> [String] {
    let shown = rows.prefix(Self.partLimit)
    let widths = head.indices.map { column in
      (([head] + shown).map { $0[column].count }.max() ?? 0) + 2
    }
    let longest = shown.map { $0[0].count }.max() ?? 0
    let room = width - 2 - widths.dropFirst().reduce(0, +)
    let name = min(max(longest, head[0].count, 16), max(8, room))
    func line(_ cells: [String]) -> String {
      zip(cells, widths).dropFirst().reduce("  " + cells[0].shortened(name).padded(name)) {
        $0 + $1.0.flushRight($1.1)
      }
    }
    var lines = [ink(line(head), .dim)] + shown.map(line)
    if rows.count > shown.count {
      lines.append("  and \(rows.count - shown.count) more: see result.json")
    }
    return lines
  }

  private var tokens: [String] {
    let phases = result.disruption.phases
    func sum(_ part: (Disruption.Tokens) -> Int) -> Int {
      phases.reduce(0) { $0 + part($1.tokens) }
    }
    guard sum(\.accepted) + sum(\.refused) > 0 else { return [] }
    var text = "Tokens: \(Figures.count(sum(\.issued))) issued, "
    text += "\(Figures.count(sum(\.accepted))) uses accepted"
    if phases.count > 1 { text += " (\(Figures.count(sum(\.acceptedLater))) in a later phase)" }
    text += sum(\.refused) == 0 ? ", none refused." : ", \(Figures.count(sum(\.refused))) refused."
    var lines = wrapped(text, width: width - 2).map { "  " + $0 }
    for phase in phases where phase.tokens.refused > 0 {
      let tokens = phase.tokens
      let when = tokens.firstRefusal.map { ", first at \(Figures.moment($0))" } ?? ""
      let from = phases.count > 1 ? "of \(phase.name.printable): " : ""
      lines += wrapped(
        "\(from)\(Figures.count(tokens.lost)) of \(Figures.count(tokens.issued)) tokens lost, "
          + "\(Figures.count(tokens.refused)) uses refused\(when)", width: width - 4
      ).map { "    " + ink($0, .red) }
    }
    return lines
  }
}
