// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkKeystone
import FalseworkProxy
import Testing

@testable import FalseworkReport

@Suite struct ProgressLineTests {
  private func line(
    _ phases: [NodePhase?], _ beliefs: [Belief?], recent: Int = 5, width: Int = 120
  ) -> String {
    let progress = RunProgress(
      elapsed: .milliseconds(31_200), requests: 1_254, failures: 4, recentSeconds: recent,
      recentRequests: 42, recentFailures: 1, recentMedian: recent > 0 ? .milliseconds(225) : nil,
      recentP99: recent > 0 ? .milliseconds(1_480) : nil, lastMark: nil, nodes: phases,
      beliefs: beliefs)
    return ProgressLine(progress, SyntheticRun.description()).text(width: width)
  }

  @Test func `while all is well it has figures only`() {
    #expect(
      line([.serving, .serving], [SyntheticRun.up, SyntheticRun.up])
        == "31s  1,254 requests  4 failed  8.4/s  median 225 ms  99% 1.48 s")
  }

  @Test func `a node that is not well, or not believed to be, is named`() {
    let zombie = line([.zombie, .serving], [SyntheticRun.up, SyntheticRun.up], recent: 0)
    #expect(zombie == "31s  1,254 requests  4 failed  keystone1 zombie/UP")
    let maint = line([.serving, nil], [SyntheticRun.maint, nil], recent: 0)
    #expect(
      maint == "31s  1,254 requests  4 failed  keystone1 serving/MAINT  keystone2 unknown")
  }

  @Test func `it never exceeds its width`() {
    for width in 1...120 {
      let text = line([.zombie, .loading], [SyntheticRun.up, SyntheticRun.down], width: width)
      #expect(text.count <= width)
    }
  }
}
