// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkLoad
import Histogram

/// The figures of a run as metrics of OpenTelemetry: one `ExportMetricsServiceRequest` in OTLP/JSON,
/// as its file exporter writes and its collector reads it.
///
/// `http.client.request.duration` is a histogram for each step, successes and failures apart
/// (`error.type`), in seconds. A simulated run begins with the epoch.
package struct ResultOTLP: Sendable {
  private let result: RunResult

  package init(_ result: RunResult) {
    self.result = result
  }

  package var bytes: [UInt8] {
    var json = JSONWriter(.spaced)
    json.object { json in
      json.list("resourceMetrics") { list in
        list.object { json in
          json.member("resource") { json in
            json.list("attributes") { attributes(&$0) }
          }
          json.list("scopeMetrics") { list in
            list.object { json in
              json.member("scope") { $0.member("name", "falsework") }
              json.list("metrics") { metrics(&$0) }
            }
          }
        }
      }
    }
    return json.bytes + [0x0A]
  }

  private func attributes(_ list: inout JSONWriter) {
    let about = result.description
    for (key, text) in [
      ("service.name", "falsework"), ("service.version", about.program),
      ("falsework.scenario", about.scenario), ("falsework.world", about.world.rawValue),
    ] {
      list.object { Self.attribute(key, text, &$0) }
    }
  }

  private static func attribute(_ key: String, _ text: String, _ json: inout JSONWriter) {
    json.member("key", key)
    json.member("value") { $0.member("stringValue", text) }
  }

  private func metrics(_ list: inout JSONWriter) {
    list.object { json in
      json.member("name", "http.client.request.duration")
      json.member("description", "Response times, from when each request was due.")
      json.member("unit", "s")
      json.member("histogram") { json in
        json.member("aggregationTemporality", 2)
        json.list("dataPoints") { points in
          for row in result.rows {
            if let times = row.response { point(row.name, times, failed: false, &points) }
            if let times = row.failed { point(row.name, times, failed: true, &points) }
          }
        }
      }
    }
    gauge("falsework.bad_time", "s", result.disruption.badTime, &list)
    gauge("falsework.longest_gap", "s", result.longestGap.length, &list)
    if let late = result.lateness { gauge("falsework.lateness.p99", "s", late.p99, &list) }
  }

  private func point(
    _ step: String, _ times: RunResult.Times, failed: Bool, _ list: inout JSONWriter
  ) {
    let counts = Self.counts(times)
    list.object { json in
      json.list("attributes") { list in
        list.object { Self.attribute("falsework.step", step, &$0) }
        if failed { list.object { Self.attribute("error.type", "failed", &$0) } }
      }
      time(&json)
      // 64-bit numbers are text in OTLP/JSON.
      json.member("count", "\(times.count)")
      json.number("sum", times.sum.secondsText(decimals: 9))
      json.number("min", times.shortest.secondsText(decimals: 9))
      json.number("max", times.longest.secondsText(decimals: 9))
      json.list("explicitBounds") { list in
        for bound in PrometheusText.bounds {
          list.number(Interval.microseconds(Int64(bound)).secondsText(decimals: 6))
        }
      }
      json.list("bucketCounts") { list in for count in counts { list.value("\(count)") } }
    }
  }

  /// For each bucket, and what is beyond the last bound; without the histogram all is in one.
  private static func counts(_ times: RunResult.Times) -> [Int] {
    var counts = PrometheusText.bounds.map { _ in 0 } + [0]
    guard let text = times.histogram else {
      counts[counts.count - 1] = times.count
      return counts
    }
    do throws(HistogramCode.Problem) {
      for value in try HistogramCode.histogram(text).recordedValues() {
        let place = PrometheusText.bounds.firstIndex { value.value <= $0 }
        counts[place ?? counts.count - 1] += Int(value.count)
      }
    } catch {
      preconditionFailure("a histogram of our own: \(error.text)")
    }
    return counts
  }

  private func gauge(
    _ name: String, _ unit: String, _ interval: Interval, _ list: inout JSONWriter
  ) {
    list.object { json in
      json.member("name", name)
      json.member("unit", unit)
      json.member("gauge") { json in
        json.list("dataPoints") { list in
          list.object { json in
            time(&json)
            json.number("asDouble", interval.secondsText(decimals: 9))
          }
        }
      }
    }
  }

  private func time(_ json: inout JSONWriter) {
    let start = result.description.wallStart ?? UTCTime(nanoseconds: 0)
    json.member(
      "startTimeUnixNano", "\((start + (result.begin - .start)).nanoseconds)")
    json.member("timeUnixNano", "\((start + (result.end - .start)).nanoseconds)")
  }
}
