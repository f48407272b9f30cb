// SPDX-License-Identifier: Apache-2.0
package import FalseworkCore

/// A worker of a Locust master: what it says, and which users the master wants.
///
///     ready ──spawn──▶ running ──stop──▶ stopping ──users gone──▶ ready
///                         │ ▲ spawn: new targets     quit ──▶ over
///                         └─┘
///
/// Targets are absolute, so that a ramp, a smaller load and the load of a worker that died are all the
/// same message. What the users do, and how, is not decided here.
package struct LocustWorker: Sendable {
  package enum Effect: Equatable, Sendable {
    /// One message's bytes.
    case send([UInt8])
    /// So many users of each class from now on. The classes are those of the master, in its order.
    case setUsers([Users])
    /// All users end; what they have in flight may take so long. `usersGone` tells of the end.
    case stopUsers(within: Interval)
    /// Close the connection and open another.
    case reconnect
    /// The worker is done; nil if the master said so.
    case quit(problem: String?)
  }

  package struct Users: Equatable, Sendable {
    package var name: String
    package var count: Int

    package init(name: String, count: Int) {
      self.name = name
      self.count = count
    }
  }

  private enum State: String, Sendable {
    case ready
    case running
    case stopping
    case over
  }

  /// Intervals of Locust's own (`locust/runners.py`).
  private enum Every {
    static let heartbeat = Interval.seconds(1)
    static let report = Interval.seconds(3)
    static let greeting = Interval.seconds(5)
  }
  private static let masterSilence = Interval.seconds(60)
  private static let greetings = 60
  /// The master waits half a second for the last report of a worker that it told to quit.
  private static let lastGrace = Interval.milliseconds(300)
  /// A request that is in flight at a stop is counted, if it ends within this.
  private static let leastGrace = Interval.seconds(1)

  private let id: String
  private var state = State.ready
  private var isConnected = false
  private var isAcknowledged = false
  private var quits = false
  private var attempts = 0
  private var lastSpawn = -Double.infinity
  private var lastHeard: Instant
  private var stopTimeout = Interval.zero
  private var users: [Users] = []
  private var report: LocustReport
  private var nextGreeting: Instant
  private var nextHeartbeat: Instant
  private var nextReport: Instant
  /// Of this process: 100 is one core.
  package var processorShare = 0.0
  package var memory = 0

  /// - Parameter id: the host's name, an underscore and 32 hexadecimal digits.
  package init(id: String, now: Instant, wall: UTCTime) {
    self.id = id
    report = LocustReport(began: wall)
    lastHeard = now
    nextGreeting = now
    nextHeartbeat = now
    nextReport = now + Every.report
  }

  package var nextWake: Instant {
    guard state != .over else { return .never }
    let greeting = isAcknowledged || !isConnected ? Instant.never : nextGreeting
    return min(greeting, nextHeartbeat, nextReport)
  }

  // MARK: Stimuli

  /// The connection to the master is up.
  package mutating func connected(now: Instant, into effects: inout [Effect]) {
    isConnected = true
    nextGreeting = now
    wake(now: now, wall: nil, into: &effects)
  }

  /// It is gone; the world opens another, whose master may have forgotten this worker or not.
  package mutating func disconnected() {
    isConnected = false
  }

  /// Safe to call early: before `nextWake` it does nothing.
  ///
  /// - Parameter wall: nil sends no report yet.
  package mutating func wake(now: Instant, wall: UTCTime?, into effects: inout [Effect]) {
    guard state != .over else { return }
    if isConnected, !isAcknowledged, now >= nextGreeting {
      nextGreeting = now + Every.greeting
      attempts += 1
      if attempts > Self.greetings { return end("the master does not answer", into: &effects) }
      sayReady(into: &effects)
    }
    if now >= nextHeartbeat {
      nextHeartbeat = now + Every.heartbeat
      if isAcknowledged, now - lastHeard > Self.masterSilence {
        return end("nothing was heard of the master for a minute", into: &effects)
      }
      if isAcknowledged { beat(into: &effects) }
    }
    if let wall, now >= nextReport {
      nextReport = now + Every.report
      if isAcknowledged { sendReport(wall, into: &effects) }
    }
  }

  /// A message of the master.
  package mutating func received(
    _ bytes: [UInt8], now: Instant, wall: UTCTime, into effects: inout [Effect]
  ) {
    // What is no message is for somebody else, as in Locust.
    guard state != .over, case .list(let parts)? = LocustValue(bytes), parts.count == 3,
      let type = parts[0].text
    else { return }
    lastHeard = now
    switch type {
    case "ack": isAcknowledged = true
    case "spawn": spawn(parts[1], wall, into: &effects)
    case "stop": stop(within: max(stopTimeout, Self.leastGrace), into: &effects)
    case "quit":
      quits = true
      stop(within: Self.lastGrace, into: &effects)
    case "reconnect": effects.append(.reconnect)
    default: return  // Also custom messages of a locustfile, which this worker does not run.
    }
  }

  /// A request has ended.
  package mutating func ended(
    _ key: LocustReport.Key, time: Interval, bytes: Int, failure: String?, at wall: UTCTime
  ) {
    report.record(key, time: time, bytes: bytes, failure: failure, at: wall)
  }

  /// Nothing of the users is in flight any more, after `stopUsers`.
  package mutating func usersGone(wall: UTCTime, into effects: inout [Effect]) {
    guard state == .stopping else { return }
    for index in users.indices { users[index].count = 0 }
    sendReport(wall, into: &effects)
    guard !quits else { return end(nil, into: &effects) }
    send("client_stopped", .nil, into: &effects)
    state = .ready
    sayReady(into: &effects)
  }

  /// The operator ends the worker.
  package mutating func leave(into effects: inout [Effect]) {
    guard state != .over else { return }
    quits = true
    stop(within: max(stopTimeout, Self.leastGrace), into: &effects)
  }

  // MARK: Messages

  private mutating func spawn(
    _ job: LocustValue, _ wall: UTCTime, into effects: inout [Effect]
  ) {
    guard !quits, let time = job["timestamp"]?.number,
      case .map(let members)? = job["user_classes_count"]
    else { return }
    send("spawning", .nil, into: &effects)
    // An order that a later one overtook.
    guard time > lastSpawn else { return }
    lastSpawn = time
    stopTimeout = .nanoseconds(Int64((job["stop_timeout"]?.number ?? 0) * 1e9))
    if state == .ready { report.restart(wall) }
    // An order that comes while users still end takes the stop back.
    state = .running
    users = members.compactMap { member in
      guard let name = member.key.text, let count = member.value.number else { return nil }
      return Users(name: name, count: max(0, Int(count)))
    }
    effects.append(.setUsers(users))
    send(
      "spawning_complete",
      .object(["user_classes_count": counts, "user_count": .integer(Int64(total))]),
      into: &effects)
  }

  private mutating func stop(within limit: Interval, into effects: inout [Effect]) {
    state = .stopping
    effects.append(.stopUsers(within: limit))
  }

  private mutating func end(_ problem: String?, into effects: inout [Effect]) {
    send("quit", .nil, into: &effects)
    state = .over
    effects.append(.quit(problem: problem))
  }

  private func sayReady(into effects: inout [Effect]) {
    // In the place of Locust's version: the master compares it with its own unless it is this.
    send("client_ready", .integer(-1), into: &effects)
  }

  private func beat(into effects: inout [Effect]) {
    let word = state == .stopping ? State.running : state
    send(
      "heartbeat",
      .object([
        "state": .text(word.rawValue), "current_cpu_usage": .double(processorShare),
        "current_memory_usage": .integer(Int64(memory)),
      ]), into: &effects)
  }

  private mutating func sendReport(_ wall: UTCTime, into effects: inout [Effect]) {
    let data = report.take(users: users.map { ($0.name, $0.count) })
    send("stats", data, into: &effects)
  }

  private func send(_ type: String, _ data: LocustValue, into effects: inout [Effect]) {
    effects.append(.send(LocustValue.list([.text(type), data, .text(id)]).bytes))
  }

  private var total: Int { users.reduce(0) { $0 + $1.count } }

  private var counts: LocustValue {
    .map(users.map { LocustValue.Member(.text($0.name), .integer(Int64($0.count))) })
  }
}
