// SPDX-License-Identifier: Apache-2.0
import FalseworkCore
import Testing

@testable import FalseworkKeystone

struct PolicyTests {
  /// Who calls. Ids are their own names.
  enum Persona: String, CaseIterable {
    case admin, systemReader, domainReader, domainManager, domainAdmin, owner, service, nobody

    var caller: Caller {
      var token = TokenPayload(
        userID: self == .owner ? "alice" : "someone", methods: ["password"],
        expiresAt: UTCTime(seconds: 2), issuedAt: UTCTime(seconds: 1), auditIDs: ["a"])
      switch self {
      case .systemReader: token.system = "all"
      case .domainReader, .domainManager, .domainAdmin: token.domainID = "d1"
      case .admin, .owner, .service, .nobody: token.projectID = "p1"
      }
      let role =
        switch self {
        case .admin, .domainAdmin: "admin"
        case .systemReader, .domainReader: "reader"
        case .domainManager: "manager"
        case .service: "service"
        case .owner, .nobody: "member"
        }
      return Caller(token: token, userDomainID: "d1", roles: [role], projectDomainID: "d2")
    }
  }

  struct Case: CustomTestStringConvertible {
    var rule: String
    var release: String
    var target: PolicyTarget
    var allowed: Set<Persona>

    init(_ rule: String, _ release: String, _ target: PolicyTarget, _ allowed: Set<Persona>) {
      self.rule = rule
      self.release = release
      self.target = target
      self.allowed = allowed
    }

    var testDescription: String { "\(rule) \(release)" }
  }

  static let ofAlice: PolicyTarget = [
    "user_id": "alice", "target.user.id": "alice", "target.user.domain_id": "d1",
  ]
  static let inDomain: PolicyTarget = ["target.domain_id": "d1"]
  static let project: PolicyTarget = ["target.project.id": "p9", "target.project.domain_id": "d1"]
  static let grant: PolicyTarget = [
    "target.user.domain_id": "d1", "target.project.domain_id": "d1", "target.role.name": "member",
    "target.role.domain_id": nil,
  ]
  static let admins: Set<Persona> = [.admin, .domainAdmin]

  static let cases = [
    Case("list_users", "rocky", inDomain, admins),
    Case("list_users", "stein", inDomain, admins.union([.systemReader, .domainReader])),
    Case("list_users", "2026.2", inDomain, admins.union([.systemReader, .domainReader])),
    Case("list_users", "2026.2", ["target.domain_id": "d7"], admins.union([.systemReader])),
    Case("get_user", "pike", ofAlice, admins.union([.owner])),
    Case(
      "get_user", "2026.2", ofAlice, admins.union([.owner, .systemReader, .domainReader])),
    Case("create_user", "2024.1", ofAlice, admins),
    Case("create_user", "2024.2", ofAlice, admins.union([.domainManager])),
    // A token of a domain is none for a rule of system and project, once scopes are enforced.
    Case("list_services", "2024.1", .none, admins.union([.systemReader])),
    Case("list_services", "2024.2", .none, [.admin, .systemReader]),
    Case("list_services", "stein", .none, admins.union([.systemReader])),
    Case("list_consumers", "stein", .none, admins),
    Case("update_project", "2026.2", project, admins.union([.domainManager])),
    Case("update_project", "2026.2", ["target.project.domain_id": nil], admins),
    Case("create_grant", "2023.1", grant, admins),
    Case("create_grant", "2026.2", grant, admins.union([.domainManager])),
    Case("list_regions", "newton", .none, Set(Persona.allCases)),
    Case(
      "validate_token", "2026.2", ["target.token.user_id": "alice"],
      admins.union([.systemReader, .owner, .service])),
    Case(
      "check_token", "2026.2", ["target.token.user_id": "alice"],
      admins.union([.systemReader, .owner])),
    Case("create_trust", "2026.2", ["trust.trustor_user_id": "alice"], [.owner]),
    Case("no_such_rule", "2026.2", .none, []),
  ]

  @Test(arguments: cases) func `a rule lets in whom its release lets in`(_ row: Case) throws {
    let policy = Policy.shipped(with: try #require(Release(named: row.release)))
    let found = Persona.allCases.filter {
      policy.allows("identity:" + row.rule, $0.caller, row.target)
    }
    #expect(Set(found) == row.allowed)
  }

  @Test func `a refusal names the rule`() {
    let policy = Policy.shipped(with: .newest)
    #expect(throws: KeystoneError.forbidden("identity:list_users")) {
      try policy.require("list_users", Persona.nobody.caller, on: .none)
    }
  }

  @Test func `no rule stands twice in the table, and each names only rules that there are`() {
    let names = PolicyTable.rows.flatMap { $0.names.split(separator: " ").map(String.init) }
    #expect(Set(names).count == names.count)
    #expect(Policy.shipped(with: .newest).names.count == names.count + PolicyTable.common.count)
    let known = Set(PolicyTable.common.map(\.name))
    for row in PolicyTable.rows {
      for text in [row.check, row.before ?? ""] {
        for word in text.split(whereSeparator: { " ()".contains($0) })
        where word.hasPrefix("rule:") {
          #expect(known.contains(String(word.dropFirst(5))), "\(word)")
        }
      }
    }
  }

  @Test func `an operator's rule stands in the place of the release's`() {
    var policy = Policy.shipped(with: .newest)
    let nobody = Persona.nobody.caller
    let target: PolicyTarget = ["target.user.id": "x"]
    let taken = policy.override("identity:get_user", "role:member")
    #expect(taken)
    #expect(policy.allows("identity:get_user", nobody, target))
    for (name, text) in [("identity:get_user", "rule:a"), ("a", "rule:b"), ("b", "rule:a")] {
      _ = policy.override(name, text)
    }
    #expect(!policy.allows("identity:get_user", nobody, target), "a circle never holds")
    let refused = policy.override("identity:get_user", "role:member and")
    #expect(!refused)
  }
}
