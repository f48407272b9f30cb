// SPDX-License-Identifier: Apache-2.0
package import FalseworkCore
package import FalseworkLoad
package import FalseworkReport
package import FalseworkScenario
package import NIOCore

extension LoadClient {
  /// Puts the load on a target for a while, lets what is in flight end, and gives the result.
  ///
  /// Cancelling the task ends the load early, with the result so far; so does a threshold that says
  /// so.
  ///
  /// - Parameter progress: called once a second and at the end, on the event loop.
  package static func run(
    plan: LoadPlan, seed: UInt64, target: Target, length: Interval, on loop: any EventLoop,
    collecting description: RunDescription, keeping: RunCollector.Options = .figures,
    withMetrics: Bool = false, progress: (@Sendable (RunGlance) -> Void)? = nil
  ) async throws -> RunResult {
    let running = try await loop.submit {
      Running(plan, seed, target, loop, RunCollector(description, options: keeping, begin: .start))
    }.get()
    let watching = loop.scheduleRepeatedTask(initialDelay: .seconds(1), delay: .seconds(1)) { _ in
      running.second(withMetrics, progress)
    }
    let ending = loop.scheduleTask(in: .nanoseconds(length.nanoseconds)) {
      running.stop(.completed)
    }
    return try await withTaskCancellationHandler {
      try await running.client.whenFinished.get()
      ending.cancel()
      watching.cancel()
      return try await loop.submit { running.result(withMetrics, progress) }.get()
    } onCancel: {
      loop.execute { running.stop(.interrupted) }
    }
  }

  /// A client with the collector that it feeds. Confined to its event loop.
  private final class Running: @unchecked Sendable {
    let client: LoadClient
    private let gathering: Gathering
    private var end = Instant.start
    private var how: RunEnd?

    private final class Gathering {
      var collector: RunCollector
      init(_ collector: RunCollector) { self.collector = collector }
    }

    init(
      _ plan: LoadPlan, _ seed: UInt64, _ target: Target, _ loop: any EventLoop,
      _ collector: RunCollector
    ) {
      let gathering = Gathering(collector)
      self.gathering = gathering
      client = LoadClient(
        plan: plan, seed: seed, target: target, clock: LiveClock(), loop: loop
      ) { gathering.collector.ended($0) }
    }

    func stop(_ how: RunEnd) {
      guard self.how == nil else { return }
      self.how = how
      client.stop()
      end = client.clock.now
    }

    func second(_ withMetrics: Bool, _ progress: ((RunGlance) -> Void)?) {
      let now = client.clock.now
      progress?(gathering.collector.glance(at: now, withMetrics: withMetrics))
      if how == nil, let missed = gathering.collector.missed(at: now) {
        stop(.thresholdMissed(missed.missedText))
      }
    }

    func result(_ withMetrics: Bool, _ progress: ((RunGlance) -> Void)?) -> RunResult {
      progress?(
        gathering.collector.glance(at: end, withMetrics: withMetrics, isLast: true))
      return gathering.collector.finish(
        at: end, how: how ?? .completed, inFlight: client.counts.inFlight, proxyCounters: [:])
    }
  }
}

extension RunDescription {
  /// A load on something of which nothing is known.
  package init(load plan: LoadPlan, of target: String, seed: UInt64, program: String) {
    self.init(
      load: plan, named: "load on \(target)", about: "", thresholds: [], seed: seed,
      latenessLimit: Self.usualLatenessLimit, program: program)
  }

  /// The same with what a file says of it.
  package init(
    load plan: LoadPlan, named name: String, about: String, thresholds: [Threshold], seed: UInt64,
    latenessLimit: Interval, program: String
  ) {
    self.init(
      scenario: name, about: about, seed: seed, world: .field, timeScale: 1,
      program: program, wallStart: LiveClock.Origin.now.day, releaseFrom: "", releaseTo: "",
      strategy: nil,
      nodes: [], servers: [], plan: plan, thresholds: thresholds, hasProxy: false,
      latenessLimit: latenessLimit)
  }
}
