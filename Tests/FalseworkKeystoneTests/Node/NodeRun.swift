// SPDX-License-Identifier: Apache-2.0
import FalseworkCore

@testable import FalseworkKeystone

/// One node, driven from wake to wake, with a log of what it wanted and when.
struct NodeRun {
  struct Entry: Equatable, CustomStringConvertible {
    var at: Int64
    var what: String
    var description: String { "\(at) \(what)" }
  }

  var node: KeystoneNode
  var context: KeystoneNode.Context
  private(set) var log: [Entry] = []

  /// Each phase takes another whole number of milliseconds, so that a mix-up shows.
  static let times = NodeTimes(
    listens: .constant(.milliseconds(20)), loads: .constant(.milliseconds(2_000)),
    cut: .constant(.milliseconds(40)), zombie: .constant(.milliseconds(1_000)),
    finishing: .constant(.milliseconds(1_900)), gone: .constant(.milliseconds(2_500)),
    killed: .constant(.milliseconds(1_400)))

  init(
    workers: Int = 0, backlog: Int = 100, takes: Interval = .zero, times: NodeTimes = times,
    serving: Bool = true, sharesMachine: Bool = false
  ) {
    let desk = Desk()
    let service = ServiceModel(
      workers: workers, backlog: backlog, authenticate: .constant(takes),
      validate: .constant(takes), other: .constant(takes), discovery: .constant(takes))
    node = KeystoneNode(
      id: NodeID(0), name: "k1",
      options: .init(times: times, service: service, sharesMachine: sharesMachine),
      identity: desk.service, seed: 1)
    context = .init(now: .start, wall: desk.now, store: desk.store)
    if serving {
      var effects: [KeystoneNode.Effect] = []
      node.begin(as: .newest, now: .start, into: &effects)
    }
  }

  static func connection(_ index: UInt32, _ generation: UInt32 = 0) -> NodeConnectionID {
    NodeConnectionID(index: index, generation: generation)
  }

  /// Lets the node act up to a time in milliseconds, at its own deadlines, and stands there.
  mutating func run(to milliseconds: Int64) {
    let end = Instant.start + .milliseconds(milliseconds)
    while node.nextWake <= end {
      context.now = max(context.now, node.nextWake)
      wake()
    }
    context.now = end
  }

  /// Wakes the node now, whatever it asked for.
  mutating func wake() { act { $0.wake(&$1, into: &$2) } }

  mutating func start(_ release: String = "ocata") {
    act { $0.start(as: Release(named: release)!, now: $1.now, into: &$2) }
  }

  mutating func stop(_ signal: StopSignal) { act { $0.stop(signal, now: $1.now, into: &$2) } }

  mutating func accept(_ index: UInt32, _ generation: UInt32 = 0) {
    act { $0.accepted(Self.connection(index, generation), now: $1.now, into: &$2) }
  }

  mutating func worked(_ task: Int) { act { $0.worked(NodeTask(task), &$1, into: &$2) } }

  mutating func close(_ index: UInt32, _ generation: UInt32 = 0) {
    act { node, context, _ in
      node.closed(Self.connection(index, generation), now: context.now)
    }
  }

  mutating func request(
    _ index: UInt32, _ generation: UInt32 = 0, close: Bool = false, call: KeystoneCall = .version
  ) {
    let request = KeystoneNode.Request(
      call: call, base: "http://k", rendered: true, close: close)
    act { $0.requested(Self.connection(index, generation), request, &$1, into: &$2) }
  }

  /// A new connection with a request on it.
  mutating func send(_ index: UInt32, _ call: KeystoneCall = .version) {
    accept(index)
    request(index, call: call)
  }

  private mutating func act(
    _ body: (inout KeystoneNode, inout KeystoneNode.Context, inout [KeystoneNode.Effect]) -> Void
  ) {
    var effects: [KeystoneNode.Effect] = []
    body(&node, &context, &effects)
    for effect in effects { log.append(Entry(at: milliseconds, what: Self.text(effect))) }
  }

  private var milliseconds: Int64 { (context.now - .start).milliseconds }

  private static func text(_ effect: KeystoneNode.Effect) -> String {
    switch effect {
    case .listen: "listen"
    case .unlisten: "unlisten"
    case .answer(let connection, let answer, let close):
      "answer \(connection.index) \(answer.status)\(close ? " close" : "")"
    case .close(let connection, let kind): "\(kind) \(connection.index)"
    case .turned(let phase): "\(phase)"
    case .exited: "exited"
    case .work(let task, let time): "work \(task.index) \(time)"
    case .abandon(let task): "abandon \(task.index)"
    }
  }

  /// The log since the last look, as lines.
  mutating func lines() -> [String] {
    defer { log = [] }
    return log.map(\.description)
  }
}
