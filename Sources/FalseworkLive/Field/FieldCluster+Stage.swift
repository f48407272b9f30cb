// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkKeystone
import FalseworkLoad
import FalseworkProxy
import FalseworkReport
import FalseworkRotation
import FalseworkScenario
import Glibc
import NIOCore

/// What a run does to the field.
extension FieldCluster: RunStage {
  var hands: RotationDriver.Hands {
    RotationDriver.Hands(
      command: { line, done in self.command(line, done) },
      stop: { node, signal in self.stop(node, signal) },
      start: { node in self.start(node, as: self.scenario.cluster.target.name) },
      address: { node in self.places.nodes[node.index] },
      operate: { operation, done in self.operate(operation, done) },
      restore: { node in self.start(node, as: self.scenario.release(of: node).name) })
  }

  var target: LoadClient.Target? {
    .init(address: places.entrance, host: places.authority, prefix: "")
  }

  private func command(_ line: String, _ done: @escaping (String) -> Void) {
    RuntimeClient.ask(line, at: places.socket, within: Self.patience, on: loop) { answer in
      switch answer {
      case .reply(let text), .failed(let text): done(text)
      }
    }
  }

  private func stop(_ node: NodeID, _ signal: RotationPlan.Signal) {
    let commands = plan.commands(of: node)
    let (what, command) =
      switch signal {
      case .terminate: ("stop", commands.stop)
      case .kill: ("kill", commands.kill)
      case .graceful: ("graceful", commands.graceful)
      }
    guard let command else { preconditionFailure("a plan without the command \(what): \(plan)") }
    clock.tick()
    turn(node, signal == .kill ? .refusing : .finishing, at: clock.now)
    run(command, as: what, of: node, [("signal", signal.rawValue)]) { [self] refusal in
      if let refusal { return refused?(node, refusal) ?? () }
      turn(node, .stopped, at: clock.now)
      exited?(node)
    }
  }

  private func start(_ node: NodeID, as release: String) {
    let commands = plan.commands(of: node)
    guard let start = commands.start else { preconditionFailure("a plan without start: \(plan)") }
    clock.tick()
    let isNew = releases[node.index] != release
    releases[node.index] = release
    func begin() {
      turn(node, .starting, at: clock.now)
      run(start, as: "start", of: node, []) { [self] refusal in
        if let refusal { refused?(node, refusal) }
      }
    }
    guard isNew, let upgrade = commands.upgrade else { return begin() }
    run(upgrade, as: "upgrade", of: node, []) { [self] refusal in
      if let refusal { refused?(node, refusal) } else { begin() }
    }
  }

  private func run(
    _ command: String, as what: String, of node: NodeID,
    _ more: [(name: String, value: String)], done: @escaping (String?) -> Void
  ) {
    run(
      command, as: what, of: node, more, within: plan.timeout, log: logs[node.index], done: done)
  }

  private func operate(
    _ operation: RotationStep.Operation, _ done: @escaping (String?) -> Void
  ) {
    let names = scenario.cluster.nodes
    let label = operation.label { names[$0.index] }
    var values: [(name: String, value: String)]
    let command: String?
    var on: NodeID?
    switch operation {
    case .database(let order, let release):
      command = plan.database
      values = [("phase", order.rawValue), ("release", release ?? scenario.cluster.target.name)]
    case .flushCache(let node):
      command = plan.cache
      on = node
      values = node == nil ? [("node", "")] : []
    case .check(let fails, let node):
      command = plan.check
      on = node
      values = [("order", fails ? "fail" : "pass")]
    case .keys(let order, let kind, let node):
      command = plan.keys
      on = node
      values = [("kind", kind.rawValue)]
      switch order {
      case .setup: values += [("order", "setup"), ("to", "")]
      case .rotate: values += [("order", "rotate"), ("to", "")]
      case .remove: values += [("order", "remove"), ("to", "")]
      case .distribute(let to, let half):
        let order = half ? "distribute half" : "distribute"
        let to = to.map { names[$0.index] }.joined(separator: " ")
        values += [("order", order), ("to", to)]
      }
    }
    guard let command else { preconditionFailure("a plan without the command for \(label)") }
    clock.tick()
    run(
      command, as: label, of: on, values, within: plan.timeout, log: clusterLog, done: done)
  }

  func ended(_ outcome: Outcome) {
    guard plan.log != nil, let record = ordinals.ended(outcome) else { return }
    observer(.proxied(record))
  }

  func marked(_ mark: Mark) {
    guard mark.step == .answering, let node = mark.node else { return }
    turn(node, .serving, at: mark.at)
  }

  func beginTool(done: @escaping (String?) -> Void) -> ShellCommand? {
    guard let tool = plan.load else { return nil }
    return run(
      tool.command, as: "load", of: nil, [], within: nil, log: loadLog, done: done)
  }

  /// What it counted since the run began, under the names of `Proxy.figures`.
  func count(_ done: @escaping ([String: Int64]) -> Void) {
    for record in ordinals.strangers(before: .never) { observer(.proxied(record)) }
    let (sums, peaks) = (
      [
        "stot", "econ", "eresp", "wretr", "wredis", "cli_abrt", "srv_abrt", "chkfail", "chkdown",
      ], ["qmax", "smax"]
    )
    let configuration = scenario.proxy.configuration
    let names =
      configuration.backends.map { "\($0.name)/BACKEND" }
      + configuration.servers.indices.map { configuration.fullName(ServerID($0)) }
    command("show stat") { [first] text in
      let last = ShowStat(text)
      var figures: [String: Int64] = [:]
      for name in names {
        for column in sums + peaks {
          guard let value = last.value(column, of: name).flatMap({ Int64($0) }) else { continue }
          let before = first?.value(column, of: name).flatMap { Int64($0) } ?? 0
          figures["\(name).\(column)"] = peaks.contains(column) ? value : value - before
        }
      }
      done(figures)
    }
  }
}
