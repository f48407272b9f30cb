// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import Testing

@testable import FalseworkLoad

@Suite struct LocustReportTests {
  private static let wall = UTCTime(seconds: 1_800_000_000)

  private static func report() -> LocustReport {
    var report = LocustReport(began: wall)
    let get = LocustReport.Key(method: "GET", name: "/")
    report.record(get, time: .microseconds(340), bytes: 5, failure: nil, at: wall)
    report.record(get, time: .microseconds(344), bytes: 5, failure: nil, at: wall)
    report.record(
      get, time: .milliseconds(250), bytes: 0, failure: "503", at: wall + .seconds(1))
    report.record(
      .init(method: "POST", name: "/"), time: .milliseconds(7), bytes: 1, failure: nil, at: wall)
    return report
  }

  @Test func `an entry has the fourteen members that a master reads`() throws {
    var report = Self.report()
    let data = report.take(users: [("A", 2)])
    guard case .list(let entries)? = data["stats"] else { return #expect(Bool(false)) }
    #expect(entries.count == 2)
    #expect(
      entries.first
        == .object([
          "name": .text("/"), "method": .text("GET"),
          "last_request_timestamp": .double(1_800_000_001), "start_time": .double(1_800_000_000),
          "num_requests": .integer(3), "num_none_requests": .integer(0),
          "num_failures": .integer(1), "total_response_time": .double(250.684),
          "max_response_time": .double(250), "min_response_time": .double(0.34),
          "total_content_length": .integer(10),
          "response_times": .map([
            .init(.double(0.3), .integer(2)), .init(.integer(250), .integer(1)),
          ]),
          "num_reqs_per_sec": .map([
            .init(.integer(1_800_000_000), .integer(2)),
            .init(.integer(1_800_000_001), .integer(1)),
          ]),
          "num_fail_per_sec": .map([.init(.integer(1_800_000_001), .integer(1))]),
        ]))
    #expect(data["stats_total"]?["num_requests"] == .integer(4))
    #expect(
      data["errors"]
        == .object([
          "GET./.503": .object([
            "name": .text("/"), "method": .text("GET"), "error": .text("503"),
            "occurrences": .integer(1),
          ])
        ]))
    #expect(data["user_classes_count"] == .object(["A": .integer(2)]))
  }

  @Test func `a report is told once, and one of nothing has no minimum`() {
    var report = Self.report()
    _ = report.take(users: [])
    let data = report.take(users: [])
    #expect(data["stats"] == .list([]) && data["errors"] == .map([]))
    #expect(data["stats_total"]?["min_response_time"] == .nil)
    #expect(data["stats_total"]?["num_requests"] == .integer(0))
  }

  @Test(
    arguments: [
      (0.04, 0), (0.05, 1), (9.94, 99), (10, 100), (10.6, 110), (99.4, 990), (104, 1_000),
      (1_040, 10_000), (12_600, 130_000),
    ] as [(Double, Int64)])
  func `times are told as Locust rounds them, finer below ten milliseconds`(
    milliseconds: Double, tenths: Int64
  ) {
    #expect(LocustReport.bucket(milliseconds) == tenths)
  }
}
