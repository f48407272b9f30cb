// SPDX-License-Identifier: Apache-2.0
import DequeModule
package import FalseworkCore
package import FalseworkHTTP

package enum ClientTag {}
/// A connection from a client; the world hands the names out.
package typealias ClientID = Handle<ClientTag>
package enum ServerConnectionTag {}
/// A connection to a server.
package typealias ServerConnectionID = Handle<ServerConnectionTag>

/// A health check that is under way.
package struct CheckID: Hashable, Sendable {
  package var server: ServerID
  package var number: UInt32
}

/// The reverse proxy: which request goes to which server, and what becomes of it.
///
/// It behaves as HAProxy 2.6 does, with its configuration and its runtime API. A client connection:
///
///     accepted ─▶ idle ─requested▶ queued ─▶ connecting ─▶ awaiting ─responded▶ responding ─▶ idle
///                                    ▲          │  ▲
///                                    │ redispatch│ └─ pausing (1 s, the same server again)
///                                    └───────────┘
///
/// It never sees a byte: the world reads heads, moves bodies, and reports what happened. After
/// `forward` the world sends the request's head and body to the server; after `relay` it sends the
/// response's head and body to the client. Every request that was told by `requested` ends in
/// exactly one `ended`. An interim response (1xx but 101) is the world's to pass on and is not told.
package struct Proxy: Sendable {
  package enum Effect: Equatable, Sendable {
    /// Open a connection to the server's present address.
    case connect(ServerConnectionID, ServerID)
    /// Send the client's request; `close` says `connection: close` to the server.
    case forward(ClientID, ServerConnectionID, close: Bool)
    /// Send the server's response; `close` says `connection: close` to the client.
    case relay(ServerConnectionID, ClientID, close: Bool)
    /// The request has another head than the one that came; `forward` sends this one.
    case rewrite(ClientID, [UInt8])
    /// The same of a response and `relay`.
    case rewriteResponse(ServerConnectionID, [UInt8])
    /// Read the request's whole body, and tell `collected`.
    case collect(ClientID)
    /// Send an answer that a rule or a file made; with `close` the connection ends after it.
    case answer(ClientID, ProxyAnswer, close: Bool)
    /// Send an answer of the proxy's own; with `close` the connection ends after it.
    case respond(ClientID, ProxyPage, close: Bool)
    case closeClient(ClientID, CloseKind)
    case closeServer(ServerConnectionID, CloseKind)
    /// Look at a server: connect to its check address, tell `checkConnected`, and if the backend has
    /// an HTTP check send it and tell what came.
    case check(CheckID)
    case endCheck(CheckID)
    /// Stop taking connections from this frontend's listeners, or begin again.
    case pause(FrontendID)
    case resume(FrontendID)
    /// The request is over; nothing of it will follow.
    case ended(ClientID, LogRecord)
    case believed(ServerID, Belief)
    case noticed(Notice)
  }

  /// A request's head, as far as a decision depends on it.
  package struct RequestHead: Equatable, Sendable {
    package var method: HTTPMethod
    /// The client's version and `Connection` let its connection live on.
    package var keepAlive: Bool
    /// Nothing of the request is still to come.
    package var complete: Bool
    /// When its first byte came.
    package var began: Instant
    /// Bytes of the head.
    package var bytes: Int
    /// The world keeps the whole request, and can send it again.
    package var kept: Bool

    package init(
      method: HTTPMethod, keepAlive: Bool, complete: Bool, began: Instant, bytes: Int,
      kept: Bool = false
    ) {
      self.method = method
      self.keepAlive = keepAlive
      self.complete = complete
      self.began = began
      self.bytes = bytes
      self.kept = kept
    }
  }

  package struct ResponseHead: Equatable, Sendable {
    package var status: Int
    /// The server's version, framing and `Connection` let its connection live on.
    package var keepAlive: Bool
    /// What follows is no HTTP.
    package var tunnel: Bool
    /// The response's end is told by the end of the connection.
    package var untilClose: Bool
    /// Bytes of the head, as HAProxy counts them for `%B`.
    package var bytes: Int

    package init(status: Int, keepAlive: Bool, tunnel: Bool, untilClose: Bool, bytes: Int) {
      self.status = status
      self.keepAlive = keepAlive
      self.tunnel = tunnel
      self.untilClose = untilClose
      self.bytes = bytes
    }
  }

  enum Stage: Equatable, Sendable {
    case idle
    /// Part of a head has come.
    case reading
    case queued
    /// Waits to be refused.
    case tarpit
    case connecting
    /// Waits before it connects to the same server again.
    case pausing
    case awaiting
    case responding
    case tunnel
  }

  struct Client: Sendable {
    var id: ClientID
    /// False once the connection is over.
    var isHere = true
    var frontend: FrontendID
    var backend: BackendID?
    var address: ClientAddress
    /// When it began to wait for its next request.
    var restedAt: Instant
    var stage = Stage.idle
    var deadline = Instant.never
    var server: ServerID?
    /// The server that failed before, while the next try waits.
    var avoided: ServerID?
    var connection: ServerConnectionID?
    /// Requests so far, the present one included.
    var ordinal: Int32 = 0
    var head = RequestHead(
      method: .other, keepAlive: true, complete: true, began: .start, bytes: 0)
    var mode = ProxyConfiguration.ConnectionMode.keepAlive
    var headAt = Instant.start
    var chosenAt = Instant.never
    var connectedAt = Instant.never
    var respondedAt = Instant.never
    var status: Int32 = 0
    /// Bytes of the response's head, and of its body so far.
    var bytes = 0
    var bodyBytes = 0
    var retries: Int32 = 0
    var redispatched = false
    var reused = false
    var aheadInQueue: Int32 = 0
    var aheadAtServer: Int32 = 0
    /// The server that it waits for, if not any will do.
    var waitsFor: ServerID?
    /// How many had left the queue when it entered.
    var entered: Int32 = 0
    /// Its place in time among all that ever waited.
    var ticket: Int64 = 0
    /// Of the request's key, where the backend's algorithm has one.
    var hash: UInt32?
    /// It belongs to a server, by its cookie or a stick table.
    var isDirect = false
    /// It ended its side: its connection ends with the request.
    var isLeaving = false
    /// Its connection is gone both ways.
    var isGone = false
    var serverKeepsAlive = false
    var untilClose = false

    /// The next request, of which nothing has happened yet.
    mutating func begin(_ head: RequestHead, now: Instant) {
      ordinal += 1
      self.head = head
      headAt = now
      chosenAt = .never
      connectedAt = .never
      respondedAt = .never
      status = 0
      bytes = 0
      bodyBytes = 0
      retries = 0
      redispatched = false
      reused = false
      aheadInQueue = 0
      aheadAtServer = 0
      hash = nil
      isDirect = false
    }
  }

  struct ServerConnection: Sendable {
    var server: ServerID
    var client: ClientID?
    var connected = false
    var requests: Int32 = 0
  }

  package let configuration: ProxyConfiguration
  package internal(set) var servers: [ServerState]
  package internal(set) var frontends: [TrafficCounters]
  package internal(set) var backends: [BackendState]
  /// Connections of the whole process.
  package internal(set) var connectionCount = 0
  package internal(set) var connectionTotal = 0
  package internal(set) var maxconn: Int
  package internal(set) var frontendMaxconn: [Int]
  var paused: [Bool]
  /// When the process began, for `show info` and `lastchg`.
  package let startedAt: Instant
  /// The wall-clock time of `Instant.start`, for dates in cookies.
  package var wall = UTCTime(seconds: 0)

  /// By their handle's index; one that left keeps its place until the next comes.
  var clients: [Client] = []
  /// By the client's place; only where there are rules.
  var exchanges: [Exchange?] = []
  var connections = Slab<ServerConnectionTag, ServerConnection>()
  /// Idle connections that only one client may use again (`http-reuse never`).
  var privateConnections: [ClientID: [ServerConnectionID]] = [:]
  /// Client connections by their handle's index. A client's own deadline is the truth; an entry here
  /// may be earlier, and is then set again when it is due.
  var clientTimers = DeadlineTable()
  /// For each server those of `ServerTimer`.
  var serverTimers = DeadlineTable()
  var stampCounter: Int64
  var ticketCounter: Int64 = 0
  var generator: SeededGenerator

  /// - Parameter seed: what `balance random` draws from.
  package init(configuration: ProxyConfiguration, seed: UInt64 = 1, now: Instant) {
    self.configuration = configuration
    generator = SeededGenerator(seed: seed, stream: "proxy")
    servers = configuration.servers.enumerated().map {
      ServerState($0.element, stamp: $0.offset, now: now)
    }
    frontends = configuration.frontends.map { _ in TrafficCounters() }
    backends = configuration.backends.map { BackendState($0, now: now) }
    maxconn = configuration.global.maxconn
    frontendMaxconn = configuration.frontends.map(\.maxconn)
    paused = configuration.frontends.map { _ in false }
    startedAt = now
    stampCounter = Int64(configuration.servers.count)
    spreadChecks(now: now)
    beginTracking()
    for index in backends.indices {
      let id = BackendID(index)
      backends[index].usable = usableCount(id)
      for kind in 0..<2 { backends[index].turns[kind] = turns(id, areBackups: kind == 1) }
    }
  }

  package var nextWake: Instant { min(clientTimers.next, serverTimers.next) }

  /// Safe to call early: before `nextWake` it does nothing.
  package mutating func wake(now: Instant, into effects: inout [Effect]) {
    while let key = serverTimers.popDue(now: now) {
      let (timer, server) = ServerTimer.of(key)
      switch timer {
      case .check: checkDue(server, now: now, into: &effects)
      case .purge: purgeIdle(server, now: now, into: &effects)
      case .ramp: rampDue(server, now: now, into: &effects)
      }
    }
    while let index = clientTimers.popDue(now: now) {
      if clients[index].deadline > now {
        clientTimers.set(index, to: clients[index].deadline)
      } else {
        expired(index, now: now, into: &effects)
      }
    }
  }

  // MARK: Deadlines

  /// Sets when the client's present stage has lasted too long. The table is touched only if that is
  /// earlier than what it holds: a request moves its deadline several times, mostly outwards.
  mutating func setDeadline(_ index: Int, to instant: Instant) {
    clients[index].deadline = instant
    if instant < clientTimers.deadline(of: index) { clientTimers.set(index, to: instant) }
  }

  // MARK: Look-ups

  func isLive(_ client: ClientID) -> Bool {
    let index = Int(client.index)
    return index < clients.count && clients[index].id == client && clients[index].isHere
  }

  /// The same for the world.
  package func clientID(of connection: ServerConnectionID) -> ClientID? {
    client(of: connection).map { clients[$0].id }
  }

  /// The client that a connection serves now, or nil for one that is idle or gone.
  func client(of connection: ServerConnectionID) -> Int? {
    guard let client = connections[connection]?.client, isLive(client),
      clients[Int(client.index)].connection == connection
    else { return nil }
    return Int(client.index)
  }

  func frontend(_ id: FrontendID) -> ProxyConfiguration.Frontend {
    configuration.frontends[id.index]
  }
  func backend(_ id: BackendID) -> ProxyConfiguration.Backend { configuration.backends[id.index] }

  func usableCount(_ id: BackendID) -> Int {
    backend(id).servers.reduce(0) { $0 + (servers[$1].isUsable ? 1 : 0) }
  }
}

