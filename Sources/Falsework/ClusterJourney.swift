// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkScenario

/// A journey that the users of a load make: requests one after the other, which hand values on.
///
///     let rename = ClusterJourney(
///       "rename",
///       .authenticate,
///       .get("/v3/users?name=demo").header("x-auth-token", "${token}")
///         .capturing("id", json: "users[0].id"),
///       .request("PATCH", "/v3/users/${id}").header("x-auth-token", "${token}")
///         .body(#"{"user": {"name": "demo2"}}"#).expecting(200))
///     let scenario = ClusterScenario.fixture.journeys(rename)
///
/// What a step may hold is what specs/load.md says of a file. A mistake, such as a value that no step
/// captures, is thrown when the cluster begins.
public struct ClusterJourney: Sendable {
  public var name: String
  /// Its share of all journeys is its weight over the sum of all.
  public var weight: Int
  public var steps: [Step]

  public init(_ name: String, weight: Int = 1, _ steps: Step...) {
    self.name = name
    self.weight = weight
    self.steps = steps
  }

  /// One request of a journey, and what becomes of its answer.
  public struct Step: Sendable {
    fileprivate enum Kind: Sendable {
      case ready(String)
      case request(String)
    }

    fileprivate let kind: Kind
    fileprivate var name: String?
    fileprivate var headers: [(String, String)] = []
    fileprivate var body: String?
    fileprivate var statuses: [Int] = []
    fileprivate var checks: [[(String, String)]] = []
    fileprivate var captures: [[(String, String)]] = []
    fileprivate var think: Duration?
    fileprivate var age: Duration?
    fileprivate var onFailure: String?

    /// A login with a password; its token is the journey's.
    public static let authenticate = Step(kind: .ready("authenticate"))
    /// The journey's token validates itself, or, without one, some user's does.
    public static let validate = Step(kind: .ready("validate"))
    public static let catalog = Step(kind: .ready("catalog"))
    public static let projects = Step(kind: .ready("projects"))
    public static let revoke = Step(kind: .ready("revoke"))

    /// Some user's token that was issued at least so long ago.
    public static func validate(olderThan age: Duration) -> Step {
      var step = Step(kind: .ready("validate-old"))
      step.age = age
      return step
    }

    public static func get(_ path: String) -> Step { request("GET", path) }

    /// Any request; in the path, the fields and the body `${name}` is a value of the journey.
    public static func request(_ method: String, _ path: String) -> Step {
      Step(kind: .request("\(method) \(path)"))
    }

    /// What it is called in the results.
    public func named(_ name: String) -> Step { with { $0.name = name } }

    public func header(_ name: String, _ value: String) -> Step {
      with { $0.headers.append((name, value)) }
    }

    public func body(_ text: String) -> Step { with { $0.body = text } }

    /// The statuses that count as success; without them those from 200 to 399 do.
    public func expecting(_ statuses: Int...) -> Step { with { $0.statuses += statuses } }

    /// The value at a path such as `token.roles[0].name` must be this.
    public func checking(json path: String, equals text: String) -> Step {
      with { $0.checks.append([("json", path), ("equals", text)]) }
    }

    public func checking(header name: String, equals text: String) -> Step {
      with { $0.checks.append([("header", name), ("equals", text)]) }
    }

    public func checking(body pattern: String) -> Step {
      with { $0.checks.append([("matches", pattern)]) }
    }

    /// Keeps a value of the answer for later steps as `${name}`; `token` makes it the journey's token.
    public func capturing(_ name: String, json path: String) -> Step {
      with { $0.captures.append([("name", name), ("json", path)]) }
    }

    public func capturing(_ name: String, header: String) -> Step {
      with { $0.captures.append([("name", name), ("header", header)]) }
    }

    /// The first group of the first match in the body.
    public func capturing(_ name: String, regex: String) -> Step {
      with { $0.captures.append([("name", name), ("regex", regex)]) }
    }

    /// The user pauses before this step.
    public func after(_ pause: Duration) -> Step { with { $0.think = pause } }

    /// Whether the journey ends if this step fails, or goes on.
    public func onFailure(ends: Bool) -> Step {
      with { $0.onFailure = ends ? "abort" : "continue" }
    }

    private func with(_ change: (inout Step) -> Void) -> Step {
      var copy = self
      change(&copy)
      return copy
    }
  }
}

extension ClusterJourney {
  /// `load.tasks` of a scenario.
  static func tasks(_ journeys: [ClusterJourney]) -> String {
    var json = JSONWriter(.compact)
    json.array { tasks in
      for journey in journeys {
        tasks.object { task in
          task.member("name", journey.name)
          task.member("weight", journey.weight)
          task.list("steps") { list in
            for step in journey.steps { list.object { step.write(&$0) } }
          }
        }
      }
    }
    return String(decoding: json.bytes, as: UTF8.self)
  }
}

extension ClusterJourney.Step {
  fileprivate func write(_ json: inout JSONWriter) {
    switch kind {
    case .ready(let word): json.member("step", word)
    case .request(let text): json.member("request", text)
    }
    for (key, value) in [("name", name), ("body", body), ("on-failure", onFailure)] {
      if let value { json.member(key, value) }
    }
    for (key, value) in [("think", think), ("older-than", age)] {
      if let value { json.member(key, "\(Interval(value).nanoseconds / 1_000)us") }
    }
    if !headers.isEmpty {
      json.member("headers") { for (name, value) in headers { $0.member(name, value) } }
    }
    if !statuses.isEmpty { json.list("expect") { for status in statuses { $0.value(status) } } }
    for (key, entries) in [("check", checks), ("capture", captures)] where !entries.isEmpty {
      json.list(key) { list in
        for entry in entries {
          list.object { for (name, value) in entry { $0.member(name, value) } }
        }
      }
    }
  }
}
