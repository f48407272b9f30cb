// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkKeystone
import FalseworkLoad
import FalseworkProxy
import Histogram

/// The figures of a run that goes on, in the text format of Prometheus (0.0.4).
struct PrometheusText: Sendable {
  /// Upper bounds of the buckets in microseconds: 1, 2.5 and 5 in each power of ten.
  static let bounds: [UInt64] = [
    100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000,
    1_000_000, 2_500_000, 5_000_000, 10_000_000, 60_000_000,
  ]

  let text: String

  init(_ collector: RunCollector, at now: Instant) {
    var lines = Lines()
    let statistics = collector.statistics
    lines.head("falsework_requests_total", "counter", "Requests that ended.")
    for row in statistics.rows {
      let step = Self.label(row.name)
      lines.add(
        "falsework_requests_total{step=\(step),outcome=\"ok\"}", row.requests - row.failures)
      lines.add("falsework_requests_total{step=\(step),outcome=\"failed\"}", row.failures)
    }
    lines.head("falsework_failures_total", "counter", "Failures by what clients saw.")
    for kind in collector.disruption.kinds {
      lines.add("falsework_failures_total{kind=\(Self.label(kind.label))}", kind.count)
    }
    lines.head(
      "falsework_response_seconds", "histogram",
      "Response times of successes, from when each was due.")
    for row in statistics.rows { lines.add(row) }
    lines.head("falsework_lateness_p99_seconds", "gauge", "The load's own lateness, 99 %.")
    if let late = statistics.lateness.percentile(99) {
      lines.add("falsework_lateness_p99_seconds", late.secondsText(decimals: 6))
    }
    lines.head("falsework_longest_gap_seconds", "gauge", "The longest time without a success.")
    lines.add(
      "falsework_longest_gap_seconds", statistics.longestGap.length.secondsText(decimals: 6))
    lines.head("falsework_elapsed_seconds", "gauge", "Since the load began.")
    lines.add("falsework_elapsed_seconds", (now - collector.begin).secondsText(decimals: 3))
    lines.states(collector)
    text = lines.text
  }

  /// With its quotes.
  static func label(_ text: String) -> String {
    var escaped = "\""
    for character in text.unicodeScalars {
      switch character {
      case "\\": escaped += "\\\\"
      case "\"": escaped += "\\\""
      case "\n": escaped += "\\n"
      default: escaped.unicodeScalars.append(character)
      }
    }
    return escaped + "\""
  }

  private struct Lines {
    var text = ""

    mutating func head(_ name: String, _ type: String, _ help: String) {
      text += "# HELP \(name) \(help)\n# TYPE \(name) \(type)\n"
    }

    mutating func add(_ name: String, _ value: Int) { add(name, "\(value)") }
    mutating func add(_ name: String, _ value: String) { text += "\(name) \(value)\n" }

    mutating func add(_ row: LoadStatistics.Row) {
      let step = PrometheusText.label(row.name)
      let counts = row.response.counts(upTo: PrometheusText.bounds)
      for (bound, count) in zip(PrometheusText.bounds, counts) {
        let text = Interval.microseconds(Int64(bound)).secondsText(decimals: 6)
        add("falsework_response_seconds_bucket{step=\(step),le=\"\(text)\"}", count)
      }
      add("falsework_response_seconds_bucket{step=\(step),le=\"+Inf\"}", row.response.count)
      add(
        "falsework_response_seconds_sum{step=\(step)}", row.response.sum.secondsText(decimals: 6))
      add("falsework_response_seconds_count{step=\(step)}", row.response.count)
    }

    mutating func states(_ collector: RunCollector) {
      let about = collector.description
      guard !about.nodes.isEmpty else { return }
      head("falsework_node_serving", "gauge", "Whether a node serves, in truth.")
      for (name, timeline) in zip(about.nodes, collector.nodes) {
        guard let state = timeline.last else { continue }
        add(
          "falsework_node_serving{node=\(PrometheusText.label(name))}",
          state.phase == .serving ? 1 : 0)
      }
      head("falsework_server_usable", "gauge", "Whether the proxy believes a server usable.")
      for (server, timeline) in zip(about.servers, collector.beliefs) {
        guard let belief = timeline.last else { continue }
        add(
          "falsework_server_usable{server=\(PrometheusText.label(server.name))}",
          belief.isUsable ? 1 : 0)
      }
    }
  }
}

extension LoadStatistics.Times {
  /// How many are at most each of these bounds, which rise; exact to the width of a bucket.
  func counts(upTo bounds: [UInt64]) -> [Int] {
    var counts = bounds.map { _ in 0 }
    for value in histogram.recordedValues() {
      for place in bounds.indices where value.value <= bounds[place] {
        counts[place] += Int(value.count)
      }
    }
    return counts
  }
}
