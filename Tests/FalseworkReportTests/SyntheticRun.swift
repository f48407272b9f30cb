// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkKeystone
import FalseworkRotation
import FalseworkScenario

@testable import FalseworkLoad
@testable import FalseworkProxy
@testable import FalseworkReport

/// A run made by hand: whoever reads a test sees every event that went into it.
struct SyntheticRun {
  static let keystone1 = NodeID(0)
  static let keystone2 = NodeID(1)

  var collector: RunCollector
  private var number = 0
  private var journey = 0

  init(
    _ description: RunDescription = Self.description(),
    options: RunCollector.Options = .everything
  ) {
    collector = RunCollector(description, options: options, begin: .start)
  }

  static func description(
    world: World = .simulated, thresholds: [Threshold] = [], hasProxy: Bool = true,
    plan: LoadPlan = Self.plan
  ) -> RunDescription {
    RunDescription(
      scenario: "two by hand", about: "A run that nobody ran.", seed: 7, world: world,
      timeScale: 1, program: "falsework 0.0.0", wallStart: nil, releaseFrom: "newton",
      releaseTo: "ocata", strategy: "restart", nodes: ["keystone1", "keystone2"],
      servers: [
        RunDescription.Server(name: "keystone/keystone1", node: keystone1),
        RunDescription.Server(name: "keystone/keystone2", node: keystone2),
      ], plan: plan, thresholds: thresholds, hasProxy: hasProxy,
      latenessLimit: RunDescription.usualLatenessLimit)
  }

  static let plan = LoadPlan(
    model: .closed(users: 2, spawnEvery: .zero, wait: .constant(.seconds(1))),
    tasks: [
      LoadTask(
        name: "authenticate-then-validate", weight: 1,
        steps: [
          LoadStep(name: "authenticate", kind: .authenticate, onFailure: .goOn),
          LoadStep(name: "validate", kind: .validateOwn, onFailure: .goOn),
        ])
    ],
    credentials: [
      Credentials(
        user: "demo", userDomain: "Default", password: "secret", project: "demo",
        projectDomain: "Default")
    ], connections: .kept, connectTimeout: .seconds(10), timeout: .seconds(60))

  // MARK: Values

  static func at(_ milliseconds: Int) -> Instant { .start + .milliseconds(Int64(milliseconds)) }

  static func belief(
    admin: AdminState = [], operational: OperationalState = .running, health: Int = 3
  ) -> Belief {
    Belief(
      admin: admin, operational: operational, health: health, rise: 2, fall: 2, checked: true,
      weight: 1)
  }

  static let up = belief()
  static let maint = belief(admin: .forcedMaint)
  static let down = belief(operational: .stopped, health: 0)

  /// An outcome of the first request of a connection; times in milliseconds.
  static func outcome(
    number: Int = 1, step: Int = 0, user: Int = 0, journey: Int = 1, sent: Int, done: Int,
    port: UInt16 = 40_000, ordinal: Int = 1, status: Int = 0, _ verdict: Outcome.Verdict,
    lackedToken: Bool = false
  ) -> Outcome {
    var outcome = Outcome(
      number: number, task: 0, step: step, user: user, journey: journey, due: at(sent),
      sent: at(sent), firstByte: status > 0 ? at(done) : .never, done: at(done),
      newConnection: ordinal == 1, localPort: port, ordinal: ordinal, status: status,
      verdict: verdict, lackedToken: lackedToken, preliminary: false)
    outcome.began = at(sent)
    return outcome
  }

  /// The proxy's record of a request that went out to a server within its first millisecond, unless
  /// no connection came to be.
  static func record(
    began: Int, ended: Int, port: UInt16 = 40_000, ordinal: Int32 = 1, server: Int?,
    status: Int32, _ termination: StaticString, logged: Bool = true, connected: Bool = true,
    retries: Int32 = 0
  ) -> LogRecord {
    LogRecord(
      client: ClientAddress(ip: ClientAddress.loopback, port: port), ordinal: ordinal,
      frontend: FrontendID(0), backend: BackendID(0), server: server.map { ServerID($0) },
      began: at(began), ended: at(ended), requestTime: .zero, queueTime: .zero,
      connectTime: connected ? .milliseconds(1) : nil, responseTime: nil, status: status,
      bytes: 200, termination: Termination(termination), retries: retries, redispatched: false,
      reused: false, logged: logged, connections: (1, 1, 1, 1), queuedBefore: (0, 0))
  }

  static func notice(_ text: String) -> Notice { Notice(level: .alert, text: text) }

  // MARK: Events

  mutating func turned(_ node: NodeID, _ phase: NodePhase, _ milliseconds: Int, _ release: String) {
    collector.record(.node(node, phase, release: release, at: Self.at(milliseconds)))
  }

  mutating func believed(_ server: Int, _ belief: Belief, _ milliseconds: Int) {
    collector.record(.believed(ServerID(server), belief, at: Self.at(milliseconds)))
  }

  mutating func mark(_ step: Mark.Step, _ node: NodeID?, _ milliseconds: Int) {
    collector.record(.mark(Mark(at: Self.at(milliseconds), node: node, step: step)))
  }

