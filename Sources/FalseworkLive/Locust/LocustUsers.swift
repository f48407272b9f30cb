// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkLoad
import NIOCore

/// The users of a worker: as many of each class as the master wants.
///
/// Users come and go in batches, each a load of its own: what a batch adds begins at once, and one that
/// is to shrink ends and leaves its place to a smaller one. Confined to its event loop.
final class LocustUsers {
  private struct Batch {
    let client: LoadClient
    let number: Int
    let users: Int
  }

  private let plan: LoadPlan
  /// Which task a class of the master's runs, where their names differ.
  private let tasks: [String: String]
  private let target: LoadClient.Target
  private let clock: LiveClock
  private let loop: any EventLoop
  private let seed: UInt64
  private let ended: (Outcome, LocustReport.Key) -> Void
  /// In the order in which classes were first named.
  private var classes: [(name: String, batches: [Batch])] = []
  /// Loads that end.
  private var leaving: [Batch] = []
  private var batches = 0
  private var gone: (() -> Void)?

  init(
    plan: LoadPlan, tasks: [String: String], target: LoadClient.Target, seed: UInt64,
    clock: LiveClock, loop: any EventLoop,
    ended: @escaping (Outcome, LocustReport.Key) -> Void
  ) {
    self.plan = plan
    self.tasks = tasks
    self.target = target
    self.seed = seed
    self.clock = clock
    self.loop = loop
    self.ended = ended
  }

  func set(_ wanted: [LocustWorker.Users]) {
    gone = nil
    for users in wanted {
      let place = classes.firstIndex { $0.name == users.name } ?? classes.count
      if place == classes.count { classes.append((users.name, [])) }
      var excess = classes[place].batches.reduce(0) { $0 + $1.users } - users.count
      if excess < 0 { add(-excess, to: place) }
      while excess > 0, let last = classes[place].batches.popLast() {
        leave(last)
        if last.users > excess { add(last.users - excess, to: place) }
        excess -= last.users
      }
    }
  }

  /// Ends all users.
  ///
  /// - Parameter done: called when nothing is in flight any more, or the time is over.
  func stop(within limit: Interval, done: @escaping () -> Void) {
    gone = done
    for place in classes.indices {
      for batch in classes[place].batches { leave(batch) }
      classes[place].batches = []
    }
    let box = LoopBox(self)
    loop.scheduleTask(in: .nanoseconds(limit.nanoseconds)) { box.value.cutShort() }
    tellIfGone()
  }

  private func cutShort() {
    guard gone != nil else { return }
    for batch in leaving { batch.client.shutDown() }
  }

  private func add(_ users: Int, to place: Int) {
    batches += 1
    let plan = plan(for: classes[place].name, users: users)
    let keys = Self.keys(plan)
    let preliminary = LocustReport.Key(method: "POST", name: plan.preliminaryName)
    let ended = ended
    let client = LoadClient(
      plan: plan, seed: seed &+ UInt64(batches), target: target, clock: clock, loop: loop
    ) { outcome in
      ended(outcome, outcome.preliminary ? preliminary : keys[outcome.task][outcome.step])
    }
    classes[place].batches.append(Batch(client: client, number: batches, users: users))
  }

  private func leave(_ batch: Batch) {
    leaving.append(batch)
    let box = LoopBox(self)
    let number = batch.number
    batch.client.whenFinished.assumeIsolated().whenComplete { _ in
      box.value.leaving.removeAll { $0.number == number }
      box.value.tellIfGone()
    }
    batch.client.stop()
  }

  private func tellIfGone() {
    guard leaving.isEmpty, let done = gone else { return }
    gone = nil
    done()
  }

  /// The task that has the class's name, or is named for it; every task, by weight, if none is.
  private func plan(for name: String, users: Int) -> LoadPlan {
    var plan = plan
    let own = plan.tasks.filter { $0.name == tasks[name] ?? name }
    if !own.isEmpty { plan.tasks = own }
    if case .closed(_, _, let wait) = plan.model {
      plan.model = .closed(users: users, spawnEvery: .zero, wait: wait)
    }
    return plan
  }

  private static func keys(_ plan: LoadPlan) -> [[LocustReport.Key]] {
    plan.tasks.map { task in
      task.steps.map { LocustReport.Key(method: $0.kind.method, name: $0.name) }
    }
  }
}
