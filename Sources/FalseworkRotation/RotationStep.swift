// SPDX-License-Identifier: Apache-2.0
package import FalseworkCore

/// One step of a plan that does more than to take the nodes out one by one: the database, the keys
/// and the caches that the nodes share have steps of their own, and their place among the nodes
/// decides what breaks.
package enum RotationStep: Equatable, Sendable {
  /// These nodes, in batches, as the plan's strategy says.
  case nodes([NodeID])
  case operation(Operation)
  case pause(Interval)

  /// What an operator does to the cluster and not to a node's process.
  package enum Operation: Equatable, Sendable {
    /// `keystone-manage db_sync`, run by the code of a release; nil is the one that the rotation
    /// leads to.
    case database(DatabaseOrder, as: String?)
    case keys(KeyOrder, KeyKind, on: NodeID)
    /// Nil flushes all.
    case flushCache(NodeID?)
    /// Whether a node's health check fails, whatever else it does.
    case check(fails: Bool, on: NodeID)
  }

  package enum DatabaseOrder: String, CaseIterable, Equatable, Sendable {
    case expand, migrate, contract
    /// Without a phase: all three at once.
    case sync
  }

  /// Whose keys: of Fernet tokens, of signed tokens, of encrypted credentials.
  package enum KeyKind: String, CaseIterable, Equatable, Sendable {
    case fernet, jws, credential
  }

  package enum KeyOrder: Equatable, Sendable {
    /// A repository of the node's own, as `keystone-manage …_setup` makes it where there is none.
    case setup
    /// A new primary key.
    case rotate
    /// The node's keys go to these nodes. Half: the copy stops before the new primary key.
    case distribute(to: [NodeID], half: Bool)
    /// The repository is emptied.
    case remove
  }
}

extension RotationStep.Operation {
  /// As marks and reasons call it; nodes by the names that are given.
  package func label(_ name: (NodeID) -> String) -> String {
    switch self {
    case .database(.sync, _): "database synced"
    case .database(let order, _): "database \(order.rawValue)"
    case .flushCache(nil): "caches flushed"
    case .flushCache(let node?): "cache of \(name(node)) flushed"
    case .check(true, let node): "check of \(name(node)) fails"
    case .check(false, let node): "check of \(name(node)) passes"
    case .keys(let order, let kind, let node):
      switch order {
      case .setup: "\(kind.rawValue) keys of \(name(node)) set up"
      case .rotate: "\(kind.rawValue) keys of \(name(node)) rotated"
      case .remove: "\(kind.rawValue) keys of \(name(node)) removed"
      case .distribute(_, false): "\(kind.rawValue) keys of \(name(node)) distributed"
      case .distribute(_, true): "\(kind.rawValue) keys of \(name(node)) half distributed"
      }
    }
  }
}
