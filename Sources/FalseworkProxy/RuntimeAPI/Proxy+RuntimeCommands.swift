// SPDX-License-Identifier: Apache-2.0
import FalseworkCore

/// Commands of the runtime API that look at the proxy or change it. Names, limits and words are
/// those of HAProxy 2.6; the changes themselves are in Proxy+Administration.swift.
extension Proxy {
  struct RuntimeCall {
    var command: RuntimeCommand
    var arguments: [String]
    var level: RuntimeLevel
    var process: RuntimeProcess
    var now: Instant
  }

  /// What the runtime API calls this program. The number is the release of HAProxy whose answers
  /// these are: tools read it to know what they may ask.
  static let runtimeName = "Falsework"
  static let runtimeVersion = "2.6.12-falsework"

  mutating func execute(
    _ call: RuntimeCall, into effects: inout [Effect]
  ) throws(RuntimeReply) -> RuntimeReply {
    switch call.command {
    case .showStat: return try showStat(call)
    case .showInfo: return showInfo(call)
    case .showServersState: return try showServersState(call)
    case .showServersConn: return try showServersConnections(call)
    case .showBackend:
      return .table("# name\n" + configuration.backends.map { $0.name + "\n" }.joined())
    case .showVersion: return .info(Self.runtimeVersion)
    case .showCLISockets: return showSockets()
    case .showErrors: return try showErrors(call)
    case .showTable: return try showTable(call)
    case .clearTable: return try clearTable(call)
    case .setTable: return try setTable(call)
    case .clearCounters:
      let all = call.arguments.first == "all"
      if all, call.level < .admin { return .denied }
      clearCounters(all: all)
      return .success
    case .setMaxconnFrontend: return try setMaxconnFrontend(call, into: &effects)
    case .setMaxconnGlobal: return setMaxconnGlobal(call)
    case .getWeight, .setWeight, .setServer, .setMaxconnServer, .enableServer, .disableServer,
      .enableHealth, .disableHealth, .enableAgent, .disableAgent, .shutdownSessionsServer:
      return try serverCommand(call, into: &effects)
    case .operator, .user, .help, .prompt, .quit, .setSeverityOutput, .setTimeout,
      .showCLILevel:
      preconditionFailure("a command of the session came to the proxy: \(call)")
    }
  }

  // MARK: Names

  /// A backend by name or by `#number`.
  func runtimeBackend(_ name: some StringProtocol) -> BackendID? {
    let found = configuration.backends.firstIndex {
      name.hasPrefix("#") ? "#\($0.iid)" == name : $0.name == name
    }
    return found.map(BackendID.init)
  }

  /// `backend/server`, both by name or by `#number`.
  func runtimeServer(_ text: String?) throws(RuntimeReply) -> ServerID {
    let parts = (text ?? "").split(
      separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, !parts[1].isEmpty else { throw .needsServer }
    guard let backend = runtimeBackend(parts[0]) else { throw .noBackend }
    let server = self.backend(backend).servers.first {
      let server = configuration.servers[$0]
      return parts[1].hasPrefix("#") ? "#\(server.sid)" == parts[1] : server.name == parts[1]
    }
    guard let server else { throw .noServer }
    return ServerID(server)
  }

  /// As C's `atoi` reads it: digits up to what is none, 0 without any.
  static func leadingInteger(_ text: String) -> Int {
    let sign = text.prefix { $0 == "-" || $0 == "+" }.prefix(1)
    let digits = text.dropFirst(sign.count).prefix { $0.isASCII && $0.isNumber }
    return (Int(digits) ?? (digits.isEmpty ? 0 : .max)) * (sign == "-" ? -1 : 1)
  }

  // MARK: Limits

  private mutating func setMaxconnFrontend(
    _ call: RuntimeCall, into effects: inout [Effect]
  ) throws(RuntimeReply) -> RuntimeReply {
    guard let name = call.arguments.first else { throw .error("A frontend name is expected.") }
    guard let index = configuration.frontends.firstIndex(where: { $0.name == name }) else {
      throw .error("No such frontend.")
    }
    guard call.arguments.count > 1 else { throw .error("Integer value expected.") }
    let value = Self.leadingInteger(call.arguments[1])
    guard value >= 0 else { throw .error("Value out of range.") }
    setMaxconn(FrontendID(index), value, into: &effects)
    return .success
  }

  /// What the configuration says is the most; anything that is no positive number gives that back.
  private mutating func setMaxconnGlobal(_ call: RuntimeCall) -> RuntimeReply {
    guard let text = call.arguments.first else { return .error("Expects an integer value.") }
    let value = Self.leadingInteger(text)
    guard value <= configuration.global.maxconn else { return .error("Value out of range.") }
    setMaxconn(value > 0 ? value : configuration.global.maxconn)
    return .success
  }

  // MARK: Small tables

  private func showSockets() -> RuntimeReply {
    let lines = configuration.global.sockets.map { socket in
      let place =
        switch socket.address {
        case .path(let path): "unix@\(path)"
        case .tcp(let host, let port): "ipv4@\(host):\(port)"
        }
      return "\(place) \(socket.level.name) all\n"
    }
    return .table("# socket lvl processes\n" + lines.joined())
  }

  /// What was no HTTP is counted, in `ereq` and `eresp`, but its bytes are not kept.
  private func showErrors(_ call: RuntimeCall) throws(RuntimeReply) -> RuntimeReply {
    if let name = call.arguments.first, Self.leadingInteger(name) == 0, proxyNumber(name) == nil {
      throw .error("No such proxy.")
    }
    let now = call.process.wall + (call.now - .start)
    return .table("Total events captured on [\(LogRecord.date(now))] : 0\n")
  }

  /// The number of a frontend or backend.
  func proxyNumber(_ name: String) -> Int? {
    configuration.frontends.first { $0.name == name }?.iid
      ?? configuration.backends.first { $0.name == name }?.iid
  }
}
