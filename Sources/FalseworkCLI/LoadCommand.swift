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
        falsework load http://127.0.0.1:8080/file --rate 200/s --duration 1m
        falsework load -f journeys.yaml http://127.0.0.1:8080

      With --auth-url each user logs in and validates the token, again and again; a URL
      alone is asked for; with a file, its journeys go to the URL. Ctrl-C ends it with
      the figures so far.

      falsework load read FILE prints a binary log of requests as CSV, and
      falsework load merge DIR ... makes one result of the parts of a load.
      """)

  @Argument(help: "The URL to ask for, or to which the journeys of the file go.")
  var url: String?
  @Option(help: "The identity endpoint, such as http://127.0.0.1:5000/v3.")
  var authURL: String?
  @Option(name: .customLong("url"), help: .hidden)
  var urlOption: String?
  @OptionGroup var flags: LoadFlags
  @Option(
    help: ArgumentHelp(
      "Make this part of the load, such as 2/4: other machines make the others.",
      valueName: "i/n"))
  var parts: String?
  @Option(help: "How long (default: as the file or its stages say, or 10s).")
  var duration: String?
  @OptionGroup var tls: TLSFlags
  @OptionGroup var locust: LocustFlags
  @Option(help: "Wait so long for the target, if it cannot be reached at first.")
  var waitForTarget = "0s"
  @Option(help: "The run is void if the load's own lateness was beyond this once in a hundred.")
  var latenessLimit = "100ms"
  @Option(help: "Chance begins here.")
  var seed: UInt64?
  @OptionGroup var output: OutputOptions

  mutating func validate() throws {
    guard [url, urlOption, authURL].count(where: { $0 != nil }) == 1 else {
      throw ValidationError("give one URL, or --auth-url")
    }
  }

  mutating func run() async throws {
    let url = try TargetURL(authURL ?? url ?? urlOption ?? "")
    let file = try flags.read(
      authURL != nil ? LoadFlags.authentication : LoadFlags.request(of: url.path))
    let base = flags.file == nil ? "" : url.base
    let plan = try part(of: file.plan.prefixed(TextTemplate.quoted(base)))
    let length =
      try duration.map { try Interval($0, of: "--duration") } ?? file.length ?? plan.scheduleLength
      ?? .seconds(10)
    let patience = try Interval(waitForTarget, of: "--wait-for-target")
    let description = RunDescription(
      load: plan, named: flags.file == nil ? "load on \(url.authority)" : file.name,
      about: file.about, thresholds: output.thresholds(file.thresholds), seed: seed ?? file.seed,
      latenessLimit: try Interval(latenessLimit, of: "--lateness-limit"),
      program: FalseworkCommand.version)
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    let target = try await reach(url, plan.connectTimeout, patience: patience, on: group.next())
    if let master = locust.locustMaster {
      try await locust.run(
        master: master, plan: plan, target: target, seed: description.seed, on: group.next())
      return try await group.shutdownGracefully()
    }
    let files = try await RunOutput(output, on: group.next())
    let kept = output.keeping
    let load = Task {
      try await LoadClient.run(
        plan: plan, seed: description.seed, target: target, length: length, on: group.next(),
        collecting: description, keeping: kept, withMetrics: files.wantsMetrics,
        progress: { files.show($0) })
    }
    let signals = SignalWatch([SIGINT, SIGTERM]) { _ in load.cancel() }
    defer { withExtendedLifetime(signals) {} }
    let result = try await load.value
    try await files.end(result)
    try await group.shutdownGracefully()
    guard result.total.failures < result.total.requests else {
      throw CommandEnd(
        status: .missed,
        message: result.total.requests == 0
          ? "no request was made" : "all of \(result.total.requests) requests failed")
    }
  }

  private func part(of plan: LoadPlan) throws(CommandEnd) -> LoadPlan {
    guard let parts else { return plan }
    guard let share = LoadShare(parsing: parts) else {
      throw CommandEnd(
        status: .usage,
        message: "--parts: found '\(parts)', expected I/N such as 2/4, N at most \(LoadShare.most)")
    }
    if case .closed(let users, _, _) = plan.model, share.count(of: users) == 0 {
      throw CommandEnd(status: .usage, message: "--parts \(parts): there are only \(users) users")
    }
    var plan = plan
    plan.share = share
    return plan
  }

  /// The target, as soon as one of its addresses can be reached.
  ///
  /// If none can, the command ends before the run, with the reason.
  private func reach(
    _ url: TargetURL, _ limit: Interval, patience: Interval, on loop: any EventLoop
  ) async throws -> LoadClient.Target {
    let security = url.isSecure ? try tls.options(host: url.host) : nil
    let clock = ContinuousClock()
    let end = clock.now + .nanoseconds(patience.nanoseconds)
    while true {
      var problem = ""
      do {
        for address in try await HostLookup.addresses(of: url.host, port: url.port) {
          let target = LoadClient.Target(
            address: address, host: url.authority, prefix: url.prefix, tls: security)
          do {
            try await TargetProbe.check(target, within: limit, on: loop)
            return target
          } catch let unreachable as UnreachableTarget {
            if problem.isEmpty { problem = "\(unreachable)" }
          }
        }
      } catch let failure as HostLookup.Failure {
        problem = "\(url.host): \(failure.reason)"
      }
      guard clock.now < end else { throw CommandEnd(status: .environment, message: problem) }
      try await Task.sleep(for: .milliseconds(100))
    }
  }
}
