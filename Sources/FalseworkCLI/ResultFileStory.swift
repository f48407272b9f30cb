// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkKeystone
import FalseworkReport
import FoundationEssentials

/// What `explain` needs of a `result.json`; specs/result.md describes the fields.
struct ResultFileStory: Decodable {
  struct About: Decodable {
    var name: String
    var seed: UInt64
    var world: String
    var time_scale: Int64
  }

  struct Total: Decodable { var requests: Int }

  struct Entry: Decodable {
    var at_s: Double
    var phase: String?
    var belief: String?
  }

  struct Node: Decodable {
    var name: String
    var timeline: [Entry]
  }

  struct Server: Decodable {
    var name: String
    var node: String?
    var timeline: [Entry]
  }

  struct Sight: Decodable {
    var server: String?
    var retries: Int
    var redispatched: Bool
    var logged: Bool
    var forwarded_s: Double?
    var ended_s: Double
  }

  struct Failed: Decodable {
    var number: Int
    var step: String
    var user: Int
    var sent_s: Double?
    var due_s: Double
    var done_s: Double
    var verdict: String
    var status: Int
    var new_connection: Bool
    var because: Int?
    var cause: String
    var text: String
    var node: String?
    var proxy: Sight?
  }

  var scenario: About
  var total: Total
  var nodes: [Node]
  var servers: [Server]
  var failed_requests: [Failed]
  var failed_requests_not_listed: Int

  static func read(_ bytes: [UInt8]) throws -> ResultFileStory {
    try JSONDecoder().decode(ResultFileStory.self, from: Data(bytes))
  }

  var story: RunStory {
    RunStory(
      name: scenario.name, world: scenario.world, seed: scenario.seed, requests: total.requests,
      nodes: nodes.map { node in
        RunStory.Node(
          name: node.name,
          phases: node.timeline.compactMap { entry in
            entry.phase.flatMap { NodePhase(rawValue: $0) }.map {
              RunStory.Change(at: Self.instant(entry.at_s), state: $0)
            }
          })
      },
      servers: servers.map { server in
        RunStory.Server(
          name: server.name, node: server.node,
          beliefs: server.timeline.compactMap { entry in
            entry.belief.map { RunStory.Change(at: Self.instant(entry.at_s), state: $0) }
          })
      },
      failures: failed_requests.map { Self.request($0) },
      failuresNotKept: failed_requests_not_listed)
  }

  private static func request(_ failed: Failed) -> RunStory.Request {
    RunStory.Request(
      number: failed.number, step: failed.step, user: failed.user,
      sent: instant(failed.sent_s ?? failed.due_s), done: instant(failed.done_s),
      verdict: failed.verdict, status: failed.status, newConnection: failed.new_connection,
      because: failed.because, cause: Cause.Kind(rawValue: failed.cause) ?? .unknown,
      text: failed.text, node: failed.node,
      sight: failed.proxy.map { sight in
        RunStory.Sight(
          server: sight.server, retries: sight.retries, redispatched: sight.redispatched,
          logged: sight.logged, forwarded: sight.forwarded_s.map { instant($0) },
          ended: instant(sight.ended_s))
      })
  }

  private static func instant(_ seconds: Double) -> Instant {
    .start + .nanoseconds(Int64((seconds * 1e9).rounded()))
  }
}
