// SPDX-License-Identifier: Apache-2.0
import FalseworkCore

/// What Locust prints with `--json`: its statistics of each request, the same fourteen members.
package struct LocustJSON: Sendable {
  private let result: RunResult

  package init(_ result: RunResult) {
    self.result = result
  }

  package var bytes: [UInt8] {
    var json = JSONWriter(.indented)
    json.array { list in
      for entry in result.locustEntries { list.object { write(entry, &$0) } }
    }
    return json.bytes + [0x0A]
  }

  private var wallStart: UTCTime { result.description.wallStart ?? UTCTime(nanoseconds: 0) }

  private func write(_ entry: LocustEntry, _ json: inout JSONWriter) {
    let begin = wallStart + (result.begin - .start)
    json.member("name", entry.name)
    json.member("method", entry.method)
    json.number(
      "last_request_timestamp", entry.lastEnded.map { Self.seconds(wallStart + ($0 - .start)) })
    json.number("start_time", Self.seconds(begin))
    json.member("num_requests", entry.requests)
    json.member("num_none_requests", 0)
    json.member("num_failures", entry.failures)
    json.number("total_response_time", entry.sum.millisecondsText(decimals: 6))
    json.number("max_response_time", (entry.longest ?? .zero).millisecondsText(decimals: 6))
    json.number("min_response_time", entry.shortest?.millisecondsText(decimals: 6))
    json.member("total_content_length", entry.contentBytes)
    json.member("response_times") { times in
      for (time, count) in entry.times.sorted(by: { $0.key < $1.key }) {
        times.member("\(time)", count)
      }
    }
    let first = begin.nanoseconds / 1_000_000_000
    for (name, count) in [
      ("num_reqs_per_sec", \LoadTally.Second.requests), ("num_fail_per_sec", \.failures),
    ] {
      json.member(name) { seconds in
        for (second, counts) in entry.seconds.enumerated() where counts[keyPath: count] > 0 {
          seconds.member("\(first + Int64(second))", Int(counts[keyPath: count]))
        }
      }
    }
  }

  private static func seconds(_ time: UTCTime) -> String {
    Interval(nanoseconds: time.nanoseconds).secondsText(decimals: 6)
  }
}
