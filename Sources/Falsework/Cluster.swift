// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkKeystone
import FalseworkLoad
import FalseworkProxy
import FalseworkReport
import FalseworkRotation
import FalseworkScenario

/// Nodes behind a proxy, for the length of one test body.
///
/// What it offers is the same in both worlds. In virtual time the calls return at once, having let as
/// much virtual time pass as their answers take; on sockets they take that long.
///
///     @Test(arguments: [ClusterWorld.simulated(seed: 7), .live])
///     func `a token outlives the node that issued it`(world: ClusterWorld) async throws {
///       try await withCluster(world) { cluster in
///         let token = try await cluster.issue()
///         try await cluster.rotate(by: .drain(wait: .milliseconds(100)))
///         #expect(try await cluster.validate(token).status == 200)
///       }
///     }
public final class Cluster: Sendable {
  /// The nodes' names, in the scenario's order.
  public let nodes: [String]
  let scenario: Scenario
  private let hands: any ClusterHands

  /// How long an answer, a state or a rotation is waited for unless a call says otherwise.
  public static let patience = Duration.seconds(60)

  init(_ scenario: Scenario, _ hands: any ClusterHands) {
    nodes = scenario.cluster.nodes
    self.scenario = scenario
    self.hands = hands
  }

  // MARK: Tokens

  /// Asks for a token by password, through the proxy or at one node, and returns Keystone's whole answer.
  public func authenticate(
    as user: ClusterUser = .demo, at node: String? = nil
  ) async throws -> ClusterAnswer {
    try await hands.ask(.authenticate(user), node: try node.map(number))
  }

  /// The same, for the token.
  ///
  /// - Throws: `unexpectedAnswer` if the answer is not 201 with a token.
  public func issue(as user: ClusterUser = .demo, at node: String? = nil) async throws -> String {
    let answer = try await authenticate(as: user, at: node)
    guard answer.status == 201, let token = answer.token else {
      throw FalseworkError(
        .unexpectedAnswer, "no token for \(user.name): \(answer.status) \(answer.text)")
    }
    return token
  }

  /// `GET /v3/auth/tokens` with a token as caller and as subject, or with another one as caller.
  public func validate(
    _ token: String, as caller: String? = nil, at node: String? = nil
  ) async throws -> ClusterAnswer {
    try await hands.ask(
      .validate(caller: caller ?? token, subject: token), node: try node.map(number))
  }

  /// `DELETE /v3/auth/tokens`.
  public func revoke(
    _ token: String, as caller: String? = nil, at node: String? = nil
  ) async throws -> ClusterAnswer {
    try await hands.ask(
      .revoke(caller: caller ?? token, subject: token), node: try node.map(number))
  }

  // MARK: Nodes and proxy

  /// What a node is now.
  public func state(of node: String) async throws -> ClusterNodeState {
    ClusterNodeState(try await hands.phase(of: try number(node)))
  }

  /// The release that a node runs, by its code name.
  public func release(of node: String) async throws -> String {
    try await hands.release(of: try number(node)).name
  }

  /// What the proxy believes of a node's server, as `show stat` spells it: `UP`, `DRAIN`, `DOWN 1/2`.
  public func belief(about node: String) async throws -> String {
    guard let server = scenario.servers(of: try number(node)).first else {
      throw FalseworkError(.noSuchNode, "no server of the proxy stands for \(node)")
    }
    return try await hands.belief(about: server).description
  }

  /// Sends one line to the proxy's runtime API with level admin, and returns the whole answer; silent
  /// success is an empty line.
  @discardableResult
  public func runtime(_ line: String) async throws -> String { try await hands.order(line) }

  /// Stops a node's process; its phases take the times that the scenario gives them.
  public func stop(_ node: String, by how: ClusterStop = .terminate) async throws {
    try await hands.stop(try number(node), how.signal)
  }

  /// Starts a stopped node as the release that the scenario upgrades to.
  public func start(_ node: String) async throws {
    try await hands.start(try number(node), as: scenario.cluster.target)
  }

  /// Lets time pass.
  public func pass(_ time: Duration) async throws { try await hands.pass(Interval(time)) }

  /// Waits until a node is what is wanted.
  ///
  /// - Throws: `timeout`.
  public func wait(
    until node: String, is state: ClusterNodeState, within patience: Duration = Cluster.patience
  ) async throws {
    try await wait(for: "\(node) to be \(state.rawValue)", within: patience) {
      try await self.state(of: node) == state
    }
  }

  /// Waits until the proxy believes what is wanted of a node's server; `UP` is any health.
  public func wait(
    until node: String, isBelieved status: String, within patience: Duration = Cluster.patience
  ) async throws {
    try await wait(for: "the proxy to say \(status) of \(node)", within: patience) {
      let belief = try await self.belief(about: node)
      return belief == status || belief.hasPrefix(status + " ")
    }
  }

