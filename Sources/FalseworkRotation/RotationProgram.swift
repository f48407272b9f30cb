// SPDX-License-Identifier: Apache-2.0
package import FalseworkCore

/// A plan written out: who goes when, and where.
package struct RotationProgram: Equatable, Sendable {
  /// What becomes of a node in a batch.
  enum Course: Equatable, Sendable {
    /// Out, and in again as the new release.
    case cycle
    /// Started, and the proxy is told that it is there.
    case enter
    /// Started, and nobody is told.
    case raise
    /// Out, for good.
    case leave
    /// Stopped: the proxy was told before.
    case drop
    /// The proxy is told that the node takes requests.
    case show
    /// The proxy is told that it takes none.
    case hide
    /// The proxy is told this share of its weight, in percent.
    case weigh(Int)

    /// Whether the node takes no requests at some time of it, or none afterwards.
    var takesAway: Bool {
      switch self {
      case .cycle, .leave, .drop, .hide: true
      case .enter, .raise, .show, .weigh: false
      }
    }

    var starts: Bool {
      switch self {
      case .cycle, .enter, .raise: true
      case .leave, .drop, .show, .hide, .weigh: false
      }
    }
  }

  struct Move: Equatable, Sendable {
    var node: NodeID
    var course: Course
    /// The weights on its way out and in.
    var down: [Int] = []
    var up: [Int] = []
    /// It starts as the release that it came from.
    var isBack = false
  }

  struct Batch: Equatable, Sendable {
    var moves: [Move]
    /// Nil goes on without a gate.
    var gate: RotationPlan.Gate?
  }

  enum Piece: Equatable, Sendable {
    case batch(Batch)
    case operation(RotationStep.Operation)
    case pause(Interval)
  }

  private(set) var pieces: [Piece] = []

  package init(_ plan: RotationPlan) {
    var isFirst = true
    let last = plan.program.lastIndex { if case .nodes = $0 { true } else { false } }
    for (index, step) in plan.program.enumerated() {
      switch step {
      case .operation(let operation): pieces.append(.operation(operation))
      case .pause(let interval): pieces.append(.pause(interval))
      case .nodes(let nodes):
        if isFirst { add(plan.surge, .enter, plan, up: plan.wayIn) }
        if let blueGreen = plan.blueGreen {
          switchOver(from: nodes, blueGreen, plan)
        } else {
          takeOut(nodes, plan, canary: isFirst ? plan.canary : nil)
        }
        if index == last { add(plan.surge, .leave, plan, down: plan.ramp.down) }
        isFirst = false
      }
    }
  }

  private mutating func add(
    _ nodes: some Sequence<NodeID>, _ course: Course, _ plan: RotationPlan, down: [Int] = [],
    up: [Int] = [], soak: Interval? = nil
  ) {
    let moves = nodes.map { Move(node: $0, course: course, down: down, up: up) }
    guard !moves.isEmpty else { return }
    pieces.append(.batch(Batch(moves: moves, gate: plan.gate(soak: soak))))
  }

  private mutating func takeOut(
    _ nodes: [NodeID], _ plan: RotationPlan, canary: RotationPlan.Canary?
  ) {
    var rest = nodes[...]
    if let canary {
      let first = rest.prefix(canary.nodes)
      rest = rest.dropFirst(canary.nodes)
      add(
        first, .cycle, plan, down: plan.ramp.down,
        up: canary.weights.first.map { [$0] } ?? plan.wayIn, soak: canary.soak)
      for weight in canary.weights.dropFirst() {
        add(first, .weigh(weight), plan, up: [weight], soak: canary.soak)
      }
    }
    for size in plan.batches(of: rest.count) {
      add(rest.prefix(size), .cycle, plan, down: plan.ramp.down, up: plan.wayIn)
      rest = rest.dropFirst(size)
    }
  }

  private mutating func switchOver(
    from blue: [NodeID], _ plan: RotationPlan.BlueGreen, _ rotation: RotationPlan
  ) {
    add(plan.green, .raise, rotation)
    add(plan.green, .show, rotation, up: Array(plan.weights.prefix(1)))
    for (place, weight) in plan.weights.enumerated() {
      let moves =
        plan.green.map { Move(node: $0, course: .weigh(weight), up: [weight]) }
        + blue.map { Move(node: $0, course: .weigh(100 - weight), up: [100 - weight]) }
      // The green nodes have the first weight already.
      let moved = place == 0 ? Array(moves.dropFirst(plan.green.count)) : moves
      pieces.append(.batch(Batch(moves: moved, gate: rotation.gate(soak: nil))))
    }
    add(blue, .hide, rotation)
    if plan.scaleDownDelay > .zero { pieces.append(.pause(plan.scaleDownDelay)) }
    add(blue, .drop, rotation)
  }

  /// A batch that takes nodes away, and how many are left to take requests.
  package struct Low: Equatable, Sendable {
    package var batch: Int
    package var taken: Int
    package var left: Int
  }

  /// The first batch that leaves the fewest nodes; nil if none takes any away.
  ///
  /// - Parameter nodes: those that take requests at first.
  package func lowest(of nodes: Set<NodeID>) -> Low? {
    var serving = nodes
    var lowest: Low?
    var number = 0
    for case .batch(let batch) in pieces {
      number += 1
      let taken = batch.moves.filter { $0.course.takesAway && serving.contains($0.node) }
      let left = serving.count - taken.count
      if !taken.isEmpty, lowest.map({ left < $0.left }) ?? true {
        lowest = Low(batch: number, taken: taken.count, left: left)
      }
      for move in batch.moves {
        switch move.course {
        case .enter, .show: serving.insert(move.node)
        case .leave, .drop, .hide: serving.remove(move.node)
        case .cycle, .raise, .weigh: break
        }
      }
    }
    return lowest
  }
}

extension RotationPlan {
  /// What a node that was taken down in weight needs on its way back, at least.
  var wayIn: [Int] { ramp.up.isEmpty && !ramp.down.isEmpty ? [100] : ramp.up }

  func gate(soak: Interval?) -> Gate? {
    guard let soak else { return gate }
    var own = gate ?? .soak(soak)
    own.soak = soak
    return own
  }
}
