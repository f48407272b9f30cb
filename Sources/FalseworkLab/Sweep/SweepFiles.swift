// SPDX-License-Identifier: Apache-2.0
import FalseworkCore

/// What a sweep that is done leaves behind. Each file is a function of the plan and of the runs, so
/// that shards put together give the same bytes as one machine.
package struct SweepFiles: Sendable {
  private let result: SweepResult

  package init(_ result: SweepResult) {
    self.result = result
  }

  /// Names and contents, in the order in which they are told of.
  package var all: [(name: String, bytes: [UInt8])] {
    var files: [(String, [UInt8])] = [
      ("plan.txt", Array(result.plan.text.utf8)), ("runs.csv", Array(result.table.text.utf8)),
      ("variants.csv", Array(variantsCSV.utf8)), ("sweep.json", json),
    ]
    let page = SweepPage(result)
    if let map = page.maps.first { files.append(("heatmap.svg", Array(map.text.utf8))) }
    files.append(("sweep.html", Array(page.text.utf8)))
    return files
  }

  package static let variantColumns = [
    "runs", "runs_that_lost", "runs_that_missed", "failures", "most_failures", "requests",
    "lost_journeys", "ready", "p99_s", "worst_p99_s", "rotation_s", "requests_per_s",
    "expected_failures", "detection_s", "restart_s", "wait_s", "safe_wait_s", "expected_rotation_s",
  ]

  package var variantsCSV: String {
    let plan = result.plan
    var text = RunTable.line(plan.axes.map(\.path) + Self.variantColumns)
    for summary in result.summaries {
      let bound = result.bounds[summary.variant]
      text += RunTable.line(
        plan.values(of: summary.variant) + [
          "\(summary.runs)", "\(summary.runsThatLost)", "\(summary.runsThatMissed)",
          "\(summary.failures)", "\(summary.mostFailures)", "\(summary.requests)",
          "\(summary.lostJourneys)", "\(summary.ready)", seconds(summary.p99),
          seconds(summary.worstP99), seconds(summary.rotation), Digits.decimal(summary.rate, 3),
          result.expectedFailures(summary).map { Digits.decimal($0, 3) } ?? "",
          seconds(bound?.detection), seconds(bound?.restart), seconds(bound?.wait),
          seconds(bound?.safeWait), seconds(bound?.total),
        ])
    }
    return text
  }

  private func seconds(_ interval: Interval?) -> String { interval?.secondsText(decimals: 6) ?? "" }

  package var json: [UInt8] {
    let plan = result.plan
    var writer = JSONWriter(.indented)
    writer.object { json in
      json.member("program", plan.program)
      json.member("scenario", plan.scenario)
      json.member("fingerprint", plan.fingerprint)
      json.key("time_scale")
      json.value(plan.timeScale)
      json.list("set") { list in for text in plan.settings { list.value(text) } }
      json.member("seeds", plan.seeds.text)
      json.list("vary") { list in
        for axis in plan.axes {
          list.object { json in
            json.member("key", axis.path)
            json.list("values") { list in for value in axis.values { list.value(value) } }
          }
        }
      }
      json.list("variants") { list in
        for summary in result.summaries { list.object { write(summary, to: &$0) } }
      }
    }
    return writer.bytes + [0x0A]
  }

  private func write(_ summary: VariantSummary, to json: inout JSONWriter) {
    func time(_ name: String, _ interval: Interval?) {
      json.key(name)
      if let interval { json.number(interval.secondsText(decimals: 6)) } else { json.null() }
    }
    json.member("values") { json in
      for (axis, value) in zip(result.plan.axes, result.plan.values(of: summary.variant)) {
        json.member(axis.path, value)
      }
    }
    json.member("runs", summary.runs)
    json.member("runs_that_lost", summary.runsThatLost)
    json.member("runs_that_missed", summary.runsThatMissed)
    json.member("failures", summary.failures)
    json.member("most_failures", summary.mostFailures)
    json.member("requests", summary.requests)
    json.member("lost_journeys", summary.lostJourneys)
    json.member("ready", summary.ready)
    time("p99_s", summary.p99)
    time("worst_p99_s", summary.worstP99)
    time("rotation_s", summary.rotation)
    guard let bound = result.bounds[summary.variant] else { return }
    json.key("theory")
    json.object { json in
      json.key("expected_failures")
      json.number(Digits.decimal(result.expectedFailures(summary) ?? 0, 3))
      func time(_ name: String, _ interval: Interval?) {
        json.key(name)
        if let interval { json.number(interval.secondsText(decimals: 6)) } else { json.null() }
      }
      time("detection_s", bound.detection)
      time("longest_detection_s", bound.longestDetection)
      time("return_s", bound.returning)
      time("restart_s", bound.restart)
      time("wait_s", bound.wait)
      time("safe_wait_s", bound.safeWait)
      time("rotation_s", bound.total)
    }
  }
}
