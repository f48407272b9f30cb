// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkKeystone

/// Names that others may refer to.
struct KnownNames {
  let list: [String]
  private let set: Set<String>

  init(_ list: [String]) {
    self.list = list
    set = Set(list)
  }

  func contains(_ name: String) -> Bool { set.contains(name) }

  /// The nearest of a few; with many the search would cost more than it helps.
  func nearest(to name: String) -> String? {
    list.count <= 256 ? nearestWord(to: name, among: list) : nil
  }
}

/// The names of a seed. Users and projects are found by name alone, whatever their domain.
struct SeedNames {
  let domains, projects, users, roles: KnownNames

  init(_ seed: IdentitySeed) {
    domains = KnownNames(seed.domains)
    projects = KnownNames(seed.projects.map(\.name))
    users = KnownNames(seed.users.map(\.name))
    roles = KnownNames(seed.roles)
  }

  func has(_ target: IdentitySeed.Grant.Target) -> Bool {
    switch target {
    case .system: true
    case .domain(let name): domains.contains(name)
    case .project(let name): projects.contains(name)
    }
  }
}

/// What the database holds when the run begins.
extension ScenarioParser {
  /// A part that is given replaces the standard one whole. Of the standard assignments those stay
  /// whose user, role and target still exist.
  mutating func seedData(_ section: Section) -> IdentitySeed {
    var seed = IdentitySeed.standard
    if let names = names("domains", of: section) {
      seed.domains = names.map(\.name)
      if names.isEmpty {
        report(
          section.path + ".domains", section.origin, found: "no domain", expected: "one at least")
      }
    }
    let home = seed.domains.first ?? "Default"
    let domains = KnownNames(seed.domains)
    seed.projects =
      projects(section, home, domains)
      ?? seed.projects.map { .init(name: $0.name, domain: home) }
    seed.users =
      users(section, home, domains)
      ?? seed.users.map { .init(name: $0.name, domain: home, password: $0.password) }
    seed.roles = names("roles", of: section)?.map(\.name) ?? seed.roles
    seed.region = name("region", of: section) ?? seed.region
    seed.services = catalog(section) ?? seed.services
    let names = SeedNames(seed)
    seed.grants =
      assignments(section, names)
      ?? seed.grants.filter { grant in
        names.users.contains(grant.user) && names.roles.contains(grant.role)
          && names.has(grant.target)
      }
    return seed
  }

  /// The sections of a list.
  mutating func sections(
    _ key: String, of parent: Section, _ kind: String
  ) -> [Section]? {
    guard let field = field(key, of: parent), let fields = list(field, of: kind) else { return nil }
    let pattern = join(parent.pattern, key) + "[]"
    return fields.compactMap { section(pattern, $0) }
  }

  /// The name of an element, which no other element of the list has.
  private mutating func ownName(_ section: Section, _ names: inout Set<String>) -> String? {
    guard let field = require("name", of: section), let name = name(field) else { return nil }
    guard names.insert(name).inserted else {
      report(field, found: "'\(name)' again", expected: "each name once")
      return nil
    }
    return name
  }

  /// A name that must be one of these.
  mutating func known(_ field: Field, _ kind: String, among names: KnownNames) -> String? {
    guard let name = name(field) else { return nil }
    if names.contains(name) { return name }
    let count = names.list.count
    let known = count > 8 ? "one of the \(count) \(kind)s" : Self.choice(names.list)
    report(
      field, found: "the \(kind) '\(name)'", expected: known.isEmpty ? "none" : known,
      nearest: names.nearest(to: name))
    return nil
  }

  private mutating func domain(
    _ section: Section, _ home: String, _ domains: KnownNames
  ) -> String {
    guard let field = field("domain", of: section) else { return home }
    return known(field, "domain", among: domains) ?? home
  }

  private mutating func projects(
    _ data: Section, _ home: String, _ domains: KnownNames
  ) -> [IdentitySeed.Project]? {
    guard let sections = sections("projects", of: data, "projects") else { return nil }
    var projects: [IdentitySeed.Project] = []
    var names: Set<String> = []
    for section in sections {
      let domain = domain(section, home, domains)
      guard let name = ownName(section, &names) else { continue }
      projects.append(.init(name: name, domain: domain))
    }
    return projects
  }

  private mutating func users(
    _ data: Section, _ home: String, _ domains: KnownNames
  ) -> [IdentitySeed.User]? {
    guard let sections = sections("users", of: data, "users") else { return nil }
    var users: [IdentitySeed.User] = []
    var names: Set<String> = []
    for section in sections {
      let domain = domain(section, home, domains)
      let password = text("password", of: section) ?? "secret"
      let enabled = flag("enabled", of: section) ?? true
      guard let name = ownName(section, &names) else { continue }
      users.append(.init(name: name, domain: domain, password: password, enabled: enabled))
    }
    return users
  }

  private mutating func catalog(_ data: Section) -> [IdentitySeed.Service]? {
    guard let sections = sections("catalog", of: data, "services") else { return nil }
    return sections.compactMap { section -> IdentitySeed.Service? in
      let type = require("type", of: section).flatMap { self.name($0) }
      let name = self.name("name", of: section)
      let url = self.name("url", of: section)
      return type.map { .init(name: name ?? $0, type: $0, url: url) }
    }
  }

  private mutating func assignments(
    _ data: Section, _ names: SeedNames
  ) -> [IdentitySeed.Grant]? {
    guard let sections = sections("assignments", of: data, "assignments") else { return nil }
    return sections.compactMap { section in
      let user = require("user", of: section).flatMap { known($0, "user", among: names.users) }
      let role = require("role", of: section).flatMap { known($0, "role", among: names.roles) }
      guard let target = target(section, names), let user, let role else { return nil }
      return IdentitySeed.Grant(user: user, role: role, target: target)
    }
  }

  private mutating func target(
    _ section: Section, _ names: SeedNames
  ) -> IdentitySeed.Grant.Target? {
    guard requireOne(of: ["project", "domain", "system"], in: section) else { return nil }
    if let field = field("project", of: section) {
      return known(field, "project", among: names.projects).map { .project($0) }
    }
    if let field = field("domain", of: section) {
      return known(field, "domain", among: names.domains).map { .domain($0) }
    }
    return choice("system", of: section, [("all", .system)])
  }
}
