// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkHTTP
import FalseworkKeystone
import FalseworkLoad

/// Who asks for what, and how often.
extension ScenarioParser {
  mutating func load(_ section: Section, _ seed: IdentitySeed) -> LoadPlan? {
    let onFailure: LoadStep.OnFailure = choice("on-failure", of: section) ?? .goOn
    let model = model(section)
    let tasks = tasks(section, onFailure)
    let credentials = credentials(section, seed)
    let connections: LoadPlan.Connections = choice("connections", of: section) ?? .kept
    let connectTimeout = interval("connect-timeout", of: section, from: .milliseconds(1))
    let timeout = interval("timeout", of: section, from: .milliseconds(1))
    guard let model, let tasks, !tasks.isEmpty, !credentials.isEmpty else { return nil }
    return LoadPlan(
      model: model, tasks: tasks, credentials: credentials, connections: connections,
      connectTimeout: connectTimeout ?? .seconds(10), timeout: timeout ?? .seconds(60))
  }

  private mutating func model(_ section: Section) -> LoadPlan.Model? {
    let users = count("users", of: section, in: 1...100_000)
    let spawnEvery = field("spawn-rate", of: section).flatMap { field in
      Self.isAtOnce(field) ? Interval.zero : self.rate("spawn-rate", of: section)
    }
    let wait = distribution("wait", of: section)
    let rate = rate("rate", of: section)
    let arrivals: LoadPlan.Arrivals? = choice("arrivals", of: section)
    let limit = count("limit", of: section, in: 1...100_000)
    guard requireOne(of: ["users", "rate"], in: section) else { return nil }
    if let users {
      return .closed(users: users, spawnEvery: spawnEvery ?? .zero, wait: wait ?? .constant(.zero))
    }
    return rate.map { .open(every: $0, arrivals: arrivals ?? .even, limit: limit ?? 10_000) }
  }

  private static func isAtOnce(_ field: Field) -> Bool {
    guard case .scalar(let text, _) = field.node.content else { return false }
    return text == "at once"
  }

  // MARK: Tasks

  /// Journeys that need not be spelled out, by name.
  static let journeys: [(String, [ReadyStep])] = [
    ("authenticate", [.authenticate]),
    ("validate", [.validate]),
    ("authenticate-then-validate", [.authenticate, .validate]),
    ("authenticate-then-catalog", [.authenticate, .catalog]),
    ("authenticate-then-revoke", [.authenticate, .revoke]),
  ]

  enum ReadyStep: String, CaseIterable {
    case authenticate
    /// The journey's own token, or, if none of its steps asks for one, some user's.
    case validate
    case catalog
    case revoke

    func kind(afterAuthentication: Bool) -> LoadStep.Kind {
      switch self {
      case .authenticate: .authenticate
      case .validate: afterAuthentication ? .validateOwn : .validatePooled
      case .catalog: .catalog
      case .revoke: .revoke
      }
    }
  }

  private static func task(
    _ name: String, _ weight: Int, _ steps: [ReadyStep], _ onFailure: LoadStep.OnFailure
  ) -> LoadTask {
    var authenticated = false
    return LoadTask(
      name: name, weight: weight,
      steps: steps.map { step in
        let kind = step.kind(afterAuthentication: authenticated)
        authenticated = authenticated || step == .authenticate
        return LoadStep(name: step.rawValue, kind: kind, onFailure: onFailure)
      })
  }

  /// Nil if a mistake was reported.
  private mutating func tasks(
    _ section: Section, _ onFailure: LoadStep.OnFailure
  ) -> [LoadTask]? {
    guard requireOne(of: ["journey", "tasks"], in: section) else { return nil }
    if let field = field("journey", of: section) {
      return journey(field).map { [Self.task($0.name, 1, $0.steps, onFailure)] }
    }
    guard let field = field("tasks", of: section) else { return nil }
    switch field.node.content {
    case .mapping(let members): return shares(members, field, onFailure)
    case .list: return taskList(section, field, onFailure)
    case .scalar:
      report(field, expected: "a mapping of journeys to weights, or a list of tasks")
      return nil
    }
  }

  private mutating func journey(_ field: Field) -> (name: String, steps: [ReadyStep])? {
    choice(field, Self.journeys.map { ($0.0, (name: $0.0, steps: $0.1)) })
  }

