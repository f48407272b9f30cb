// SPDX-License-Identifier: Apache-2.0
import FalseworkCore

/// Commands of the runtime API about one server.
extension Proxy {
  mutating func serverCommand(
    _ call: RuntimeCall, into effects: inout [Effect]
  ) throws(RuntimeReply) -> RuntimeReply {
    let server = try runtimeServer(call.arguments.first)
    let value = call.arguments.dropFirst().first
    switch call.command {
    case .getWeight:
      let state = servers[server.index]
      return .table("\(state.weight) (initial \(state.initialWeight))\n")
    case .setWeight: try setWeight(server, value, call, into: &effects)
    case .setServer: return try setServer(server, call, into: &effects)
    case .setMaxconnServer: try setMaxconn(server, value, call, into: &effects)
    case .enableServer: setState(server, .ready, now: call.now, into: &effects)
    case .disableServer: setState(server, .maint, now: call.now, into: &effects)
    case .enableHealth:
      guard configuration.servers[server.index].checked else {
        throw .error("Health check was not configured on this server, cannot enable.")
      }
      setChecking(server, true, now: call.now, into: &effects)
    case .disableHealth: setChecking(server, false, now: call.now, into: &effects)
    case .enableAgent:
      throw .error("Agent was not configured on this server, cannot enable.")
    // There are no agents, so there is none to stop, and HAProxy does not complain either.
    case .disableAgent: break
    case .shutdownSessionsServer: shutdownSessions(server, now: call.now, into: &effects)
    default: preconditionFailure("not about a server: \(call)")
    }
    return .success
  }

  private mutating func setServer(
    _ server: ServerID, _ call: RuntimeCall, into effects: inout [Effect]
  ) throws(RuntimeReply) -> RuntimeReply {
    let rest = Array(call.arguments.dropFirst(2))
    switch call.arguments.dropFirst().first {
    case "weight": try setWeight(server, rest.first, call, into: &effects)
    case "state":
      guard let order = rest.first.flatMap(AdminOrder.init) else {
        throw .error("'set server <srv> state' expects 'ready', 'drain' and 'maint'.")
      }
      setState(server, order, now: call.now, into: &effects)
    case "health":
      guard let order = rest.first.flatMap(HealthOrder.init) else {
        throw .error("'set server <srv> health' expects 'up', 'stopping', or 'down'.")
      }
      setHealth(server, order, now: call.now, into: &effects)
    case "addr": return try setAddress(server, rest)
    case "check-port": try setCheckPort(server, rest.first)
    case "check-addr": try setCheckAddress(server, rest)
    case "agent", "agent-send": throw .error("agent checks are not enabled on this server.")
    case "agent-addr", "agent-port":
      throw .bareError("agent checks are not enabled on this server")
    case "fqdn":
      throw .error("set server <b>/<s> fqdn failed because no resolution is configured.")
    case "ssl":
      throw .error(
        "'set server <srv> ssl' cannot be set.  default-server should define ssl settings")
    default:
      throw .error(
        "usage: set server <backend>/<server> addr | agent | agent-addr | agent-port | "
          + "agent-send | check-addr | check-port | fqdn | health | ssl | state | weight")
    }
    return .success
  }

  /// A number, or a share of the weight that the configuration gave.
  private mutating func setWeight(
    _ server: ServerID, _ text: String?, _ call: RuntimeCall, into effects: inout [Effect]
  ) throws(RuntimeReply) {
    guard let text, !text.isEmpty else { throw .error("Require <weight> or <weight%>.") }
    let (number, rest) = Self.number(text)
    guard let number else {
      throw .bareError("Empty weight string empty or preceded by garbage")
    }
    let weight: Int
    if rest == "%" {
      guard number >= 0 else { throw .error("Relative weight must be positive.") }
      weight = min(256, min(number, 25_600) * servers[server.index].initialWeight / 100)
    } else {
      guard rest.isEmpty else { throw .bareError("Trailing garbage in weight string") }
      guard (0...256).contains(number) else {
        throw .error("Absolute weight can only be between 0 and 256 inclusive.")
      }
      weight = number
    }
    guard
      backend(configuration.servers[server.index].backend).isDynamic || weight == 0
        || weight == servers[server.index].initialWeight
    else {
      throw .error(
        "Backend is using a static LB algorithm and only accepts weights '0%' and '100%'.")
    }
    setWeight(server, weight, now: call.now, into: &effects)
  }

