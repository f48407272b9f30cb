// SPDX-License-Identifier: Apache-2.0
package import FalseworkCore
import FalseworkKeystone
import FalseworkLoad
import FalseworkProxy
import FalseworkRotation
import HeapModule

/// Who has a connection to a frontend: the load engine, or a test that asks by itself.
enum Caller: Hashable, Sendable {
  case load(SlotID)
  case guest(GuestID)
}

package enum GuestTag {}
/// A request that a test makes.
package typealias GuestID = ID<GuestTag>

/// Who has a connection to a node.
enum NodePeer: Equatable, Sendable {
  case proxy(ServerConnectionID)
  case check(CheckID)
  case probe(ProbeID)
  case guest(GuestID)
}

/// What a caller asks of a frontend.
enum Question: Equatable, Sendable {
  case call(Call)
  case keystone(KeystoneCall)
}

/// What travels between two components, and arrives one latency later.
enum Message: Sendable {
  // From callers to a frontend.
  case callerConnects(Caller, FrontendID, port: UInt16)
  case callerAsks(ClientID, Question)
  case callerCloses(ClientID)
  // From a frontend to callers.
  case callerConnected(Caller, ClientID, port: UInt16)
  case callerAnswered(ClientID, LoadEngine.Reply, body: [UInt8])
  case callerClosed(ClientID, CloseKind)
  // To a node.
  case peerConnects(NodePeer, NodeID)
  case peerAsks(NodeConnectionID, KeystoneNode.Request)
  case peerCloses(NodeConnectionID)
  // From a node.
  case peerConnected(NodePeer, NodeConnectionID)
  case peerRefused(NodePeer)
  case peerAnswered(NodeConnectionID, KeystoneAnswer, close: Bool)
  case peerClosed(NodeConnectionID, CloseKind)
  // Operators.
  case order(CommandID, String)
  case orderAnswered(CommandID, String)
  case stop(NodeID, StopSignal)
  case start(NodeID)
  /// Start it as the release that it ran at first.
  case restore(NodeID)
  case exited(NodeID)
}

/// The wires: every message takes its latency, and those of one connection's direction keep their
/// order. Messages that arrive at the same instant arrive in the order in which they were sent.
struct Fabric: Sendable {
  private struct Entry: Comparable, Sendable {
    var at: Instant
    var sequence: UInt64
    /// Where the message waits; the heap moves this, not the message.
    var place: Int

    static func < (a: Entry, b: Entry) -> Bool {
      a.at != b.at ? a.at < b.at : a.sequence < b.sequence
    }
    static func == (a: Entry, b: Entry) -> Bool { a.sequence == b.sequence }
  }

  private var heap = Heap<Entry>()
  private var messages: [Message?] = []
  private var free: [Int] = []
  private var sequence: UInt64 = 0
  private let latency: Distribution
  private var generator: SeededGenerator

  init(latency: Distribution, seed: UInt64) {
    self.latency = latency
    generator = SeededGenerator(seed: seed, stream: "network")
  }

  var next: Instant { heap.min?.at ?? .never }
  var count: Int { heap.count }

  /// Sends a message that need not keep an order with others.
  mutating func send(_ message: Message, now: Instant) {
    post(message, at: now + latency.sample(using: &generator))
  }

  /// Sends a message that arrives no earlier than `last`, the arrival of the one before it on the
  /// same way.
  mutating func send(_ message: Message, now: Instant, after last: inout Instant) {
    last = max(last, now + latency.sample(using: &generator))
    post(message, at: last)
  }

  private mutating func post(_ message: Message, at instant: Instant) {
    sequence += 1
    let place: Int
    if let slot = free.popLast() {
      place = slot
      messages[slot] = message
    } else {
      place = messages.count
      messages.append(message)
    }
    heap.insert(Entry(at: instant, sequence: sequence, place: place))
  }

  /// The next message; it arrives at the time that `next` said.
  mutating func pop() -> Message {
    let entry = heap.removeMin()
    free.append(entry.place)
    guard let message = messages[entry.place].take() else {
      preconditionFailure("a message was delivered twice: \(entry)")
    }
    return message
  }
}
