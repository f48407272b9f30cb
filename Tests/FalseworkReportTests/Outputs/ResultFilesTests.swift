// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import Testing

@testable import FalseworkReport

@Suite struct ResultFilesTests {
  @Test func `a run without its requests writes no file of them`() throws {
    var result = try SyntheticRun.restart()
    let without = [
      "result.json", "events.csv", "otlp.json", "locust_requests.json", "locust_stats.csv",
      "locust_failures.csv", "locust_exceptions.csv",
    ]
    #expect(result.files.map(\.name) == without + ["requests.csv"])
    result.requests = []
    #expect(result.files.map(\.name) == without)
    #expect(result.files.allSatisfy { $0.bytes.last == 0x0A })
  }
}