/// What a server waits for, each with a key of its own in the table of deadlines.
enum ServerTimer: Int, CaseIterable {
  /// The next check, or the end of the one under way.
  case check
  /// The purge of idle connections.
  case purge
  /// The next step of a slow start.
  case ramp

  func key(_ server: Int) -> Int { Self.allCases.count * server + rawValue }

  static func of(_ key: Int) -> (ServerTimer, ServerID) {
    (Self(rawValue: key % allCases.count)!, ServerID(key / allCases.count))
  }
}

/// A backend as it is at this moment.
package struct BackendState: Sendable {
  package var traffic = TrafficCounters()
  /// Servers that may take a new request.
  package var usable = 0
  package var changedAt: Instant
  package var timesDown = 0
  package var downtime = Interval.zero
  /// Requests that wait for any server.
  var queue: Deque<ClientID> = []
  /// Requests that ever left that queue for a server.
  var dequeued: Int32 = 0
  /// The turns of roundrobin: the active servers' and the backups'.
  var turns: InlineArray<2, FairTurns> = .init(repeating: FairTurns([]))
  var table = LookupTable()
  package internal(set) var stickTable: StickEntries?

  init(_ backend: ProxyConfiguration.Backend, now: Instant) {
    changedAt = now
    stickTable = backend.stickTable.map(StickEntries.init)
  }
}
