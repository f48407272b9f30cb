// SPDX-License-Identifier: Apache-2.0
import FalseworkCore

/// The way of one node through its batch.
extension Rotation {
  mutating func begin(_ index: Int, now: Instant, into effects: inout [Effect]) {
    switch members[index].move.course {
    case .cycle, .leave:
      guard !gone.contains(members[index].node.id) else {
        // There is no process that could have requests.
        members[index].wasStopped = true
        return left(index, now: now, into: &effects)
      }
      goOut(index, now: now, into: &effects)
    case .hide: goOut(index, now: now, into: &effects)
    case .drop:
      if gone.contains(members[index].node.id) {
        finish(index, now: now, into: &effects)
      } else {
        stop(index, now: now, into: &effects)
      }
    case .enter, .raise:
      enter(index, .down(until: now))
      advance(index, now: now, into: &effects)
    case .show where plan.strategy == .failCheck && members[index].move.isBack:
      let id = operate(.check(fails: false, on: members[index].node.id), into: &effects)
      enter(index, .passing(id, deadline: now + plan.patience, downUntil: now))
    case .show, .weigh: comeBack(index, now: now, into: &effects)
    }
  }

  private mutating func goOut(_ index: Int, now: Instant, into effects: inout [Effect]) {
    if members[index].move.down.isEmpty || members[index].node.servers.isEmpty {
      tell(index, now: now, into: &effects)
    } else {
      weigh(index, 0, now: now, into: &effects)
    }
  }

  private mutating func tell(_ index: Int, now: Instant, into effects: inout [Effect]) {
    if plan.strategy == .failCheck, members[index].move.course != .hide {
      let id = operate(.check(fails: true, on: members[index].node.id), into: &effects)
      enter(index, .failing(id, deadline: now + plan.patience))
      return
    }
    let servers = members[index].node.servers
    guard let state = stateOut(index), !servers.isEmpty else {
      if members[index].move.down.isEmpty {
        return nobodyTold(index, now: now, into: &effects)
      }
      return told(index, .told, now: now, into: &effects)
    }
    enter(index, .telling(unanswered: servers.count, deadline: now + plan.patience))
    for server in servers { send("set server \(server) state \(state)", index, into: &effects) }
  }

  private mutating func nobodyTold(_ index: Int, now: Instant, into effects: inout [Effect]) {
    if members[index].move.course == .hide {
      finish(index, now: now, into: &effects)
    } else {
      stop(index, now: now, into: &effects)
    }
  }

  /// What the proxy is told before a node goes.
  private func stateOut(_ index: Int) -> String? {
    members[index].move.course == .hide ? "maint" : plan.strategy.state
  }

  /// Whether the proxy is told that a node is ready: one that it knew to be away.
  private func declares(_ index: Int) -> Bool {
    guard !members[index].node.servers.isEmpty else { return false }
    return switch members[index].move.course {
    case .cycle: plan.strategy.state != nil
    case .enter, .show: true
    case .raise, .leave, .drop, .hide, .weigh: false
    }
  }

  func comesBack(_ index: Int) -> Bool {
    declares(index) || !members[index].move.up.isEmpty && !members[index].node.servers.isEmpty
  }

  /// What was asked before this moment no longer matters.
  private mutating func enter(_ index: Int, _ stage: Stage) {
    members[index].stage = stage
    members[index].first = sequence + 1
  }

  /// A deadline of one node has come.
  mutating func advance(_ index: Int, now: Instant, into effects: inout [Effect]) {
    let name = members[index].node.name
    switch members[index].stage {
    case .waiting:
      stop(index, now: now, into: &effects)
    case .draining(let cap, _):
      if now >= cap {
        stop(index, now: now, into: &effects)
      } else {
        members[index].stage = .draining(cap: cap, poll: now + plan.poll)
        send("show stat", index, into: &effects)
      }
    case .holding(let place, _):
      weigh(index, place, now: now, into: &effects)
    case .telling, .readying, .weighing:
      giveUp("the proxy did not answer for \(name) within \(plan.patience)", now, into: &effects)
    case .failing, .passing:
      giveUp("the check of \(name) was not set within \(plan.patience)", now, into: &effects)
    case .stopping:
      giveUp("\(name) did not exit within \(plan.patience)", now, into: &effects)
    case .down: start(index, now: now, into: &effects)
    case .probing(_, let deadline):
      if now >= deadline {
        giveUp("\(name) did not answer within \(plan.patience)", now, into: &effects)
      } else {
        members[index].stage = .probing(poll: now + plan.poll, deadline: deadline)
        probe(index, into: &effects)
      }
    case .awaitingUp(_, let deadline):
      if now >= deadline {
        giveUp(
          "the proxy did not take \(name) back within \(plan.patience)", now, into: &effects)
      } else {
        members[index].stage = .awaitingUp(poll: now + plan.poll, deadline: deadline)
        send("show stat", index, into: &effects)
      }
    case .pending, .done:
      return
    }
  }

