// SPDX-License-Identifier: Apache-2.0
package import FalseworkCore
package import FalseworkKeystone
package import FalseworkLoad
package import FalseworkProxy
package import FalseworkRotation

/// One run, described: the only input of every world.
///
/// Read from YAML by `ScenarioReader`; `specs/scenario.md` says what each key means. A value of
/// this type is complete and checked: the worlds never look at the file again.
package struct Scenario: Equatable, Sendable {
  package var name: String
  package var about: String
  package var seed: UInt64
  package var length: Length
  package var cluster: Cluster
  package var proxy: ProxySource
  package var load: LoadPlan?
  package var rotation: RotationPlan?
  package var thresholds: [Threshold]
  package var network: Network
  /// What the field world needs; nil if the scenario does not say.
  package var field: FieldPlan?

  package init(
    name: String, about: String, seed: UInt64, length: Length, cluster: Cluster,
    proxy: ProxySource, load: LoadPlan?, rotation: RotationPlan?, thresholds: [Threshold],
    network: Network
  ) {
    self.name = name
    self.about = about
    self.seed = seed
    self.length = length
    self.cluster = cluster
    self.proxy = proxy
    self.load = load
    self.rotation = rotation
    self.thresholds = thresholds
    self.network = network
  }

  /// When a run ends. In either case it ends no later than `longest`.
  package enum Length: Equatable, Sendable {
    case fixed(Interval)
    case untilRotationEnds(plus: Interval)

    /// The cap on a rotation that never ends, so that every run does.
    package static let longest = Interval.seconds(24 * 3_600)
  }

  package struct Cluster: Equatable, Sendable {
    /// Names of the nodes, in order; a server of the proxy stands for the node of its name.
    package var nodes: [String]
    package var release: Release
    /// What the rotation upgrades the nodes to; the same release if the scenario names none.
    package var target: Release
    package var provider: Provider
    package var tokenLifetime: Interval
    /// The Fernet keys that all nodes begin with; nil makes a pair from the seed.
    package var keys: FernetKeyRepository?
    package var data: IdentitySeed
    package var service: ServiceModel
    package var lifecycle: NodeTimes
    package var isolation: Isolation
    /// Processor cores that all nodes share; nil is one for every worker.
    package var cores: Int?
    /// Per mille of them that other programs take.
    package var others = 0
    /// How long a second of work takes in a run: drawn once.
    package var second = Distribution.constant(.seconds(1))
    /// How the nodes differ, in their order.
    package var settings: [NodeSettings] = []
    /// What the shared database was synced to before the run; nil for what each release wants, unless
    /// the rotation has steps for it.
    package var database: Release?
    package var maxActiveKeys = KeyRepositoryRules.defaultMaxActiveKeys
    package var allowExpiredWindow = Interval.seconds(172_800)
    package var passwords = PasswordSettings()
    /// What the passwords of the data were hashed by, where hashing plays a part.
    package var seedHash: PasswordHash?
    package var cache = TokenCache.Place.none
    package var cacheTime = Interval.seconds(600)

    package init(
      nodes: [String], release: Release, target: Release, provider: Provider,
      tokenLifetime: Interval, keys: FernetKeyRepository?, data: IdentitySeed,
      service: ServiceModel, lifecycle: NodeTimes, isolation: Isolation
    ) {
      self.nodes = nodes
      self.release = release
      self.target = target
      self.provider = provider
      self.tokenLifetime = tokenLifetime
      self.keys = keys
      self.data = data
      self.service = service
      self.lifecycle = lifecycle
      self.isolation = isolation
    }
  }

  /// Where a node lives in the live world; the simulated world has no use for it.
  package enum Isolation: String, Equatable, Sendable, CaseIterable {
    /// On an event loop of this process.
    case none
    /// In a child process that is stopped by real signals.
    case process
  }

  /// The proxy's configuration and where it was written, for messages.
  package struct ProxySource: Equatable, Sendable {
    package var configuration: ProxyConfiguration
    package var file: String
    package var text: String
    /// What HAProxy would warn of when it reads the configuration; it starts all the same.
    package var warnings: [ConfigurationProblem]

    package init(
      configuration: ProxyConfiguration, file: String, text: String,
      warnings: [ConfigurationProblem]
    ) {
      self.configuration = configuration
      self.file = file
      self.text = text
      self.warnings = warnings
    }
  }

  /// The wires of the simulated world; the live world has real ones.
  package struct Network: Equatable, Sendable {
    /// One way, for each message.
    package var latency: Distribution

    package init(latency: Distribution) { self.latency = latency }
  }

  /// The node that a server of the proxy stands for: the one of the same name.
  package func node(of server: ServerID) -> NodeID? {
    let name = proxy.configuration.servers[server.index].name
    return cluster.nodes.firstIndex(of: name).map { NodeID($0) }
  }

  /// The servers that stand for a node, in the order of the configuration.
  package func servers(of node: NodeID) -> [ServerID] {
    proxy.configuration.servers.indices.map { ServerID($0) }.filter { self.node(of: $0) == node }
  }
}
