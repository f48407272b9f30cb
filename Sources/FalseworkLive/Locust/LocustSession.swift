// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
package import FalseworkLoad
import Glibc
package import NIOCore

/// This process as a worker of a Locust master, from the first connection to the master's `quit`.
///
/// Confined to its event loop.
package final class LocustSession: @unchecked Sendable {
  package struct Options: Sendable {
    package var master: SocketAddress
    /// A plan of the closed model; how many users it has is the master's to say.
    package var plan: LoadPlan
    /// Which task a class of the master's runs, where their names differ.
    package var tasks: [String: String]
    package var target: LoadClient.Target
    package var seed: UInt64

    package init(
      master: SocketAddress, plan: LoadPlan, tasks: [String: String], target: LoadClient.Target,
      seed: UInt64
    ) {
      self.master = master
      self.plan = plan
      self.tasks = tasks
      self.target = target
      self.seed = seed
    }
  }

  private let options: Options
  private let loop: any EventLoop
  private let clock = LiveClock()
  private let log: @Sendable (String) -> Void
  private let id: String
  private let over: EventLoopPromise<String?>
  private var worker: LocustWorker
  private var users: LocustUsers?
  private var timer: WakeTimer?
  private var connection: LocustConnection?
  private var effects: [LocustWorker.Effect] = []
  private var isPerforming = false
  private var isOver = false
  private var usage = ProcessUsage()

  private static let retry = TimeAmount.seconds(1)

  /// Runs until the master says `quit`. Cancelling the task leaves the master.
  ///
  /// - Parameter log: told what an operator would want to see, a line at a time.
  /// - Returns: what went wrong, if anything.
  package static func run(
    _ options: Options, on loop: any EventLoop, log: @escaping @Sendable (String) -> Void
  ) async throws -> String? {
    let session = try await loop.submit { LocustSession(options, loop, log) }.get()
    return try await withTaskCancellationHandler {
      try await session.over.futureResult.get()
    } onCancel: {
      loop.execute { session.leave() }
    }
  }

  private init(
    _ options: Options, _ loop: any EventLoop, _ log: @escaping @Sendable (String) -> Void
  ) {
    self.options = options
    self.loop = loop
    self.log = log
    id = Self.newID()
    over = loop.makePromise()
    clock.tick()
    worker = LocustWorker(id: id, now: clock.now, wall: clock.wall)
    users = LocustUsers(
      plan: options.plan, tasks: options.tasks, target: options.target, seed: options.seed,
      clock: clock, loop: loop
    ) { [self] outcome, key in
      self.worker.ended(
        key, time: outcome.responseTime, bytes: outcome.bodyBytes,
        failure: outcome.verdict.isFailure ? outcome.verdict.label : nil, at: self.clock.wall)
    }
    timer = WakeTimer(loop: loop, clock: clock) { [self] in self.wake() }
    connect()
    timer?.arm(for: worker.nextWake)
  }

  /// As Locust makes it: the master spreads users over hosts by what stands before the underscore.
  private static func newID() -> String {
    var name = [CChar](repeating: 0, count: 256)
    gethostname(&name, name.count - 1)
    let host = String(
      decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    var generator = SystemRandomNumberGenerator()
    let digits = (0..<32).map { _ in
      String(Int.random(in: 0..<16, using: &generator), radix: 16)
    }
    return host + "_" + digits.joined()
  }

  // MARK: The connection

  private func connect() {
    let connection = LocustConnection(self, id)
    self.connection = connection
    Connector.connect(to: options.master, on: loop, handler: connection) { [self] failure in
      guard failure != nil, self.connection === connection else { return }
      self.lost(connection, nil)
    }
  }

  func opened(_ connection: LocustConnection) {
    guard self.connection === connection else { return }
    log("joined the master as \(id)")
    clock.tick()
    worker.connected(now: clock.now, into: &effects)
    perform()
  }

  func received(_ message: [UInt8]) {
    clock.tick()
    worker.received(message, now: clock.now, wall: clock.wall, into: &effects)
    perform()
  }

  func lost(_ connection: LocustConnection, _ why: String?) {
    guard self.connection === connection, !isOver else { return }
    self.connection = nil
    worker.disconnected()
    if let why { log("the master: \(why)") }
    loop.scheduleTask(in: Self.retry) { [self] in
      if !self.isOver, self.connection == nil { self.connect() }
    }
  }

  // MARK: Effects

  private func wake() {
    worker.processorShare = usage.share(now: clock.now)
    worker.memory = ProcessUsage.residentBytes
    worker.wake(now: clock.now, wall: clock.wall, into: &effects)
    perform()
  }

  private func leave() {
    clock.tick()
    worker.leave(into: &effects)
    perform()
  }

  private func perform() {
    guard !isPerforming else { return }
    isPerforming = true
    var index = 0
    while index < effects.count {
      perform(effects[index])
      index += 1
    }
    effects.removeAll(keepingCapacity: true)
    isPerforming = false
    if !isOver { timer?.arm(for: worker.nextWake) }
  }

  private func perform(_ effect: LocustWorker.Effect) {
    switch effect {
    case .send(let message): connection?.send(message)
    case .setUsers(let wanted):
      log("users: " + wanted.map { "\($0.count) \($0.name)" }.joined(separator: ", "))
      users?.set(wanted)
    case .stopUsers(let limit):
      log("users end")
      users?.stop(within: limit) { [self] in
        self.clock.tick()
        self.worker.usersGone(wall: self.clock.wall, into: &self.effects)
        self.perform()
      }
    case .reconnect:
      let old = connection
      connection = nil
      old?.close()
      worker.disconnected()
      connect()
    case .quit(let problem): end(problem)
    }
  }

  private func end(_ problem: String?) {
    isOver = true
    timer?.disarm()
    timer = nil
    let finish = { [self] in
      self.users = nil
      self.over.succeed(problem)
    }
    guard let connection else { return finish() }
    self.connection = nil
    connection.closeWhenSent(finish)
  }
}

/// How much of the machine this process uses.
private struct ProcessUsage {
  private var before = Self.processorTime()
  private var since = Instant.start
  private var latest = 0.0
  /// As Locust samples it (`CPU_MONITOR_INTERVAL`, 5 s in `locust/runners.py`), or a little sooner.
  private static let sample = Interval.seconds(2)

  /// In percent of one core.
  mutating func share(now: Instant) -> Double {
    let elapsed = now - since
    guard elapsed >= Self.sample else { return latest }
    let time = Self.processorTime()
    latest = Double((time - before).nanoseconds) / Double(elapsed.nanoseconds) * 100
    before = time
    since = now
    return latest
  }

  private static func processorTime() -> Interval {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return .nanoseconds(Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
  }

  /// The second field of /proc/self/statm, in pages (proc(5)).
  static var residentBytes: Int {
    guard let file = fopen("/proc/self/statm", "r") else { return 0 }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 128)
    guard fgets(&line, Int32(line.count), file) != nil else { return 0 }
    let text = String(
      decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let fields = text.split(separator: " ")
    return fields.count > 1 ? (Int(fields[1]) ?? 0) * sysconf(Int32(_SC_PAGESIZE)) : 0
  }
}
