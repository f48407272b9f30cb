// SPDX-License-Identifier: Apache-2.0
import FalseworkCore

@testable import FalseworkLoad

/// The smallest world that a load engine can live in: it keeps what the engine asked for, and a
/// test says what comes back.
struct LoadWorld {
  var engine: LoadEngine
  private(set) var now = Instant.start
  /// Connections that the engine asked for and did not close, oldest first.
  private(set) var open: [SlotID] = []
  private(set) var connects = 0
  private(set) var closes: [SlotID] = []
  private(set) var sent: [(slot: SlotID, call: Call)] = []
  private(set) var outcomes: [Outcome] = []
  private(set) var finishes = 0
  private var effects: [LoadEngine.Effect] = []

  init(_ plan: LoadPlan, seed: UInt64 = 1) {
    engine = LoadEngine(plan: plan, seed: seed, now: .start)
  }

  var calls: [Call] { sent.map(\.call) }

  /// What was sent last, as it is written.
  var lastRequest: String {
    var bytes: [UInt8] = []
    CallWriter(plan: engine.plan, host: "h", prefix: "").append(sent.last!.call, to: &bytes)
    return String(decoding: bytes, as: UTF8.self)
  }
  var verdicts: [Outcome.Verdict] { outcomes.map(\.verdict) }

  mutating func pass(_ interval: Interval) {
    now = now + interval
  }

  /// Time goes on to the next deadline, and nothing else happens on the way.
  mutating func wakeNext() {
    precondition(engine.nextWake != .never, "nothing is due any more")
    now = max(now, engine.nextWake)
    wake()
  }

  mutating func wake() {
    engine.wake(now: now, into: &effects)
    settle()
  }

  mutating func connected(_ slot: SlotID, port: UInt16 = 40_000) {
    engine.connected(slot, localPort: port, now: now, into: &effects)
    settle()
  }

  mutating func connectFailed(_ slot: SlotID, _ why: ConnectFailure) {
    open.removeAll { $0 == slot }
    engine.connectFailed(slot, why, now: now, into: &effects)
    settle()
  }

  mutating func firstByte(_ slot: SlotID) {
    engine.firstByte(slot, now: now)
  }

  mutating func answered(
    _ slot: SlotID, _ status: Int, token: String? = nil, keepAlive: Bool = true
  ) {
    let reply = LoadEngine.Reply(status: status, subjectToken: token, keepAlive: keepAlive)
    answered(slot, reply)
  }

  /// An answer with the fields and the body that its step wants.
  mutating func answered(
    _ slot: SlotID, _ status: Int, fields: [(name: String, value: String)], body: String = ""
  ) {
    var reply = LoadEngine.Reply(status: status, subjectToken: nil, keepAlive: true)
    guard case .http(let task, let step, _)? = sent.last?.call,
      case .http(let http) = engine.plan.tasks[task].steps[step].kind
    else { preconditionFailure("no request of HTTP was sent") }
    reply.content.begin(http.wants, fields: fields)
    reply.content.append(body: Array(body.utf8).span)
    answered(slot, reply)
  }

  private mutating func answered(_ slot: SlotID, _ reply: LoadEngine.Reply) {
    engine.answered(slot, reply, now: now, into: &effects)
    settle()
  }

  mutating func malformed(_ slot: SlotID) {
    engine.malformed(slot, now: now, into: &effects)
    settle()
  }

  mutating func closed(_ slot: SlotID, _ how: CloseKind) {
    open.removeAll { $0 == slot }
    engine.closed(slot, how, now: now, into: &effects)
    settle()
  }

  mutating func stop() {
    engine.stop(now: now, into: &effects)
    settle()
  }

  /// Everything that the engine asked for since the last time, in order.
  private(set) var log: [LoadEngine.Effect] = []

  mutating func clearLog() {
    log.removeAll()
  }

  private mutating func settle() {
    for effect in effects {
      switch effect {
      case .connect(let slot):
        connects += 1
        open.append(slot)
      case .send(let slot, let call):
        sent.append((slot, call))
      case .close(let slot):
        closes.append(slot)
        open.removeAll { $0 == slot }
      case .ended(let outcome):
        outcomes.append(outcome)
      case .finished:
        finishes += 1
      }
    }
    log += effects
    effects.removeAll()
  }
}

extension LoadPlan {
  static func closed(
    users: Int = 1, spawnEvery: Interval = .zero, wait: Interval = .seconds(1),
    tasks: [LoadTask], connections: Connections = .kept,
    connectTimeout: Interval = .seconds(5), timeout: Interval = .seconds(30)
  ) -> LoadPlan {
    LoadPlan(
      model: .closed(users: users, spawnEvery: spawnEvery, wait: .constant(wait)), tasks: tasks,
      credentials: [.admin], connections: connections, connectTimeout: connectTimeout,
      timeout: timeout)
  }

  static func open(
    every: Interval, arrivals: Arrivals = .even, limit: Int = 100, tasks: [LoadTask] = [.get],
    timeout: Interval = .seconds(30)
  ) -> LoadPlan {
    LoadPlan(
      model: .open(every: every, arrivals: arrivals, limit: limit), tasks: tasks,
      credentials: [.admin], connections: .kept, connectTimeout: .seconds(5), timeout: timeout)
  }
}

extension Credentials {
  static let admin = Credentials(
    user: "admin", userDomain: "Default", password: "secret", project: "admin",
    projectDomain: "Default")
}

extension LoadTask {
  /// One GET.
  static let get = LoadTask.of(.http(.get("/")))

  /// The script of 2017.
  static let authenticateThenValidate = LoadTask(
    name: "authenticate-then-validate", weight: 1,
    steps: [.of(.authenticate), .of(.validateOwn)])

  static func of(_ kinds: LoadStep.Kind..., weight: Int = 1) -> LoadTask {
    LoadTask(name: "task", weight: weight, steps: kinds.map { .of($0) })
  }
}

extension LoadStep {
  static func of(_ kind: Kind, onFailure: OnFailure = .goOn) -> LoadStep {
    let name =
      switch kind {
      case .authenticate: "authenticate"
      case .validateOwn: "validate"
      case .validatePooled: "validate pooled"
      case .validateOld: "validate old"
      case .catalog: "catalog"
      case .projects: "projects"
      case .revoke: "revoke"
      case .http(let step): "\(step.method) \(step.path)"
      }
    return LoadStep(name: name, kind: kind, onFailure: onFailure)
  }
}

extension HTTPStep {
  static func get(
    _ path: String, expected: [Int] = [], headers: [(String, String)] = [],
    checks: [AnswerCheck] = [], captures: [Capture] = []
  ) -> HTTPStep {
    var step = HTTPStep(
      method: "GET", path: path,
      headers: headers.map { Header(name: $0.0, value: $0.1) }, body: [], expected: expected)
    step.checks = checks
    step.captures = captures
    return step
  }
}
