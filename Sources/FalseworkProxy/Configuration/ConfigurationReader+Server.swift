// SPDX-License-Identifier: Apache-2.0
import FalseworkCore

/// `bind`, `server` and `default-server` lines.
extension ConfigurationReader {
  mutating func bind(
    _ arguments: [String], _ draft: inout ProxyDraft, _ line: Int
  ) throws(ConfigurationFault) {
    guard let places = arguments.first, !places.isEmpty else {
      throw ConfigurationFault(
        message: "'bind' expects {<path>|[addr1]:port1[-end1]}{,[addr]:port[-end]}... as "
          + "arguments.")
    }
    var tls = TLS()
    var acceptsProxyHeader = false
    var rest = arguments.dropFirst()
    let place = "'bind \(places)' in section '\(draft.section.rawValue)'"
    while let word = rest.popFirst() {
      switch ConfigurationKeywords.fate(of: word, in: .bind) {
      case .accepted:
        if ConfigurationKeywords.takesValue(word, in: .bind), rest.popFirst() == nil {
          throw ConfigurationFault(message: "\(place) : '\(word)' : missing \(word)")
        }
      case .executed:
        do {
          if word == "accept-proxy" {
            acceptsProxyHeader = true
          } else if ConfigurationKeywords.takesValue(word, in: .bind) {
            _ = try tlsParameter(word, rest.popFirst(), &tls, isServer: false)
          } else {
            _ = Self.tlsFlag(word, &tls)
          }
        } catch {
          throw ConfigurationFault(message: "\(place) : \(error.message)")
        }
      case .unsupported:
        alert(line, "\(place): '\(word)' is known to HAProxy but not supported yet.")
        if ConfigurationKeywords.takesValue(word, in: .bind) { rest = rest.dropFirst() }
      case nil:
        throw ConfigurationFault(message: "\(place): " + unknownParameter(word, .bind))
      }
    }
    leaveOutHTTP2(&tls, place, line)
    for place in places.split(separator: ",", omittingEmptySubsequences: false) {
      let (host, ports) = try bindAddress(String(place))
      for port in ports {
        draft.binds.append(
          .init(
            host: host, port: port, line: line, tls: tls, acceptsProxyHeader: acceptsProxyHeader))
      }
    }
  }

  private func bindAddress(
    _ text: String
  ) throws(ConfigurationFault) -> (host: String, ports: ClosedRange<Int>) {
    func fault(_ text: String) -> ConfigurationFault {
      ConfigurationFault(message: "'bind' : \(text)")
    }
    if text.isEmpty {
      throw fault("'' resolves to an empty address (environment variable missing?)")
    }
    if text.hasPrefix("/") || text.contains("@") && !text.hasPrefix("ipv4@") {
      throw unsupported("bind \(text)", "bind to an address and a port")
    }
    let (host, port) = ConfigurationValues.hostAndPort(text)
    guard let port, !port.isEmpty else { throw fault("missing port specification in '\(text)'") }
    let parts = port.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
    let low = try bindPort(parts[0], in: text)
    let high = parts.count > 1 ? try bindPort(parts[1], in: text) : low
    guard low <= high else { throw fault("invalid port range '\(port)'") }
    return (host.isEmpty || host == "*" ? "0.0.0.0" : host, low...high)
  }

  private func bindPort(_ text: Substring, in place: String) throws(ConfigurationFault) -> Int {
    if let strange = text.first(where: { !($0.isASCII && $0.isNumber) }) {
      throw ConfigurationFault(
        message: "'bind' : invalid character '\(strange)' in port number '\(text)' in '\(place)'")
    }
    guard let port = Int(text), (1...65_535).contains(port) else {
      throw ConfigurationFault(message: "'bind' : invalid port '\(text)'")
    }
    return port
  }

  func unknownParameter(_ word: String, _ section: ConfigurationKeywords.Section) -> String {
    let hint = nearestWord(to: word, among: ConfigurationKeywords.taken(in: section))
    return "unknown keyword '\(word)'" + (hint.map { "; did you mean '\($0)' maybe ?" } ?? ".")
  }

  mutating func server(
    _ arguments: [String], _ draft: inout ProxyDraft, _ line: Int
  ) throws(ConfigurationFault) {
    guard arguments.count > 1 else {
      throw ConfigurationFault(
        message: "'server' expects <name> and <addr>[:<port>] as arguments.")
    }
    var server = draft.serverDefaults
    server.name = arguments[0]
    server.line = line
    if let bad = ConfigurationValues.illegalCharacter(in: server.name) {
      throw ConfigurationFault(
        message: "character '\(bad)' is not permitted in server name '\(server.name)'.")
    }
    if let twin = draft.servers.first(where: { $0.name == server.name }) {
      throw ConfigurationFault(
        message: "\(draft.kind), another server named '\(server.name)' was already defined at "
          + "line \(twin.line), please use distinct names.")
    }
    do {
      (server.host, server.port) = try serverAddress(arguments[1])
      try serverParameters(Array(arguments.dropFirst(2)), &server, isDefault: false)
    } catch {
      throw ConfigurationFault(
        message: "'server \(draft.name)/\(server.name)' : \(error.message)")
    }
    leaveOutHTTP2(&server.tls, "'server \(draft.name)/\(server.name)'", line)
    draft.servers.append(server)
  }

