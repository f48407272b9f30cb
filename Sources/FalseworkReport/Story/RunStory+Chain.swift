// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkKeystone
import FalseworkProxy
import FalseworkRotation
package import FalseworkScenario

/// One failed request as a paragraph: the chain, hop by hop.
extension RunStory {
  /// - Parameter scenario: names what in the proxy's configuration played a part; nil leaves that out.
  package func chain(_ request: Request, _ scenario: Scenario?) -> String {
    var sentences = [sent(request)]
    switch request.cause {
    case .noToken:
      let before = request.because.map { ": request \(Figures.count($0)) had failed" } ?? ""
      sentences.append("Its journey had no token then\(before).")
    case .noServer, .noServerThoughServing:
      sentences += noServer(request, scenario)
    default:
      sentences += atNode(request)
      sentences += belief(request, scenario)
      sentences += tries(request, scenario)
    }
    sentences.append(end(request))
    return sentences.joined(separator: " ")
  }

  private static func text(_ instant: Instant) -> String {
    (instant - .start).secondsText(decimals: 2) + " s"
  }

  private func sent(_ request: Request) -> String {
    let who = "Request \(Figures.count(request.number)) (\(request.step) of user \(request.user))"
    return "\(who) was sent at \(Self.text(request.sent))."
  }

  private func end(_ request: Request) -> String {
    let silent = request.sight.map { !$0.logged } ?? false
    let log = silent ? ", and the proxy's log has no line of it" : ""
    let what =
      request.status > 0
      ? "The client got \(request.status)" : "What the client saw: \(request.verdict)"
    return "\(what) at \(Self.text(request.done))\(log)."
  }

  // MARK: The node

  private func phases(_ name: String?) -> [Change<NodePhase>] {
    nodes.first { $0.name == name }?.phases ?? []
  }

  private func atNode(_ request: Request) -> [String] {
    guard let name = request.node else { return [] }
    let phases = phases(name)
    let sent = request.sight?.forwarded ?? request.sight?.ended ?? request.sent
    let ended = request.sight?.ended ?? request.done
    guard let was = phases.last(where: { $0.at <= sent }) else {
      return ["It went to \(name)."]
    }
    let tried = request.sight?.forwarded != nil
    var sentence =
      tried
      ? "The proxy sent it to \(name) at \(Self.text(sent)), "
      : "The last server that the proxy tried was \(name), "
    sentence += "which \(Self.doing(was.state, since: was.at))."
    var sentences = [sentence]
    // Records of a stop may be a little late on sockets.
    let after = phases.filter { $0.at > sent && $0.at <= ended + .milliseconds(20) }
    for change in after {
      sentences.append("At \(Self.text(change.at)) \(name) \(Self.became(change.state)).")
    }
    return sentences
  }

  private static func doing(_ phase: NodePhase, since: Instant) -> String {
    let since = text(since)
    return switch phase {
    case .stopped: "was gone since \(since)"
    case .starting: "was started at \(since) and did not listen yet"
    case .loading: "listened since \(since), and held what came until its application was loaded"
    case .serving: "was serving"
    case .finishing: "had been told to finish at \(since), and gave newcomers nothing"
    case .zombie: "had been told to stop at \(since), yet still listened"
    case .refusing: "had stopped listening at \(since)"
    }
  }

  private static func became(_ phase: NodePhase) -> String {
    switch phase {
    case .stopped: "was gone"
    case .starting: "was started"
    case .loading: "listened again and loaded its application"
    case .serving: "served again"
    case .finishing: "was told to finish"
    case .zombie: "was stopped, and cut what it had in work"
    case .refusing: "stopped listening and dropped what it had"
    }
  }

  // MARK: The proxy's belief

  /// `UP` of `UP 1/3`.
  private static func word(_ belief: String) -> String {
    belief.split(separator: " ").first.map(String.init) ?? belief
  }

  private func belief(_ request: Request, _ scenario: Scenario?) -> [String] {
    guard let server = servers.first(where: { $0.name == request.sight?.server }) else {
      return []
    }
    let at = request.sight?.forwarded ?? request.sight?.ended ?? request.sent
    guard let was = server.beliefs.last(where: { $0.at <= at }) else { return [] }
    let word = Self.word(was.state)
    let next = server.beliefs.first { $0.at > at && Self.word($0.state) != word }
    let until = next.map { "until \(Self.text($0.at))" } ?? "to the end"
    var sentence = "The proxy believed it \(word) \(until)"
    let healthy = phases(server.node).last { $0.at <= at }.map { $0.state == .serving } ?? true
    if word == "UP", let scenario, let checks = Self.checks(server.name, scenario) {
      let told = scenario.rotation?.strategy.tells == true
      if !healthy || request.cause == .inFlightAtStop {
        sentence += told ? "" : ", since nobody told it, and its checks were slower: \(checks)"
      }
    }
    return [sentence + "."]
  }

  /// ``a check every 12 s, down after 2 in a row (`inter 12s fall 2`)``.
  private static func checks(_ name: String, _ scenario: Scenario) -> String? {
    let configuration = scenario.proxy.configuration
    guard
      let server = configuration.servers.indices.first(where: {
        configuration.fullName(ServerID($0)) == name
      }).map({ configuration.servers[$0] })
    else { return nil }
    guard server.checked else { return "it makes none (no `check`)" }
    return "`inter \(server.inter) fall \(server.fall)`"
  }

  private func noServer(_ request: Request, _ scenario: Scenario?) -> [String] {
    let at = request.sight?.ended ?? request.done
    return ["The proxy believed no server to be up."]
      + servers.compactMap { server in
        guard let belief = server.beliefs.last(where: { $0.at <= at }) else { return nil }
        var sentence =
          "\(server.name): \(Self.word(belief.state)) since \(Self.text(sinceWord(server, belief, at)))"
        if let truth = phases(server.node).last(where: { $0.at <= at }) {
          sentence += ", in truth \(truth.state.rawValue) since \(Self.text(truth.at))"
          if truth.state == .serving, let scenario,
            let rise = Self.rise(server.name, scenario)
          {
            sentence += " (\(rise))"
          }
        }
        return sentence + "."
      }
  }

  /// When the belief's word began, whatever its counters did since.
  private func sinceWord(_ server: Server, _ belief: Change<String>, _ at: Instant) -> Instant {
    var since = belief.at
    for change in server.beliefs.reversed() where change.at <= at {
      guard Self.word(change.state) == Self.word(belief.state) else { break }
      since = change.at
    }
    return since
  }

  private static func rise(_ name: String, _ scenario: Scenario) -> String? {
    let configuration = scenario.proxy.configuration
    return configuration.servers.indices.first { configuration.fullName(ServerID($0)) == name }
      .map { index in
        let server = configuration.servers[index]
        return "`inter \(server.inter) rise \(server.rise)`"
      }
  }

  private func tries(_ request: Request, _ scenario: Scenario?) -> [String] {
    guard let sight = request.sight, sight.retries > 0 || sight.redispatched else { return [] }
    let times = sight.retries == 1 ? "once" : "\(sight.retries) times"
    if sight.redispatched {
      return ["It had been refused elsewhere and was taken to this server."]
    }
    var text = "It was tried again \(times) on the same server"
    if let scenario, let server = sight.server,
      let backend = scenario.proxy.configuration.backends.first(where: {
        server.hasPrefix($0.name + "/")
      }), backend.redispatch == nil
    {
      text += ", for there is no `option redispatch`"
    }
    return [text + "."]
  }
}
