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

    package var how: RunEnd {
      if case .aborted(let reason)? = rotation { return .rotationAborted(reason) }
      return interrupted ? .interrupted : .completed
    }
  }

  private enum Phase {
    case running
    /// The load was told to stop; requests in flight may still end.
    case stopping
    case over
  }

  private let cluster: LiveCluster
  private let scenario: Scenario
  private let loop: any EventLoop
  private let clock: LiveClock
  private let observer: (RunEvent) -> Void
  private let ended: EventLoopPromise<Void>
  private var phase = Phase.running
  private var load: LoadClient?
  private var driver: RotationDriver?
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
    let run: LiveRun
    do {
      run = try await loop.submit {
        try LiveRun(cluster, seed: seed, tick: tick, observer: observer)
      }.get()
    } catch {
      try await cluster.end()
      throw error
    }
    return try await withTaskCancellationHandler {
      try await run.ended.futureResult.get()
      try await cluster.end()
      return try await loop.submit {
        if let failure = cluster.failure { throw failure }
        return run.end
      }.get()
    } onCancel: {
      loop.execute { run.interrupt() }
    }
  }

  private init(
    _ cluster: LiveCluster, seed: UInt64, tick: ((Instant) -> Void)?,
    observer: @escaping (RunEvent) -> Void
  ) throws {
    self.cluster = cluster
    self.observer = observer
    scenario = cluster.scenario
    loop = cluster.loop
    clock = cluster.clock
    ended = cluster.loop.makePromise()
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
      driver = RotationDriver(rotation, hands: cluster.hands, clock: clock, loop: loop) {
        [self] event in
        rotated(event)
      }
      cluster.exited = { [weak driver] node in driver?.exited(node) }
      if scenario.rotation?.watchesRequests == true {
        cluster.served = { [weak driver] outcome in driver?.requestEnded(outcome) }
      }
    }
    cluster.failed = { [weak self] in self?.interrupt() }
    if let plan = scenario.load {
      guard let entrance = cluster.entrance else {
        throw LiveError.unsupported("the proxy's configuration has no frontend to load")
      }
      let host = "\(entrance.ipAddress ?? "127.0.0.1"):\(entrance.port ?? 80)"
      load = LoadClient(
        plan: plan, seed: seed, target: .init(address: entrance, host: host, prefix: ""),
        clock: clock, loop: loop
      ) { [observer, cluster] outcome in
        observer(.request(outcome))
        cluster.served?(outcome)
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
    case .mark(let mark): observer(.mark(mark))
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
    guard let load else { return finish() }
    load.whenFinished.assumeIsolated().whenComplete { [self] _ in finish() }
    load.stop()
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
    end.proxyCounters = cluster.proxy?.proxy.figures ?? [:]
    ended.succeed()
  }
}
