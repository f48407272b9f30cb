// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkKeystone
import FalseworkLoad
import FalseworkProxy
import FalseworkReport
import FalseworkRotation
import FalseworkScenario
import NIOCore

/// Somebody else's proxy and nodes: the proxy through its runtime API and its log, the nodes through
/// commands of the user's own and looks at what they answer.
///
/// What cannot be seen from outside is not claimed. A node that was told to stop counts as finishing
/// (as refusing, after a kill) until its command ends, and the proxy's beliefs are as old as the last
/// look at `show stat`. Confined to its event loop.
package final class FieldCluster: @unchecked Sendable {
  package struct Options: Sendable {
    /// Where the output of commands goes: `NODE.log`, `cluster.log`, `load.log`.
    package var logDirectory: String

    package init(logDirectory: String) { self.logDirectory = logDirectory }
  }

  let scenario: Scenario
  let loop: any EventLoop
  let clock = LiveClock()
  let plan: FieldPlan
  let places: FieldPlaces
  let observer: (RunEvent) -> Void
  let logs: [CommandLog]
  let clusterLog: CommandLog
  let loadLog: CommandLog
  var releases: [String]
  var phases: [NodePhase]
  private var beliefs: [Belief?]
  var first: ShowStat?
  var ordinals = LogOrdinals()
  private var logChannel: (any Channel)?
  private var tasks: [RepeatedTask] = []
  private var probes: [NodeID: NodeProbe] = [:]
  private var isAsking = false
  private var isSilent = false
  private var isOver = false
  var exited: ((NodeID) -> Void)?
  var refused: ((NodeID, String) -> Void)?
  var failed: (() -> Void)?
  private(set) var failure: LiveError?

  /// A node that takes a connection and says nothing for so long is no help to anybody.
  private static let zombieAfter = Interval.seconds(1)
  static let patience = Interval.seconds(10)

  private init(
    _ scenario: Scenario, _ plan: FieldPlan, _ places: FieldPlaces, options: Options,
    loop: any EventLoop, observer: @escaping (RunEvent) -> Void
  ) throws(LiveError) {
    self.scenario = scenario
    self.loop = loop
    self.plan = plan
    self.places = places
    self.observer = observer
    var logs: [CommandLog] = []
    for name in scenario.cluster.nodes {
      logs.append(try CommandLog("\(options.logDirectory)/\(name).log"))
    }
    self.logs = logs
    clusterLog = try CommandLog("\(options.logDirectory)/cluster.log")
    loadLog = try CommandLog("\(options.logDirectory)/load.log")
    releases = scenario.cluster.nodes.indices.map { scenario.release(of: NodeID($0)).name }
    phases = scenario.cluster.nodes.map { _ in .serving }
    beliefs = scenario.proxy.configuration.servers.map { _ in nil }
  }

  /// - Throws: `LiveError`, if something is not there or if the plan lacks what the rotation needs.
  static func start(
    _ scenario: Scenario, options: Options, on loop: any EventLoop,
    observer: @escaping @Sendable (RunEvent) -> Void
  ) async throws -> FieldCluster {
    guard let plan = scenario.field else {
      throw LiveError.unsupported(
        "the field world needs a section 'field', in the scenario or in a file of its own")
    }
    try FieldPlaces.check(scenario, plan)
    let places = try await FieldPlaces.find(scenario, plan)
    let cluster = try await loop.submit {
      try FieldCluster(
        scenario, plan, places, options: options, loop: loop, observer: observer)
    }.get()
    do {
      if let address = places.log {
        try await loop.flatSubmit { cluster.listen(address) }.get()
      }
      let info = try await cluster.ask("show info")
      let stat = try await cluster.ask("show stat")
      try await cluster.lookAtAll()
      try await loop.submit { try cluster.begin(info, ShowStat(stat)) }.get()
    } catch {
      try await cluster.end()
      throw error
    }
    return cluster
  }

  // MARK: Begin

  private func listen(_ address: SocketAddress) -> EventLoopFuture<Void> {
    LogListener.open(at: address, on: loop) { [weak self] line in self?.logged(line) }
      .assumeIsolated().map { self.logChannel = $0 }
      .flatMapErrorThrowing { error in
        throw LiveError.unsupported("field.log: nothing can be received at \(address): \(error)")
      }.nonisolated()
  }

  private func ask(_ line: String) async throws -> String {
    let answer = try await loop.flatSubmit { [self] in
      let promise = loop.makePromise(of: RuntimeClient.Answer.self)
      RuntimeClient.ask(line, at: places.socket, within: Self.patience, on: loop) {
        promise.succeed($0)
      }
      return promise.futureResult
    }.get()
    switch answer {
    case .reply(let text): return text
    case .failed(let reason): throw LiveError.unsupported("field.socket: \(reason)")
    }
  }

  /// A run begins with nodes that serve.
  private func lookAtAll() async throws {
    for index in places.nodes.indices {
      let answers = try await loop.flatSubmit { [self] in
        let promise = loop.makePromise(of: Bool.self)
        let probe = NodeProbe.look(at: places.nodes[index], on: loop) { promise.succeed($0) }
        loop.assumeIsolated().scheduleTask(in: .nanoseconds(Self.patience.nanoseconds)) {
          guard !probe.isOver else { return }
          probe.cancel()
          promise.succeed(false)
        }
        return promise.futureResult
      }.get()
      guard answers else {
        throw LiveError.unsupported(
          "\(scenario.cluster.nodes[index]) does not answer GET /v3 at \(places.nodes[index]): "
            + "start it first, or say in field.nodes where it is")
      }
    }
  }

  private func begin(_ info: String, _ stat: ShowStat) throws(LiveError) {
    let configuration = scenario.proxy.configuration
    let present = stat.names
    let absent = configuration.servers.indices.map { configuration.fullName(ServerID($0)) }
      .filter { !present.contains($0) }
    guard absent.isEmpty else {
      throw .unsupported(
        "the proxy at \(places.socket) has no server \(absent.joined(separator: ", ")): is it "
          + "another configuration than that of the scenario?")
    }
    clock.restart()
    first = stat
    let facts = info.split(separator: "\n").filter {
      $0.hasPrefix("Name:") || $0.hasPrefix("Version:")
    }.compactMap { $0.split(separator: ":").last?.drop { $0 == " " } }
    if !facts.isEmpty {
      observer(
        .noticed(Notice(level: .notice, text: facts.joined(separator: " ")), at: clock.now))
    }
    for index in phases.indices {
      observer(.node(NodeID(index), .serving, release: releases[index], at: clock.now))
    }
    believe(stat)
    repeats(plan.poll) { $0.poll() }
    if plan.watch > .zero {
      for index in phases.indices { repeats(plan.watch) { $0.watch(NodeID(index)) } }
    }
    if plan.log != nil { repeats(.seconds(1)) { $0.tellStrangers() } }
  }

  private func repeats(_ every: Interval, _ body: @escaping (FieldCluster) -> Void) {
    let pause = TimeAmount.nanoseconds(every.nanoseconds)
    let box = LoopBox(body)
    tasks.append(
      loop.scheduleRepeatedTask(initialDelay: pause, delay: pause) { [weak self] _ in
        guard let self else { return }
        clock.tick()
        box.value(self)
      })
  }

  // MARK: What is seen

  private func poll() {
    guard !isAsking else { return }
    isAsking = true
    RuntimeClient.ask("show stat", at: places.socket, within: Self.patience, on: loop) {
      [self] answer in
      isAsking = false
      guard !isOver else { return }
      clock.tick()
      switch answer {
      case .reply(let text):
        isSilent = false
        believe(ShowStat(text))
      case .failed(let reason):
        if !isSilent {
          observer(.noticed(Notice(level: .alert, text: reason), at: clock.now))
        }
        isSilent = true
      }
    }
  }

  private func believe(_ stat: ShowStat) {
    let configuration = scenario.proxy.configuration
    for index in beliefs.indices {
      let name = configuration.fullName(ServerID(index))
      let server = configuration.servers[index]
      guard let status = stat.value("status", of: name),
        let belief = Belief(
          status: status, weight: stat.value("weight", of: name).flatMap { Int($0) } ?? 1,
          rise: server.rise, fall: server.fall),
        belief != beliefs[index]
      else { continue }
      beliefs[index] = belief
      observer(.believed(ServerID(index), belief, at: clock.now))
    }
  }

  private func watch(_ node: NodeID) {
    if let probe = probes[node], !probe.isOver { return }
    let asked = clock.now
    let probe = NodeProbe.look(at: places.nodes[node.index], on: loop) { [self] answered in
      probes[node] = nil
      guard !isOver else { return }
      clock.tick()
      saw(node, answered)
    }
    guard !probe.isOver else { return }
    probes[node] = probe
    loop.assumeIsolated().scheduleTask(in: .nanoseconds(Self.zombieAfter.nanoseconds)) { [self] in
      guard !isOver, !probe.isOver, phases[node.index] == .serving else { return }
      clock.tick()
      // It is dated back to when it was asked: it has been so since then.
      turn(node, .zombie, at: asked)
    }
  }

  private func saw(_ node: NodeID, _ answered: Bool) {
    switch (phases[node.index], answered) {
    case (.starting, true), (.loading, true), (.zombie, true), (.stopped, true), (.refusing, true):
      turn(node, .serving, at: clock.now)
    case (.serving, false), (.zombie, false): turn(node, .stopped, at: clock.now)
    // What was told to stop may answer to its end.
    case (.finishing, _), (.serving, true), (.starting, false), (.loading, false),
      (.stopped, false), (.refusing, false):
      return
    }
  }

  func turn(_ node: NodeID, _ phase: NodePhase, at instant: Instant) {
    guard phases[node.index] != phase else { return }
    phases[node.index] = phase
    observer(.node(node, phase, release: releases[node.index], at: instant))
  }

  // MARK: The log

  private func logged(_ line: Substring) {
    guard !isOver else { return }
    clock.tick()
    if let record = LogRecord(
      line: line, configuration: scenario.proxy.configuration, ended: clock.now)
    {
      if let known = ordinals.came(record) { observer(.proxied(known)) }
      return
    }
    // `<133>Nov 25 03:00:00 haproxy[123]: Server b/s is DOWN, reason: …`
    guard let end = line.firstIndex(of: "]"), line[end...].hasPrefix("]: "),
      line[end...].contains(" is ")
    else { return }
    let priority = line.first == "<" ? Int(line.dropFirst().prefix { $0 != ">" }) ?? 5 : 5
    let level = Notice.Level(rawValue: priority & 7) ?? .notice
    observer(.noticed(Notice(level: level, text: String(line[end...].dropFirst(3))), at: clock.now))
  }

  private func tellStrangers() {
    for record in ordinals.strangers(before: clock.now) { observer(.proxied(record)) }
  }

  // MARK: Commands

  /// Runs a command of the plan, and writes it and its output to a log.
  @discardableResult func run(
    _ command: String, as what: String, of node: NodeID?,
    _ more: [(name: String, value: String)], within limit: Interval?, log: CommandLog,
    done: @escaping (String?) -> Void
  ) -> ShellCommand {
    let values = values(node) + more
    let text = FieldPlan.filled(command, values)
    log.add("--- \((clock.now - .start).secondsText(decimals: 3)) s \(what): \(text)")
    return ShellCommand(
      text, environment: values.map { ("FALSEWORK_\($0.name.uppercased())", $0.value) },
      log: log, within: limit, on: loop
    ) { [self] refusal in
      guard !isOver else { return }
      clock.tick()
      done(refusal)
    }
  }

  private func values(_ node: NodeID?) -> [(name: String, value: String)] {
    var values = [("url", places.url)]
    guard let node else { return values }
    let address = places.nodes[node.index]
    let host = address.ipAddress ?? "127.0.0.1"
    let port = "\(address.port ?? 80)"
    values += [
      ("node", scenario.cluster.nodes[node.index]), ("release", releases[node.index]),
      ("address", "\(host):\(port)"), ("host", host), ("port", port),
    ]
    return values
  }

  // MARK: The end

  /// Commands that are under way go on: an upgrade that is cut in its middle helps nobody.
  private func close() -> EventLoopFuture<Void> {
    isOver = true
    exited = nil
    refused = nil
    failed = nil
    for task in tasks { task.cancel() }
    tasks = []
    for probe in probes.values { probe.cancel() }
    probes = [:]
    let closing = logChannel?.close() ?? loop.makeSucceededVoidFuture()
    logChannel = nil
    return closing
  }

  func end() async throws {
    try await loop.flatSubmit { self.close() }.get()
  }
}
