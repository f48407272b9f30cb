// SPDX-License-Identifier: Apache-2.0
package import FalseworkCore

/// Who decides of a rotation by what is seen: a strategy that somebody writes himself.
///
/// It is pure: the same views give the same orders. It is asked again whenever anything has
/// changed, and
/// says what should be so; an order for what is so already is none.
package protocol RotationStrategy: Equatable, Sendable {
  mutating func decide(_ view: RotationView, into orders: inout [RotationOrder])
}

extension RotationStrategy {
  func isEqual(to other: any RotationStrategy) -> Bool { (other as? Self) == self }
}

/// What an operator sees of the cluster.
package struct RotationView: Equatable, Sendable {
  package enum Process: String, CaseIterable, Equatable, Sendable {
    case running
    /// It was told to stop, and is not yet gone.
    case stopping
    case gone
  }

  package struct Node: Equatable, Sendable {
    package var id: NodeID
    package var name: String
    package var process: Process
    /// A look at the node was answered since it was started.
    package var answers: Bool
    /// It was started as the release that the rotation leads to.
    package var isUpgraded: Bool
    /// As `show stat` has it, of the node's first server that is not UP; empty until it was seen.
    package var status: String
    /// The proxy sends requests to every server of the node.
    package var isUp: Bool
    /// `scur` of all its servers.
    package var inFlight: Int
    /// `weight` of its first server.
    package var weight: Int
  }

  /// Since the rotation began.
  package var elapsed: Interval
  package var nodes: [Node]
  /// Since the rotation began, or since the last order `.count`.
  package var requests: RequestWindow
}

package enum RotationOrder: Equatable, Sendable {
  package enum State: String, CaseIterable, Equatable, Sendable { case maint, drain, ready }

  case tell(NodeID, State)
  /// In percent of the weight that the configuration gives.
  case weigh(NodeID, Int)
  case check(NodeID, fails: Bool)
  case stop(NodeID, RotationPlan.Signal)
  /// As the release that the rotation leads to.
  case start(NodeID)
  /// As the release that it ran before.
  case restore(NodeID)
  /// Requests are counted anew.
  case count
  case note(String)
  case finish
  case abort(String)
}