  private func wait(
    for what: String, within patience: Duration, _ holds: () async throws -> Bool
  ) async throws {
    let step = Duration.milliseconds(5)
    var waited = Duration.zero
    while try await !holds() {
      guard waited < patience else {
        throw FalseworkError(.timeout, "waited \(patience) for \(what)")
      }
      try await pass(step)
      waited += step
    }
  }

  /// Takes nodes out and brings them back as the next release, one at a time; all of them, if none is named.
  ///
  /// - Throws: `rotationAborted` with the reason.
  public func rotate(_ names: String..., by how: ClusterRotation) async throws {
    let wanted = names.isEmpty ? nodes : names
    let outcome = try await hands.rotate(how.plan(try wanted.map(number)))
    if case .aborted(let reason) = outcome { throw FalseworkError(.rotationAborted, reason) }
  }

  /// Takes nodes out and brings them back by a strategy of your own, until it orders `finish`.
  ///
  /// - Parameters:
  ///   - strategy: is shown the cluster every `poll`, and whenever a node exits or answers.
  ///   - limit: ends a strategy that does not end by itself.
  /// - Throws: `rotationAborted` with the reason.
  public func rotate(
    with strategy: some ClusterStrategy, poll: Duration = .milliseconds(100),
    within limit: Duration = .seconds(600)
  ) async throws {
    let outcome = try await hands.rotate(
      NamedStrategy(strategy: strategy), poll: Interval(poll), limit: Interval(limit))
    if case .aborted(let reason) = outcome { throw FalseworkError(.rotationAborted, reason) }
  }

  // MARK: Load

  /// Puts the scenario's load on the cluster while the body runs, and returns what became of it.
  public func underLoad(_ body: () async throws -> Void) async throws -> ClusterSummary {
    try await hands.beginLoad()
    do {
      try await body()
    } catch {
      _ = try await hands.endLoad()
      throw error
    }
    return ClusterSummary(try await hands.endLoad())
  }

  // MARK: For other programs

  /// Where clients find the cluster.
  ///
  /// - Throws: `wrongWorld` in virtual time, where there are no sockets.
  public var endpoint: ClusterEndpoint {
    get async throws { try await hands.endpoint() }
  }

  private func number(_ name: String) throws(FalseworkError) -> NodeID {
    guard let index = nodes.firstIndex(of: name) else {
      throw FalseworkError(
        .noSuchNode, "\(name); there are \(nodes.joined(separator: ", "))")
    }
    return NodeID(index)
  }
}

/// Addresses of a cluster on sockets.
public struct ClusterEndpoint: Equatable, Sendable {
  /// `http://127.0.0.1:40123/v3`, through the proxy.
  public let url: String
  /// The nodes past the proxy, in order.
  public let nodeURLs: [String]
  /// The UNIX socket of the proxy's runtime API, level admin.
  public let runtimeSocket: String

  /// `OS_AUTH_URL` and the rest of what OpenStack's clients read.
  public func environment(for user: ClusterUser = .admin) -> [String: String] {
    var variables = [
      "OS_AUTH_URL": url, "OS_IDENTITY_API_VERSION": "3", "OS_USERNAME": user.name,
      "OS_PASSWORD": user.password, "OS_USER_DOMAIN_NAME": user.domain,
      "OS_AUTH_TYPE": "password", "OS_REGION_NAME": "RegionOne", "OS_INTERFACE": "public",
    ]
    if let project = user.project {
      variables["OS_PROJECT_NAME"] = project
      variables["OS_PROJECT_DOMAIN_NAME"] = user.projectDomain
    }
    return variables
  }
}

/// What became of a load.
public struct ClusterSummary: Sendable {
  /// Requests that ended, successes and failures.
  public let requests: Int
  public let failures: Int
  /// Journeys with at least one failed request.
  public let lostJourneys: Int
  public let longestGap: Duration
  /// Why requests failed, most frequent first.
  public let causes: [(text: String, count: Int)]
  /// The table that `falsework run` prints, 80 columns wide.
  public let table: String
  /// `result.json`; specs/result.md describes it.
  public let json: String

  init(_ result: RunResult) {
    requests = result.total.requests
    failures = result.total.failures
    lostJourneys = result.lostJourneys
    longestGap = .nanoseconds(result.longestGap.length.nanoseconds)
    causes = result.causes.map { ($0.cause.text(result.description), $0.count) }
    table = TerminalTable(result, width: 80, colours: false).text
    json = String(decoding: ResultJSON(result).bytes, as: UTF8.self)
  }
}
