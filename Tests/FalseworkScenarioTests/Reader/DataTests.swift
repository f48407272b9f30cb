// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import FalseworkKeystone
import FalseworkLoad
import FalseworkScenario
import Testing

@Suite struct DataTests {
  private func data(_ text: String) throws -> IdentitySeed {
    let data = try Sample.read("proxy: two.cfg\ncluster: {data: {\(text)}}").cluster.data
    // A seed that the reader lets through makes a store, which has preconditions of its own.
    _ = IdentityStore(data)
    return data
  }

  private func problems(_ text: String) -> [String] {
    Sample.problems("proxy: two.cfg\ncluster: {data: {\(text)}}").map {
      "\($0.path): found \($0.found), expected \($0.expected)"
        + ($0.nearest.map { " (\($0))" } ?? "")
    }
  }

  @Test func `nothing given is the standard`() throws {
    #expect(try data("") == .standard)
  }

  @Test func `what is given replaces the standard whole`() throws {
    let seed = try data(
      """
      domains: [Default, Lab], projects: [admin, {name: p, domain: Lab}],
      users: [admin, {name: ada, domain: Lab, password: "1234", enabled: false}],
      roles: [admin, reader],
      assignments: [
        {user: admin, role: admin, system: all}, {user: ada, role: reader, project: p},
        {user: ada, role: reader, domain: Lab}],
      catalog: [{type: identity}, {type: compute, name: nova, url: "http://n"}], region: R
      """)
    #expect(seed.domains == ["Default", "Lab"])
    #expect(seed.projects == [.init(name: "admin"), .init(name: "p", domain: "Lab")])
    #expect(
      seed.users == [
        .init(name: "admin", password: "secret"),
        .init(name: "ada", domain: "Lab", password: "1234", enabled: false),
      ])
    #expect(seed.roles == ["admin", "reader"])
    #expect(
      seed.grants == [
        .init(user: "admin", role: "admin", target: .system),
        .init(user: "ada", role: "reader", target: .project("p")),
        .init(user: "ada", role: "reader", target: .domain("Lab")),
      ])
    #expect(
      seed.services == [
        .init(name: "identity", type: "identity", url: nil),
        .init(name: "nova", type: "compute", url: "http://n"),
      ])
    #expect(seed.region == "R")
  }

  @Test func `of the standard assignments those stay that still can`() throws {
    #expect(
      try data("users: [demo, other]").grants == [
        .init(user: "demo", role: "member", target: .project("demo"))
      ])
    #expect(
      try data("projects: [x]").grants == [.init(user: "admin", role: "admin", target: .system)])
    #expect(try data("roles: [x]").grants == [])
    #expect(try data("assignments: []").grants == [])
  }

  @Test func `users and projects without a domain are in the first`() throws {
    let seed = try data("domains: [Home, Away], users: [a]")
    #expect(seed.users[0].domain == "Home")
    #expect(seed.projects.map(\.domain) == ["Home", "Home"])
  }

  @Test(arguments: [
    ("domains: []", "cluster.data.domains: found no domain, expected one at least"),
    ("domains: [a, a]", "cluster.data.domains[1]: found 'a' again, expected each name once"),
    (
      "users: [a, {name: a}]",
      "cluster.data.users[1].name: found 'a' again, expected each name once"
    ),
    ("users: [{password: x}]", "cluster.data.users[0].name: found nothing, expected text"),
    (
      "users: [{name: a, domain: Deflaut}]",
      "cluster.data.users[0].domain: found the domain 'Deflaut', expected Default (Default)"
    ),
    ("users: [\"\"]", "cluster.data.users[0].name: found '', expected a name"),
    (
      "users: [{name: a, enabled: yes}]",
      "cluster.data.users[0].enabled: found 'yes', expected true or false (true)"
    ),
    ("users: a", "cluster.data.users: found 'a', expected a list of users"),
    (
      "assignments: [{user: admni, role: admin, system: all}]",
      "cluster.data.assignments[0].user: found the user 'admni', expected admin or demo (admin)"
    ),
    (
      "assignments: [{user: admin, role: root, system: all}]",
      "cluster.data.assignments[0].role: found the role 'root', expected admin, manager, member, "
        + "reader or service"
    ),
    (
      "assignments: [{user: admin, role: admin}]",
      "cluster.data.assignments[0]: found none of project, domain and system, expected one of them"
    ),
    (
      "assignments: [{user: admin, role: admin, system: all, project: demo}]",
      "cluster.data.assignments[0].project: found 'project' beside 'system', expected one of the two"
    ),
    (
      "assignments: [{user: admin, role: admin, project: x}]",
      "cluster.data.assignments[0].project: found the project 'x', expected admin or demo"
    ),
    (
      "assignments: [{user: admin, role: admin, system: some}]",
      "cluster.data.assignments[0].system: found 'some', expected all"
    ),
    ("catalog: [{name: nova}]", "cluster.data.catalog[0].type: found nothing, expected text"),
  ])
  func `data that cannot be is refused`(text: String, message: String) {
    #expect(problems(text) == [message])
  }

  @Test func `many names are not searched for a near one`() {
    let users = (0..<300).map { "user\($0)" }.joined(separator: ", ")
    #expect(
      problems("users: [\(users)], assignments: [{user: user300, role: admin, system: all}]") == [
        "cluster.data.assignments[0].user: found the user 'user300', expected one of the 300 users"
      ])
  }
}