/// A strategy of somebody's own on its way: what it is shown, and what becomes of its orders.
///
/// `show stat` is asked every `poll`, and so is each node that was started and has not yet
/// answered. A refusal of
/// the proxy, and the end of the `limit`, end it.
package struct StrategyRun: Equatable, Sendable {
  private enum Asked: Equatable, Sendable {
    case statistics
    case state(NodeID, RotationOrder.State)
    case weight(NodeID, Int)
  }

  private struct Question: Equatable, Sendable {
    var id: Int
    var asked: Asked
  }

  private var strategy: any RotationStrategy
  private let nodes: [RotationNode]
  private let poll: Interval
  private let limit: Interval
  private let began: Instant
  private var hasBegun = false
  private var view: RotationView
  private var told: [RotationOrder.State?]
  private var weights: [Int?]
  private var failing: [Bool]
  private var sequence = 0
  private var questions: [Question] = []
  private var probes: [(id: Int, node: Int)] = []
  private var checks: [(id: Int, node: Int)] = []
  private(set) var isFinished = false
  private(set) var nextWake: Instant

  /// - Parameter gone: nodes that do not run.
  init(
    _ strategy: any RotationStrategy, nodes: [RotationNode], gone: [NodeID], poll: Interval,
    limit: Interval, now: Instant
  ) {
    precondition(poll > .zero, "a strategy is asked without a pause")
    self.strategy = strategy
    self.nodes = nodes
    self.poll = poll
    self.limit = limit
    began = now
    nextWake = now
    told = nodes.map { _ in nil }
    weights = nodes.map { _ in nil }
    failing = nodes.map { _ in false }
    view = RotationView(
      elapsed: .zero,
      nodes: nodes.map { node in
        let runs = !gone.contains(node.id)
        return RotationView.Node(
          id: node.id, name: node.name, process: runs ? .running : .gone, answers: runs,
          isUpgraded: false, status: "", isUp: false, inFlight: 0, weight: 0)
      }, requests: RequestWindow())
  }

  package static func == (one: StrategyRun, other: StrategyRun) -> Bool {
    one.strategy.isEqual(to: other.strategy) && one.nodes == other.nodes && one.view == other.view
      && one.sequence == other.sequence && one.questions == other.questions
      && one.nextWake == other.nextWake && one.isFinished == other.isFinished
  }

  // MARK: Stimuli

  mutating func wake(now: Instant, into effects: inout [Rotation.Effect]) {
    guard now >= nextWake, !isFinished else { return }
    if !hasBegun {
      hasBegun = true
      mark(.began, nil, now, into: &effects)
    }
    guard now - began < limit else {
      return end("the strategy did not end within \(limit)", now, into: &effects)
    }
    nextWake = min(now + poll, began + limit)
    questions.removeAll { $0.asked == .statistics }
    ask(.statistics, "show stat", into: &effects)
    for place in view.nodes.indices
    where view.nodes[place].process == .running && !view.nodes[place].answers {
      sequence += 1
      probes.append((sequence, place))
      effects.append(.probe(ProbeID(sequence), view.nodes[place].id))
    }
  }

  mutating func answered(
    _ command: CommandID, _ reply: String, now: Instant, into effects: inout [Rotation.Effect]
  ) {
    guard !isFinished, let place = questions.firstIndex(where: { $0.id == command.index }) else {
      return
    }
    switch questions.remove(at: place).asked {
    case .statistics: look(reply)
    case .state(let node, let state):
      guard accept(reply, node, now, into: &effects) else { return }
      if !questions.contains(where: { $0.asked == .state(node, state) }) {
        mark(state == .ready ? .ready : .told, node, now, into: &effects)
      }
    case .weight(let node, let percent):
      guard accept(reply, node, now, into: &effects) else { return }
      if !questions.contains(where: { $0.asked == .weight(node, percent) }) {
        mark(.weighed(percent), node, now, into: &effects)
      }
    }
    decide(now: now, into: &effects)
  }

  mutating func exited(_ node: NodeID, now: Instant, into effects: inout [Rotation.Effect]) {
    guard !isFinished, let place = self.place(node) else { return }
    view.nodes[place].process = .gone
    view.nodes[place].answers = false
    mark(.exited, node, now, into: &effects)
    decide(now: now, into: &effects)
  }

  /// What was ordered for a node cannot be done.
  mutating func failed(
    _ node: NodeID, _ reason: String, now: Instant, into effects: inout [Rotation.Effect]
  ) {
    guard let place = place(node) else { return }
    end("\(nodes[place].name): \(reason)", now, into: &effects)
  }

  mutating func probed(
    _ probe: ProbeID, answered: Bool, now: Instant, into effects: inout [Rotation.Effect]
  ) {
    guard let place = probes.firstIndex(where: { $0.id == probe.index }) else { return }
    let node = probes.remove(at: place).node
    guard !isFinished, answered, view.nodes[node].process == .running, !view.nodes[node].answers
    else { return }
    view.nodes[node].answers = true
    mark(.answering, view.nodes[node].id, now, into: &effects)
    decide(now: now, into: &effects)
  }

  mutating func operated(
    _ operation: OperationID, refusal: String?, now: Instant,
    into effects: inout [Rotation.Effect]
  ) {
    guard !isFinished, let place = checks.firstIndex(where: { $0.id == operation.index }) else {
      return
    }
    let node = checks.remove(at: place).node
    if let refusal { return end(refusal, now, into: &effects) }
    if failing[node] { mark(.failing, view.nodes[node].id, now, into: &effects) }
  }

  mutating func requestEnded(failed: Bool, took: Interval) {
    view.requests.add(failed: failed, took: took)
  }

  // MARK: Decisions

  private mutating func decide(now: Instant, into effects: inout [Rotation.Effect]) {
    view.elapsed = now - began
    var orders: [RotationOrder] = []
    strategy.decide(view, into: &orders)
    for order in orders where !isFinished { obey(order, now: now, into: &effects) }
  }

  private mutating func obey(
    _ order: RotationOrder, now: Instant, into effects: inout [Rotation.Effect]
  ) {
    switch order {
    case .tell(let node, let state):
      guard let place = place(node), told[place] != state else { return }
      told[place] = state
      for server in nodes[place].servers {
        ask(.state(node, state), "set server \(server) state \(state.rawValue)", into: &effects)
      }
    case .weigh(let node, let percent):
      guard let place = place(node), weights[place] != percent else { return }
      weights[place] = percent
      for server in nodes[place].servers {
        ask(.weight(node, percent), "set server \(server) weight \(percent)%", into: &effects)
      }
    case .check(let node, let fails):
      guard let place = place(node), failing[place] != fails else { return }
      failing[place] = fails
      sequence += 1
      checks.append((sequence, place))
      effects.append(.operate(OperationID(sequence), .check(fails: fails, on: node)))
    case .stop(let node, let signal):
      guard let place = place(node), view.nodes[place].process == .running else { return }
      view.nodes[place].process = .stopping
      view.nodes[place].answers = false
      mark(.stopping, node, now, into: &effects)
      effects.append(.stop(node, signal))
    case .start(let node): start(node, isNew: true, now: now, into: &effects)
    case .restore(let node): start(node, isNew: false, now: now, into: &effects)
    case .count: view.requests = RequestWindow()
    case .note(let text): mark(.noted(text), nil, now, into: &effects)
    case .finish:
      isFinished = true
      nextWake = .never
      mark(.ended, nil, now, into: &effects)
      effects.append(.finished(.completed))
    case .abort(let reason): end(reason, now, into: &effects)
    }
  }

  private mutating func start(
    _ node: NodeID, isNew: Bool, now: Instant, into effects: inout [Rotation.Effect]
  ) {
    guard let place = place(node), view.nodes[place].process == .gone else { return }
    view.nodes[place].process = .running
    view.nodes[place].isUpgraded = isNew
    mark(.started, node, now, into: &effects)
    effects.append(isNew ? .start(node) : .restore(node))
  }

  private mutating func end(
    _ reason: String, _ now: Instant, into effects: inout [Rotation.Effect]
  ) {
    isFinished = true
    nextWake = .never
    mark(.aborted(reason), nil, now, into: &effects)
    effects.append(.finished(.aborted(reason)))
  }

  // MARK: The proxy

  private mutating func ask(
    _ asked: Asked, _ line: String, into effects: inout [Rotation.Effect]
  ) {
    sequence += 1
    questions.append(Question(id: sequence, asked: asked))
    effects.append(.command(CommandID(sequence), line))
  }

  private mutating func accept(
    _ reply: String, _ node: NodeID, _ now: Instant, into effects: inout [Rotation.Effect]
  ) -> Bool {
    let text = reply.filter { $0 != "\n" && $0 != "\r" }
    guard !text.isEmpty else { return true }
    let name = nodes.first { $0.id == node }?.name ?? "node \(node)"
    end("the proxy refused for \(name): \(text)", now, into: &effects)
    return false
  }

  private mutating func look(_ reply: String) {
    let rows = ShowStat(reply)
    for (place, node) in nodes.enumerated() where !node.servers.isEmpty {
      let statuses = node.servers.map { String(rows.value("status", of: $0) ?? "") }
      let other = statuses.first { $0 != "UP" && $0 != "no check" }
      view.nodes[place].status = other ?? statuses[0]
      view.nodes[place].isUp = other == nil
      view.nodes[place].inFlight = node.servers.reduce(0) {
        $0 + (rows.value("scur", of: $1).flatMap { Int($0) } ?? 0)
      }
      view.nodes[place].weight =
        rows.value("weight", of: node.servers[0]).flatMap { Int($0) } ?? 0
    }
  }

  private func place(_ node: NodeID) -> Int? { nodes.firstIndex { $0.id == node } }

  private func mark(
    _ step: Mark.Step, _ node: NodeID?, _ now: Instant, into effects: inout [Rotation.Effect]
  ) {
    effects.append(.mark(Mark(at: now, node: node, step: step)))
  }
}
