// SPDX-License-Identifier: Apache-2.0
import FalseworkCore

@testable import FalseworkRotation

/// A proxy and nodes that do what they are told, each after its time, and a transcript of what
/// they were told and when.
struct RotationWorld {
  /// How the others behave; every time is from the effect to its answer.
  struct Behaviour: Sendable {
    var reply: Interval = .zero
    var exit: Interval = .milliseconds(100)
    /// From the start until the node answers; before that a look at it fails at once.
    var load: Interval = .seconds(2)
    var look: Interval = .zero
    /// How long after it was told until `show stat` has no request in flight.
    var drain: Interval = .milliseconds(500)
    /// How long after `ready`, or after the node answers if that is later, the proxy says UP.
    var rise: Interval = .milliseconds(300)
    /// Lines that begin so get this answer instead of silence.
    var refusals: [String: String] = [:]
    /// Lines that begin so get none, and effects of these nodes neither.
    var silent: Set<String> = []
    /// An operation for the cluster takes so long.
    var operation: Interval = .milliseconds(200)
    /// And comes to this, by its label.
    var refusedOperations: [String: String] = [:]
    /// Nodes that the proxy says DOWN of until then.
    var downUntil: [Int: Interval] = [:]
    /// Requests of a load, each at its time.
    var requests: [Request] = []

    struct Request: Sendable {
      var at: Interval
      var failed = false
      var took = Interval.milliseconds(20)
    }
  }

  private enum Event {
    case replied(CommandID, String)
    case exited(NodeID)
    case probed(ProbeID, NodeID)
    case operated(OperationID, String?)
    case requestEnded(Behaviour.Request)
  }

  var rotation: Rotation
  private(set) var now = Instant.start
  private(set) var transcript: [String] = []
  private(set) var marks: [Mark] = []
  private(set) var commands: [String] = []
  private(set) var outcome: Rotation.Outcome?
  private(set) var stopped: [(at: Instant, node: Int, signal: RotationPlan.Signal)] = []
  private(set) var started: [(at: Instant, node: Int)] = []
  private let nodes: [RotationNode]
  private let behaviour: Behaviour
  private var events: [(at: Instant, event: Event)] = []
  private var told: [String: Instant] = [:]
  private var ready: [String: Instant] = [:]
  private var effects: [Rotation.Effect] = []

  init(_ plan: RotationPlan, nodes: [RotationNode] = .three, _ behaviour: Behaviour = Behaviour()) {
    self.init(Rotation(plan: plan, nodes: nodes, now: .start), nodes: nodes, behaviour)
  }

  init(_ rotation: Rotation, nodes: [RotationNode] = .three, _ behaviour: Behaviour) {
    self.rotation = rotation
    self.nodes = nodes
    self.behaviour = behaviour
    events = behaviour.requests.map { (.start + $0.at, .requestEnded($0)) }
  }

  /// Runs to the end, or until nothing is due any more.
  mutating func run() {
    var turns = 0
    while outcome == nil, step() {
      turns += 1
      precondition(turns < 100_000, "no end in sight: \(rotation)")
    }
  }

  /// The next thing that is due; false if nothing is.
  mutating func step() -> Bool {
    let place = events.indices.min { events[$0].at < events[$1].at }
    let event = place.map { events[$0].at } ?? .never
    let next = min(event, rotation.nextWake)
    guard next != .never else { return false }
    now = max(now, next)
    if let place, event <= rotation.nextWake {
      switch events.remove(at: place).event {
      case .replied(let id, let reply): rotation.answered(id, reply, now: now, into: &effects)
      case .exited(let node): rotation.exited(node, now: now, into: &effects)
      case .probed(let probe, let node):
        let at = now - behaviour.look
        let answers = started.last { $0.node == node.index }.map { at >= $0.at + behaviour.load }
        rotation.probed(probe, answered: answers ?? true, now: now, into: &effects)
      case .requestEnded(let request):
        rotation.requestEnded(
          failed: request.failed, took: request.took, now: now, into: &effects)
      case .operated(let id, let refusal):
        rotation.operated(id, refusal: refusal, now: now, into: &effects)
      }
    } else {
      rotation.wake(now: now, into: &effects)
    }
    settle()
    return true
  }

