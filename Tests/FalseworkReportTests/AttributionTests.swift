// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkKeystone
import FalseworkLoad
import FalseworkProxy
import FalseworkRotation
import Testing

@testable import FalseworkReport

/// keystone1 serves until 5.000 s, is a zombie until 6.000, refuses until 7.000, loads until 9.000 and
/// serves again; keystone2 serves until 8.000, finishes until 8.500 and is gone. The proxy says UP of
/// keystone1 until 5.500, then MAINT, and UP of keystone2 throughout.
@Suite struct AttributionTests {
  private static func attribution(
    world: World = .simulated, hasProxy: Bool = true
  ) -> Attribution {
    var first = Timeline<NodeState>(limit: 100)
    for (at, phase) in [
      (0, NodePhase.serving), (5_000, .zombie), (6_000, .refusing), (7_000, .loading),
      (9_000, .serving),
    ] {
      first.record(NodeState(phase: phase, release: "newton"), at: SyntheticRun.at(at))
    }
    var second = Timeline<NodeState>(limit: 100)
    for (at, phase) in [(0, NodePhase.serving), (8_000, .finishing), (8_500, .refusing)] {
      second.record(NodeState(phase: phase, release: "newton"), at: SyntheticRun.at(at))
    }
    var beliefs = [Timeline<Belief>(limit: 100), Timeline<Belief>(limit: 100)]
    beliefs[0].record(SyntheticRun.up, at: .start)
    beliefs[0].record(SyntheticRun.maint, at: SyntheticRun.at(5_500))
    beliefs[1].record(SyntheticRun.up, at: .start)
    return Attribution(
      description: SyntheticRun.description(world: world, hasProxy: hasProxy),
      nodes: [first, second], beliefs: beliefs,
      marks: [
        Mark(at: SyntheticRun.at(4_900), node: nil, step: .began),
        Mark(at: SyntheticRun.at(5_000), node: SyntheticRun.keystone1, step: .stopping),
        Mark(at: SyntheticRun.at(5_990), node: SyntheticRun.keystone1, step: .exited),
        Mark(at: SyntheticRun.at(5_995), node: SyntheticRun.keystone2, step: .told),
        Mark(at: SyntheticRun.at(8_000), node: SyntheticRun.keystone2, step: .stopping),
      ])
  }

  struct Case: Sendable, CustomTestStringConvertible {
    var what: String
    var sent: Int
    var ended: Int
    var verdict: Outcome.Verdict
    var server: Int?
    var termination: StaticString
    var connected = true
    var cause: Cause
    var testDescription: String { what }
  }

  private static let one = SyntheticRun.keystone1
  private static let two = SyntheticRun.keystone2

  static let stops: [Case] = [
    Case(
      what: "sent before the stop, cut after it", sent: 4_900, ended: 5_020, verdict: .closed,
      server: 0, termination: "SH",
      cause: Cause(.inFlightAtStop, node: one, belief: .up)),
    Case(
      what: "cut in its answer by the stop", sent: 4_900, ended: 5_020, verdict: .truncated,
      server: 0, termination: "SD",
      cause: Cause(.inFlightAtStop, node: one, belief: .up)),
    Case(
      what: "sent to a zombie, dropped with its socket", sent: 5_100, ended: 6_000,
      verdict: .status(502), server: 0, termination: "SH",
      cause: Cause(.sentToZombie, node: one, belief: .up)),
    Case(
      what: "sent to a zombie that the proxy was told about", sent: 5_600, ended: 6_000,
      verdict: .status(502), server: 0, termination: "SH",
      cause: Cause(.sentToZombie, node: one, belief: .maint)),
    Case(
      what: "sent while the node finished", sent: 8_100, ended: 8_500, verdict: .closed, server: 1,
      termination: "SH", cause: Cause(.sentWhileFinishing, node: two, belief: .up)),
    Case(
      what: "sent before the graceful stop, cut when its time was over", sent: 7_900,
      ended: 8_500, verdict: .closed, server: 1, termination: "SH",
      cause: Cause(.inFlightAtStop, node: two, belief: .up)),
    Case(
      what: "held by a loading node until the stop of nobody", sent: 7_100, ended: 7_200,
      verdict: .closed, server: 0, termination: "SH",
      cause: Cause(.closedByNode, node: one, phase: .loading)),
    Case(
      what: "closed by a node that served on", sent: 1_000, ended: 1_001, verdict: .status(502),
      server: 1, termination: "SH", cause: Cause(.closedByNode, node: two, phase: .serving)),
    Case(
      what: "cut short by a node that served on", sent: 1_000, ended: 1_001, verdict: .truncated,
      server: 1, termination: "SD", cause: Cause(.cutShort, node: two, phase: .serving)),
  ]

