// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkLab
import Testing

@Suite struct AnalyticBoundTests {
  private func bound(_ values: String...) throws -> AnalyticBound {
    try #require(AnalyticBound(try Small.scenario(values)))
  }

  /// T_d = U(0, I) + (F − 1)·I_f: mean (F − ½)·I, at most F·I.
  @Test(arguments: [
    ("2s", "3", 5_000, 6_000), ("2s", "5", 9_000, 10_000), ("12s", "3", 30_000, 36_000),
    ("10s", "3", 25_000, 30_000),
  ])
  func `detection is a mean of (F − ½)·I`(
    inter: String, fall: String, mean: Int64, most: Int64
  ) throws {
    let bound = try bound("proxy.inter=\(inter)", "proxy.fall=\(fall)")
    #expect(bound.detection == .milliseconds(mean))
    #expect(bound.longestDetection == .milliseconds(most))
  }

  @Test func `on its way down a server is checked at the fast interval`() throws {
    let bound = try bound("proxy.inter=10s", "proxy.fastinter=1s", "proxy.fall=3")
    #expect(bound.detection == .seconds(7))
  }

  @Test func `who restarts faster than it is detected loses the restart, whatever the checks`()
    throws
  {
    let slow = try bound("proxy.inter=12s")
    #expect(slow.restart < slow.detection!)
    #expect(slow.exposure == (try bound("proxy.inter=60s")).exposure)
    let quick = try bound("proxy.inter=100ms", "proxy.fall=1")
    #expect(quick.detection! < quick.restart)
    #expect(quick.exposure < slow.exposure)
    // The sign of the margin says which of the two it is.
    #expect(slow.margin! < .zero)
    #expect(quick.margin! > .zero)
  }

  @Test func `a node that is not checked is never seen to be down`() throws {
    let text = Small.configuration.replacing("default-server check ", with: "default-server ")
    let scenario = try Small.scenario(
      Small.text.replacing(
        "three.cfg", with: "|\n" + text.split(separator: "\n").map { "    \($0)\n" }.joined()), [])
    let bound = try #require(AnalyticBound(scenario))
    #expect(bound.detection == nil)
    #expect(bound.exposure >= bound.restart)
  }

  /// Exponential service with mean 20 ms for half of 120 requests a second, 20 ms for the others:
  /// λ · ½ · S · e^(−D/S) = 0.01 at D = S · ln(120 · 0.5 · 0.02 / 0.01) = 96 ms.
  @Test func `a safe wait leaves one cut request in a hundred upgrades`() throws {
    let bound = try bound("rotation.drain=1s")
    let safe = try #require(bound.safeWait)
    #expect((94...98).contains(safe.milliseconds), "\(safe)")
    #expect(bound.margin == .seconds(1) - safe)
    #expect(bound.exposure.nanoseconds == 0)
    #expect(try self.bound("rotation.drain=0s").exposure > .milliseconds(19))
  }

  /// D ≥ F·I + τ + p + L_max.
  @Test func `a node that fails its checks on purpose waits until they are seen to fail`() throws {
    let told = try #require(try bound("rotation.drain=1s").safeWait)
    let short = try bound("rotation.strategy=fail-check", "rotation.wait=1s")
    #expect(short.safeWait == told + .seconds(6))
    #expect(short.margin! < .zero)
    #expect(short.exposure > .seconds(2))
    let long = try bound("rotation.strategy=fail-check", "rotation.wait=7s")
    #expect(long.margin! > .zero)
    #expect(long.exposure < .milliseconds(1))
  }

  @Test func `nothing is cut by a stop that lets it finish`() throws {
    let bound = try bound("rotation.drain=0s", "rotation.signal=graceful")
    #expect(bound.safeWait == .zero)
    #expect(bound.exposure == .zero)
  }

  @Test func `the whole takes a batch as often as there are batches`() throws {
    let one = try bound("rotation.drain=3s", "rotation.settle=2s")
    let two = try bound("rotation.drain=3s", "rotation.settle=2s", "rotation.batch=2")
    #expect(one.batches == 3)
    #expect(two.batches == 2)
    #expect(one.total == two.total / 2 * 3)
    #expect(one.total == (.seconds(5) + one.restart + one.loading) * 3)
  }

  /// ρ·N/(N − b) over the workers: 120/s · 20 ms / (8 · 2) = 15 %.
  @Test func `headroom is what the nodes that stay have left`() throws {
    #expect(try bound().utilisation == 15)
    #expect(try bound("rotation.batch=2").utilisation == 30)
    #expect(try bound("rotation.batch=3").utilisation == nil)
  }

  @Test func `without a rotation there is nothing to say`() throws {
    let text = Small.text.replacing("rotation: {strategy: kill, begin: 5s}", with: "")
      .replacing("until the rotation ends, plus 2s", with: "3s")
    #expect(AnalyticBound(try Small.scenario(text, [])) == nil)
  }
}
