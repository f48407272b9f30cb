// SPDX-License-Identifier: Apache-2.0
package import FalseworkCore
package import FalseworkKeystone
package import FalseworkProxy
package import FalseworkRotation

/// From a scenario to its components: the same in every world.
extension Scenario {
  /// The nodes, not yet started. They share one key repository, as after a distribution; each has its
  /// own source of chance.
  package func makeNodes(seed: UInt64) -> [KeystoneNode] {
    var generator = SeededGenerator(seed: seed, stream: "keys")
    let keys = cluster.keys ?? .setup(using: &generator)
    var options = cluster.nodes.indices.map {
      self.options(of: NodeID($0), shared: keys, seed: seed)
    }
    if options.contains(where: { $0.provider == .jws }) {
      // A pair for each, and everyone's public keys with all of them.
      var generator = SeededGenerator(seed: seed, stream: "keys/jws")
      let signing = JWSKeys.setup(nodes: options.count, using: &generator)
      for index in options.indices { options[index].jws = signing[index] }
    }
    return cluster.nodes.enumerated().map { index, name in
      let identity = IdentityService(
        release: release(of: NodeID(index)), options: options[index], seed: seed,
        stream: "identity/\(name)")
      return KeystoneNode(
        id: NodeID(index), name: name,
        options: KeystoneNode.Options(
          times: cluster.lifecycle, service: cluster.service, sharesMachine: cluster.cores != nil),
        identity: identity, seed: seed)
    }
  }

  private func options(
    of node: NodeID, shared keys: FernetKeyRepository, seed: UInt64
  ) -> IdentityService.Options {
    let settings = settings(of: node)
    var options = IdentityService.Options(
      provider: (settings.provider ?? cluster.provider).of(release(of: node)), keys: keys,
      lifetime: cluster.tokenLifetime)
    switch settings.keys {
    case .shared: break
    case .own:
      var generator = SeededGenerator(seed: seed, stream: "keys/\(cluster.nodes[node.index])")
      options.keys = .setup(using: &generator)
    case .given(let given): options.keys = given
    }
    options.shipsProvider = (settings.provider ?? cluster.provider) == .shipped
    options.authMethods = settings.methods
    options.defaultDomainID = settings.defaultDomainID ?? "default"
    options.dialect = settings.dialect
    options.clockOffset = settings.clock
    options.allowExpiredWindow = cluster.allowExpiredWindow
    options.passwords = cluster.passwords
    options.passwords.algorithm = settings.passwordHash ?? cluster.passwords.algorithm
    options.cachePlace = settings.cache ?? cluster.cache
    options.cacheTime = cluster.cacheTime
    return options
  }

  /// What the nodes compute on together, if they do.
  package func makeMachine(seed: UInt64) -> Machine? {
    cluster.cores.map { cores in
      var generator = SeededGenerator(seed: seed, stream: "machine")
      return Machine(
        Machine.Options(
          cores: cores, others: cluster.others,
          second: max(.nanoseconds(1), cluster.second.sample(using: &generator))))
    }
  }

  /// What the nodes share.
  package func makeStore() -> IdentityStore {
    var store = IdentityStore(cluster.data)
    if cluster.passwords.mode != .plain {
      var settings = cluster.passwords
      settings.algorithm = cluster.seedHash ?? settings.algorithm
      store.hashPasswords(settings, as: cluster.release, seed: seed)
    }
    let migrates = rotation?.steps.contains { step in
      if case .operation(.database) = step { true } else { false }
    }
    if let release = cluster.database ?? (migrates == true ? cluster.release : nil) {
      store.schema = SchemaState(of: release)
    }
    return store
  }

  package func makeRotation(now: Instant) -> Rotation? {
    rotation.map { plan in
      Rotation(plan: plan, nodes: rotationNodes, now: now)
    }
  }

  /// Whether the node serves when the run begins: one that is there for the rotation alone does not.
  package func standsAtFirst(_ node: NodeID) -> Bool {
    !(rotation?.spares.contains(node) ?? false)
  }

  /// The nodes as the rotation knows them.
  package var rotationNodes: [RotationNode] {
    cluster.nodes.indices.map { index in
      RotationNode(
        id: NodeID(index), name: cluster.nodes[index],
        servers: servers(of: NodeID(index)).map { proxy.configuration.fullName($0) })
    }
  }

  /// Where the load goes in: the first frontend that leads to a node.
  package var entrance: FrontendID {
    let frontends = proxy.configuration.frontends
    let leading = frontends.firstIndex { frontend in
      guard let backend = frontend.defaultBackend else { return false }
      return proxy.configuration.backends[backend.index].servers.contains {
        node(of: ServerID($0)) != nil
      }
    }
    return FrontendID(leading ?? 0)
  }
}
