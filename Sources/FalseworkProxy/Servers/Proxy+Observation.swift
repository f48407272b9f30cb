// SPDX-License-Identifier: Apache-2.0
import FalseworkCore

/// `observe`: the traffic itself as a health check (HAProxy's `__health_adjust`).
extension Proxy {
  /// What a connection or an answer says of its server.
  enum Sign: String {
    case connected = "Layer4 successful connection"
    case notConnected = "Layer4 unsuccessful connection"
    case answered = "Correct http response"
    case wrongAnswer = "Wrong http response"
    case brokenHead = "Invalid http response (headers)"
    case noAnswer = "Read error (http)"
    case silence = "Read timeout (http)"
    case closed = "Close from server (http)"

    func isError(for observation: ProxyConfiguration.Observation) -> Bool? {
      switch (observation, self) {
      case (_, .notConnected): true
      case (.layer4, .connected): false
      case (.layer7, .connected), (.layer4, _): nil
      case (.layer7, .answered): false
      case (.layer7, _): true
      }
    }

    /// Of an answer: 100 to 499, 501 and 505 are good.
    init(status: Int) {
      self =
        (100..<500).contains(status) || status == 501 || status == 505
        ? .answered : .wrongAnswer
    }
  }

  mutating func observe(
    _ server: ServerID?, _ sign: Sign, now: Instant, into effects: inout [Effect]
  ) {
    guard let server, let observation = configuration.servers[server.index].observe,
      let isError = sign.isError(for: observation), servers[server.index].checking,
      !servers[server.index].admin.isMaint
    else { return }
    guard isError else {
      servers[server.index].errorsInRow = 0
      return
    }
    servers[server.index].errorsInRow += 1
    let limit = configuration.servers[server.index].errorLimit
    guard servers[server.index].errorsInRow >= limit else { return }
    let detail = "Detected \(limit) consecutive errors, last one was: \(sign.rawValue)"
    servers[server.index].errorsInRow = 0
    servers[server.index].failedObservations += 1
    act(on: server, detail, now: now, into: &effects)
    // Whatever it did, the next check comes soon.
    if let soon = configuration.servers[server.index].fastinter, servers[server.index].check == nil
    {
      serverTimers.set(ServerTimer.check.key(server.index), to: now + soon)
    }
  }

  private mutating func act(
    on server: ServerID, _ detail: String, now: Instant, into effects: inout [Effect]
  ) {
    let configured = configuration.servers[server.index]
    switch configured.onError {
    case .fastinter: return
    case .suddenDeath where servers[server.index].health > configured.rise:
      servers[server.index].health = configured.rise + 1
    case .markDown: servers[server.index].health = configured.rise
    case .suddenDeath, .failCheck: break
    }
    let report = CheckReport(status: .observed, code: 0, duration: .zero, detail: detail)
    servers[server.index].report = report
    count(server, because: report, now: now, into: &effects)
  }
}
