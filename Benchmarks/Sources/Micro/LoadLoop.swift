// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkLoad

/// The load engine with a server that answers at once.
enum LoadLoop {
  static func kept(_ count: Int) {
    run(count, plan(.closed(users: 16, spawnEvery: .zero, wait: .constant(.zero)), .http(get)))
  }

  static func tokens(_ count: Int) {
    run(count, plan(.closed(users: 16, spawnEvery: .zero, wait: .constant(.zero)), .authenticate))
  }

  /// Every other request captures a value, and the next sends it on; all of them are written out.
  static func journey(_ count: Int) {
    let plan = journeyPlan()
    var engine = LoadEngine(plan: plan, seed: 1, now: .start)
    let writer = CallWriter(plan: plan, host: "127.0.0.1:5000", prefix: "")
    let replies = plan.tasks[0].steps.map { step -> LoadEngine.Reply in
      var reply = LoadEngine.Reply(status: 200, subjectToken: nil, keepAlive: true)
      guard case .http(let http) = step.kind else { return reply }
      reply.content.begin(http.wants, fields: [(name: "Content-Type", value: "application/json")])
      reply.content.append(
        body: Array(#"{"users": [{"name": "a", "id": "0123456789"}]}"#.utf8).span)
      return reply
    }
    var effects: [LoadEngine.Effect] = []
    var answers: [(slot: SlotID, step: Int)] = []
    var bytes: [UInt8] = []
    var now = Instant.start
    while engine.counts.ok < count {
      now = max(now + .microseconds(1), min(engine.nextWake, now + .seconds(1)))
      engine.wake(now: now, into: &effects)
      var index = 0
      while index < effects.count {
        switch effects[index] {
        case .connect(let slot): engine.connected(slot, localPort: 1, now: now, into: &effects)
        case .send(let slot, let call):
          bytes.removeAll(keepingCapacity: true)
          writer.append(call, to: &bytes)
          if case .http(_, let step, _) = call { answers.append((slot, step)) }
        case .close, .ended, .finished: break
        }
        index += 1
      }
      effects.removeAll(keepingCapacity: true)
      for answer in answers {
        engine.answered(answer.slot, replies[answer.step], now: now, into: &effects)
      }
      answers.removeAll(keepingCapacity: true)
    }
    keep((engine.counts, bytes))
  }

  private static func journeyPlan() -> LoadPlan {
    do {
      let path = try JSONPath(parsing: "users[0].id")
      var list = get
      list.captures = [
        Capture(
          name: "id", part: .json(path), pattern: try Pattern(parsing: "\\d+"), otherwise: nil)
      ]
      var show = HTTPStep(
        method: "PATCH", path: "/v3/users/${id}",
        headers: [HTTPStep.Header(name: "x-id", value: "${id}")],
        body: Array("{\"id\": \"${id:json}\"}".utf8), expected: [])
      show.checks = [
        AnswerCheck(part: .json(path), condition: .equals(try TextTemplate(parsing: "${id}")))
      ]
      var plan = plan(
        .closed(users: 16, spawnEvery: .zero, wait: .constant(.zero)), .http(list))
      plan.tasks[0].steps.append(
        LoadStep(name: "show", kind: .http(show), onFailure: .goOn))
      return plan
    } catch {
      preconditionFailure("the loop's own journey: \(error)")
    }
  }

  static func open(_ count: Int) {
    run(count, plan(.open(every: .microseconds(10), arrivals: .poisson, limit: 16), .http(get)))
  }

  static func statistics(_ count: Int) {
    let plan = plan(
      .closed(users: 1, spawnEvery: .zero, wait: .constant(.zero)), .http(get))
    var engine = LoadEngine(plan: plan, seed: 1, now: .start)
    var effects: [LoadEngine.Effect] = []
    var outcome: Outcome?
    engine.wake(now: .start, into: &effects)
    for case .connect(let slot) in effects {
      engine.connectFailed(slot, .refused, now: .start, into: &effects)
    }
    for case .ended(let ended) in effects { outcome = ended }
    guard var outcome else { return }
    outcome.verdict = .ok
    var statistics = LoadStatistics(plan: plan, begin: .start)
    for index in 0..<count {
      outcome.due = .start + .microseconds(Int64(index))
      outcome.sent = outcome.due + .microseconds(3)
      outcome.done = outcome.sent + .microseconds(Int64(index % 5_000))
      statistics.record(outcome)
    }
    keep(statistics.total.requests)
  }

  private static let get = HTTPStep(method: "GET", path: "/", headers: [], body: [], expected: [])

  private static func plan(_ model: LoadPlan.Model, _ kind: LoadStep.Kind) -> LoadPlan {
    LoadPlan(
      model: model,
      tasks: [
        LoadTask(
          name: "task", weight: 1, steps: [LoadStep(name: "step", kind: kind, onFailure: .goOn)])
      ],
      credentials: [
        Credentials(
          user: "admin", userDomain: "Default", password: "secret", project: nil,
          projectDomain: "Default")
      ],
      connections: .kept, connectTimeout: .seconds(5), timeout: .seconds(30))
  }

  private static func run(_ count: Int, _ plan: LoadPlan) {
    var engine = LoadEngine(plan: plan, seed: 1, now: .start)
    var effects: [LoadEngine.Effect] = []
    var answers: [SlotID] = []
    var now = Instant.start
    // One token for all: the loop measures the engine, not the making of tokens.
    let reply = LoadEngine.Reply(
      status: plan.tasks[0].steps[0].kind == .authenticate ? 201 : 200,
      subjectToken: plan.tasks[0].steps[0].kind == .authenticate
        ? "a token that is too long to be kept inside of its string" : nil, keepAlive: true)
    while engine.counts.ok < count {
      now = max(now + .microseconds(1), min(engine.nextWake, now + .seconds(1)))
      engine.wake(now: now, into: &effects)
      var index = 0
      while index < effects.count {
        switch effects[index] {
        case .connect(let slot): engine.connected(slot, localPort: 1, now: now, into: &effects)
        case .send(let slot, _): answers.append(slot)
        case .close, .ended, .finished: break
        }
        index += 1
      }
      effects.removeAll(keepingCapacity: true)
      for slot in answers { engine.answered(slot, reply, now: now, into: &effects) }
      answers.removeAll(keepingCapacity: true)
    }
    keep(engine.counts)
  }
}
