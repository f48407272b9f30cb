// SPDX-License-Identifier: Apache-2.0
import FalseworkCore

/// Keywords of `defaults`, `frontend`, `backend` and `listen`.
extension ConfigurationReader {
  mutating func proxyKeyword(
    _ name: String, _ arguments: [String], isNegated: Bool, _ draft: inout ProxyDraft, _ line: Int
  ) throws(ConfigurationFault) {
    switch name {
    case "mode":
      let mode = arguments.first ?? ""
      guard ["http", "tcp"].contains(mode) else {
        throw ConfigurationFault(message: "unknown proxy mode '\(mode)'.")
      }
      draft.mode = mode
    case "log": try log(arguments, isNegated: isNegated, &draft)
    case "maxconn":
      try onlyArgument(name, arguments)
      draft.maxconn = try ConfigurationValues.integer(arguments.first, in: 0...Int.max, of: name)
    case "default_backend":
      guard let backend = arguments.first else {
        throw ConfigurationFault(message: "'default_backend' expects a backend name.")
      }
      try onlyArgument(name, arguments)
      draft.defaultBackend = backend
    case "bind": try bind(arguments, &draft, line)
    case "balance": draft.balance = try balance(arguments)
    case "http-reuse":
      try onlyArgument(name, arguments)
      guard let reuse = arguments.first.flatMap(ProxyConfiguration.Reuse.init) else {
        throw ConfigurationFault(
          message: "'http-reuse' only supports 'never', 'safe', 'aggressive', 'always'.")
      }
      draft.reuse = reuse
    case "retry-on": draft.retryOn = try retryOn(arguments)
    case "fullconn":
      try onlyArgument(name, arguments)
      draft.fullconn = try ConfigurationValues.integer(arguments.first, in: 0...Int.max, of: name)
    case "hash-type": draft.hashType = try hashType(arguments)
    case "retries":
      guard let first = arguments.first else {
        throw ConfigurationFault(
          message: "'retries' expects an integer argument (dispatch counts for one).")
      }
      try onlyArgument(name, arguments)
      draft.retries = try ConfigurationValues.integer(first, in: 0...1_000, of: name)
    case "http-check expect": draft.expect = try expectation(arguments)
    case "http-check disable-on-404":
      if let first = arguments.first {
        throw ConfigurationFault(
          message: "'http-check' cannot handle unexpected argument '\(first)'.")
      }
      draft.stopsOn404 = true
    case "http-check send": try checkSend(arguments, &draft, line)
    case "stick-table": draft.stickTable = try stickTable(arguments)
    case "cookie": draft.rules.cookie = try cookie(arguments)
    case "stick on", "stick match", "stick store-request", "stick store-response":
      try stick(String(name.dropFirst("stick ".count)), arguments, &draft, line)
    case "default-server":
      try serverParameters(arguments, &draft.serverDefaults, isDefault: true)
    case "server": try server(arguments, &draft, line)
    default: preconditionFailure("a proxy keyword without code: \(name)")
    }
  }

  private func log(
    _ arguments: [String], isNegated: Bool, _ draft: inout ProxyDraft
  ) throws(ConfigurationFault) {
    if isNegated {
      draft.logs = false
      draft.logTargets = []
    } else if arguments == ["global"] {
      draft.logs = true
    } else if arguments.count < 2 {
      throw ConfigurationFault(
        message: "log : expects <address> and <facility> or global as arguments")
    } else {
      draft.logTargets.append(try logTarget(arguments))
    }
  }

  func timeout(
    _ name: String, _ arguments: [String], _ draft: inout ProxyDraft
  ) throws(ConfigurationFault) {
    guard let text = arguments.first else {
      throw ConfigurationFault(message: "'\(name)' expects an integer value (in milliseconds)")
    }
    if arguments.count > 1 {
      throw ConfigurationFault(
        message: "'\(name)' : unexpected extra argument '\(arguments[1])' after value '\(text)'.")
    }
    draft.timeouts[String(name.dropFirst("timeout ".count))] =
      try ConfigurationValues.time(text, "in '\(name)'")
  }

