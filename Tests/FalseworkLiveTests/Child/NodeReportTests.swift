// SPDX-License-Identifier: Apache-2.0
import FalseworkKeystone
import Testing

@testable import FalseworkLive

@Suite struct NodeReportTests {
  @Test(arguments: NodePhase.allCases.map { NodeReport.turned($0) } + [.failed("port 1 is in use")])
  func `a line is read as it was written`(report: NodeReport) {
    #expect(NodeReport(line: report.line.dropLast()) == report)
  }

  @Test(arguments: ["", "phase", "phase of the moon", "serving", "failed"])
  func `a line of somebody else is none`(line: String) {
    #expect(NodeReport(line: line) == nil)
  }
}
