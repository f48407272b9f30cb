// SPDX-License-Identifier: Apache-2.0
import FalseworkCore

/// A sweep on a terminal: for two varied keys a map in figures, then the variants that lost least.
package struct SweepTable: Sendable {
  private let result: SweepResult
  private let width: Int
  /// Variants that the table names.
  private static let limit = 20

  package init(_ result: SweepResult, width: Int) {
    self.result = result
    self.width = width
  }

  package var text: String {
    var lines = [headline, ""]
    if let map { lines += map + [""] }
    lines += variants + [""]
    lines += verdict
    return lines.map { line in
      var line = line
      while line.last == " " { line.removeLast() }
      return line.count > width ? String(line.prefix(width - 1)) + "…" : line
    }.joined(separator: "\n") + "\n"
  }

  private var plan: SweepPlan { result.plan }

  private var headline: String {
    let done = result.table.runs.count
    var text =
      "\(plan.scenario): \(Digits.grouped(plan.variants)) variants × \(plan.seeds.count) seeds"
    if done < plan.runs { text += ", \(Digits.grouped(done)) of \(Digits.grouped(plan.runs)) runs" }
    return text
  }

  // MARK: The map

  /// The key with more values goes down; nil if the map would not fit.
  private var map: [String]? {
    guard plan.axes.count == 2 else { return nil }
    let down = plan.axes[0].values.count >= plan.axes[1].values.count ? 0 : 1
    let across = 1 - down
    let columns = plan.axes[across].values
    let rows = plan.axes[down].values
    let cell = max(7, columns.map(\.count).max()! + 2)
    let head = max(plan.axes[down].path.count, rows.map(\.count).max()!)
    guard head + cell * columns.count <= width, rows.count <= 60 else { return nil }
    let means = Dictionary(
      uniqueKeysWithValues: result.summaries.map { ($0.variant, $0.meanFailures) })
    var lines = [
      "failed requests a run".padded(head) + "  " + plan.axes[across].path,
      plan.axes[down].path.padded(head) + columns.map { $0.paddedLeft(cell) }.joined(),
    ]
    for (row, value) in rows.enumerated() {
      lines.append(
        value.padded(head)
          + columns.indices.map { column in
            let variant = plan.variant(at: down == 0 ? [row, column] : [column, row])
            return (means[variant].map { Digits.short($0) } ?? "").paddedLeft(cell)
          }.joined())
    }
    return lines
  }

  // MARK: Variants

  private static let columns = ["lost", "failed/run", "most", "p99", "rotation", "ready"]
  private static let widths = [8, 11, 6, 9, 10, 6]

  private var variants: [String] {
    let all = result.summaries
    let isLong = all.count > Self.limit
    let shown = isLong ? Array(all.sorted(by: VariantSummary.isBetter).prefix(Self.limit)) : all
    let values = shown.map { plan.values(of: $0.variant) }
    let room = max(8, width - Self.widths.reduce(0, +))
    var names = plan.axes.map(\.path)
    var sizes = names.indices.map { axis in
      max(names[axis].count, values.map { $0[axis].count }.max() ?? 0) + 1
    }
    if sizes.reduce(0, +) > room {
      // The last word of a path says most.
      names = names.map { String($0.split(separator: ".").last ?? $0[...]) }
      let each = room / max(1, names.count)
      sizes = names.indices.map { axis in
        min(each, max(names[axis].count, values.map { $0[axis].count }.max() ?? 0) + 1)
      }
    }
    func line(_ cells: [String], _ figures: [String]) -> String {
      zip(cells, sizes).map { $0.count < $1 ? $0.padded($1) : String($0.prefix($1 - 2)) + "… " }
        .joined() + zip(figures, Self.widths).map { $0.paddedLeft($1) }.joined()
    }
    var lines = [line(names, Self.columns)]
    for (place, summary) in shown.enumerated() {
      lines.append(
        line(
          values[place],
          [
            "\(summary.runsThatLost)/\(summary.runs)", Digits.short(summary.meanFailures),
            Digits.grouped(summary.mostFailures), Digits.length(summary.p99),
            Digits.length(summary.rotation), "\(summary.ready)",
          ]))
    }
    if isLong {
      lines.append("… and \(Digits.grouped(all.count - shown.count)) more, which are worse")
    }
    return lines
  }

  private var verdict: [String] {
    guard let best = result.best else { return ["no run is done"] }
    let clean = result.summaries.count { $0.runsThatLost == 0 }
    let name = zip(plan.axes, plan.values(of: best.variant)).map { "\($0.path)=\($1)" }
    var lines = [
      clean == 0
        ? "no variant lost nothing; least lost"
        : "\(Digits.grouped(clean)) of \(Digits.grouped(result.summaries.count)) variants lost "
          + "nothing; the fastest of them"
    ]
    lines.append("  " + name.joined(separator: " "))
    if best.runsThatLost == 0 {
      lines.append(
        "  0 of \(best.runs) upgrades lost a request: with 95 % confidence fewer than "
          + Confidence.text(failed: 0, of: best.runs) + " do")
    }
    if let bound = result.bounds[best.variant] { lines += ["  " + bound.sentence] }
    return lines
  }
}

extension AnalyticBound {
  /// Theory in one line, with the scenario's own numbers put in.
  package var sentence: String {
    if let safeWait {
      return
        "theory: D ≥ p + L_max = \(Digits.length(safeWait)) is safe; D is \(Digits.length(wait))"
    }
    let notices = detection.map { "T_d \(Digits.length($0))" } ?? "no check"
    return "theory: min(\(notices), T_r \(Digits.length(restart))) a node is lost"
  }
}

/// What a number of runs without a failure says of all others.
package enum Confidence {
  /// The largest share of failing upgrades that such a count is not unlikely for, at 95 %
  /// (Clopper and Pearson, one-sided): for none of n near 3/n.
  package static func upper(failed: Int, of runs: Int) -> Double {
    guard runs > 0, failed < runs else { return 1 }
    var (low, high) = (0.0, 1.0)
    for _ in 0..<60 {
      let middle = (low + high) / 2
      if atMost(failed, of: runs, each: middle) > 0.05 { low = middle } else { high = middle }
    }
    return high
  }

  /// The chance of so many or fewer, term by term from none up.
  private static func atMost(_ failed: Int, of runs: Int, each: Double) -> Double {
    guard each > 0 else { return 1 }
    guard each < 1 else { return 0 }
    var term = 1.0
    for _ in 0..<runs { term *= 1 - each }
    var sum = term
    for k in 0..<failed {
      term *= Double(runs - k) / Double(k + 1) * each / (1 - each)
      sum += term
    }
    return sum
  }

  /// `5.8 %`.
  package static func text(failed: Int, of runs: Int) -> String {
    let share = 100 * upper(failed: failed, of: runs)
    return Digits.decimal(share, share < 1 ? 2 : 1) + " %"
  }
}
