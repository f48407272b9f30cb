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

    /// Whether the proxy is told.
    package var tells: Bool { self == .maint || self == .drain }
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

  /// Nodes that are out together.
  package var batchSize: Int {
    switch batch {
    case .count(let count): max(1, count)
    case .percent(let percent): max(1, order.count * percent / 100)
    }
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

/// A moment of the rotation, for the record.
package struct Mark: Equatable, Sendable {
  package enum Step: Equatable, Sendable {
    case began
    case batchBegan(Int)
    case told
    case stopping
    case exited
    case started
    case answering
    case ready
    case up
    case batchEnded(Int)
    /// Something was done to the cluster that is no node's: what, in a few words.
    case operated(String)
    case paused(Interval)
    case ended
    case aborted(String)

    package var label: String {
      switch self {
      case .began: "rotation began"
      case .batchBegan(let number): "batch \(number) began"
      case .told: "proxy told"
      case .stopping: "stopping"
      case .exited: "exited"
      case .started: "started"
      case .answering: "answering"
      case .ready: "ready"
      case .up: "up"
      case .batchEnded(let number): "batch \(number) ended"
      case .operated(let what): what
      case .paused(let interval): "pause of \(interval)"
      case .ended: "rotation ended"
      case .aborted(let reason): "aborted: \(reason)"
      }
    }
  }

  package var at: Instant
  package var node: NodeID?
  package var step: Step

  package init(at: Instant, node: NodeID?, step: Step) {
    self.at = at
    self.node = node
    self.step = step
  }
}