  /// The port is 0 where none is given: HAProxy then goes to the port that the client came to.
  private func serverAddress(
    _ text: String
  ) throws(ConfigurationFault) -> (host: String, port: Int) {
    let (host, port) = ConfigurationValues.hostAndPort(text)
    if text.hasPrefix("/") || text.contains("@") && !text.hasPrefix("ipv4@") {
      throw unsupported("server \(text)", "give an address and a port")
    }
    guard let port, !port.isEmpty, !port.hasPrefix("+"), !port.hasPrefix("-"), port != "0",
      !host.isEmpty, host != "*", host != "0.0.0.0"
    else { throw unsupported("server \(text)", "give an address and a port") }
    if port.contains("-") {
      throw ConfigurationFault(message: "port range not permitted here in '\(text)'")
    }
    if let strange = port.first(where: { !($0.isASCII && $0.isNumber) }) {
      throw ConfigurationFault(
        message: "invalid character '\(strange)' in port number '\(port)' in '\(text)'")
    }
    guard let number = Int(port), (1...65_535).contains(number) else {
      throw ConfigurationFault(message: "invalid port '\(port)'")
    }
    if host.allSatisfy({ $0 == "." || $0.isASCII && $0.isNumber }),
      ConfigurationValues.address(host) == nil
    {
      throw ConfigurationFault(message: "could not resolve address '\(host)'.")
    }
    return (host, number)
  }

  func serverParameters(
    _ arguments: [String], _ server: inout ServerDraft, isDefault: Bool
  ) throws(ConfigurationFault) {
    var rest = arguments[...]
    while let word = rest.popFirst() {
      switch ConfigurationKeywords.fate(of: word, in: .server) {
      case nil:
        throw ConfigurationFault(
          message: unknownParameter(word, .server)
            + (isDefault ? " Hint: no address was expected for this server." : ""))
      case .unsupported:
        throw ConfigurationFault(message: "'\(word)' is known to HAProxy but not supported yet.")
      case .accepted, .executed:
        if ConfigurationKeywords.takesValue(word, in: .server) {
          try parameter(word, rest.popFirst(), &server)
        } else {
          flag(word, &server)
        }
      }
    }
  }

  private func flag(_ word: String, _ server: inout ServerDraft) {
    switch word {
    case "check": server.checked = true
    case "no-check": server.checked = false
    case "backup": server.backup = true
    case "no-backup": server.backup = false
    case "disabled": server.disabled = true
    case "send-proxy": server.sendsProxyV1 = true
    case "no-send-proxy": server.sendsProxyV1 = false
    case "send-proxy-v2": server.sendsProxyV2 = true
    case "no-send-proxy-v2": server.sendsProxyV2 = false
    case "check-send-proxy": server.checkSendsProxy = true
    case "no-check-send-proxy": server.checkSendsProxy = false
    case "enabled": server.disabled = false
    default:
      guard Self.tlsFlag(word, &server.tls) else {
        preconditionFailure("a server flag without code: \(word)")
      }
    }
  }

  private func parameter(
    _ word: String, _ value: String?, _ server: inout ServerDraft
  ) throws(ConfigurationFault) {
    func number(_ range: ClosedRange<Int>) throws(ConfigurationFault) -> Int {
      try ConfigurationValues.integer(value, in: range, of: word)
    }
    switch word {
    case "inter": server.inter = try checkInterval(word, value, server)
    case "fastinter": server.fastinter = try checkInterval(word, value, server)
    case "downinter": server.downinter = try checkInterval(word, value, server)
    case "rise": server.rise = try threshold(word, value)
    case "fall": server.fall = try threshold(word, value)
    case "port":
      if value == nil {
        throw ConfigurationFault(message: "'port' expects a port number as argument.")
      }
      server.checkPort = try number(1...65_535)
    case "addr": try checkAddress(value, &server)
    case "weight":
      let weight = try number(-1_000_000...1_000_000)
      guard (0...256).contains(weight) else {
        throw ConfigurationFault(
          message: "weight of server \(server.name) is not within 0 and 256 (\(weight)).")
      }
      server.weight = weight
    case "cookie":
      guard let value else {
        throw ConfigurationFault(message: "'cookie' expects <value> as argument.")
      }
      server.cookie = Array(value.utf8)
    case "maxconn": server.maxconn = try number(0...Int.max)
    case "minconn": server.minconn = try number(0...Int.max)
    case "maxqueue": server.maxqueue = try number(0...Int.max)
    case "pool-max-conn":
      let most = try number(Int.min...Int.max)
      guard most >= -1 else {
        throw ConfigurationFault(message: "'pool-max-conn' must be >= -1")
      }
      server.poolMaxConn = most
    case "pool-low-conn": server.poolLowConn = try number(0...Int.max)
    case "max-reuse":
      let most = try number(Int.min...Int.max)
      // It only counts for HTTP/2.
      guard most >= -1 else { throw ConfigurationFault(message: "'max-reuse' must be >= -1") }
    case "pool-purge-delay":
      guard let value else {
        throw ConfigurationFault(message: "'pool-purge-delay' expects <value> as argument.")
      }
      server.poolPurgeDelay = try ConfigurationValues.time(
        value, "in argument to <pool-purge-delay>.")
    default: try recoveryParameter(word, value, &server)
    }
  }

