// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkLoad
package import FalseworkReport
package import FalseworkScenario
package import NIOCore

extension LiveRun {
  /// Plays a scenario from its beginning to its end, and gives its result.
  ///
  /// Cancelling the task ends the run early, with the result so far.
  ///
  /// - Parameters:
  ///   - scenario: divided by `timeScale` already, if that is not 1.
  ///   - program: name and version, for the result.
  ///   - progress: called once a second, on the event loop.
  package static func result(
    of scenario: Scenario, seed: UInt64, options: LiveCluster.Options,
    keeping: RunCollector.Options, timeScale: Int64, program: String, on loop: any EventLoop,
    progress: (@Sendable (ProgressLine) -> Void)?
  ) async throws -> RunResult {
    let gathering = Gathering { wallStart in
      RunCollector(
        RunDescription(
          scenario, seed: seed, world: .live, timeScale: timeScale, program: program,
          wallStart: wallStart),
        options: keeping, begin: .start)
    }
    var tick: (@Sendable (Instant) -> Void)?
    if let progress {
      tick = { now in progress(gathering.line(at: now)) }
    }
    let end = try await run(
      scenario, seed: seed, options: options, on: loop, tick: tick,
      observer: { gathering.collector.record($0) })
    return try await loop.submit {
      gathering.collector.finish(
        at: end.at, how: end.how, inFlight: end.counts.inFlight,
        proxyCounters: end.proxyCounters)
    }.get()
  }

  /// A collector that is made when the first event comes: in the moment in which the run begins.
  /// Confined to the run's event loop.
  private final class Gathering: @unchecked Sendable {
    private let make: (UTCTime) -> RunCollector
    lazy var collector = make(LiveClock.Origin.now.day)

    func line(at now: Instant) -> ProgressLine {
      ProgressLine(collector.progress(at: now), collector.description)
    }

    init(_ make: @escaping (UTCTime) -> RunCollector) {
      self.make = make
    }
  }
}