  /// The runtime API answered what this node's present stage asked.
  mutating func answered(
    _ index: Int, _ reply: String, now: Instant, into effects: inout [Effect]
  ) {
    switch members[index].stage {
    case .telling(let unanswered, let deadline):
      guard accept(reply, index, now: now, into: &effects) else { return }
      members[index].stage = .telling(unanswered: unanswered - 1, deadline: deadline)
      if unanswered == 1 { told(index, .told, now: now, into: &effects) }
    case .weighing(let place, let unanswered, let deadline):
      guard accept(reply, index, now: now, into: &effects) else { return }
      members[index].stage = .weighing(
        place: place, unanswered: unanswered - 1, deadline: deadline)
      if unanswered == 1 { weighed(index, place, now: now, into: &effects) }
    case .readying(let unanswered, let deadline):
      guard accept(reply, index, now: now, into: &effects) else { return }
      members[index].stage = .readying(unanswered: unanswered - 1, deadline: deadline)
      if unanswered == 1 { declared(index, now: now, into: &effects) }
    case .draining:
      if isIdle(index, reply) { stop(index, now: now, into: &effects) }
    case .awaitingUp:
      if isUp(members[index].node, ShowStat(reply)) {
        mark(.up, index, now, into: &effects)
        arrived(index, now: now, into: &effects)
      }
    case .pending, .holding, .failing, .waiting, .stopping, .passing, .down, .probing, .done:
      return
    }
  }

  // MARK: Out

  private mutating func told(
    _ index: Int, _ step: Mark.Step, now: Instant, into effects: inout [Effect]
  ) {
    mark(step, index, now, into: &effects)
    if members[index].move.course == .hide { return finish(index, now: now, into: &effects) }
    switch plan.wait {
    case .fixed(.zero):
      stop(index, now: now, into: &effects)
    case .fixed(let interval):
      enter(index, .waiting(until: now + interval))
    case .untilIdle(let cap):
      enter(index, .draining(cap: now + cap, poll: now + plan.poll))
      send("show stat", index, into: &effects)
    }
  }

  private mutating func stop(_ index: Int, now: Instant, into effects: inout [Effect]) {
    members[index].wasStopped = true
    mark(.stopping, index, now, into: &effects)
    enter(index, .stopping(deadline: now + plan.patience))
    effects.append(.stop(members[index].node.id, plan.signal))
  }

  /// The process is gone.
  mutating func left(_ index: Int, now: Instant, into effects: inout [Effect]) {
    guard members[index].move.course.starts else {
      return finish(index, now: now, into: &effects)
    }
    if plan.strategy == .failCheck {
      let id = operate(.check(fails: false, on: members[index].node.id), into: &effects)
      enter(
        index, .passing(id, deadline: now + plan.patience, downUntil: now + plan.down))
      return
    }
    enter(index, .down(until: now + plan.down))
    if plan.down == .zero { advance(index, now: now, into: &effects) }
  }

  /// A node's health check was made to fail, or to pass again.
  mutating func checkSet(
    _ operation: OperationID, refusal: String?, now: Instant, into effects: inout [Effect]
  ) {
    for index in members.indices {
      switch members[index].stage {
      case .failing(operation, _):
        if let refusal { return giveUp(refusal, now, into: &effects) }
        return told(index, .failing, now: now, into: &effects)
      case .passing(operation, _, let downUntil):
        if let refusal { return giveUp(refusal, now, into: &effects) }
        guard members[index].move.course.starts else {
          return comeBack(index, now: now, into: &effects)
        }
        enter(index, .down(until: downUntil))
        if downUntil <= now { advance(index, now: now, into: &effects) }
        return
      case .pending, .weighing, .holding, .failing, .telling, .waiting, .draining, .stopping,
        .passing, .down, .probing, .readying, .awaitingUp, .done:
        continue
      }
    }
  }

  // MARK: In

  private mutating func start(_ index: Int, now: Instant, into effects: inout [Effect]) {
    let node = members[index].node.id
    gone.removeAll { $0 == node }
    effects.append(members[index].move.isBack ? .restore(node) : .start(node))
    mark(.started, index, now, into: &effects)
    members[index].isReturning = true
    if declares(index), plan.ready == .atOnce {
      comeBack(index, now: now, into: &effects)
    } else {
      look(index, now: now, into: &effects)
    }
  }

  /// Begins to ask a node that was started whether it answers.
  private mutating func look(_ index: Int, now: Instant, into effects: inout [Effect]) {
    enter(index, .probing(poll: now + plan.poll, deadline: now + plan.patience))
    probe(index, into: &effects)
  }

  private mutating func probe(_ index: Int, into effects: inout [Effect]) {
    sequence += 1
    probes.append(Question(id: sequence, member: index))
    effects.append(.probe(ProbeID(sequence), members[index].node.id))
  }