  mutating func option(
    _ name: String, _ arguments: [String], isNegated: Bool, _ draft: inout ProxyDraft, _ line: Int
  ) throws(ConfigurationFault) {
    switch name {
    case "option http-keep-alive": try mode(.keepAlive, name, arguments, isNegated, &draft)
    case "option http-server-close": try mode(.serverClose, name, arguments, isNegated, &draft)
    case "option httpclose": try mode(.close, name, arguments, isNegated, &draft)
    case "option dontlognull":
      try noArgument(name, arguments)
      draft.dontLogNull = !isNegated
    case "option httplog": try httpLog(arguments, &draft, line)
    case "option forwardfor": draft.forwardFor = try forwardFor(arguments)
    case "option abortonclose":
      try noArgument(name, arguments)
      draft.abortsOnClose = !isNegated
    case "option log-health-checks":
      try noArgument(name, arguments)
      draft.logsChecks = !isNegated
    case "option persist":
      try noArgument(name, arguments)
      draft.rules.persistsWhenDown = !isNegated
    case "option allbackups":
      try noArgument(name, arguments)
      draft.allBackups = !isNegated
    case "option redispatch":
      let interval =
        try arguments.first.map { text throws(ConfigurationFault) in
          try ConfigurationValues.integer(text, in: -1_000...1_000, of: name)
        } ?? -1
      draft.redispatch = isNegated || interval == 0 ? nil : interval
    case "option httpchk": try httpCheck(arguments, &draft)
    default: preconditionFailure("an option without code: \(name)")
    }
  }

  private func noArgument(_ name: String, _ arguments: [String]) throws(ConfigurationFault) {
    guard let first = arguments.first else { return }
    throw ConfigurationFault(message: "'\(name)' cannot handle unexpected argument '\(first)'.")
  }

  /// The last of the three counts; taking back one that does not hold changes nothing.
  private func mode(
    _ mode: ProxyConfiguration.ConnectionMode, _ name: String, _ arguments: [String],
    _ isNegated: Bool, _ draft: inout ProxyDraft
  ) throws(ConfigurationFault) {
    try noArgument(name, arguments)
    if !isNegated {
      draft.connectionMode = mode
    } else if draft.connectionMode == mode {
      draft.connectionMode = .keepAlive
    }
  }

  private mutating func httpLog(
    _ arguments: [String], _ draft: inout ProxyDraft, _ line: Int
  ) throws(ConfigurationFault) {
    if arguments.first == "clf" { throw unsupported("option httplog clf", "leave out clf") }
    if arguments.first != nil {
      throw ConfigurationFault(message: "keyword 'httplog' only supports option 'clf'.")
    }
    draft.httpLog = true
    if draft.section == .backend {
      warn(line, "\(draft.kind) : 'option httplog' directive is ignored in backends.")
    }
  }

  private func forwardFor(
    _ arguments: [String]
  ) throws(ConfigurationFault) -> ProxyConfiguration.ForwardFor {
    var result = ProxyConfiguration.ForwardFor(except: nil)
    var rest = arguments[...]
    while let word = rest.popFirst() {
      switch word {
      case "if-none": result.onlyIfAbsent = true
      case "header":
        guard let header = rest.popFirst() else {
          throw ConfigurationFault(
            message: "'option forwardfor header' expects <header_name> as argument.")
        }
        result.field =
          header.lowercased() == "x-forwarded-for" ? nil : Array(header.lowercased().utf8)
      case "except":
        let text = rest.popFirst() ?? ""
        if text.contains(":") {
          throw unsupported("option forwardfor except with IPv6", "name an IPv4 network")
        }
        guard let network = ConfigurationValues.network(text) else {
          throw ConfigurationFault(
            message: "'option forwardfor except' expects <address>[/mask] as argument.")
        }
        result.except = network
      default:
        throw ConfigurationFault(
          message: "'option forwardfor' only supports optional values: 'except', 'header' and "
            + "'if-none'.")
      }
    }
    return result
  }
}
