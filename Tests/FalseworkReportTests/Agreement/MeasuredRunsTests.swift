// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import FalseworkReport

@Suite struct MeasuredRunsTests {
  @Test func `a line is a run, a column a figure, and an empty cell was not measured`() throws {
    let table = try MeasuredRuns(
      """
      # Of a Tuesday.
      scenario,run,failures,validate: 502,longest gap,p99 all
      a,a-1,8,4,0.4s,3239ms
      a,a-2,9,,410ms,
      b,b-1,0,0,250us,1ms
      """)
    #expect(table.runs.map(\.name) == ["a-1", "a-2", "b-1"])
    let runs = table.runs(of: "a")
    #expect(
      runs[0].values == [
        ComparedFigure(.outcome, "failures", .count): 8,
        ComparedFigure(.seen, "validate: 502", .count): 4,
        ComparedFigure(.outcome, "longest gap", .time): 400_000_000,
        ComparedFigure(.latency, "p99 all", .time): 3_239_000_000,
      ])
    #expect(runs[1].values.count == 2)
    #expect(table.runs(of: "b")[0].values.values.contains(250_000))
    #expect(table.runs(of: "c") == [])
  }

  @Test(arguments: [
    ("", 1), ("run,scenario\n", 1), ("scenario,run,failures\na,b\n", 2),
    ("scenario,run,failures\na,b,8\na,b,many\n", 3), ("scenario,run,p99 all\na,b,-1ms\n", 2),
  ])
  func `what it cannot read is said with its line`(text: String, line: Int) {
    let error = #expect(throws: MeasuredRuns.Problem.self) { try MeasuredRuns(text) }
    #expect(error?.line == line)
  }
}
