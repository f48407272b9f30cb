// SPDX-License-Identifier: Apache-2.0
package import FalseworkCore
import FalseworkHTTP
package import FalseworkLoad

/// The logs of the parts of a load as one load, request by request.
///
/// Every figure is made anew of all requests, as if one machine had made them: nothing is averaged.
/// The parts are taken to have begun together. It goes over the logs twice: first to learn which steps
/// there are (`learn`), then to hand the requests out (`outcome`).
package struct MergedLoad: Sendable {
  private let parts: Int
  private var tasks: [LoadTask] = []
  /// For each task and step of a log its place in `tasks`.
  private var places: [String: [String: Place]] = [:]
  /// The end of the last request.
  package private(set) var end = Instant.start
  package private(set) var users = 0

  private struct Place {
    var task: Int
    var step: Int
  }

  package init(parts: Int) {
    precondition(parts > 0, "a load of no parts")
    self.parts = parts
  }

  /// Looks at a request before any is handed out.
  package mutating func learn(_ request: LoggedRequest) {
    end = max(end, request.done)
    users = max(users, request.user + 1)
    guard places[request.task]?[request.step] == nil else { return }
    if places[request.task] == nil {
      tasks.append(LoadTask(name: request.task, weight: 1, steps: []))
    }
    let task = places[request.task]?.values.first?.task ?? tasks.count - 1
    places[request.task, default: [:]][request.step] = Place(
      task: task, step: tasks[task].steps.count)
    tasks[task].steps.append(LoadStep(name: request.step, kind: request.kind, onFailure: .goOn))
  }

  /// What was asked, as far as the logs tell.
  package var plan: LoadPlan {
    LoadPlan(
      model: .closed(users: users * parts, spawnEvery: .zero, wait: .constant(.zero)),
      tasks: tasks, credentials: [], connections: .kept, connectTimeout: .forever,
      timeout: .forever)
  }

  /// The request as one of the whole: numbers of requests, journeys and users are told apart by part.
  /// Nil if it was not learnt or its verdict is none of ours.
  package func outcome(of request: LoggedRequest, part: Int) -> Outcome? {
    guard let place = places[request.task]?[request.step],
      let verdict = Outcome.Verdict(label: request.verdict)
    else { return nil }
    func whole(_ number: Int) -> Int { number == 0 ? 0 : (number - 1) * parts + part + 1 }
    var outcome = Outcome(
      number: whole(request.number), task: place.task, step: place.step,
      user: request.user * parts + part, journey: whole(request.journey), due: request.due,
      sent: request.sent, firstByte: request.firstByte, done: request.done,
      newConnection: request.newConnection,
      localPort: UInt16(truncatingIfNeeded: request.port), ordinal: request.ordinal,
      status: request.status, verdict: verdict, lackedToken: request.lackedToken,
      preliminary: false)
    outcome.began = request.began
    outcome.server = request.server.isEmpty ? nil : request.server
    outcome.bodyBytes = request.bodyBytes
    outcome.tokenNumber = whole(request.token)
    outcome.tokenIssued = request.tokenIssued
    return outcome
  }
}

/// Several logs in the order in which their requests ended; at the same moment the earlier part first.
package struct MergedRequests: Sendable {
  private var waiting: [ArraySlice<LoggedRequest>]
  private var hasEnded: [Bool]

  package init(parts: Int) {
    waiting = Array(repeating: [], count: parts)
    hasEnded = Array(repeating: false, count: parts)
  }

  /// A part whose next requests must be added before it is known which comes next.
  package var wanting: Int? {
    waiting.indices.first { waiting[$0].isEmpty && !hasEnded[$0] }
  }

  /// - Parameter requests: none if the log has ended.
  package mutating func add(_ requests: [LoggedRequest], part: Int) {
    waiting[part] += requests
    hasEnded[part] = requests.isEmpty
  }

  /// Nil when all have ended.
  package mutating func next() -> (part: Int, request: LoggedRequest)? {
    precondition(wanting == nil, "part \(wanting!) may have the next")
    var first: Int?
    for part in waiting.indices {
      guard let request = waiting[part].first else { continue }
      if let best = first, let least = waiting[best].first, least.done <= request.done { continue }
      first = part
    }
    guard let first, let request = waiting[first].popFirst() else { return nil }
    return (first, request)
  }
}

extension LoggedRequest {
  /// Enough of the step to count it.
  fileprivate var kind: LoadStep.Kind {
    guard !isAuthentication else { return .authenticate }
    let method = method.text.map { "\($0)" } ?? "GET"
    return .http(HTTPStep(method: method, path: "/", headers: [], body: [], expected: []))
  }
}