  private mutating func settle() {
    let taken = effects
    effects.removeAll()
    for effect in taken {
      let time = (now - .start).secondsText(decimals: 3)
      switch effect {
      case .command(let id, let line):
        commands.append(line)
        transcript.append("\(time) > \(line)")
        answer(id, line)
      case .stop(let node, let signal):
        transcript.append("\(time) stop \(nodes[node.index].name) \(signal)")
        stopped.append((now, node.index, signal))
        guard !isSilent("stop") else { continue }
        events.append((now + behaviour.exit, .exited(node)))
      case .start(let node), .restore(let node):
        let word = if case .restore = effect { "restore" } else { "start" }
        transcript.append("\(time) \(word) \(nodes[node.index].name)")
        started.append((now, node.index))
      case .probe(let probe, let node):
        guard !isSilent("probe") else { continue }
        events.append((now + behaviour.look, .probed(probe, node)))
      case .operate(let id, let operation):
        let label = operation.label { nodes[$0.index].name }
        transcript.append("\(time) do: \(label)")
        guard !isSilent("operate") else { continue }
        events.append(
          (now + behaviour.operation, .operated(id, behaviour.refusedOperations[label])))
      case .mark(let mark):
        marks.append(mark)
        let name = mark.node.map { nodes[$0.index].name + " " } ?? ""
        transcript.append("\(time) \(name)\(mark.step.label)")
      case .finished(let outcome):
        self.outcome = outcome
      }
    }
  }

  private func isSilent(_ line: String) -> Bool {
    behaviour.silent.contains { line.hasPrefix($0) }
  }

  private mutating func answer(_ id: CommandID, _ line: String) {
    guard !isSilent(line) else { return }
    var reply = "\n"
    if let refusal = behaviour.refusals.first(where: { line.hasPrefix($0.key) }) {
      reply = refusal.value
    } else if line == "show stat" {
      reply = showStat
    } else {
      let words = line.split(separator: " ").map(String.init)
      if words.last == "ready" { ready[words[2]] = now } else { told[words[2]] = now }
    }
    events.append((now + behaviour.reply, .replied(id, reply)))
  }

  /// As HAProxy writes it, with a few of its columns.
  private var showStat: String {
    var text = "# pxname,svname,qcur,scur,status,check_desc,\n"
    for (index, node) in nodes.enumerated() {
      for server in node.servers {
        let names = server.split(separator: "/")
        let busy = told[server].map { now < $0 + behaviour.drain } ?? true
        let answering = started.last { $0.node == index }.map { $0.at + behaviour.load } ?? .start
        let risen = max(answering, ready[server] ?? .start) + behaviour.rise
        let isDown = behaviour.downUntil[index].map { now < .start + $0 } ?? false
        let status = now >= risen && !isDown ? "UP" : "DOWN 1/2"
        text += "\(names[0]),\(names[1]),0,\(busy ? 3 : 0),\(status),\"Layer7 \"\"check\"\", x\",\n"
      }
    }
    return text + "\n"
  }
}

extension [RotationNode] {
  static let three = (0..<3).map { index in
    RotationNode(id: NodeID(index), name: "k\(index + 1)", servers: ["keystone/k\(index + 1)"])
  }

  /// Each node twice in the proxy, as OpenStack-Ansible has it: public and admin.
  static let twice = (0..<2).map { index in
    RotationNode(
      id: NodeID(index), name: "k\(index + 1)",
      servers: ["public/k\(index + 1)", "admin/k\(index + 1)"])
  }

  static func many(_ count: Int) -> [RotationNode] {
    (0..<count).map { index in
      RotationNode(id: NodeID(index), name: "k\(index + 1)", servers: ["keystone/k\(index + 1)"])
    }
  }
}

extension RotationPlan {
  static func plan(
    _ strategy: Strategy, signal: Signal = .terminate, begin: Interval = .seconds(1),
    batch: Batch = .count(1), order: [Int] = [0, 1, 2], wait: Wait = .fixed(.zero),
    down: Interval = .zero, ready: Ready = .whenAnswering, awaitUp: Bool = false,
    settle: Interval = .seconds(2), poll: Interval = .seconds(1), patience: Interval = .seconds(60)
  ) -> RotationPlan {
    RotationPlan(
      strategy: strategy, signal: signal, begin: begin, batch: batch, order: order.map(NodeID.init),
      wait: wait, down: down, ready: ready, awaitUp: awaitUp, settle: settle, poll: poll,
      patience: patience)
  }
}
