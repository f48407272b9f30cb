// SPDX-License-Identifier: Apache-2.0
package import FalseworkCore
package import FalseworkKeystone
package import FalseworkLoad
package import FalseworkProxy
package import FalseworkReport
package import FalseworkRotation
package import FalseworkScenario

/// A scenario in virtual time: the same components as on sockets, joined by a fabric in memory, with a
/// clock that jumps to the next thing that happens.
///
/// A run is a function of scenario and seed. It is a plain loop without concurrency; whatever varies
/// is drawn from named streams of the seed; what happens at one instant happens in the order in which
/// it was caused.
package struct Simulation: Sendable {
  package struct Options: Equatable, Sendable {
    package var seed: UInt64
    /// Write every event as a line, for comparison and for reading.
    package var traces: Bool
    /// Token bodies are rendered: a test that reads answers wants them, a sweep does not.
    package var rendersBodies: Bool
    /// Load and rotation begin when they are told to, and nothing ends by itself.
    package var isManual: Bool

    package init(
      seed: UInt64, traces: Bool = false, rendersBodies: Bool = false, isManual: Bool = false
    ) {
      self.seed = seed
      self.traces = traces
      self.rendersBodies = rendersBodies
      self.isManual = isManual
    }
  }

  /// How a run ended.
  package struct End: Equatable, Sendable {
    package var at: Instant
    package var rotation: Rotation.Outcome?
    package var counts: LoadEngine.Counts
    /// What the checkers found; a run of sound components has none.
    package var violations: [Violation]
  }

  /// A connection of a caller to a frontend.
  struct Downstream: Sendable {
    var caller: Caller
    var frontend: FrontendID
    var port: UInt16
    /// Latest arrivals each way.
    var lastUp = Instant.start
    var lastDown = Instant.start
    var question: Question?
    /// The proxy has it.
    var accepted = false
    /// The caller closed it; the proxy may still work on what it asked.
    var hasLeft = false
  }

  /// A connection of anybody to a node.
  struct Upstream: Sendable {
    var peer: NodePeer
    var node: NodeID
    var lastUp = Instant.start
    var lastDown = Instant.start
    /// The node knows it still.
    var open = true
  }

  package let scenario: Scenario
  package let options: Options
  package internal(set) var now = Instant.start
  package internal(set) var proxy: Proxy
  package internal(set) var nodes: [KeystoneNode]
  package internal(set) var load: LoadEngine?
  package internal(set) var rotation: Rotation?
  package internal(set) var checkers: RunCheckers
  package internal(set) var trace = Trace()
  package internal(set) var rotationOutcome: Rotation.Outcome?
  /// Messages and wake-ups so far.
  package internal(set) var steps = 0

  var context: KeystoneNode.Context
  var clusterOperator: ClusterOperator
  var fabric: Fabric
  var machine: Machine?
  /// When each component wants to be woken: 0 the load, 1 the proxy, 2 the rotation, then the nodes,
  /// and last their machine.
  var alarms = DeadlineTable()

  var loadEffects: [LoadEngine.Effect] = []
  var proxyEffects: [Proxy.Effect] = []
  var nodeEffects: [KeystoneNode.Effect] = []
  var rotationEffects: [Rotation.Effect] = []
  /// What happened since the world that drives this took it.
  var events: [RunEvent] = []

  var downstreams = Slab<ClientTag, Downstream>()
  var upstreams = Slab<NodeConnectionTag, Upstream>()
  /// The client connection of each slot of the load, by the slot's index.
  var clientOfSlot: [(slot: SlotID, client: ClientID?)?] = []
  /// The node connection of each server connection, by its index.
  var upstreamOfServer: [(server: ServerConnectionID, upstream: NodeConnectionID?)?] = []
  var upstreamOfCheck: [NodeConnectionID?]
  var upstreamOfProbe: [NodeConnectionID?]
  var checkOfServer: [CheckID?]
  var probeOfNode: [ProbeID?]
  var listening: [Bool]
  var pausedFrontends: [Bool]
  /// Connections that wait for a paused frontend, in the order of their arrival.
  var backlog: [ClientID] = []
  /// The answer that the proxy is being told of.
  var answer: KeystoneAnswer?
  var flushingProxy = false
  var nextPort: UInt16 = 32_768
  var guests: [Guest] = []
  /// The login of each of the load's credentials, made once.
  let authentications: [KeystoneCall]
  let httpCalls: [[KeystoneCall]]
  /// Writes the requests that are not the same each time.
  let loadWriter: CallWriter?
  /// Some rule of the proxy looks at requests.
  let readsRequests: Bool
  /// The rotation wants to know how requests end.
  var watchesRequests: Bool
  let checkCalls: [KeystoneCall]
  let nodeOfServer: [NodeID?]
  let release: Release
  var stopsAt: Instant
  var loadStopped = false
  var loadFinished: Bool

  /// The wall-clock time of `Instant.start` in every simulated run.
  package static let epoch = UTCTime(seconds: 1_486_944_000)

  package init(scenario: Scenario, options: Options) {
    self.scenario = scenario
    self.options = options
    proxy = Proxy(
      configuration: scenario.proxy.configuration, seed: options.seed, now: .start)
    nodes = scenario.makeNodes(seed: options.seed)
    context = KeystoneNode.Context(
      now: .start, wall: Self.epoch, store: scenario.makeStore())
    clusterOperator = ClusterOperator(scenario: scenario, seed: options.seed)
    machine = scenario.makeMachine(seed: options.seed)
    fabric = Fabric(latency: scenario.network.latency, seed: options.seed)
    if !options.isManual {
      load = scenario.load.map { LoadEngine(plan: $0, seed: options.seed, now: .start) }
      rotation = scenario.makeRotation(now: .start)
    }
    watchesRequests = rotation != nil && scenario.rotation?.watchesRequests == true
    checkers = RunCheckers(scenario: scenario)
    let servers = scenario.proxy.configuration.servers.count
    nodeOfServer = (0..<servers).map { scenario.node(of: ServerID($0)) }
    upstreamOfCheck = Array(repeating: nil, count: servers)
    checkOfServer = Array(repeating: nil, count: servers)
    upstreamOfProbe = Array(repeating: nil, count: nodes.count)
    probeOfNode = Array(repeating: nil, count: nodes.count)
    listening = Array(repeating: false, count: nodes.count)
    pausedFrontends = scenario.proxy.configuration.frontends.map { _ in false }
    release = scenario.cluster.release
    authentications = (scenario.load?.credentials ?? []).map {
      .authenticate(
        .password(
          user: $0.user, userDomain: $0.userDomain, password: $0.password, project: $0.project,
          projectDomain: $0.projectDomain), catalog: true)
    }
    readsRequests = scenario.proxy.configuration.readsRequests
    loadWriter = scenario.load.map { CallWriter(plan: $0, host: "localhost", prefix: "") }
    httpCalls = SimulatedCalls.http(
      scenario.load, loadWriter, release: scenario.cluster.release)
    checkCalls = SimulatedCalls.checks(
      scenario.proxy.configuration, release: scenario.cluster.release)
    loadFinished = load == nil
    switch scenario.length {
    case .fixed(let length): stopsAt = .start + length
    case .untilRotationEnds: stopsAt = rotation == nil ? .start : .start + Scenario.Length.longest
    }
    if options.isManual { stopsAt = .never }
    for index in proxy.servers.indices {
      let belief = proxy.servers[index].belief(scenario.proxy.configuration.servers[index])
      events.append(.believed(ServerID(index), belief, at: now))
    }
    for index in nodes.indices {
      guard scenario.standsAtFirst(NodeID(index)) else {
        let release = scenario.release(of: NodeID(index)).name
        events.append(.node(NodeID(index), .stopped, release: release, at: now))
        continue
      }
      nodes[index].begin(as: scenario.release(of: NodeID(index)), now: now, into: &nodeEffects)
      flushNode(index)
    }
    rearm(0)
    rearm(1)
    rearm(2)
  }

  // MARK: The loop

  /// Runs the scenario to its end, and tells what happened as it happens.
  package mutating func run(_ tell: (RunEvent) -> Void) -> End {
    while !isOver {
      step()
      drain(tell)
    }
    return end()
  }

  /// Every event since the last time.
  package mutating func drain(_ tell: (RunEvent) -> Void) {
    for event in events { tell(event) }
    events.removeAll(keepingCapacity: true)
  }

  /// The run's time is over and nothing of the load is in flight.
  package var isOver: Bool { now >= stopsAt && loadFinished }

  /// Whether anything will ever happen again by itself.
  package var nextEvent: Instant { min(fabric.next, alarms.next, loadStopped ? .never : stopsAt) }

  /// Takes the next thing that happens.
  package mutating func step() {
    let next = nextEvent
    precondition(next != .never, "nothing is left to happen at \(now), and the run is not over")
    precondition(next >= now, "time went back from \(now) to \(next)")
    now = next
    steps += 1
    context.now = now
    context.wall = Self.epoch + (now - .start)
    if fabric.next <= now {
      deliver(fabric.pop())
    } else if let key = alarms.popDue(now: now) {
      wake(key)
    } else {
      stopLoad()
    }
  }

  /// Runs until this instant, and no thing after it.
  package mutating func run(until instant: Instant) {
    while nextEvent <= instant { step() }
    now = max(now, instant)
  }

  /// Ends the run early: no new journey begins, and what is in flight ends in its own time.
  package mutating func stop() {
    stopsAt = min(stopsAt, now)
  }

  private mutating func stopLoad() {
    loadStopped = true
    guard load != nil else { return }
    load!.stop(now: now, into: &loadEffects)
    flushLoad()
  }

  mutating func end() -> End {
    let counts = load?.counts ?? LoadEngine.Counts()
    checkers.ended(counts, now: now)
    return End(
      at: now, rotation: rotationOutcome, counts: counts, violations: checkers.violations)
  }

  private mutating func wake(_ key: Int) {
    switch key {
    case 0:
      load!.wake(now: now, into: &loadEffects)
      flushLoad()
    case 1:
      proxy.wake(now: now, into: &proxyEffects)
      flushProxy()
    case 2:
      rotation!.wake(now: now, into: &rotationEffects)
      flushRotation()
    case machineKey: machineDone()
    default:
      nodes[key - 3].wake(&context, into: &nodeEffects)
      flushNode(key - 3)
    }
  }

  var machineKey: Int { 3 + nodes.count }

  private mutating func wakeTime(_ key: Int) -> Instant {
    // Looked at in place: to read a property of another module's large value copies the value.
    func wake(of node: inout KeystoneNode) -> Instant { node.nextWake }
    func wake(of load: inout LoadEngine) -> Instant { load.nextWake }
    switch key {
    case 0: return load == nil ? .never : wake(of: &load!)
    case 1: return proxy.nextWake
    case 2: return rotation?.nextWake ?? .never
    case machineKey: return machine?.nextWake ?? .never
    default: return wake(of: &nodes[key - 3])
    }
  }

  /// Sets a component's alarm to what it wants now; one that wants the past wants this instant.
  mutating func rearm(_ key: Int) {
    let wanted = wakeTime(key)
    let instant = wanted == .never ? wanted : max(wanted, now)
    if alarms.deadline(of: key) != instant { alarms.set(key, to: instant) }
  }

  private mutating func deliver(_ message: Message) {
    switch message {
    case .callerConnects, .callerAsks, .callerCloses:
      deliverToFrontend(message)
    case .callerConnected, .callerAnswered, .callerClosed:
      deliverToCaller(message)
    case .peerConnects, .peerAsks, .peerCloses:
      deliverToNode(message)
    case .peerConnected, .peerRefused, .peerAnswered, .peerClosed:
      deliverToPeer(message)
    case .order, .orderAnswered, .stop, .start, .restore, .exited:
      deliverOrder(message)
    }
  }
}
