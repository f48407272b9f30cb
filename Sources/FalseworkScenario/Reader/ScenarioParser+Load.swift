// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkHTTP
import FalseworkKeystone
import FalseworkLoad

/// Who asks for what, and how often.
extension ScenarioParser {
  mutating func load(
    _ section: Section, _ seed: IdentitySeed, load: Load
  ) -> LoadPlan? {
    let onFailure: LoadStep.OnFailure = choice("on-failure", of: section) ?? .goOn
    let tasks = tasks(section, onFailure)
    let model = self.model(section, tasks ?? [], load)
    let credentials = credentials(section, seed)
    let connections: LoadPlan.Connections = choice("connections", of: section) ?? .kept
    let connectTimeout = interval("connect-timeout", of: section, from: .milliseconds(1))
    let firstByteTimeout = interval("first-byte-timeout", of: section, from: .milliseconds(1))
    let timeout = interval("timeout", of: section, from: .milliseconds(1))
    let serverField = field("server-header", of: section).flatMap { fieldName($0) }
    guard let model, let tasks, !tasks.isEmpty, !credentials.isEmpty else { return nil }
    var plan = LoadPlan(
      model: model, tasks: tasks, credentials: credentials, connections: connections,
      connectTimeout: connectTimeout ?? .seconds(10), timeout: timeout ?? .seconds(60))
    plan.firstByteTimeout = firstByteTimeout ?? .forever
    plan.serverField = serverField
    return plan
  }

  // MARK: Tasks

  /// Journeys that need not be spelled out, by name.
  static let journeys: [(String, [ReadyStep])] = [
    ("authenticate", [.authenticate]),
    ("validate", [.validate]),
    ("authenticate-then-validate", [.authenticate, .validate]),
    ("validate-old", [.validateOld]),
    ("authenticate-then-catalog", [.authenticate, .catalog]),
    ("authenticate-then-projects", [.authenticate, .projects]),
    ("authenticate-then-revoke", [.authenticate, .revoke]),
  ]

  enum ReadyStep: String, CaseIterable {
    case authenticate
    /// The journey's own token, or, if none of its steps asks for one, some user's.
    case validate
    case validateOld = "validate-old"
    case catalog
    case projects
    case revoke

    /// How old "old" is if nothing says so.
    static let usualAge = Interval.seconds(60)

    /// It makes no sense without a token of the journey's own.
    var needsToken: Bool { self == .catalog || self == .projects || self == .revoke }

    func kind(afterAuthentication: Bool, age: Interval = usualAge) -> LoadStep.Kind {
      switch self {
      case .authenticate: .authenticate
      case .validate: afterAuthentication ? .validateOwn : .validatePooled
      case .validateOld: .validateOld(age)
      case .catalog: .catalog
      case .projects: .projects
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
    var known = JourneySoFar()
    let steps = fields.compactMap { step($0, onFailure, &known) }
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
      return targetIsThere ? self.user(section, seed) : self.user(section, seed, names)
    }
  }

  /// A user of the data.
  private mutating func user(
    _ section: Section, _ seed: IdentitySeed, _ names: SeedNames
  ) -> Credentials? {
    let name = require("user", of: section).flatMap { known($0, "user", among: names.users) }
    let password = text("password", of: section)
    let project = field("project", of: section).flatMap {
      known($0, "project", among: names.projects)
    }
    let domains = (
      self.name("user-domain", of: section), self.name("project-domain", of: section)
    )
    guard let user = seed.users.first(where: { $0.name == name }) else { return nil }
    var credentials = Self.credentials(
      user, password ?? user.password, project ?? Self.firstProject(of: user.name, seed), seed)
    credentials.userDomain = domains.0 ?? credentials.userDomain
    credentials.projectDomain = domains.1 ?? credentials.projectDomain
    return credentials
  }

  /// Any user; what is left out of one of the data is filled in from there.
  private mutating func user(_ section: Section, _ seed: IdentitySeed) -> Credentials? {
    let name = require("user", of: section).flatMap { self.name($0) }
    let known = seed.users.first { $0.name == name }
    let password =
      known == nil
      ? require("password", of: section).flatMap { word($0, "text") }
      : text("password", of: section) ?? known?.password
    let project =
      self.name("project", of: section)
      ?? known.flatMap {
        Self.firstProject(of: $0.name, seed)
      }
    let userDomain = self.name("user-domain", of: section) ?? known?.domain ?? "Default"
    let projectDomain =
      self.name("project-domain", of: section)
      ?? seed.projects.first { $0.name == project }?.domain ?? userDomain
    guard let name, let password else { return nil }
    return Credentials(
      user: name, userDomain: userDomain, password: password, project: project,
      projectDomain: projectDomain)
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
