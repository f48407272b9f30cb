// SPDX-License-Identifier: Apache-2.0
import FalseworkCore

/// A proxy as its section gives it, before names are resolved; a `defaults` section is one too.
struct ProxyDraft {
  var section: ConfigurationKeywords.Section
  var name: String
  var line: Int
  var mode = "tcp"
  var logs = false
  /// Of its own, beside the global ones.
  var logTargets: [LogTarget] = []
  var httpLog = false
  var dontLogNull = false
  var connectionMode = ProxyConfiguration.ConnectionMode.keepAlive
  var forwardFor: ProxyConfiguration.ForwardFor?
  var maxconn: Int?
  var defaultBackend: String?
  var binds: [ProxyConfiguration.Bind] = []
  var balance = ProxyConfiguration.Balance.roundrobin
  var hashType = HashType()
  var allBackups = false
  var fullconn = 0
  var reuse = ProxyConfiguration.Reuse.safe
  var abortsOnClose = false
  var retryOn = RetryOn.connFailure
  var expect: ProxyConfiguration.CheckExpectation?
  var stopsOn404 = false
  var logsChecks = false
  var retries = 3
  var redispatch: Int?
  var check = CheckDraft()
  var stickTable: ProxyConfiguration.StickTable?
  var sticks: [StickDraft] = []
  var rules = RuleSet()
  var acls: [String: [Condition.Test]] = [:]
  var switches: [(backend: String, condition: Condition?, line: Int)] = []
  var monitorURI: String?
  var monitorFails: [Condition] = []
  var timeouts: [String: Interval] = [:]
  var serverDefaults = ServerDraft()
  var servers: [ServerDraft] = []

  init(section: ConfigurationKeywords.Section, name: String, line: Int) {
    self.section = section
    self.name = name
    self.line = line
  }

  /// A proxy that starts with what a `defaults` section says.
  init(_ section: ConfigurationKeywords.Section, name: String, line: Int, from parent: ProxyDraft) {
    self = parent
    self.section = section
    self.name = name
    self.line = line
    check.isInherited = true
  }

  /// How HAProxy says what kind of proxy this is.
  var kind: String { "\(section.rawValue) '\(name)'" }
}

/// `option httpchk` and `http-check send`. Whichever comes second only replaces what it names; a
/// second `option httpchk` in a row replaces the first; and the first of either in a proxy drops
/// the request that `defaults` gave (seen with HAProxy 2.6).
struct CheckDraft {
  /// `option httpchk` was given.
  var isEnabled = false
  /// `http-check send` was given; alone it has no effect.
  var hasSend = false
  var isInherited = false
  private var isFromOption = false
  var method: String?
  var uri: String?
  var version: String?
  var headers: [ProxyConfiguration.HTTPCheck.Header] = []

  mutating func option(method: String?, uri: String?, version: String?) {
    if isInherited || isFromOption || !hasSend { forget() }
    isFromOption = !hasSend
    isEnabled = true
    replace(method: method, uri: uri, version: version)
  }

  mutating func send(
    method: String?, uri: String?, version: String?,
    headers: [ProxyConfiguration.HTTPCheck.Header]
  ) {
    if isInherited { forget() }
    isFromOption = false
    hasSend = true
    replace(method: method, uri: uri, version: version)
    if !headers.isEmpty { self.headers = headers }
  }

  private mutating func replace(method: String?, uri: String?, version: String?) {
    self.method = method ?? self.method
    self.uri = uri ?? self.uri
    self.version = version ?? self.version
  }

  private mutating func forget() {
    self = CheckDraft(isEnabled: isEnabled)
  }

  private init(isEnabled: Bool) { self.isEnabled = isEnabled }

  init() {}

  var resolved: ProxyConfiguration.HTTPCheck? {
    guard isEnabled else { return nil }
    return .init(
      method: method ?? "OPTIONS", uri: uri ?? "/", version: version ?? "HTTP/1.0",
      headers: headers)
  }
}

/// A `server` line, or what `default-server` lines add up to.
struct ServerDraft {
  var name = ""
  var host = ""
  var port = 0
  var line = 0
  var checked = false
  var checkHost: String?
  var checkPort: Int?
  var inter = Interval.seconds(2)
  var fastinter: Interval?
  var downinter: Interval?
  var rise = 2
  var fall = 3
  var weight = 1
  var maxconn = 0
  var minconn = 0
  var maxqueue = 0
  var slowstart = Interval.zero
  var endsSessionsWhenDown = false
  var endsBackupSessionsWhenUp = false
  var observe: ProxyConfiguration.Observation?
  var errorLimit = 10
  var onError = ProxyConfiguration.ErrorAction.failCheck
  var track: String?
  var backup = false
  var disabled = false
  var poolPurgeDelay = Interval.seconds(5)
  var poolMaxConn = -1
  var poolLowConn = 0
  var cookie: [UInt8]?
  var sendsProxyV1 = false
  var sendsProxyV2 = false
  var checkSendsProxy = false
  var initialState: ProxyConfiguration.InitialState?
  var tls = ProxyConfiguration.TLSParameters()

  var proxyHeader: ProxyHeader.Version? { sendsProxyV2 ? .v2 : sendsProxyV1 ? .v1 : nil }

  /// A check goes the way of the traffic unless it goes elsewhere.
  var checkProxyHeader: ProxyHeader.Version? {
    if checkSendsProxy { return proxyHeader ?? .v1 }
    return checkPort == nil && checkHost == nil ? proxyHeader : nil
  }
}
