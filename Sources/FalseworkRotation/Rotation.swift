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
///     weighing ⇄ holding ─▶ telling ─▶ waiting ─▶ stopping ─▶ down ─▶ probing
///     └ a ramp down ────┘   └─ who is told ────┘                        │
///         done ◀─ holding ⇄ weighing ◀─ awaiting UP ◀─ readying ◀─ weighing
///                 └ a ramp up ─────┘                   └── who was told ──┘
///
/// A node that the proxy does not know is not told about. A batch is done when all its nodes are;
/// then its gate is asked, and the rotation settles and takes the next. Between batches the plan may
/// have steps for what the nodes share: the database, keys, caches, or a pause. An error from the
/// runtime API, a gate that does not hold, or a node or a runtime API that takes longer than
/// `patience`, ends the rotation with the reason, or turns it round: the nodes go back to the release
/// that they came from. It never goes on to the next node after one that did not come back.
package struct Rotation: Equatable, Sendable {
  package enum Effect: Equatable, Sendable {
    /// Send one line to the proxy's runtime API and report its whole answer.
    case command(CommandID, String)
    case stop(NodeID, RotationPlan.Signal)
    /// Start the node as the release that the rotation leads to.
    case start(NodeID)
    /// Start the node as the release that it ran before the rotation.
    case restore(NodeID)
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

  enum Stage: Equatable, Sendable {
    case pending
    case weighing(place: Int, unanswered: Int, deadline: Instant)
    case holding(place: Int, until: Instant)
    case failing(OperationID, deadline: Instant)
    case telling(unanswered: Int, deadline: Instant)
    case waiting(until: Instant)
    case draining(cap: Instant, poll: Instant)
    case stopping(deadline: Instant)
    case passing(OperationID, deadline: Instant, downUntil: Instant)
    case down(until: Instant)
    case probing(poll: Instant, deadline: Instant)
    case readying(unanswered: Int, deadline: Instant)
    case awaitingUp(poll: Instant, deadline: Instant)
    case done
  }

  struct Member: Equatable, Sendable {
    var node: RotationNode
    var move: RotationProgram.Move
    var stage = Stage.pending
    /// The first command or probe of the present stage; the answer to an older one is ignored.
    /// Any later one counts, since an answer may take longer than the time between two looks.
    var first = 0
    var declaredReady = false
    /// It has been stopped, or its process was gone before.
    var wasStopped = false
    /// On its way in.
    var isReturning = false
  }

  /// A command or a probe under way.
  struct Question: Equatable, Sendable {
    var id: Int
    /// Nil for one that is of no single node.
    var member: Int?
  }

  enum Phase: Equatable, Sendable {
    case notBegun(at: Instant)
    /// Enough nodes must be ready before a batch begins.
    case held(poll: Instant, deadline: Instant)
    case inBatch
    case gating(Gating)
    case settling(until: Instant)
    case operating(OperationID, deadline: Instant)
    case pausing(until: Instant)
    case finished
  }

  let plan: RotationPlan
  let nodes: [RotationNode]
  var pieces: [RotationProgram.Piece]
  var phase: Phase
  /// The place in `pieces`.
  var place = 0
  /// Batches that have begun.
  var batch = 0
  /// Of the present batch.
  var members: [Member] = []
  /// Batches that have ended.
  var history: [RotationProgram.Batch] = []
  /// Nodes whose process is gone.
  var gone: [NodeID]
  var sequence = 0
  var commands: [Question] = []
  var probes: [Question] = []
  /// Since the beginning of the present batch.
  var window = RequestWindow()
  /// The floor has been reported to hold the rotation up.
  var isHeld = false
  /// The database can be used by the old release no more.
  var isContracted = false
  /// Why the nodes go back.
  var isGoingBack: String?
  /// A strategy of somebody's own, which does all of it in the place of a plan.
  private var own: StrategyRun?

  package init(plan: RotationPlan, nodes: [RotationNode], now: Instant) {
    self.plan = plan
    self.nodes = nodes
    gone = plan.spares
    phase = .notBegun(at: now + plan.begin)
    pieces = RotationProgram(plan).pieces
    precondition(!pieces.isEmpty, "a rotation of nothing: \(plan)")
    for case .batch(let batch) in pieces {
      let strangers = batch.moves.filter { move in !nodes.contains { $0.id == move.node } }
      precondition(strangers.isEmpty, "the plan names nodes that are not there: \(strangers)")
    }
  }

  /// A rotation by a strategy of somebody's own.
  ///
  /// - Parameters:
  ///   - gone: nodes that do not run.
  ///   - poll: between two looks at the proxy and at nodes.
  ///   - limit: when it is ended, if it does not end by itself.
  package init(
    strategy: any RotationStrategy, nodes: [RotationNode], gone: [NodeID], poll: Interval,
    limit: Interval, now: Instant
  ) {
    plan = .standard
    self.nodes = nodes
    self.gone = gone
    phase = .notBegun(at: now)
    pieces = []
    own = StrategyRun(
      strategy, nodes: nodes, gone: gone, poll: poll, limit: limit, now: now)
  }

  package var isFinished: Bool { own?.isFinished ?? (phase == .finished) }

  /// It wants to know how requests end.
  package var watchesRequests: Bool { own != nil || plan.watchesRequests }

  package var nextWake: Instant {
    if let own { return own.nextWake }
    return switch phase {
    case .notBegun(let at): at
    case .held(let poll, let deadline): min(poll, deadline)
    case .gating(let gating): gating.nextWake
    case .settling(let until), .pausing(let until), .operating(_, let until): until
    case .finished: .never
    case .inBatch:
      members.reduce(.never) { min($0, Self.wake(of: $1.stage)) }
    }
  }

  private static func wake(of stage: Stage) -> Instant {
    switch stage {
    case .waiting(let until), .down(let until), .holding(_, let until): until
    case .draining(let cap, let poll): min(cap, poll)
    case .telling(_, let deadline), .stopping(let deadline), .readying(_, let deadline),
      .weighing(_, _, let deadline), .failing(_, let deadline), .passing(_, let deadline, _):
      deadline
    case .probing(let poll, let deadline), .awaitingUp(let poll, let deadline):
      min(poll, deadline)
    case .pending, .done: .never
    }
  }

  // MARK: Stimuli

  /// Safe to call early: before `nextWake` it does nothing.
  package mutating func wake(now: Instant, into effects: inout [Effect]) {
    if own != nil { return own!.wake(now: now, into: &effects) }
    switch phase {
    case .notBegun(let at) where now >= at:
      mark(.began, nil, now, into: &effects)
      take(now: now, into: &effects)
    case .held(let poll, let deadline) where now >= min(poll, deadline):
      held(deadline: deadline, now: now, into: &effects)
    case .gating(let gating) where now >= gating.nextWake:
      gate(gating, now: now, into: &effects)
    case .settling(let until) where now >= until, .pausing(let until) where now >= until:
      next(now: now, into: &effects)
    case .operating(_, let deadline) where now >= deadline:
      giveUp("a step took longer than \(plan.patience)", now, into: &effects)
    case .inBatch:
      let number = batch
      for index in members.indices
      where phase == .inBatch && batch == number && now >= Self.wake(of: members[index].stage) {
        advance(index, now: now, into: &effects)
      }
    case .notBegun, .held, .gating, .settling, .operating, .pausing, .finished:
      return
    }
  }

  /// What was ordered for the cluster is done, or refused with this reason.
  package mutating func operated(
    _ operation: OperationID, refusal: String?, now: Instant, into effects: inout [Effect]
  ) {
    if own != nil {
      return own!.operated(operation, refusal: refusal, now: now, into: &effects)
    }
    if phase == .inBatch {
      return checkSet(operation, refusal: refusal, now: now, into: &effects)
    }
    guard case .operating(operation, _) = phase, case .operation(let order) = pieces[place] else {
      return
    }
    if let refusal { return giveUp(refusal, now, into: &effects) }
    switch order {
    case .database(.contract, _), .database(.sync, _): isContracted = true
    case .database, .keys, .flushCache, .check: break
    }
    let label = order.label { id in nodes.first { $0.id == id }?.name ?? "node \(id)" }
    mark(.operated(label), nil, now, into: &effects)
    next(now: now, into: &effects)
  }

  /// The runtime API answered.
  package mutating func answered(
    _ command: CommandID, _ reply: String, now: Instant, into effects: inout [Effect]
  ) {
    if own != nil { return own!.answered(command, reply, now: now, into: &effects) }
    guard let question = Self.take(command.index, from: &commands) else { return }
    guard let index = question.member else {
      return counted(reply, now: now, into: &effects)
    }
    guard phase == .inBatch, command.index >= members[index].first else { return }
    answered(index, reply, now: now, into: &effects)
  }

  /// The process of a node is gone.
  package mutating func exited(_ node: NodeID, now: Instant, into effects: inout [Effect]) {
    if own != nil { return own!.exited(node, now: now, into: &effects) }
    if !gone.contains(node) { gone.append(node) }
    guard phase == .inBatch,
      let index = members.firstIndex(where: { $0.node.id == node }),
      case .stopping = members[index].stage
    else { return }
    mark(.exited, index, now, into: &effects)
    left(index, now: now, into: &effects)
  }

  /// What was ordered for a node of the batch cannot be done: an operator's own command failed.
  package mutating func failed(
    _ node: NodeID, _ reason: String, now: Instant, into effects: inout [Effect]
  ) {
    if own != nil { return own!.failed(node, reason, now: now, into: &effects) }
    guard phase == .inBatch,
      let index = members.firstIndex(where: {
        $0.node.id == node && $0.stage != .pending && $0.stage != .done
      })
    else { return }
    giveUp("\(members[index].node.name): \(reason)", now, into: &effects)
  }

  /// A look at a node ended: it answered, or it did not.
  package mutating func probed(
    _ probe: ProbeID, answered: Bool, now: Instant, into effects: inout [Effect]
  ) {
    if own != nil { return own!.probed(probe, answered: answered, now: now, into: &effects) }
    guard let index = Self.take(probe.index, from: &probes)?.member, phase == .inBatch, answered,
      probe.index >= members[index].first, case .probing = members[index].stage
    else { return }
    mark(.answering, index, now, into: &effects)
    if members[index].declaredReady || !comesBack(index) {
      confirm(index, now: now, into: &effects)
    } else {
      comeBack(index, now: now, into: &effects)
    }
  }

  /// A request of the load ended. Only a plan that `watchesRequests` wants to know.
  package mutating func requestEnded(
    failed: Bool, took: Interval, now: Instant, into effects: inout [Effect]
  ) {
    if own != nil { return own!.requestEnded(failed: failed, took: took) }
    guard batch > 0, phase != .finished, isGoingBack == nil else { return }
    window.add(failed: failed, took: took)
    if failed { spent(now: now, into: &effects) }
  }

  // MARK: Steps

  mutating func next(now: Instant, into effects: inout [Effect]) {
    place += 1
    take(now: now, into: &effects)
  }

  /// Begins the piece at `place`, or ends after the last.
  mutating func take(now: Instant, into effects: inout [Effect]) {
    guard place < pieces.count else { return end(now: now, into: &effects) }
    switch pieces[place] {
    case .batch(let batch):
      if plan.floor != nil, isGoingBack == nil, batch.moves.contains(where: \.course.takesAway) {
        phase = .held(poll: now + plan.poll, deadline: now + plan.patience)
        count(into: &effects)
      } else {
        begin(batch, now: now, into: &effects)
      }
    case .pause(let interval):
      phase = .pausing(until: now + interval)
      mark(.paused(interval), nil, now, into: &effects)
    case .operation(let operation):
      phase = .operating(operate(operation, into: &effects), deadline: now + plan.patience)
    }
  }

  mutating func operate(
    _ operation: RotationStep.Operation, into effects: inout [Effect]
  ) -> OperationID {
    sequence += 1
    effects.append(.operate(OperationID(sequence), operation))
    return OperationID(sequence)
  }

  mutating func begin(
    _ next: RotationProgram.Batch, now: Instant, into effects: inout [Effect]
  ) {
    phase = .inBatch
    batch += 1
    isHeld = false
    window = RequestWindow()
    commands.removeAll(keepingCapacity: true)
    probes.removeAll(keepingCapacity: true)
    members = next.moves.map { move in
      Member(node: nodes.first { $0.id == move.node }!, move: move)
    }
    mark(.batchBegan(batch), nil, now, into: &effects)
    let number = batch
    for index in members.indices where phase == .inBatch && batch == number {
      begin(index, now: now, into: &effects)
    }
  }

  mutating func finish(_ index: Int, now: Instant, into effects: inout [Effect]) {
    members[index].stage = .done
    guard members.allSatisfy({ $0.stage == .done }), case .batch(let ended) = pieces[place] else {
      return
    }
    mark(.batchEnded(batch), nil, now, into: &effects)
    history.append(ended)
    if let gate = ended.gate, isGoingBack == nil {
      open(gate, now: now, into: &effects)
    } else {
      settle(now: now, into: &effects)
    }
  }

  mutating func settle(now: Instant, into effects: inout [Effect]) {
    if place + 1 == pieces.count {
      next(now: now, into: &effects)
    } else {
      phase = .settling(until: now + plan.settle)
    }
  }

  private mutating func end(now: Instant, into effects: inout [Effect]) {
    if let reason = isGoingBack { return abort("\(reason); rolled back", now, into: &effects) }
    phase = .finished
    mark(.ended, nil, now, into: &effects)
    effects.append(.finished(.completed))
  }

  mutating func abort(_ reason: String, _ now: Instant, into effects: inout [Effect]) {
    phase = .finished
    mark(.aborted(reason), nil, now, into: &effects)
    effects.append(.finished(.aborted(reason)))
  }

  // MARK: The runtime API

  /// - Parameter index: of the member that asks; nil for the rotation itself.
  mutating func send(_ line: String, _ index: Int?, into effects: inout [Effect]) {
    sequence += 1
    commands.append(Question(id: sequence, member: index))
    effects.append(.command(CommandID(sequence), line))
  }

  /// The question that this answers, once; nil for an answer that nobody waits for any more.
  private static func take(_ id: Int, from questions: inout [Question]) -> Question? {
    guard let place = questions.firstIndex(where: { $0.id == id }) else { return nil }
    return questions.remove(at: place)
  }

  func mark(_ step: Mark.Step, _ index: Int?, _ now: Instant, into effects: inout [Effect]) {
    effects.append(.mark(Mark(at: now, node: index.map { members[$0].node.id }, step: step)))
  }
}
