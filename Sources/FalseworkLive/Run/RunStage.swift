// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkLoad
import FalseworkProxy
import FalseworkRotation
import FalseworkScenario
import NIOCore

/// What a run takes place on: nodes and a proxy, ours or somebody else's.
///
/// Everything but `end` is called on the event loop.
protocol RunStage: AnyObject, Sendable {
  var scenario: Scenario { get }
  var loop: any EventLoop { get }
  var clock: LiveClock { get }
  var hands: RotationDriver.Hands { get }
  /// Told that a node's process is gone.
  var exited: ((NodeID) -> Void)? { get set }
  /// Told that a node could not be stopped or started, and why.
  var refused: ((NodeID, String) -> Void)? { get set }
  /// Told that the run cannot go on; `failure` says why.
  var failed: (() -> Void)? { get set }
  var failure: LiveError? { get }
  /// Where our load goes; nil if there is no frontend to load.
  var target: LoadClient.Target? { get }
  /// A request of our load ended, and was told.
  func ended(_ outcome: Outcome)
  /// The rotation did something, and it was told.
  func marked(_ mark: Mark)
  /// Begins a load tool of the user's own; nil if there is none.
  func beginTool(done: @escaping (String?) -> Void) -> ShellCommand?
  /// Tells what the proxy counted.
  func count(_ done: @escaping ([String: Int64]) -> Void)
  /// Closes every socket. Nothing is told any more.
  func end() async throws
}

extension LiveCluster: RunStage {
  var refused: ((NodeID, String) -> Void)? {
    get { nil }
    // Nodes of our own do what they are told.
    set { _ = newValue }
  }

  var target: LoadClient.Target? {
    entrance.map { entrance in
      let host = "\(entrance.ipAddress ?? "127.0.0.1"):\(entrance.port ?? 80)"
      return .init(address: entrance, host: host, prefix: "")
    }
  }

  func ended(_ outcome: Outcome) {
    // Our proxy tells of each request itself.
  }

  func marked(_ mark: Mark) {
    // Our nodes tell of each phase themselves.
  }

  func beginTool(done: @escaping (String?) -> Void) -> ShellCommand? { nil }

  func count(_ done: @escaping ([String: Int64]) -> Void) {
    done(proxy?.proxy.figures ?? [:])
  }
}
