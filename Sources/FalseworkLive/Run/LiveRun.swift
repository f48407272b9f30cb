// SPDX-License-Identifier: Apache-2.0
package import FalseworkCore
import FalseworkKeystone
package import FalseworkLoad
import FalseworkProxy
package import FalseworkReport
package import FalseworkRotation
package import FalseworkScenario
package import NIOCore

/// A whole scenario on real sockets: nodes, proxy, load and rotation, until its length is over.
///
///     let end = try await LiveRun.run(scenario, seed: 1, options: .anywhere, on: loop) { event in
///       collector.record(event)   // on the loop
///     }
///
/// The run and its load begin at `Instant.start`. Cancelling the task ends it early, and in order.
package final class LiveRun: @unchecked Sendable {
  /// How a run ended.
  package struct End: Equatable, Sendable {
    /// When the load was told to stop.
    package var at: Instant
    /// The time of day at `Instant.start`.
    package var wallStart: UTCTime
    /// Nil if there was none, or if it was still going on.
    package var rotation: Rotation.Outcome?
    /// Requests; only a run that was cut short has any left in flight.
    package var counts: LoadEngine.Counts
    /// What the proxy counted.
    package var proxyCounters: [String: Int64]
    /// The run was ended before its time.
    package var interrupted: Bool
    /// Why the user's own load tool failed, if it did.
    package var toolFailure: String?

    package var how: RunEnd {
      if case .aborted(let reason)? = rotation { return .rotationAborted(reason) }
      if interrupted { return .interrupted }
      return toolFailure.map { .loadFailed($0) } ?? .completed
    }
  }

  private enum Phase {
    case running
    /// The load was told to stop; requests in flight may still end.
    case stopping
    case over
  }

  private let stage: any RunStage
  private let scenario: Scenario
  private let loop: any EventLoop
  private let clock: LiveClock
  private let observer: (RunEvent) -> Void
  private let ended: EventLoopPromise<Void>
  private var phase = Phase.running
  private var load: LoadClient?
  private var driver: RotationDriver?
  private var tool: ShellCommand?
  /// The user's own load tool was told to end.
  private var toolStopped = false
  private var timer: WakeTimer?
  /// When the load stops, and then when what is in flight is given up.
  private var deadline = Instant.never
  private var end: End
  private let tick: ((Instant) -> Void)?
  private var nextTick: Instant

  /// How long requests in flight may still take when a run was interrupted.
  private static let patience = Interval.seconds(1)
  private static let second = Interval.seconds(1)

  /// - Parameters:
  ///   - tick: called on the event loop once a second.
  ///   - observer: called on the event loop.
  /// - Throws: `LiveError`, if something could not begin or could not go on.
  package static func run(
    _ scenario: Scenario, seed: UInt64, options: LiveCluster.Options, on loop: any EventLoop,
    tick: (@Sendable (Instant) -> Void)? = nil, observer: @escaping @Sendable (RunEvent) -> Void
  ) async throws -> End {
    let cluster = try await LiveCluster.start(
      scenario, seed: seed, options: options, on: loop, observer: observer)
    return try await run(cluster, seed: seed, on: loop, tick: tick, observer: observer)
  }

  /// The same against a proxy and nodes that are there already.
  package static func run(
    _ scenario: Scenario, seed: UInt64, field: FieldCluster.Options, on loop: any EventLoop,
    tick: (@Sendable (Instant) -> Void)? = nil, observer: @escaping @Sendable (RunEvent) -> Void
  ) async throws -> End {
    let cluster = try await FieldCluster.start(
      scenario, options: field, on: loop, observer: observer)
    return try await run(cluster, seed: seed, on: loop, tick: tick, observer: observer)
  }

  private static func run(
    _ stage: any RunStage, seed: UInt64, on loop: any EventLoop,
    tick: (@Sendable (Instant) -> Void)?, observer: @escaping @Sendable (RunEvent) -> Void
  ) async throws -> End {
    let run: LiveRun
    do {
      run = try await loop.submit {
        try LiveRun(stage, seed: seed, tick: tick, observer: observer)
      }.get()
    } catch {
      try await stage.end()
      throw error
    }
    return try await withTaskCancellationHandler {
      try await run.ended.futureResult.get()
      try await stage.end()
      return try await loop.submit {
        if let failure = stage.failure { throw failure }
        return run.end
      }.get()
    } onCancel: {
      loop.execute { run.interrupt() }
    }
  }

  private init(
    _ stage: any RunStage, seed: UInt64, tick: ((Instant) -> Void)?,
    observer: @escaping (RunEvent) -> Void
  ) throws {
    self.stage = stage
    self.observer = observer
    scenario = stage.scenario
    loop = stage.loop
    clock = stage.clock
    ended = stage.loop.makePromise()
    end = End(
      at: .start, wallStart: clock.began, rotation: nil, counts: .init(), proxyCounters: [:],
      interrupted: false)
    self.tick = tick
    nextTick = tick == nil ? .never : .start + Self.second
    timer = WakeTimer(loop: loop, clock: clock) { [self] in woke() }
    try begin(seed: seed)
  }

  private func begin(seed: UInt64) throws {
    clock.tick()
    if let rotation = scenario.makeRotation(now: clock.now) {
      driver = RotationDriver(rotation, hands: stage.hands, clock: clock, loop: loop) {
        [self] event in
        rotated(event)
      }
      stage.exited = { [weak driver] node in driver?.exited(node) }
      stage.refused = { [weak driver] node, reason in driver?.failed(node, reason) }
    }
    stage.failed = { [weak self] in self?.interrupt() }
    tool = stage.beginTool { [weak self] refusal in self?.toolEnded(refusal) }
    if tool == nil, let plan = scenario.load {
      guard let target = stage.target else {
        throw LiveError.unsupported("the proxy's configuration has no frontend to load")
      }
      let watches = scenario.rotation?.watchesRequests == true
      load = LoadClient(plan: plan, seed: seed, target: target, clock: clock, loop: loop) {
        [observer, weak stage, weak self] outcome in
        observer(.request(outcome))
        stage?.ended(outcome)
        if watches { self?.driver?.requestEnded(outcome) }
      }
    }
    switch scenario.length {
    case .fixed(let length): deadline = clock.now + length
    case .untilRotationEnds: deadline = clock.now + Scenario.Length.longest
    }
    arm()
  }

  private func arm() {
    timer?.arm(for: min(deadline, nextTick))
  }

  private func rotated(_ event: RotationDriver.Event) {
    switch event {
    case .mark(let mark):
      observer(.mark(mark))
      stage.marked(mark)
    case .finished(let outcome):
      end.rotation = outcome
      guard case .untilRotationEnds(let plus) = scenario.length, phase == .running else { return }
      deadline = clock.now + plus
      arm()
    }
  }

  // MARK: The end

  private func woke() {
    if clock.now >= nextTick {
      nextTick = max(nextTick + Self.second, clock.now)
      tick?(clock.now)
    }
    guard clock.now >= deadline else { return arm() }
    switch phase {
    case .running: stop(patience: .forever)
    case .stopping: finish()
    case .over: return
    }
  }

  private func interrupt() {
    clock.tick()
    guard phase == .running else { return }
    end.interrupted = true
    stop(patience: Self.patience)
  }

  private func stop(patience: Interval) {
    phase = .stopping
    end.at = clock.now
    deadline = clock.now + patience
    arm()
    if let tool, tool.isRunning {
      // It ends in its own time: the summary of a load tool comes last.
      toolStopped = true
      deadline = .never
      tool.terminate(patience: scenario.field?.load?.patience ?? Self.patience)
      return
    }
    guard let load else { return finish() }
    load.whenFinished.assumeIsolated().whenComplete { [self] _ in finish() }
    load.stop()
  }

  /// A load tool that ends by itself leaves the rotation to go on; with an error it has a say.
  private func toolEnded(_ refusal: String?) {
    clock.tick()
    if let refusal, !toolStopped { end.toolFailure = refusal }
    if phase == .stopping { finish() }
  }

  private func finish() {
    guard phase != .over else { return }
    phase = .over
    timer?.disarm()
    timer = nil
    driver?.shutDown()
    driver = nil
    if let load {
      end.counts = load.counts
      load.shutDown()
    }
    load = nil
    stage.count { [self] counters in
      end.proxyCounters = counters
      ended.succeed()
    }
  }
}
