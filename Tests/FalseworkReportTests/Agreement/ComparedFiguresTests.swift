// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import Testing

@testable import FalseworkReport

@Suite struct ComparedFiguresTests {
  @Test func `what went wrong is counted by what clients saw and by cause`() throws {
    let result = try SyntheticRun.restart()
    let figures = ComparedFigures(result)
    func sum(_ group: ComparedFigure.Group) -> Int64 {
      figures.order.filter { $0.group == group }.reduce(0) { $0 + figures.values[$1]! }
    }
    #expect(result.total.failures > 0)
    #expect(sum(.seen) == Int64(result.total.failures))
    #expect(sum(.cause) == Int64(result.total.failures))
    #expect(sum(.attempts) == Int64(result.servers.reduce(0) { $0 + $1.requests }))
  }

  @Test func `events of the rotation and of the proxy's belief come in their order`() throws {
    let figures = ComparedFigures(try SyntheticRun.restart())
    #expect(figures.sequence.first == "rotation began")
    #expect(figures.sequence.contains("rotation ended"))
    let times = figures.sequence.map { figures.values[ComparedFigure(.control, $0, .time)]! }
    #expect(times == times.sorted())
    #expect(Set(figures.sequence).count == figures.sequence.count)
  }
}
