// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
package import FalseworkKeystone
package import FalseworkRotation

/// Carries out what a rotation orders for the whole cluster: the steps that are no node's.
///
/// It changes values that the world lends to it, the same in every world. New keys come from a
/// stream of the seed of its own.
package struct ClusterOperator: Sendable {
  private let target: Release
  private let maxActiveKeys: Int
  private var generator: SeededGenerator

  package init(scenario: Scenario, seed: UInt64) {
    target = scenario.cluster.target
    maxActiveKeys = scenario.cluster.maxActiveKeys
    generator = SeededGenerator(seed: seed, stream: "operator")
  }

  /// Nil when it is done, or the reason why not, as Keystone's own command gives it.
  ///
  /// - Parameter nodes: the services of the nodes, in the order of the scenario.
  package mutating func perform(
    _ operation: RotationStep.Operation, store: inout IdentityStore,
    nodes: inout [IdentityService]
  ) -> String? {
    switch operation {
    case .database(let order, let name):
      return migrate(order, as: name.flatMap { Release(named: $0) } ?? target, &store)
    case .keys(let order, let kind, let node):
      return keys(order, kind, of: node, &nodes)
    case .check(let fails, let node):
      let release = nodes[node.index].release
      guard !fails || release.hasHealthcheck else {
        return "\(release.name) has no /healthcheck that could fail"
      }
      nodes[node.index].options.isDisabledByFile = fails
      return nil
    case .flushCache(let node):
      if node == nil { store.cache.removeAll() }
      for index in nodes.indices where node == nil || node?.index == index {
        nodes[index].cache.removeAll()
      }
      return nil
    }
  }

  private func migrate(
    _ order: RotationStep.DatabaseOrder, as release: Release, _ store: inout IdentityStore
  ) -> String? {
    var schema = store.schema ?? SchemaState(of: release)
    do throws(SchemaState.Refusal) {
      switch order {
      case .expand: try schema.run(.expand, as: release)
      case .migrate: try schema.run(.migrate, as: release)
      case .contract: try schema.run(.contract, as: release)
      case .sync: schema.sync(as: release)
      }
    } catch {
      return "keystone-manage db_sync: \(error.message)"
    }
    store.schema = schema
    return nil
  }

  /// What becomes of a repository is what `keystone-manage` and `rsync` make of the directory.
  private mutating func keys(
    _ order: RotationStep.KeyOrder, _ kind: RotationStep.KeyKind, of node: NodeID,
    _ nodes: inout [IdentityService]
  ) -> String? {
    switch kind {
    case .fernet: break
    case .jws: return jwsKeys(order, of: node, &nodes)
    case .credential: return "the nodes keep no credential keys: the null key serves"
    }
    let rules = KeyRepositoryRules(
      group: .tokens, release: nodes[node.index].release, maxActiveKeys: maxActiveKeys)
    var directory = KeyDirectory(path: Self.path, keys: nodes[node.index].options.keys)
    switch order {
    case .setup:
      directory = .empty(Self.path)
      let (first, second) = (newKey(), newKey())
      directory.apply(rules.setup(directory, owner: .ofTheCaller, first: first, second: second))
    case .rotate:
      directory.apply(rules.rotation(directory, owner: .ofTheCaller, staging: newKey()))
    case .remove:
      directory = .empty(Self.path)
    case .distribute(let receivers, let half):
      for receiver in receivers {
        var copy = KeyDirectory(path: Self.path, keys: nodes[receiver.index].options.keys)
        let steps = KeyDistribution.steps(from: directory, to: copy, order: .rsync)
        copy.apply(half ? steps.dropLast() : steps[...])
        nodes[receiver.index].options.keys = rules.keys(of: copy)
      }
    }
    nodes[node.index].options.keys = rules.keys(of: directory)
    return nil
  }

  /// A pair of the node's own; a rotation goes on reading what the old ones made. A distribution
  /// takes the public keys to the others, and half of one takes nothing.
  private mutating func jwsKeys(
    _ order: RotationStep.KeyOrder, of node: NodeID, _ nodes: inout [IdentityService]
  ) -> String? {
    func publics(_ keys: JWSKeys) -> [String] { keys.verifying.map(\.pem) }
    let old = nodes[node.index].options.jws
    switch order {
    case .setup, .rotate:
      let new = JWSKeys.setup(nodes: 1, using: &generator)[0]
      nodes[node.index].options.jws = JWSKeys(
        privatePEM: new.signing?.pem,
        publicPEMs: (order == .rotate ? publics(old) : []) + publics(new))
    case .remove:
      nodes[node.index].options.jws = JWSKeys(privatePEM: nil, publicPEMs: [])
    case .distribute(let receivers, let half):
      for receiver in receivers where !half {
        let keys = nodes[receiver.index].options.jws
        let missing = publics(old).filter { !publics(keys).contains($0) }
        nodes[receiver.index].options.jws = JWSKeys(
          privatePEM: keys.signing?.pem, publicPEMs: publics(keys) + missing)
      }
    }
    return nil
  }

  private mutating func newKey() -> FernetKey { FernetKey(bytes: generator.bytes(32)) }

  private static let path = "/etc/keystone/fernet-keys/"
}
