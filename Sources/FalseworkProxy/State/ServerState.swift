// SPDX-License-Identifier: Apache-2.0
import DequeModule
package import FalseworkCore

/// Why a check ended as it did: `check_status` of `show stat`.
package enum CheckStatus: String, CaseIterable, Equatable, Sendable {
  case initializing = "INI"
  case connected = "L4OK"
  case connectTimeout = "L4TOUT"
  case connectFailed = "L4CON"
  case secured = "L6OK"
  case handshakeFailed = "L6RSP"
  case passed = "L7OK"
  case conditionallyPassed = "L7OKC"
  case answerTimeout = "L7TOUT"
  case invalidAnswer = "L7RSP"
  case wrongStatus = "L7STS"
  case observed = "HANA"

  package var hasPassed: Bool {
    switch self {
    case .connected, .secured, .passed, .conditionallyPassed: true
    case .initializing, .connectTimeout, .connectFailed, .handshakeFailed, .answerTimeout,
      .invalidAnswer, .wrongStatus, .observed:
      false
    }
  }

  /// As HAProxy words it in log lines and in `check_desc`.
  package var wording: String {
    switch self {
    case .initializing: "Initializing"
    case .connected: "Layer4 check passed"
    case .connectTimeout: "Layer4 timeout"
    case .connectFailed: "Layer4 connection problem"
    case .secured: "Layer6 check passed"
    case .handshakeFailed: "Layer6 invalid response"
    case .passed: "Layer7 check passed"
    case .conditionallyPassed: "Layer7 check conditionally passed"
    case .answerTimeout: "Layer7 timeout"
    case .invalidAnswer: "Layer7 invalid response"
    case .wrongStatus: "Layer7 wrong status"
    case .observed: "Health analyze"
    }
  }
}

/// How the last check of a server ended.
package struct CheckReport: Equatable, Sendable {
  package var status: CheckStatus
  /// The HTTP status; 0 where none came.
  package var code: Int
  package var duration: Interval
  /// Raw text such as `Connection refused`.
  package var detail: String
}

/// A server as the proxy knows it at this moment.
package struct ServerState: Equatable, Sendable {
  package var host: String
  package var port: Int
  package var checkHost: String?
  package var checkPort: Int?

  package var admin: AdminState
  package var operational: OperationalState
  package var health: Int
  /// Checks are configured, and not disabled by `disable health`.
  package var checking: Bool
  /// It shares the state of a server that is checked.
  var isTracking = false
  /// The thresholds of that server, which its health is read by.
  var followedRise = 0
  var followedFall = 0
  package let initialWeight: Int
  package var weight: Int
  package var maxconn: Int

  /// Requests that it has, from the choice of the server to their end.
  package var served = 0
  /// Connections that carry no request, oldest first.
  package var idle: [ServerConnectionID] = []
  /// The most that were in use at once since the last purge.
  package var recentPeak = 0
  /// How many are believed to be needed at once: the most so far, forgotten by halves.
  package var neededPeak = 0

  package var report: CheckReport?
  /// The check that is under way.
  package var check: CheckID?
  package var checkConnected = false
  package var checkBegan = Instant.start
  package var checkNumber: UInt32 = 0
  package var failedChecks = 0
  /// Errors of its traffic in a row, and how often they were too many (`observe`).
  var errorsInRow = 0
  package var failedObservations = 0
  package var timesDown = 0
  package var changedAt: Instant
  /// Time spent down before `changedAt`.
  package var downtime = Interval.zero
  package var traffic = TrafficCounters()

  /// Requests that wait for this server; `waiting` counts those that still do.
  var queue: Deque<ClientID> = []
  /// Requests that ever left that queue for the server.
  var dequeued: Int32 = 0
  /// How far its slow start is: 1 to 16 sixteenths.
  var ramp = 16

  /// When its place in leastconn's order last changed.
  var stamp: Int64

  init(_ server: ProxyConfiguration.Server, stamp: Int, now: Instant) {
    host = server.host
    port = server.port
    checkHost = server.checkHost
    checkPort = server.checkPort
    admin = server.disabled ? [.forcedMaint, .configuredMaint] : []
    // Up, but one failure from down. What is in MAINT counts as stopped.
    health = server.disabled ? 0 : server.rise
    operational = server.disabled ? .stopped : .running
    if let state = server.initialState, server.checked, !server.disabled {
      health = state.health(rise: server.rise, fall: server.fall)
      operational = state.isUp ? .running : .stopped
    }
    checking = server.checked
    initialWeight = server.weight
    weight = server.weight
    maxconn = server.maxconn
    changedAt = now
    self.stamp = Int64(stamp)
  }

  /// Whether a new request without persistence may go there.
  package var isUsable: Bool {
    Self.isUsable(weight: weight, admin: admin, operational: operational)
  }

  static func isUsable(weight: Int, admin: AdminState, operational: OperationalState) -> Bool {
    weight > 0 && !admin.isMaint && !admin.isDrain
      && (operational == .running || operational == .starting)
  }

  package var waiting: Int { traffic.queued }

  /// Sixteen for each point of its weight, less in a slow start.
  var effectiveWeight: Int { weight * ramp }

  package func belief(_ server: ProxyConfiguration.Server) -> Belief {
    Belief(
      admin: admin, operational: operational, health: health,
      rise: isTracking ? followedRise : server.rise, fall: isTracking ? followedFall : server.fall,
      checked: checking || isTracking, weight: weight)
  }
}
