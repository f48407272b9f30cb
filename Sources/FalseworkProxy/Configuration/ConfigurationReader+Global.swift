// SPDX-License-Identifier: Apache-2.0
import FalseworkCore

/// Keywords of the `global` section.
extension ConfigurationReader {
  mutating func globalKeyword(
    _ name: String, _ arguments: [String], _ line: Int
  ) throws(ConfigurationFault) {
    switch name {
    case "maxconn":
      try onlyArgument(name, arguments)
      global.maxconn = try ConfigurationValues.integer(
        arguments.first, in: 1...Int.max, of: name)
    case "stats timeout":
      let value: Interval
      do {
        value = try ConfigurationValues.time(arguments.first ?? "", "")
      } catch {
        throw ConfigurationFault(message: "'stats timeout' : \(error.message)")
      }
      guard value > .zero else {
        throw ConfigurationFault(message: "'stats timeout' expects a positive value")
      }
      global.statsTimeout = value
    case "stats socket": try statsSocket(arguments, line)
    case "log":
      if arguments.first == "global" {
        throw ConfigurationFault(
          message: "log : 'global' is not supported for a global syslog server")
      }
      guard arguments.count > 1 else {
        throw ConfigurationFault(message: "log : expects <address> and <facility>  as arguments")
      }
      global.log.append(try logTarget(arguments))
    case "crt-base", "ca-base":
      try onlyArgument(name, arguments)
      guard let path = arguments.first else {
        throw ConfigurationFault(message: "'\(name)' expects a directory path as an argument.")
      }
      if name == "crt-base" { global.certificateBase = path } else { global.authorityBase = path }
    default: preconditionFailure("a global keyword without code: \(name)")
    }
  }

  func onlyArgument(_ name: String, _ arguments: [String]) throws(ConfigurationFault) {
    guard arguments.count > 1 else { return }
    throw ConfigurationFault(
      message: "'\(name)' cannot handle unexpected argument '\(arguments[1])'.")
  }

  private mutating func statsSocket(
    _ arguments: [String], _ line: Int
  ) throws(ConfigurationFault) {
    guard let place = arguments.first else {
      throw ConfigurationFault(
        message: "'stats socket' in global section expects an address or a path to a UNIX socket")
    }
    var socket = ProxyConfiguration.StatsSocket(
      address: try socketAddress(place), level: .operator, mode: nil, line: line)
    var rest = arguments.dropFirst()
    while let word = rest.popFirst() {
      switch word {
      case "level":
        guard let value = rest.popFirst() else {
          throw ConfigurationFault(message: "'stats socket' : ''level' : missing level'")
        }
        guard let level = RuntimeLevel.allCases.first(where: { $0.name == value }) else {
          throw ConfigurationFault(
            message: "'stats socket' : ''level' only supports 'user', 'operator', and 'admin' "
              + "(got '\(value)')'")
        }
        socket.level = level
      case "mode":
        let value = rest.popFirst() ?? ""
        guard let mode = UInt32(value, radix: 8) else {
          throw ConfigurationFault(
            message: "'stats socket' : ''mode' : missing or invalid mode '\(value)' "
              + "(octal integer expected)'")
        }
        socket.mode = mode
      case "user", "group", "uid", "gid", "expose-fd", "process":
        // Ownership, and how a successor takes over listeners: nothing that a client could see.
        if rest.popFirst() == nil {
          throw ConfigurationFault(message: "'stats socket' : '\(word)' : missing value")
        }
      default:
        let hint = nearestWord(to: word, among: ["level", "mode", "user", "group", "expose-fd"])
        throw ConfigurationFault(
          message: "'stats socket' : unknown keyword '\(word)'."
            + (hint.map { " Did you mean '\($0)' maybe ?" } ?? ""))
      }
    }
    global.sockets.append(socket)
  }

  /// An absolute path, any path behind `unix@`, or host and port.
  private func socketAddress(
    _ text: String
  ) throws(ConfigurationFault) -> ProxyConfiguration.StatsSocket.Address {
    if text.hasPrefix("/") { return .path(text) }
    if text.hasPrefix("unix@"), text.count > 5 { return .path(String(text.dropFirst(5))) }
    let (host, port) = ConfigurationValues.hostAndPort(text)
    guard let port, let number = Int(port), (1...65_535).contains(number) else {
      throw ConfigurationFault(message: "'stats socket' : missing port specification in '\(text)'")
    }
    return .tcp(host: host.isEmpty || host == "*" ? "0.0.0.0" : host, port: number)
  }

  func unsupported(_ what: String, _ advice: String) -> ConfigurationFault {
    ConfigurationFault(
      message: "'\(what)' is known to HAProxy but not supported yet; \(advice).")
  }
}
