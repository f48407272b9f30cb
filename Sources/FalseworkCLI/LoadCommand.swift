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
  @OptionGroup var tls: TLSFlags
  @OptionGroup var locust: LocustFlags
  @Option(help: "Wait so long for the target, if it cannot be reached at first.")
  var waitForTarget = "0s"
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
    let url = try TargetURL(authURL ?? url ?? "")
    let plan = try plan(url)
    let length = try interval(duration, "--duration")
    let patience = try interval(waitForTarget, "--wait-for-target")
    let target = LoadClient.Target(
      address: try url.address(), host: url.authority, prefix: url.prefix,
      tls: url.isSecure ? try tls.options(host: url.host) : nil)
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    try await Self.reach(target, plan.connectTimeout, patience: patience, on: group.next())
    if let master = locust.locustMaster {
      try await locust.run(
        master: master, plan: plan, target: target, seed: seed, on: group.next())
      return try await group.shutdownGracefully()
    }
    let seed = seed
    let load = Task {
      try await LoadClient.run(
        plan: plan, seed: seed, target: target, length: length, on: group.next(),
        collecting: RunDescription(
          load: plan, of: target.host, seed: seed, program: FalseworkCommand.version))
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

  /// A target that cannot be reached ends the command before the run, with the reason.
  private static func reach(
    _ target: LoadClient.Target, _ limit: Interval, patience: Interval, on loop: any EventLoop
  ) async throws {
    let clock = ContinuousClock()
    let end = clock.now + .nanoseconds(patience.nanoseconds)
    while true {
      do {
        return try await TargetProbe.check(target, within: limit, on: loop)
      } catch let problem as UnreachableTarget {
        guard clock.now < end else {
          throw CommandEnd(status: .environment, message: "\(problem)")
        }
        try await Task.sleep(for: .milliseconds(100))
      }
    }
  }

  private func plan(_ target: TargetURL) throws(CommandEnd) -> LoadPlan {
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
        users: users, spawnEvery: try interval(spawnEvery, "--spawn-every"), wait: .pause(pause)),
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
