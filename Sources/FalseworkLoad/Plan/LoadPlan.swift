// SPDX-License-Identifier: Apache-2.0
package import FalseworkCore

/// Who asks for what, and how often.
package struct LoadPlan: Equatable, Sendable {
  package enum Model: Equatable, Sendable {
    /// A number of users who each wait for an answer before they go on. A slow server slows them
    /// down: the model says nothing about what would have been asked meanwhile.
    case closed(users: Int, spawnEvery: Interval, wait: Wait)
    /// Journeys begin on a schedule, whatever the answers do.
    case open(every: Interval, arrivals: Arrivals, limit: Int)
    /// The same on a schedule that changes.
    case scheduled(ArrivalSchedule, limit: Int)

    /// Journeys begin whatever the answers do.
    package var isOpen: Bool {
      switch self {
      case .closed: false
      case .open, .scheduled: true
      }
    }
  }

  package enum Arrivals: String, CaseIterable, Equatable, Sendable {
    case even
    case poisson
  }

  /// What a user of the closed model does between two journeys.
  package enum Wait: Equatable, Sendable {
    /// It pauses when one has ended.
    case pause(Distribution)
    /// It begins one so often; if the last took longer, the next begins at once.
    case pacing(Interval)

    package static func constant(_ interval: Interval) -> Wait {
      .pause(Distribution(.constant(interval)))
    }

    func divided(by divisor: Int64) -> Wait {
      switch self {
      case .pause(let pause): .pause(pause.divided(by: divisor))
      case .pacing(let every): .pacing(every / divisor)
      }
    }
  }

  package enum Connections: String, CaseIterable, Equatable, Sendable {
    /// A user keeps its connection as long as the server does.
    case kept
    /// A new connection for each journey.
    case journey
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
  /// The part of all this that is made here.
  package var share = LoadShare.whole

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

  /// The same with a path before those of all requests of HTTP.
  package func prefixed(_ path: String) -> LoadPlan {
    guard !path.isEmpty else { return self }
    var plan = self
    for task in tasks.indices {
      for step in tasks[task].steps.indices {
        guard case .http(var http) = tasks[task].steps[step].kind else { continue }
        http.path = path + http.path
        plan.tasks[task].steps[step].kind = .http(http)
      }
    }
    return plan
  }

  /// How long arrivals go on; nil if they never end.
  package var scheduleLength: Interval? {
    guard case .scheduled(let schedule, _) = model else { return nil }
    return schedule.length
  }

  /// The ages of tokens that steps ask for, each once.
  var ages: [Interval] {
    var ages: [Interval] = []
    for step in tasks.flatMap(\.steps) {
      if case .validateOld(let age) = step.kind, !ages.contains(age) { ages.append(age) }
    }
    return ages
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
    case .scheduled(let schedule, let limit):
      plan.model = .scheduled(schedule.divided(by: divisor), limit: limit)
    }
    for task in tasks.indices {
      for step in tasks[task].steps.indices {
        if case .validateOld(let age) = tasks[task].steps[step].kind {
          plan.tasks[task].steps[step].kind = .validateOld(age / divisor)
        }
        plan.tasks[task].steps[step].think = tasks[task].steps[step].think?.divided(by: divisor)
      }
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
