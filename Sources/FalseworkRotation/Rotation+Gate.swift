// SPDX-License-Identifier: Apache-2.0
import FalseworkCore

/// What must hold before the rotation goes on: the gate after a batch, and the floor before one.
extension Rotation {
  /// A gate that is being asked.
  struct Gating: Equatable, Sendable {
    var gate: RotationPlan.Gate
    var poll: Instant
    /// The end of the soak; `.never` as long as too few nodes are ready.
    var until: Instant
    var deadline: Instant
    /// It has soaked; too few requests have ended to say anything.
    var isSoaked = false

    var nextWake: Instant { min(poll, isSoaked ? .never : until, deadline) }
  }

  mutating func open(_ gate: RotationPlan.Gate, now: Instant, into effects: inout [Effect]) {
    phase = .gating(
      Gating(
        gate: gate, poll: now + plan.poll, until: gate.ready == nil ? now + gate.soak : .never,
        deadline: now + gate.soak + plan.patience))
    if gate.ready == nil {
      self.gate(now: now, into: &effects)
    } else {
      count(into: &effects)
    }
  }

  private mutating func gate(now: Instant, into effects: inout [Effect]) {
    if case .gating(let gating) = phase, now >= gating.nextWake {
      gate(gating, now: now, into: &effects)
    }
  }

  mutating func gate(_ old: Gating, now: Instant, into effects: inout [Effect]) {
    var gating = old
    if now >= gating.until, !gating.isSoaked { gating.isSoaked = true }
    if gating.isSoaked, let verdict = judge(gating.gate) {
      guard let reason = verdict.reason else {
        mark(.passed(batch), nil, now, into: &effects)
        return settle(now: now, into: &effects)
      }
      return giveUp(reason, now, into: &effects)
    }
    guard now < gating.deadline else {
      let missing =
        gating.isSoaked
        ? "batch \(batch) is inconclusive: \(window.requests) requests within \(plan.patience), "
          + "fewer than \(gating.gate.requests)"
        : "batch \(batch) did not keep \(gating.gate.ready ?? 0) nodes ready for "
          + "\(gating.gate.soak) within \(plan.patience)"
      return giveUp(missing, now, into: &effects)
    }
    if now >= gating.poll {
      gating.poll = now + plan.poll
      if gating.gate.ready != nil { count(into: &effects) }
    }
    phase = .gating(gating)
  }

  private struct Verdict {
    /// Nil passes.
    var reason: String?
  }

  /// Nil as long as there is too little to judge by.
  private func judge(_ gate: RotationPlan.Gate) -> Verdict? {
    guard gate.judgesRequests else { return Verdict() }
    guard window.requests >= gate.requests else { return nil }
    if case .share(let most)? = gate.failures, window.failures * 10_000 > most * window.requests {
      return Verdict(
        reason: "batch \(batch): \(window.failures) of \(window.requests) requests failed, more "
          + "than \(RotationPlan.Budget.share(most).text)")
    }
    if let most = gate.p99, let p99 = window.p99, p99 > most {
      return Verdict(reason: "batch \(batch): p99 of \(p99), more than \(most)")
    }
    return Verdict()
  }

  /// A request failed.
  mutating func spent(now: Instant, into effects: inout [Effect]) {
    guard case .count(let most)? = plan.gate?.failures, window.failures > most else { return }
    giveUp(
      "batch \(batch): \(window.failures) requests failed, more than \(most)", now, into: &effects)
  }

  // MARK: Ready nodes

  /// Asks the proxy how many nodes are ready.
  mutating func count(into effects: inout [Effect]) {
    send("show stat", nil, into: &effects)
  }

  mutating func counted(_ reply: String, now: Instant, into effects: inout [Effect]) {
    let rows = ShowStat(reply)
    switch phase {
    case .held:
      guard case .batch(let next) = pieces[place], let floor = plan.floor else { return }
      let taken = next.moves.filter(\.course.takesAway).map(\.node)
      let left = ready(rows) { !taken.contains($0) }
      if left >= floor { return begin(next, now: now, into: &effects) }
      if !isHeld { mark(.held(ready: left), nil, now, into: &effects) }
      isHeld = true
    case .gating(var gating):
      guard let wanted = gating.gate.ready, !gating.isSoaked else { return }
      if ready(rows, where: { _ in true }) < wanted {
        gating.until = .never
      } else if gating.until == .never {
        gating.until = now + gating.gate.soak
      }
      phase = .gating(gating)
      gate(now: now, into: &effects)
    case .notBegun, .inBatch, .settling, .operating, .pausing, .finished:
      return
    }
  }

  private func ready(_ rows: ShowStat, where counts: (NodeID) -> Bool) -> Int {
    nodes.filter { !$0.servers.isEmpty && counts($0.id) && isUp($0, rows) }.count
  }

  mutating func held(deadline: Instant, now: Instant, into effects: inout [Effect]) {
    guard now < deadline else {
      return giveUp(
        "fewer than \(plan.floor ?? 0) nodes would be ready during batch \(batch + 1) for "
          + "\(plan.patience)", now, into: &effects)
    }
    phase = .held(poll: now + plan.poll, deadline: deadline)
    count(into: &effects)
  }
}

extension RotationPlan.Budget {
  /// As the scenario has it: `3`, `1%`, `0.5%`.
  package var text: String {
    switch self {
    case .count(let count): return "\(count)"
    case .share(let hundredths):
      let (whole, rest) = hundredths.quotientAndRemainder(dividingBy: 100)
      if rest == 0 { return "\(whole)%" }
      return rest % 10 == 0 ? "\(whole).\(rest / 10)%" : "\(whole).\(rest < 10 ? "0" : "")\(rest)%"
    }
  }
}
