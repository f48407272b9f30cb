// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import Testing

@Suite struct DistributionTests {
  private func sorted(_ shape: Distribution.Shape, count: Int = 20_000) -> [Interval] {
    let distribution = Distribution(shape)
    var generator = SeededGenerator(seed: 1, stream: "test")
    return (0..<count).map { _ in distribution.sample(using: &generator) }.sorted()
  }

  @Test func `a lognormal has the median and the 99th percentile that it was given`() {
    let values = sorted(.lognormal(median: .milliseconds(225), p99: .milliseconds(245)))
    #expect(abs(values[values.count / 2].milliseconds - 225) <= 1)
    #expect(abs(values[values.count * 99 / 100].milliseconds - 245) <= 2)
  }

  @Test func `an exponential has its mean`() {
    let values = sorted(.exponential(mean: .milliseconds(100)))
    let mean = values.reduce(Interval.zero, +) / Int64(values.count)
    // The standard error of the mean of 20,000 is 0.7 ms.
    #expect(abs(mean.nanoseconds - 100_000_000) < 3_000_000)
  }

  @Test func `a uniform stays inside its ends`() {
    let values = sorted(.uniform(.milliseconds(3), .milliseconds(7)))
    #expect(values.first! >= .milliseconds(3) && values.last! <= .milliseconds(7))
    #expect(values.first! < .microseconds(3_010) && values.last! > .microseconds(6_990))
  }

  @Test func `the same seed and stream give the same times, another stream others`() {
    var a = SeededGenerator(seed: 7, stream: "service/keystone1")
    var b = SeededGenerator(seed: 7, stream: "service/keystone1")
    var c = SeededGenerator(seed: 7, stream: "service/keystone2")
    let first = (0..<8).map { _ in a.next() }
    #expect(first == (0..<8).map { _ in b.next() })
    #expect(first != (0..<8).map { _ in c.next() })
  }

  @Test func `a lognormal of less than a nanosecond is one nanosecond`() {
    let distribution = Distribution(.lognormal(median: .nanoseconds(20), p99: .nanoseconds(90)))
    let tiny = Distribution(.lognormal(median: .nanoseconds(1), p99: .nanoseconds(1)))
    #expect(distribution.divided(by: 1_000) == tiny)
  }

  @Test func `a lognormal is symmetric in its logarithm`() {
    let values = sorted(.lognormal(median: .milliseconds(100), p99: .milliseconds(1_000)))
    let ends = Double(values.first!.nanoseconds) * Double(values.last!.nanoseconds)
    #expect(abs(ends / 1e16 - 1) < 0.2)
  }

  @Test func `the times of a seed are these and no others`() {
    let distribution = Distribution(.lognormal(median: .milliseconds(225), p99: .milliseconds(245)))
    var generator = SeededGenerator(seed: 1, stream: "x")
    var digest: UInt64 = 0
    for _ in 0..<100_000 {
      let sample = distribution.sample(using: &generator).nanoseconds
      digest = digest &* 31 &+ UInt64(bitPattern: sample)
    }
    #expect(digest == 15_921_660_550_171_728_713)
  }

  /// E[(S − D)⁺] by its formulas: the tail of an exponential is one again, of a uniform a triangle.
  @Test(arguments: [
    (Distribution(.constant(.milliseconds(20))), 0, 20.0),
    (Distribution(.constant(.milliseconds(20))), 15, 5.0),
    (Distribution(.constant(.milliseconds(20))), 30, 0.0),
    (Distribution(.uniform(.zero, .milliseconds(100))), 0, 50.0),
    (Distribution(.uniform(.zero, .milliseconds(100))), 60, 8.0),
    (Distribution(.exponential(mean: .milliseconds(20))), 0, 20.0),
    (Distribution(.exponential(mean: .milliseconds(20))), 40, 2.7),
  ])
  func `what lies beyond a limit is the integral of the tail`(
    distribution: Distribution, limit: Int64, expected: Double
  ) {
    let excess = distribution.meanExcess(over: .milliseconds(limit)) / 1e6
    #expect(abs(excess - expected) < 0.05, "\(excess)")
    if limit == 0 { #expect(distribution.mean.milliseconds == Int64(excess)) }
    #expect(distribution.meanExcess(over: distribution.most) == 0)
  }
}
