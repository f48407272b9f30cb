// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkProxy
import FalseworkRotation
import FalseworkScenario
import NIOCore

/// Where everything of the field is: as the plan says, or else as the proxy's configuration does.
struct FieldPlaces: Sendable {
  /// `host:port` for the `host` field.
  let authority: String
  let entrance: SocketAddress
  let socket: SocketAddress
  let nodes: [SocketAddress]
  let log: SocketAddress?

  var url: String { "http://\(authority)" }

  static func find(_ scenario: Scenario, _ plan: FieldPlan) async throws -> FieldPlaces {
    let authority = try authority(scenario, plan)
    let socket = try socket(scenario, plan)
    let entrance = try await address(authority, "field.url")
    let api: SocketAddress
    if socket.hasPrefix("/") {
      do {
        api = try SocketAddress(unixDomainSocketPath: socket)
      } catch {
        throw LiveError.unsupported("field.socket: \(socket) is too long for a UNIX socket")
      }
    } else {
      api = try await address(socket, "field.socket")
    }
    var nodes: [SocketAddress] = []
    for index in scenario.cluster.nodes.indices {
      nodes.append(
        try await address(nodeAddress(NodeID(index), scenario, plan), "field.nodes"))
    }
    var log: SocketAddress?
    if let text = plan.log { log = try await address(text, "field.log") }
    return FieldPlaces(
      authority: authority, entrance: entrance, socket: api, nodes: nodes, log: log)
  }

  private static func authority(
    _ scenario: Scenario, _ plan: FieldPlan
  ) throws(LiveError) -> String {
    if let url = plan.url { return String(url.dropFirst("http://".count)) }
    let frontend = scenario.proxy.configuration.frontends[scenario.entrance.index]
    guard let bind = frontend.binds.first else {
      throw .unsupported(
        "the frontend \(frontend.name) has no 'bind': say in field.url where the load goes in")
    }
    return "\(reachable(bind.host)):\(bind.port)"
  }

  private static func socket(
    _ scenario: Scenario, _ plan: FieldPlan
  ) throws(LiveError) -> String {
    if let socket = plan.socket {
      for prefix in ["unix@", "ipv4@"] where socket.hasPrefix(prefix) {
        return String(socket.dropFirst(prefix.count))
      }
      return socket
    }
    let sockets = scenario.proxy.configuration.global.sockets
    switch sockets.first(where: { $0.level == .admin })?.address {
    case .path(let path) where path.hasPrefix("/"): return path
    case .tcp(let host, let port): return "\(reachable(host)):\(port)"
    case .path, nil:
      throw .unsupported(
        "the configuration has no 'stats socket' of level admin at a path from the root: say in "
          + "field.socket where the runtime API is")
    }
  }

  /// Where a server that stands for the node is, unless the plan says otherwise.
  private static func nodeAddress(
    _ node: NodeID, _ scenario: Scenario, _ plan: FieldPlan
  ) -> String {
    if let address = plan.nodes[node.index].address { return address }
    let server = scenario.proxy.configuration.servers[scenario.servers(of: node)[0].index]
    return "\(reachable(server.host)):\(server.port)"
  }

  /// An address that means every one of this machine is reached by loopback.
  private static func reachable(_ host: String) -> String {
    ["", "*", "0.0.0.0", "::"].contains(host) ? "127.0.0.1" : host
  }

  private static func address(_ text: String, _ key: String) async throws -> SocketAddress {
    guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...])
    else {
      throw LiveError.unsupported("\(key): found '\(text)', expected host:port")
    }
    let host = text[..<colon].filter { $0 != "[" && $0 != "]" }
    do {
      return try await HostLookup.addresses(of: host, port: port)[0]
    } catch let failure as HostLookup.Failure {
      throw LiveError.unsupported("\(key): \(host): \(failure.reason)")
    }
  }

  /// Reports a plan that lacks a command which the rotation will need.
  static func check(_ scenario: Scenario, _ plan: FieldPlan) throws(LiveError) {
    guard let rotation = scenario.rotation else { return }
    if rotation.strategy == .failCheck, plan.check == nil {
      throw .unsupported("the strategy 'fail-check' needs a command in field.check")
    }
    for step in rotation.program {
      switch step {
      case .pause: continue
      case .nodes(let nodes):
        for node in nodes {
          let commands = plan.commands(of: node)
          let (key, stop) =
            switch rotation.signal {
            case .terminate: ("stop", commands.stop)
            case .kill: ("kill", commands.kill)
            case .graceful: ("graceful", commands.graceful)
            }
          for (key, command) in [(key, stop), ("start", commands.start)] where command == nil {
            throw .unsupported(
              "the rotation takes out \(scenario.cluster.nodes[node.index]), and field.\(key) "
                + "has no command for it")
          }
        }
      case .operation(let operation):
        let (key, command) =
          switch operation {
          case .database: ("database", plan.database)
          case .keys: ("keys", plan.keys)
          case .flushCache: ("cache", plan.cache)
          case .check: ("check", plan.check)
          }
        if command == nil {
          throw .unsupported("the rotation has a step '\(key)', and field.\(key) has no command")
        }
      }
    }
  }
}
