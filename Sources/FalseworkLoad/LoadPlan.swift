// SPDX-License-Identifier: Apache-2.0
package import FalseworkCore

/// Who asks for what, and how often.
package struct LoadPlan: Equatable, Sendable {
  package enum Model: Equatable, Sendable {
    /// A number of users who each wait for an answer before they go on. A slow server slows them
    /// down: the model says nothing about what would have been asked meanwhile.
    case closed(users: Int, spawnEvery: Interval, wait: Distribution)
    /// Journeys begin on a schedule, whatever the answers do.
    case open(every: Interval, arrivals: Arrivals, limit: Int)
  }

  package enum Arrivals: String, CaseIterable, Equatable, Sendable {
    case even
    case poisson
  }

  package enum Connections: String, CaseIterable, Equatable, Sendable {
    /// A user keeps its connection as long as the server does.
    case kept
    /// A new connection for each request.
    case new
  }

  package var model: Model
  package var tasks: [LoadTask]
  /// Given to the users in turn.
  package var credentials: [Credentials]
  package var connections: Connections
  package var connectTimeout: Interval
  /// From the moment a request is due until it is answered whole.
  package var timeout: Interval
  /// From the moment a request was sent until the first byte of its answer.
  package var firstByteTimeout = Interval.forever
  /// The field of an answer that says who gave it, such as `x-server`; nil looks at none.
  package var serverField: String?

  package init(
    model: Model, tasks: [LoadTask], credentials: [Credentials], connections: Connections,
    connectTimeout: Interval, timeout: Interval
  ) {
    self.model = model
    self.tasks = tasks
    self.credentials = credentials
    self.connections = connections
    self.connectTimeout = connectTimeout
    self.timeout = timeout
  }

  /// What an authentication is reported as that no step asked for by itself: the first step that
  /// authenticates lends its name.
  package var preliminaryName: String {
    for task in tasks {
      if let step = task.steps.first(where: { $0.kind == .authenticate }) { return step.name }
    }
    return "authenticate"
  }

  /// The same plan at another pace: every time divided, for `--time-scale`.
  package func divided(by divisor: Int64) -> LoadPlan {
    var plan = self
    switch model {
    case .closed(let users, let every, let wait):
      plan.model = .closed(
        users: users, spawnEvery: every / divisor, wait: wait.divided(by: divisor))
    case .open(let every, let arrivals, let limit):
      plan.model = .open(
        every: max(.nanoseconds(1), every / divisor), arrivals: arrivals, limit: limit)
    }
    plan.connectTimeout = connectTimeout / divisor
    plan.timeout = timeout / divisor
    if firstByteTimeout != .forever { plan.firstByteTimeout = firstByteTimeout / divisor }
    return plan
  }
}

package struct Credentials: Equatable, Sendable {
  package var user, userDomain, password: String
  /// Nil asks for an unscoped token.
  package var project: String?
  package var projectDomain: String

  package init(
    user: String, userDomain: String, password: String, project: String?, projectDomain: String
  ) {
    self.user = user
    self.userDomain = userDomain
    self.password = password
    self.project = project
    self.projectDomain = projectDomain
  }
}

/// A journey that users make: steps back to back.
package struct LoadTask: Equatable, Sendable {
  package var name: String
  /// Its share of all journeys is its weight over the sum of all.
  package var weight: Int
  package var steps: [LoadStep]

  package init(name: String, weight: Int, steps: [LoadStep]) {
    self.name = name
    self.weight = weight
    self.steps = steps
  }
}

package struct LoadStep: Equatable, Sendable {
  package enum Kind: Equatable, Sendable {
    /// `POST /v3/auth/tokens`; expects 201 and a token, which later steps use.
    case authenticate
    /// `GET /v3/auth/tokens` with this journey's token as caller and as subject.
    case validateOwn
    /// The same with a token that some user was given before.
    case validatePooled
    case catalog
    case revoke
    case http(HTTPStep)
  }

  package enum OnFailure: String, CaseIterable, Equatable, Sendable {
    /// Go on with the next step, as the script of 2017 did: its GET was sent even after a POST
    /// that failed, without a token.
    case goOn = "continue"
    case abort
  }

  /// As it is reported.
  package var name: String
  package var kind: Kind
  package var onFailure: OnFailure

  package init(name: String, kind: Kind, onFailure: OnFailure) {
    self.name = name
    self.kind = kind
    self.onFailure = onFailure
  }
}

/// Any request of HTTP.
package struct HTTPStep: Equatable, Sendable {
  package var method: String
  package var path: String
  package var headers: [Header]
  package var body: [UInt8]
  /// Statuses that count as success; empty means 200 to 399.
  package var expected: [Int]

  package struct Header: Equatable, Sendable {
    package var name, value: String
    package init(name: String, value: String) {
      self.name = name
      self.value = value
    }
  }

  package init(
    method: String, path: String, headers: [Header], body: [UInt8], expected: [Int]
  ) {
    self.method = method
    self.path = path
    self.headers = headers
    self.body = body
    self.expected = expected
  }
}
