// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import Testing

@testable import FalseworkReport

@Suite struct ResultFilesTests {
  @Test func `a run with its requests writes three files, one without two`() throws {
    var result = try SyntheticRun.restart()
    #expect(result.files.map(\.name) == ["result.json", "events.csv", "requests.csv"])
    result.requests = []
    #expect(result.files.map(\.name) == ["result.json", "events.csv"])
    #expect(result.files.allSatisfy { $0.bytes.last == 0x0A })
  }
}
