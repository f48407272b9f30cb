// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkKeystone
import FalseworkLoad
import FalseworkProxy
import FalseworkRotation
import FalseworkScenario

/// `result.json`: everything, in a fixed order, for machines; specs/result.md describes each field and
/// specs/result.schema.json holds it. Times are seconds with six decimals, and say so in their keys.
package struct ResultJSON: Sendable {
  /// Rises when a field changes its meaning or goes; new fields may come without.
  package static let format = 1
  /// Failed requests that are listed one by one; `requests.csv` has the others.
  static let failureLimit = 10_000

  let result: RunResult

  package init(_ result: RunResult) {
    self.result = result
  }

  package var bytes: [UInt8] {
    var json = JSONWriter(.indented)
    json.object { json in
      head(&json)
      figures(&json)
      causes(&json)
      states(&json)
      generator(&json)
      json.list("seconds") { list in
        for (number, second) in result.seconds.enumerated() {
          list.line { write(second, number, &$0) }
        }
      }
    }
    return json.bytes + [0x0A]
  }

  // MARK: Parts

  private func head(_ json: inout JSONWriter) {
    let about = result.description
    json.member("result_format", Self.format)
    json.member("program", about.program)
    json.member("scenario") {
      $0.member("name", about.scenario)
      $0.member("about", about.about)
      $0.key("seed")
      $0.number(String(about.seed))
      $0.member("world", about.world.rawValue)
      $0.member("time_scale", Int(about.timeScale))
      $0.member("release_from", about.releaseFrom)
      $0.member("release_to", about.releaseTo)
      $0.member("strategy", about.strategy)
    }
    json.member("wall_start", about.wallStart?.iso8601(microseconds: true))
    json.seconds("begin_s", result.begin)
    json.seconds("end_s", result.end)
    json.seconds("duration_s", result.duration)
    json.member("ended") {
      $0.member("how", result.how.label)
      $0.member("reason", result.how.reason)
    }
    json.member("verdict", result.verdict.rawValue)
    json.member("exit_code", Int(result.exitStatus.rawValue))
  }

  private func figures(_ json: inout JSONWriter) {
    json.list("thresholds") { list in
      for threshold in result.thresholds { list.line { write(threshold, &$0) } }
    }
    json.member("in_flight", result.inFlight)
    json.member("lost_journeys", result.lostJourneys)
    json.count("silent_failures", result.silent)
    json.member("longest_gap") { span(result.longestGap.from, result.longestGap.to, &$0) }
    json.key("rotation")
    if let rotation = result.rotation {
      json.object { span(rotation.from, rotation.to, &$0) }
    } else {
      json.null()
    }
    json.member("disruption", disruption)
    json.list("tasks") { list in
      for row in result.rows { list.object { write(row, &$0) } }
    }
    json.member("total") { write(result.total, &$0) }
  }

  private func span(_ from: Instant, _ to: Instant, _ json: inout JSONWriter) {
    json.seconds("from_s", from)
    json.seconds("to_s", to)
    json.seconds("length_s", to - from)
  }

  private func write(_ threshold: ThresholdResult, _ json: inout JSONWriter) {
    json.member("figure", threshold.threshold.figure.rawValue)
    json.member("condition", threshold.threshold.text)
    let (number, unit): (String?, String) =
      switch threshold.measured {
      case .count(let count): ("\(count)", "count")
      case .share(let whole, let part): (Figures.percent(part, of: whole, decimals: 6), "percent")
      case .duration(let interval): (interval.secondsText(decimals: 6), "s")
      case .nothing: (nil, "nothing")
      }
    json.number("measured", number)
    json.member("unit", unit)
    json.member("held", threshold.held)
  }

  private func write(_ row: RunResult.Row, _ json: inout JSONWriter) {
    json.member("name", row.name)
    json.member("requests", row.requests)
    json.member("failures", row.failures)
    json.number(
      "failures_percent", Figures.percent(row.failures, of: row.requests, decimals: 4))
    json.number(
      "requests_per_s", Figures.rate(row.requests, in: result.duration, decimals: 4))
    json.times("response", row.response)
    json.times("service", row.service)
    json.times("failed", row.failed)
  }

  private func generator(_ json: inout JSONWriter) {
    let isOpen = result.description.plan.model.isOpen
    json.member("generator") { json in
      json.member("model", isOpen ? "open" : "closed")
      json.times("lateness", result.lateness)
      json.seconds("lateness_limit_s", result.description.latenessLimit)
      json.member("void", !result.voidReasons.isEmpty)
      json.list("void_reasons") { list in
        for reason in result.voidReasons { list.value(reason.rawValue) }
      }
    }
  }

  private func write(
    _ second: LoadStatistics.Second, _ number: Int, _ json: inout JSONWriter
  ) {
    json.member("second", number)
    json.member("requests", second.requests)
    json.member("failures", second.failures)
    json.seconds("mean_s", second.sum / Int64(max(1, second.requests)))
    json.seconds("max_s", second.longest)
  }

  private func states(_ json: inout JSONWriter) {
    json.list("nodes") { list in
      for node in result.nodes { list.object { write(node, &$0) } }
    }
    json.list("servers") { list in
      for server in result.servers { list.object { write(server, &$0) } }
    }
    json.list("marks") { list in
      for mark in result.marks { list.line { write(mark, &$0) } }
    }
    json.list("notices") { list in
      for notice in result.notices {
        list.line {
          $0.seconds("at_s", notice.at)
          $0.member("level", Self.name(notice.notice.level))
          $0.member("text", notice.notice.text)
        }
      }
    }
    json.member("notices_not_kept", result.noticesNotKept)
    json.member("proxy_counters") { counters in
      for name in result.proxyCounters.keys.sorted() {
        counters.member(name, Int(result.proxyCounters[name]!))
      }
    }
  }

  private static func name(_ level: Notice.Level) -> String {
    switch level {
    case .emergency: "emergency"
    case .alert: "alert"
    case .notice: "notice"
    }
  }

  private func write(_ node: RunResult.Node, _ json: inout JSONWriter) {
    json.member("name", node.name)
    json.list("timeline") { list in
      for entry in node.timeline.entries {
        list.line {
          $0.seconds("at_s", entry.at)
          $0.member("phase", entry.state.phase.rawValue)
          $0.member("release", entry.state.release)
        }
      }
    }
    json.member("timeline_not_kept", node.timeline.notKept)
  }

  private func write(_ server: RunResult.Server, _ json: inout JSONWriter) {
    json.member("name", server.name)
    json.member("node", server.node.map { result.description.name(of: $0) })
    json.member("requests", server.requests)
    json.list("timeline") { list in
      for entry in server.timeline.entries {
        list.line {
          $0.seconds("at_s", entry.at)
          $0.member("belief", entry.state.description)
          $0.member("usable", entry.state.isUsable)
        }
      }
    }
    json.member("timeline_not_kept", server.timeline.notKept)
  }

  func write(_ mark: Mark, _ json: inout JSONWriter) {
    json.seconds("at_s", mark.at)
    json.member("node", mark.node.map { result.description.name(of: $0) })
    json.member("step", mark.step.label)
  }
}