  /// What follows from a server's going and coming.
  private func recoveryParameter(
    _ word: String, _ value: String?, _ server: inout ServerDraft
  ) throws(ConfigurationFault) {
    switch word {
    case "slowstart":
      guard let value else {
        throw ConfigurationFault(message: "'slowstart' expects <time> as argument.")
      }
      let time = try ConfigurationValues.time(
        value, "in 'slowstart' argument of server \(server.name).")
      server.slowstart = .seconds((time.milliseconds + 999) / 1_000)
    case "on-marked-down":
      guard value == "shutdown-sessions" else {
        throw ConfigurationFault(
          message: "'on-marked-down' expects 'shutdown-sessions' but got '\(value ?? "")'")
      }
      server.endsSessionsWhenDown = true
    case "on-marked-up":
      guard value == "shutdown-backup-sessions" else {
        throw ConfigurationFault(
          message: "'on-marked-up' expects 'shutdown-backup-sessions' but got '\(value ?? "")'")
      }
      server.endsBackupSessionsWhenUp = true
    case "observe":
      guard let value else {
        throw ConfigurationFault(message: "'observe' expects <mode> as argument.")
      }
      server.observe = .init(rawValue: value)
      if server.observe == nil, value != "none" {
        throw ConfigurationFault(
          message: "'observe' expects one of 'none', 'layer4', 'layer7' but got '\(value)'.")
      }
    case "error-limit":
      guard let limit = value.flatMap({ Int($0) }), limit > 0 else {
        throw ConfigurationFault(message: "error-limit has to be > 0.")
      }
      server.errorLimit = limit
    case "on-error":
      guard let action = value.flatMap(ProxyConfiguration.ErrorAction.init) else {
        throw ConfigurationFault(
          message: "'on-error' expects one of 'fastinter', 'fail-check', 'sudden-death' or "
            + "'mark-down' but got '\(value ?? "")'.")
      }
      server.onError = action
    case "init-state":
      server.initialState = value.flatMap(ProxyConfiguration.InitialState.init)
      if server.initialState == nil, value != "none" {
        throw ConfigurationFault(
          message: "'init-state' expects one of 'fully-up', 'up', 'down', 'fully-down' or 'none' "
            + "but got '\(value ?? "")'.")
      }
    case "track":
      guard let value else {
        throw ConfigurationFault(message: "'track' expects [<proxy>/]<server> as argument.")
      }
      server.track = value
    default:
      guard try tlsParameter(word, value, &server.tls, isServer: true) else {
        preconditionFailure("a server parameter without code: \(word)")
      }
    }
  }

  private func checkInterval(
    _ word: String, _ value: String?, _ server: ServerDraft
  ) throws(ConfigurationFault) -> Interval {
    guard let value else {
      throw ConfigurationFault(message: "'\(word)' expects a delay as argument.")
    }
    let interval = try ConfigurationValues.time(
      value, "in '\(word)' argument of server \(server.name).")
    guard interval > .zero else {
      throw ConfigurationFault(
        message: "invalid value 0 for argument '\(word)' of server \(server.name).")
    }
    return interval
  }

  private func threshold(_ word: String, _ value: String?) throws(ConfigurationFault) -> Int {
    guard let value else {
      throw ConfigurationFault(message: "'\(word)' expects an integer argument.")
    }
    guard let number = Int(value), number > 0 else {
      throw ConfigurationFault(message: "'\(word)' has to be > 0.")
    }
    return number
  }

  private func checkAddress(
    _ value: String?, _ server: inout ServerDraft
  ) throws(ConfigurationFault) {
    guard let value else {
      throw ConfigurationFault(message: "'addr' expects <ipv4|ipv6> as argument.")
    }
    let (host, port) = ConfigurationValues.hostAndPort(value)
    guard ConfigurationValues.address(host) != nil else {
      throw host.contains(":")
        ? unsupported("addr \(value)", "name an IPv4 address")
        : ConfigurationFault(message: "'addr' : invalid address: '\(host)' in '\(value)'.")
    }
    server.checkHost = host
    if let port {
      server.checkPort = try ConfigurationValues.integer(port, in: 1...65_535, of: "addr")
    }
  }
}
