// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkKeystone
import FalseworkRotation
import FalseworkScenario
import Testing

@testable import FalseworkLoad
@testable import FalseworkReport

struct RunGlanceTests {
  private static func collector(
    _ threshold: Threshold, failures: Int, of requests: Int = 100
  ) -> RunCollector {
    var run = SyntheticRun(SyntheticRun.description(thresholds: [threshold]))
    for number in 0..<requests {
      run.collector.record(
        .request(
          SyntheticRun.outcome(
            number: number + 1, sent: number * 10, done: number * 10 + 300, status: 201,
            number < failures ? .reset : .ok)))
    }
    return run.collector
  }

  private static func missed(
    _ figure: Threshold.Figure, _ condition: String, failures: Int, at second: Int
  ) throws -> String? {
    let threshold = try Threshold(figure, parsing: condition)
    return collector(threshold, failures: failures).missed(
      at: SyntheticRun.at(second * 1_000))?.missedText
  }

  @Test func `what only rises ends the run at once`() throws {
    let text = try Self.missed(.failures, "== 0 or abort", failures: 3, at: 2)
    #expect(text == "failures == 0 or abort, measured 3")
    #expect(try Self.missed(.failures, "< 4 or abort", failures: 3, at: 2) == nil)
    #expect(try Self.missed(.failures, "== 0", failures: 3, at: 2) == nil)
  }

  @Test func `what can still be reached does not end it`() throws {
    #expect(try Self.missed(.requests, ">= 1000 or abort", failures: 0, at: 60) == nil)
    #expect(try Self.missed(.requests, "== 1000 or abort", failures: 0, at: 60) == nil)
    #expect(try Self.missed(.requests, "== 99 or abort", failures: 0, at: 60) != nil)
  }

  @Test func `percentiles and shares are looked at from the tenth second on`() throws {
    #expect(try Self.missed(.p99, "< 100ms or abort", failures: 0, at: 9) == nil)
    #expect(try Self.missed(.p99, "< 100ms or abort", failures: 0, at: 10) != nil)
    #expect(try Self.missed(.failureRate, "< 1% or abort", failures: 3, at: 11) != nil)
    #expect(try Self.missed(.availability, "> 50% or abort", failures: 0, at: 11) == nil)
  }

  @Test func `the view has figures, failures, nodes in trouble and marks, within the width`() {
    var run = SyntheticRun()
    run.begin()
    for number in 0..<40 {
      run.collector.record(
        .request(
          SyntheticRun.outcome(
            number: number + 1, sent: number * 100, done: number * 100 + 20, status: 201,
            number % 10 == 9 ? .status(503) : .ok)))
    }
    run.mark(.began, nil, 3_000)
    run.mark(.told, SyntheticRun.keystone1, 3_100)
    run.turned(SyntheticRun.keystone1, .zombie, 3_200, "newton")
    let glance = run.collector.glance(at: SyntheticRun.at(4_000), withMetrics: true)
    let lines = RunView(glance).lines(width: 79, colours: false)
    #expect(
      lines == [
        "4s  40 requests  4 failed  10.0/s  median 20.0 ms  99% 20.0 ms",
        "failed: 503 ×4 · longest time without a success 200 ms",
        "keystone1 zombie/UP",
        "3.0s rotation began → 3.1s keystone1 proxy told",
      ])
    for width in 20...80 {
      #expect(RunView(glance).lines(width: width, colours: false).allSatisfy { $0.count <= width })
    }
    #expect(glance.metrics?.contains("falsework_node_serving{node=\"keystone1\"} 0\n") == true)
    #expect(glance.chunks.isEmpty)
  }
}
