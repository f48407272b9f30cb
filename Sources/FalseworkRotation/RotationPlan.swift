// SPDX-License-Identifier: Apache-2.0
package import FalseworkCore

/// How the nodes are taken out and brought back: the part of a scenario that is being tried.
package struct RotationPlan: Equatable, Sendable {
  package enum Strategy: String, CaseIterable, Equatable, Sendable {
    /// SIGKILL and start again; nobody is told.
    case kill
    /// SIGTERM and start again; nobody is told.
    case restart
    /// `set server … state maint`, wait, SIGTERM, start, `ready`.
    case maint
    /// `set server … state drain`, wait, SIGTERM, start, `ready`.
    case drain
    /// The node fails its health check and goes on serving, wait, SIGTERM, start.
    case failCheck = "fail-check"
    /// `set server … weight N%` down in steps, wait, SIGTERM, start, `weight N%` up in steps.
    case ramp

    /// Whether the proxy is told.
    package var tells: Bool { state != nil || self == .ramp }

    /// The state that the proxy is told; nil tells it none.
    package var state: String? { self == .maint || self == .drain ? rawValue : nil }
  }

  package enum Signal: String, CaseIterable, Equatable, Sendable {
    case terminate
    case kill
    case graceful
  }

  package enum Batch: Equatable, Sendable {
    case count(Int)
    /// Of all nodes, rounded down, at least one.
    case percent(Int)

    func size(of nodes: Int) -> Int {
      switch self {
      case .count(let count): max(1, count)
      case .percent(let percent): max(1, nodes * percent / 100)
      }
    }
  }

  /// Weights that a node goes through, in percent of the one that the configuration gives it.
  package struct Ramp: Equatable, Sendable {
    /// Before the node is stopped; without any, nothing is done to its weight.
    package var down: [Int]
    /// When it is back; the last is 100.
    package var up: [Int]
    /// From one weight to the next.
    package var every: Interval

    package init(down: [Int], up: [Int], every: Interval) {
      self.down = down
      self.up = up
      self.every = every
    }

    package static let none = Ramp(down: [], up: [], every: .zero)
    /// What `strategy: ramp` does unless it is told otherwise.
    package static let quarters = Ramp(
      down: [75, 50, 25, 0], up: [25, 50, 75, 100], every: .seconds(5))
  }

  /// How long between telling the proxy and stopping the node.
  package enum Wait: Equatable, Sendable {
    case fixed(Interval)
    /// Until `show stat` says that no request is in flight on the node, but no longer than this.
    case untilIdle(cap: Interval)
  }

  /// When the node is declared ready to the proxy.
  package enum Ready: String, CaseIterable, Equatable, Sendable {
    /// When the node itself answers.
    case whenAnswering = "when-answering"
    /// As soon as it was started.
    case atOnce = "at-once"
  }

  package var strategy: Strategy
  package var signal: Signal
  /// After the load began.
  package var begin: Interval
  package var batch: Batch
  /// The order of the nodes; each once.
  package var order: [NodeID]
  package var wait: Wait
  /// How long a node stays away, from its exit to its start.
  package var down: Interval
  package var ready: Ready
  /// Whether to wait, after `ready`, until the proxy itself says UP.
  package var awaitUp: Bool
  /// After each batch.
  package var settle: Interval
  /// Between two looks at a node or at `show stat`.
  package var poll: Interval
  /// How long a node may take to exit, to answer or to be UP before the rotation is given up.
  package var patience: Interval
  /// What is done, in this order; empty is the nodes of `order` and nothing else. A node may come
  /// more than once, and one that comes in no step is left alone.
  package var steps: [RotationStep] = []
  /// The batches after the first; the last is repeated until no node is left.
  package var laterBatches: [Batch] = []
  package var ramp = Ramp.none
  /// What must hold after each batch.
  package var gate: Gate?
  /// Never fewer nodes ready than this, as far as the rotation can see to it.
  package var floor: Int?
  package var onAbort = OnAbort.stop
  package var canary: Canary?
  /// Nodes that are there only while the others are taken out.
  package var surge: [NodeID] = []
  package var blueGreen: BlueGreen?

  package init(
    strategy: Strategy, signal: Signal, begin: Interval, batch: Batch, order: [NodeID],
    wait: Wait, down: Interval, ready: Ready, awaitUp: Bool, settle: Interval, poll: Interval,
    patience: Interval
  ) {
    self.strategy = strategy
    self.signal = signal
    self.begin = begin
    self.batch = batch
    self.order = order
    self.wait = wait
    self.down = down
    self.ready = ready
    self.awaitUp = awaitUp
    self.settle = settle
    self.poll = poll
    self.patience = patience
  }

  /// Nodes that do not run when the run begins.
  package var spares: [NodeID] { surge + (blueGreen?.green ?? []) }

  /// What it is called in results.
  package var title: String {
    if blueGreen != nil { return "blue-green" }
    return canary == nil ? strategy.rawValue : "canary, \(strategy.rawValue)"
  }

  /// Some of what the plan waits for is how requests fare.
  package var watchesRequests: Bool { gate?.judgesRequests ?? false }

  /// The most nodes that are out together.
  package var batchSize: Int { batches(of: order.count).max() ?? 1 }

  /// How many of these go together, one batch after the other.
  func batches(of count: Int) -> [Int] {
    let wanted = [batch] + laterBatches
    var sizes: [Int] = []
    var left = count
    while left > 0 {
      let size = min(left, wanted[min(sizes.count, wanted.count - 1)].size(of: order.count))
      sizes.append(size)
      left -= size
    }
    return sizes
  }

  /// The steps, with the one that stands for none given.
  package var program: [RotationStep] { steps.isEmpty ? [.nodes(order)] : steps }

  /// The same plan with every time divided, for `--time-scale`.
  package func divided(by divisor: Int64) -> RotationPlan {
    var plan = self
    plan.begin = begin / divisor
    plan.down = down / divisor
    plan.settle = settle / divisor
    plan.poll = max(.milliseconds(1), poll / divisor)
    plan.patience = patience / divisor
    plan.ramp.every = ramp.every / divisor
    plan.gate = gate?.divided(by: divisor)
    if let soak = canary?.soak { plan.canary?.soak = soak / divisor }
    if let delay = blueGreen?.scaleDownDelay { plan.blueGreen?.scaleDownDelay = delay / divisor }
    plan.steps = steps.map { step in
      switch step {
      case .pause(let interval): .pause(interval / divisor)
      case .nodes, .operation: step
      }
    }
    switch wait {
    case .fixed(let interval): plan.wait = .fixed(interval / divisor)
    case .untilIdle(let cap): plan.wait = .untilIdle(cap: cap / divisor)
    }
    return plan
  }
}

/// A node as the rotation knows it: by name, and by the names under which the proxy has it.
package struct RotationNode: Equatable, Sendable {
  package var id: NodeID
  package var name: String
  /// `backend/server`, as the runtime API spells it.
  package var servers: [String]

  package init(id: NodeID, name: String, servers: [String]) {
    self.id = id
    self.name = name
    self.servers = servers
  }
}
