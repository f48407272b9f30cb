// SPDX-License-Identifier: Apache-2.0
package import FalseworkCore
import FalseworkHTTP
import FalseworkKeystone
package import FalseworkLoad
import FalseworkProxy
package import FalseworkRotation
import FalseworkScenario
import NIOCore

/// A cluster that somebody plays with by hand.
extension LiveCluster {
  /// What a rotation acts with here.
  package var hands: RotationDriver.Hands {
    RotationDriver.Hands(
      command: { line, done in self.command(line, done) },
      stop: { node, signal in self.stop(node, StopSignal(signal)) },
      start: { node in self.start(node, as: self.scenario.cluster.target) },
      address: { node in self.address(of: node) },
      operate: { operation, done in done(self.operate(operation)) },
      restore: { node in self.start(node, as: self.scenario.release(of: node)) })
  }

  /// Rotates nodes, and returns when that is over.
  package func rotate(
    _ plan: RotationPlan, marked: @escaping @Sendable (Mark) -> Void
  ) async throws -> Rotation.Outcome {
    try await rotate(marked: marked) { nodes, now in
      Rotation(plan: plan, nodes: nodes, now: now)
    }
  }

  /// The same by a strategy of somebody's own, asked every `poll` and ended after `limit`.
  ///
  /// - Parameter gone: nodes that do not run.
  package func rotate(
    _ strategy: any RotationStrategy, gone: [NodeID], poll: Interval, limit: Interval,
    marked: @escaping @Sendable (Mark) -> Void
  ) async throws -> Rotation.Outcome {
    try await rotate(marked: marked) { nodes, now in
      Rotation(
        strategy: strategy, nodes: nodes, gone: gone, poll: poll, limit: limit, now: now)
    }
  }

  private func rotate(
    marked: @escaping @Sendable (Mark) -> Void,
    _ make: @escaping @Sendable ([RotationNode], Instant) -> Rotation
  ) async throws -> Rotation.Outcome {
    let promise = loop.makePromise(of: Rotation.Outcome.self)
    let driver = try await loop.submit {
      self.clock.tick()
      let rotation = make(self.scenario.rotationNodes, self.clock.now)
      let driver = RotationDriver(
        rotation, hands: self.hands, clock: self.clock, loop: self.loop
      ) { event in
        switch event {
        case .mark(let mark): marked(mark)
        case .finished(let outcome): promise.succeed(outcome)
        }
      }
      self.exited = { [weak driver] node in driver?.exited(node) }
      if rotation.watchesRequests {
        self.served = { [weak driver] outcome in driver?.requestEnded(outcome) }
      }
      return driver
    }.get()
    let outcome = try await promise.futureResult.get()
    try await loop.submit {
      self.exited = nil
      self.served = nil
      driver.shutDown()
    }.get()
    return outcome
  }

  /// Begins the scenario's load; nil if it has none.
  package func beginLoad(
    seed: UInt64, observer: @escaping @Sendable (Outcome) -> Void
  ) async throws -> LoadClient? {
    try await loop.submit {
      guard let plan = self.scenario.load, let entrance = self.entrance else { return nil }
      let host = "\(entrance.ipAddress ?? "127.0.0.1"):\(entrance.port ?? 80)"
      return LoadClient(
        plan: plan, seed: seed, target: .init(address: entrance, host: host, prefix: ""),
        clock: self.clock, loop: self.loop
      ) { outcome in
        observer(outcome)
        self.served?(outcome)
      }
    }.get()
  }

  /// Ends a load when nothing of it is in flight any more, and tells its counts.
  package func endLoad(_ load: LoadClient) async throws -> LoadEngine.Counts {
    try await loop.submit { load.stop() }.get()
    try await load.whenFinished.get()
    return try await loop.submit {
      let counts = load.counts
      load.shutDown()
      return counts
    }.get()
  }

  package var now: Instant {
    get async throws {
      try await loop.submit {
        self.clock.tick()
        return self.clock.now
      }.get()
    }
  }

  /// One request to the frontend, or past it to a node, on a connection of its own.
  ///
  /// - Parameter request: the bytes of a whole request that is no HEAD.
  package func ask(
    _ request: [UInt8], node: NodeID?, patience: Interval
  ) async throws -> Asking.Answer? {
    let target = try await loop.submit {
      node.map { self.address(of: $0) } ?? self.entrance
    }.get()
    guard let target else {
      throw LiveError.unsupported("the proxy's configuration has no frontend to ask")
    }
    return try await Asking.ask(
      request, method: .get, at: target, patience: .nanoseconds(patience.nanoseconds), on: loop)
  }
}
