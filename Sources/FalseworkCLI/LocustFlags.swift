// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import FalseworkLive
import FalseworkLoad
import FalseworkReport
import FalseworkScenario
import Glibc
import NIOCore

/// `falsework load` as a worker of a Locust master.
struct LocustFlags: ParsableArguments {
  @Option(help: "Be a worker of this Locust master, host:port; it says how many users, and when.")
  var locustMaster: String?
  @Option(help: "A class of the master's and the task that its users run, class=task.")
  var locustClass: [String] = []

  /// Runs until the master is done with this worker.
  func run(
    master: String, plan: LoadPlan, target: LoadClient.Target, seed: UInt64,
    on loop: any EventLoop
  ) async throws {
    let options = LocustSession.Options(
      master: try Self.address(master), plan: plan, tasks: try tasks(plan), target: target,
      seed: seed)
    let worker = Task {
      try await LocustSession.run(options, on: loop) { line in
        TextFile.complain("locust: \(line)")
      }
    }
    let signals = SignalWatch([SIGINT, SIGTERM]) { _ in worker.cancel() }
    defer { withExtendedLifetime(signals) {} }
    if let problem = try await worker.value {
      throw CommandEnd(status: .environment, message: "\(master): \(problem)")
    }
  }

  private func tasks(_ plan: LoadPlan) throws(CommandEnd) -> [String: String] {
    var tasks: [String: String] = [:]
    for text in locustClass {
      let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
      guard parts.count == 2, plan.tasks.contains(where: { $0.name == parts[1] }) else {
        let known = plan.tasks.map(\.name).joined(separator: ", ")
        throw CommandEnd(
          status: .usage,
          message: "--locust-class: found '\(text)', expected class=task with a task of: \(known)")
      }
      tasks[parts[0]] = parts[1]
    }
    return tasks
  }

  private static func address(_ text: String) throws(CommandEnd) -> SocketAddress {
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    guard let host = parts.first, !host.isEmpty,
      let port = Int(parts.count > 1 ? parts[1] : "5557"), (1...65_535).contains(port)
    else {
      throw CommandEnd(
        status: .usage, message: "--locust-master: found '\(text)', expected host:port")
    }
    do {
      return try SocketAddress.makeAddressResolvingHost(String(host), port: port)
    } catch {
      throw CommandEnd(status: .environment, message: "\(host): no such host")
    }
  }
}