extension JSONWriter {
  /// An object on a line of its own, for lists that are long and flat.
  mutating func line(_ body: (inout JSONWriter) -> Void) {
    var line = JSONWriter(.spaced)
    line.object(body)
    raw(line.bytes)
  }

  mutating func seconds(_ name: String, _ interval: Interval) {
    number(name, interval.secondsText(decimals: 6))
  }

  /// Nothing for a moment that never came.
  mutating func seconds(_ name: String, _ instant: Instant?) {
    let known = instant.flatMap { $0 == .never ? nil : $0 }
    number(name, known.map { ($0 - .start).secondsText(decimals: 6) })
  }

  mutating func number(_ name: String, _ text: String?) {
    key(name)
    if let text { number(text) } else { null() }
  }

  mutating func count(_ name: String, _ count: Int?) {
    number(name, count.map { "\($0)" })
  }

  mutating func times(_ name: String, _ times: RunResult.Times?) {
    key(name)
    guard let times else { return null() }
    line { json in
      json.member("count", times.count)
      json.seconds("sum_s", times.sum)
      json.seconds("mean_s", times.mean)
      json.seconds("min_s", times.shortest)
      json.seconds("median_s", times.median)
      json.seconds("p95_s", times.p95)
      json.seconds("p99_s", times.p99)
      json.seconds("p999_s", times.p999)
      json.seconds("max_s", times.longest)
      json.member("hdr", times.histogram)
    }
  }
}
