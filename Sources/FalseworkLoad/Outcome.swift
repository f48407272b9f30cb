// SPDX-License-Identifier: Apache-2.0
package import FalseworkCore

package enum SlotTag {}
/// A connection of the load engine.
package typealias SlotID = Handle<SlotTag>

/// How one request went, with all its times.
package struct Outcome: Equatable, Sendable {
  package enum Verdict: Equatable, Sendable {
    case ok
    /// Answered, but not as it should be.
    case status(Int)
    /// 201 without `X-Subject-Token`.
    case tokenMissing
    /// Answered with the status that it should have, but without what a later step needs of it.
    case captureMissing
    /// Answered with the status that it should have, but not in this part.
    case unexpected(Part)
    case refused
    case unreachable
    /// No descriptor or port left on this side: the run says nothing about the server.
    case resources
    /// The TLS handshake failed.
    case tls
    case connectTimeout
    /// Sent, and no byte of an answer within the time that the plan allows for the first.
    case firstByteTimeout
    /// Not answered whole in time; or, if it was never sent, no turn came for it.
    case timeout
    /// The connection ended in order before the first byte of an answer.
    case closed
    /// It was torn down before the first byte of an answer.
    case reset
    /// It ended in the middle of an answer.
    case truncated
    case malformed

    /// What of an answer a step looks at.
    package enum Part: String, CaseIterable, Equatable, Sendable {
      case header, json, body
    }

    package var isFailure: Bool { self != .ok }

    /// Bounded: one for each kind, one for each status.
    package var label: String {
      switch self {
      case .ok: "ok"
      case .status(let status): "\(status)"
      case .tokenMissing: "no token in answer"
      case .captureMissing: "nothing to capture"
      case .unexpected(let part): "unexpected \(part.rawValue)"
      case .refused: "connection refused"
      case .unreachable: "unreachable"
      case .resources: "out of local resources"
      case .tls: "TLS handshake failed"
      case .connectTimeout: "connect timeout"
      case .firstByteTimeout: "first byte timeout"
      case .timeout: "timeout"
      case .closed: "closed without response"
      case .reset: "connection reset"
      case .truncated: "response cut short"
      case .malformed: "malformed response"
      }
    }
  }

  /// Requests are numbered from 1 in the order in which they became due.
  package var number: Int
  package var task: Int
  package var step: Int
  package var user: Int
  /// Journeys are numbered from 1.
  package var journey: Int
  package var due: Instant
  /// `.never` if it was never sent.
  package var sent: Instant
  /// `.never` if no byte came.
  package var firstByte: Instant
  package var done: Instant
  package var newConnection: Bool
  package var localPort: UInt16
  /// From 1 on its connection; 0 if it was never sent.
  package var ordinal: Int
  /// 0 without an answer.
  package var status: Int
  package var verdict: Verdict
  /// It was sent without the token that it should have had, since the step before it failed.
  package var lackedToken: Bool
  /// An authentication that its step needed first, since there was no token of another to use.
  package var preliminary: Bool
  /// When the engine took it up: opened its connection, or sent it on the one that it had. `.never`
  /// if it never came to that.
  package var began = Instant.never
  /// Who answered, by the field of the answer that the plan names (`LoadPlan.serverField`); nil if
  /// it names none or the answer has none.
  package var server: String?
  /// Of the answer, without its head and its framing.
  package var bodyBytes = 0
  /// The number of the request that the token was issued by which this one carried; 0 if it carried
  /// none that an earlier request of this load had issued.
  package var tokenNumber = 0
  /// When that token was issued.
  package var tokenIssued = Instant.never

  package init(
    number: Int, task: Int, step: Int, user: Int, journey: Int, due: Instant, sent: Instant,
    firstByte: Instant, done: Instant, newConnection: Bool, localPort: UInt16, ordinal: Int,
    status: Int, verdict: Verdict, lackedToken: Bool, preliminary: Bool
  ) {
    self.number = number
    self.task = task
    self.step = step
    self.user = user
    self.journey = journey
    self.due = due
    self.sent = sent
    self.firstByte = firstByte
    self.done = done
    self.newConnection = newConnection
    self.localPort = localPort
    self.ordinal = ordinal
    self.status = status
    self.verdict = verdict
    self.lackedToken = lackedToken
    self.preliminary = preliminary
  }

  /// From the moment it was due.
  package var responseTime: Interval { done - due }
  /// From the moment it was sent; nil if it never was.
  package var serviceTime: Interval? { sent == .never ? nil : done - sent }
  /// The engine's own: from the moment it was due until it was taken up, without what the
  /// connection took.
  package var lateness: Interval? { began == .never ? nil : began - due }
}

extension Outcome.Verdict {
  /// The verdict of this label; nil if there is none.
  package init?(label: String) {
    if let status = Int(label) {
      self = .status(status)
    } else if let verdict = Self.withoutStatus.first(where: { $0.label == label }) {
      self = verdict
    } else {
      return nil
    }
  }

  static let withoutStatus: [Self] =
    [
      .ok, .tokenMissing, .captureMissing, .refused, .unreachable, .resources, .tls,
      .connectTimeout, .firstByteTimeout, .timeout, .closed, .reset, .truncated, .malformed,
    ] + Part.allCases.map { .unexpected($0) }
}
