// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkKeystone
import FalseworkLoad
import FalseworkProxy
import FalseworkReport
import FalseworkScenario

/// What the proxy wants done.
extension Simulation {
  /// Carries the proxy's effects out, those that come up meanwhile included.
  mutating func flushProxy() {
    guard !flushingProxy else { return }
    flushingProxy = true
    var index = 0
    while index < proxyEffects.count {
      if options.traces { trace.add(now, "proxy: \(proxyEffects[index])") }
      carryOut(proxyEffects[index])
      index += 1
    }
    proxyEffects.removeAll(keepingCapacity: true)
    flushingProxy = false
    rearm(1)
  }

  private mutating func carryOut(_ effect: Proxy.Effect) {
    switch effect {
    case .connect(let connection, let server):
      connectServer(connection, server)
    case .forward(let client, let connection, let close):
      forward(client, connection, close: close)
    case .relay(let connection, let client, let close):
      relay(connection, client, close: close)
    case .collect(let client):
      // Nobody fills in a form here.
      proxy.collected(client, [], now: now, into: &proxyEffects)
    case .rewrite, .rewriteResponse:
      // Simulated messages have no fields that a node would look at.
      break
    case .answer(let client, let answer, let close):
      downstreams.contains(client)
        ? answerCaller(client, status: answer.status, close: close) : ()
    case .respond(let client, let page, let close):
      downstreams.contains(client) ? answerCaller(client, status: page.status, close: close) : ()
    case .closeClient(let client, let how):
      tellCaller(client, .callerClosed(client, how))
      if downstreams[client]?.hasLeft == true { downstreams.remove(client) }
    case .closeServer(let connection, _):
      closeServer(connection)
    case .check(let check):
      beginCheck(check)
    case .endCheck(let check):
      endCheck(check)
    case .pause(let frontend):
      pausedFrontends[frontend.index] = true
    case .resume(let frontend):
      resumeFrontend(frontend)
    case .ended(let client, let record):
      downstreams[client]?.question = nil
      checkers.proxied(client, wasAsked: record.requestTime != nil, now: now)
      events.append(.proxied(record))
    case .believed(let server, let belief):
      events.append(.believed(server, belief, at: now))
    case .noticed(let notice):
      events.append(.noticed(notice, at: now))
    }
  }

  private mutating func answerCaller(_ client: ClientID, status: Int, close: Bool) {
    tellCaller(
      client,
      .callerAnswered(
        client, LoadEngine.Reply(status: status, subjectToken: nil, keepAlive: !close), body: []))
    if close { tellCaller(client, .callerClosed(client, .fin)) }
  }

  // MARK: Connections to servers

  private mutating func connectServer(_ connection: ServerConnectionID, _ server: ServerID) {
    while upstreamOfServer.count <= Int(connection.index) { upstreamOfServer.append(nil) }
    upstreamOfServer[Int(connection.index)] = (connection, nil)
    // A server that stands for no node is an address where nobody listens.
    guard let node = nodeOfServer[server.index] else {
      return fabric.send(.peerRefused(.proxy(connection)), now: now)
    }
    fabric.send(.peerConnects(.proxy(connection), node), now: now)
  }

  private func upstream(of connection: ServerConnectionID) -> NodeConnectionID? {
    guard Int(connection.index) < upstreamOfServer.count,
      let entry = upstreamOfServer[Int(connection.index)], entry.server == connection
    else { return nil }
    return entry.upstream
  }

  private mutating func forward(
    _ client: ClientID, _ connection: ServerConnectionID, close: Bool
  ) {
    // A client that left meanwhile is told to the proxy by its own message.
    guard let question = downstreams[client]?.question, let upstream = upstream(of: connection)
    else { return }
    if let upstreamNode = upstreams[upstream]?.node {
      checkers.forwarded(client, to: upstreamNode, now: now)
    }
    askNode(
      upstream, keystoneCall(question), rendered: wants(question)?.body ?? false, close: close)
  }

  /// - Parameter rendered: the body of the answer is wanted, whatever the options say.
  mutating func askNode(
    _ upstream: NodeConnectionID, _ call: KeystoneCall, rendered: Bool = false, close: Bool
  ) {
    guard upstreams.contains(upstream) else { return }
    var last = upstreams[upstream]!.lastUp
    fabric.send(
      .peerAsks(
        upstream,
        KeystoneNode.Request(
          call: call, base: "http://127.0.0.1:5000", rendered: rendered || options.rendersBodies,
          close: close)),
      now: now, after: &last)
    upstreams[upstream]!.lastUp = last
  }

  private func wants(_ question: Question) -> AnswerWants? {
    guard case .call(let call) = question else { return nil }
    return loadWriter?.wants(of: call)
  }

  /// What the proxy's rules see of a request; nil for one that was never written.
  func message(of question: Question) -> RequestMessage? {
    guard case .call(let call) = question, let loadWriter else { return nil }
    return SimulatedCalls.message(call, loadWriter)
  }

  private func keystoneCall(_ question: Question) -> KeystoneCall {
    switch question {
    case .keystone(let call): call
    case .call(.authenticate(let credentials)): authentications[credentials]
    case .call(.validate(let token)):
      .validate(caller: token, subject: token, catalog: true, allowExpired: false)
    case .call(.catalog(let token)): .catalog(caller: token)
    case .call(.projects(let token)): .authProjects(caller: token)
    case .call(.revoke(let token)): .revoke(caller: token, subject: token)
    case .call(.http(let task, let step, nil)): httpCalls[task][step]
    case .call(let call): SimulatedCalls.call(call, loadWriter!, release: release)
    }
  }

  private mutating func relay(
    _ connection: ServerConnectionID, _ client: ClientID, close: Bool
  ) {
    guard let answer else { preconditionFailure("nothing to relay on \(connection)") }
    var reply = LoadEngine.Reply(
      status: answer.status, subjectToken: answer.subjectToken, keepAlive: !close)
    reply.bodyBytes = answer.body.count
    if let question = downstreams[client]?.question, let wants = wants(question) {
      reply.content.begin(wants, fields: answer.allFields)
      reply.content.append(body: answer.body.span)
    }
    tellCaller(
      client,
      .callerAnswered(client, reply, body: options.rendersBodies ? answer.body : []))
  }

  mutating func closeServer(_ connection: ServerConnectionID) {
    guard Int(connection.index) < upstreamOfServer.count,
      let entry = upstreamOfServer[Int(connection.index)], entry.server == connection
    else { return }
    upstreamOfServer[Int(connection.index)] = nil
    if let upstream = entry.upstream { closeUpstream(upstream) }
  }

  mutating func closeUpstream(_ upstream: NodeConnectionID) {
    guard upstreams.contains(upstream) else { return }
    var last = upstreams[upstream]!.lastUp
    fabric.send(.peerCloses(upstream), now: now, after: &last)
    upstreams[upstream]!.lastUp = last
  }

  // MARK: Health checks

  private mutating func beginCheck(_ check: CheckID) {
    checkOfServer[check.server.index] = check
    guard let node = nodeOfServer[check.server.index] else {
      return fabric.send(.peerRefused(.check(check)), now: now)
    }
    fabric.send(.peerConnects(.check(check), node), now: now)
  }

  private mutating func endCheck(_ check: CheckID) {
    guard checkOfServer[check.server.index] == check else { return }
    checkOfServer[check.server.index] = nil
    if let upstream = upstreamOfCheck[check.server.index].take() { closeUpstream(upstream) }
  }
}
