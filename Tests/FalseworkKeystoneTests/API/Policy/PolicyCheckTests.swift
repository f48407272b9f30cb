// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import FalseworkKeystone

struct PolicyCheckTests {
  @Test func `and binds closer than or, not closest`() {
    #expect(
      PolicyCheck("role:a or role:b and not role:c")
        == .any([.role("a"), .all([.role("b"), .not(.role("c"))])]))
    #expect(
      PolicyCheck("(role:a or role:b) and role:c")
        == .all([.any([.role("a"), .role("b")]), .role("c")]))
  }

  @Test(arguments: [
    ("user_id:%(target.user.id)s", PolicyCheck.compare(.userID, .attribute("target.user.id"))),
    ("(user_id:%(a)s)", .compare(.userID, .attribute("a"))),
    ("'member':%(target.role.name)s", .compare(.literal("member"), .attribute("target.role.name"))),
    ("None:%(a)s", .compare(.literal("None"), .attribute("a"))),
    ("system_scope:all", .compare(.systemScope, .literal("all"))),
    ("is_admin:1", .compare(.unknown, .literal("1"))),
    ("", .always), ("@", .always), ("!", .never), ("role:Admin", .role("admin")),
  ]) func `a check is read as what it says`(_ text: String, _ check: PolicyCheck) {
    #expect(PolicyCheck(text) == check)
  }

  @Test(arguments: [
    "role", "role:", ":x", "role:a role:b", "role:a or", "(role:a", "role:a)", "or", "not",
  ]) func `what is no rule is refused`(_ text: String) {
    #expect(PolicyCheck(text) == nil)
  }
}
