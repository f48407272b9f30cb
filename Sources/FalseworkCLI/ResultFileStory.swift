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
    var timeScale: Int64
  }

  struct Total: Decodable { var requests: Int }

  struct Entry: Decodable {
    var atS: Double
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
    var forwardedS: Double?
    var endedS: Double
  }

  struct Failed: Decodable {
    var number: Int
    var step: String
    var user: Int
    var sentS: Double?
    var dueS: Double
    var doneS: Double
    var verdict: String
    var status: Int
    var newConnection: Bool
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
  var failedRequests: [Failed]
  var failedRequestsNotListed: Int

  static func read(_ bytes: [UInt8]) throws -> ResultFileStory {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return try decoder.decode(ResultFileStory.self, from: Data(bytes))
  }

  var story: RunStory {
    RunStory(
      name: scenario.name, world: scenario.world, seed: scenario.seed, requests: total.requests,
      nodes: nodes.map { node in
        RunStory.Node(
          name: node.name,
          phases: node.timeline.compactMap { entry in
            entry.phase.flatMap { NodePhase(rawValue: $0) }.map {
              RunStory.Change(at: Self.instant(entry.atS), state: $0)
            }
          })
      },
      servers: servers.map { server in
        RunStory.Server(
          name: server.name, node: server.node,
          beliefs: server.timeline.compactMap { entry in
            entry.belief.map { RunStory.Change(at: Self.instant(entry.atS), state: $0) }
          })
      },
      failures: failedRequests.map { Self.request($0) },
      failuresNotKept: failedRequestsNotListed)
  }

  private static func request(_ failed: Failed) -> RunStory.Request {
    RunStory.Request(
      number: failed.number, step: failed.step, user: failed.user,
      sent: instant(failed.sentS ?? failed.dueS), done: instant(failed.doneS),
      verdict: failed.verdict, status: failed.status, newConnection: failed.newConnection,
      because: failed.because, cause: Cause.Kind(rawValue: failed.cause) ?? .unknown,
      text: failed.text, node: failed.node,
      sight: failed.proxy.map { sight in
        RunStory.Sight(
          server: sight.server, retries: sight.retries, redispatched: sight.redispatched,
          logged: sight.logged, forwarded: sight.forwardedS.map { instant($0) },
          ended: instant(sight.endedS))
      })
  }

  private static func instant(_ seconds: Double) -> Instant {
    .start + .nanoseconds(Int64((seconds * 1e9).rounded()))
  }
}
