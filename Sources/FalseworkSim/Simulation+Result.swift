// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkLoad
import FalseworkProxy
package import FalseworkReport
import FalseworkRotation
package import FalseworkScenario

extension Simulation {
  /// Plays a scenario from its beginning to its end.
  ///
  /// - Parameters:
  ///   - scenario: divided by `timeScale` already, if that is not 1.
  ///   - program: name and version, for the result.
  ///   - writing: takes what the streams came to, as it comes.
  package static func result(
    of scenario: Scenario, options: Options, keeping: RunCollector.Options, timeScale: Int64,
    program: String, writing: (([RunStreams.Chunk]) -> Void)? = nil
  ) -> (result: RunResult, trace: Trace) {
    var simulation = Simulation(scenario: scenario, options: options)
    var collector = RunCollector(
      RunDescription(
        scenario, seed: options.seed, world: .simulated, timeScale: timeScale, program: program,
        wallStart: nil),
      options: keeping, begin: .start)
    var unwritten = 0
    var missed: ThresholdResult?
    let mayMiss = scenario.thresholds.contains(where: \.aborts)
    var second = Instant.start + .seconds(1)
    while !simulation.isOver {
      simulation.step()
      simulation.drain { event in
        collector.record(event)
        guard let writing, case .request(let outcome) = event else { return }
        unwritten += 1
        if unwritten == 4_096 {
          unwritten = 0
          writing(collector.drain(at: outcome.done))
        }
      }
      guard mayMiss, simulation.now >= second, missed == nil else { continue }
      second = simulation.now + .seconds(1)
      missed = collector.missed(at: simulation.now)
      if missed != nil { simulation.stop() }
    }
    let end = simulation.end()
    writing?(collector.drainRest(at: end.at))
    var how = end.how
    if let missed, how == .completed { how = .thresholdMissed(missed.missedText) }
    let result = collector.finish(
      at: end.at, how: how, inFlight: end.counts.inFlight,
      proxyCounters: simulation.proxy.figures)
    return (result, simulation.trace)
  }

  /// A run that is given up after so many steps: a change of a scenario may make it endless for all
  /// that is known of it before. Nil if it was given up.
  package static func bounded(
    _ scenario: Scenario, seed: UInt64, timeScale: Int64, stepLimit: Int
  ) -> (result: RunResult, steps: Int)? {
    var simulation = Simulation(scenario: scenario, options: Options(seed: seed))
    var collector = RunCollector(
      RunDescription(
        scenario, seed: seed, world: .simulated, timeScale: timeScale, program: "",
        wallStart: nil),
      options: .figures, begin: .start)
    simulation.drain { collector.record($0) }
    while !simulation.isOver {
      guard simulation.steps < stepLimit, simulation.nextEvent != .never else { return nil }
      simulation.step()
      simulation.drain { collector.record($0) }
    }
    let end = simulation.run { collector.record($0) }
    let result = collector.finish(
      at: end.at, how: end.how, inFlight: end.counts.inFlight,
      proxyCounters: simulation.proxy.figures)
    return (result, simulation.steps)
  }
}

extension Simulation.End {
  package var how: RunEnd {
    if let violation = violations.first {
      return .invariantBroken("\(violation.checker) at \(violation.at): \(violation.what)")
    }
    if case .aborted(let reason)? = rotation { return .rotationAborted(reason) }
    return .completed
  }
}