  static let proxies: [Case] = [
    Case(
      what: "refused everywhere", sent: 6_100, ended: 6_500, verdict: .status(503), server: 0,
      termination: "SC", connected: false,
      cause: Cause(.refused, node: one, phase: .refusing, belief: .maint)),
    Case(
      what: "no server, although keystone2 serves", sent: 6_100, ended: 6_101,
      verdict: .status(503), server: nil, termination: "SC", connected: false,
      cause: Cause(.noServerThoughServing)),
    Case(
      what: "no server, and nobody serves", sent: 8_600, ended: 8_601, verdict: .status(503),
      server: nil, termination: "SC", connected: false, cause: Cause(.noServer)),
    Case(
      what: "connect timeout of a kept connection", sent: 6_100, ended: 6_500, verdict: .closed,
      server: 0, termination: "sC", connected: false,
      cause: Cause(.nodeConnectTimeout, node: one, phase: .refusing, belief: .maint)),
    Case(
      what: "queue timeout", sent: 6_100, ended: 6_500, verdict: .status(503), server: nil,
      termination: "sQ", connected: false, cause: Cause(.queueTimeout)),
    Case(
      what: "held by a loading node beyond timeout server", sent: 7_100, ended: 7_900,
      verdict: .status(504), server: 0, termination: "sH",
      cause: Cause(.serverTimeout, node: one, phase: .loading, belief: .maint)),
    Case(
      what: "what is no HTTP", sent: 1_000, ended: 1_100, verdict: .status(502), server: 0,
      termination: "PH", cause: Cause(.malformedAnswer, node: one, phase: .serving)),
    Case(
      what: "denied by the proxy", sent: 1_000, ended: 1_000, verdict: .status(400), server: nil,
      termination: "PR", connected: false, cause: Cause(.proxyStatus, status: 400)),
    Case(
      what: "marked down", sent: 1_000, ended: 1_100, verdict: .status(502), server: 0,
      termination: "DH", cause: Cause(.markedDown, node: one, phase: .serving)),
    Case(
      what: "killed by an administrator", sent: 1_000, ended: 1_100, verdict: .status(502),
      server: 0, termination: "KH", cause: Cause(.killedByAdministrator)),
    Case(
      what: "a status of a serving node", sent: 1_000, ended: 1_100, verdict: .status(404),
      server: 0, termination: "--", cause: Cause(.nodeStatus, node: one, status: 404)),
    Case(
      what: "a status of a node that finishes", sent: 7_900, ended: 8_100, verdict: .status(500),
      server: 1, termination: "--",
      cause: Cause(.nodeStatus, node: two, phase: .finishing, status: 500)),
    Case(
      what: "truncated, and the proxy thinks that all is well", sent: 1_000, ended: 1_100,
      verdict: .truncated, server: 0, termination: "--", cause: Cause(.unknown)),
    Case(
      what: "given up by the client while a node loads", sent: 7_100, ended: 7_900,
      verdict: .timeout, server: 0, termination: "--",
      cause: Cause(.clientTimeout, node: one, phase: .loading)),
    Case(
      what: "given up by the client before the proxy found a server", sent: 7_100, ended: 7_900,
      verdict: .timeout, server: nil, termination: "CQ", connected: false,
      cause: Cause(.clientTimeout)),
  ]

  @Test(arguments: stops + proxies)
  func `with a record, the cause is what the record and the truth say`(
    given: Case
  ) {
    let status = if case .status(let status) = given.verdict { status } else { 0 }
    let outcome = SyntheticRun.outcome(
      sent: given.sent - 1, done: given.ended + 1, status: status, given.verdict)
    let sight = ProxySight(
      SyntheticRun.record(
        began: given.sent - 1, ended: given.ended, server: given.server, status: Int32(status),
        given.termination, connected: given.connected))
    let failure = Self.attribution().failure(outcome, sight, because: nil)
    #expect(failure.cause == given.cause)
    #expect(failure.isSilent == false)
  }

  @Test(arguments: [
    (Outcome.Verdict.refused, Cause.Kind.entranceRefused), (.unreachable, .entranceUnreachable),
    (.connectTimeout, .entranceTimeout), (.resources, .localResources),
    (.tokenMissing, .noTokenInAnswer), (.timeout, .clientTimeout), (.malformed, .unknown),
    (.tls, .entranceTLS), (.captureMissing, .unexpectedAnswer),
    (.unexpected(.json), .unexpectedAnswer), (.firstByteTimeout, .clientTimeout),
    (.truncated, .unknown), (.closed, .unseen), (.reset, .unseen),
  ]) func `without a record, the cause is what the load saw, or unknown`(
    verdict: Outcome.Verdict, kind: Cause.Kind
  ) {
    let outcome = SyntheticRun.outcome(sent: 1_000, done: 1_100, verdict)
    let failure = Self.attribution().failure(outcome, nil, because: nil)
    #expect(failure.cause == Cause(kind))
    #expect(failure.isSilent == true)
  }

