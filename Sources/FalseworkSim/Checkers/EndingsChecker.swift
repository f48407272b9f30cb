// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkLoad
import FalseworkProxy

/// Every request ends exactly once, at the load and at the proxy, and none is lost from the count:
/// sent = ok + failed + in flight.
struct EndingsChecker: Sendable {
  private(set) var violations: [Violation] = []
  /// Requests ended so far, by number; numbers are dense.
  private var ended: [Bool] = []
  private var ok = 0
  private var failed = 0
  /// Requests that each client connection has at the proxy.
  private var open: [(client: ClientID, count: Int)?] = []

  mutating func ended(_ outcome: Outcome, now: Instant) {
    while ended.count <= outcome.number { ended.append(false) }
    if ended[outcome.number] { report(now, "request \(outcome.number) ended twice") }
    ended[outcome.number] = true
    if outcome.verdict.isFailure { failed += 1 } else { ok += 1 }
  }

  mutating func toldToProxy(_ client: ClientID, now: Instant) {
    while open.count <= Int(client.index) { open.append(nil) }
    if let entry = open[Int(client.index)], entry.client == client, entry.count > 0 {
      report(now, "client \(client) has two requests at the proxy")
    }
    open[Int(client.index)] = (client, 1)
  }

  /// - Parameter wasAsked: false for the end of a connection on which no whole request came in time,
  ///   which the proxy answers and records as well.
  mutating func endedAtProxy(_ client: ClientID, wasAsked: Bool, now: Instant) {
    if !wasAsked,
      Int(client.index) >= open.count || open[Int(client.index)]?.client != client
        || open[Int(client.index)]?.count == 0
    {
      return
    }
    guard Int(client.index) < open.count, let entry = open[Int(client.index)],
      entry.client == client, entry.count == 1
    else {
      return report(now, "the proxy ended a request of client \(client) that it did not have")
    }
    open[Int(client.index)] = (client, 0)
  }

  mutating func runEnded(_ counts: LoadEngine.Counts, now: Instant) {
    if counts.ok != ok || counts.failed != failed {
      report(
        now,
        "the load counts \(counts.ok) ok and \(counts.failed) failed, but \(ok) and \(failed) ended"
      )
    }
    if counts.sent != counts.ok + counts.failed + counts.inFlight || counts.inFlight != 0 {
      report(now, "requests are missing at the end: \(counts)")
    }
    for number in ended.indices.dropFirst() where !ended[number] {
      report(now, "request \(number) never ended")
    }
  }

  private mutating func report(_ now: Instant, _ what: String) {
    violations.append(Violation(checker: "endings", at: now, what: what))
  }
}