  /// `{authenticate: 30%, validate: 70%}`.
  private mutating func shares(
    _ members: [LocatedNode.Member], _ field: Field, _ onFailure: LoadStep.OnFailure
  ) -> [LoadTask]? {
    var weights = Weights()
    let tasks = members.compactMap { member -> LoadTask? in
      let path = join(field.path, member.key)
      let name = Field(
        path: path,
        node: LocatedNode(content: .scalar(member.key, .quoted), origin: member.origin))
      let journey = journey(name)
      let weight = weight(Field(path: path, node: member.value), &weights)
      guard let journey, let weight else { return nil }
      return Self.task(journey.name, weight, journey.steps, onFailure)
    }
    check(weights, members.count, field)
    return tasks
  }

  private mutating func taskList(
    _ load: Section, _ field: Field, _ onFailure: LoadStep.OnFailure
  ) -> [LoadTask]? {
    guard let fields = list(field, of: "tasks") else { return nil }
    var weights = Weights()
    var names: Set<String> = []
    let tasks = fields.compactMap { field -> LoadTask? in
      guard let section = section("load.tasks[]", field) else { return nil }
      let weight = self.field("weight", of: section).map { self.weight($0, &weights) } ?? 1
      guard var task = task(section, onFailure) else { return nil }
      task.name = name("name", of: section) ?? task.name
      if task.name.isEmpty {
        report(join(section.path, "name"), section.origin, found: "nothing", expected: "a name")
      } else if !names.insert(task.name).inserted {
        report(
          join(section.path, "name"), section.origin, found: "'\(task.name)' again",
          expected: "each name once")
      }
      task.weight = weight ?? 1
      return task
    }
    check(weights, fields.count, field)
    return tasks
  }

  /// A task with the name of its journey; without a name if it has steps of its own.
  private mutating func task(_ section: Section, _ onFailure: LoadStep.OnFailure) -> LoadTask? {
    guard requireOne(of: ["journey", "steps"], in: section) else { return nil }
    if let field = field("journey", of: section) {
      return journey(field).map { Self.task($0.name, 1, $0.steps, onFailure) }
    }
    guard let field = field("steps", of: section), let fields = list(field, of: "steps") else {
      return nil
    }
    if fields.isEmpty { report(field, found: "an empty list", expected: "one step at least") }
    var authenticated = false
    let steps = fields.compactMap { step($0, onFailure, &authenticated) }
    return steps.isEmpty ? nil : LoadTask(name: "", weight: 1, steps: steps)
  }

  // MARK: Weights

  /// What was seen of the weights of one list: shares add up, weights need not.
  private struct Weights {
    var percentages = 0
    var numbers = 0
    var sum = 0
  }

  private static let mostWeight = 1_000_000

  private mutating func weight(_ field: Field, _ weights: inout Weights) -> Int? {
    let kind = "a weight: a whole number from 1 to \(Self.mostWeight), or a percentage such as 30%"
    guard let text = word(field, kind) else { return nil }
    let isPercentage = text.last == "%"
    let digits = isPercentage ? text.dropLast() : text[...]
    guard digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let weight = Int(digits),
      (1...(isPercentage ? 100 : Self.mostWeight)).contains(weight)
    else {
      report(field, expected: kind)
      return nil
    }
    if isPercentage { weights.percentages += 1 } else { weights.numbers += 1 }
    weights.sum += weight
    return weight
  }

  private mutating func check(_ weights: Weights, _ count: Int, _ field: Field) {
    if count == 0 {
      report(field, found: "no task", expected: "one at least")
    } else if weights.percentages > 0, weights.percentages < count {
      report(field, found: "percentages beside others", expected: "all or none in percent")
    } else if weights.percentages == count, weights.sum != 100 {
      report(field, found: "a sum of \(weights.sum)%", expected: "100%")
    }
  }

  // MARK: Steps

  private mutating func step(
    _ field: Field, _ standard: LoadStep.OnFailure, _ authenticated: inout Bool
  ) -> LoadStep? {
    guard let section = section("load.tasks[].steps[]", field) else { return nil }
    let onFailure: LoadStep.OnFailure = choice("on-failure", of: section) ?? standard
    let name = name("name", of: section)
    let http = http(section)
    guard requireOne(of: ["step", "request"], in: section) else { return nil }
    guard let place = self.field("step", of: section) else {
      return http.map {
        LoadStep(name: name ?? "\($0.method) \($0.path)", kind: .http($0), onFailure: onFailure)
      }
    }
    guard let ready = choice(place, ReadyStep.allCases.map { ($0.rawValue, $0) }) else {
      return nil
    }
    if (ready == .catalog || ready == .revoke) && !authenticated {
      report(
        place, found: "'\(ready.rawValue)' without a token",
        expected: "'authenticate' before it in the journey")
    }
    let kind = ready.kind(afterAuthentication: authenticated)
    authenticated = authenticated || ready == .authenticate
    return LoadStep(name: name ?? ready.rawValue, kind: kind, onFailure: onFailure)
  }