  private mutating func setMaxconn(
    _ server: ServerID, _ text: String?, _ call: RuntimeCall, into effects: inout [Effect]
  ) throws(RuntimeReply) {
    guard let text, !text.isEmpty else { throw .error("Require <maxconn>.") }
    let (number, rest) = Self.number(text)
    guard let number else { throw .bareError("maxconn string empty or preceded by garbage") }
    guard rest.isEmpty else { throw .bareError("Trailing garbage in maxconn string") }
    // HAProxy keeps it unsigned, so that less than 0 is as good as no limit.
    setMaxconn(server, max(0, number), now: call.now, into: &effects)
  }

  /// A number at the start, and what follows it.
  private static func number(_ text: String) -> (Int?, Substring) {
    let sign = text.hasPrefix("-") || text.hasPrefix("+") ? text.prefix(1) : ""
    let digits = text.dropFirst(sign.count).prefix { $0.isASCII && $0.isNumber }
    let rest = text.dropFirst(sign.count + digits.count)
    guard !digits.isEmpty else { return (nil, rest) }
    return ((Int(digits) ?? Int.max / 256) * (sign == "-" ? -1 : 1), rest)
  }

  // MARK: Addresses

  private mutating func setAddress(
    _ server: ServerID, _ arguments: [String]
  ) throws(RuntimeReply) -> RuntimeReply {
    guard let address = arguments.first else {
      throw .error("set server <b>/<s> addr requires an address and optionally a port.")
    }
    let by = " by 'stats socket command'"
    guard Self.isAddress(address) else { throw .warning("Invalid addr '\(address)'" + by) }
    let state = servers[server.index]
    var words =
      state.host == address
      ? "no need to change the addr" : "IP changed from '\(state.host)' to '\(address)'"
    var port = state.port
    if arguments.dropFirst().first == "port" {
      let text = arguments.dropFirst(2).first ?? ""
      let number = Int(text).flatMap { (1...65_535).contains($0) ? $0 : nil }
      if text.hasPrefix("+") || text.hasPrefix("-") {
        words +=
          ", can't change <port> to port map because it is incompatible with current health check "
          + "port configuration (use 'port' statement from the 'server' directive."
      } else if let number {
        words +=
          number == port
          ? ", no need to change the port" : ", port changed from '\(port)' to '\(number)'"
        port = number
      } else {
        words += ", problem converting port '\(text)' to an int"
      }
    }
    setAddress(server, host: address, port: port)
    return .warning(words + by)
  }

  private static func isAddress(_ text: String) -> Bool {
    ConfigurationValues.address(text) != nil
      || text.contains(":") && text.allSatisfy { $0.isHexDigit || $0 == ":" || $0 == "." }
  }

  private mutating func setCheckPort(
    _ server: ServerID, _ text: String?
  ) throws(RuntimeReply) {
    guard let text else { throw .error("set server <b>/<s> check-port requires a port.") }
    guard servers[server.index].checking else {
      throw .bareError("health checks are not enabled on this server")
    }
    guard let port = Int(text) else { throw .bareError("provided port is not an integer") }
    guard (0...65_535).contains(port) else {
      throw .bareError("provided port is invalid")
    }
    servers[server.index].checkPort = port == 0 ? nil : port
  }

  private mutating func setCheckAddress(
    _ server: ServerID, _ arguments: [String]
  ) throws(RuntimeReply) {
    guard let address = arguments.first else {
      throw .error("set server <b>/<s> check-addr requires an address and optionally a port.")
    }
    guard servers[server.index].checking else {
      throw .bareError("health checks are not enabled on this server")
    }
    guard Self.isAddress(address) else { throw .bareError("invalid addr '\(address)'") }
    if arguments.dropFirst().first == "port" {
      try setCheckPort(server, arguments.dropFirst(2).first ?? "")
    }
    servers[server.index].checkHost = address
  }
}
