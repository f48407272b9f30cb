// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkKeystone
import NIOCore
import NIOPosix
import Synchronization
import Testing

@testable import FalseworkLive

/// Runs a test on an event loop of its own and stops the loop after it.
func withLoop<Result: Sendable>(
  _ body: (any EventLoop) async throws -> Result
) async throws -> Result {
  let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
  do {
    let result = try await body(group.next())
    try await group.shutdownGracefully()
    return result
  } catch {
    try await group.shutdownGracefully()
    throw error
  }
}

/// A node on real sockets, and what it said.
final class LiveNode: Sendable {
  let server: NodeServer
  private let log: Log

  private final class Log: Sendable {
    private struct State {
      var phases: [NodePhase] = []
      var waiting: [(NodePhase, CheckedContinuation<Void, Never>)] = []
    }
    private let state = Mutex(State())

    var phases: [NodePhase] { state.withLock { $0.phases } }

    func add(_ phase: NodePhase) {
      let reached = state.withLock { state in
        state.phases.append(phase)
        let reached = state.waiting.filter { $0.0 == phase }
        state.waiting.removeAll { $0.0 == phase }
        return reached
      }
      for (_, continuation) in reached { continuation.resume() }
    }

    func wait(for phase: NodePhase) async {
      await withCheckedContinuation { continuation in
        let there = state.withLock { state in
          if state.phases.last == phase { return true }
          state.waiting.append((phase, continuation))
          return false
        }
        if there { continuation.resume() }
      }
    }
  }

  init(
    on loop: any EventLoop, port: Int = 0, times: NodeTimes = .instant,
    service: ServiceModel = .instant, options: NodeServer.Options = .standard
  ) async throws {
    var options = options
    options.port = port
    let log = Log()
    self.log = log
    server = try await NodeServer.start(
      Self.node(times: times, service: service), as: .newest, options: options,
      store: SharedStore(IdentityStore(.standard)), clock: LiveClock(), on: loop
    ) { _, event in
      if case .turned(let phase) = event { log.add(phase) }
    }
  }

  static func node(times: NodeTimes, service: ServiceModel) -> KeystoneNode {
    var generator = SeededGenerator(seed: 1, stream: "keys")
    return KeystoneNode(
      id: NodeID(0), name: "keystone1", options: .init(times: times, service: service),
      identity: IdentityService(
        release: .newest,
        options: .init(
          provider: .fernet, keys: .setup(using: &generator), lifetime: .seconds(3_600)),
        seed: 1, stream: "identity/keystone1"), seed: 1)
  }

  var port: Int { server.port }
  var phases: [NodePhase] { log.phases }

  func reaches(_ phase: NodePhase) async {
    await log.wait(for: phase)
  }

  /// Returns when the node has answered somebody.
  func isAsked() async throws {
    let server = server
    while try await server.loop.submit({ server.answers == 0 }).get() { await Task.yield() }
  }

  func stop(_ signal: StopSignal) async throws {
    let server = server
    try await server.loop.submit { server.stop(signal) }.get()
  }

  func start() async throws {
    let server = server
    try await server.loop.submit { server.start(as: .newest) }.get()
  }

  func shutDown() async throws {
    let server = server
    try await server.loop.submit { server.shutDown() }.get()
  }
}