  /// `GET /v3` with its fields and body; nil without a `request`.
  private mutating func http(_ section: Section) -> HTTPStep? {
    let headers = field("headers", of: section).map { self.headers($0) } ?? []
    let body = text("body", of: section) ?? ""
    let expected = field("expect", of: section).map { statuses($0) } ?? []
    guard let field = field("request", of: section) else { return nil }
    // A HEAD is framed by what it asks: not by its answer.
    let methods = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
    let kind = "\(Self.choice(methods)) and a path, such as GET /v3"
    guard let text = word(field, kind) else { return nil }
    let parts = text.split(separator: " ").map(String.init)
    guard parts.count == 2, methods.contains(parts[0]), parts[1].first == "/",
      parts[1].utf8.allSatisfy({ (0x21...0x7E).contains($0) })
    else {
      let method = parts.first ?? ""
      let nearest = nearestWord(to: method.uppercased(), among: methods)
      report(field, expected: kind, nearest: nearest == method ? nil : nearest)
      return nil
    }
    return HTTPStep(
      method: parts[0], path: parts[1], headers: headers, body: Array(body.utf8),
      expected: expected)
  }

  private mutating func headers(_ field: Field) -> [HTTPStep.Header] {
    guard case .mapping(let members) = field.node.content else {
      report(field, expected: "a mapping of names to values")
      return []
    }
    let ours = [
      "host", "content-length", "transfer-encoding", "connection", "user-agent", "accept",
    ]
    return members.compactMap { member in
      let path = join(field.path, member.key)
      let value = Field(path: path, node: member.value)
      guard let text = word(value, "the value of a field") else { return nil }
      guard member.key.isHTTPToken, !ours.contains(member.key.lowercased()) else {
        report(
          path, member.origin, found: "the field '\(member.key)'",
          expected: "a name of HTTP that is none of \(Self.choice(ours))")
        return nil
      }
      guard text.isHTTPFieldValue else {
        report(value, expected: "the value of a field: one line of printable text")
        return nil
      }
      return HTTPStep.Header(name: member.key, value: text)
    }
  }

  private mutating func statuses(_ field: Field) -> [Int] {
    guard case .list = field.node.content else {
      return count(field, in: 100...599).map { [$0] } ?? []
    }
    return (list(field, of: "statuses") ?? []).compactMap { count($0, in: 100...599) }
  }

  // MARK: Who logs in

  private mutating func credentials(_ load: Section, _ seed: IdentitySeed) -> [Credentials] {
    guard let field = field("credentials", of: load) else {
      let users = seed.users.filter(\.enabled)
      let scoped = users.first { Self.firstProject(of: $0.name, seed) != nil }
      if let user = scoped ?? users.first {
        return [Self.credentials(user, user.password, Self.firstProject(of: user.name, seed), seed)]
      }
      report(load.path, load.origin, found: "nobody who can log in", expected: "a user in the data")
      return []
    }
    guard let fields = list(field, of: "users") else { return [] }
    if fields.isEmpty { report(field, found: "an empty list", expected: "one user at least") }
    let names = SeedNames(seed)
    return fields.compactMap { field in
      guard let section = section("load.credentials[]", field) else { return nil }
      let name = require("user", of: section).flatMap { known($0, "user", among: names.users) }
      let password = text("password", of: section)
      let project = self.field("project", of: section).flatMap {
        known($0, "project", among: names.projects)
      }
      guard let user = seed.users.first(where: { $0.name == name }) else { return nil }
      return Self.credentials(
        user, password ?? user.password, project ?? Self.firstProject(of: user.name, seed), seed)
    }
  }

  private static func credentials(
    _ user: IdentitySeed.User, _ password: String, _ project: String?, _ seed: IdentitySeed
  ) -> Credentials {
    let project = seed.projects.first { $0.name == project }
    return Credentials(
      user: user.name, userDomain: user.domain, password: password, project: project?.name,
      projectDomain: project?.domain ?? user.domain)
  }

  private static func firstProject(of user: String, _ seed: IdentitySeed) -> String? {
    for grant in seed.grants where grant.user == user {
      if case .project(let name) = grant.target { return name }
    }
    return nil
  }
}
