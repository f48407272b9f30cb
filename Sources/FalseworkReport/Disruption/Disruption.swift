// SPDX-License-Identifier: Apache-2.0
package import FalseworkCore

/// What the run cost those who used the service: how long it was not there, for whom, around which
/// step of the rotation, and what became of the tokens.
package struct Disruption: Equatable, Sendable {
  /// Failures that clients saw in the same way.
  package struct Kind: Equatable, Sendable {
    package var label: String
    package var count: Int
  }

  /// A time without a success in which a request was waiting or had failed.
  package struct Outage: Equatable, Sendable {
    package var from: Instant
    package var to: Instant
    package var failures = 0
    package var firstKind: String?
    package var lastKind: String?
    package var length: Interval { to - from }

    init(from: Instant, to: Instant) {
      self.from = from
      self.to = to
    }
  }

  /// Some of the requests, looked at by themselves.
  package struct Scope: Equatable, Sendable {
    package enum Kind: String, CaseIterable, Equatable, Sendable {
      case total, task, server, connection
    }

    package var kind: Kind
    /// Of the task or server; `new` or `kept` for connections.
    package var name: String
    package var requests: Int
    package var failures: Int
    package var kinds: [Disruption.Kind]
    package var longest: Outage?
    /// By time.
    package var outages: [Outage]
    package var badSlots: Int
    /// Of the whole run.
    package var slots: Int

  }

  /// The time before, in, between and after the batches of a rotation: by when requests were due.
  package struct Phase: Equatable, Sendable {
    package var name: String
    package var from: Instant
    package var to: Instant
    package var requests: Int
    package var failures: Int
    package var badSlots: Int
    package var median: Interval?
    package var p99: Interval?
    package var longest: Interval?
    package var tokens: Tokens
  }

  /// Tokens that were issued in a phase, by how often they were used and what came of it. Refused is
  /// what was answered 401 or 404: a failure of another kind says nothing about the token.
  package struct Tokens: Equatable, Sendable {
    package var issued = 0
    package var accepted = 0
    package var refused = 0
    /// In a later phase than that in which they were issued.
    package var acceptedLater = 0
    package var refusedLater = 0
    /// Tokens of which at least one use was refused.
    package var lost = 0
    package var firstRefusal: Instant?
  }

  /// Windows of equal length before, in and after a step.
  package struct Window: Equatable, Sendable {
    package struct Part: Equatable, Sendable {
      package var from: Instant
      package var to: Instant
      package var requests: Int
      package var failures: Int
      package var mean: Interval?
      package var longest: Interval?
      package var badSlots: Int
    }

    /// The node; `rotation` for the whole of it.
    package var name: String
    package var before: Part
    package var during: Part
    package var after: Part
  }

  /// The grain of bad time.
  package var slot: Interval
  /// The grain of windows: that of bad time, coarser in long runs.
  package var windowGrain: Interval
  /// First all together, then tasks, servers, connections.
  package var scopes: [Scope]
  package var phases: [Phase]
  package var windows: [Window]

  package var total: Scope { scopes[0] }

  package var badTime: Interval { slot * Int64(total.badSlots) }

  /// How much of what an objective allows in thirty days a bad time takes, in milliseconds; the
  /// objective in hundredths of a percent.
  package static func budgetSpent(
    _ badTime: Interval, objective: Int
  ) -> (part: Int, of: Int) {
    let allowed = month / 10_000 * Int64(10_000 - objective)
    return (Int(badTime.milliseconds), Int(allowed.milliseconds))
  }

  package static let month = Interval.seconds(30 * 86_400)
  /// 99.9 %, 99.95 % and 99.99 %.
  package static let objectives = [9_990, 9_995, 9_999]

  /// Uses of tokens that were refused.
  package var refusedTokens: Int { phases.reduce(0) { $0 + $1.tokens.refused } }

  /// A run without a failure proves a rate of failure below 3 in its number of requests, with a
  /// confidence of 95 %; nil if something failed or nothing was asked.
  package var provenBelow: (part: Int, of: Int)? {
    total.failures == 0 && total.requests > 0 ? (3, total.requests) : nil
  }
}
