// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import FalseworkCore
import FalseworkLive
import FalseworkLoad
import FalseworkReport
import FalseworkScenario
import Glibc
import NIOCore
import NIOPosix

/// `falsework load`: the load engine alone.
struct LoadCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "load",
    abstract: "Put a load on any Keystone, or on any URL.",
    discussion: """
        falsework load --auth-url http://127.0.0.1:5000/v3 --users 4 --wait 1s
        falsework load --url http://127.0.0.1:8080/file --users 16 --duration 1m

      With --auth-url each user logs in and validates the token, again and again; with
      --url it asks for that URL. Ctrl-C ends it with the figures so far.
      """)

  enum Connections: String, ExpressibleByArgument, CaseIterable {
    case kept, new
  }

  @Option(help: "The identity endpoint, such as http://127.0.0.1:5000/v3.")
  var authURL: String?
  @Option(help: "Ask for this URL instead.")
  var url: String?
  @Option(help: "Users, each with a connection of its own.")
  var users = 1
  @Option(help: "A new user begins each so often.")
  var spawnEvery = "0s"
  @Option(help: "The pause after each journey: 1s, 'uniform 1s 2s', 'exponential 1s' …")
  var wait = "0s"
  @Option(help: "Whether a user keeps its connection or opens one for each request.")
  var connections = Connections.kept
  @Option(help: "How long.")
  var duration = "10s"
  @Option(help: "How long an answer may take.")
  var timeout = "60s"
  @Option var username = "admin"
  @Option var password = "secret"
  @Option var userDomain = "Default"
  @Option var project = "admin"
  @Option var projectDomain = "Default"
  @Option(help: "Chance begins here.")
  var seed: UInt64 = 1
  @Option(help: "What to print at the end: table or json.")
  var format = RunCommand.Format.table

  mutating func validate() throws {
    guard (authURL == nil) != (url == nil) else {
      throw ValidationError("give one of --auth-url and --url")
    }
    guard (1...100_000).contains(users) else {
      throw ValidationError("--users must be from 1 to 100000, not \(users)")
    }
  }

  mutating func run() async throws {
    let target = try PlainURL(authURL ?? url ?? "")
    let plan = try plan(target)
    let length = try interval(duration, "--duration")
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    let (seed, authority) = (seed, target.authority)
    let address = try target.address()
    let load = Task {
      try await LoadClient.run(
        plan: plan, seed: seed,
        target: LoadClient.Target(address: address, host: authority, prefix: target.prefix),
        length: length, on: group.next(),
        collecting: RunDescription(
          load: plan, of: authority, seed: seed, program: FalseworkCommand.version))
    }
    let signals = SignalWatch([SIGINT, SIGTERM]) { _ in load.cancel() }
    defer { withExtendedLifetime(signals) {} }
    let result = try await load.value
    try await group.shutdownGracefully()
    switch format {
    case .table:
      let table = TerminalTable(
        result, width: Terminal.width(of: .output), colours: Terminal.hasColours(.output))
      Terminal.write(table.text, to: .output)
    case .json:
      Terminal.write(String(decoding: ResultJSON(result).bytes, as: UTF8.self), to: .output)
    }
    guard result.verdict == .held else {
      throw CommandEnd(status: result.verdict.exitStatus, message: nil)
    }
  }

  private func plan(_ target: PlainURL) throws(CommandEnd) -> LoadPlan {
    guard let pause = Distribution(parsing: wait) else {
      throw CommandEnd(
        status: .usage, message: "--wait: found '\(wait)', expected \(Distribution.grammar)")
    }
    let task =
      url == nil
      ? LoadTask(
        name: "authenticate-then-validate", weight: 1,
        steps: [
          LoadStep(name: "authenticate", kind: .authenticate, onFailure: .abort),
          LoadStep(name: "validate", kind: .validateOwn, onFailure: .abort),
        ])
      : LoadTask(
        name: "get", weight: 1,
        steps: [
          LoadStep(
            name: "GET \(target.path)",
            kind: .http(
              HTTPStep(method: "GET", path: target.path, headers: [], body: [], expected: [])),
            onFailure: .abort)
        ])
    return LoadPlan(
      model: .closed(
        users: users, spawnEvery: try interval(spawnEvery, "--spawn-every"), wait: pause),
      tasks: [task],
      credentials: [
        Credentials(
          user: username, userDomain: userDomain, password: password, project: project,
          projectDomain: projectDomain)
      ],
      connections: connections == .kept ? .kept : .new,
      connectTimeout: try interval(timeout, "--timeout"),
      timeout: try interval(timeout, "--timeout"))
  }

  private func interval(_ text: String, _ option: String) throws(CommandEnd) -> Interval {
    do {
      return try Interval(parsing: text)
    } catch {
      throw CommandEnd(
        status: .usage, message: "\(option): found '\(text)', expected a duration such as 500ms")
    }
  }
}

/// An `http` URL in its parts.
struct PlainURL {
  let host: String
  let port: Int
  /// With a slash in front.
  let path: String
  /// For the `host` field.
  let authority: String

  init(_ text: String) throws(CommandEnd) {
    let scheme = "http://"
    guard text.hasPrefix(scheme) else {
      throw CommandEnd(
        status: .usage, message: "'\(text)': expected a URL that begins with http://")
    }
    let rest = text.dropFirst(scheme.count)
    let slash = rest.firstIndex(of: "/") ?? rest.endIndex
    authority = String(rest[..<slash])
    path = slash == rest.endIndex ? "/" : String(rest[slash...])
    let parts = authority.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    guard !parts[0].isEmpty, let number = Int(parts.count > 1 ? parts[1] : "80"),
      (1...65_535).contains(number)
    else {
      throw CommandEnd(status: .usage, message: "'\(text)': expected http://host:port/path")
    }
    host = String(parts[0])
    port = number
  }

  /// The path of an identity endpoint before `/v3`.
  var prefix: String {
    var trimmed = path[...]
    while trimmed.hasSuffix("/") { trimmed.removeLast() }
    return String(trimmed.hasSuffix("/v3") ? trimmed.dropLast(3) : trimmed)
  }

  func address() throws(CommandEnd) -> SocketAddress {
    do {
      return try SocketAddress.makeAddressResolvingHost(host, port: port)
    } catch {
      throw CommandEnd(status: .environment, message: "\(host): \(error)")
    }
  }
}