  /// The proxy gets the node back: with its first weight, if it has one.
  mutating func comeBack(_ index: Int, now: Instant, into effects: inout [Effect]) {
    members[index].declaredReady = true
    members[index].isReturning = true
    guard !members[index].node.servers.isEmpty else {
      return finish(index, now: now, into: &effects)
    }
    if members[index].move.up.isEmpty {
      declareReady(index, now: now, into: &effects)
    } else {
      weigh(index, 0, now: now, into: &effects)
    }
  }

  private mutating func declareReady(_ index: Int, now: Instant, into effects: inout [Effect]) {
    let servers = members[index].node.servers
    enter(index, .readying(unanswered: servers.count, deadline: now + plan.patience))
    for server in servers {
      send("set server \(server) state ready", index, into: &effects)
    }
  }

  private mutating func declared(_ index: Int, now: Instant, into effects: inout [Effect]) {
    mark(.ready, index, now, into: &effects)
    returned(index, now: now, into: &effects)
  }

  private mutating func returned(_ index: Int, now: Instant, into effects: inout [Effect]) {
    // Declared before it answered: the next batch still waits until it does.
    if plan.ready == .atOnce, members[index].move.course.starts {
      look(index, now: now, into: &effects)
    } else {
      confirm(index, now: now, into: &effects)
    }
  }

  mutating func confirm(_ index: Int, now: Instant, into effects: inout [Effect]) {
    guard plan.awaitUp, members[index].move.course != .raise else {
      return arrived(index, now: now, into: &effects)
    }
    enter(index, .awaitingUp(poll: now + plan.poll, deadline: now + plan.patience))
    send("show stat", index, into: &effects)
  }

  /// The node has its first weight, and the proxy sends it requests.
  private mutating func arrived(_ index: Int, now: Instant, into effects: inout [Effect]) {
    if members[index].declaredReady, members[index].move.up.count > 1 {
      enter(index, .holding(place: 1, until: now + plan.ramp.every))
    } else {
      finish(index, now: now, into: &effects)
    }
  }

  // MARK: Weights

  private mutating func weigh(
    _ index: Int, _ place: Int, now: Instant, into effects: inout [Effect]
  ) {
    let servers = members[index].node.servers
    enter(
      index, .weighing(place: place, unanswered: servers.count, deadline: now + plan.patience))
    let weight = weights(index)[place]
    for server in servers { send("set server \(server) weight \(weight)%", index, into: &effects) }
  }

  private func weights(_ index: Int) -> [Int] {
    members[index].isReturning ? members[index].move.up : members[index].move.down
  }

  private mutating func weighed(
    _ index: Int, _ place: Int, now: Instant, into effects: inout [Effect]
  ) {
    let weights = weights(index)
    mark(.weighed(weights[place]), index, now, into: &effects)
    if case .weigh = members[index].move.course {
      return finish(index, now: now, into: &effects)
    }
    guard members[index].isReturning else {
      if place + 1 < weights.count {
        enter(index, .holding(place: place + 1, until: now + plan.ramp.every))
      } else {
        tell(index, now: now, into: &effects)
      }
      return
    }
    if place > 0 {
      if place + 1 < weights.count {
        enter(index, .holding(place: place + 1, until: now + plan.ramp.every))
      } else {
        finish(index, now: now, into: &effects)
      }
    } else if declares(index) {
      declareReady(index, now: now, into: &effects)
    } else {
      returned(index, now: now, into: &effects)
    }
  }

  // MARK: What the proxy says

  /// A silent success is an empty answer; any text is an error.
  private mutating func accept(
    _ reply: String, _ index: Int, now: Instant, into effects: inout [Effect]
  ) -> Bool {
    let text = reply.filter { $0 != "\n" && $0 != "\r" }
    guard !text.isEmpty else { return true }
    giveUp("the proxy refused for \(members[index].node.name): \(text)", now, into: &effects)
    return false
  }

  /// No request is in flight there, and none will come: a check that fails has been seen to fail.
  private func isIdle(_ index: Int, _ reply: String) -> Bool {
    let rows = ShowStat(reply)
    return members[index].node.servers.allSatisfy { server in
      rows.value("scur", of: server) == "0"
        && (plan.strategy != .failCheck || Self.isOut(rows.value("status", of: server)))
    }
  }

  /// `UP 1/3` is a server whose check has begun to fail, and which still gets requests.
  private static func isOut(_ status: Substring?) -> Bool {
    ["DOWN", "NOLB", "MAINT"].contains { status?.hasPrefix($0) ?? false }
  }

  func isUp(_ node: RotationNode, _ rows: ShowStat) -> Bool {
    node.servers.allSatisfy {
      rows.value("status", of: $0).map { $0 == "UP" || $0 == "no check" } ?? false
    }
  }
}
