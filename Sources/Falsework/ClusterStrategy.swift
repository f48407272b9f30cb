// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkRotation

/// A way to take nodes out and bring them back that you write yourself.
///
/// It is a value that is shown the cluster as an operator sees it, and says what should be so. It
/// does nothing by itself and knows no clock but the one that it is shown, so it runs the same in
/// virtual time and on sockets:
///
///     struct OneByOne: ClusterStrategy {
///       mutating func decide(_ cluster: ClusterView, into orders: inout [ClusterOrder]) {
///         guard let node = cluster.nodes.first(where: { !$0.isUpgraded || !$0.isUp }) else {
///           return orders.append(.finish)
///         }
///         switch node.process {
///         case .running where node.isUpgraded: if node.answers { orders.append(.ready(node.name))
/// }
///         case .running:
///           orders.append(.drain(node.name))
///           if node.status == "DRAIN", node.inFlight == 0 { orders.append(.stop(node.name)) }
///         case .stopping: break
///         case .gone: orders.append(.start(node.name))
///         }
///       }
///     }
///
/// It is asked every `poll` and whenever a node exits or answers. An order for what is so already
/// is
/// none, so it may say the same thing each time. `Cluster.rotate(with:)` takes it; it goes on until
/// it orders `finish` or `abort`.
public protocol ClusterStrategy: Equatable, Sendable {
  mutating func decide(_ cluster: ClusterView, into orders: inout [ClusterOrder])
}

/// What a strategy is shown.
public struct ClusterView: Equatable, Sendable {
  /// A node's process, as far as whoever starts and stops it knows.
  public enum Process: Equatable, Sendable {
    case running
    /// It was told to stop, and is not yet gone.
    case stopping
    case gone
  }

  /// A node, by its process and by what the proxy says of it.
  public struct Node: Equatable, Sendable {
    public let name: String
    public let process: Process
    /// A look at the node itself was answered since it was started.
    public let answers: Bool
    /// It was started as the release that the scenario upgrades to.
    public let isUpgraded: Bool
    /// As `show stat` spells it: `UP`, `UP 1/3`, `DOWN`, `DRAIN`, `MAINT`, `no check`. Empty before
    /// the first look.
    public let status: String
    /// `UP` or `no check` of every server that the proxy has for the node.
    public let isUp: Bool
    /// Requests that the proxy has on the node.
    public let inFlight: Int
    /// The weight that the proxy gives it.
    public let weight: Int
  }

  /// Since the strategy was first asked.
  public let elapsed: Duration
  /// In the scenario's order.
  public let nodes: [Node]
  /// Requests of the load that ended since the rotation began, or since the last order `count`.
  public let requests: Int
  /// Those of them that failed.
  public let failures: Int
  /// Of all of them, to 3.2 % from above; nil without any.
  public let p99: Duration?

  /// The node of this name; nil if there is none.
  public subscript(name: String) -> Node? { nodes.first { $0.name == name } }

  init(_ view: RotationView) {
    elapsed = .nanoseconds(view.elapsed.nanoseconds)
    nodes = view.nodes.map { node in
      Node(
        name: node.name,
        process: node.process == .running ? .running : node.process == .gone ? .gone : .stopping,
        answers: node.answers, isUpgraded: node.isUpgraded, status: node.status, isUp: node.isUp,
        inFlight: node.inFlight, weight: node.weight)
    }
    requests = view.requests.requests
    failures = view.requests.failures
    p99 = view.requests.p99.map { .nanoseconds($0.nanoseconds) }
  }
}

/// What a strategy says should be so. Nodes are named as in the scenario; one that is not there is
/// an
/// error of the strategy, and ends the rotation.
public enum ClusterOrder: Equatable, Sendable {
  /// `set server … state maint`.
  case maint(String)
  /// `set server … state drain`.
  case drain(String)
  /// `set server … state ready`.
  case ready(String)
  /// `set server … weight N%`, from 0 to 100.
  case weight(String, percent: Int)
  /// The node's `/healthcheck` fails from now on, while all else is served, or passes again.
  case healthCheck(String, fails: Bool)
  case stop(String, by: ClusterStop = .terminate)
  /// As the release that the scenario upgrades to.
  case start(String)
  /// As the release that the node ran at first.
  case restore(String)
  /// Requests are counted anew from now on.
  case count
  /// A line in the record of the rotation.
  case note(String)
  /// The rotation has ended well.
  case finish
  /// The rotation is given up, and all left as it is.
  case abort(String)
}

/// A user's strategy as the rotation has it.
struct NamedStrategy: RotationStrategy {
  var strategy: any ClusterStrategy

  static func == (one: NamedStrategy, other: NamedStrategy) -> Bool {
    one.strategy.isEqual(to: other.strategy)
  }

  mutating func decide(_ view: RotationView, into orders: inout [RotationOrder]) {
    var wanted: [ClusterOrder] = []
    strategy.decide(ClusterView(view), into: &wanted)
    for order in wanted {
      do {
        orders.append(try Self.order(order, view))
      } catch {
        orders.append(.abort("the strategy names a node that is not there: \(error.name)"))
      }
    }
  }

  private struct Stranger: Error {
    var name: String
  }

  private static func order(
    _ order: ClusterOrder, _ view: RotationView
  ) throws(Stranger) -> RotationOrder {
    func node(_ name: String) throws(Stranger) -> NodeID {
      guard let node = view.nodes.first(where: { $0.name == name }) else {
        throw Stranger(name: name)
      }
      return node.id
    }
    switch order {
    case .maint(let name): return .tell(try node(name), .maint)
    case .drain(let name): return .tell(try node(name), .drain)
    case .ready(let name): return .tell(try node(name), .ready)
    case .weight(let name, let percent):
      return .weigh(try node(name), min(100, max(0, percent)))
    case .healthCheck(let name, let fails): return .check(try node(name), fails: fails)
    case .stop(let name, .terminate): return .stop(try node(name), .terminate)
    case .stop(let name, .kill): return .stop(try node(name), .kill)
    case .stop(let name, .graceful): return .stop(try node(name), .graceful)
    case .start(let name): return .start(try node(name))
    case .restore(let name): return .restore(try node(name))
    case .count: return .count
    case .note(let text): return .note(text)
    case .finish: return .finish
    case .abort(let reason): return .abort(reason)
    }
  }
}

extension ClusterStrategy {
  fileprivate func isEqual(to other: any ClusterStrategy) -> Bool { (other as? Self) == self }
}