  @Test func `closed without a record while one node stopped is laid at its door`() {
    let outcome = SyntheticRun.outcome(sent: 4_900, done: 5_020, .closed)
    let cause = Self.attribution(world: .field).failure(outcome, nil, because: nil).cause
    #expect(cause == Cause(.unseenAtStop, node: Self.one))
  }

  @Test func `closed without a record while two nodes stopped is at nobody's`() {
    let outcome = SyntheticRun.outcome(sent: 4_900, done: 8_020, .closed)
    let cause = Self.attribution(world: .field).failure(outcome, nil, because: nil).cause
    #expect(cause == Cause(.unseen))
  }

  @Test func `a stop may be recorded after its effect in a world with several clocks`() {
    let outcome = SyntheticRun.outcome(sent: 4_800, done: 4_990, .closed)
    let sight = ProxySight(
      SyntheticRun.record(began: 4_800, ended: 4_985, server: 0, status: 0, "SH"))
    func kind(_ world: World) -> Cause.Kind {
      Self.attribution(world: world).failure(outcome, sight, because: nil).cause.kind
    }
    #expect(kind(.live) == .inFlightAtStop)
    #expect(kind(.simulated) == .closedByNode)
  }

  @Test func `401 without a token comes of the failure before it, any other end does not`() {
    func failure(_ status: Int, _ server: Int?, _ termination: StaticString) -> Failure {
      let outcome = SyntheticRun.outcome(
        sent: 6_100, done: 6_102, status: status, .status(status), lackedToken: true)
      let sight = ProxySight(
        SyntheticRun.record(
          began: 6_100, ended: 6_101, server: server, status: Int32(status), termination))
      return Self.attribution().failure(outcome, sight, because: 17)
    }
    #expect(failure(401, 1, "--").cause == Cause(.noToken))
    #expect(failure(401, 1, "--").because == 17)
    #expect(failure(503, nil, "SC").cause.kind == .noServerThoughServing)
  }

  @Test func `a request that had its token owes nothing to a failure before it`() {
    let outcome = SyntheticRun.outcome(sent: 4_900, done: 5_020, .closed)
    #expect(Self.attribution().failure(outcome, nil, because: 17).because == nil)
  }

  @Test func `truth, belief and rotation are told as they were then`() {
    let outcome = SyntheticRun.outcome(sent: 5_100, done: 6_001, status: 502, .status(502))
    let sight = ProxySight(
      SyntheticRun.record(began: 5_100, ended: 6_000, server: 0, status: 502, "SH"))
    let failure = Self.attribution().failure(outcome, sight, because: nil)
    #expect(failure.phaseWhenSent == .zombie && failure.phaseWhenEnded == .refusing)
    #expect(failure.beliefWhenSent == SyntheticRun.up)
    #expect(failure.beliefWhenEnded == SyntheticRun.maint)
    #expect(failure.nodesServing == 1)
    #expect(failure.lastMark?.step == .told && failure.lastMark?.node == Self.two)
    #expect(failure.lastMarkOfNode?.step == .exited && failure.lastMarkOfNode?.node == Self.one)
  }

  @Test func `without a proxy nothing is silent`() {
    let attribution = Self.attribution(hasProxy: false)
    let closed = SyntheticRun.outcome(sent: 1_000, done: 1_100, .closed)
    #expect(attribution.failure(closed, nil, because: nil).isSilent == nil)
    #expect(attribution.failure(closed, nil, because: nil).cause == Cause(.unknown))
    let status = SyntheticRun.outcome(sent: 1_000, done: 1_100, status: 500, .status(500))
    #expect(
      attribution.failure(status, nil, because: nil).cause == Cause(.nodeStatus, status: 500))
  }

  @Test func `a node of which nothing was told is unknown, not serving`() {
    let attribution = Attribution(
      description: SyntheticRun.description(),
      nodes: [Timeline(limit: 1), Timeline(limit: 1)],
      beliefs: [Timeline(limit: 1), Timeline(limit: 1)], marks: [])
    let outcome = SyntheticRun.outcome(sent: 1_000, done: 1_100, .closed)
    let sight = ProxySight(
      SyntheticRun.record(began: 1_000, ended: 1_099, server: 0, status: 0, "SH"))
    let failure = attribution.failure(outcome, sight, because: nil)
    #expect(failure.cause == Cause(.closedByNode, node: Self.one))
    #expect(failure.phaseWhenSent == nil && failure.beliefWhenSent == nil)
    #expect(failure.nodesServing == 0)
  }
}