  /// Both nodes serve and are believed to.
  mutating func begin() {
    for node in [Self.keystone1, Self.keystone2] {
      turned(node, .serving, 0, "newton")
      believed(node.index, Self.up, 0)
    }
  }

  /// How a request of `visit` goes.
  struct Way {
    var took: Int
    var server: Int?
    var status: Int
    var verdict = Outcome.Verdict.ok
    var termination: StaticString = "--"
    var logged = true
    var connected = true
    var lackedToken = false
    var retries: Int32 = 0

    static func authenticated(by server: Int, in milliseconds: Int = 225) -> Way {
      Way(took: milliseconds, server: server, status: 201)
    }
    static func validated(by server: Int, in milliseconds: Int = 10) -> Way {
      Way(took: milliseconds, server: server, status: 200)
    }
    /// The proxy closed the client's connection silently when the server's ended.
    static func cut(by server: Int, after milliseconds: Int) -> Way {
      Way(
        took: milliseconds, server: server, status: 0, verdict: .closed, termination: "SH",
        logged: false)
    }
    static func badGateway(by server: Int, after milliseconds: Int) -> Way {
      Way(
        took: milliseconds, server: server, status: 502, verdict: .status(502), termination: "SH")
    }
    static func withoutToken(by server: Int) -> Way {
      Way(
        took: 2, server: server, status: 401, verdict: .status(401), lackedToken: true)
    }
    static let noServer = Way(
      took: 1, server: nil, status: 503, verdict: .status(503), termination: "SC",
      connected: false)
  }

  /// One journey of a user: its two requests, one after the other, each from its own connection.
  mutating func visit(_ user: Int, at milliseconds: Int, _ first: Way, _ second: Way) {
    journey += 1
    var begin = milliseconds
    for (step, way) in [first, second].enumerated() {
      number += 1
      let done = begin + way.took
      let port = UInt16(40_000 + number)
      let ordinal = way.logged ? 1 : 2
      collector.record(
        .proxied(
          Self.record(
            began: begin, ended: done, port: port, ordinal: Int32(ordinal), server: way.server,
            status: Int32(way.status), way.termination, logged: way.logged,
            connected: way.connected, retries: way.retries)))
      collector.record(
        .request(
          Self.outcome(
            number: number, step: step, user: user, journey: journey, sent: begin, done: done,
            port: port, ordinal: ordinal, status: way.status, way.verdict,
            lackedToken: way.lackedToken)))
      begin = done
    }
  }
}

extension SyntheticRun {
  /// Twelve seconds in which keystone1 is restarted and nobody tells the proxy: the run of the golden
  /// files.
  static func restart() throws -> RunResult {
    var run = SyntheticRun(
      description(thresholds: [
        try Threshold(.failures, parsing: "== 0"), try Threshold(.p99, parsing: "< 1s"),
        try Threshold(.failureRate, parsing: "< 50%"), try Threshold(.rotation, parsing: "< 1m"),
      ]))
    run.begin()
    for second in 0..<4 {
      run.visit(0, at: second * 1_240, .authenticated(by: 0), .validated(by: 1))
      run.visit(
        1, at: second * 1_240 + 600, .authenticated(by: 1, in: 230), .validated(by: 0, in: 12))
    }
    run.mark(.began, nil, 5_000)
    run.mark(.batchBegan(1), nil, 5_000)
    run.mark(.stopping, keystone1, 5_000)
    run.turned(keystone1, .zombie, 5_000, "newton")
    run.visit(0, at: 4_900, .cut(by: 0, after: 121), .withoutToken(by: 1))
    run.visit(1, at: 4_950, .badGateway(by: 0, after: 80), .withoutToken(by: 1))
    run.turned(keystone1, .refusing, 6_000, "newton")
    run.visit(0, at: 5_600, .authenticated(by: 1, in: 240), .badGateway(by: 0, after: 161))
    run.turned(keystone1, .stopped, 7_500, "newton")
    run.mark(.exited, keystone1, 7_500)
    run.turned(keystone1, .starting, 7_500, "ocata")
    run.mark(.started, keystone1, 7_500)
    run.turned(keystone1, .loading, 7_525, "ocata")
    run.visit(1, at: 6_400, .authenticated(by: 1, in: 240), .validated(by: 1))
    run.believed(0, belief(health: 2), 7_000)
    run.believed(0, down, 9_000)
    run.collector.record(
      .noticed(notice("Server keystone/keystone1 is DOWN, reason: \"test\""), at: at(9_000)))
    run.turned(keystone1, .serving, 9_600, "ocata")
    run.believed(1, down, 9_700)
    run.visit(0, at: 9_800, .noServer, .noServer)
    run.believed(1, up, 9_900)
    run.believed(0, up, 9_950)
    run.mark(.answering, keystone1, 9_650)
    run.mark(.batchEnded(1), nil, 9_650)
    run.mark(.ended, nil, 9_650)
    run.visit(1, at: 10_500, .authenticated(by: 0, in: 1_200), .validated(by: 0))
    return run.collector.finish(
      at: at(12_000), how: .completed, inFlight: 0,
      proxyCounters: ["redispatches": 2, "connections": 24])
  }
}
