// SPDX-License-Identifier: Apache-2.0
import FalseworkCore

/// A sweep as one page of HTML that needs nothing beside itself: the verdict, maps with theory's line
/// over them, every variant, and the command that makes it again.
package struct SweepPage: Sendable {
  private let result: SweepResult
  /// Maps on one page: one for each combination of the keys beyond the first two.
  private static let mostMaps = 12
  private static let mostRows = 2_000

  package init(_ result: SweepResult) {
    self.result = result
  }

  private var plan: SweepPlan { result.plan }

  // MARK: Maps

  /// Of failed requests; none unless two keys have several values.
  package var maps: [HeatMap] {
    let several = plan.axes.indices.filter { plan.axes[$0].values.count > 1 }
    guard several.count >= 2 else { return [] }
    // Across goes the one with more values: pages are wider than high.
    let first = several[0]
    let second = several[1]
    let isWide = plan.axes[first].values.count >= plan.axes[second].values.count
    let (across, down) = isWide ? (first, second) : (second, first)
    let summaries = Dictionary(uniqueKeysWithValues: result.summaries.map { ($0.variant, $0) })
    var combinations: [[Int]] = [Array(repeating: 0, count: plan.axes.count)]
    for axis in plan.axes.indices where axis != across && axis != down {
      combinations = combinations.flatMap { places in
        plan.axes[axis].values.indices.map { place in
          var copy = places
          copy[axis] = place
          return copy
        }
      }
    }
    return combinations.prefix(Self.mostMaps).map { rest in
      let fixed = plan.axes.indices.filter { $0 != across && $0 != down }.map {
        "\(plan.axes[$0].path)=\(plan.axes[$0].values[rest[$0]])"
      }
      let cells = plan.axes[down].values.indices.map { row in
        plan.axes[across].values.indices.map { column in
          var places = rest
          places[across] = column
          places[down] = row
          return summaries[plan.variant(at: places)].map(cell)
        }
      }
      return HeatMap(
        title: "Failed requests a run" + (fixed.isEmpty ? "" : ", " + fixed.joined(separator: " ")),
        unit: "failed requests a run",
        x: .init(title: plan.axes[across].path, values: plan.axes[across].values),
        y: .init(title: plan.axes[down].path, values: plan.axes[down].values), cells: cells,
        boundLabel: boundLabel)
    }
  }

  private var boundLabel: String {
    let bounds = result.bounds.compactMap { $0 }
    let told = bounds.count { $0.tells }
    if told == bounds.count { return "theory: D = p + L_max" }
    return told == 0 ? "theory: T_d = T_r" : "theory"
  }

  private func cell(_ summary: VariantSummary) -> HeatMap.Cell {
    var note = zip(plan.axes, plan.values(of: summary.variant)).map { "\($0.path) \($1)" }
    note.append("\(summary.runsThatLost) of \(summary.runs) runs lost a request")
    note.append("\(Digits.short(summary.meanFailures)) a run, at most \(summary.mostFailures)")
    note.append("p99 \(Digits.length(summary.p99)), rotation \(Digits.length(summary.rotation))")
    if let bound = result.bounds[summary.variant] { note.append(bound.sentence) }
    return HeatMap.Cell(
      value: summary.meanFailures, text: Digits.short(summary.meanFailures), note: note,
      isZero: summary.runsThatLost == 0,
      margin: result.bounds[summary.variant]?.margin.map { Double($0.nanoseconds) })
  }

  // MARK: The page

  package var text: String {
    Page.text(title: "Sweep of \(plan.scenario)", body: body)
  }

  private var body: String {
    var html = "<h1>Sweep of \(plan.scenario.escaped)</h1>\n<p>\(verdict)</p>\n"
    for map in maps { html += "<figure>\(map.text)</figure>\n" }
    if !maps.isEmpty { html += "<p>\(explanation)</p>\n" }
    html += table
    html += "<h2>Again</h2>\n<pre>\(command.escaped)</pre>\n"
    html += "<p>Every variant had the seeds \(plan.seeds.text). \(plan.program.escaped).</p>\n"
    return html
  }

  private var verdict: String {
    guard let best = result.best else { return "No run is done." }
    let clean = result.summaries.count { $0.runsThatLost == 0 }
    let name = zip(plan.axes, plan.values(of: best.variant)).map { "\($0.path)=\($1)" }
      .joined(separator: " ")
    if clean == 0 {
      return "None of \(result.summaries.count) variants lost nothing. Least lost "
        + "<strong>\(name.escaped)</strong>: \(Digits.short(best.meanFailures)) requests a run."
    }
    return "\(clean) of \(result.summaries.count) variants lost nothing in \(best.runs) upgrades. "
      + "The fastest of them is <strong>\(name.escaped)</strong>: "
      + "\(Digits.length(best.rotation)). With 95 % confidence fewer than "
      + "\(Confidence.text(failed: 0, of: best.runs)) of its upgrades lose a request."
  }

  private var explanation: String {
    let bounds = result.bounds.compactMap { $0 }
    guard let first = bounds.first else { return "Without a rotation theory says nothing." }
    if first.tells {
      let waits = bounds.compactMap(\.safeWait).sorted()
      let range =
        waits.first == waits.last
        ? [Digits.length(waits.first)] : [Digits.length(waits.first), Digits.length(waits.last)]
      return "The dashed line is where the wait after telling the proxy, D, is p + L_max: "
        + "\(range.joined(separator: " to ")) here. Beyond it theory loses nothing, since what was "
        + "in flight has been answered."
    }
    return "Nobody tells the proxy, so that a node costs λ/N · min(T_d, T_r) requests. The dashed "
      + "line is where detection, T_d, takes as long as the restart, T_r "
      + "(\(Digits.length(first.restart))): on the slow side of it the proxy never notices, and "
      + "tuning its checks changes nothing."
  }

  private var table: String {
    var html = "<h2>Variants</h2>\n<table>\n<thead><tr>"
    let columns =
      plan.axes.map(\.path) + [
        "runs that lost", "failed a run", "most", "theory", "p99", "rotation", "ready",
      ]
    for column in columns { html += "<th>\(column.escaped)</th>" }
    html += "</tr></thead>\n<tbody>\n"
    for summary in result.summaries.prefix(Self.mostRows) {
      html += "<tr>"
      for value in plan.values(of: summary.variant) { html += "<td>\(value.escaped)</td>" }
      let figures = [
        "\(summary.runsThatLost)/\(summary.runs)", Digits.short(summary.meanFailures),
        Digits.grouped(summary.mostFailures),
        result.expectedFailures(summary).map { Digits.short($0) } ?? "–",
        Digits.length(summary.p99), Digits.length(summary.rotation), "\(summary.ready)",
      ]
      for figure in figures { html += "<td class=\"n\">\(figure)</td>" }
      html += "</tr>\n"
    }
    html += "</tbody>\n</table>\n"
    if result.summaries.count > Self.mostRows {
      html += "<p>The rest is in variants.csv.</p>\n"
    }
    return html
  }

  private var command: String {
    var words = ["falsework sweep", plan.scenario]
    words += plan.settings.map { "--set '\($0)'" }
    if plan.timeScale != 1 { words.append("--time-scale \(plan.timeScale)") }
    words += plan.axes.map { "--vary \"\($0.text)\"" }
    words.append("--seed \(plan.seeds.first) --seeds \(plan.seeds.count)")
    return words.joined(separator: " \\\n    ")
  }
}

/// What the pages of the lab have in common.
enum Page {
  static func text(title: String, body: String) -> String {
    """
    <!doctype html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>\(title.escaped)</title>
    <style>
    :root { color-scheme: light dark; }
    body { font: 15px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem; }
    h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin-top: 2rem; }
    figure { margin: 1.5rem 0; overflow-x: auto; } svg { max-width: 100%; height: auto; }
    table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: 13px; }
    th, td { padding: .2rem .7rem .2rem 0; text-align: left; border-bottom: 1px solid #8884; }
    th { position: sticky; top: 0; background: Canvas; } .n { text-align: right; }
    pre { padding: .8rem; background: #8881; overflow-x: auto; font-size: 13px; }
    </style>
    </head>
    <body>
    \(body)</body>
    </html>

    """
  }
}
