// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkLoad
package import FalseworkReport
package import FalseworkScenario
package import NIOCore

extension LiveRun {
  /// Plays a scenario from its beginning to its end, and gives its result.
  ///
  /// Cancelling the task ends the run early, with the result so far; so does a threshold that says
  /// so.
  ///
  /// - Parameters:
  ///   - scenario: divided by `timeScale` already, if that is not 1.
  ///   - program: name and version, for the result.
  ///   - progress: called once a second and at the end, on the event loop.
  package static func result(
    of scenario: Scenario, seed: UInt64, options: LiveCluster.Options,
    keeping: RunCollector.Options, timeScale: Int64, program: String, on loop: any EventLoop,
    withMetrics: Bool = false, progress: (@Sendable (RunGlance) -> Void)?
  ) async throws -> RunResult {
    let gathering = Gathering { wallStart in
      RunCollector(
        RunDescription(
          scenario, seed: seed, world: .live, timeScale: timeScale, program: program,
          wallStart: wallStart),
        options: keeping, begin: .start)
    }
    return try await result(gathering, on: loop, withMetrics: withMetrics, progress: progress) {
      tick, observer in
      try await run(
        scenario, seed: seed, options: options, on: loop, tick: tick, observer: observer)
    }
  }

  /// The same against a proxy and nodes that are there already.
  package static func result(
    of scenario: Scenario, seed: UInt64, field: FieldCluster.Options,
    keeping: RunCollector.Options, program: String, on loop: any EventLoop,
    withMetrics: Bool = false, progress: (@Sendable (RunGlance) -> Void)?
  ) async throws -> RunResult {
    let gathering = Gathering { wallStart in
      var description = RunDescription(
        scenario, seed: seed, world: .field, timeScale: 1, program: program, wallStart: wallStart)
      // Without the proxy's log nothing is known of it that the load does not see.
      description.hasProxy = scenario.field?.log != nil
      if scenario.field?.load != nil { description.plan = .none }
      return RunCollector(description, options: keeping, begin: .start)
    }
    var result = try await result(
      gathering, on: loop, withMetrics: withMetrics, progress: progress
    ) { tick, observer in
      try await run(
        scenario, seed: seed, field: field, on: loop, tick: tick, observer: observer)
    }
    guard scenario.field?.log == nil else { return result }
    for index in result.servers.indices {
      result.servers[index].requests = Int(
        result.proxyCounters["\(result.servers[index].name).stot"] ?? 0)
    }
    return result
  }

  private typealias Tick = @Sendable (Instant) -> Void
  private typealias Observer = @Sendable (RunEvent) -> Void

  private static func result(
    _ gathering: Gathering, on loop: any EventLoop, withMetrics: Bool,
    progress: (@Sendable (RunGlance) -> Void)?,
    running body: @escaping @Sendable (@escaping Tick, @escaping Observer) async throws -> End
  ) async throws -> RunResult {
    let running = Task {
      try await body(
        { now in
          if let progress {
            progress(gathering.collector.glance(at: now, withMetrics: withMetrics))
          }
          gathering.judge(at: now)
        }, { gathering.collector.record($0) })
    }
    try await loop.submit { gathering.cancel = { running.cancel() } }.get()
    let end = try await withTaskCancellationHandler {
      try await running.value
    } onCancel: {
      running.cancel()
    }
    return try await loop.submit {
      progress?(
        gathering.collector.glance(at: end.at, withMetrics: withMetrics, isLast: true))
      return gathering.collector.finish(
        at: end.at, how: gathering.missed.map { .thresholdMissed($0) } ?? end.how,
        inFlight: end.counts.inFlight, proxyCounters: end.proxyCounters)
    }.get()
  }

  /// A collector that is made when the first event comes: in the moment in which the run begins.
  /// Confined to the run's event loop.
  private final class Gathering: @unchecked Sendable {
    private let make: (UTCTime) -> RunCollector
    lazy var collector = make(LiveClock.Origin.now.day)

    /// Ends the run.
    var cancel: (() -> Void)?
    /// The threshold that ended it.
    private(set) var missed: String?

    func judge(at now: Instant) {
      guard missed == nil, let cancel, let threshold = collector.missed(at: now) else { return }
      missed = threshold.missedText
      cancel()
    }

    init(_ make: @escaping (UTCTime) -> RunCollector) {
      self.make = make
    }
  }
}
