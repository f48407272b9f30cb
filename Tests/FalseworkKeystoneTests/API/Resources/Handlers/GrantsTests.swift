// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import FalseworkKeystone

@Suite struct GrantsTests {
  @Test(arguments: [
    "/projects/$project/users/$demo", "/domains/default/users/$demo",
    "/OS-INHERIT/domains/default/users/$demo", "/OS-INHERIT/projects/$project/users/$demo",
    "/projects/$project/groups/$g", "/domains/default/groups/$g",
    "/OS-INHERIT/domains/default/groups/$g", "/OS-INHERIT/projects/$project/groups/$g",
    "/system/users/$demo", "/system/groups/$g",
  ]) func `a grant is made, looked for, listed and taken back`(path: String) throws {
    var talk = try Talk()
    let end = path.contains("OS-INHERIT") ? "/inherited_to_projects" : ""
    try talk.run(#"POST /groups {"group": {"name": "g"}} = 201 >g group.id"#)
    try talk.run(
      """
      GET \(path)/roles/$role-reader\(end) = 404 Could not find role assignment with role: $role-reader, user or group:
      PUT \(path)/roles/nope\(end) = 404 Could not find role: nope.
      PUT \(path)/roles/$role-reader\(end) = 204
      PUT \(path)/roles/$role-reader\(end) = 204
      HEAD \(path)/roles/$role-reader\(end) = 204
      DELETE \(path)/roles/$role-reader\(end) = 204
      DELETE \(path)/roles/$role-reader\(end) = 404
      PUT \(path)/roles/$role-reader\(end) = 204
      """)
    if !path.contains("OS-INHERIT/projects") {
      try talk.run(#"GET \#(path)/roles\#(end) = 200 {"roles": [{"id": "$role-reader""#)
    }
    try talk.run(
      """
      as demo
      PUT \(path)/roles/$role-reader\(end) = 403
      as nobody
      PUT \(path)/roles/$role-reader\(end) = 401
      """)
  }

  @Test func `who or what is not there is told before anybody is refused`() throws {
    var talk = try Talk()
    try talk.run(
      #"""
      PUT /projects/$project/users/nope/roles/$role-reader = 404 Could not find user: nope.
      PUT /projects/nope/users/$demo/roles/$role-reader = 404 Could not find project: nope.
      PUT /domains/nope/users/$demo/roles/$role-reader = 404 Could not find domain: nope.
      GET /system/users/nope/roles = 404 Could not find user: nope.
      DELETE /system/users/$demo/roles/$role-member = 404 project, domain, or system: system.
      """#)
  }

  @Test func `a role of a domain is granted in that domain alone, and never on the system`() throws
  {
    var talk = try Talk()
    try talk.run(
      #"""
      POST /domains {"domain": {"name": "d"}} = 201 >d domain.id
      POST /roles {"role": {"name": "r", "domain_id": "$d"}} = 201 >r role.id
      PUT /projects/$project/users/$demo/roles/$r = 403 Project $project must be in the same domain as the role $r being assigned.
      PUT /system/users/$demo/roles/$r = 400 Unable to use a domain-specific role in a system assignment.
      """#)
  }

  @Test func `a role that was taken back is gone from the next validation`() throws {
    var talk = try Talk()
    let token = try talk.desk.token(Desk.login("demo", scope: Desk.project("demo")))
    try talk.run(
      """
      PUT /projects/$demoproject/users/$demo/roles/$role-admin = 204
      """)
    #expect(talk.desk.validate(token, by: token).text.contains(#""name": "admin"}"#))
    try talk.run(
      """
      DELETE /projects/$demoproject/users/$demo/roles/$role-admin = 204
      DELETE /projects/$demoproject/users/$demo/roles/$role-member = 204
      """)
    #expect(talk.desk.validate(token, by: token).status == 401)
  }

  @Test func `an inherited role is had below and not on the domain itself`() throws {
    var talk = try Talk()
    try talk.run(
      "PUT /OS-INHERIT/domains/default/users/$demo/roles/$role-reader/inherited_to_projects = 204")
    _ = try talk.desk.token(Desk.login("demo", scope: Desk.project("admin")))
    let domain = #"{"domain": {"id": "default"}}"#
    #expect(talk.desk.authenticate(Desk.login("demo", scope: domain)).status == 401)
  }
}
