// SPDX-License-Identifier: Apache-2.0
package import FalseworkCore

package enum FrontendTag {}
package typealias FrontendID = ID<FrontendTag>
package enum BackendTag {}
package typealias BackendID = ID<BackendTag>
package enum ServerTag {}
/// Servers are numbered over the whole configuration, in its order.
package typealias ServerID = ID<ServerTag>

/// A `haproxy.cfg`, read and resolved: defaults are applied, names are numbers.
package struct ProxyConfiguration: Equatable, Sendable {
  package var global = Global()
  package var frontends: [Frontend] = []
  package var backends: [Backend] = []
  package var servers: [Server] = []
  /// For each frontend and each backend what it says of single requests.
  package var frontendRules: [RuleSet] = []
  package var backendRules: [RuleSet] = []
  /// Where what becomes of servers is logged.
  package var noticeTargets: [LogTarget] {
    backendRules.flatMap(\.logs).reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
  }

  /// There are rules at all; and some look at answers, or at those of the proxy's own.
  package private(set) var hasRules = false
  package private(set) var readsResponses = false
  package private(set) var changesPages = false

  mutating func countRules() {
    let all = frontendRules + backendRules
    hasRules = all.contains(where: \.readsRequests)
    readsResponses = all.contains(where: \.readsResponses)
    changesPages = all.contains(where: \.changesPages)
  }

  /// Some rule looks at requests, so that they have to be told whole.
  package var readsRequests: Bool { hasRules || backends.contains { $0.balance.readsRequests } }

  /// Some backend may send a request again that was sent already, so that requests have to be kept.
  package var keepsRequests: Bool { backends.contains { $0.retryOn.keepsRequests } }

  package struct Global: Equatable, Sendable {
    /// Connections of the whole process; HAProxy derives it from the descriptor limit.
    package var maxconn = 4_096
    package var sockets: [StatsSocket] = []
    package var statsTimeout = Interval.seconds(10)
    package var log: [LogTarget] = []
    /// `crt-base` and `ca-base`: where files are looked for whose path is not absolute.
    package var certificateBase: String?
    package var authorityBase: String?
  }

  package struct StatsSocket: Equatable, Sendable {
    package var address: Address
    package var level: RuntimeLevel
    /// Permission bits of a UNIX socket; nil leaves them to the umask.
    package var mode: UInt32?
    package var line: Int

    package enum Address: Equatable, Sendable {
      case path(String)
      case tcp(host: String, port: Int)
    }
  }

  /// What a connection is after a request (HAProxy manual, 4: `option http-keep-alive`,
  /// `http-server-close`, `httpclose`). The stronger of frontend and backend wins.
  package enum ConnectionMode: Int, Comparable, Equatable, Sendable {
    case keepAlive, serverClose, close
    package static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
  }

  /// `http-reuse`: which requests may go out on a connection that another client used
  /// (configuration manual, 4.2).
  package enum Reuse: String, CaseIterable, Equatable, Sendable {
    case never, safe, aggressive, always
  }

  /// `option forwardfor`: the server is told the client's address in a field `x-forwarded-for`.
  package struct ForwardFor: Equatable, Sendable {
    /// Clients of this network get no field.
    package var except: Network?
    /// In lower case; nil for `x-forwarded-for`.
    package var field: [UInt8]?
    package var onlyIfAbsent = false

    /// More than to add one field.
    var isRule: Bool { field != nil || onlyIfAbsent }
  }

  package struct Network: Equatable, Sendable {
    package var address: UInt32
    package var mask: UInt32

    package func contains(_ other: UInt32) -> Bool { other & mask == address & mask }
  }

  package struct Bind: Equatable, Sendable {
    package var host: String
    package var port: Int
    package var line: Int
    package var tls = TLSParameters()
    /// Each connection begins with a header of the PROXY protocol.
    package var acceptsProxyHeader = false
  }

  package struct Frontend: Equatable, Sendable {
    package var name: String
    /// The number that `show stat` gives.
    package var iid: Int
    package var binds: [Bind]
    package var maxconn: Int
    package var defaultBackend: BackendID?
    package var connectionMode: ConnectionMode
    package var forwardFor: ForwardFor?
    package var httpLog: Bool
    package var dontLogNull: Bool
    package var logs: Bool
    package var clientTimeout: Interval
    package var requestTimeout: Interval
    package var keepAliveTimeout: Interval
  }

  /// `balance`, with its arguments (configuration manual, 4.2).
  package enum Balance: Equatable, Sendable {
    case roundrobin, staticRoundrobin, leastconn, first, source
    case uri(URIHash)
    case urlParam([UInt8])
    /// The field's name is in lower case.
    case header([UInt8], domainOnly: Bool)
    case drawn(draws: Int)

    /// As `show stat` names it.
    package var name: String {
      switch self {
      case .roundrobin: "roundrobin"
      case .staticRoundrobin: "static-rr"
      case .leastconn: "leastconn"
      case .first: "first"
      case .source: "source"
      case .uri: "uri"
      case .urlParam: "url_param"
      case .header: "hdr"
      // HAProxy 2.6 has no word for it.
      case .drawn: "unknown"
      }
    }

    /// A request's key decides, so that it matters which server is the next one.
    var isHash: Bool {
      switch self {
      case .source, .uri, .urlParam, .header: true
      case .roundrobin, .staticRoundrobin, .leastconn, .first, .drawn: false
      }
    }

    /// The request is looked at.
    var readsRequests: Bool {
      switch self {
      case .uri, .urlParam, .header: true
      case .roundrobin, .staticRoundrobin, .leastconn, .first, .drawn, .source: false
      }
    }
  }

  /// What part of a request's target `balance uri` looks at.
  package struct URIHash: Equatable, Sendable {
    package var length: Int?
    package var depth: Int?
    /// The query belongs to it.
    package var whole = false
    /// Scheme and authority do not.
    package var pathOnly = false

    package init() {}
  }

  package struct HTTPCheck: Equatable, Sendable {
    package var method: String
    package var uri: String
    package var version: String
    package var headers: [Header]

    package struct Header: Equatable, Sendable {
      package var name, value: String
    }
  }

  /// Which statuses of a check's answer are good (configuration manual, 4.2 "http-check expect").
  package struct CheckExpectation: Equatable, Sendable {
    package var isNegated: Bool
    package var statuses: [ClosedRange<Int>]

    func accepts(_ status: Int) -> Bool {
      statuses.contains { $0.contains(status) } != isNegated
    }
  }

  /// `observe`: errors of connections, or of answers too (configuration manual, 5.2).
  package enum Observation: String, CaseIterable, Equatable, Sendable { case layer4, layer7 }

  /// `on-error`: what `error-limit` errors in a row do.
  package enum ErrorAction: String, CaseIterable, Equatable, Sendable {
    case fastinter
    case failCheck = "fail-check"
    case suddenDeath = "sudden-death"
    case markDown = "mark-down"
  }

  package struct StickTable: Equatable, Sendable {
    package enum Kind: Equatable, Sendable {
      case address(isIPv6: Bool)
      case number
      case text(length: Int)
    }

    package struct Figure: Equatable, Sendable {
      package var figure: StickFigure
      /// Of a rate.
      package var period: Interval?
    }

    package var kind: Kind
    package var size: Int
    package var expire: Interval
    package var figures: [Figure]
    /// `nopurge`: a full table takes nothing new.
    package var keepsAll: Bool
    /// Some `stick` line keeps servers in it.
    package var keepsServers = false
  }

  package struct Backend: Equatable, Sendable {
    package var name: String
    package var iid: Int
    package var balance: Balance
    package var hashType: HashType
    /// All usable backups share the work, not the first alone.
    package var allBackups: Bool
    /// Requests in the backend at which `minconn` has become `maxconn`.
    package var fullconn: Int
    package var retries: Int
    /// Every how many retries another server is taken: −1 on the last one; nil never.
    package var redispatch: Int?
    package var connectionMode: ConnectionMode
    package var reuse: Reuse
    /// `option abortonclose`: a client that ends its side takes its waiting request back.
    package var abortsOnClose: Bool
    package var retryOn: RetryOn
    package var forwardFor: ForwardFor?
    package var check: HTTPCheck?
    package var stickTable: StickTable?
    package var connectTimeout: Interval
    package var serverTimeout: Interval
    package var queueTimeout: Interval
    /// `timeout check`; nil: `inter` bounds the whole check.
    package var checkTimeout: Interval?
    /// `http-check expect status`; nil: 200 to 399.
    package var expect: CheckExpectation?
    /// `http-check disable-on-404`: a server that answers 404 takes nothing new, and is not down.
    package var stopsOn404: Bool
    package var logsChecks: Bool
    package var servers: Range<Int>

    /// Weights may change while it runs (HAProxy's "dynamic" algorithms).
    package var isDynamic: Bool {
      switch balance {
      case .roundrobin, .leastconn, .first, .drawn: true
      case .staticRoundrobin: false
      case .source, .uri, .urlParam, .header: hashType.isConsistent
      }
    }
  }

  /// `init-state` (HAProxy 3.1): what a server is at the start, and when it leaves MAINT.
  package enum InitialState: String, CaseIterable, Equatable, Sendable {
    case fullyUp = "fully-up"
    case up, down
    case fullyDown = "fully-down"

    var isUp: Bool { self == .up || self == .fullyUp }

    /// One check decides, or as many as `rise` and `fall` say.
    func health(rise: Int, fall: Int) -> Int {
      switch self {
      case .fullyUp: rise + fall - 1
      case .up: rise
      case .down: rise - 1
      case .fullyDown: 0
      }
    }
  }

  package struct Server: Equatable, Sendable {
    package var name: String
    /// From 1 in its backend.
    package var sid: Int
    package var backend: BackendID
    package var host: String
    package var port: Int
    package var checked: Bool
    package var checkHost: String?
    package var checkPort: Int?
    package var inter: Interval
    package var fastinter: Interval?
    package var downinter: Interval?
    package var rise: Int
    package var fall: Int
    package var weight: Int
    /// Requests in flight at most; 0 for any number.
    package var maxconn: Int
    /// Where `maxconn` begins while its backend has less than `fullconn`; 0 for `maxconn` itself.
    package var minconn: Int
    /// Requests that may wait for this server; 0 for any number.
    package var maxqueue: Int
    package var backup: Bool
    package var disabled: Bool
    /// How long its weight grows after it came back; in whole seconds.
    package var slowstart: Interval
    /// `on-marked-down shutdown-sessions`: what is in flight there ends with it.
    package var endsSessionsWhenDown: Bool
    /// `on-marked-up shutdown-backup-sessions`: what is in flight at backups ends when it is back.
    package var endsBackupSessionsWhenUp: Bool
    /// What of its traffic counts as a sign of its health.
    package var observe: Observation?
    package var errorLimit: Int
    package var onError: ErrorAction
    /// The server whose state it shares.
    package var track: ServerID?
    package var poolPurgeDelay: Interval
    /// Idle connections that are kept at most; −1 for any number.
    package var poolMaxConn: Int
    /// How many more connections than were needed at once may be kept idle.
    package var poolLowConn: Int
    package var line: Int
    /// Connections to it, and checks of it, begin with a header of the PROXY protocol.
    package var proxyHeader: ProxyHeader.Version?
    package var checkProxyHeader: ProxyHeader.Version?
    package var initialState: InitialState?
    /// The value of its cookie.
    package var cookie: [UInt8]?
    package var tls = TLSParameters()
  }

  /// Whether a request tells its server the client's address: the option of either side is enough,
  /// and the exception of either side forbids it (seen with HAProxy 2.6).
  package func forwardsAddress(
    of client: UInt32, frontend: FrontendID, backend: BackendID?
  ) -> Bool {
    let front = frontends[frontend.index].forwardFor
    let back = backend.flatMap { backends[$0.index].forwardFor }
    guard front != nil || back != nil else { return false }
    // Rules have done it already.
    if front?.isRule == true || back?.isRule == true { return false }
    return front?.except?.contains(client) != true && back?.except?.contains(client) != true
  }

  package func backend(of server: ServerID) -> Backend {
    backends[servers[server.index].backend.index]
  }

  /// `backend/server`.
  package func fullName(_ server: ServerID) -> String {
    backend(of: server).name + "/" + servers[server.index].name
  }

  /// The same with every time divided, for `--time-scale`. HAProxy counts in milliseconds, so
  /// nothing gets shorter than one.
  package func divided(by divisor: Int64) -> ProxyConfiguration {
    func scaled(_ interval: Interval) -> Interval {
      interval == .zero || interval == .forever
        ? interval : max(.milliseconds(1), interval / divisor)
    }
    var copy = self
    for index in copy.frontends.indices {
      copy.frontends[index].clientTimeout = scaled(frontends[index].clientTimeout)
      copy.frontends[index].requestTimeout = scaled(frontends[index].requestTimeout)
      copy.frontends[index].keepAliveTimeout = scaled(frontends[index].keepAliveTimeout)
    }
    for index in copy.backends.indices {
      copy.backends[index].connectTimeout = scaled(backends[index].connectTimeout)
      copy.backends[index].serverTimeout = scaled(backends[index].serverTimeout)
      copy.backends[index].queueTimeout = scaled(backends[index].queueTimeout)
      copy.backends[index].checkTimeout = backends[index].checkTimeout.map(scaled)
      if let table = backends[index].stickTable {
        copy.backends[index].stickTable?.expire = scaled(table.expire)
      }
    }
    for index in copy.servers.indices {
      copy.servers[index].inter = scaled(servers[index].inter)
      copy.servers[index].fastinter = servers[index].fastinter.map(scaled)
      copy.servers[index].downinter = servers[index].downinter.map(scaled)
      copy.servers[index].poolPurgeDelay = scaled(servers[index].poolPurgeDelay)
      copy.servers[index].slowstart = servers[index].slowstart / divisor
    }
    copy.retryPause = scaled(retryPause)
    copy.second = second / divisor
    return copy
  }

  /// The grain of slow starts; shorter only where all times are divided.
  package var second = Interval.seconds(1)

  /// The pause before a retry on the same server, at most `timeout connect`
  /// (HAProxy manual, `retries`).
  package var retryPause = Interval.seconds(1)
}

/// What a client of the runtime API may do (HAProxy management guide, 9.3).
package enum RuntimeLevel: Int, CaseIterable, Comparable, Equatable, Sendable {
  case user, `operator`, admin
  package static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }

  package var name: String {
    switch self {
    case .user: "user"
    case .operator: "operator"
    case .admin: "admin"
    }
  }
}

/// One finding about a configuration, as HAProxy words it.
package struct ConfigurationProblem: Equatable, Sendable {
  package enum Severity: Equatable, Sendable { case alert, warning }

  package var severity: Severity
  package var file: String
  /// 0 for a finding about the whole.
  package var line: Int
  package var message: String
}

extension ConfigurationProblem: CustomStringConvertible {
  package var description: String {
    let head = severity == .alert ? "[ALERT]" : "[WARNING]"
    return line > 0 ? "\(head) [\(file):\(line)] : \(message)" : "\(head) [\(file)] : \(message)"
  }
}
