// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkKeystone
import FalseworkRotation

/// Where a cluster lives.
public enum ClusterWorld: Sendable {
  /// In virtual time: no sockets, no waiting, and the same seed gives the same run.
  case simulated(seed: UInt64)
  /// On loopback sockets, on ports that the system picks.
  case live
}

/// A user and the project that a token is asked for.
public struct ClusterUser: Equatable, Sendable {
  public var name: String
  public var domain: String
  public var password: String
  /// Nil asks for an unscoped token.
  public var project: String?
  public var projectDomain: String

  public init(
    name: String, domain: String = "Default", password: String, project: String?,
    projectDomain: String = "Default"
  ) {
    self.name = name
    self.domain = domain
    self.password = password
    self.project = project
    self.projectDomain = projectDomain
  }

  /// `admin` of the standard data, with the role admin on the project of the same name.
  public static let admin = ClusterUser(name: "admin", password: "secret", project: "admin")
  /// `demo` of the standard data, a member of the project of the same name.
  public static let demo = ClusterUser(name: "demo", password: "secret", project: "demo")
}

/// Keystone's answer to one request.
public struct ClusterAnswer: Equatable, Sendable {
  /// The HTTP status; 0 for a connection that was refused, or that ended without an answer.
  public let status: Int
  /// `X-Subject-Token`.
  public let token: String?
  /// The body: JSON, as a rule.
  public let body: [UInt8]

  /// The body as text.
  public var text: String { String(decoding: body, as: UTF8.self) }
}

/// What a node is, in truth.
public enum ClusterNodeState: String, Equatable, Sendable {
  /// There is no process.
  case stopped
  /// The process exists and does not listen yet.
  case starting
  /// Listens, and holds requests until the application is loaded.
  case loading
  case serving
  /// Finishes what it has, and takes nothing new.
  case finishing
  /// Was told to stop, and still accepts connections that it will drop.
  case zombie
  /// Does not listen any more, and is not yet gone.
  case refusing

  init(_ phase: NodePhase) {
    switch phase {
    case .stopped: self = .stopped
    case .starting: self = .starting
    case .loading: self = .loading
    case .serving: self = .serving
    case .finishing: self = .finishing
    case .zombie: self = .zombie
    case .refusing: self = .refusing
    }
  }
}

/// How a node is stopped.
public enum ClusterStop: Sendable {
  /// SIGTERM.
  case terminate
  /// SIGKILL.
  case kill
  /// The server's own order to finish first.
  case graceful

  var signal: StopSignal {
    switch self {
    case .terminate: .terminate
    case .kill: .kill
    case .graceful: .graceful
    }
  }
}

/// How nodes are taken out and brought back.
public enum ClusterRotation: Sendable {
  /// SIGKILL and start again; the proxy is not told.
  case kill
  /// SIGTERM and start again; the proxy is not told.
  case restart
  /// `set server … state maint`, this long a wait, SIGTERM, start, `ready`.
  case maint(wait: Duration)
  /// `set server … state drain`, this long a wait, SIGTERM, start, `ready`.
  case drain(wait: Duration)
  /// `drain` until no request is in flight there, at most this long.
  case drainUntilIdle(atMost: Duration)

  func plan(_ nodes: [NodeID]) -> RotationPlan {
    let strategy: RotationPlan.Strategy
    var wait = RotationPlan.Wait.fixed(.zero)
    switch self {
    case .kill: strategy = .kill
    case .restart: strategy = .restart
    case .maint(let time):
      strategy = .maint
      wait = .fixed(Interval(time))
    case .drain(let time):
      strategy = .drain
      wait = .fixed(Interval(time))
    case .drainUntilIdle(let time):
      strategy = .drain
      wait = .untilIdle(cap: Interval(time))
    }
    return RotationPlan(
      strategy: strategy, signal: strategy == .kill ? .kill : .terminate, begin: .zero,
      batch: .count(1), order: nodes, wait: wait, down: .zero, ready: .whenAnswering,
      awaitUp: true, settle: .zero, poll: .milliseconds(20), patience: .seconds(60))
  }
}

extension Interval {
  init(_ duration: Duration) {
    let (seconds, attoseconds) = duration.components
    self = .seconds(seconds) + .nanoseconds(attoseconds / 1_000_000_000)
  }
}
