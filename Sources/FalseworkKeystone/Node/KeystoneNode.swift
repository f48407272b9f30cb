// SPDX-License-Identifier: Apache-2.0
import DequeModule
package import FalseworkCore

package enum NodeConnectionTag {}
/// A connection to a node; the world hands the names out.
package typealias NodeConnectionID = Handle<NodeConnectionTag>

/// One Keystone node: a process with a life, workers, and an identity service.
///
/// It decides when the socket listens, which request is worked on when, what becomes of requests
/// when the process stops. The phases are drawn and described at `NodePhase`. It does not parse
/// HTTP and knows nothing of the proxy.
package struct KeystoneNode: Sendable {
  package struct Options: Equatable, Sendable {
    package var times: NodeTimes
    package var service: ServiceModel
    /// Work is done on a machine that the node shares with others: how long it takes is the
    /// machine's to say. False is a core for every worker.
    package var sharesMachine: Bool

    package init(times: NodeTimes, service: ServiceModel, sharesMachine: Bool = false) {
      self.times = times
      self.service = service
      self.sharesMachine = sharesMachine
    }
  }

  package enum Effect: Equatable, Sendable {
    /// Open the listening socket.
    case listen
    /// Close it: whoever connects now is refused.
    case unlisten
    /// Send the answer; with `close`, end the connection after it.
    case answer(NodeConnectionID, KeystoneAnswer, close: Bool)
    /// End the connection without an answer.
    case close(NodeConnectionID, CloseKind)
    /// The node is now in this phase.
    case turned(NodePhase)
    /// The process is gone.
    case exited
    /// Work for the machine, in time of one core; `worked` says when it is done. Only of a node that
    /// shares one.
    case work(NodeTask, Interval)
    /// Whoever did this work is gone.
    case abandon(NodeTask)
  }

  /// What is lent to the node while it works.
  package struct Context {
    package var now: Instant
    package var wall: UTCTime
    package var store: IdentityStore

    package init(now: Instant, wall: UTCTime, store: IdentityStore) {
      self.now = now
      self.wall = wall
      self.store = store
    }
  }

  package struct Request: Equatable, Sendable {
    package var call: KeystoneCall
    /// Scheme and authority for links in the answer.
    package var base: String
    /// False leaves the body of a token answer out.
    package var rendered: Bool
    /// The connection ends after the answer.
    package var close: Bool

    package init(call: KeystoneCall, base: String, rendered: Bool, close: Bool) {
      self.call = call
      self.base = base
      self.rendered = rendered
      self.close = close
    }
  }

  private struct Slot: Sendable {
    var id: NodeConnectionID
    var request: Request?
    var working = false
    var task: NodeTask?
    /// Came after the order to stop: never answered.
    var doomed = false
  }

  package let id: NodeID
  package let name: String
  package private(set) var phase = NodePhase.stopped
  /// Its keys, its cache and its settings may change while it runs.
  package var identity: IdentityService

  private let options: Options
  private var generator: SeededGenerator
  private var slots: [Slot?] = []
  private var queue: Deque<NodeConnectionID> = []
  private var working = 0
  private var timers = DeadlineTable()
  /// Ends of requests whose client went away: a worker does not notice and stays busy.
  private var abandoned: Deque<Instant> = []
  /// A start that came while the process was still going.
  private var startNext: Release?
  /// What the machine works on for this node, in the order in which it was begun.
  private var tasks: [Piece] = []
  private var lastTask = NodeTask(0)
  /// Workers whose application is loaded, of those that are counted.
  private var loadedWorkers: Int
  /// Workers that have answered nothing since they were started.
  private var coldWorkers = 0

  private struct Piece: Sendable {
    enum Purpose: Equatable, Sendable {
      case load
      /// Nil once the client went away: a worker does not notice and stays busy.
      case request(NodeConnectionID?)
    }

    var id: NodeTask
    var purpose: Purpose
  }
  /// Since when the application answers, and how long its caches take to fill; nil if they are full.
  private var warming: (since: Instant, takes: Interval)?

  // Keys of the timer table; connections follow.
  private static let phaseTimer = 0
  private static let cutTimer = 1
  private static let goneTimer = 2
  private static let firstConnectionTimer = 3

  package init(
    id: NodeID, name: String, options: Options, identity: IdentityService, seed: UInt64
  ) {
    precondition(options.service.workers >= 0 && options.service.backlog >= 0, "\(options)")
    self.id = id
    self.name = name
    self.options = options
    self.identity = identity
    loadedWorkers = options.service.workers
    generator = SeededGenerator(seed: seed, stream: "node/\(name)")
  }

  package var nextWake: Instant { min(timers.next, abandoned.first ?? .never) }
  package var release: Release { identity.release }
  /// Requests that a worker has.
  package var inFlight: Int { working }
  package var queued: Int { queue.count }

  /// A process reads its keys at each use; whoever reads them for it says when they are others.
  package mutating func keysChanged(_ change: (inout IdentityService.Options) -> Void) {
    change(&identity.options)
  }

  // MARK: Life

  /// Starts the process as this release. While it runs already this does nothing; while it is still
  /// stopping, it starts when it is gone.
  package mutating func start(as release: Release, now: Instant, into effects: inout [Effect]) {
    switch phase {
    case .stopped:
      identity.release = release
      turn(.starting, into: &effects)
      timers.set(Self.phaseTimer, to: now + sample(options.times.listens))
    case .zombie, .finishing, .refusing:
      startNext = release
    case .starting, .loading, .serving:
      return
    }
  }

  /// Makes the node one that has been serving since before the run: a cluster stands when it is
  /// first looked at.
  package mutating func begin(as release: Release, now: Instant, into effects: inout [Effect]) {
    precondition(phase == .stopped, "\(name) has begun already: \(phase)")
    identity.release = release
    effects.append(.listen)
    turn(.serving, into: &effects)
  }

  /// Whatever start was waiting for the old process to go is off.
  package mutating func stop(_ signal: StopSignal, now: Instant, into effects: inout [Effect]) {
    startNext = nil
    switch (signal, phase) {
    case (_, .stopped):
      return
    case (.kill, .refusing):
      // It is going already; it can only be gone sooner.
      let gone = min(timers.deadline(of: Self.goneTimer), now + sample(options.times.killed))
      timers.set(Self.goneTimer, to: gone)
    case (.kill, _):
      let listening = isListening
      let gone = now + sample(options.times.killed)
      closeAll(into: &effects)
      let dies = sample(options.times.dies)
      if listening, dies > .zero {
        // The last of its processes still has the socket.
        stopLoading(into: &effects)
        turn(.zombie, into: &effects)
        timers.remove(Self.cutTimer)
        timers.set(Self.phaseTimer, to: now + dies)
        timers.set(Self.goneTimer, to: max(gone, now + dies))
        return
      }
      if listening { effects.append(.unlisten) }
      refuse(untilGone: gone, into: &effects)
    case (_, .zombie), (_, .finishing), (_, .refusing):
      return
    case (_, .starting):
      refuse(untilGone: now + sample(options.times.gone), into: &effects)
    case (.terminate, .loading), (.terminate, .serving):
      let idle = working == 0 ? sample(options.times.idle) : .zero
      stopLoading(into: &effects)
      turn(.zombie, into: &effects)
      timers.set(Self.cutTimer, to: now + sample(options.times.cut))
      timers.set(Self.phaseTimer, to: now + sample(options.times.zombie) + idle)
      timers.set(Self.goneTimer, to: now + sample(options.times.gone) + idle)
    case (.graceful, .loading), (.graceful, .serving):
      // An application that is not loaded finishes nothing: who waited for it is dropped.
      if phase == .loading { closeAll(into: &effects) }
      stopLoading(into: &effects)
      turn(.finishing, into: &effects)
      timers.set(Self.phaseTimer, to: now + sample(options.times.finishing))
      // The worker is idle by then.
      timers.set(
        Self.goneTimer, to: now + sample(options.times.gone) + sample(options.times.idle))
    }
  }

  private var isListening: Bool {
    switch phase {
    case .stopped, .starting, .refusing: false
    case .loading, .serving, .finishing, .zombie: true
    }
  }

  private mutating func turn(_ next: NodePhase, into effects: inout [Effect]) {
    phase = next
    effects.append(.turned(next))
  }

  private mutating func refuse(untilGone gone: Instant, into effects: inout [Effect]) {
    stopLoading(into: &effects)
    turn(.refusing, into: &effects)
    timers.remove(Self.phaseTimer)
    timers.remove(Self.cutTimer)
    timers.set(Self.goneTimer, to: gone)
  }

  /// Workers that are not loaded yet never will be.
  private mutating func stopLoading(into effects: inout [Effect]) {
    for task in tasks where task.purpose == .load { effects.append(.abandon(task.id)) }
    tasks.removeAll { $0.purpose == .load }
  }

  private mutating func sample(_ distribution: Distribution) -> Interval {
    distribution.sample(using: &generator)
  }

  // MARK: Connections

  /// Somebody connected to the listening socket.
  package mutating func accepted(
    _ connection: NodeConnectionID, now: Instant, into effects: inout [Effect]
  ) {
    while slots.count <= Int(connection.index) { slots.append(nil) }
    slots[Int(connection.index)] = Slot(
      id: connection, doomed: phase == .zombie || phase == .finishing)
  }

  package mutating func closed(_ connection: NodeConnectionID, now: Instant) {
    guard let slot = slot(connection) else { return }
    if let task = slot.task {
      tasks[index(of: task)].purpose = .request(nil)
      working += 1
    } else if slot.working {
      let end = timers.deadline(of: Self.firstConnectionTimer + Int(connection.index))
      abandoned.insert(end, at: abandoned.firstIndex { $0 > end } ?? abandoned.endIndex)
      working += 1
    } else if slot.request != nil {
      queue.removeAll { $0 == connection }
    }
    forget(slot)
  }

  /// A request came in whole. One at a time on a connection.
  package mutating func requested(
    _ connection: NodeConnectionID, _ request: Request, _ context: inout Context,
    into effects: inout [Effect]
  ) {
    // A request on a connection that was dropped is lost with it.
    guard var slot = slot(connection), slot.request == nil else { return }
    slot.request = request
    slots[Int(connection.index)] = slot
    if slot.doomed { return }
    switch phase {
    case .serving, .finishing:
      if hasIdleWorker {
        work(on: connection, &context, into: &effects)
      } else {
        hold(slot, into: &effects)
      }
    case .loading, .zombie:
      hold(slot, into: &effects)
    case .stopped, .starting, .refusing:
      // A connection cannot outlive the socket's process.
      forget(slot)
      effects.append(.close(connection, .reset))
    }
  }

  private mutating func hold(_ slot: Slot, into effects: inout [Effect]) {
    guard queue.count < options.service.backlog else {
      forget(slot)
      effects.append(.close(slot.id, .reset))
      return
    }
    queue.append(slot.id)
  }

  private func slot(_ connection: NodeConnectionID) -> Slot? {
    guard Int(connection.index) < slots.count, let slot = slots[Int(connection.index)],
      slot.id == connection
    else { return nil }
    return slot
  }

  private mutating func forget(_ slot: Slot) {
    let index = Int(slot.id.index)
    slots[index] = nil
    timers.remove(Self.firstConnectionTimer + index)
    if slot.working { working -= 1 }
  }

  private mutating func closeAll(
    where wanted: (Bool) -> Bool = { _ in true }, into effects: inout [Effect]
  ) {
    for index in slots.indices {
      guard let slot = slots[index], wanted(slot.doomed) else { continue }
      if let task = slot.task {
        tasks.remove(at: self.index(of: task))
        effects.append(.abandon(task))
      }
      forget(slot)
      effects.append(.close(slot.id, .fin))
    }
    for task in tasks where task.purpose == .request(nil) {
      working -= 1
      effects.append(.abandon(task.id))
    }
    tasks.removeAll { $0.purpose == .request(nil) }
    let waiting = queue.filter { slot($0) != nil }
    queue = waiting
    // The process that works on them is the one that is told to stop.
    working -= abandoned.count
    abandoned.removeAll()
  }

  // MARK: Work

  private mutating func work(
    on connection: NodeConnectionID, _ context: inout Context, into effects: inout [Effect]
  ) {
    guard let slot = slot(connection), let request = slot.request else { return }
    var time = cold(sample(cost(of: request.call, context)), now: context.now)
    // A look at the version document warms nothing.
    if coldWorkers > 0, request.call.operation != .discovery {
      coldWorkers -= 1
      time = time + sample(options.times.first)
    }
    working += 1
    slots[Int(connection.index)]!.working = true
    if time <= .zero {
      finish(connection, &context, into: &effects)
    } else if options.sharesMachine {
      slots[Int(connection.index)]!.task = begin(
        .request(connection), time: time, into: &effects)
    } else {
      timers.set(Self.firstConnectionTimer + Int(connection.index), to: context.now + time)
    }
  }

  private var hasIdleWorker: Bool {
    options.service.workers == 0 || working < loadedWorkers
  }

  private mutating func begin(
    _ purpose: Piece.Purpose, time: Interval, into effects: inout [Effect]
  ) -> NodeTask {
    lastTask = NodeTask(lastTask.index + 1)
    tasks.append(Piece(id: lastTask, purpose: purpose))
    effects.append(.work(lastTask, time))
    return lastTask
  }

  private func index(of task: NodeTask) -> Int {
    guard let index = tasks.firstIndex(where: { $0.id == task }) else {
      preconditionFailure("\(name) works on nothing that is task \(task): \(tasks)")
    }
    return index
  }

  /// The machine has done this work. Word of work that was abandoned meanwhile is ignored.
  package mutating func worked(
    _ task: NodeTask, _ context: inout Context, into effects: inout [Effect]
  ) {
    guard let place = tasks.firstIndex(where: { $0.id == task }) else { return }
    switch tasks.remove(at: place).purpose {
    case .load:
      workerLoaded(&context, into: &effects)
    case .request(nil):
      working -= 1
      workerFreed(&context, into: &effects)
    case .request(let connection?):
      finish(connection, &context, into: &effects)
      workerFreed(&context, into: &effects)
    }
  }

  /// Each worker loads the application by itself; the first that has it begins to answer.
  private mutating func workerLoaded(_ context: inout Context, into effects: inout [Effect]) {
    loadedWorkers += 1
    switch phase {
    case .loading: phaseEnded(&context, into: &effects)
    case .serving: feedWorkers(&context, into: &effects)
    case .stopped, .starting, .zombie, .finishing, .refusing: return
    }
  }

  /// What a request costs as long as the caches fill.
  private mutating func cold(_ time: Interval, now: Instant) -> Interval {
    guard let warming else { return time }
    let passed = now - warming.since
    guard passed < warming.takes else {
      self.warming = nil
      return time
    }
    let left = Double((warming.takes - passed).nanoseconds) / Double(warming.takes.nanoseconds)
    let factor = 1 + Double(options.times.cold - 100) / 100 * left
    return .nanoseconds(Int64(Double(time.nanoseconds) * factor))
  }

  private func cost(of call: KeystoneCall, _ context: Context) -> Distribution {
    guard let uncached = options.service.uncached,
      case .validate(_, let subject, _, _, _, _) = call,
      !identity.holds(subject, now: context.wall, store: context.store)
    else { return options.service.time(of: call.operation) }
    return uncached
  }

  private mutating func finish(
    _ connection: NodeConnectionID, _ context: inout Context, into effects: inout [Effect]
  ) {
    guard let slot = slot(connection), let request = slot.request else { return }
    let answer = identity.answer(
      request.call, now: context.wall, base: request.base, rendered: request.rendered,
      store: &context.store)
    if request.close {
      forget(slot)
    } else {
      working -= 1
      slots[Int(connection.index)] = Slot(id: connection)
    }
    effects.append(.answer(connection, answer, close: request.close))
  }

  private mutating func feedWorkers(_ context: inout Context, into effects: inout [Effect]) {
    while hasIdleWorker, let next = queue.popFirst() {
      work(on: next, &context, into: &effects)
    }
  }

  /// Safe to call early: before `nextWake` it does nothing.
  package mutating func wake(_ context: inout Context, into effects: inout [Effect]) {
    while true {
      if let end = abandoned.first, end <= context.now, end <= timers.next {
        abandoned.removeFirst()
        working -= 1
        workerFreed(&context, into: &effects)
        continue
      }
      guard let key = timers.popDue(now: context.now) else { return }
      switch key {
      case Self.phaseTimer: phaseEnded(&context, into: &effects)
      case Self.cutTimer:
        // What came before the signal is cut; what came after is held as a zombie's.
        closeAll(where: { doomed in !doomed }, into: &effects)
      case Self.goneTimer: gone(now: context.now, into: &effects)
      default:
        guard let slot = slots[key - Self.firstConnectionTimer] else { continue }
        finish(slot.id, &context, into: &effects)
        workerFreed(&context, into: &effects)
      }
    }
  }

  private mutating func workerFreed(_ context: inout Context, into effects: inout [Effect]) {
    guard phase == .serving || phase == .finishing else { return }
    feedWorkers(&context, into: &effects)
    if phase == .finishing, timers.deadline(of: Self.phaseTimer) == .never {
      endFinishing(into: &effects)
    }
  }

  private mutating func phaseEnded(_ context: inout Context, into effects: inout [Effect]) {
    switch phase {
    case .starting:
      effects.append(.listen)
      turn(.loading, into: &effects)
      coldWorkers = options.times.first == .constant(.zero) ? 0 : options.service.workers
      guard options.sharesMachine else {
        timers.set(Self.phaseTimer, to: context.now + sample(options.times.loads))
        return
      }
      loadedWorkers = 0
      for _ in 0..<max(1, options.service.workers) {
        let time = sample(options.times.loads)
        _ = begin(.load, time: max(time, .nanoseconds(1)), into: &effects)
      }
    case .loading:
      guard identity.refusalToStart == nil else {
        // The application leaves with an error, and takes the process with it.
        closeAll(into: &effects)
        effects.append(.unlisten)
        return refuse(untilGone: context.now, into: &effects)
      }
      turn(.serving, into: &effects)
      // Drawn only where it plays a part: chance is the same for a node that has no such time.
      if options.times.cold != 100 {
        warming = (context.now, sample(options.times.warmUp))
      }
      feedWorkers(&context, into: &effects)
    case .zombie:
      closeAll(into: &effects)
      effects.append(.unlisten)
      turn(.refusing, into: &effects)
    case .finishing:
      endFinishing(into: &effects)
    case .stopped, .serving, .refusing:
      preconditionFailure("no timer runs in \(phase) of \(name)")
    }
  }

  /// The socket closes when the time is over and nothing is in flight.
  private mutating func endFinishing(into effects: inout [Effect]) {
    guard working == 0, queue.isEmpty else { return }
    closeAll(into: &effects)
    effects.append(.unlisten)
    turn(.refusing, into: &effects)
  }

  private mutating func gone(now: Instant, into effects: inout [Effect]) {
    switch phase {
    case .zombie:
      closeAll(into: &effects)
      effects.append(.unlisten)
    case .finishing:
      guard working == 0, queue.isEmpty else {
        // The last request ends the process; until then look again.
        timers.set(Self.goneTimer, to: now + .milliseconds(10))
        return
      }
      closeAll(into: &effects)
      effects.append(.unlisten)
    case .refusing: break
    case .stopped, .starting, .loading, .serving: return
    }
    timers.remove(Self.phaseTimer)
    timers.remove(Self.cutTimer)
    turn(.stopped, into: &effects)
    effects.append(.exited)
    if let release = startNext {
      startNext = nil
      start(as: release, now: now, into: &effects)
    }
  }
}
