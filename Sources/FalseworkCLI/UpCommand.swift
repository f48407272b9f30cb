// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import FalseworkCore
import FalseworkKeystone
import FalseworkLive
import FalseworkProxy
import FalseworkReport
import FalseworkScenario
import Glibc
import NIOCore
import Synchronization

/// `falsework up`: a cluster that stays up for other clients.
struct UpCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "up",
    abstract: "Keep a scenario's cluster up for other clients, until Ctrl-C.",
    discussion: """
        falsework up specs/scenarios/fixture.yaml
        falsework up specs/scenarios/fixture.yaml --json

      The scenario's load and rotation are left out. Without --json the proxy listens
      where its configuration says. With it, the proxy listens on ports that the
      system picks, so that many can run side by side; one line of JSON says where,
      and the end of standard input ends the cluster.
      """)

  enum Ports: String, ExpressibleByArgument, CaseIterable {
    case configured, any
  }

  @OptionGroup var options: ScenarioOptions

  @Flag(
    help: "Print one line of JSON when everything listens, and end when standard input does.")
  var json = false

  @Option(help: "Where to listen: configured (haproxy.cfg), or any port that is free.")
  var ports: Ports?

  @Option(help: "Keep the database in this file of SQLite; what it holds goes before the scenario.")
  var database: String?

  @Flag(name: .shortAndLong, help: "Do not tell what nodes and proxy do.")
  var quiet = false

  mutating func run() async throws {
    // From here on: whoever reads that it is up may end it at once.
    let signals = SignalStream([SIGINT, SIGTERM])
    let teller = Teller(isSilent: quiet || json)
    let standing = try await StandingCluster.start(
      options, keepsAddresses: (ports ?? (json ? .any : .configured)) == .configured,
      database: database
    ) { teller.tell($0) }
    teller.names = standing.scenario
    Terminal.write(json ? line(standing) : text(standing), to: .output)
    await untilTheEnd(signals)
    try await standing.end()
  }

  private func untilTheEnd(_ signals: SignalStream) async {
    await withTaskGroup(of: Void.self) { group in
      group.addTask { _ = await signals.first() }
      if json { group.addTask { await StandardInput.end() } }
      await group.next()
      group.cancelAll()
    }
  }

  private func text(_ standing: StandingCluster) -> String {
    let scenario = standing.scenario
    let count = scenario.cluster.nodes.count
    var text = "\(scenario.name) is up: \(count) \(count == 1 ? "node" : "nodes") of "
    text += "\(scenario.cluster.release.name) behind the proxy\n\n"
    for (name, url) in standing.nodeURLs { text += "  \(name)  \(url)\n" }
    text += "  runtime API  socat - UNIX-CONNECT:\(standing.cluster.runtimePath)\n\n"
    for (name, value) in standing.environment { text += "export \(name)=\(value)\n" }
    return text + "\nCtrl-C ends it.\n"
  }

  private func line(_ standing: StandingCluster) -> String {
    var json = JSONWriter(.compact)
    json.object { root in
      root.member("url", standing.url)
      root.list("nodes") { nodes in
        for (name, url) in standing.nodeURLs {
          nodes.object {
            $0.member("name", name)
            $0.member("url", url)
          }
        }
      }
      root.member("runtime_socket", standing.cluster.runtimePath)
      root.member("pid", Int(getpid()))
      root.member("environment") { environment in
        for (name, value) in standing.environment { environment.member(name, value) }
      }
    }
    return json.text + "\n"
  }

  /// Tells what happens to nodes and servers, a line each, on standard error.
  private final class Teller: Sendable {
    private let isSilent: Bool
    private let scenario = Mutex<Scenario?>(nil)

    init(isSilent: Bool) {
      self.isSilent = isSilent
    }

    /// Known once the cluster stands: what comes before is how it came to stand.
    var names: Scenario? {
      get { scenario.withLock { $0 } }
      set { scenario.withLock { $0 = newValue } }
    }

    func tell(_ event: RunEvent) {
      guard !isSilent, let scenario = names else { return }
      switch event {
      case .node(let node, let phase, let release, let at):
        say(at, "\(scenario.cluster.nodes[node.index]) is \(phase.rawValue) (\(release))")
      case .noticed(let notice, let at): say(at, notice.text)
      case .request, .proxied, .believed, .mark: return
      }
    }

    private func say(_ at: Instant, _ text: String) {
      TextFile.complain("\((at - .start).secondsText(decimals: 1))s  \(text)")
    }
  }
}

/// The end of standard input, without a thread that is blocked for ever.
enum StandardInput {
  static func end() async {
    var descriptor = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
    var chunk = [UInt8](repeating: 0, count: 4_096)
    while !Task.isCancelled {
      if poll(&descriptor, 1, 0) > 0, read(STDIN_FILENO, &chunk, chunk.count) <= 0 { return }
      do {
        try await Task.sleep(for: .milliseconds(50))
      } catch {
        return
      }
    }
  }
}
