// SPDX-License-Identifier: Apache-2.0
package import FalseworkCore

package enum CommandTag {}
/// A command that was sent to the runtime API and not yet answered.
package typealias CommandID = ID<CommandTag>
package enum ProbeTag {}
/// A look at a node that is under way.
package typealias ProbeID = ID<ProbeTag>
package enum OperationTag {}
/// Something that was ordered for the whole cluster and is not yet done.
package typealias OperationID = ID<OperationTag>

/// Takes the nodes out batch by batch and brings them back, as an operator would: through the
/// proxy's runtime API, the node's start and stop, and a look at what the node answers.
///
/// For each node of a batch:
///
///     telling ─▶ waiting ─▶ stopping ─▶ down ─▶ probing ─▶ readying ─▶ awaiting UP ─▶ done
///     └─ only when the proxy is told ─┘                    └── only when it was told ──┘
///
/// A node that the proxy does not know is not told about. A batch is done when all its nodes are;
/// then the rotation settles and takes the next. Between batches the plan may have steps for what
/// the nodes share: the database, keys, caches, or a pause. An error from the runtime API, or a node or a
/// runtime API that takes longer than `patience`, ends the rotation with the reason; it never goes
/// on to the next node after one that did not come back.
package struct Rotation: Equatable, Sendable {
  package enum Effect: Equatable, Sendable {
    /// Send one line to the proxy's runtime API and report its whole answer.
    case command(CommandID, String)
    case stop(NodeID, RotationPlan.Signal)
    /// Start the node as the release that the rotation leads to.
    case start(NodeID)
    /// Ask the node itself whether it answers.
    case probe(ProbeID, NodeID)
    /// Do this to the cluster and say how it went.
    case operate(OperationID, RotationStep.Operation)
    case mark(Mark)
    case finished(Outcome)
  }

  package enum Outcome: Equatable, Sendable {
    case completed
    case aborted(String)
  }

  private enum Stage: Equatable, Sendable {
    case pending
    case telling(unanswered: Int, deadline: Instant)
    case waiting(until: Instant)
    case draining(cap: Instant, poll: Instant)
    case stopping(deadline: Instant)
    case down(until: Instant)
    case probing(poll: Instant, deadline: Instant)
    case readying(unanswered: Int, deadline: Instant)
    case awaitingUp(poll: Instant, deadline: Instant)
    case done
  }

  private struct Member: Equatable, Sendable {
    var node: RotationNode
    var stage = Stage.pending
    /// The first command or probe of the present stage; the answer to an older one is ignored.
    /// Any later one counts, since an answer may take longer than the time between two looks.
    var first = 0
    var declaredReady = false
  }

  /// A command or a probe under way.
  private struct Question: Equatable, Sendable {
    var id: Int
    var member: Int
  }

  private enum Phase: Equatable, Sendable {
    case notBegun(at: Instant)
    case inBatch
    case settling(until: Instant)
    case operating(OperationID, deadline: Instant)
    case pausing(until: Instant)
    case finished
  }

  /// A step, with its nodes cut into batches.
  private enum Piece: Equatable, Sendable {
    case batch(Range<Int>)
    case operation(RotationStep.Operation)
    case pause(Interval)
  }

  private let plan: RotationPlan
  private let nodes: [RotationNode]
  private var members: [Member] = []
  private var pieces: [Piece] = []
  private var phase: Phase
  /// The place in `pieces`.
  private var place = 0
  /// Batches that have begun.
  private var batch = 0
  private var sequence = 0
  private var commands: [Question] = []
  private var probes: [Question] = []

  package init(plan: RotationPlan, nodes: [RotationNode], now: Instant) {
    self.plan = plan
    self.nodes = nodes
    phase = .notBegun(at: now + plan.begin)
    for step in plan.program {
      switch step {
      case .operation(let operation): pieces.append(.operation(operation))
      case .pause(let interval): pieces.append(.pause(interval))
      case .nodes(let order):
        let first = members.count
        members += order.map { id in
          guard let node = nodes.first(where: { $0.id == id }) else {
            preconditionFailure("the order names a node that is not there: \(id)")
          }
          return Member(node: node)
        }
        for start in stride(from: first, to: members.count, by: plan.batchSize) {
          pieces.append(.batch(start..<min(members.count, start + plan.batchSize)))
        }
      }
    }
    precondition(!pieces.isEmpty, "a rotation of nothing: \(plan)")
  }

  package var isFinished: Bool { phase == .finished }

  package var nextWake: Instant {
    switch phase {
    case .notBegun(let at): return at
    case .settling(let until), .pausing(let until), .operating(_, let until): return until
    case .finished: return .never
    case .inBatch:
      var earliest = Instant.never
      for index in currentBatch { earliest = min(earliest, Self.wake(of: members[index].stage)) }
      return earliest
    }
  }

  private static func wake(of stage: Stage) -> Instant {
    switch stage {
    case .waiting(let until), .down(let until): until
    case .draining(let cap, let poll): min(cap, poll)
    case .telling(_, let deadline), .stopping(let deadline), .readying(_, let deadline): deadline
    case .probing(let poll, let deadline), .awaitingUp(let poll, let deadline):
      min(poll, deadline)
    case .pending, .done: .never
    }
  }

  private var currentBatch: Range<Int> {
    guard place < pieces.count, case .batch(let range) = pieces[place] else { return 0..<0 }
    return range
  }

  // MARK: Stimuli

  /// Safe to call early: before `nextWake` it does nothing.
  package mutating func wake(now: Instant, into effects: inout [Effect]) {
    switch phase {
    case .notBegun(let at) where now >= at:
      mark(.began, nil, now, into: &effects)
      take(now: now, into: &effects)
    case .settling(let until) where now >= until, .pausing(let until) where now >= until:
      next(now: now, into: &effects)
    case .operating(_, let deadline) where now >= deadline:
      abort("a step took longer than \(plan.patience)", now, into: &effects)
    case .inBatch:
      for index in currentBatch
      where phase == .inBatch && now >= Self.wake(of: members[index].stage) {
        advance(index, now: now, into: &effects)
      }
    case .notBegun, .settling, .operating, .pausing, .finished:
      return
    }
  }

  /// What was ordered for the cluster is done, or refused with this reason.
  package mutating func operated(
    _ operation: OperationID, refusal: String?, now: Instant, into effects: inout [Effect]
  ) {
    guard case .operating(operation, _) = phase, case .operation(let order) = pieces[place] else {
      return
    }
    if let refusal { return abort(refusal, now, into: &effects) }
    let label = order.label { id in nodes.first { $0.id == id }?.name ?? "node \(id)" }
    mark(.operated(label), nil, now, into: &effects)
    next(now: now, into: &effects)
  }

  /// The runtime API answered.
  package mutating func answered(
    _ command: CommandID, _ reply: String, now: Instant, into effects: inout [Effect]
  ) {
    guard phase == .inBatch, let index = Self.take(command.index, from: &commands),
      command.index >= members[index].first
    else { return }
    switch members[index].stage {
    case .telling(let unanswered, let deadline):
      guard accept(reply, index, now: now, into: &effects) else { return }
      members[index].stage = .telling(unanswered: unanswered - 1, deadline: deadline)
      if unanswered == 1 { told(index, now: now, into: &effects) }
    case .readying(let unanswered, let deadline):
      guard accept(reply, index, now: now, into: &effects) else { return }
      members[index].stage = .readying(unanswered: unanswered - 1, deadline: deadline)
      if unanswered == 1 { declared(index, now: now, into: &effects) }
    case .draining:
      if isIdle(index, reply) { stop(index, now: now, into: &effects) }
    case .awaitingUp:
      if isUp(index, reply) {
        mark(.up, index, now, into: &effects)
        finish(index, now: now, into: &effects)
      }
    case .pending, .waiting, .stopping, .down, .probing, .done:
      return
    }
  }

  /// The process of a node is gone.
  package mutating func exited(_ node: NodeID, now: Instant, into effects: inout [Effect]) {
    guard phase == .inBatch,
      let index = currentBatch.first(where: { members[$0].node.id == node }),
      case .stopping = members[index].stage
    else { return }
    mark(.exited, index, now, into: &effects)
    members[index].stage = .down(until: now + plan.down)
    if plan.down == .zero { advance(index, now: now, into: &effects) }
  }

  /// A look at a node ended: it answered, or it did not.
  package mutating func probed(
    _ probe: ProbeID, answered: Bool, now: Instant, into effects: inout [Effect]
  ) {
    guard phase == .inBatch, let index = Self.take(probe.index, from: &probes), answered,
      probe.index >= members[index].first, case .probing = members[index].stage
    else { return }
    mark(.answering, index, now, into: &effects)
    if members[index].declaredReady || !tells(index) {
      confirm(index, now: now, into: &effects)
    } else {
      declareReady(index, now: now, into: &effects)
    }
  }

  // MARK: Steps

  private mutating func next(now: Instant, into effects: inout [Effect]) {
    place += 1
    take(now: now, into: &effects)
  }

  /// Begins the piece at `place`, or ends after the last.
  private mutating func take(now: Instant, into effects: inout [Effect]) {
    guard place < pieces.count else {
      phase = .finished
      mark(.ended, nil, now, into: &effects)
      effects.append(.finished(.completed))
      return
    }
    switch pieces[place] {
    case .batch: beginBatch(now: now, into: &effects)
    case .pause(let interval):
      phase = .pausing(until: now + interval)
      mark(.paused(interval), nil, now, into: &effects)
    case .operation(let operation):
      sequence += 1
      phase = .operating(OperationID(sequence), deadline: now + plan.patience)
      effects.append(.operate(OperationID(sequence), operation))
    }
  }

  private mutating func beginBatch(now: Instant, into effects: inout [Effect]) {
    phase = .inBatch
    batch += 1
    mark(.batchBegan(batch), nil, now, into: &effects)
    for index in currentBatch {
      guard tells(index) else {
        stop(index, now: now, into: &effects)
        continue
      }
      let servers = members[index].node.servers
      enter(index, .telling(unanswered: servers.count, deadline: now + plan.patience))
      for server in servers {
        send("set server \(server) state \(plan.strategy.rawValue)", index, into: &effects)
      }
    }
  }

  /// Whether the proxy is told about this node.
  private func tells(_ index: Int) -> Bool {
    plan.strategy.tells && !members[index].node.servers.isEmpty
  }

  /// What was asked before this moment no longer matters.
  private mutating func enter(_ index: Int, _ stage: Stage) {
    members[index].stage = stage
    members[index].first = sequence + 1
  }

  /// A deadline of one node has come.
  private mutating func advance(_ index: Int, now: Instant, into effects: inout [Effect]) {
    switch members[index].stage {
    case .waiting:
      stop(index, now: now, into: &effects)
    case .draining(let cap, _):
      if now >= cap {
        stop(index, now: now, into: &effects)
      } else {
        members[index].stage = .draining(cap: cap, poll: now + plan.poll)
        send("show stat", index, into: &effects)
      }
    case .telling, .readying:
      abort(
        "the proxy did not answer for \(members[index].node.name) within \(plan.patience)", now,
        into: &effects)
    case .stopping:
      abort("\(members[index].node.name) did not exit within \(plan.patience)", now, into: &effects)
    case .down:
      effects.append(.start(members[index].node.id))
      mark(.started, index, now, into: &effects)
      if tells(index), plan.ready == .atOnce {
        declareReady(index, now: now, into: &effects)
      } else {
        look(index, now: now, into: &effects)
      }
    case .probing(_, let deadline):
      if now >= deadline {
        abort(
          "\(members[index].node.name) did not answer within \(plan.patience)", now, into: &effects)
      } else {
        members[index].stage = .probing(poll: now + plan.poll, deadline: deadline)
        probe(index, into: &effects)
      }
    case .awaitingUp(_, let deadline):
      if now >= deadline {
        abort(
          "the proxy did not take \(members[index].node.name) back within \(plan.patience)", now,
          into: &effects)
      } else {
        members[index].stage = .awaitingUp(poll: now + plan.poll, deadline: deadline)
        send("show stat", index, into: &effects)
      }
    case .pending, .done:
      return
    }
  }

  private mutating func told(_ index: Int, now: Instant, into effects: inout [Effect]) {
    mark(.told, index, now, into: &effects)
    switch plan.wait {
    case .fixed(.zero):
      stop(index, now: now, into: &effects)
    case .fixed(let interval):
      enter(index, .waiting(until: now + interval))
    case .untilIdle(let cap):
      enter(index, .draining(cap: now + cap, poll: now + plan.poll))
      send("show stat", index, into: &effects)
    }
  }

  private mutating func stop(_ index: Int, now: Instant, into effects: inout [Effect]) {
    mark(.stopping, index, now, into: &effects)
    enter(index, .stopping(deadline: now + plan.patience))
    effects.append(.stop(members[index].node.id, plan.signal))
  }

  /// Begins to ask a node that was started whether it answers.
  private mutating func look(_ index: Int, now: Instant, into effects: inout [Effect]) {
    enter(index, .probing(poll: now + plan.poll, deadline: now + plan.patience))
    probe(index, into: &effects)
  }

  private mutating func probe(_ index: Int, into effects: inout [Effect]) {
    sequence += 1
    probes.append(Question(id: sequence, member: index))
    effects.append(.probe(ProbeID(sequence), members[index].node.id))
  }

  private mutating func declareReady(_ index: Int, now: Instant, into effects: inout [Effect]) {
    members[index].declaredReady = true
    let servers = members[index].node.servers
    enter(index, .readying(unanswered: servers.count, deadline: now + plan.patience))
    for server in servers {
      send("set server \(server) state ready", index, into: &effects)
    }
  }

  private mutating func declared(_ index: Int, now: Instant, into effects: inout [Effect]) {
    mark(.ready, index, now, into: &effects)
    // Declared before it answered: the next batch still waits until it does.
    if plan.ready == .atOnce {
      look(index, now: now, into: &effects)
    } else {
      confirm(index, now: now, into: &effects)
    }
  }

  private mutating func confirm(_ index: Int, now: Instant, into effects: inout [Effect]) {
    guard plan.awaitUp else { return finish(index, now: now, into: &effects) }
    enter(index, .awaitingUp(poll: now + plan.poll, deadline: now + plan.patience))
    send("show stat", index, into: &effects)
  }

  private mutating func finish(_ index: Int, now: Instant, into effects: inout [Effect]) {
    members[index].stage = .done
    guard currentBatch.allSatisfy({ members[$0].stage == .done }) else { return }
    mark(.batchEnded(batch), nil, now, into: &effects)
    if place + 1 == pieces.count {
      next(now: now, into: &effects)
    } else {
      phase = .settling(until: now + plan.settle)
    }
  }

  // MARK: The runtime API

  private mutating func send(_ line: String, _ index: Int, into effects: inout [Effect]) {
    sequence += 1
    commands.append(Question(id: sequence, member: index))
    effects.append(.command(CommandID(sequence), line))
  }

  /// The member that asked, once; nil for an answer that nobody waits for any more.
  private static func take(_ id: Int, from questions: inout [Question]) -> Int? {
    guard let place = questions.firstIndex(where: { $0.id == id }) else { return nil }
    return questions.remove(at: place).member
  }

  /// A silent success is an empty answer; any text is an error.
  private mutating func accept(
    _ reply: String, _ index: Int, now: Instant, into effects: inout [Effect]
  ) -> Bool {
    let text = reply.filter { $0 != "\n" && $0 != "\r" }
    guard !text.isEmpty else { return true }
    abort("the proxy refused for \(members[index].node.name): \(text)", now, into: &effects)
    return false
  }

  private func isIdle(_ index: Int, _ reply: String) -> Bool {
    let rows = ShowStat(reply)
    return members[index].node.servers.allSatisfy { rows.value("scur", of: $0) == "0" }
  }

  private func isUp(_ index: Int, _ reply: String) -> Bool {
    let rows = ShowStat(reply)
    return members[index].node.servers.allSatisfy {
      rows.value("status", of: $0).map { $0 == "UP" || $0 == "no check" } ?? false
    }
  }

  private mutating func abort(_ reason: String, _ now: Instant, into effects: inout [Effect]) {
    phase = .finished
    mark(.aborted(reason), nil, now, into: &effects)
    effects.append(.finished(.aborted(reason)))
  }

  private func mark(
    _ step: Mark.Step, _ index: Int?, _ now: Instant, into effects: inout [Effect]
  ) {
    effects.append(.mark(Mark(at: now, node: index.map { members[$0].node.id }, step: step)))
  }
}
