// SPDX-License-Identifier: Apache-2.0
import FalseworkCore

/// The way back: what was done to the nodes is undone, in reverse order, in the same way.
extension Rotation {
  /// Ends the rotation, or turns it round.
  mutating func giveUp(_ reason: String, _ now: Instant, into effects: inout [Effect]) {
    if let first = isGoingBack {
      return abort("\(first); the way back failed: \(reason)", now, into: &effects)
    }
    guard plan.onAbort == .rollback else { return abort(reason, now, into: &effects) }
    guard !isContracted else {
      return abort(
        "\(reason); no way back, since the database was contracted", now, into: &effects)
    }
    let way = wayBack
    guard !way.isEmpty else { return abort(reason, now, into: &effects) }
    mark(.rollingBack(reason), nil, now, into: &effects)
    isGoingBack = reason
    pieces = way.map { .batch($0) }
    place = 0
    take(now: now, into: &effects)
  }

  private var wayBack: [RotationProgram.Batch] {
    var way: [RotationProgram.Batch] = []
    func add(_ moves: [RotationProgram.Move]) {
      // A weight that was changed many times is set back once.
      let new = moves.filter { move in
        move.course != .weigh(100) || !way.contains { $0.moves.contains(move) }
      }
      if !new.isEmpty { way.append(RotationProgram.Batch(moves: new, gate: nil)) }
    }
    if case .inBatch = phase {
      add(
        members.reversed().compactMap { member in
          member.stage == .pending
            ? nil : back(member.move, wasStopped: member.wasStopped || member.isReturning)
        })
    }
    for batch in history.reversed() {
      add(batch.moves.reversed().compactMap { back($0, wasStopped: true) })
    }
    return way
  }

  private func back(
    _ move: RotationProgram.Move, wasStopped: Bool
  ) -> RotationProgram.Move? {
    var back = RotationProgram.Move(node: move.node, course: .cycle, isBack: true)
    // Whatever weight it has now, it ends with its own.
    let whole = move.down.isEmpty && move.up.isEmpty ? [] : [100]
    switch move.course {
    case .cycle:
      back.course = wasStopped ? .cycle : .show
      back.down = move.down
      back.up = whole
    case .enter: back.course = .leave
    case .raise: back.course = .drop
    case .leave:
      back.course = wasStopped ? .enter : .show
      back.isBack = false
      back.up = whole
    case .drop:
      back.course = .raise
    case .show: back.course = .hide
    case .hide:
      back.course = .show
      back.up = whole
    case .weigh:
      // The others get their own weight when they are back, or none.
      guard let green = plan.blueGreen?.green, !green.contains(move.node) else { return nil }
      back.course = .weigh(100)
      back.up = [100]
    }
    return back
  }
}
