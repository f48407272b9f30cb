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
