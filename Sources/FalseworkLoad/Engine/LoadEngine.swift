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
    /// What the step wants of it (`CallWriter.wants`).
    package var content = AnswerContent()

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

  enum Stage: Equatable, Sendable {
    /// Waits for its time, or, in the open model, for an arrival.
    case resting
    /// Pauses between two steps of its journey.
    case thinking
    case connecting
    case awaiting
  }

  struct Runner: Sendable {
    var stage = Stage.resting
    var slot: SlotID?
    /// Of its connection, also when that has just gone.
    var localPort: UInt16 = 0
    var requests = 0
    var task = 0
    var step = 0
    var journey = 0
    var journeyBegan = Instant.start
    var token: IssuedToken?
    /// What the steps of its journey captured.
    var captured = ValueTable()
    /// The values of the current request.
    var values = ValueTable()
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

    var isAsking: Bool { stage == .connecting || stage == .awaiting }
  }

  package internal(set) var counts = Counts()
  let plan: LoadPlan
  let programs: [[StepProgram]]
  /// For each task whether a step of it revokes its token, which nobody else may use then.
  let revokes: [Bool]
  var runners: [Runner] = []
  /// The runner of each connection.
  var slots = Slab<SlotTag, Int>()
  var timers = DeadlineTable()
  private var sequence: InterleavedSequence
  var generator: SeededGenerator
  /// Of a part of a load: chance that all parts share, so that they draw the same arrivals.
  private var common: SeededGenerator
  private var journeys = 0
  private var stopping = false
  private var finished = false
  var pool: TokenPool
  var scratch = Pattern.Scratch()
  /// For comparing; kept so that it allocates nothing.
  var expected: [UInt8] = []

  // The open model.
  private var nextArrival = Instant.never
  /// Of the next arrival, if its schedule says which.
  private var nextTask: Int?
  private var arrivalClock: ArrivalClock?
  private var idle: [Int] = []
  /// Arrivals that found no free runner.
  private var backlog: Deque<Waiting> = []

  private struct Waiting: Sendable {
    var due: Instant
    var task: Int?
  }
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
    let ages = plan.ages
    programs = StepProgram.all(plan, ages: ages)
    pool = TokenPool(ages: ages)
    revokes = plan.tasks.map { $0.steps.contains { $0.kind.revokes } }
    sequence = InterleavedSequence(weights: plan.tasks.map(\.weight))
    let share = plan.share
    generator = SeededGenerator(
      seed: seed, stream: share.isWhole ? "load" : "load/\(share.index)")
    common = SeededGenerator(seed: seed, stream: "arrivals")
    for _ in 0..<share.index { _ = sequence.next() }
    switch plan.model {
    case .closed(let users, let spawnEvery, _):
      for user in 0..<share.count(of: users) {
        runners.append(Runner())
        timers.set(user, to: now + spawnEvery * Int64(share.whole(user)))
      }
    case .open(let every, let arrivals, _):
      nextArrival = now
      for _ in 0..<share.index { nextArrival = nextArrival + step(every, arrivals) }
    case .scheduled(let schedule, let limit):
      precondition(limit > 0, "a load without users: \(plan.model)")
      arrivalClock =
        share.isWhole
        ? ArrivalClock(schedule, begin: now, using: &generator)
        : ArrivalClock(schedule, begin: now, using: &common)
      advanceSchedule(by: share.index + 1)
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
      case .thinking: beginStep(runner, due: deadline, now: now, into: &effects)
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
    let verdict = judge(runner, reply, now: now)
    if verdict != .ok, let token = runners[runner].pooled { pool.remove(token.number) }
    end(
      runner, verdict, status: reply.status, server: reply.server, bodyBytes: reply.bodyBytes,
      now: now, into: &effects)
  }

  package mutating func malformed(
    _ slot: SlotID, now: Instant, into effects: inout [Effect]
  ) {
    guard let runner = slots[slot] else { return }
    guard runners[runner].isAsking else {
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
    guard runners[runner].isAsking else { return }
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
    for index in runners.indices where !runners[index].isAsking { timers.remove(index) }
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
    let arrival = Waiting(due: nextArrival, task: nextTask)
    let most: Int
    switch plan.model {
    case .closed: return
    case .open(let every, let arrivals, let limit):
      for _ in 0..<plan.share.count { nextArrival = nextArrival + step(every, arrivals) }
      most = limit
    case .scheduled(_, let limit):
      advanceSchedule(by: plan.share.count)
      most = limit
    }
    if let runner = idle.popLast() {
      takeUp(runner, arrival, now: now, into: &effects)
    } else if runners.count < most {
      runners.append(Runner())
      takeUp(runners.count - 1, arrival, now: now, into: &effects)
    } else if backlog.count < Self.backlogLimit {
      backlog.append(arrival)
    } else {
      counts.missed += 1
    }
  }

  /// From one arrival of the whole load to the next.
  private mutating func step(_ every: Interval, _ arrivals: LoadPlan.Arrivals) -> Interval {
    switch arrivals {
    case .even: every
    case .poisson:
      plan.share.isWhole
        ? Distribution.exponentialStep(mean: every, using: &generator)
        : Distribution.exponentialStep(mean: every, using: &common)
    }
  }

  private mutating func advanceSchedule(by count: Int) {
    for _ in 0..<count {
      let next =
        plan.share.isWhole
        ? arrivalClock?.next(using: &generator) : arrivalClock?.next(using: &common)
      nextArrival = next?.due ?? .never
      nextTask = next?.task
    }
  }

  /// The next task of this part of the mix.
  private mutating func takeTask() -> Int {
    let task = sequence.next()
    for _ in 1..<plan.share.count { _ = sequence.next() }
    return task
  }

  /// Begins the journey of an arrival, or of the first behind it in the backlog that has not been
  /// waiting for longer than a request may take: whoever did has gone away unserved, which is a
  /// timeout.
  private mutating func takeUp(
    _ runner: Int, _ new: Waiting?, now: Instant, into effects: inout [Effect]
  ) {
    var arrival = new ?? backlog.popFirst()
    while let next = arrival {
      assign(runner, next.task, due: next.due)
      if now < next.due + plan.timeout {
        return beginStep(runner, due: next.due, now: now, into: &effects)
      }
      number(runner, due: next.due)
      record(runner, .timeout, status: 0, now: now, into: &effects)
      arrival = backlog.popFirst()
    }
    idle.append(runner)
  }

  // MARK: Journeys

  private mutating func beginJourney(
    _ runner: Int, due: Instant, now: Instant, into effects: inout [Effect]
  ) {
    assign(runner, nil, due: due)
    beginStep(runner, due: due, now: now, into: &effects)
  }

  private mutating func assign(_ runner: Int, _ task: Int?, due: Instant) {
    if runners[runner].journey == 0 { users += 1 }
    journeys += 1
    runners[runner].journey = journeys
    runners[runner].task = task ?? takeTask()
    runners[runner].step = 0
    runners[runner].journeyBegan = due
    runners[runner].token = nil
    runners[runner].captured.removeAll()
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
    let (task, step) = (runners[runner].task, runners[runner].step)
    runners[runner].preliminary =
      programs[task][step].borrows && runners[runner].token == nil
      && pool.isEmpty(programs[task][step].age)
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
    effects.append(.send(slot, call(runner, now: now)))
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
      guard let think = steps[step + 1].think else {
        return beginStep(index, due: now, now: now, into: &effects)
      }
      runners[index].stage = .thinking
      timers.set(index, to: now + think.sample(using: &generator))
    } else {
      rest(index, now: now, into: &effects)
    }
  }

  private mutating func record(
    _ index: Int, _ verdict: Outcome.Verdict, status: Int, server: String? = nil,
    bodyBytes: Int = 0, now: Instant, into effects: inout [Effect]
  ) {
    if verdict == .ok { counts.ok += 1 } else { counts.failed += 1 }
    effects.append(.ended(runners[index].outcome(index, verdict, status, server, bodyBytes, now)))
  }

  private mutating func rest(_ index: Int, now: Instant, into effects: inout [Effect]) {
    runners[index].stage = .resting
    if stopping { return finishIfIdle(into: &effects) }
    if plan.connections == .journey, let slot = runners[index].slot {
      effects.append(.close(slot))
      drop(index)
    }
    switch plan.model {
    case .closed(_, _, .pause(let pause)):
      timers.set(index, to: now + pause.sample(using: &generator))
    case .closed(_, _, .pacing(let every)):
      timers.set(index, to: max(now, runners[index].journeyBegan + every))
    case .open, .scheduled:
      takeUp(index, nil, now: now, into: &effects)
    }
  }
}

extension LoadEngine.Runner {
  func outcome(
    _ user: Int, _ verdict: Outcome.Verdict, _ status: Int, _ server: String?, _ bodyBytes: Int,
    _ now: Instant
  ) -> Outcome {
    var outcome = Outcome(
      number: number, task: task, step: step, user: user, journey: journey, due: due, sent: sent,
      firstByte: firstByte, done: now, newConnection: newConnection, localPort: localPort,
      ordinal: requests, status: status, verdict: verdict, lackedToken: lackedToken,
      preliminary: preliminary)
    outcome.began = began
    outcome.server = server
    outcome.bodyBytes = bodyBytes
    outcome.tokenNumber = tokenNumber
    outcome.tokenIssued = tokenIssued
    return outcome
  }
}
