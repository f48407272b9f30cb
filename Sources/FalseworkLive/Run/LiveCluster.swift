// SPDX-License-Identifier: Apache-2.0
package import FalseworkCore
package import FalseworkKeystone
import FalseworkLoad
import FalseworkProxy
package import FalseworkReport
package import FalseworkRotation
package import FalseworkScenario
package import NIOCore

/// The nodes and the proxy of a scenario on real sockets, on one event loop.
///
/// The servers of the proxy's configuration that stand for nodes are led to the nodes, wherever
/// these listen. Everything but `start`, `command` and `end` is called on the event loop.
package final class LiveCluster: @unchecked Sendable {
  package struct Options: Sendable {
    /// Listens where the configuration's `bind` and `stats socket` lines say; false takes loopback
    /// ports of the system's choice and opens none of the configuration's sockets, so that many
    /// clusters can run side by side.
    package var keepsAddresses: Bool
    /// A UNIX socket for the runtime API, with level admin, besides those of the configuration.
    package var socketPath: String?
    /// How nodes in child processes are started; needed with `isolation: process`.
    package var childCommand: [String]?
    /// The database, if it is kept in a file; nil begins with the scenario's data.
    package var database: SharedStore.Kept?

    package init(keepsAddresses: Bool, socketPath: String?, childCommand: [String]?) {
      self.keepsAddresses = keepsAddresses
      self.socketPath = socketPath
      self.childCommand = childCommand
    }

    /// Side by side with any number of others.
    package static let anywhere = Options(
      keepsAddresses: false, socketPath: nil, childCommand: nil)
  }

  package let scenario: Scenario
  package let loop: any EventLoop
  package let clock: LiveClock
  package private(set) var nodes: [NodeHost] = []
  package private(set) var proxy: ProxyServer?
  package private(set) var runtime: RuntimeServer?
  /// Where the runtime API can be reached with level admin.
  package let runtimePath: String
  private let directory: RunDirectory
  private let observer: (RunEvent) -> Void
  private var releases: [Release]
  private let store: SharedStore
  private let machine: SharedMachine?
  private var clusterOperator: ClusterOperator
  private var hasBegun = false
  /// What else wants to know that a node's process is gone.
  var exited: ((NodeID) -> Void)?
  /// Whoever judges the cluster by how requests of the load end.
  var served: ((Outcome) -> Void)?
  /// Something that ends the run: a node that cannot listen, a child that died by itself.
  private(set) var failure: LiveError?
  var failed: (() -> Void)?

  /// - Parameter observer: called on the event loop, first with the phase of every node and the
  ///   belief about every server.
  private init(
    _ scenario: Scenario, seed: UInt64, options: Options, loop: any EventLoop,
    observer: @escaping (RunEvent) -> Void
  ) throws {
    loop.assertInEventLoop()
    self.scenario = scenario
    self.loop = loop
    self.observer = observer
    let clock = LiveClock()
    self.clock = clock
    releases = scenario.cluster.nodes.indices.map { scenario.release(of: NodeID($0)) }
    store = options.database.map { SharedStore($0) } ?? SharedStore(scenario.makeStore())
    clusterOperator = ClusterOperator(scenario: scenario, seed: seed)
    machine = scenario.makeMachine(seed: seed).map { SharedMachine($0, clock: clock, loop: loop) }
    directory = try RunDirectory()
    runtimePath = options.socketPath ?? directory.socket("proxy.sock")
    do {
      try makeNodes(seed: seed, options: options)
    } catch {
      close()
      throw error
    }
  }

  package static func start(
    _ scenario: Scenario, seed: UInt64, options: Options, on loop: any EventLoop,
    observer: @escaping @Sendable (RunEvent) -> Void
  ) async throws -> LiveCluster {
    try check(scenario, options)
    let cluster = try await loop.submit {
      try LiveCluster(scenario, seed: seed, options: options, loop: loop, observer: observer)
    }.get()
    do {
      try await loop.flatSubmit { cluster.beginChildren() }.get()
      try await loop.submit { try cluster.open(options) }.get()
    } catch {
      try await cluster.end()
      throw error
    }
    return cluster
  }

  /// Nodes in processes of their own have no common database: each begins with the same users and the
  /// same keys, and that is all that they share.
  private static func check(_ scenario: Scenario, _ options: Options) throws(LiveError) {
    guard scenario.cluster.isolation == .process else { return }
    guard options.database == nil else {
      throw .unsupported("isolation: process has no database that could be kept in a file")
    }
    guard options.childCommand != nil else {
      throw .unsupported("isolation: process works in the program falsework only")
    }
    guard scenario.cluster.cores == nil else {
      throw .unsupported(
        "isolation: process has no cores that the nodes share: leave out cluster.cores, or leave "
          + "out isolation")
    }
    let provider = scenario.cluster.provider.of(scenario.cluster.release)
    guard provider == .fernet || provider == .jws else {
      throw .unsupported(
        "isolation: process needs Fernet or JWS tokens: a \(provider) token of one process is "
          + "unknown to the next")
    }
    let revokes = scenario.load?.tasks.contains { task in
      task.steps.contains { $0.kind == .revoke }
    }
    let operates = scenario.rotation?.steps.contains { step in
      if case .operation = step { true } else { false }
    }
    guard scenario.rotation?.strategy != .failCheck else {
      throw .unsupported(
        "isolation: process has no health check that could be made to fail: take another strategy, "
          + "or leave out isolation")
    }
    guard operates != true else {
      throw .unsupported(
        "isolation: process has no database, keys or cache that the nodes share: leave steps for "
          + "them out, or leave out isolation")
    }
    guard revokes != true else {
      throw .unsupported(
        "isolation: process knows of no revocations: that of one process is unknown to the next; "
          + "leave the step out, or leave out isolation")
    }
  }

  private func makeNodes(seed: UInt64, options: Options) throws(LiveError) {
    machine?.done = { [unowned self] job in
      guard case .inside(let server) = nodes[job.node.index] else { return }
      server.worked(job.task)
    }
    for node in scenario.makeNodes(seed: seed) {
      switch scenario.cluster.isolation {
      case .none:
        nodes.append(
          .inside(
            try NodeServer(
              node, options: .standard, store: store, machine: machine, clock: clock, loop: loop
            ) {
              [self] server, event in turned(server.id, event)
            }))
      case .process:
        nodes.append(
          .child(
            try ChildNode(
              id: node.id, name: node.name, command: options.childCommand ?? [],
              killed: scenario.cluster.lifecycle.killed, seed: seed, clock: clock, loop: loop
            ) { [self] child, event in turned(child.id, event) }))
      }
    }
  }

  /// Children need a moment to come up, before the run begins.
  private func beginChildren() -> EventLoopFuture<Void> {
    var ready: [EventLoopFuture<Void>] = []
    for case .child(let child) in nodes where scenario.standsAtFirst(child.id) {
      do {
        ready.append(try child.begin(as: scenario.release(of: child.id)))
      } catch {
        ready.append(loop.makeFailedFuture(error))
      }
    }
    return EventLoopFuture.andAllSucceed(ready, on: loop)
  }

  private func open(_ options: Options) throws(LiveError) {
    // Nothing has a deadline yet: the run begins with this moment.
    clock.restart()
    hasBegun = true
    for (index, node) in nodes.enumerated() {
      guard scenario.standsAtFirst(NodeID(index)) else {
        turned(NodeID(index), .turned(.stopped))
        continue
      }
      switch node {
      case .inside(let server): try server.begin(as: scenario.release(of: NodeID(index)))
      case .child: turned(NodeID(index), .turned(.serving))
      }
    }
    let proxy = try ProxyServer(
      configuration: configuration, options: .init(binds: binds(options)), loop: loop,
      clock: clock, tell: observer, log: nil)
    self.proxy = proxy
    for (index, server) in proxy.proxy.servers.enumerated() {
      let belief = server.belief(configuration.servers[index])
      observer(.believed(ServerID(index), belief, at: clock.now))
    }
    try proxy.start()
    let runtime = RuntimeServer(proxy)
    self.runtime = runtime
    try runtime.open(.path(runtimePath), level: .admin, mode: 0o600)
    if options.keepsAddresses { try runtime.openConfigured() }
  }

  private func binds(_ options: Options) -> ProxyServer.Options.Binds {
    options.keepsAddresses ? .configured : .anyPort(host: "127.0.0.1")
  }

  /// The scenario's configuration with the servers where the nodes are.
  private var configuration: ProxyConfiguration {
    var configuration = scenario.proxy.configuration
    for index in configuration.servers.indices {
      guard let node = scenario.node(of: ServerID(index)) else { continue }
      let address = nodes[node.index].address
      configuration.servers[index].host = address.ipAddress ?? "127.0.0.1"
      configuration.servers[index].port = address.port ?? 0
      configuration.servers[index].checkHost = nil
      configuration.servers[index].checkPort = nil
    }
    return configuration
  }

  private func turned(_ node: NodeID, _ event: NodeServer.Event) {
    // What comes before the run, while children come up, is no part of it.
    guard hasBegun else { return }
    switch event {
    case .turned(let phase):
      observer(.node(node, phase, release: releases[node.index].name, at: clock.now))
    case .exited: exited?(node)
    case .failed(let error):
      failure = failure ?? error
      failed?()
    case .logged: break  // These nodes have their keys in memory, and nothing to say of them.
    }
  }

  // MARK: Addresses

  /// Where clients go in: the first `bind` of the frontend that leads to the nodes.
  package var entrance: SocketAddress? {
    guard let port = proxy?.frontendPorts[scenario.entrance.index] else { return nil }
    do {
      return try SocketAddress(ipAddress: "127.0.0.1", port: port)
    } catch {
      preconditionFailure("loopback is an address: \(error)")
    }
  }

  /// `http://127.0.0.1:15000`.
  package var url: String? {
    entrance.map { "http://\($0.ipAddress ?? "127.0.0.1"):\($0.port ?? 80)" }
  }

  package func address(of node: NodeID) -> SocketAddress { nodes[node.index].address }

  // MARK: What an operator does

  package func stop(_ node: NodeID, _ signal: StopSignal) {
    nodes[node.index].stop(signal)
  }

  package func start(_ node: NodeID, as release: Release) {
    releases[node.index] = release
    nodes[node.index].start(as: release)
  }

  /// Does something to what the nodes share; nil when it is done, or the reason why not.
  func operate(_ operation: RotationStep.Operation) -> String? {
    var services: [IdentityService] = []
    for case .inside(let server) in nodes { services.append(server.identity) }
    // `check` has refused a plan with such steps for nodes in processes of their own.
    guard services.count == nodes.count else { return "the nodes share nothing" }
    var refusal: String?
    store.lend(clock) { context in
      refusal = clusterOperator.perform(operation, store: &context.store, nodes: &services)
    }
    for case .inside(let server) in nodes { server.identity = services[server.id.index] }
    return refusal
  }

  /// Sends a line to the runtime API, over its socket as any client would, and gives the whole
  /// answer. What goes wrong on the way is an answer as well: text where silence means success.
  package func command(_ line: String, _ done: @escaping (String) -> Void) {
    RuntimeClient.ask(line, at: runtimeAddress, within: .seconds(10), on: loop) { answer in
      switch answer {
      case .reply(let text), .failed(let text): done(text)
      }
    }
  }

  /// The same from anywhere.
  package func command(_ line: String) async throws -> String {
    try await loop.flatSubmit { [loop] in
      let answered = loop.makePromise(of: String.self)
      self.command(line) { answered.succeed($0) }
      return answered.futureResult
    }.get()
  }

  private var runtimeAddress: SocketAddress {
    do {
      return try SocketAddress(unixDomainSocketPath: runtimePath)
    } catch {
      preconditionFailure("a socket is open at a path that is none: \(runtimePath)")
    }
  }

  // MARK: The end

  private func close() {
    exited = nil
    served = nil
    failed = nil
    machine?.shutDown()
    for node in nodes { node.shutDown() }
    nodes = []
    runtime?.close()
    runtime = nil
    proxy?.stop()
    proxy = nil
    directory.remove()
  }

  /// Closes every socket. Nothing is told any more.
  package func end() async throws {
    try await loop.submit { self.close() }.get()
  }
}

extension StopSignal {
  package init(_ signal: RotationPlan.Signal) {
    switch signal {
    case .terminate: self = .terminate
    case .kill: self = .kill
    case .graceful: self = .graceful
    }
  }
}
