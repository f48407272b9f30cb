// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import FalseworkKeystone

@Suite struct GroupsTests {
  @Test func `a group is made, shown, changed and deleted`() throws {
    var talk = try Talk()
    try talk.run(
      #"""
      POST /groups {"group": {"name": "g", "x": "y"}} = 201 >g group.id
      GET /groups/$g = 200 {"group": {"x": "y", "id": "$g", "name": "g", "domain_id": "default", "description": "", "links": {"self": "http://k:5000/v3/groups/$g"}}}
      POST /groups {"group": {"name": "g"}} = 409 store group - Duplicate entry found with name g at domain ID default.
      POST /groups {"group": {"name": "h", "domain_id": "nope"}} = 404 Could not find domain: nope.
      GET /groups?name=g = 200 "id": "$g"
      PATCH /groups/$g {"group": {"description": "d"}} = 200 "description": "d"
      PATCH /groups/$g {"group": {"domain_id": "x"}} = 400 Cannot change Domain ID
      DELETE /groups/$g = 204
      GET /groups/$g = 404 Could not find group: $g.
      as demo
      GET /groups = 403 identity:list_groups
      """#)
  }

  @Test func `members are added, looked for and taken out`() throws {
    var talk = try Talk()
    try talk.run(
      #"""
      POST /groups {"group": {"name": "g"}} = 201 >g group.id
      GET /groups/$g/users/$demo = 404 User '$demo' not found in group '$g'
      PUT /groups/$g/users/nope = 404 Could not find user: nope.
      PUT /groups/nope/users/$demo = 404 Could not find group: nope.
      PUT /groups/$g/users/$demo = 204
      PUT /groups/$g/users/$demo = 204
      HEAD /groups/$g/users/$demo = 204
      GET /groups/$g/users = 200 {"users": [{"id": "$demo"
      GET /users/$demo/groups = 200 "description": "", "membership_expires_at": null
      GET /users/$demo/groups?name=x = 200 {"groups": []
      DELETE /groups/$g/users/$demo = 204
      DELETE /groups/$g/users/$demo = 404
      """#)
  }

  @Test func `a group's grant is a member's role`() throws {
    var talk = try Talk()
    try talk.run(
      #"""
      POST /groups {"group": {"name": "g"}} = 201 >g group.id
      PUT /projects/$project/groups/$g/roles/$role-reader = 204
      PUT /groups/$g/users/$demo = 204
      GET /users/$demo/projects = 200 "id": "$project"
      """#)
    let token = try talk.desk.token(Desk.login("demo", scope: Desk.project("admin")))
    try talk.run("DELETE /groups/$g = 204")
    #expect(talk.desk.ask("GET /v3/auth/projects", ["X-Auth-Token": token]).status == 401)
    #expect(talk.desk.authenticate(Desk.login("demo", scope: Desk.project("admin"))).status == 401)
  }
}
