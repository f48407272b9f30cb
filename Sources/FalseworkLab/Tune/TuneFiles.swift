// SPDX-License-Identifier: Apache-2.0
import FalseworkCore

/// What a search leaves behind: the answer as JSON, the plans as a chart, and one page with all of it.
package struct TuneFiles: Sendable {
  private let report: TuneReport
  private let known: RunTable

  package init(_ report: TuneReport, _ known: RunTable) {
    self.report = report
    self.known = known
  }

  package var all: [(name: String, bytes: [UInt8])] {
    var files: [(String, [UInt8])] = [
      ("plan.txt", Array(known.plan.text.utf8)), ("runs.csv", Array(known.text.utf8)),
      ("tune.json", json), ("pareto.svg", Array(chart.text.utf8)),
      ("tune.html", Array(page.utf8)),
    ]
    if !report.changes.isEmpty {
      files.append(("changes.diff", Array(report.changes.joined(separator: "\n").utf8)))
    }
    return files
  }

  // MARK: JSON

  package var json: [UInt8] {
    var writer = JSONWriter(.indented)
    writer.object { json in
      json.member("program", report.plan.program)
      json.member("scenario", report.plan.scenario)
      json.member("fingerprint", report.plan.fingerprint)
      json.list("require") { list in for one in report.requirements { list.value(one.text) } }
      json.member("runs", report.runs)
      json.member("plans", report.tested)
      json.key("winner")
      if let winner = report.winner {
        json.object { json in
          values(winner.variant, &json)
          json.member("fresh_seeds", winner.seeds.text)
          json.member("upgrades", winner.seeds.count)
          json.member("missed", winner.missed)
          json.key("upper_95_percent")
          json.number(
            Digits.decimal(
              100 * Confidence.upper(failed: winner.missed, of: winner.seeds.count), 3))
          time("rotation_s", winner.rotation, &json)
          time("safe_wait_s", report.margin?.safeWait, &json)
          time("knee_s", report.margin?.failed?.wait, &json)
        }
      } else {
        json.null()
      }
      json.list("tests") { list in
        for test in report.tests {
          list.object { json in
            values(test.variant, &json)
            json.member("seeds", test.seeds.text)
            json.member("missed", test.missed)
            json.member("held", test.held)
          }
        }
      }
      points("front", report.front, &json)
      points("incumbents", report.incumbents, &json)
    }
    return writer.bytes + [0x0A]
  }

  private func values(_ variant: Int, _ json: inout JSONWriter) {
    json.member("values") { json in
      for (axis, value) in zip(report.plan.axes, report.plan.values(of: variant)) {
        json.member(axis.path, value)
      }
    }
  }

  private func time(_ name: String, _ interval: Interval?, _ json: inout JSONWriter) {
    json.key(name)
    if let interval { json.number(interval.secondsText(decimals: 6)) } else { json.null() }
  }

  private func points(_ name: String, _ points: [TuneReport.Point], _ json: inout JSONWriter) {
    json.list(name) { list in
      for point in points {
        list.object { json in
          json.member("name", point.name)
          json.member("runs", point.summary.runs)
          json.member("missed", point.missed)
          json.key("failures_a_run")
          json.number(Digits.decimal(point.summary.meanFailures, 4))
          time("p99_s", point.summary.p99, &json)
          time("rotation_s", point.summary.rotation, &json)
          json.member("ready", point.summary.ready)
        }
      }
    }
  }

  // MARK: The chart

  package var chart: Scatter {
    let front = Set(report.front.map(\.name))
    let chosen = report.winner.map { TuneReport.name(report.plan, $0.variant) }
    var points: [Scatter.Point] = []
    for variant in 0..<report.plan.variants {
      guard let summary = VariantSummary(variant: variant, known.runs(of: variant)) else {
        continue
      }
      let name = TuneReport.name(report.plan, variant)
      add(
        summary, name, name == chosen ? .chosen : front.contains(name) ? .front : .tried, &points)
    }
    for incumbent in report.incumbents {
      add(incumbent.summary, incumbent.name, .incumbent, &points)
    }
    return Scatter(title: "Plans of \(report.plan.scenario)", points: points)
  }

  private func add(
    _ summary: VariantSummary, _ name: String, _ mark: Scatter.Mark, _ points: inout [Scatter.Point]
  ) {
    guard let rotation = summary.rotation else { return }
    points.append(
      Scatter.Point(
        name: mark == .chosen ? "the answer" : name, time: rotation.seconds,
        loss: summary.meanFailures, tail: summary.p99?.seconds, mark: mark,
        note: [
          name, "\(summary.runsThatLost) of \(summary.runs) runs lost a request",
          "\(Digits.short(summary.meanFailures)) a run, p99 \(Digits.length(summary.p99))",
          "rotation \(Digits.length(rotation))",
        ]))
  }

  // MARK: The page

  package var page: String {
    var html = "<h1>The fastest plan for \(report.plan.scenario.escaped)</h1>\n"
    html += "<pre>\(report.verdict.joined(separator: "\n").escaped)</pre>\n"
    html += "<figure>\(chart.text)</figure>\n"
    html += table("Nothing that was tried is better in duration, failures and p99", report.front)
    if !report.incumbents.isEmpty { html += table("In use", report.incumbents) }
    if !report.changes.isEmpty {
      html += "<h2>What changes</h2>\n<pre>"
      html += report.changes.joined(separator: "\n").escaped + "</pre>\n"
    }
    html += "<h2>Fresh seeds</h2>\n<table>\n<thead><tr><th>plan</th><th>seeds</th><th>missed</th>"
    html += "</tr></thead>\n<tbody>\n"
    for test in report.tests {
      html += "<tr><td>\(TuneReport.name(report.plan, test.variant).escaped)</td>"
      html += "<td>\(test.seeds.text)</td>"
      html += "<td class=\"n\">\(test.missed)/\(test.seeds.count)</td></tr>\n"
    }
    html += "</tbody>\n</table>\n<h2>Again</h2>\n<pre>\(command.escaped)</pre>\n"
    html += "<p>\(Digits.grouped(report.runs)) upgrades of \(report.tested) plans were played. "
    html +=
      "The race had the seeds \(race.text) for every plan. \(report.plan.program.escaped).</p>\n"
    return Page.text(title: "The fastest plan for \(report.plan.scenario)", body: html)
  }

  private var race: SeedRange {
    SeedRange(first: report.plan.seeds.first, count: report.options.seeds)
  }

  private func table(_ title: String, _ points: [TuneReport.Point]) -> String {
    var html = "<h2>\(title)</h2>\n<table>\n<thead><tr>"
    for column in ["plan", "rotation", "failed a run", "p99", "missed", "ready"] {
      html += "<th>\(column)</th>"
    }
    html += "</tr></thead>\n<tbody>\n"
    for point in points {
      let figures = [
        Digits.length(point.summary.rotation), Digits.short(point.summary.meanFailures),
        Digits.length(point.summary.p99), "\(point.missed)/\(point.summary.runs)",
        "\(point.summary.ready)",
      ]
      html += "<tr><td>\(point.name.escaped)</td>"
      for figure in figures { html += "<td class=\"n\">\(figure)</td>" }
      html += "</tr>\n"
    }
    return html + "</tbody>\n</table>\n"
  }

  private var command: String {
    var words = ["falsework tune", report.plan.scenario]
    words += report.plan.settings.map { "--set '\($0)'" }
    if report.plan.timeScale != 1 { words.append("--time-scale \(report.plan.timeScale)") }
    words += report.plan.axes.map { "--vary \"\($0.text)\"" }
    words += report.requirements.map { "--require '\($0.text)'" }
    words.append("--seed \(race.first) --seeds \(race.count) --fresh \(report.options.freshSeeds)")
    return words.joined(separator: " \\\n    ")
  }
}
