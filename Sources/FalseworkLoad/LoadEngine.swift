// SPDX-License-Identifier: Apache-2.0
import DequeModule
package import FalseworkCore

/// Plays the users: decides which request is due when, on which connection, and how it went.
///
/// A *runner* is one user at a time: in the closed model it lives as long as the load, in the open
/// model it is taken from a pool for each arrival. It has at most one connection and one request:
///
///     resting ─due→ connecting ─→ waiting for the answer ─→ next step … ─→ resting
///                   (skipped while its connection lives)
///
/// A connection that the server closed between two requests costs nothing: the next request opens
/// another. One that it closes under a request is that request's failure; nothing is ever sent
/// twice.
package struct LoadEngine: Sendable {
  package enum Effect: Equatable, Sendable {
    case connect(SlotID)
    case send(SlotID, Call)
    case close(SlotID)
    case ended(Outcome)
    /// After `stop`: nothing is in flight any more.
    case finished
  }

  /// What an answer was, as far as the engine looks at it.
  package struct Reply: Equatable, Sendable {
    package var status: Int
    package var subjectToken: String?
    package var keepAlive: Bool
    /// Who says that it answered, by the plan's `serverField`.
    package var server: String?
    package var bodyBytes = 0

    package init(status: Int, subjectToken: String?, keepAlive: Bool) {
      self.status = status
      self.subjectToken = subjectToken
      self.keepAlive = keepAlive
    }
  }

  package struct Counts: Equatable, Sendable {
    package var sent = 0
    package var ok = 0
    package var failed = 0
    /// Arrivals of the open model that were due before the stop and that no user took up: they
    /// are not among the requests, but somebody would have waited.
    package var missed = 0
    package var inFlight: Int { sent - ok - failed }

    package init(sent: Int = 0, ok: Int = 0, failed: Int = 0, missed: Int = 0) {
      self.sent = sent
      self.ok = ok
      self.failed = failed
      self.missed = missed
    }
  }

  private enum Stage: Equatable, Sendable {
    /// Waits for its time, or, in the open model, for an arrival.
    case resting
    case connecting
    case awaiting
  }

  private struct Runner: Sendable {
    var stage = Stage.resting
    var slot: SlotID?
    /// Of its connection, also when that has just gone.
    var localPort: UInt16 = 0
    var requests = 0
    var task = 0
    var step = 0
    var journey = 0
    var token: IssuedToken?
    /// The token of the pool that the current request uses.
    var pooled: IssuedToken?
    /// Of the token that the current request carries.
    var tokenNumber = 0
    var tokenIssued = Instant.never
    /// The step needs a token from the pool, which is empty: it gets one of its own first.
    var preliminary = false
    var number = 0
    var due = Instant.start
    var began = Instant.never
    var sent = Instant.never
    var firstByte = Instant.never
    var newConnection = true
    var lackedToken = false
  }

  /// A token that this load was given, by the request that asked for it.
  private struct IssuedToken: Sendable {
    var text: String
    var number: Int
    var issued: Instant
  }

  package private(set) var counts = Counts()
  private let plan: LoadPlan
  /// For each task whether a step of it revokes its token, which nobody else may use then.
  private let revokes: [Bool]
  private var runners: [Runner] = []
  /// The runner of each connection.
  private var slots = Slab<SlotTag, Int>()
  private var timers = DeadlineTable()
  private var sequence: InterleavedSequence
  private var generator: SeededGenerator
  private var journeys = 0
  private var stopping = false
  private var finished = false
  /// Tokens that some user was given and nobody revokes, newest last, at most `poolLimit`.
  private var pool: Deque<IssuedToken> = []
  private static let poolLimit = 1_024

  // The open model.
  private var nextArrival = Instant.never
  private var idle: [Int] = []
  /// Arrivals that found no free runner, by the time they were due.
  private var backlog: Deque<Instant> = []
  /// Beyond this an arrival is only counted, as missed: the run is void long before.
  private static let backlogLimit = 1_000_000

  package init(plan: LoadPlan, seed: UInt64, now: Instant) {
    precondition(
      !plan.tasks.isEmpty && plan.tasks.allSatisfy { !$0.steps.isEmpty }
        && !plan.credentials.isEmpty, "a load of nothing: \(plan)")
    if case .open(let every, _, let limit) = plan.model {
      precondition(every > .zero && limit > 0, "an open load without end: \(plan.model)")
    }
    self.plan = plan
    revokes = plan.tasks.map { $0.steps.contains { $0.kind == .revoke } }
    sequence = InterleavedSequence(weights: plan.tasks.map(\.weight))
    generator = SeededGenerator(seed: seed, stream: "load")
    switch plan.model {
    case .closed(let users, let spawnEvery, _):
      for user in 0..<users {
        runners.append(Runner())
        timers.set(user, to: now + spawnEvery * Int64(user))
      }
    case .open:
      nextArrival = now
    }
  }

  package var nextWake: Instant { min(timers.next, nextArrival) }

  /// Users that have begun: in the open model as many as it needed at a time so far.
  package private(set) var users = 0

  // MARK: Stimuli

  /// Safe to call early: before `nextWake` it does nothing.
  package mutating func wake(now: Instant, into effects: inout [Effect]) {
    while nextArrival <= now, nextArrival != .never { arrive(now: now, into: &effects) }
    while true {
      let deadline = timers.next
      guard let runner = timers.popDue(now: now) else { return }
      switch runners[runner].stage {
      case .resting: beginJourney(runner, due: deadline, now: now, into: &effects)
      case .connecting:
        let late = now >= runners[runner].due + plan.timeout
        fail(runner, late ? .timeout : .connectTimeout, now: now, into: &effects)
      case .awaiting:
        // The first byte may have come meanwhile: then the time for the whole answer counts.
        let whole = runners[runner].due + plan.timeout
        if now >= whole {
          fail(runner, .timeout, now: now, into: &effects)
        } else if runners[runner].firstByte == .never {
          fail(runner, .firstByteTimeout, now: now, into: &effects)
        } else {
          timers.set(runner, to: whole)
        }
      }
    }
  }

  package mutating func connected(
    _ slot: SlotID, localPort: UInt16, now: Instant, into effects: inout [Effect]
  ) {
    // A connection that came up after its time was over is closed by the world.
    guard let runner = slots[slot], runners[runner].stage == .connecting else { return }
    runners[runner].localPort = localPort
    send(runner, slot, now: now, into: &effects)
  }

  package mutating func connectFailed(
    _ slot: SlotID, _ why: ConnectFailure, now: Instant, into effects: inout [Effect]
  ) {
    guard let runner = slots[slot], runners[runner].stage == .connecting else { return }
    drop(runner)
    let verdict: Outcome.Verdict =
      switch why {
      case .refused: .refused
      case .unreachable: .unreachable
      case .handshake: .tls
      case .resources: .resources
      }
    end(runner, verdict, status: 0, now: now, into: &effects)
  }

  /// The first byte of the answer has come.
  package mutating func firstByte(_ slot: SlotID, now: Instant) {
    guard let runner = slots[slot], runners[runner].stage == .awaiting else { return }
    if runners[runner].firstByte == .never { runners[runner].firstByte = now }
  }

  package mutating func answered(
    _ id: SlotID, _ reply: Reply, now: Instant, into effects: inout [Effect]
  ) {
    guard let runner = slots[id], runners[runner].stage == .awaiting else { return }
    if runners[runner].firstByte == .never { runners[runner].firstByte = now }
    if !reply.keepAlive || plan.connections == .new {
      effects.append(.close(id))
      drop(runner)
    }
    let verdict = judge(runner, reply)
    if isAuthentication(runner) {
      if verdict == .ok, let token = reply.subjectToken { keep(token, runner, now: now) }
    } else if verdict != .ok, let token = runners[runner].pooled {
      // Expired or revoked, perhaps: asking for it again and again would only count the same.
      if let place = pool.firstIndex(where: { $0.number == token.number }) {
        pool.remove(at: place)
      }
    }
    end(
      runner, verdict, status: reply.status, server: reply.server, bodyBytes: reply.bodyBytes,
      now: now, into: &effects)
  }

  package mutating func malformed(
    _ slot: SlotID, now: Instant, into effects: inout [Effect]
  ) {
    guard let runner = slots[slot] else { return }
    guard runners[runner].stage != .resting else {
      // Bytes that nobody asked for: the connection is of no use.
      effects.append(.close(slot))
      drop(runner)
      return
    }
    fail(runner, .malformed, now: now, into: &effects)
  }

  /// TLS broke on a connection that was up: the server did not like the client's certificate, for
  /// example, of which TLS 1.3 tells only after the handshake.
  package mutating func secrecyLost(
    _ slot: SlotID, now: Instant, into effects: inout [Effect]
  ) {
    guard let runner = slots[slot] else { return }
    guard runners[runner].stage != .resting else {
      effects.append(.close(slot))
      drop(runner)
      return
    }
    fail(runner, .tls, now: now, into: &effects)
  }

  /// The server ended the connection.
  package mutating func closed(
    _ id: SlotID, _ how: CloseKind, now: Instant, into effects: inout [Effect]
  ) {
    guard let runner = slots[id] else { return }
    drop(runner)
    guard runners[runner].stage != .resting else { return }
    let verdict: Outcome.Verdict =
      runners[runner].firstByte != .never ? .truncated : how == .fin ? .closed : .reset
    end(runner, verdict, status: 0, now: now, into: &effects)
  }

  /// No new journey begins; what is in flight ends in its own time.
  package mutating func stop(now: Instant, into effects: inout [Effect]) {
    stopping = true
    nextArrival = .never
    counts.missed += backlog.count
    backlog.removeAll()
    for index in runners.indices where runners[index].stage == .resting { timers.remove(index) }
    finishIfIdle(into: &effects)
  }

  private mutating func finishIfIdle(into effects: inout [Effect]) {
    guard stopping, !finished, counts.inFlight == 0 else { return }
    finished = true
    for slot in slots.handles { effects.append(.close(slot)) }
    slots.removeAll()
    for index in runners.indices { runners[index].slot = nil }
    effects.append(.finished)
  }

  // MARK: Arrivals of the open model

  private mutating func arrive(now: Instant, into effects: inout [Effect]) {
    guard case .open(let every, let arrivals, let limit) = plan.model else { return }
    let due = nextArrival
    switch arrivals {
    case .even:
      nextArrival = due + every
    case .poisson:
      nextArrival = due + Distribution.exponentialStep(mean: every, using: &generator)
    }
    if let runner = idle.popLast() {
      takeUp(runner, due: due, now: now, into: &effects)
    } else if runners.count < limit {
      runners.append(Runner())
      takeUp(runners.count - 1, due: due, now: now, into: &effects)
    } else if backlog.count < Self.backlogLimit {
      backlog.append(due)
    } else {
      counts.missed += 1
    }
  }

  /// Begins the journey of an arrival, or of the first behind it in the backlog that has not been
  /// waiting for longer than a request may take: whoever did has gone away unserved, which is a
  /// timeout.
  private mutating func takeUp(
    _ runner: Int, due: Instant?, now: Instant, into effects: inout [Effect]
  ) {
    var arrival = due ?? backlog.popFirst()
    while let due = arrival {
      assign(runner, due: due)
      if now < due + plan.timeout {
        return beginStep(runner, due: due, now: now, into: &effects)
      }
      number(runner, due: due)
      record(runner, .timeout, status: 0, now: now, into: &effects)
      arrival = backlog.popFirst()
    }
    idle.append(runner)
  }

  // MARK: Journeys

  private mutating func beginJourney(
    _ runner: Int, due: Instant, now: Instant, into effects: inout [Effect]
  ) {
    assign(runner, due: due)
    beginStep(runner, due: due, now: now, into: &effects)
  }

  private mutating func assign(_ runner: Int, due: Instant) {
    if runners[runner].journey == 0 { users += 1 }
    journeys += 1
    runners[runner].journey = journeys
    runners[runner].task = sequence.next()
    runners[runner].step = 0
    runners[runner].token = nil
  }

  private func kind(_ runner: Int) -> LoadStep.Kind {
    plan.tasks[runners[runner].task].steps[runners[runner].step].kind
  }

  private func isAuthentication(_ runner: Int) -> Bool {
    runners[runner].preliminary || kind(runner) == .authenticate
  }

  private mutating func keep(_ text: String, _ runner: Int, now: Instant) {
    let token = IssuedToken(text: text, number: runners[runner].number, issued: now)
    runners[runner].token = token
    guard !revokes[runners[runner].task] else { return }
    if pool.count == Self.poolLimit { pool.removeFirst() }
    pool.append(token)
  }

  private mutating func number(_ runner: Int, due: Instant) {
    counts.sent += 1
    runners[runner].number = counts.sent
    runners[runner].due = due
    runners[runner].began = .never
    runners[runner].sent = .never
    runners[runner].firstByte = .never
    runners[runner].newConnection = runners[runner].slot == nil
    if runners[runner].newConnection {
      runners[runner].localPort = 0
      runners[runner].requests = 0
    }
    runners[runner].lackedToken = false
    runners[runner].pooled = nil
    runners[runner].tokenNumber = 0
    runners[runner].tokenIssued = .never
    runners[runner].preliminary =
      kind(runner) == .validatePooled && pool.isEmpty && runners[runner].token == nil
  }

  private mutating func beginStep(
    _ runner: Int, due: Instant, now: Instant, into effects: inout [Effect]
  ) {
    number(runner, due: due)
    runners[runner].began = now
    if let slot = runners[runner].slot {
      send(runner, slot, now: now, into: &effects)
    } else {
      runners[runner].stage = .connecting
      let slot = slots.insert(runner)
      runners[runner].slot = slot
      timers.set(runner, to: min(now + plan.connectTimeout, due + plan.timeout))
      effects.append(.connect(slot))
    }
  }

  private mutating func send(
    _ runner: Int, _ slot: SlotID, now: Instant, into effects: inout [Effect]
  ) {
    runners[runner].requests += 1
    runners[runner].stage = .awaiting
    runners[runner].sent = now
    timers.set(runner, to: min(now + plan.firstByteTimeout, runners[runner].due + plan.timeout))
    effects.append(.send(slot, call(runner)))
  }

  private mutating func call(_ runner: Int) -> Call {
    if runners[runner].preliminary { return authentication(runner) }
    switch kind(runner) {
    case .authenticate:
      return authentication(runner)
    case .validateOwn:
      return .validate(token: own(runner))
    case .validatePooled:
      if runners[runner].token != nil { return .validate(token: own(runner)) }
      guard !pool.isEmpty else {
        // Emptied since the step began: a refused token was taken out.
        runners[runner].preliminary = true
        return authentication(runner)
      }
      let token = pool[Int(generator.below(UInt64(pool.count)))]
      runners[runner].pooled = token
      return .validate(token: carry(token, runner))
    case .catalog:
      return .catalog(token: own(runner))
    case .revoke:
      return .revoke(token: own(runner))
    case .http:
      return .http(task: runners[runner].task, step: runners[runner].step)
    }
  }

  /// The journey's token, which the request should have and may lack.
  private mutating func own(_ runner: Int) -> String? {
    guard let token = runners[runner].token else {
      runners[runner].lackedToken = true
      return nil
    }
    return carry(token, runner)
  }

  private mutating func carry(_ token: IssuedToken, _ runner: Int) -> String {
    runners[runner].tokenNumber = token.number
    runners[runner].tokenIssued = token.issued
    return token.text
  }

  private func authentication(_ runner: Int) -> Call {
    .authenticate(credentials: runner % plan.credentials.count)
  }

  private func judge(_ runner: Int, _ reply: Reply) -> Outcome.Verdict {
    if isAuthentication(runner) {
      guard reply.status == 201 else { return .status(reply.status) }
      return reply.subjectToken == nil ? .tokenMissing : .ok
    }
    let good =
      switch kind(runner) {
      case .authenticate: reply.status == 201
      case .validateOwn, .validatePooled, .catalog: reply.status == 200
      case .revoke: reply.status == 204
      case .http(let step):
        step.expected.isEmpty
          ? (200...399).contains(reply.status) : step.expected.contains(reply.status)
      }
    return good ? .ok : .status(reply.status)
  }

  /// A failure of our own making or seeing: the connection goes with the request.
  private mutating func fail(
    _ runner: Int, _ verdict: Outcome.Verdict, now: Instant, into effects: inout [Effect]
  ) {
    if let id = runners[runner].slot { effects.append(.close(id)) }
    drop(runner)
    end(runner, verdict, status: 0, now: now, into: &effects)
  }

  /// Forgets the runner's connection.
  private mutating func drop(_ runner: Int) {
    if let slot = runners[runner].slot { slots.remove(slot) }
    runners[runner].slot = nil
  }

  private mutating func end(
    _ index: Int, _ verdict: Outcome.Verdict, status: Int, server: String? = nil,
    bodyBytes: Int = 0, now: Instant, into effects: inout [Effect]
  ) {
    timers.remove(index)
    record(
      index, verdict, status: status, server: server, bodyBytes: bodyBytes, now: now,
      into: &effects)
    let steps = plan.tasks[runners[index].task].steps
    let step = runners[index].step
    if stopping {
      rest(index, now: now, into: &effects)
    } else if runners[index].preliminary {
      guard verdict == .ok else { return rest(index, now: now, into: &effects) }
      beginStep(index, due: now, now: now, into: &effects)
    } else if step + 1 < steps.count, verdict == .ok || steps[step].onFailure == .goOn {
      runners[index].step += 1
      beginStep(index, due: now, now: now, into: &effects)
    } else {
      rest(index, now: now, into: &effects)
    }
  }

  private mutating func record(
    _ index: Int, _ verdict: Outcome.Verdict, status: Int, server: String? = nil,
    bodyBytes: Int = 0, now: Instant, into effects: inout [Effect]
  ) {
    if verdict == .ok { counts.ok += 1 } else { counts.failed += 1 }
    let runner = runners[index]
    effects.append(
      .ended(
        Outcome(
          number: runner.number, task: runner.task, step: runner.step, user: index,
          journey: runner.journey, due: runner.due, sent: runner.sent,
          firstByte: runner.firstByte, done: now, newConnection: runner.newConnection,
          localPort: runner.localPort, ordinal: runner.requests, status: status,
          verdict: verdict, lackedToken: runner.lackedToken, preliminary: runner.preliminary,
          began: runner.began, server: server, bodyBytes: bodyBytes,
          tokenNumber: runner.tokenNumber, tokenIssued: runner.tokenIssued)))
  }

  private mutating func rest(_ index: Int, now: Instant, into effects: inout [Effect]) {
    runners[index].stage = .resting
    if stopping { return finishIfIdle(into: &effects) }
    switch plan.model {
    case .closed(_, _, let wait):
      timers.set(index, to: now + wait.sample(using: &generator))
    case .open:
      takeUp(index, due: nil, now: now, into: &effects)
    }
  }
}
